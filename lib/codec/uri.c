/* SPDX-License-Identifier: MIT */
/* Percent-encoding: escapes are decoded exactly once and never guessed at. */
#include "codec/uri.h"

#include "codec/enc.h"

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

void uri_encode(struct buf *out, struct span s, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n;) {
		size_t run = i;

		while (run < s.n &&
			(is_unreserved(s.p[run]) || (keep_slash && s.p[run] == '/')))
			run++;
		if (run > i) {
			buf_add(out, s.p + i, run - i);
			i = run;
			continue;
		}
		buf_add(out,
			(char[]){'%', digits[(unsigned char)s.p[i] >> 4],
				digits[(unsigned char)s.p[i] & 15]},
			3);
		i++;
	}
}

static int decode(
	struct arena *a, struct span s, bool plus_is_space, struct span *out_r, struct err *e)
{
	char *out;
	size_t n = 0;

	if (span_absent(s)) {
		*out_r = SPAN_NULL;
		return 0;
	}
	out = arena_alloc_raw(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (s.n - i < 3 || !enc_unhex(span_of(s.p + i + 1, 2), &c, 1))
				return err_fail(e, ERR_INVALID, "bad escape at byte %zu", i);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		out[n++] = c;
	}
	out[n] = '\0';
	*out_r = span_of(out, n);
	return 0;
}

int uri_decode(struct arena *a, struct span s, struct span *out_r, struct err *e)
{
	return decode(a, s, false, out_r, e);
}

int uri_decode_query(struct arena *a, struct span s, struct span *out_r, struct err *e)
{
	return decode(a, s, true, out_r, e);
}

static int parse_param(struct arena *a, struct span part, bool plus_is_space,
	struct uri_param *p, struct err *e)
{
	struct span name;

	/* What span_cut leaves is absent without '=' and empty with nothing behind it. */
	span_cut(&part, '=', &name);
	if (decode(a, name, plus_is_space, &p->name, e) != 0)
		return -1;
	return decode(a, part, plus_is_space, &p->value, e);
}

static size_t count_params(struct span query)
{
	struct span part;
	size_t n = 0;

	while (n <= URI_MAX_PARAMS && span_cut(&query, '&', &part))
		n += part.n > 0;
	return n;
}

static int parse_query(struct arena *a, struct span query, bool plus_is_space,
	struct uri_param **params_r, size_t *n_r, struct err *e)
{
	size_t n = count_params(query), at = 0;
	struct uri_param *params;
	struct span part;

	if (n > URI_MAX_PARAMS)
		return err_fail(e, ERR_LIMIT, "over %d query parameters", URI_MAX_PARAMS);
	params = arena_array(a, struct uri_param, n);
	while (span_cut(&query, '&', &part)) {
		if (part.n == 0)
			continue;
		if (parse_param(a, part, plus_is_space, &params[at++], e) != 0)
			return -1;
	}
	*params_r = params;
	*n_r = n;
	return 0;
}

int uri_parse_query(struct arena *a, struct span query, struct uri_param **params_r,
	size_t *n_r, struct err *e)
{
	return parse_query(a, query, true, params_r, n_r, e);
}

int uri_parse_query_literal(struct arena *a, struct span query, struct uri_param **params_r,
	size_t *n_r, struct err *e)
{
	return parse_query(a, query, false, params_r, n_r, e);
}
