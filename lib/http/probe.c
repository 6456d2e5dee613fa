/* SPDX-License-Identifier: MIT */
/*
 * Answers that need no account. They carry no detail of the installation: /ready names the kind
 * of failure, its text goes to the log; /metrics wants the token, or without one a loopback
 * peer that speaks for itself.
 */
#include "http/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/log.h"
#include "codec/json.h"
#include "codec/uri.h"

enum { PROBE_MAX_METRICS = 8 * 1024 * 1024, PROBE_MAX_JSON = 1024 };

static const char *const signing_params[] = {
	"X-Amz-Signature", "X-Amz-Algorithm", "Signature", "AWSAccessKeyId"};

/* An undecodable query is nobody's probe: the protocol layer refuses it. */
static bool query_is_unsigned(const struct http_req *r)
{
	struct uri_param *params;
	size_t n;

	if (r->query.n == 0)
		return true;
	if (uri_parse_query(r->arena, r->query, &params, &n, NULL))
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(signing_params) / sizeof(*signing_params); k++)
			if (span_eq_ci(params[i].name, span_str(signing_params[k])))
				return false;
	return true;
}

static bool bearer_token(struct span authorization, struct span *token_r)
{
	struct span scheme = SPAN_LIT("bearer ");

	if (!span_eq_ci(span_head(authorization, scheme.n), scheme))
		return false;
	*token_r = span_trim(span_from(authorization, scheme.n));
	return true;
}

static bool is_loopback(struct arena *a, struct span addr)
{
	const char *text = arena_strndup(a, addr);
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&v6) ||
		(IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

static void answer(struct http_req *r, int status, const char *type, struct span body)
{
	struct http_head h;
	struct err e;

	http_head_init(&h, r->arena);
	http_head_add_str(&h, "Content-Type", type);
	http_head_add_str(&h, "Cache-Control", "no-store");
	http_head_add_str(&h, "X-Content-Type-Options", "nosniff");
	http_head_add_str(
		&h, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	(void)http_respond(r, status, &h, body, &e);
}

static void answer_json(struct http_req *r, int status, const char *word, const char *reason)
{
	BUF_AUTO struct buf b;
	struct jsonw w;

	buf_init(&b, PROBE_MAX_JSON);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "status", word);
	if (reason)
		jsonw_str(&w, "reason", reason);
	jsonw_end_object(&w);
	answer(r, status, "application/json", buf_span(&b));
}

static void serve_health(const struct http_probe *p, struct http_req *r)
{
	(void)p;
	answer_json(r, 200, "ok", NULL);
}

static void serve_ready(const struct http_probe *p, struct http_req *r)
{
	struct err e;

	err_clear(&e);
	if (p->ready(p->ctx, &e) == 0) {
		answer_json(r, 200, "ok", NULL);
		return;
	}
	log_err(LOG_WARN, &e, "not ready");
	answer_json(r, 503, "unavailable", err_kind_name(e.kind));
}

/* Through another proxy everybody comes from where that one is. */
static bool was_forwarded(const struct http_req *r)
{
	static const char *const marks[] = {"forwarded", "x-forwarded-for", "x-real-ip"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (http_header_count(r, marks[i]) > 0)
			return true;
	return false;
}

static bool may_read_metrics(const struct http_probe *p, struct http_req *r)
{
	struct span token;

	if (!p->metrics_token || !p->metrics_token[0])
		return is_loopback(r->arena, r->remote_addr) && !was_forwarded(r);
	return bearer_token(http_header_get(r, "authorization"), &token) &&
		span_eq_secret(token, span_str(p->metrics_token));
}

static void serve_metrics(const struct http_probe *p, struct http_req *r)
{
	BUF_AUTO struct buf b;

	buf_init(&b, PROBE_MAX_METRICS);
	if (!may_read_metrics(p, r)) {
		answer_json(r, 403, "forbidden", NULL);
		return;
	}
	p->metrics(p->ctx, &b);
	answer(r, 200, "text/plain; version=0.0.4", buf_span(&b));
}

static const struct probe_row {
	const char *path;
	bool takes_bearer;
	void (*serve)(const struct http_probe *p, struct http_req *r);
} probes[] = {
	{"/health", false, serve_health},
	{"/ready", false, serve_ready},
	{"/metrics", true, serve_metrics},
};

static bool is_unsigned(const struct http_req *r, const struct probe_row *row)
{
	struct span authorization = http_header_get(r, "authorization"), token;

	if (!span_absent(authorization) &&
		!(row->takes_bearer && bearer_token(authorization, &token)))
		return false;
	return query_is_unsigned(r);
}

bool http_probe_serve(const struct http_probe *p, struct http_req *r)
{
	if (!span_eq_str(r->method, "GET") && !span_eq_str(r->method, "HEAD"))
		return false;
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		if (!span_eq_str(r->path, probes[i].path))
			continue;
		if (!is_unsigned(r, &probes[i]))
			return false;
		probes[i].serve(p, r);
		return true;
	}
	return false;
}
