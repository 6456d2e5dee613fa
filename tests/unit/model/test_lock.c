/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdlib.h>

#include "base/rnd.h"
#include "model/lock.h"

#define DAY ((int64_t)86400 * 1000000)
#define NOW ((int64_t)20000 * DAY)

/* ---- what is permitted: every case of (mode, hold, in force, ask, bypass) ---- */

enum ask { DELETE, EXTEND, SAME, SHORTEN, REMOVE, SWITCH, ASK_COUNT };

/* Without a hold, by mode and ask: never, with the bypass only, always. */
enum may { NEVER, BYPASS, ALWAYS };
static const enum may in_force[LOCK_MODE_COUNT][ASK_COUNT] = {
	[LOCK_NONE] = {ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS},
	[LOCK_GOVERNANCE] = {BYPASS, ALWAYS, ALWAYS, BYPASS, BYPASS, BYPASS},
	[LOCK_COMPLIANCE] = {NEVER, ALWAYS, ALWAYS, NEVER, NEVER, NEVER},
};

static struct lock_retention target(const struct lock_retention *have, enum ask ask)
{
	struct lock_retention to = *have;

	if (to.mode == LOCK_NONE)
		to.mode = LOCK_GOVERNANCE;
	if (ask == EXTEND)
		to.until_us += DAY;
	if (ask == SHORTEN)
		to.until_us -= 1000;
	if (ask == REMOVE)
		to = (struct lock_retention){0};
	if (ask == SWITCH) {
		to.mode = to.mode == LOCK_COMPLIANCE ? LOCK_GOVERNANCE : LOCK_COMPLIANCE;
		to.until_us += DAY;
	}
	return to;
}

static bool expected(const struct lock *l, bool over, enum ask ask, bool bypass)
{
	enum may may = over ? ALWAYS : in_force[l->retention.mode][ask];

	if (ask == DELETE && l->hold == LOCK_HOLD_ON)
		return false;
	return may == ALWAYS || (may == BYPASS && bypass);
}

static void check_all(const struct lock *l, bool over)
{
	for (int ask = 0; ask < ASK_COUNT; ask++)
		for (int bypass = 0; bypass < 2; bypass++) {
			struct lock_retention to = target(&l->retention, (enum ask)ask);
			struct lock_ask a = {ask == DELETE ? NULL : &to, bypass, NOW};

			assert_int_equal(
				lock_permits(l, &a), expected(l, over, (enum ask)ask, bypass));
		}
}

static void every_case_is_judged(void **state)
{
	static const struct {
		int64_t until_us;
		bool over;
	} times[] = {{NOW + DAY, false}, {NOW + 1000, false}, {NOW, true}, {NOW - 1000, true}};

	(void)state;
	for (int mode = 0; mode < LOCK_MODE_COUNT; mode++)
		for (int hold = 0; hold < LOCK_HOLD_COUNT; hold++)
			for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
				struct lock l = {{(enum lock_mode)mode, times[i].until_us},
					(enum lock_hold)hold};

				check_all(&l, times[i].over);
			}
}

/* ---- defaults ---- */

static void defaults_count_days_and_years_of_the_calendar(void **state)
{
	static const struct {
		struct lock_default d;
		int64_t from_us, until_us;
	} rows[] = {
		{{LOCK_GOVERNANCE, false, 1}, NOW, NOW + DAY},
		{{LOCK_COMPLIANCE, false, 36500}, NOW, NOW + 36500 * DAY},
		{{LOCK_COMPLIANCE, true, 1}, 0, 365 * DAY},
		{{LOCK_COMPLIANCE, true, 3}, 0, (3 * 365 + 1) * DAY}, /* 1972 has a leap day */
		{{LOCK_COMPLIANCE, true, 100}, 0, (100 * 365 + 25) * DAY},
		{{LOCK_COMPLIANCE, true, 1}, (2 * 365 + 59) * DAY + 5000,
			(3 * 365 + 60) * DAY + 5000},
		{{LOCK_GOVERNANCE, false, 1}, 1, DAY + 1000}, /* up to the millisecond */
		{{LOCK_GOVERNANCE, true, 1}, 999, 365 * DAY + 1000},
	};
	struct lock_default none = {0};
	struct lock_retention r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lock_default_apply(&rows[i].d, rows[i].from_us, &r);
		assert_int_equal(r.mode, rows[i].d.mode);
		assert_int_equal(r.until_us, rows[i].until_us);
	}
	lock_default_apply(&none, NOW, &r);
	assert_int_equal(r.mode, LOCK_NONE);
	assert_int_equal(r.until_us, 0);
}

/* ---- names and stored forms ---- */

static void names_are_exact(void **state)
{
	static const char *const bad[] = {"", "governance", "GOVERNANCE ", "NONE", "on", "ON"};
	enum lock_mode mode;
	enum lock_hold hold;

	(void)state;
	assert_true(lock_mode_parse(SPAN_LIT("GOVERNANCE"), &mode) && mode == LOCK_GOVERNANCE);
	assert_true(lock_mode_parse(SPAN_LIT("COMPLIANCE"), &mode) && mode == LOCK_COMPLIANCE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(lock_mode_parse(span_str(bad[i]), &mode));
	assert_true(lock_hold_parse(SPAN_LIT("ON"), &hold) && hold == LOCK_HOLD_ON);
	assert_true(lock_hold_parse(SPAN_LIT("OFF"), &hold) && hold == LOCK_HOLD_OFF);
	assert_false(lock_hold_parse(SPAN_LIT("on"), &hold));
	assert_false(lock_hold_parse(SPAN_LIT(""), &hold));
	assert_string_equal(lock_mode_name(LOCK_COMPLIANCE), "COMPLIANCE");
	assert_null(lock_mode_name(LOCK_NONE));
	assert_string_equal(lock_hold_name(LOCK_HOLD_OFF), "OFF");
	assert_null(lock_hold_name(LOCK_HOLD_UNSET));
}

static void locks_come_back(void **state)
{
	unsigned char blob[LOCK_BLOB_MAX];
	struct lock out;
	struct err e;

	(void)state;
	for (int mode = 0; mode < LOCK_MODE_COUNT; mode++)
		for (int hold = 0; hold < LOCK_HOLD_COUNT; hold++) {
			struct lock in = {{(enum lock_mode)mode, mode ? NOW + mode : 0},
				(enum lock_hold)hold};
			struct span s = lock_encode(&in, blob);

			assert_int_equal(s.n > 0, mode || hold);
			assert_int_equal(lock_decode(s, &out, &e), 0);
			assert_int_equal(out.retention.mode, in.retention.mode);
			assert_int_equal(out.retention.until_us, in.retention.until_us);
			assert_int_equal(out.hold, in.hold);
		}
}

static void defaults_come_back(void **state)
{
	static const struct lock_default rows[] = {{LOCK_NONE, false, 0},
		{LOCK_GOVERNANCE, false, 1}, {LOCK_COMPLIANCE, false, LOCK_MAX_DAYS},
		{LOCK_COMPLIANCE, true, LOCK_MAX_YEARS}};
	unsigned char blob[LOCK_BLOB_MAX];
	struct lock_default out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			lock_default_decode(lock_default_encode(&rows[i], blob), &out, &e), 0);
		assert_int_equal(out.mode, rows[i].mode);
		assert_int_equal(out.is_years, rows[i].is_years);
		assert_int_equal(out.period, rows[i].period);
	}
	assert_int_equal(lock_default_decode(SPAN_NULL, &out, &e), 0);
	assert_int_equal(out.mode, LOCK_NONE);
}

/* What cannot be read protects as an error: never as "no lock". */
static void damage_is_an_error(void **state)
{
	struct lock in = {{LOCK_COMPLIANCE, NOW}, LOCK_HOLD_ON}, l;
	unsigned char good[LOCK_BLOB_MAX], bad[LOCK_BLOB_MAX];
	struct span s = lock_encode(&in, good);
	struct lock_default d;
	struct err e;

	(void)state;
	for (size_t n = 1; n < s.n; n++)
		assert_int_equal(lock_decode(span_head(s, n), &l, &e), -1);
	for (size_t at = 0; at < 3; at++) {
		memcpy(bad, good, sizeof(bad));
		bad[at] = 0x77;
		assert_int_equal(lock_decode(span_of(bad, s.n), &l, &e), -1);
		assert_int_equal(e.kind, ERR_INTERNAL);
	}
	for (int i = 0; i < 20000; i++) {
		rnd_bytes(bad, sizeof(bad));
		bad[0] = 1;
		size_t n = 1 + rnd_u64() % sizeof(bad);

		if (lock_default_decode(span_of(bad, n), &d, &e) == 0)
			assert_true((d.mode == LOCK_NONE) == (d.period == 0));
		(void)!lock_decode(span_of(bad, n), &l, &e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_judged),
		cmocka_unit_test(defaults_count_days_and_years_of_the_calendar),
		cmocka_unit_test(names_are_exact),
		cmocka_unit_test(locks_come_back),
		cmocka_unit_test(defaults_come_back),
		cmocka_unit_test(damage_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
