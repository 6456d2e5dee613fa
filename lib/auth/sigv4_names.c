/* SPDX-License-Identifier: MIT */
/*
 * The names of headers as the client spelled them. The environment of a CGI request has '-' for
 * '_'; SignedHeaders has the truth, and where it names two that read alike, the signature says
 * which of the values belongs to which.
 */
#include "auth/sigv4_int.h"

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static struct span to_lower(struct arena *a, struct span s)
{
	char *p = arena_strndup(a, s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = lower(p[i]);
	return span_of(p, s.n);
}

/* The spelling number `k` of those in `names` that read like name; absent if there is none. */
static struct span spelling(struct span names, struct span name, size_t k)
{
	struct span one;

	while (span_cut(&names, ';', &one))
		if (auth_same_name(one, name) && k-- == 0)
			return one;
	return SPAN_NULL;
}

static size_t count_spellings(struct span names, struct span name)
{
	size_t n = 0;

	while (!span_absent(spelling(names, name, n)))
		n++;
	return n;
}

bool sigv4_names_collide(struct span signed_headers)
{
	struct span rest = signed_headers, name;

	if (span_find_byte(signed_headers, '_') < 0)
		return false;
	while (span_cut(&rest, ';', &name))
		if (!span_absent(spelling(signed_headers, name, 1)))
			return true;
	return false;
}

/* As many spellings as headers: one each, in the order of arrival or against it. */
static struct span spelled(
	const struct auth_request *req, size_t i, struct span names, unsigned reading)
{
	struct span name = req->headers[i].name, found;
	size_t before = 0, alike = 0, k = 0;

	for (size_t j = 0; j < req->header_count; j++) {
		if (!auth_same_name(req->headers[j].name, name))
			continue;
		alike++;
		before += j < i;
	}
	if (alike > 1 && count_spellings(names, name) == alike)
		k = reading & SIGV4_NAMES_REVERSED ? alike - 1 - before : before;
	found = spelling(names, name, k);
	return span_absent(found) ? name : found;
}

const struct span *sigv4_names(struct arena *a, const struct auth_request *req,
	struct span signed_headers, unsigned reading)
{
	struct span *out = arena_array(a, struct span, req->header_count);
	struct span names = to_lower(a, signed_headers);

	for (size_t i = 0; i < req->header_count; i++)
		out[i] = spelled(req, i, names, reading);
	return out;
}
