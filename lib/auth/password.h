/* SPDX-License-Identifier: MIT */
/* Passwords: bcrypt $2b$, cost 10 (crypt(5)). Slow on purpose: never under a lock. */
#ifndef MX_AUTH_PASSWORD_H
#define MX_AUTH_PASSWORD_H

#include "base/arena.h"
#include "base/span.h"

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 72 }; /* bytes; bcrypt ignores what is longer, so we refuse it */

/* err: ERR_INVALID/REASON_PASSWORD too short, too long, or holding a NUL. */
int password_hash(struct arena *a, struct span password, const char **hash_r, struct err *e) MX_MUST_CHECK;
/* Constant-time comparison. A hash of "" or NULL costs the same time and is false: no user enumeration. */
bool password_verify(struct span password, const char *hash);

#endif
