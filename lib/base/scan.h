/* SPDX-License-Identifier: MIT */
/*
 * A strict cursor over bytes: each scan_* consumes exactly what it names and returns true, or
 * consumes nothing and returns false. For dates, headers, chunk sizes: no sscanf, no strtok.
 */
#ifndef MX_BASE_SCAN_H
#define MX_BASE_SCAN_H

#include "base/span.h"

struct scan {
	struct span rest;
};

static inline struct scan scan_of(struct span s)
{
	return (struct scan){s};
}

static inline bool scan_end(const struct scan *s)
{
	return s->rest.n == 0;
}

bool scan_char(struct scan *s, char c);
bool scan_lit(struct scan *s, const char *lit);
/* Exactly `digits` decimal digits. */
bool scan_digits(struct scan *s, int digits, int *value_r);
/* One or more decimal digits, no sign; false on overflow. */
bool scan_u64(struct scan *s, uint64_t *value_r);
/* One to 16 hexadecimal digits of either case. */
bool scan_hex64(struct scan *s, uint64_t *value_r);
/* Up to (not including) the first `stop`; false if it does not occur. */
bool scan_until(struct scan *s, char stop, struct span *field_r);
/* All leading spaces and tabs (perhaps none). */
void scan_blanks(struct scan *s);

#endif
