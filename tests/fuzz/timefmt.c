/* SPDX-License-Identifier: MIT */
/* Dates; what was parsed must print, and parse again, as the same instant. */
#include "codec/timefmt.h"
#include "tests/fuzz/fuzz.h"

#define US_PER_S 1000000

static int64_t floor_to(int64_t us, int64_t unit)
{
	return us - ((us % unit) + unit) % unit;
}

static void check_instant(int64_t at)
{
	char text[TIMEFMT_MAX];
	int64_t back;

	timefmt_iso8601(text, at);
	MUST(timefmt_parse_iso8601(span_str(text), &back) && back == floor_to(at, 1000));
	timefmt_http(text, at);
	MUST(timefmt_parse_http(span_str(text), &back) && back == floor_to(at, US_PER_S));
	timefmt_amz(text, at);
	MUST(timefmt_parse_amz(span_str(text), &back) && back == floor_to(at, US_PER_S));
	timefmt_amz_day(text, at);
	MUST(strlen(text) == 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of(p, n);
	int64_t at;

	if (timefmt_parse_amz(s, &at))
		check_instant(at);
	if (timefmt_parse_http(s, &at))
		check_instant(at);
	if (timefmt_parse_rfc5322(s, &at))
		check_instant(at);
	if (timefmt_parse_iso8601(s, &at))
		check_instant(at);
	if (n == sizeof(at)) {
		char text[TIMEFMT_MAX];

		memcpy(&at, p, sizeof(at));
		timefmt_iso8601(text, at);
		MUST(timefmt_parse_iso8601(span_str(text), &at));
		check_instant(at);
	}
	return 0;
}
