/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "codec/range.h"

static void ranges_resolve_as_s3_does(void **state)
{
	static const struct {
		const char *header;
		uint64_t size;
		enum range_kind kind;
		uint64_t first, length;
	} rows[] = {
		{"bytes=0-0", 10, RANGE_PART, 0, 1},
		{"bytes=2-5", 10, RANGE_PART, 2, 4},
		{"BYTES=2-5", 10, RANGE_PART, 2, 4},
		{" bytes=2-5\t", 10, RANGE_PART, 2, 4},
		{"bytes=2-", 10, RANGE_PART, 2, 8},
		{"bytes=9-9", 10, RANGE_PART, 9, 1},
		{"bytes=002-0005", 10, RANGE_PART, 2, 4},
		{"bytes=2-99", 10, RANGE_PART, 2, 8},
		{"bytes=0-18446744073709551615", 10, RANGE_PART, 0, 10},
		{"bytes=0-99999999999999999999999", 10, RANGE_PART, 0, 10},
		{"bytes=0-", UINT64_MAX, RANGE_PART, 0, UINT64_MAX},
		{"bytes=-3", 10, RANGE_PART, 7, 3},
		{"bytes=-10", 10, RANGE_PART, 0, 10},
		{"bytes=-11", 10, RANGE_PART, 0, 10},
		{"bytes=-99999999999999999999999", 10, RANGE_PART, 0, 10},
		{"bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=10-20", 10, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=99999999999999999999999-", 10, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=99999999999999999999998-99999999999999999999999", 10,
			RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=-0", 0, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=0-5", 0, RANGE_UNSATISFIABLE, 0, 0},
		{"bytes=-5", 0, RANGE_WHOLE, 0, 0},
		{NULL, 10, RANGE_IGNORED, 0, 0},
		{"", 10, RANGE_IGNORED, 0, 0},
		{"bytes", 10, RANGE_IGNORED, 0, 0},
		{"bytes=", 10, RANGE_IGNORED, 0, 0},
		{"bytes=-", 10, RANGE_IGNORED, 0, 0},
		{"bytes=5", 10, RANGE_IGNORED, 0, 0},
		{"bytes=5-2", 10, RANGE_IGNORED, 0, 0},
		{"bytes=5-2", 0, RANGE_IGNORED, 0, 0},
		{"bytes=0-1,3-4", 10, RANGE_IGNORED, 0, 0},
		{"bytes=0-1,", 10, RANGE_IGNORED, 0, 0},
		{"bytes=-1-", 10, RANGE_IGNORED, 0, 0},
		{"bytes=--1", 10, RANGE_IGNORED, 0, 0},
		{"bytes=+1-2", 10, RANGE_IGNORED, 0, 0},
		{"bytes=1 -2", 10, RANGE_IGNORED, 0, 0},
		{"bytes =1-2", 10, RANGE_IGNORED, 0, 0},
		{"items=1-2", 10, RANGE_IGNORED, 0, 0},
		{"bytes=a-b", 10, RANGE_IGNORED, 0, 0},
		{"bytes=1-b", 10, RANGE_IGNORED, 0, 0},
		{"bytes=0x1-0x2", 10, RANGE_IGNORED, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t first = 0, length = 0;

		assert_int_equal(
			range_resolve(span_str(rows[i].header), rows[i].size, &first, &length),
			rows[i].kind);
		assert_int_equal(first, rows[i].first);
		assert_int_equal(length, rows[i].length);
	}
}

static void copy_ranges_are_strict(void **state)
{
	static const char *const bad[] = {"", "bytes=", "bytes=1", "bytes=1-", "bytes=-1",
		"bytes=2-1", "Bytes=1-2", " bytes=1-2", "bytes=1-2 ", "bytes=1-2,3-4",
		"bytes=1-18446744073709551616", "1-2", "bytes=a-b", "bytes=+1-2"};
	uint64_t first, last;

	(void)state;
	assert_true(range_parse_copy(SPAN_LIT("bytes=0-0"), &first, &last));
	assert_int_equal(first, 0);
	assert_int_equal(last, 0);
	assert_true(range_parse_copy(SPAN_LIT("bytes=5-18446744073709551615"), &first, &last));
	assert_int_equal(first, 5);
	assert_true(last == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(range_parse_copy(span_str(bad[i]), &first, &last));
	assert_false(range_parse_copy(SPAN_NULL, &first, &last));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_resolve_as_s3_does),
		cmocka_unit_test(copy_ranges_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
