/* SPDX-License-Identifier: MIT */
/* A request as signatures see it, out of lines: method, path and query, then "name:value". */
#ifndef MX_TESTS_FUZZ_REQUEST_H
#define MX_TESTS_FUZZ_REQUEST_H

#include "auth/request.h"
#include "tests/fuzz/fuzz.h"

#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
#define KEY_ID "AKIDEXAMPLE"
#define DAY "20130524T000000Z"
enum { MAX_HEADERS = 100, FIXED = 3 };

static inline bool is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-' || s.p[i] == '_'))
			return false;
	return s.n > 0;
}

static inline struct span lower(struct arena *a, struct span s)
{
	char *p = arena_strndup(a, s);

	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	return span_of(p, s.n);
}

/* h has room for MAX_HEADERS. */
static inline void read_request(
	struct arena *a, struct span rest, struct auth_request *req, struct auth_header *h)
{
	struct span line = SPAN_NULL, name;

	*req = (struct auth_request){
		.method = SPAN_LIT("GET"), .path = SPAN_LIT("/"), .headers = h};
	span_cut(&rest, '\n', &req->method);
	if (span_cut(&rest, '\n', &line)) {
		req->query = line;
		span_cut(&req->query, '?', &req->path);
	}
	while (req->header_count < MAX_HEADERS && span_cut(&rest, '\n', &line))
		if (span_cut(&line, ':', &name) && !span_absent(line) &&
			is_name(lower(a, name)))
			h[req->header_count++] = (struct auth_header){lower(a, name), line};
}

/* What can be told apart behind CGI: one header of a name, several spelled the same, or, once
 * in a request, one each of two spellings that read alike. */
static inline bool may_add(const struct auth_header *h, size_t n, struct span name, bool *paired)
{
	size_t alike = 0, same = 0;

	for (size_t i = 0; i < n; i++) {
		alike += auth_same_name(h[i].name, name);
		same += span_eq_ci(h[i].name, name);
	}
	if (alike == same)
		return true;
	if (alike != 1 || *paired)
		return false;
	*paired = true;
	return true;
}

#endif
