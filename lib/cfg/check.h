/* SPDX-License-Identifier: MIT */
#ifndef MX_CFG_CHECK_H
#define MX_CFG_CHECK_H

#include "base/span.h"

/* Checks a value by the name of a check in settings.def; NULL, or static text saying what it must be. */
const char *cfg_check(const char *check, struct span value);

#endif
