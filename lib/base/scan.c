/* SPDX-License-Identifier: MIT */
#include "base/scan.h"

static void skip(struct scan *s, size_t n)
{
	s->rest = span_from(s->rest, n);
}

bool scan_char(struct scan *s, char c)
{
	if (s->rest.n == 0 || s->rest.p[0] != c)
		return false;
	skip(s, 1);
	return true;
}

bool scan_lit(struct scan *s, const char *lit)
{
	if (!span_starts(s->rest, span_str(lit)))
		return false;
	skip(s, strlen(lit));
	return true;
}

bool scan_digits(struct scan *s, int digits, int *value_r)
{
	uint64_t v;

	if (digits < 1 || digits > 9 || s->rest.n < (size_t)digits)
		return false;
	if (!span_to_u64(span_head(s->rest, (size_t)digits), &v))
		return false;
	*value_r = (int)v;
	skip(s, (size_t)digits);
	return true;
}

bool scan_u64(struct scan *s, uint64_t *value_r)
{
	size_t n = 0;

	while (n < s->rest.n && s->rest.p[n] >= '0' && s->rest.p[n] <= '9')
		n++;
	if (!span_to_u64(span_head(s->rest, n), value_r))
		return false;
	skip(s, n);
	return true;
}

bool scan_hex64(struct scan *s, uint64_t *value_r)
{
	uint64_t v = 0;
	size_t n = 0;

	while (n < s->rest.n && span_hex_digit(s->rest.p[n]) >= 0) {
		if (n == 16)
			return false;
		v = v << 4 | (uint64_t)span_hex_digit(s->rest.p[n]);
		n++;
	}
	if (n == 0)
		return false;
	*value_r = v;
	skip(s, n);
	return true;
}

bool scan_until(struct scan *s, char stop, struct span *field_r)
{
	ptrdiff_t at = span_find_byte(s->rest, stop);

	if (at < 0)
		return false;
	*field_r = span_head(s->rest, (size_t)at);
	skip(s, (size_t)at);
	return true;
}

void scan_blanks(struct scan *s)
{
	while (s->rest.n && (s->rest.p[0] == ' ' || s->rest.p[0] == '\t'))
		skip(s, 1);
}
