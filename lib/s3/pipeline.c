/* SPDX-License-Identifier: MIT */
/*
 * The life of a request: named stages in order, each of which passes it on or refuses it. A
 * refusal before the head is sent becomes an error document; afterwards the connection is cut.
 * Only the end of this file logs, once per request.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/rnd.h"
#include "codec/enc.h"
#include "s3/body.h"
#include "s3/req.h"
#include "s3/version.h"

#include <stdlib.h>

/* ---- limits, target ---- */

static int stage_limits(struct s3_req *q)
{
	const struct http_req *r = q->http;

	if (r->header_bytes > HTTP_MAX_HEADER_BYTES || r->too_many_headers)
		return s3_fail(&q->call, S3_RequestHeaderSectionTooLarge, NULL);
	if (r->uri.n > HTTP_MAX_URI)
		return s3_fail(&q->call, S3_InvalidURI, NULL);
	return 0;
}

static int stage_target(struct s3_req *q)
{
	struct s3_domains domains = {.ours = span_str(svc_cfg(q->call.svc)->domains)};
	enum s3_code code;
	struct err e;

	if (svc_domain_find(q->call.svc, s3_host_name(q->http->host), q->call.arena,
		    &domains.theirs, &domains.tenant, &e) < 0)
		return s3_fail_err(&q->call, &e);
	code = s3_target_resolve(
		q->call.arena, q->http->host, q->http->path, &domains, &q->target);
	q->call.explicit_name = q->target.explicit_bucket;
	q->call.bucket_name = q->target.bucket;
	q->call.key = q->target.key;
	return code == S3_OK ? s3_params_parse(q, false) : s3_fail(&q->call, code, NULL);
}

/* ---- load, authorize ---- */

/* Of nobody, about a request to come: neither its caller nor its bucket have to be there. */
static bool is_preflight(const struct s3_req *q)
{
	return q->call.op->action == AUTHZ_PREFLIGHT;
}

static int stage_authenticate(struct s3_req *q)
{
	return is_preflight(q) ? 0 : s3_authenticate(q);
}

static bool wants_bucket(const struct s3_req *q)
{
	return !is_preflight(q) && q->target.kind != S3_SERVICE &&
		q->call.op != s3_op_get(S3_OP_CREATE_BUCKET);
}

static int stage_load(struct s3_req *q)
{
	struct s3_call *c = &q->call;
	struct err e;

	if (wants_bucket(q) &&
		svc_bucket_find(
			c->svc, &c->caller, c->explicit_name, c->arena, &c->bucket, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

static int check_payer(struct s3_req *q)
{
	q->call.payer = s3_header(q, "x-amz-request-payer");
	return wants_bucket(q) ? s3_check_payer(&q->call, &q->call.bucket) : 0;
}

/* x-amz-expected-bucket-owner names the canonical id of the owner. */
static int check_expected_owner(struct s3_req *q)
{
	struct span expected = s3_header(q, "x-amz-expected-bucket-owner");
	struct s3_owner owner = {0};

	if (span_absent(expected) || !wants_bucket(q))
		return 0;
	if (s3_owner_get(&q->call, q->call.bucket.owner_id, &owner) < 0)
		return -1;
	return span_eq_str(expected, owner.id) ? 0 : s3_fail(&q->call, S3_AccessDenied, NULL);
}

static int stage_authorize(struct s3_req *q)
{
	/* A refused request does nothing: it is judged by the least that shows the target. */
	static const enum authz_action refused[S3_TARGET_COUNT] = {
		[S3_SERVICE] = AUTHZ_LIST_ALL_MY_BUCKETS,
		[S3_BUCKET] = AUTHZ_LIST_BUCKET,
		[S3_OBJECT] = AUTHZ_GET_OBJECT,
	};
	enum authz_action action = q->refusal ? refused[q->target.kind] : s3_version_action(q);

	switch (authz_decide(
		&q->call.caller, action, wants_bucket(q) ? &q->call.bucket : NULL)) {
	case AUTHZ_ALLOW:
		return check_expected_owner(q) < 0 ? -1 : check_payer(q);
	case AUTHZ_HIDE:
		return s3_fail(&q->call, S3_NoSuchBucket, NULL);
	case AUTHZ_DENY:
		break;
	}
	return s3_fail(&q->call, S3_AccessDenied, NULL);
}

/* ---- preconditions, parse, run, render ---- */

static int stage_preconditions(struct s3_req *q)
{
	if (is_preflight(q))
		return 0;
	if (q->refusal)
		return s3_fail(&q->call, q->refusal->code, q->refusal->message);
	return s3_version_named(q) < 0 ? -1 : s3_guard(q);
}

static int stage_parse(struct s3_req *q)
{
	const struct s3_op *op = q->call.op;

	q->in = arena_alloc(q->call.arena, op->in_size);
	if (op->parse(q, q->in) < 0)
		return -1;
	return op->body == S3_BODY_NONE ? s3_body_discard(q) : 0;
}

static int stage_run(struct s3_req *q)
{
	q->out = arena_alloc(q->call.arena, q->call.op->out_size);
	return q->call.op->run(&q->call, q->in, q->out);
}

static int stage_render(struct s3_req *q)
{
	return q->call.op->render(q, q->out);
}

static const struct {
	const char *name;
	int (*run)(struct s3_req *q);
} stages[] = {
	{"limits", stage_limits},
	{"target", stage_target},
	{"route", s3_route},
	{"form", s3_form_read},
	{"authenticate", stage_authenticate},
	{"load", stage_load},
	{"authorize", stage_authorize},
	{"preconditions", stage_preconditions},
	{"parse", stage_parse},
	{"run", stage_run},
	{"render", stage_render},
};

/* ---- audit and meter ---- */

static enum log_level level_of(const struct s3_req *q)
{
	/* Who was kept waiting has a 200 whatever comes of it. */
	int status = q->waiting ? s3_code_status(q->call.fail.code) : q->http->status;

	return status >= 500 && q->call.fail.code != S3_NotImplemented ? LOG_ERROR
										: LOG_INFO;
}

static void audit(const struct s3_req *q, int64_t duration_us)
{
	const struct s3_failure *f = &q->call.fail;
	const struct svc_principal *p = q->call.principal;
	bool failed = f->cause.kind != ERR_NONE;
	const struct log_field fields[] = {
		LF_STR("id", span_str(q->http->id)),
		LF_STR("remote", q->http->remote_addr),
		LF_STR("tenant", p ? span_str(p->tenant_pub) : SPAN_NULL),
		LF_STR("access_key", p ? p->access_key : SPAN_NULL),
		LF_STR("operation", span_str(q->call.op->name)),
		LF_STR("bucket", q->call.bucket_name),
		LF_STR("key", q->call.key),
		LF_INT("status", q->http->status),
		LF_STR("code", span_str(s3_code_name(f->code))),
		LF_UINT("bytes_in", q->received.bytes),
		LF_UINT("bytes_out", q->http->bytes_out),
		LF_INT("duration_us", duration_us),
		LF_STR("stage", f->code != S3_OK || failed ? span_str(q->stage) : SPAN_NULL),
		LF_STR("cause", failed ? span_str(f->cause.text) : SPAN_NULL),
		LF_STR("where",
			failed && f->cause.where ? span_str(f->cause.where) : SPAN_NULL),
		LF_END,
	};

	log_event(level_of(q), "request", fields);
}

static void audit_and_meter(const struct s3_req *q)
{
	int64_t duration_us = clock_mono_us() - q->http->started_us;

	metrics_request(svc_metrics(q->call.svc), s3_op_id_of(q->call.op), q->call.fail.code,
		duration_us, q->received.bytes, q->http->bytes_out);
	if (log_wants(level_of(q)))
		audit(q, duration_us);
}

/* ---- the app ---- */

static void begin(struct s3_req *q, struct s3_app *app, struct http_req *r)
{
	q->app = app;
	q->http = r;
	q->sent = r->headers;
	q->sent_count = r->header_count;
	q->call.svc = app->svc;
	q->call.arena = r->arena;
	q->call.now_us = clock_now_us(svc_clock(app->svc));
	q->call.op = s3_op_get(S3_OP_NONE);
	q->call.keep_waiting = s3_keep_waiting;
	q->told_us = r->started_us;
	q->call.bucket_name = q->call.explicit_name = q->call.key = SPAN_LIT("");
	http_head_init(&q->head, r->arena);
	http_head_add_str(&q->head, "x-amz-request-id", r->id);
	http_head_add_str(&q->head, "x-amz-id-2", app->host_id);
}

static void finish_failed(struct s3_req *q)
{
	if (q->http->head_sent && !q->waiting)
		http_abort(q->http);
	else
		s3_respond_failure(q);
}

static void serve(struct http_app *app, struct http_req *r)
{
	struct s3_app *self = (struct s3_app *)(void *)app;
	struct s3_req *q = arena_new_of(r->arena, struct s3_req);
	size_t i;

	if (http_probe_serve(&self->probe, r))
		return;
	begin(q, self, r);
	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		q->stage = stages[i].name;
		if (stages[i].run(q) < 0)
			break;
	}
	if (i < sizeof(stages) / sizeof(stages[0]))
		finish_failed(q);
	audit_and_meter(q);
}

static int probe_ready(void *ctx, struct err *e)
{
	return svc_ready(ctx, e);
}

static void probe_metrics(void *ctx, struct buf *out)
{
	svc_gauges_refresh(ctx);
	metrics_write(svc_metrics(ctx), out);
}

struct http_app *s3_app_new(struct svc *svc)
{
	struct s3_app *app = calloc(1, sizeof(*app));
	unsigned char id[32];

	if (!app)
		log_die("out of memory");
	app->app.serve = serve;
	app->svc = svc;
	app->probe = (struct http_probe){
		.ready = probe_ready,
		.metrics = probe_metrics,
		.metrics_token = svc_cfg(svc)->metrics_token,
		.ctx = svc,
	};
	rnd_bytes(id, sizeof(id));
	enc_base64(app->host_id, id, sizeof(id));
	return &app->app;
}

void s3_app_free(struct http_app *app)
{
	free(app);
}
