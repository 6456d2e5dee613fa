/* SPDX-License-Identifier: MIT */
/*
 * The app: one request through its stages (probe, route, authenticate, authorize, parse, run,
 * answer, log and meter). Errors are RFC 9457 problems; every answer is no-store. Neither token
 * nor password nor query is ever logged.
 */
#include "console/console.h"

#include <stdlib.h>

#include "base/log.h"
#include "console/app.h"
#include "http/probe.h"

enum problem console_failed(struct console_call *c, const struct err *e)
{
	c->cause = *e;
	if (e->kind == ERR_BUSY)
		c->retry_after_s = 1;
	return problem_of_err(e);
}

static void write_problem(struct console_call *c, enum problem p)
{
	const struct problem_row *row = problem_row(p);
	struct jsonw *w = &c->json;

	jsonw_str(w, "type", "about:blank");
	jsonw_str(w, "title", row->title);
	jsonw_i64(w, "status", row->status);
	jsonw_str(w, "code", row->code);
	jsonw_str(w, "requestId", c->r->id);
	if (c->bad_field) {
		jsonw_array(w, "errors");
		jsonw_object(w, NULL);
		jsonw_str(w, "pointer", c->bad_field);
		jsonw_str(w, "code", row->code);
		jsonw_str(w, "message", c->bad_why);
		jsonw_end_object(w);
		jsonw_end_array(w);
	}
}

static enum problem route_it(struct console_call *c)
{
	c->route = console_route_find(c->r->method, c->r->path, c->arena, &c->allow);
	if (c->route)
		return PROBLEM_OK;
	return *c->allow ? PROBLEM_METHOD_NOT_ALLOWED : PROBLEM_NOT_FOUND;
}

static enum problem admit(struct console_call *c)
{
	enum problem p;

	if (c->route->access == CONSOLE_PUBLIC)
		return PROBLEM_OK;
	p = console_authenticate(c);
	if (p != PROBLEM_OK)
		return p;
	return authz_decide(&c->caller, c->route->action, NULL) == AUTHZ_ALLOW
		? PROBLEM_OK
		: PROBLEM_FORBIDDEN;
}

/* A body may come slowly and a password costs a core's time: neither may hold a request thread.
 */
static enum problem take_input(struct console_call *c)
{
	struct err e;

	if (uri_parse_query(c->arena, c->r->query, &c->params, &c->param_count, &e) < 0)
		return PROBLEM_BAD_REQUEST;
	if (!c->route->has_body)
		return PROBLEM_OK;
	if (http_enter_transfer(c->r, &e) < 0)
		return console_failed(c, &e);
	return console_body_read(c);
}

static enum problem run(struct console_call *c, struct buf *out)
{
	enum problem p;

	if ((p = route_it(c)) != PROBLEM_OK || (p = admit(c)) != PROBLEM_OK ||
		(p = take_input(c)) != PROBLEM_OK)
		return p;
	jsonw_object(&c->json, NULL);
	p = c->route->run(c);
	if (p != PROBLEM_OK)
		return p;
	jsonw_end_object(&c->json);
	return buf_ok(out) ? PROBLEM_OK : PROBLEM_INTERNAL;
}

static void add_headers(
	struct console_call *c, enum problem p, bool has_body, struct http_head *h)
{
	http_head_init(h, c->arena);
	if (has_body)
		http_head_add_str(h, "Content-Type",
			p == PROBLEM_OK ? "application/json" : "application/problem+json");
	http_head_add_str(h, "Cache-Control", "no-store");
	http_head_add_str(h, "X-Content-Type-Options", "nosniff");
	http_head_add_str(
		h, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	http_head_add_str(h, "X-Request-Id", c->r->id);
	if (p != PROBLEM_OK && problem_row(p)->status == 401)
		http_head_add_str(h, "WWW-Authenticate", "Bearer");
	if (p == PROBLEM_METHOD_NOT_ALLOWED)
		http_head_add_str(h, "Allow", c->allow);
	if (c->retry_after_s > 0)
		http_head_add_u64(h, "Retry-After", c->retry_after_s);
}

static void answer(struct console_call *c, enum problem p, struct buf *out)
{
	int status = p == PROBLEM_OK ? c->route->status : problem_row(p)->status;
	bool has_body = status != 204;
	struct http_head h;
	struct err e;

	if (p != PROBLEM_OK) {
		buf_clear(out);
		out->overflow = false;
		jsonw_init(&c->json, out);
		jsonw_object(&c->json, NULL);
		write_problem(c, p);
		jsonw_end_object(&c->json);
	}
	add_headers(c, p, has_body, &h);
	if (http_respond(c->r, status, &h, has_body ? buf_span(out) : SPAN_NULL, &e) < 0 &&
		c->cause.kind == ERR_NONE)
		c->cause = e;
}

static unsigned operation_of(const struct console_call *c)
{
	size_t n;

	return c->route ? (unsigned)(c->route - console_routes(&n)) + 1 : 0;
}

static void log_and_meter(const struct console_call *c, enum problem p)
{
	const struct http_req *r = c->r;
	int64_t took_us = clock_mono_us() - r->started_us;
	bool failed = problem_row(p)->status >= 500;
	uint64_t bytes_in = r->content_length > 0 ? (uint64_t)r->content_length : 0;
	const struct log_field fields[] = {
		LF_STR("id", span_str(r->id)),
		LF_STR("remote", r->remote_addr),
		LF_STR("tenant", c->authenticated ? span_str(c->tenant.pub) : SPAN_NULL),
		LF_STR("user", c->authenticated ? span_str(c->user.name) : SPAN_NULL),
		LF_STR("operation", span_str(c->route ? c->route->name : "none")),
		LF_INT("status", r->status),
		LF_STR("code", span_str(problem_row(p)->code)),
		LF_UINT("bytes_in", bytes_in),
		LF_UINT("bytes_out", r->bytes_out),
		LF_INT("duration_us", took_us),
		LF_STR("cause", c->cause.kind ? span_str(c->cause.text) : SPAN_NULL),
		LF_STR("where", c->cause.kind ? span_str(c->cause.where) : SPAN_NULL),
		LF_END,
	};

	log_event(failed ? LOG_ERROR : LOG_INFO, "request", fields);
	metrics_request(
		svc_metrics(c->con->svc), operation_of(c), p, took_us, bytes_in, r->bytes_out);
}

static int probe_ready(void *ctx, struct err *e)
{
	return svc_ready(((struct console *)ctx)->svc, e);
}

static void probe_metrics(void *ctx, struct buf *out)
{
	metrics_write(svc_metrics(((struct console *)ctx)->svc), out);
}

static bool serve_probe(struct console *con, struct http_req *r)
{
	const struct http_probe probe = {
		.ready = probe_ready,
		.metrics = probe_metrics,
		.metrics_token = svc_cfg(con->svc)->metrics_token,
		.ctx = con,
	};

	return http_probe_serve(&probe, r);
}

static void serve(struct http_app *app, struct http_req *r)
{
	struct console *con = (struct console *)app;
	struct console_call c = {.con = con, .r = r, .arena = r->arena, .allow = ""};
	BUF_AUTO struct buf out = {0};
	enum problem p;

	if (serve_probe(con, r))
		return;
	buf_init(&out, CONSOLE_MAX_ANSWER);
	jsonw_init(&c.json, &out);
	p = run(&c, &out);
	answer(&c, p, &out);
	log_and_meter(&c, p);
}

struct http_app *console_app_new(struct svc *svc)
{
	struct console *con = calloc(1, sizeof(*con));

	if (!con)
		log_die("out of memory");
	con->app.serve = serve;
	con->svc = svc;
	con->throttle = throttle_new();
	sealbox_derive(svc_sealbox(svc), "console-jwt", con->token_key);
	sealbox_derive(svc_sealbox(svc), "console-cursor", con->cursor_key);
	return &con->app;
}

void console_app_free(struct http_app *app)
{
	struct console *con = (struct console *)app;

	if (!con)
		return;
	throttle_free(con->throttle);
	explicit_bzero(con->token_key, sizeof(con->token_key));
	explicit_bzero(con->cursor_key, sizeof(con->cursor_key));
	free(con);
}
