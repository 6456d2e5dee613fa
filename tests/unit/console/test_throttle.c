/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>

#include "console/throttle.h"

#define S ((int64_t)1000000)

static struct throttle_key key_of(struct throttle *t, const char *address, const char *user)
{
	return throttle_key(t, span_str(address), SPAN_NULL, span_str(user));
}

static void waits_double_up_to_a_minute(void **state)
{
	static const unsigned waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct throttle *t = throttle_new();
	struct throttle_key k = key_of(t, "192.0.2.1", "admin");
	int64_t now = 1000 * S;

	(void)state;
	for (int i = 0; i <= THROTTLE_FREE_FAILURES; i++)
		assert_int_equal(throttle_admit(t, k, now), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(throttle_admit(t, k, now), waits[i]);
		/* asking during the wait does not prolong it */
		assert_int_equal(throttle_admit(t, k, now + waits[i] * S - 1), 1);
		now += waits[i] * S;
		assert_int_equal(throttle_admit(t, k, now), 0);
	}
	throttle_free(t);
}

static void success_and_time_forgive(void **state)
{
	struct throttle *t = throttle_new();
	struct throttle_key k = key_of(t, "192.0.2.1", "admin");
	int64_t now = 1000 * S;

	(void)state;
	while (throttle_admit(t, k, now) == 0)
		;
	throttle_succeeded(t, k);
	assert_int_equal(throttle_admit(t, k, now), 0);
	while (throttle_admit(t, k, now) == 0)
		;
	now += (THROTTLE_FORGET_S + 1) * S;
	for (int i = 0; i <= THROTTLE_FREE_FAILURES; i++)
		assert_int_equal(throttle_admit(t, k, now), 0);
	throttle_free(t);
}

static void names_do_not_run_into_each_other(void **state)
{
	struct throttle *t = throttle_new();

	(void)state;
	assert_int_not_equal(key_of(t, "a", "bc").hash, key_of(t, "ab", "c").hash);
	assert_int_equal(key_of(t, "a", "b").hash, key_of(t, "a", "b").hash);
	throttle_free(t);
}

static void a_flood_of_names_stays_bounded_and_works(void **state)
{
	struct throttle *t = throttle_new();
	char name[32];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_int_equal(
			throttle_admit(t, key_of(t, "192.0.2.1", name), (1000 + i) * S), 0);
	}
	throttle_free(t);
}

static void one_address_leaves_places_for_others(void **state)
{
	struct throttle *t = throttle_new();
	struct span one = SPAN_LIT("192.0.2.1"), other = SPAN_LIT("192.0.2.2");
	char name[32];

	(void)state;
	for (int i = 0; i < THROTTLE_AT_ONCE_HERE; i++)
		assert_true(throttle_enter(t, one));
	assert_false(throttle_enter(t, one));
	assert_true(throttle_enter(t, other));
	throttle_leave(t, other);
	throttle_leave(t, one);
	assert_true(throttle_enter(t, one));
	for (int i = THROTTLE_AT_ONCE_HERE; i < THROTTLE_AT_ONCE; i++) {
		snprintf(name, sizeof(name), "198.51.100.%d", i);
		assert_true(throttle_enter(t, span_str(name)));
	}
	assert_false(throttle_enter(t, other));
	throttle_leave(t, one);
	assert_true(throttle_enter(t, other));
	throttle_free(t);
}

static void an_ipv6_network_is_one_address(void **state)
{
	struct throttle *t = throttle_new();

	(void)state;
	assert_int_equal(
		key_of(t, "2001:db8::1", "a").hash, key_of(t, "2001:db8::ffff:2", "a").hash);
	assert_int_not_equal(
		key_of(t, "2001:db8::1", "a").hash, key_of(t, "2001:db8:0:1::1", "a").hash);
	assert_int_not_equal(key_of(t, "::ffff:192.0.2.1", "a").hash,
		key_of(t, "::ffff:192.0.2.2", "a").hash);
	throttle_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_a_minute),
		cmocka_unit_test(success_and_time_forgive),
		cmocka_unit_test(names_do_not_run_into_each_other),
		cmocka_unit_test(a_flood_of_names_stays_bounded_and_works),
		cmocka_unit_test(one_address_leaves_places_for_others),
		cmocka_unit_test(an_ipv6_network_is_one_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
