/* SPDX-License-Identifier: MIT */
/*
 * The CGI environment as an http_req. Only CONTENT_TYPE and CONTENT_LENGTH speak for those two headers;
 * HTTP_PROXY is dropped ("httpoxy"); duplicates stay, as nginx sends one variable for each.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/io.h"

const char *params_get(char **env, const char *name)
{
	size_t n = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

static struct span lower_dup(struct arena *a, struct span s, bool underscores)
{
	char *p = arena_strndup(a, s);

	for (size_t i = 0; i < s.n; i++) {
		p[i] = (char)tolower((unsigned char)p[i]);
		if (underscores && p[i] == '_')
			p[i] = '-';
	}
	return span_of(p, s.n);
}

static void add_header(struct http_req *r, struct span name, struct span value)
{
	r->header_bytes += name.n + value.n + 4;
	if (r->header_count == HTTP_MAX_HEADERS) {
		r->too_many_headers = true;
		return;
	}
	r->headers[r->header_count++] = (struct http_header){name, value};
}

static void take_client_header(struct http_req *r, struct span name, struct span value)
{
	static const char *const dropped[] = {"PROXY", "CONTENT_LENGTH", "CONTENT_TYPE"};

	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (span_eq_str(name, dropped[i]))
			return;
	name = lower_dup(r->arena, name, true);
	if (span_eq_str(name, "host") && span_absent(r->host))
		r->host = lower_dup(r->arena, value, false);
	if (span_eq_str(name, "transfer-encoding") &&
		span_eq_ci(span_trim(value), SPAN_LIT("chunked")))
		r->chunked = true;
	add_header(r, name, value);
}

static void take_length(struct http_req *r, struct span text)
{
	uint64_t n;

	if (text.n == 0)
		return;
	r->content_length_text = text;
	if (span_to_u64(text, &n) && n <= INT64_MAX)
		r->content_length = (int64_t)n;
	add_header(r, SPAN_LIT("content-length"), text);
}

static void take_uri(struct http_req *r, struct span uri)
{
	ptrdiff_t at = span_find_byte(uri, '?');

	r->uri = uri;
	r->path = at < 0 ? uri : span_head(uri, (size_t)at);
	r->query = at < 0 ? SPAN_NULL : span_from(uri, (size_t)at + 1);
}

static void take(struct http_req *r, struct span name, struct span value)
{
	if (name.n > 5 && memcmp(name.p, "HTTP_", 5) == 0)
		take_client_header(r, span_from(name, 5), value);
	else if (span_eq_str(name, "REQUEST_METHOD"))
		r->method = value;
	else if (span_eq_str(name, "REQUEST_URI"))
		take_uri(r, value);
	else if (span_eq_str(name, "CONTENT_TYPE") && value.n)
		add_header(r, SPAN_LIT("content-type"), value);
	else if (span_eq_str(name, "CONTENT_LENGTH"))
		take_length(r, value);
	else if (span_eq_str(name, "REMOTE_ADDR"))
		r->remote_addr = value;
	else if (span_eq_str(name, "HTTPS"))
		r->https = value.n && !span_eq_ci(value, SPAN_LIT("off"));
}

void params_to_req(char **env, struct http_req *r)
{
	r->headers = arena_alloc_raw(r->arena, HTTP_MAX_HEADERS * sizeof(*r->headers));
	r->content_length = -1;
	r->method = r->uri = r->path = r->remote_addr = SPAN_LIT("");
	for (; *env; env++) {
		struct span value = span_str(*env), name;

		if (span_cut(&value, '=', &name) && !span_absent(value))
			take(r, name, value);
	}
	if (span_absent(r->host))
		r->host = SPAN_LIT("");
}
