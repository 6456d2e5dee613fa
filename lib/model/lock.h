/* SPDX-License-Identifier: MIT */
/*
 * Object Lock: retention and legal hold of a version, the default retention of a bucket, and what
 * they permit. COMPLIANCE is passed by nobody.
 */
#ifndef MX_MODEL_LOCK_H
#define MX_MODEL_LOCK_H

#include "base/err.h"
#include "base/span.h"

enum lock_mode { LOCK_NONE, LOCK_GOVERNANCE, LOCK_COMPLIANCE, LOCK_MODE_COUNT };
enum lock_hold { LOCK_HOLD_UNSET, LOCK_HOLD_OFF, LOCK_HOLD_ON, LOCK_HOLD_COUNT };

struct lock_retention {
	enum lock_mode mode; /* NONE: there is none */
	int64_t until_us;    /* whole milliseconds, as clients see it */
};
struct lock {
	struct lock_retention retention;
	enum lock_hold hold;
};
/* A date as a retention may have it: never earlier than what was asked for. */
static inline int64_t lock_whole_ms(int64_t at_us)
{
	return (at_us + 999) / 1000 * 1000;
}
static inline bool lock_any(const struct lock *l)
{
	return l->retention.mode != LOCK_NONE || l->hold != LOCK_HOLD_UNSET;
}

/* What somebody wants of a version that may be locked. */
struct lock_ask {
	const struct lock_retention *to; /* another retention; NULL: to delete the version */
	bool bypass;			 /* may, and wants to, pass GOVERNANCE */
	int64_t at_us;			 /* by the clock that nobody can set */
};
/* The whole rule. see: "Object Lock retention modes", "Legal holds" in the S3 user guide. */
bool lock_permits(const struct lock *l, const struct lock_ask *ask);

/* What versions get that come without a retention of their own. */
struct lock_default {
	enum lock_mode mode; /* NONE: nothing */
	bool is_years;
	uint32_t period; /* days, or years of the calendar */
};
enum { LOCK_MAX_DAYS = 36500, LOCK_MAX_YEARS = 100 };
/* Of a version made at from_us. */
void lock_default_apply(
	const struct lock_default *d, int64_t from_us, struct lock_retention *r_r);

/* "GOVERNANCE", "ON"; NULL for NONE and UNSET. */
const char *lock_mode_name(enum lock_mode mode);
const char *lock_hold_name(enum lock_hold hold);
/* The same, in that case; false for anything else. */
bool lock_mode_parse(struct span s, enum lock_mode *mode_r);
bool lock_hold_parse(struct span s, enum lock_hold *hold_r);

/* Stored forms; an absent or empty blob is what nothing was set for. err: ERR_INTERNAL on damage. */
enum { LOCK_BLOB_MAX = 16 };
struct span lock_encode(const struct lock *l, unsigned char out[LOCK_BLOB_MAX]);
int lock_decode(struct span blob, struct lock *l_r, struct err *e) MX_MUST_CHECK;
struct span lock_default_encode(const struct lock_default *d, unsigned char out[LOCK_BLOB_MAX]);
int lock_default_decode(struct span blob, struct lock_default *d_r, struct err *e) MX_MUST_CHECK;

#endif
