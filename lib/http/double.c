/* SPDX-License-Identifier: MIT */
/* The transport of tests: everything in memory, faults on demand. */
#include "http/double.h"

#include <inttypes.h>

#include "base/clock.h"

enum { DOUBLE_MAX_OUT = 256 * 1024 * 1024 };

static int double_begin(
	struct http_req *r, int status, const struct http_header *h, size_t n, struct err *e)
{
	struct http_double *d = r->conn;

	if (d->fail_write_after == 0)
		return err_fail(e, ERR_INCOMPLETE, "the client is gone");
	d->status = status;
	d->headers = arena_array(d->arena, struct http_header, n + 1);
	for (size_t i = 0; i < n; i++)
		d->headers[i] = (struct http_header){
			arena_dup(d->arena, h[i].name), arena_dup(d->arena, h[i].value)};
	d->header_count = n;
	return 0;
}

static int double_write(struct http_req *r, const void *p, size_t n, struct err *e)
{
	struct http_double *d = r->conn;
	uint64_t left = d->fail_write_after - d->out.n;

	if (n > left) {
		buf_add(&d->out, p, (size_t)left);
		return err_fail(e, ERR_INCOMPLETE, "the client is gone");
	}
	buf_add(&d->out, p, n);
	return 0;
}

static int double_flush(struct http_req *r, struct err *e)
{
	struct http_double *d = r->conn;

	(void)e;
	d->flushed = d->out.n;
	return 0;
}

static void double_abort(struct http_req *r)
{
	struct http_double *d = r->conn;

	d->aborted = true;
}

static int double_enter_transfer(struct http_req *r, struct err *e)
{
	struct http_double *d = r->conn;

	if (d->no_transfer)
		return err_fail(e, ERR_BUSY, "too many transfers");
	d->entered_transfer = true;
	return 0;
}

static const struct http_transport double_transport = {
	.begin = double_begin,
	.write = double_write,
	.flush = double_flush,
	.abort = double_abort,
	.enter_transfer = double_enter_transfer,
};

static int double_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct http_double *d = (struct http_double *)(void *)((char *)src -
		offsetof(struct http_double, body));
	int64_t length = d->req.content_length;
	uint64_t n = d->body.rest.n;

	if (n > d->cut_body_after - d->body_read)
		n = d->cut_body_after - d->body_read;
	if (length >= 0 && n > (uint64_t)length - d->body_read)
		n = (uint64_t)length - d->body_read;
	if (n == 0 &&
		(d->body_read == d->cut_body_after ||
			(length >= 0 && d->body_read < (uint64_t)length)))
		return err_fail(e, ERR_INCOMPLETE, "the body ended after %" PRIu64 " bytes",
			d->body_read);
	if (n > cap)
		n = cap;
	if (n)
		memcpy(p, d->body.rest.p, (size_t)n);
	d->body.rest = span_from(d->body.rest, (size_t)n);
	d->body_read += n;
	*n_r = (size_t)n;
	return 0;
}

void http_double_init(struct http_double *d, const char *method, const char *target)
{
	struct http_req *r = &d->req;
	ptrdiff_t mark;

	*d = (struct http_double){.arena = arena_new(),
		.cut_body_after = UINT64_MAX,
		.fail_write_after = UINT64_MAX};
	buf_init(&d->out, DOUBLE_MAX_OUT);
	source_mem_init(&d->body, SPAN_LIT(""));
	d->body.src.read = double_read;
	r->arena = d->arena;
	r->transport = &double_transport;
	r->conn = d;
	r->method = arena_dup(d->arena, span_str(method));
	r->uri = arena_dup(d->arena, span_str(target));
	mark = span_find_byte(r->uri, '?');
	r->path = mark < 0 ? r->uri : span_head(r->uri, (size_t)mark);
	r->query = mark < 0 ? SPAN_NULL : span_from(r->uri, (size_t)mark + 1);
	r->host = SPAN_LIT("");
	r->remote_addr = SPAN_LIT("127.0.0.1");
	r->headers = arena_array(d->arena, struct http_header, HTTP_MAX_HEADERS);
	r->content_length = -1;
	r->body = &d->body.src;
	memcpy(r->id, "0123456789ABCDEF", sizeof(r->id));
	r->received_us = clock_now_us(&clock_system);
	r->started_us = clock_mono_us();
}

void http_double_fini(struct http_double *d)
{
	buf_fini(&d->out);
	arena_free(d->arena);
	*d = (struct http_double){0};
}

static char *lower(struct arena *a, const char *s, bool is_name)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
		else if (is_name && *p == '_')
			*p = '-';
	}
	return out;
}

static void set_content_length(struct http_req *r, struct span text)
{
	uint64_t v;

	r->content_length_text = text;
	r->content_length = span_to_u64(text, &v) && v <= INT64_MAX ? (int64_t)v : -1;
}

void http_double_header(struct http_double *d, const char *name, const char *value)
{
	struct http_req *r = &d->req;
	struct http_header h = {
		span_str(lower(d->arena, name, true)), arena_dup(d->arena, span_str(value))};

	if (r->header_count == HTTP_MAX_HEADERS) {
		r->too_many_headers = true;
		return;
	}
	r->headers[r->header_count++] = h;
	r->header_bytes += h.name.n + h.value.n + 4;
	if (span_eq_str(h.name, "host"))
		r->host = span_str(lower(d->arena, value, false));
	else if (span_eq_str(h.name, "content-length"))
		set_content_length(r, h.value);
	else if (span_eq_str(h.name, "transfer-encoding"))
		r->chunked = span_eq_ci(h.value, SPAN_LIT("chunked"));
}

void http_double_body(struct http_double *d, struct span bytes)
{
	d->body.rest = bytes;
	http_double_header(d, "content-length", arena_printf(d->arena, "%zu", bytes.n));
}

static bool response_is_broken(const struct http_double *d)
{
	bool bodyless =
		d->status == 204 || d->status == 304 || span_eq_str(d->req.method, "HEAD");
	struct span text = http_double_get(d, "content-length");
	uint64_t promised;

	if (d->aborted)
		return false;
	if (d->status == 0 || (bodyless && d->out.n))
		return true;
	if (bodyless || span_absent(text))
		return false;
	return !span_to_u64(text, &promised) || promised != d->out.n;
}

void http_double_run(struct http_double *d, struct http_app *app)
{
	app->serve(app, &d->req);
	d->broken = response_is_broken(d);
}

struct span http_double_get(const struct http_double *d, const char *name)
{
	for (size_t i = 0; i < d->header_count; i++)
		if (span_eq_ci(d->headers[i].name, span_str(name)))
			return d->headers[i].value;
	return SPAN_NULL;
}
