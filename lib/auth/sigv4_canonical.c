/* SPDX-License-Identifier: MIT */
/*
 * The canonical request: one text for whatever spelling of path, query and headers a client and
 * the servers between have chosen. What is left out of it is not protected, so it is whole or
 * absent.
 */
#include <stdlib.h>

#include "auth/sigv4_int.h"
#include "base/buf.h"
#include "codec/uri.h"

enum { CANONICAL_MAX = 256 * 1024 };

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

/* Of an upper-case hexadecimal digit, or -1. */
static int upper_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Is s what encoding would make of some bytes? */
static bool is_canonical(struct span s, bool keep_slash)
{
	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (is_unreserved(s.p[i]) || (keep_slash && s.p[i] == '/'))
			continue;
		if (s.p[i] != '%' || s.n - i < 3)
			return false;
		high = upper_digit(s.p[++i]);
		low = upper_digit(s.p[++i]);
		if (high < 0 || low < 0 || is_unreserved((char)(high << 4 | low)))
			return false;
	}
	return true;
}

unsigned sigv4_readings(const struct auth_request *req, struct span signed_headers)
{
	unsigned mask = 0;

	if (span_find(req->path, SPAN_LIT("%2F")) >= 0 && is_canonical(req->path, true))
		mask |= SIGV4_RECODE_PATH;
	if (span_find_byte(req->query, '+') >= 0)
		mask |= SIGV4_PLUS_LITERAL;
	if (sigv4_names_collide(signed_headers))
		mask |= SIGV4_NAMES_REVERSED;
	return mask;
}

/* A bad escape is kept as it is: the request was refused long before. */
static void add_path(struct arena *a, struct buf *out, struct span path, unsigned reading)
{
	struct span decoded;

	if ((!(reading & SIGV4_RECODE_PATH) && is_canonical(path, true)) ||
		uri_decode(a, path, &decoded, NULL))
		buf_add_span(out, path);
	else
		uri_encode(out, decoded, true);
}

struct pair {
	struct span name, value; /* encoded */
};

static int pair_order(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int c = span_cmp(a->name, b->name);

	return c ? c : span_cmp(a->value, b->value);
}

static struct span recode(struct arena *a, struct span s, unsigned reading)
{
	BUF_AUTO struct buf b;
	struct span decoded;
	int rc;

	buf_init(&b, CANONICAL_MAX);
	if (s.n == 0 || is_canonical(s, false))
		return s;
	rc = reading & SIGV4_PLUS_LITERAL ? uri_decode(a, s, &decoded, NULL)
					  : uri_decode_query(a, s, &decoded, NULL);
	if (rc)
		return s;
	uri_encode(&b, decoded, false);
	return arena_dup(a, buf_span(&b));
}

static size_t count_parts(struct span query)
{
	struct span part;
	size_t n = 0;

	while (span_cut(&query, '&', &part))
		n += part.n > 0;
	return n;
}

/* False with more parameters than a request may have. */
static bool add_query(struct arena *a, struct buf *out, struct span query, unsigned reading)
{
	size_t n = count_parts(query), at = 0;
	struct pair *pairs;
	struct span one, name;

	if (n == 0)
		return true;
	if (n > URI_MAX_PARAMS)
		return false;
	pairs = arena_array(a, struct pair, n);
	while (span_cut(&query, '&', &one)) {
		if (one.n == 0)
			continue;
		span_cut(&one, '=', &name);
		name = recode(a, name, reading);
		if (!span_eq_str(name, "X-Amz-Signature"))
			pairs[at++] = (struct pair){name, recode(a, one, reading)};
	}
	qsort(pairs, at, sizeof(*pairs), pair_order);
	for (size_t i = 0; i < at; i++) {
		if (i)
			buf_add_char(out, '&');
		buf_add_span(out, pairs[i].name);
		buf_add_char(out, '=');
		buf_add_span(out, pairs[i].value);
	}
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Trimmed, runs of blanks as one space. */
static void add_value(struct buf *out, struct span v)
{
	size_t from = 0;

	v = span_trim(v);
	if (v.n == 0)
		return;
	for (size_t i = 0; i < v.n; i++) {
		if (!is_blank(v.p[i]))
			continue;
		buf_add(out, v.p + from, i - from);
		buf_add_char(out, ' ');
		while (is_blank(v.p[i + 1])) /* the last one is no blank */
			i++;
		from = i + 1;
	}
	buf_add(out, v.p + from, v.n - from);
}

static void add_header(struct buf *out, const struct auth_request *req,
	const struct span *names, struct span name)
{
	bool any = false;

	buf_add_span(out, name);
	buf_add_char(out, ':');
	for (size_t i = 0; i < req->header_count; i++) {
		if (!span_eq_ci(names[i], name))
			continue;
		if (any)
			buf_add_char(out, ',');
		add_value(out, req->headers[i].value);
		any = true;
	}
	buf_add_char(out, '\n');
}

struct span sigv4_canonical(struct arena *a, const struct auth_request *req,
	const struct span *names, unsigned reading, struct span signed_headers,
	struct span payload_hash)
{
	BUF_AUTO struct buf b;
	struct span rest = signed_headers, name;

	buf_init(&b, CANONICAL_MAX);
	buf_add_span(&b, req->method);
	buf_add_char(&b, '\n');
	add_path(a, &b, req->path, reading);
	buf_add_char(&b, '\n');
	if (!add_query(a, &b, req->query, reading))
		return SPAN_NULL;
	buf_add_char(&b, '\n');
	while (span_cut(&rest, ';', &name))
		add_header(&b, req, names, name);
	buf_add_char(&b, '\n');
	buf_add_span(&b, signed_headers);
	buf_add_char(&b, '\n');
	buf_add_span(&b, payload_hash);
	return buf_ok(&b) ? arena_dup(a, buf_span(&b)) : SPAN_NULL;
}
