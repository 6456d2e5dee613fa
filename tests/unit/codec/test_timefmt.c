/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <time.h>

#include "base/rnd.h"
#include "codec/timefmt.h"

#define S INT64_C(1000000)
#define RFC_EXAMPLE (INT64_C(784111777) * S) /* Sun, 06 Nov 1994 08:49:37 GMT */

static void formats_are_those_of_their_specifications(void **state)
{
	char out[TIMEFMT_MAX];

	(void)state;
	timefmt_iso8601(out, RFC_EXAMPLE + 45999);
	assert_string_equal(out, "1994-11-06T08:49:37.045Z");
	timefmt_iso8601_seconds(out, RFC_EXAMPLE + S - 1);
	assert_string_equal(out, "1994-11-06T08:49:37Z");
	timefmt_http(out, RFC_EXAMPLE + S - 1);
	assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
	timefmt_amz(out, RFC_EXAMPLE);
	assert_string_equal(out, "19941106T084937Z");
	timefmt_amz_day(out, RFC_EXAMPLE);
	assert_string_equal(out, "19941106");
	timefmt_iso8601(out, -1);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	timefmt_iso8601(out, INT64_MIN);
	assert_string_equal(out, "0000-01-01T00:00:00.000Z");
	timefmt_http(out, INT64_MAX);
	assert_string_equal(out, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void the_calendar_agrees_with_the_c_library(void **state)
{
	const int64_t least = -62167219200, most = 253402300799;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		time_t t =
			(time_t)(least + (int64_t)(rnd_u64() % (uint64_t)(most - least + 1)));
		char ours[TIMEFMT_MAX], theirs[TIMEFMT_MAX + 60];
		struct tm tm;
		int64_t back;

		gmtime_r(&t, &tm);
		snprintf(theirs, sizeof(theirs), "%04d%02d%02dT%02d%02d%02dZ",
			tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			tm.tm_sec);
		timefmt_amz(ours, t * S);
		assert_string_equal(ours, theirs);
		assert_true(timefmt_parse_amz(span_str(ours), &back));
		assert_true(back == t * S);
		timefmt_http(ours, t * S);
		strftime(theirs, sizeof(theirs), "%a, %d %b ", &tm);
		assert_memory_equal(ours, theirs, 12);
		assert_true(timefmt_parse_http(span_str(ours), &back));
		assert_true(back == t * S);
	}
}

static void first_and_last_days_of_years_round_trip(void **state)
{
	static const int years[] = {0, 1, 3, 4, 5, 99, 100, 101, 400, 1600, 1700, 1900, 1970,
		1999, 2000, 2001, 2024, 2100, 9996, 9999};
	static const char *const days[] = {"01-01", "02-28", "03-01", "12-31"};

	(void)state;
	for (size_t i = 0; i < sizeof(years) / sizeof(*years) * 4; i++) {
		char text[64], back[TIMEFMT_MAX];
		int64_t at;

		snprintf(
			text, sizeof(text), "%04d-%sT00:00:00.000Z", years[i / 4], days[i % 4]);
		assert_true(timefmt_parse_iso8601(span_str(text), &at));
		timefmt_iso8601(back, at);
		assert_string_equal(text, back);
	}
}

static void the_three_http_forms_mean_the_same(void **state)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 +0000", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994"};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		at = 0;
		assert_true(timefmt_parse_http(span_str(forms[i]), &at));
		assert_true(at == RFC_EXAMPLE);
	}
	assert_true(timefmt_parse_http(SPAN_LIT("Sun Nov 16 08:49:37 1994"), &at));
	assert_true(at == RFC_EXAMPLE + 10 * 86400 * S);
	assert_true(timefmt_parse_http(SPAN_LIT("Wednesday, 01-Jan-69 00:00:00 GMT"), &at));
	assert_true(at > 0);
	assert_true(timefmt_parse_http(SPAN_LIT("Tue, 07 Jul 1950 21:53:04 GMT"), &at));
	assert_true(at < 0);
}

static void other_http_dates_are_refused(void **state)
{
	static const char *const bad[] = {"", "Sun", "06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
		"Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
		"Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
		"Sun Nov 06 08:49:37 94", "Sun, 06 Nov 1994 -8:49:37 GMT"};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(timefmt_parse_http(span_str(bad[i]), &at));
	assert_false(timefmt_parse_http(SPAN_NULL, &at));
}

static void mail_dates_may_have_any_zone(void **state)
{
	static const char *const same[] = {
		"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 +0000",
		"6 Nov 1994 08:49:37 -0000",
		"Sun,6 Nov  1994\t09:49:37 +0100",
		"Sun, 06 Nov 1994 03:19:37 -0530",
		"Sun, 06 Nov 1994 03:49:37 EST",
		"Sun, 06 Nov 1994 01:49:37 PDT",
		"06 Nov 1994 08:49:37 UT",
		" 06 Nov 1994 08:49:37 UTC ",
	};
	static const char *const bad[] = {
		"",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 +00:00",
		"Sun, 06 Nov 1994 08:49:37 +0060",
		"Sun, 06 Nov 1994 08:49:37 +000",
		"Sun, 06 Nov 1994 08:49:37 CET",
		"Sun, 06 Nov 1994 08:49:37 GMTX",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 8:49:37 GMT",
		"01 Jan 0000 00:00:00 +0001",
		"31 Dec 9999 23:59:59 -0001",
	};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		at = 0;
		assert_true(timefmt_parse_rfc5322(span_str(same[i]), &at));
		assert_true(at == RFC_EXAMPLE);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(timefmt_parse_rfc5322(span_str(bad[i]), &at));
	assert_false(timefmt_parse_rfc5322(SPAN_NULL, &at));
	assert_true(timefmt_parse_rfc5322(SPAN_LIT("06 Nov 1994 08:49 GMT"), &at));
	assert_true(at == RFC_EXAMPLE - 37 * S);
}

static void amz_dates_are_checked_in_every_field(void **state)
{
	static const char *const bad[] = {"", "20240229T000000", "20230229T000000Z",
		"20240230T000000Z", "20241301T000000Z", "20240001T000000Z", "20240100T000000Z",
		"20240101T240000Z", "20240101T006000Z", "20240101T000060Z", "20240101t000000Z",
		"20240101T000000Z ", "2024-01-01T00:00:00Z", "+0240101T000000Z",
		"20240101T00000Z"};
	int64_t at;

	(void)state;
	assert_true(timefmt_parse_amz(SPAN_LIT("20240229T235959Z"), &at));
	assert_true(at == INT64_C(1709251199) * S);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(timefmt_parse_amz(span_str(bad[i]), &at));
}

static void iso_dates_may_have_a_fraction_and_an_offset(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = {{"1970-01-01T00:00:00Z", 0}, {"1970-01-01T00:00:00.5Z", 500000},
		{"1970-01-01T00:00:00.000001Z", 1}, {"1970-01-01T00:00:00.0000019999Z", 1},
		{"1970-01-01T02:00:00+02:00", 0}, {"1969-12-31T22:30:00.25-01:30", 250000}};
	static const char *const bad[] = {"1970-01-01", "1970-01-01T00:00:00",
		"1970-01-01T00:00Z", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00.Z",
		"1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+0200",
		"1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+00:60",
		"1970-01-01T00:00:00Zx", "1970-1-01T00:00:00Z", "1970-02-30T00:00:00Z",
		"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"1970-01-01t00:00:00z"};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(timefmt_parse_iso8601(span_str(good[i].text), &at));
		assert_true(at == good[i].us);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(timefmt_parse_iso8601(span_str(bad[i]), &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_those_of_their_specifications),
		cmocka_unit_test(the_calendar_agrees_with_the_c_library),
		cmocka_unit_test(first_and_last_days_of_years_round_trip),
		cmocka_unit_test(the_three_http_forms_mean_the_same),
		cmocka_unit_test(other_http_dates_are_refused),
		cmocka_unit_test(mail_dates_may_have_any_zone),
		cmocka_unit_test(amz_dates_are_checked_in_every_field),
		cmocka_unit_test(iso_dates_may_have_a_fraction_and_an_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
