/* SPDX-License-Identifier: MIT */
/*
 * Times as text in the proleptic Gregorian calendar, without the C library's time zones and
 * locks. A value outside the years 0000 to 9999 is printed as the nearest one inside.
 */
#include "codec/timefmt.h"

#include <stdio.h>

#include "base/scan.h"

#define US_PER_S INT64_C(1000000)
#define US_PER_DAY (86400 * US_PER_S)
/* 0000-01-01T00:00:00 and 9999-12-31T23:59:59.999999 */
#define LEAST_US (-719528 * US_PER_DAY)
#define MOST_US (2932897 * US_PER_DAY - 1)

static const char day_names[7][10] = {
	"Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"};
static const char month_names[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct parts {
	int year, month, day; /* month and day from 1 */
	int hour, min, sec;
	int us;
	int weekday; /* index into day_names */
};

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0000-01-01 to the first of the month: full years, their leap days, full months. */
static int64_t days_before(int year, int month)
{
	static const int before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t past = year;
	int64_t leaps =
		year == 0 ? 0 : 1 + (past - 1) / 4 - (past - 1) / 100 + (past - 1) / 400;

	return past * 365 + leaps + before[month - 1] + (month > 2 && is_leap(year));
}

static void split(int64_t at_us, struct parts *t)
{
	int64_t us, days;
	int sec;

	if (at_us < LEAST_US)
		at_us = LEAST_US;
	if (at_us > MOST_US)
		at_us = MOST_US;
	us = at_us - LEAST_US;
	days = us / US_PER_DAY;
	us %= US_PER_DAY;
	/* 0000-01-01 was a Saturday. */
	t->weekday = (int)((days + 2) % 7);
	t->year = (int)(days * 400 / 146097);
	while (days_before(t->year, 1) > days)
		t->year--;
	while (t->year < 9999 && days_before(t->year + 1, 1) <= days)
		t->year++;
	t->month = 12;
	while (days_before(t->year, t->month) > days)
		t->month--;
	t->day = (int)(days - days_before(t->year, t->month)) + 1;
	sec = (int)(us / US_PER_S);
	t->us = (int)(us % US_PER_S);
	t->hour = sec / 3600;
	t->min = sec / 60 % 60;
	t->sec = sec % 60;
}

/* False when a field is out of its range. */
static bool join(const struct parts *t, int64_t *at_us_r)
{
	int64_t days, sec;

	if (t->month < 1 || t->month > 12 || t->day < 1 ||
		t->day > days_in_month(t->year, t->month))
		return false;
	if (t->hour > 23 || t->min > 59 || t->sec > 59)
		return false;
	days = days_before(t->year, t->month) + t->day - 1;
	sec = t->hour * 3600 + t->min * 60 + t->sec;
	*at_us_r = LEAST_US + days * US_PER_DAY + sec * US_PER_S + t->us;
	return true;
}

void timefmt_iso8601(char out[TIMEFMT_MAX], int64_t at_us)
{
	struct parts t;

	split(at_us, &t);
	snprintf(out, TIMEFMT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.year, t.month,
		t.day, t.hour, t.min, t.sec, t.us / 1000);
}

void timefmt_iso8601_seconds(char out[TIMEFMT_MAX], int64_t at_us)
{
	struct parts t;

	split(at_us, &t);
	snprintf(out, TIMEFMT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month, t.day,
		t.hour, t.min, t.sec);
}

void timefmt_http(char out[TIMEFMT_MAX], int64_t at_us)
{
	struct parts t;

	split(at_us, &t);
	snprintf(out, TIMEFMT_MAX, "%.3s, %02d %s %04d %02d:%02d:%02d GMT",
		day_names[t.weekday], t.day, month_names[t.month - 1], t.year, t.hour, t.min,
		t.sec);
}

void timefmt_amz(char out[TIMEFMT_MAX], int64_t at_us)
{
	struct parts t;

	split(at_us, &t);
	snprintf(out, TIMEFMT_MAX, "%04d%02d%02dT%02d%02d%02dZ", t.year, t.month, t.day, t.hour,
		t.min, t.sec);
}

void timefmt_amz_day(char out[TIMEFMT_MAX], int64_t at_us)
{
	struct parts t;

	split(at_us, &t);
	snprintf(out, TIMEFMT_MAX, "%04d%02d%02d", t.year, t.month, t.day);
}

bool timefmt_parse_amz(struct span text, int64_t *at_us_r)
{
	struct scan s = scan_of(text);
	struct parts t = {0};

	return scan_digits(&s, 4, &t.year) && scan_digits(&s, 2, &t.month) &&
		scan_digits(&s, 2, &t.day) && scan_char(&s, 'T') &&
		scan_digits(&s, 2, &t.hour) && scan_digits(&s, 2, &t.min) &&
		scan_digits(&s, 2, &t.sec) && scan_char(&s, 'Z') && scan_end(&s) &&
		join(&t, at_us_r);
}

static bool scan_month(struct scan *s, int *month_r)
{
	for (int i = 0; i < 12; i++) {
		if (scan_lit(s, month_names[i])) {
			*month_r = i + 1;
			return true;
		}
	}
	return false;
}

/* is_long: the full name (RFC 850), else its first three letters. */
static bool scan_weekday(struct scan *s, bool is_long)
{
	for (int i = 0; i < 7; i++) {
		struct span name = span_head(span_str(day_names[i]), is_long ? 9 : 3);

		if (span_starts(s->rest, name)) {
			s->rest = span_from(s->rest, name.n);
			return true;
		}
	}
	return false;
}

static bool scan_clock(struct scan *s, struct parts *t)
{
	return scan_digits(s, 2, &t->hour) && scan_char(s, ':') && scan_digits(s, 2, &t->min) &&
		scan_char(s, ':') && scan_digits(s, 2, &t->sec);
}

static bool scan_gmt(struct scan *s)
{
	return scan_lit(s, " GMT") || scan_lit(s, " +0000");
}

static bool scan_imf_fixdate(struct scan s, struct parts *t)
{
	return scan_weekday(&s, false) && scan_lit(&s, ", ") && scan_digits(&s, 2, &t->day) &&
		scan_char(&s, ' ') && scan_month(&s, &t->month) && scan_char(&s, ' ') &&
		scan_digits(&s, 4, &t->year) && scan_char(&s, ' ') && scan_clock(&s, t) &&
		scan_gmt(&s) && scan_end(&s);
}

static bool scan_rfc850(struct scan s, struct parts *t)
{
	if (!(scan_weekday(&s, true) && scan_lit(&s, ", ") && scan_digits(&s, 2, &t->day) &&
		    scan_char(&s, '-') && scan_month(&s, &t->month) && scan_char(&s, '-') &&
		    scan_digits(&s, 2, &t->year) && scan_char(&s, ' ') && scan_clock(&s, t) &&
		    scan_gmt(&s) && scan_end(&s)))
		return false;
	/* Two digits cannot say which century; these dates are never far from ours. */
	t->year += t->year < 70 ? 2000 : 1900;
	return true;
}

static bool scan_asctime(struct scan s, struct parts *t)
{
	if (!(scan_weekday(&s, false) && scan_char(&s, ' ') && scan_month(&s, &t->month) &&
		    scan_char(&s, ' ')))
		return false;
	if (!(scan_char(&s, ' ') ? scan_digits(&s, 1, &t->day) : scan_digits(&s, 2, &t->day)))
		return false;
	return scan_char(&s, ' ') && scan_clock(&s, t) && scan_char(&s, ' ') &&
		scan_digits(&s, 4, &t->year) && scan_end(&s);
}

bool timefmt_parse_http(struct span text, int64_t *at_us_r)
{
	struct scan s = scan_of(text);
	struct parts t = {0};

	if (!scan_imf_fixdate(s, &t) && !scan_rfc850(s, &t) && !scan_asctime(s, &t))
		return false;
	return join(&t, at_us_r);
}

/* Digits behind the sixth are read and dropped. */
static bool scan_fraction(struct scan *s, int *us_r)
{
	int us = 0, unit = 100000, digit;

	if (!scan_char(s, '.'))
		return true;
	if (!scan_digits(s, 1, &digit))
		return false;
	do {
		us += digit * unit;
		unit /= 10;
	} while (scan_digits(s, 1, &digit));
	*us_r = us;
	return true;
}

static bool scan_offset(struct scan *s, int64_t *offset_us_r)
{
	int hour, min;
	bool is_west;

	if (scan_char(s, 'Z')) {
		*offset_us_r = 0;
		return true;
	}
	is_west = scan_char(s, '-');
	if (!is_west && !scan_char(s, '+'))
		return false;
	if (!scan_digits(s, 2, &hour) || !scan_char(s, ':') || !scan_digits(s, 2, &min))
		return false;
	if (hour > 23 || min > 59)
		return false;
	*offset_us_r = (hour * 60 + min) * 60 * US_PER_S * (is_west ? -1 : 1);
	return true;
}

bool timefmt_parse_iso8601(struct span text, int64_t *at_us_r)
{
	struct scan s = scan_of(text);
	struct parts t = {0};
	int64_t at, offset;

	if (!(scan_digits(&s, 4, &t.year) && scan_char(&s, '-') &&
		    scan_digits(&s, 2, &t.month) && scan_char(&s, '-') &&
		    scan_digits(&s, 2, &t.day) && scan_char(&s, 'T') && scan_clock(&s, &t) &&
		    scan_fraction(&s, &t.us) && scan_offset(&s, &offset) && scan_end(&s) &&
		    join(&t, &at)))
		return false;
	at -= offset;
	if (at < LEAST_US || at > MOST_US)
		return false;
	*at_us_r = at;
	return true;
}

/* ---- RFC 5322 ---- */

static bool scan_day(struct scan *s, int *day_r)
{
	return scan_digits(s, 2, day_r) || scan_digits(s, 1, day_r);
}

static bool scan_some_blanks(struct scan *s)
{
	size_t before = s->rest.n;

	scan_blanks(s);
	return s->rest.n < before;
}

/* "+0100", or a name of it; those of North America are obsolete and no more than that. */
static bool scan_zone(struct scan *s, int64_t *offset_us_r)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {{"GMT", 0}, {"UTC", 0}, {"UT", 0}, {"Z", 0}, {"EST", -5}, {"EDT", -4},
		{"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
	bool is_west = scan_char(s, '-');
	int hours, minutes;

	if (is_west || scan_char(s, '+')) {
		if (!scan_digits(s, 2, &hours) || !scan_digits(s, 2, &minutes) || minutes > 59)
			return false;
		*offset_us_r = (hours * 60 + minutes) * 60 * US_PER_S * (is_west ? -1 : 1);
		return true;
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (scan_lit(s, zones[i].name)) {
			*offset_us_r = zones[i].hours * 3600 * US_PER_S;
			return true;
		}
	return false;
}

static bool scan_mail_date(struct scan *s, struct parts *t)
{
	if (scan_weekday(s, false) && !scan_char(s, ','))
		return false;
	scan_blanks(s);
	return scan_day(s, &t->day) && scan_some_blanks(s) && scan_month(s, &t->month) &&
		scan_some_blanks(s) && scan_digits(s, 4, &t->year) && scan_some_blanks(s);
}

static bool scan_mail_clock(struct scan *s, struct parts *t)
{
	if (!(scan_digits(s, 2, &t->hour) && scan_char(s, ':') && scan_digits(s, 2, &t->min)))
		return false;
	if (scan_char(s, ':') && !scan_digits(s, 2, &t->sec))
		return false;
	return scan_some_blanks(s);
}

bool timefmt_parse_rfc5322(struct span text, int64_t *at_us_r)
{
	struct scan s = scan_of(span_trim(text));
	struct parts t = {0};
	int64_t at, offset;

	if (!(scan_mail_date(&s, &t) && scan_mail_clock(&s, &t) && scan_zone(&s, &offset) &&
		    scan_end(&s) && join(&t, &at)))
		return false;
	at -= offset;
	if (at < LEAST_US || at > MOST_US)
		return false;
	*at_us_r = at;
	return true;
}
