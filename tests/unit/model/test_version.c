/* SPDX-License-Identifier: MIT */
#include "model/version.h"
#include "tests/unit/testing.h"

static void an_id_round_trips(void **state)
{
	static const struct version_id ids[] = {
		{0, 0}, {1, 0}, {0x0006128ee7f4a000, 7}, {INT64_MAX, INT64_MAX}};
	char text[VERSION_ID_LEN + 1];
	struct version_id v;

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		version_id_format(text, &ids[i]);
		assert_true(version_id_parse(span_str(text), &v));
		assert_int_equal(v.vseq, ids[i].vseq);
		assert_int_equal(v.gen, ids[i].gen);
	}
	version_id_format(text, &ids[0]);
	assert_string_equal(text, "null");
	version_id_format(text, &ids[2]);
	assert_string_equal(text, "0006128ee7f4a0000000000000000007");
}

static void anything_else_is_malformed(void **state)
{
	static const char *const wrong[] = {"", "nul", "NULL", "null ", "7",
		"0006128ee7f4a000000000000000000",   /* a digit short */
		"0006128ee7f4a00000000000000000070", /* one too many */
		"0006128EE7F4A0000000000000000007",  /* nobody was given this */
		"0006128ee7f4a00000000000000000g7",
		"00000000000000000000000000000007", /* the null version has a name */
		"ffffffffffffffff0000000000000007", "00000000000000017fffffffffffffff0",
		"0000000000000001ffffffffffffffff"};
	struct version_id v;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (version_id_parse(span_str(wrong[i]), &v))
			fail_msg("'%s' passed", wrong[i]);
	assert_false(version_id_parse(SPAN_NULL, &v));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_round_trips),
		cmocka_unit_test(anything_else_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
