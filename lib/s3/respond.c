/* SPDX-License-Identifier: MIT */
/* How a response leaves: empty, a document, a stream, or an error. */
#include "base/clock.h"
#include "s3/cors.h"
#include "s3/fields.h"
#include "s3/req.h"
#include "s3/version.h"

enum { STREAM_CHUNK = 256 * 1024, ERROR_MAX = 1024 * 1024 };

/* Before the head is out there can still be an error response; afterwards only the log is told.
 */
static int broken(struct s3_req *q, const struct err *e)
{
	if (!q->http->head_sent)
		return s3_fail_err(&q->call, e);
	q->call.fail.cause = *e;
	q->call.fail.code = e->kind == ERR_INCOMPLETE ? S3_OK : s3_code_of(e);
	return -1;
}

static int enter_transfer_for(struct s3_req *q, uint64_t length)
{
	struct err e;

	if (length <= S3_SMALL_RESPONSE || span_eq_str(q->http->method, "HEAD"))
		return 0;
	return http_enter_transfer(q->http, &e) < 0 ? s3_fail_err(&q->call, &e) : 0;
}

/* What every response tells, an error too. */
static void tell_caller(struct s3_req *q)
{
	static const char charged[] = "x-amz-request-charged";

	s3_cors_add(q);
	if (q->call.charged && !http_head_has(&q->head, charged))
		http_head_add_str(&q->head, charged, "requester");
}

/* ---- while something takes long ---- */

/* The declaration of a document is out; what is white space to XML may follow. */
static int begin_waiting(struct s3_req *q, struct err *e)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	buf_init(&doc, 256);
	xmlw_init(&w, &doc);
	q->waiting = true;
	http_head_add_str(&q->head, "Content-Type", "application/xml");
	s3_add_source_version(q);
	tell_caller(q);
	/* nginx would collect what is sent. */
	http_head_add_str(&q->head, "X-Accel-Buffering", "no");
	if (http_begin(q->http, 200, &q->head, UINT64_MAX, e) < 0)
		return -1;
	return http_write(q->http, doc.p, doc.n, e);
}

int s3_keep_waiting(void *call, struct err *e)
{
	struct s3_req *q = call; /* the call is its first member */
	int64_t pace_us = 1000 * svc_cfg(q->call.svc)->copy_notice_ms, now = clock_mono_us();

	if (pace_us == 0 || now - q->told_us < pace_us)
		return 0;
	q->told_us = now;
	if ((q->waiting ? 0 : begin_waiting(q, e)) < 0 || http_write(q->http, " ", 1, e) < 0)
		return -1;
	return http_flush(q->http, e);
}

static int end_waiting(struct s3_req *q, const struct buf *doc, struct err *e)
{
	struct span rest = buf_span(doc), declaration;

	(void)span_cut(&rest, '\n', &declaration);
	return http_write(q->http, rest.p, rest.n, e);
}

/* ---- responses ---- */

int s3_respond_empty(struct s3_req *q, int status)
{
	struct err e;

	tell_caller(q);
	return http_respond(q->http, status, &q->head, SPAN_LIT(""), &e) < 0 ? broken(q, &e)
									     : 0;
}

int s3_respond_xml(struct s3_req *q, int status, struct buf *doc)
{
	struct err e;

	if (!buf_ok(doc))
		return s3_fail(&q->call, S3_InternalError, NULL);
	if (q->waiting)
		return end_waiting(q, doc, &e) < 0 ? broken(q, &e) : 0;
	if (enter_transfer_for(q, doc->n) < 0)
		return -1;
	http_head_add_str(&q->head, "Content-Type", "application/xml");
	tell_caller(q);
	return http_respond(q->http, status, &q->head, buf_span(doc), &e) < 0 ? broken(q, &e)
									      : 0;
}

static int pump(struct s3_req *q, struct source *src, uint64_t length)
{
	size_t cap = length < STREAM_CHUNK ? (size_t)length : STREAM_CHUNK, n;
	char *chunk = arena_alloc_raw(q->call.arena, cap);
	struct err e;

	while (length > 0) {
		if (source_read(src, chunk, length < cap ? (size_t)length : cap, &n, &e) < 0)
			return broken(q, &e);
		if (n == 0) {
			err_fail(&e, ERR_IO, "the object ended %llu bytes early",
				(unsigned long long)length);
			return broken(q, &e);
		}
		if (http_write(q->http, chunk, n, &e) < 0)
			return broken(q, &e);
		length -= n;
	}
	return 0;
}

int s3_respond_stream(struct s3_req *q, int status, struct source *src, uint64_t length)
{
	struct err e;

	if (enter_transfer_for(q, length) < 0)
		return -1;
	tell_caller(q);
	if (http_begin(q->http, status, &q->head, length, &e) < 0)
		return broken(q, &e);
	return span_eq_str(q->http->method, "HEAD") ? 0 : pump(q, src, length);
}

/* ---- errors ---- */

static struct span decoded_path(struct s3_req *q)
{
	struct span path;
	struct err e;

	if (uri_decode(q->call.arena, q->http->path, &path, &e) == 0 && span_is_utf8(path))
		return path;
	return q->http->path;
}

static void write_failure(struct s3_req *q, struct buf *doc)
{
	const struct s3_failure *f = &q->call.fail;
	struct xmlw w;

	xmlw_init(&w, doc);
	xmlw_open(&w, "Error");
	xmlw_str(&w, "Code", s3_code_name(f->code));
	xmlw_str(&w, "Message", f->message ? f->message : s3_code_message(f->code));
	for (unsigned i = 0; i < f->extra_count; i++)
		xmlw_text(&w, f->extra[i].name, f->extra[i].value);
	xmlw_text(&w, "Resource", decoded_path(q));
	xmlw_str(&w, "RequestId", q->http->id);
	xmlw_str(&w, "HostId", q->app->host_id);
	xmlw_close(&w);
}

static int send_failure(struct s3_req *q, const struct buf *doc, struct err *e)
{
	if (q->waiting)
		return end_waiting(q, doc, e);
	return http_respond(
		q->http, s3_code_status(q->call.fail.code), &q->head, buf_span(doc), e);
}

void s3_respond_failure(struct s3_req *q)
{
	BUF_AUTO struct buf doc;
	struct err e;

	buf_init(&doc, ERROR_MAX);
	if (q->call.fail.marker)
		s3_add_marker_met(q, q->call.fail.marker);
	if (!span_eq_str(q->http->method, "HEAD")) {
		write_failure(q, &doc);
		http_head_add_str(&q->head, "Content-Type", "application/xml");
	}
	tell_caller(q);
	if (send_failure(q, &doc, &e) < 0 && q->call.fail.cause.kind == ERR_NONE)
		q->call.fail.cause = e;
}
