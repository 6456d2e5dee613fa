/* SPDX-License-Identifier: MIT */
#ifndef MX_AUTH_SIGV4_INT_H
#define MX_AUTH_SIGV4_INT_H

#include "auth/sigv4.h"

/* Equal without regard to case, and '_' like '-'. */
bool sigv4_same_name(struct span a, struct span b);

#endif
