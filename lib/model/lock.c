/* SPDX-License-Identifier: MIT */
/*
 * Stored forms: of a lock, version, mode, hold and the date in 8 bytes, of a default, version,
 * mode, unit and the period in 4; the lowest byte first. The numbers of the enums are stored
 * data: never renumber. A form that cannot be read is an error, so that what it protects stays.
 */
#include "model/lock.h"

#include <time.h>

#include "model/packed.h"

enum { VERSION = 1, LOCK_BYTES = 11, DEFAULT_BYTES = 7 };
#define SECOND_US ((int64_t)1000000)
#define DAY_US (86400 * SECOND_US)

static bool in_force(const struct lock_retention *r, int64_t at_us)
{
	return r->mode != LOCK_NONE && r->until_us > at_us;
}

bool lock_permits(const struct lock *l, const struct lock_ask *ask)
{
	const struct lock_retention *have = &l->retention, *to = ask->to;

	if (!to && l->hold == LOCK_HOLD_ON)
		return false;
	if (!in_force(have, ask->at_us))
		return true;
	if (to && to->mode == have->mode && to->until_us >= have->until_us)
		return true;
	return have->mode == LOCK_GOVERNANCE && ask->bypass;
}

/* ---- defaults ---- */

/* The 29th of February becomes the 1st of March. */
static int64_t years_later(int64_t from_us, uint32_t years)
{
	time_t from_s = (time_t)(from_us / SECOND_US);
	struct tm tm;

	gmtime_r(&from_s, &tm);
	tm.tm_year += (int)years;
	return (int64_t)timegm(&tm) * SECOND_US + from_us % SECOND_US;
}

void lock_default_apply(
	const struct lock_default *d, int64_t from_us, struct lock_retention *r_r)
{
	int64_t until_us = d->is_years ? years_later(from_us, d->period)
				       : from_us + (int64_t)d->period * DAY_US;

	*r_r = (struct lock_retention){0};
	if (d->mode == LOCK_NONE)
		return;
	r_r->mode = d->mode;
	r_r->until_us = lock_whole_ms(until_us);
}

/* ---- names ---- */

static const char *const modes[LOCK_MODE_COUNT] = {
	[LOCK_GOVERNANCE] = "GOVERNANCE",
	[LOCK_COMPLIANCE] = "COMPLIANCE",
};
static const char *const holds[LOCK_HOLD_COUNT] = {
	[LOCK_HOLD_OFF] = "OFF",
	[LOCK_HOLD_ON] = "ON",
};

/* Index of s; 0, which has no name, if there is none. */
static int index_of(const char *const *names, int count, struct span s)
{
	for (int i = 1; i < count; i++)
		if (span_eq_str(s, names[i]))
			return i;
	return 0;
}

const char *lock_mode_name(enum lock_mode mode)
{
	return modes[mode];
}

const char *lock_hold_name(enum lock_hold hold)
{
	return holds[hold];
}

bool lock_mode_parse(struct span s, enum lock_mode *mode_r)
{
	*mode_r = (enum lock_mode)index_of(modes, LOCK_MODE_COUNT, s);
	return *mode_r != LOCK_NONE;
}

bool lock_hold_parse(struct span s, enum lock_hold *hold_r)
{
	*hold_r = (enum lock_hold)index_of(holds, LOCK_HOLD_COUNT, s);
	return *hold_r != LOCK_HOLD_UNSET;
}

/* ---- stored forms ---- */

struct span lock_encode(const struct lock *l, unsigned char out[LOCK_BLOB_MAX])
{
	if (!lock_any(l))
		return SPAN_NULL;
	out[0] = VERSION;
	out[1] = (unsigned char)l->retention.mode;
	out[2] = (unsigned char)l->hold;
	packed_put_le(out + 3, (uint64_t)l->retention.until_us, 8);
	return span_of(out, LOCK_BYTES);
}

int lock_decode(struct span blob, struct lock *l_r, struct err *e)
{
	*l_r = (struct lock){0};
	if (blob.n == 0)
		return 0;
	if (blob.n != LOCK_BYTES || blob.p[0] != VERSION ||
		(unsigned char)blob.p[1] >= LOCK_MODE_COUNT ||
		(unsigned char)blob.p[2] >= LOCK_HOLD_COUNT)
		return err_fail(e, ERR_INTERNAL, "damaged lock (%zu bytes)", blob.n);
	l_r->retention.mode = (enum lock_mode)blob.p[1];
	l_r->hold = (enum lock_hold)blob.p[2];
	l_r->retention.until_us = (int64_t)packed_get_le(blob.p + 3, 8);
	return 0;
}

struct span lock_default_encode(const struct lock_default *d, unsigned char out[LOCK_BLOB_MAX])
{
	out[0] = VERSION;
	out[1] = (unsigned char)d->mode;
	out[2] = d->is_years;
	packed_put_le(out + 3, d->period, 4);
	return span_of(out, DEFAULT_BYTES);
}

static bool default_legal(const struct lock_default *d)
{
	uint32_t max = d->is_years ? LOCK_MAX_YEARS : LOCK_MAX_DAYS;

	return d->mode == LOCK_NONE ? d->period == 0 : d->period > 0 && d->period <= max;
}

int lock_default_decode(struct span blob, struct lock_default *d_r, struct err *e)
{
	*d_r = (struct lock_default){0};
	if (blob.n == 0)
		return 0;
	if (blob.n == DEFAULT_BYTES && blob.p[0] == VERSION &&
		(unsigned char)blob.p[1] < LOCK_MODE_COUNT && (unsigned char)blob.p[2] <= 1) {
		d_r->mode = (enum lock_mode)blob.p[1];
		d_r->is_years = blob.p[2] == 1;
		d_r->period = (uint32_t)packed_get_le(blob.p + 3, 4);
		if (default_legal(d_r))
			return 0;
	}
	*d_r = (struct lock_default){0};
	return err_fail(e, ERR_INTERNAL, "damaged default retention (%zu bytes)", blob.n);
}
