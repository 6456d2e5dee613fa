/* SPDX-License-Identifier: MIT */
/* Every type of setting, over a table of this test: see kinds/cfg/settings.def. */
#include "tests/unit/testing.h"

#include "cfg/cfg.h"

static int load(struct cfg *c, const char *flag, const char *more, struct err *e)
{
	char *argv[] = {"x", "--data-dir=/nonexistent", (char *)(uintptr_t)flag,
		(char *)(uintptr_t)more, NULL};
	int rest, argc = 2 + (flag != NULL) + (more != NULL), rc;

	rc = cfg_load(c, argc, argv, NULL, &rest, e);
	if (rc == 0)
		assert_int_equal(rest, argc);
	return rc;
}

static void switches_take_their_name_alone_or_a_word(void **state)
{
	static const struct {
		const char *flag, *more;
		bool verbose, careful;
	} cases[] = {
		{NULL, NULL, false, true},
		{"--verbose", "--no-careful", true, false},
		{"--verbose=yes", "--careful=off", true, false},
		{"--verbose=1", "--careful=0", true, false},
		{"--no-verbose", "--careful", false, true},
		{"--verbose", "--no-verbose", false, true},
		{"--verbose=true", "--verbose=false", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cfg c;
		struct err e;

		assert_int_equal(load(&c, cases[i].flag, cases[i].more, &e), 0);
		assert_int_equal(c.verbose, cases[i].verbose);
		assert_int_equal(c.careful, cases[i].careful);
		assert_string_equal(
			cfg_value(&c, "verbose", c.arena), c.verbose ? "true" : "false");
		cfg_fini(&c);
	}
}

static void numbers_may_be_negative_but_not_out_of_range(void **state)
{
	static const char *const bad[] = {"--level=-6", "--level=6", "--level=", "--level=-",
		"--level=1x", "--level= 1", "--level=+1", "--level=99999999999999999999",
		"--level=-99999999999999999999"};
	struct cfg c;
	struct err e;

	(void)state;
	assert_int_equal(load(&c, NULL, NULL, &e), 0);
	assert_int_equal(c.level, -3);
	cfg_fini(&c);
	assert_int_equal(load(&c, "--level", "-5", &e), 0);
	assert_int_equal(c.level, -5);
	assert_string_equal(cfg_value(&c, "level", c.arena), "-5");
	cfg_fini(&c);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(&c, bad[i], NULL, &e), -1);
		assert_string_equal(e.text, "command line: level: must be -5 to 5 steps");
	}
}

static void what_is_of_no_type_is_refused(void **state)
{
	static const char *const bad[] = {"--verbose=maybe", "--verbose=", "--color=blue",
		"--color=", "--color=red|green", "--name=a\nb", "--data-dir=", "--name",
		"--config"};
	struct cfg c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(&c, bad[i], NULL, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
	}
}

static void reading_stops_at_what_is_no_setting(void **state)
{
	static const char *const others[] = {"command", "--", "-v", "--unknown", "--no-level",
		"--no-verbose=1", "--=x", "--_"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char *argv[] = {"x", "--data-dir=/nonexistent", (char *)(uintptr_t)others[i],
			"--verbose"};
		struct cfg c;
		struct err e;
		int rest;

		assert_int_equal(cfg_load(&c, 4, argv, NULL, &rest, &e), 0);
		assert_int_equal(rest, 2);
		assert_false(c.verbose);
		cfg_fini(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(switches_take_their_name_alone_or_a_word),
		cmocka_unit_test(numbers_may_be_negative_but_not_out_of_range),
		cmocka_unit_test(what_is_of_no_type_is_refused),
		cmocka_unit_test(reading_stops_at_what_is_no_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
