/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "model/etag.h"

#define HEX "0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffff"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AT "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
#define FUTURE "Sun, 06 Nov 2094 08:49:37 GMT"

static const int64_t at_us = INT64_C(784111777) * 1000000 + 999999;
static const int64_t now_us = INT64_C(784200000) * 1000000;

static struct etag tag_of(const char *text)
{
	struct etag t;

	assert_true(etag_parse(span_str(text), &t));
	return t;
}

static void tags_are_written_and_read(void **state)
{
	char text[ETAG_TEXT_MAX];
	struct etag t = tag_of("\"" HEX "\"");

	(void)state;
	assert_int_equal(t.nparts, 0);
	etag_format(text, &t);
	assert_string_equal(text, "\"" HEX "\"");
	t = tag_of(HEX "-10000");
	assert_int_equal(t.nparts, 10000);
	etag_format(text, &t);
	assert_string_equal(text, "\"" HEX "-10000\"");
	t = tag_of("0123456789ABCDEF0123456789abcdef");
	etag_format(text, &t);
	assert_string_equal(text, "\"" HEX "\"");
}

static void bad_tags_are_refused(void **state)
{
	static const char *const bad[] = {"", "\"", "\"\"", "\"" HEX, HEX "\"", HEX "-",
		HEX "-0", HEX "-01", HEX "-10001", HEX "-x", HEX "--1", HEX "-+1", HEX "a",
		"0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdeg", " " HEX,
		HEX " ", "W/\"" HEX "\"", HEX "-99999999999999999999"};
	struct etag t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (etag_parse(span_str(bad[i]), &t))
			fail_msg("%s was accepted", bad[i]);
}

static void lists_match_any_of_their_tags(void **state)
{
	struct etag t = tag_of(HEX), multi = tag_of(HEX "-2");

	(void)state;
	assert_true(etag_list_matches(SPAN_LIT("*"), &t));
	assert_true(etag_list_matches(SPAN_LIT(" * "), &t));
	assert_true(etag_list_matches(SPAN_LIT(HEX), &t));
	assert_true(etag_list_matches(SPAN_LIT("\"" HEX "\""), &t));
	assert_true(etag_list_matches(SPAN_LIT("W/\"" HEX "\""), &t));
	assert_true(etag_list_matches(SPAN_LIT("\"" OTHER "\", \"" HEX "\""), &t));
	assert_true(etag_list_matches(SPAN_LIT(OTHER " ,\t" HEX " "), &t));
	assert_true(etag_list_matches(SPAN_LIT("\"with, comma\",\"" HEX "\""), &t));
	assert_true(etag_list_matches(SPAN_LIT(",,\"" HEX "\",,"), &t));
	assert_false(etag_list_matches(SPAN_LIT(""), &t));
	assert_false(etag_list_matches(SPAN_LIT("\"" OTHER "\""), &t));
	assert_true(etag_list_matches(SPAN_LIT("\"" HEX), &t));
	assert_false(etag_list_matches(SPAN_LIT("\"x" HEX), &t));
	assert_false(etag_list_matches(SPAN_LIT("\"" HEX "-2\""), &t));
	assert_true(etag_list_matches(SPAN_LIT("\"" HEX "-2\""), &multi));
	assert_false(etag_list_matches(SPAN_LIT("\"" HEX "\""), &multi));
	assert_false(etag_list_matches(SPAN_LIT("\"x\" \"" HEX), &multi));
}

static enum read_verdict read_with(
	const char *match, const char *none, const char *modified, const char *unmodified)
{
	struct etag t = tag_of(HEX);
	struct read_conditions c = {
		span_str(match), span_str(none), span_str(modified), span_str(unmodified)};

	return read_conditions_check(&c, &t, at_us, now_us);
}

static void reads_follow_the_precedence_of_conditions(void **state)
{
	(void)state;
	assert_int_equal(read_with(NULL, NULL, NULL, NULL), READ_PROCEED);
	assert_int_equal(read_with(OTHER, NULL, NULL, NULL), READ_PRECONDITION_FAILED);
	assert_int_equal(read_with("", NULL, NULL, NULL), READ_PRECONDITION_FAILED);
	assert_int_equal(read_with(HEX, NULL, NULL, NULL), READ_PROCEED);
	/* If-Match true ignores If-Unmodified-Since */
	assert_int_equal(read_with(HEX, NULL, NULL, BEFORE), READ_PROCEED);
	assert_int_equal(read_with(HEX, HEX, NULL, BEFORE), READ_NOT_MODIFIED);
	assert_int_equal(read_with(NULL, HEX, NULL, NULL), READ_NOT_MODIFIED);
	assert_int_equal(read_with(NULL, "*", NULL, NULL), READ_NOT_MODIFIED);
	assert_int_equal(read_with(NULL, OTHER, NULL, NULL), READ_PROCEED);
	/* If-None-Match present ignores If-Modified-Since */
	assert_int_equal(read_with(NULL, OTHER, AFTER, NULL), READ_PROCEED);
	/* 412 wins over 304 */
	assert_int_equal(read_with(NULL, HEX, NULL, BEFORE), READ_PRECONDITION_FAILED);
	assert_int_equal(read_with(NULL, NULL, AFTER, BEFORE), READ_PRECONDITION_FAILED);
	assert_int_equal(read_with(OTHER, HEX, AT, NULL), READ_PRECONDITION_FAILED);
}

static void dates_count_whole_seconds_and_bad_ones_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(read_with(NULL, NULL, AT, NULL), READ_NOT_MODIFIED);
	assert_int_equal(read_with(NULL, NULL, AFTER, NULL), READ_NOT_MODIFIED);
	assert_int_equal(read_with(NULL, NULL, BEFORE, NULL), READ_PROCEED);
	assert_int_equal(read_with(NULL, NULL, FUTURE, NULL), READ_PROCEED);
	assert_int_equal(read_with(NULL, NULL, "yesterday", NULL), READ_PROCEED);
	assert_int_equal(read_with(NULL, NULL, NULL, AT), READ_PROCEED);
	assert_int_equal(read_with(NULL, NULL, NULL, BEFORE), READ_PRECONDITION_FAILED);
	assert_int_equal(read_with(NULL, NULL, NULL, FUTURE), READ_PROCEED);
	assert_int_equal(read_with(NULL, NULL, NULL, ""), READ_PROCEED);
}

static void a_range_holds_for_the_very_same_object(void **state)
{
	static const struct {
		const char *if_range;
		bool holds;
	} rows[] = {
		{NULL, true},
		{"\"" HEX "\"", true},
		{HEX, true},
		{" \"" HEX "\" ", true},
		{"W/\"" HEX "\"", false},
		{"\"" OTHER "\"", false},
		{"*", false},
		{"", false},
		{AT, true},
		{BEFORE, false},
		{AFTER, false},
		{"yesterday", false},
	};
	struct etag t = tag_of(HEX);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			if_range_holds(span_str(rows[i].if_range), &t, at_us), rows[i].holds);
}

static enum write_verdict write_with(const char *match, const char *none, const char *current)
{
	struct write_conditions c = {
		.if_match = span_str(match), .if_none_match = span_str(none)};
	struct etag t;

	if (!current)
		return write_conditions_check(&c, NULL);
	t = tag_of(current);
	return write_conditions_check(&c, &t);
}

static void writes_compare_with_the_current_object(void **state)
{
	(void)state;
	assert_int_equal(write_with(NULL, NULL, NULL), WRITE_PROCEED);
	assert_int_equal(write_with(NULL, NULL, HEX), WRITE_PROCEED);
	assert_int_equal(write_with(HEX, NULL, HEX), WRITE_PROCEED);
	assert_int_equal(write_with("*", NULL, HEX), WRITE_PROCEED);
	assert_int_equal(write_with(OTHER, NULL, HEX), WRITE_PRECONDITION_FAILED);
	assert_int_equal(write_with(HEX, NULL, NULL), WRITE_NO_SUCH_KEY);
	assert_int_equal(write_with("*", NULL, NULL), WRITE_NO_SUCH_KEY);
	assert_int_equal(write_with(NULL, "*", NULL), WRITE_PROCEED);
	assert_int_equal(write_with(NULL, "*", HEX), WRITE_PRECONDITION_FAILED);
	assert_int_equal(write_with(NULL, HEX, HEX), WRITE_PRECONDITION_FAILED);
	assert_int_equal(write_with(NULL, OTHER, HEX), WRITE_PROCEED);
	assert_int_equal(write_with(HEX, HEX, HEX), WRITE_PRECONDITION_FAILED);
}

static void deletes_compare_tag_size_and_second(void **state)
{
	struct delete_target o = {DELETE_TARGET_OBJECT, tag_of(HEX), 7, at_us};
	struct delete_target none = {.what = DELETE_TARGET_ABSENT};
	struct delete_target marker = {.what = DELETE_TARGET_MARKER};
	struct write_conditions c = {.if_match = SPAN_LIT("*")};

	(void)state;
	assert_int_equal(delete_conditions_check(&c, &o), WRITE_PROCEED);
	assert_int_equal(delete_conditions_check(&c, &none), WRITE_PROCEED);
	assert_int_equal(delete_conditions_check(&c, &marker), WRITE_PROCEED);
	c.if_match = SPAN_LIT(OTHER);
	assert_int_equal(delete_conditions_check(&c, &o), WRITE_PRECONDITION_FAILED);
	assert_int_equal(delete_conditions_check(&c, &none), WRITE_PROCEED);
	assert_int_equal(delete_conditions_check(&c, &marker), WRITE_PRECONDITION_FAILED);
	c = (struct write_conditions){.has_size = true, .size = 7};
	assert_true(write_conditions_any(&c));
	assert_int_equal(delete_conditions_check(&c, &o), WRITE_PROCEED);
	assert_int_equal(delete_conditions_check(&c, &marker), WRITE_PRECONDITION_FAILED);
	c.size = 8;
	assert_int_equal(delete_conditions_check(&c, &o), WRITE_PRECONDITION_FAILED);
	c = (struct write_conditions){.has_mtime = true, .mtime_s = 784111777};
	assert_int_equal(delete_conditions_check(&c, &o), WRITE_PROCEED);
	c.mtime_s++;
	assert_int_equal(delete_conditions_check(&c, &o), WRITE_PRECONDITION_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_written_and_read),
		cmocka_unit_test(bad_tags_are_refused),
		cmocka_unit_test(lists_match_any_of_their_tags),
		cmocka_unit_test(reads_follow_the_precedence_of_conditions),
		cmocka_unit_test(dates_count_whole_seconds_and_bad_ones_are_ignored),
		cmocka_unit_test(a_range_holds_for_the_very_same_object),
		cmocka_unit_test(writes_compare_with_the_current_object),
		cmocka_unit_test(deletes_compare_tag_size_and_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
