/* SPDX-License-Identifier: MIT */
/* The lock time under a clock that is set, machines that restart, and damage. */
#include "tests/unit/testing.h"

#include "base/rnd.h"
#include "model/locktime.h"

#define SECOND ((int64_t)1000000)
#define DAY (86400 * SECOND)
#define START (20000 * DAY)
#define GAP (7 * DAY)

struct world {
	struct clock clock;
	struct locktime t;
};

static struct world new_world(void)
{
	return (struct world){.clock = clock_fixed(START)};
}

/* As each process does it: what is remembered, through its stored form. */
static int64_t now(struct world *w)
{
	unsigned char blob[LOCKTIME_BLOB];
	struct locktime_host host;
	struct locktime t = w->t;
	bool changed;
	struct err e;

	locktime_host_read(&w->clock, GAP, &host);
	int64_t at_us = locktime_read(&t, &host, &changed);
	if (changed) {
		locktime_encode(&t, blob);
		assert_int_equal(locktime_decode(span_of(blob, sizeof(blob)), &w->t, &e), 0);
		assert_string_equal(w->t.boot, t.boot);
		assert_int_equal(w->t.since_boot_us, t.since_boot_us);
		assert_int_equal(w->t.at_us, t.at_us);
		assert_int_equal(w->t.high_us, t.high_us);
	}
	return at_us;
}

static void pass(struct world *w, int64_t us)
{
	w->clock.fixed_us += us;
}

static void set_clock(struct world *w, int64_t by_us)
{
	w->clock.fixed_us += by_us;
	w->clock.fixed_set_us += by_us;
}

/* Off for `us`: the time since boot begins anew. */
static void reboot(struct world *w, int64_t us)
{
	w->clock.fixed_us += us;
	w->clock.fixed_set_us = w->clock.fixed_us - SECOND;
	w->clock.fixed_boot++;
}

static void it_begins_with_the_hosts_clock_and_passes_with_time(void **state)
{
	struct world w = new_world();

	(void)state;
	assert_int_equal(now(&w), START);
	pass(&w, 1);
	assert_int_equal(now(&w), START + 1);
	pass(&w, 400 * DAY);
	assert_int_equal(now(&w), START + 400 * DAY + 1);
}

static void setting_the_clock_changes_nothing(void **state)
{
	struct world w = new_world();

	(void)state;
	now(&w);
	set_clock(&w, 3650 * DAY);
	assert_int_equal(now(&w), START);
	pass(&w, SECOND);
	set_clock(&w, -7300 * DAY);
	assert_int_equal(now(&w), START + SECOND);
	set_clock(&w, 3650 * DAY);
	pass(&w, SECOND);
	assert_int_equal(now(&w), START + 2 * SECOND);
}

static void a_restart_of_the_machine_takes_the_true_time(void **state)
{
	struct world w = new_world();

	(void)state;
	now(&w);
	pass(&w, DAY);
	now(&w);
	reboot(&w, 3 * DAY);
	assert_int_equal(now(&w), START + 4 * DAY);
	pass(&w, DAY);
	assert_int_equal(now(&w), START + 5 * DAY);
}

static void a_restart_is_no_way_to_get_far_ahead_or_back(void **state)
{
	struct world w = new_world();

	(void)state;
	now(&w);
	set_clock(&w, 3650 * DAY);
	reboot(&w, 0);
	assert_int_equal(now(&w), START + GAP);
	set_clock(&w, -3650 * DAY);
	reboot(&w, 0);
	assert_int_equal(now(&w), START + GAP);
	pass(&w, DAY);
	assert_int_equal(now(&w), START + GAP + DAY);
}

static void an_earlier_time_since_boot_is_another_boot(void **state)
{
	struct world w = new_world();

	(void)state;
	now(&w);
	reboot(&w, DAY);
	w.clock.fixed_boot--; /* the system does not tell boots apart */
	assert_int_equal(now(&w), START + DAY);
}

static void at_most_a_minute_is_forgotten(void **state)
{
	struct world w = new_world();

	(void)state;
	now(&w);
	for (int i = 0; i < 1000; i++) {
		pass(&w, SECOND);
		int64_t before = now(&w);

		assert_true(before - w.t.high_us < 60 * SECOND);
	}
	set_clock(&w, -DAY);
	int64_t before = now(&w);
	reboot(&w, 0);
	assert_in_range(before - now(&w), 0, 60 * SECOND);
}

/* Whatever happens: never backwards by more than what may be forgotten, never ahead by more
 * than the time that passed and a gap for each boot. */
static void random_worlds_stay_within_the_bounds(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct world w = new_world();
		int64_t passed = 0, last = now(&w), boots = 0;

		for (int i = 0; i < 200; i++) {
			int64_t us = (int64_t)(rnd_u64() % (uint64_t)DAY);

			switch (rnd_u64() % 5) {
			case 0:
				set_clock(&w, us * 300);
				break;
			case 1:
				set_clock(&w, -us * 300);
				break;
			case 2:
				reboot(&w, us);
				passed += us;
				boots++;
				break;
			default:
				pass(&w, us);
				passed += us;
			}
			int64_t at = now(&w);

			assert_true(at >= last - 60 * SECOND);
			assert_true(at <= START + passed + boots * GAP);
			last = at;
		}
	}
}

static void damage_is_an_error(void **state)
{
	struct world w = new_world();
	unsigned char blob[LOCKTIME_BLOB];
	struct locktime t;
	struct err e;

	(void)state;
	now(&w);
	locktime_encode(&w.t, blob);
	for (size_t n = 0; n < sizeof(blob); n++)
		assert_int_equal(locktime_decode(span_of(blob, n), &t, &e), -1);
	assert_int_equal(locktime_decode(SPAN_NULL, &t, &e), -1);
	blob[0] = 9;
	assert_int_equal(locktime_decode(span_of(blob, sizeof(blob)), &t, &e), -1);
	assert_int_equal(e.kind, ERR_INTERNAL);
	blob[0] = 1;
	blob[1] = 0;
	assert_int_equal(locktime_decode(span_of(blob, sizeof(blob)), &t, &e), -1);
	blob[1] = 'x';
	blob[CLOCK_BOOT_MAX] = 'x';
	assert_int_equal(locktime_decode(span_of(blob, sizeof(blob)), &t, &e), -1);
}

static void the_system_tells_its_boot(void **state)
{
	char a[CLOCK_BOOT_MAX], b[CLOCK_BOOT_MAX];
	int64_t before = clock_since_boot_us(&clock_system);

	(void)state;
	clock_boot_id(&clock_system, a);
	clock_boot_id(&clock_system, b);
	assert_true(a[0] != '\0');
	assert_memory_equal(a, b, sizeof(a));
	assert_true(before > 0 && clock_since_boot_us(&clock_system) >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_with_the_hosts_clock_and_passes_with_time),
		cmocka_unit_test(setting_the_clock_changes_nothing),
		cmocka_unit_test(a_restart_of_the_machine_takes_the_true_time),
		cmocka_unit_test(a_restart_is_no_way_to_get_far_ahead_or_back),
		cmocka_unit_test(an_earlier_time_since_boot_is_another_boot),
		cmocka_unit_test(at_most_a_minute_is_forgotten),
		cmocka_unit_test(random_worlds_stay_within_the_bounds),
		cmocka_unit_test(damage_is_an_error),
		cmocka_unit_test(the_system_tells_its_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
