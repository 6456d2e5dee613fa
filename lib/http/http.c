/* SPDX-License-Identifier: MIT */
/*
 * Header look-ups, the response head, and the one way a response leaves: begin once, then
 * write. Status and bytes sent are kept in the request for the log; after an abort nothing is
 * sent.
 */
#include "http/http.h"

#include <inttypes.h>

struct span http_header_get(const struct http_req *r, const char *name)
{
	struct span want = span_str(name);

	for (size_t i = 0; i < r->header_count; i++)
		if (span_eq(r->headers[i].name, want))
			return r->headers[i].value;
	return SPAN_NULL;
}

size_t http_header_count(const struct http_req *r, const char *name)
{
	struct span want = span_str(name);
	size_t n = 0;

	for (size_t i = 0; i < r->header_count; i++)
		n += span_eq(r->headers[i].name, want);
	return n;
}

struct span http_header_joined(const struct http_req *r, const char *name)
{
	struct span want = span_str(name), first = SPAN_NULL;
	size_t count = 0, total = 0, at = 0;
	char *out;

	for (size_t i = 0; i < r->header_count; i++) {
		if (!span_eq(r->headers[i].name, want))
			continue;
		if (count++ == 0)
			first = r->headers[i].value;
		total += r->headers[i].value.n + 1;
	}
	if (count < 2)
		return first;
	out = arena_alloc_raw(r->arena, total);
	for (size_t i = 0; i < r->header_count; i++) {
		struct span v = r->headers[i].value;

		if (!span_eq(r->headers[i].name, want))
			continue;
		if (v.n)
			memcpy(out + at, v.p, v.n);
		at += v.n;
		out[at++] = ',';
	}
	return span_of(out, at - 1);
}

void http_head_init(struct http_head *h, struct arena *a)
{
	*h = (struct http_head){.arena = a};
}

static bool breaks_line(struct span v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '\r' || v.p[i] == '\n' || v.p[i] == '\0')
			return true;
	return false;
}

void http_head_add(struct http_head *h, const char *name, struct span value)
{
	if (breaks_line(value))
		return;
	if (h->n == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 16;
		struct http_header *grown = arena_array(h->arena, struct http_header, cap);

		if (h->n)
			memcpy(grown, h->h, h->n * sizeof(*grown));
		h->h = grown;
		h->cap = cap;
	}
	h->h[h->n++] = (struct http_header){span_str(name), value.p ? value : SPAN_LIT("")};
}

void http_head_add_str(struct http_head *h, const char *name, const char *value)
{
	http_head_add(h, name, span_str(value));
}

void http_head_add_u64(struct http_head *h, const char *name, uint64_t v)
{
	http_head_add_str(h, name, arena_printf(h->arena, "%" PRIu64, v));
}

bool http_head_has(const struct http_head *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (span_eq_ci(h->h[i].name, span_str(name)))
			return true;
	return false;
}

static bool status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

static bool sends_body(const struct http_req *r)
{
	return status_has_body(r->status) && !span_eq_str(r->method, "HEAD");
}

int http_begin(struct http_req *r, int status, struct http_head *h, uint64_t content_length,
	struct err *e)
{
	if (r->head_sent)
		return err_fail(e, ERR_INTERNAL, "a second response head (%d after %d)", status,
			r->status);
	if (r->aborted)
		return err_fail(e, ERR_INCOMPLETE, "the response was given up");
	if (content_length != UINT64_MAX && status_has_body(status) &&
		!http_head_has(h, "Content-Length"))
		http_head_add_u64(h, "Content-Length", content_length);
	r->status = status;
	r->head_sent = true;
	return r->transport->begin(r, status, h->h, h->n, e);
}

int http_write(struct http_req *r, const void *p, size_t n, struct err *e)
{
	if (!r->head_sent)
		return err_fail(e, ERR_INTERNAL, "body before head");
	if (r->aborted)
		return err_fail(e, ERR_INCOMPLETE, "the response was given up");
	if (n == 0 || !sends_body(r))
		return 0;
	if (r->transport->write(r, p, n, e))
		return -1;
	r->bytes_out += n;
	return 0;
}

int http_flush(struct http_req *r, struct err *e)
{
	if (r->aborted)
		return err_fail(e, ERR_INCOMPLETE, "the response was given up");
	return r->transport->flush(r, e);
}

void http_abort(struct http_req *r)
{
	if (r->aborted)
		return;
	r->aborted = true;
	r->transport->abort(r);
}

int http_respond(
	struct http_req *r, int status, struct http_head *h, struct span body, struct err *e)
{
	if (http_begin(r, status, h, body.n, e) == 0 && http_write(r, body.p, body.n, e) == 0)
		return 0;
	http_abort(r);
	return -1;
}

int http_enter_transfer(struct http_req *r, struct err *e)
{
	return r->transport->enter_transfer(r, e);
}
