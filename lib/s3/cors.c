/* SPDX-License-Identifier: MIT */
/*
 * Cross-origin requests. The rules are the bucket's, so that a preflight, which nobody signs,
 * and a request that is refused before anybody knows who called have to find it by what they
 * claim. A preflight tells no more of a bucket than that its rules let this origin in; one that
 * is not there, one without rules and one whose rules say no are told in the same words (AWS
 * tells them apart). Other responses tell nothing of a bucket that is hidden from the caller.
 */
#include "s3/cors.h"

#include "s3/req.h"

/* ---- who would call ---- */

/* The text between what it starts with and the first `end`. */
static struct span between(struct span s, struct span start, char end)
{
	ptrdiff_t at = span_find(s, start);
	struct span rest, found;

	if (at < 0)
		return SPAN_NULL;
	rest = span_from(s, (size_t)at + start.n);
	return span_cut(&rest, end, &found) ? found : SPAN_NULL;
}

/* The access key that a request names, by whatever mechanism; absent if none. */
static struct span claimed_key(const struct s3_req *q)
{
	struct span credential = s3_param(q, "X-Amz-Credential"),
		    sent = s3_header(q, "authorization"), key;

	if (span_cut(&credential, '/', &key))
		return key;
	key = s3_param(q, "AWSAccessKeyId");
	if (!span_absent(key))
		return key;
	if (span_starts(sent, SPAN_LIT("AWS ")))
		return between(sent, SPAN_LIT("AWS "), ':');
	return between(sent, SPAN_LIT("Credential="), '/');
}

/* Nobody, in the namespace of that key's user, or in that of anonymous callers. */
static int claimed_caller(struct s3_req *q, struct caller *c_r, struct err *e)
{
	struct svc_principal p;

	if (svc_principal_get(q->call.svc, claimed_key(q), q->call.arena, &p, e) == 0) {
		*c_r = (struct caller){.anonymous = true, .tenant_id = p.caller.tenant_id};
		return 0;
	}
	return e->kind == ERR_NOT_FOUND ? svc_anonymous(q->call.svc, c_r, e) : -1;
}

/* ---- the rules ---- */

/* err: ERR_NOT_FOUND when none are set. */
static int load_rules(
	struct s3_call *c, const struct meta_bucket *b, struct cors *rules_r, struct err *e)
{
	static const struct xmlr_limits limits = {
		META_CONFIG_MAX_BYTES, XMLR_MAX_DEPTH, META_CONFIG_MAX_BYTES};
	const struct xml_node *root;
	struct source_mem m;
	struct span document, at;

	if (svc_bucket_config_get(c->svc, b, META_CONFIG_CORS, c->arena, &document, e) < 0)
		return -1;
	if (xmlr_parse(c->arena, source_mem_init(&m, document), &limits, &root, e) < 0 ||
		cors_read(c->arena, root, rules_r, &at) != CORS_OK)
		return err_fail(e, ERR_INTERNAL, "damaged CORS rules of bucket %s", b->name);
	return 0;
}

/* ---- what a response tells ---- */

/* Its answer depends on these, whether or not they were sent. */
static void tell_vary(struct s3_req *q)
{
	http_head_add_str(&q->head, "Vary",
		"Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

static void tell_rule(struct s3_req *q, const struct cors_rule *rule, struct span pattern)
{
	struct arena *a = q->call.arena;
	bool is_any = span_eq_str(pattern, "*");
	struct span exposed = cors_list_text(a, &rule->expose);

	http_head_add(&q->head, "Access-Control-Allow-Origin",
		is_any ? pattern : s3_header(q, "origin"));
	http_head_add(
		&q->head, "Access-Control-Allow-Methods", cors_methods_text(a, rule->methods));
	if (!span_absent(exposed))
		http_head_add(&q->head, "Access-Control-Expose-Headers", exposed);
	if (rule->has_max_age)
		http_head_add_u64(&q->head, "Access-Control-Max-Age", rule->max_age_s);
	if (!is_any)
		http_head_add_str(&q->head, "Access-Control-Allow-Credentials", "true");
}

/* That of a caller of whom nobody knows yet who he is. */
static bool find_claimed(struct s3_req *q, struct meta_bucket *b_r)
{
	struct s3_call *c = &q->call;
	struct caller claimed;
	struct err e;

	return c->fail.code != S3_NoSuchBucket && q->target.kind != S3_SERVICE &&
		claimed_caller(q, &claimed, &e) == 0 &&
		svc_bucket_find(c->svc, &claimed, c->explicit_name, c->arena, b_r, &e) == 0 &&
		authz_decide(&claimed, AUTHZ_LIST_BUCKET, b_r) != AUTHZ_HIDE;
}

/* The bucket of a response, if the caller may know that it is there. */
static bool find_bucket(struct s3_req *q, struct meta_bucket *b_r)
{
	const struct s3_call *c = &q->call;

	*b_r = c->bucket;
	return c->bucket.id ? authz_decide(&c->caller, AUTHZ_LIST_BUCKET, b_r) != AUTHZ_HIDE
			    : find_claimed(q, b_r);
}

/* The rule for the response; NULL: none. */
static const struct cors_rule *find_rule(
	struct s3_req *q, const struct meta_bucket *b, struct span *pattern_r)
{
	struct span method = s3_header(q, "access-control-request-method");
	struct cors_ask ask = {.origin = s3_header(q, "origin"),
		.method = cors_method_of(span_absent(method) ? q->http->method : method)};
	struct cors rules;
	struct err e;

	if (ask.origin.n == 0 || load_rules(&q->call, b, &rules, &e) < 0)
		return NULL;
	return cors_match(&rules, &ask, pattern_r);
}

/* Who did not prove who he is learns what a preflight would tell him: nothing without a rule.
 */
void s3_cors_add(struct s3_req *q)
{
	const struct cors_rule *rule;
	struct meta_bucket b;
	struct span pattern;

	if (q->call.op->action == AUTHZ_PREFLIGHT || http_head_has(&q->head, "Vary") ||
		!find_bucket(q, &b) || !meta_bucket_has(&b, META_CONFIG_CORS))
		return;
	rule = find_rule(q, &b, &pattern);
	if (rule || q->call.bucket.id)
		tell_vary(q);
	if (rule)
		tell_rule(q, rule, pattern);
}

/* ---- preflight ---- */

int s3_preflight_parse(struct s3_req *q, struct s3_preflight_in *in)
{
	struct err e;

	in->method = s3_header(q, "access-control-request-method");
	in->ask = (struct cors_ask){
		.origin = s3_header(q, "origin"),
		.method = cors_method_of(in->method),
		.headers = http_header_joined(q->http, "access-control-request-headers"),
	};
	if (in->ask.origin.n == 0)
		return s3_fail(&q->call, S3_BadRequest, "A preflight needs the header Origin.");
	if (in->method.n == 0)
		return s3_fail(&q->call, S3_BadRequest,
			"A preflight needs the header Access-Control-Request-Method.");
	if (claimed_caller(q, &q->call.caller, &e) == 0)
		return 0;
	/* Of a suspended tenant there is nothing. */
	q->call.caller = (struct caller){.anonymous = true, .tenant_id = -1};
	return e.kind == ERR_DENIED ? 0 : s3_fail_err(&q->call, &e);
}

static int fail_preflight(struct s3_call *c, const struct s3_preflight_in *in)
{
	s3_fail(c, S3_AccessForbidden, NULL);
	s3_fail_add(c, "Method", in->method);
	s3_fail_add(c, "ResourceType", c->key.n ? SPAN_LIT("OBJECT") : SPAN_LIT("BUCKET"));
	return -1;
}

int s3_preflight_run(
	struct s3_call *c, const struct s3_preflight_in *in, struct s3_preflight_out *out)
{
	struct meta_bucket b;
	struct cors rules;
	struct err e;

	if (svc_bucket_find(c->svc, &c->caller, c->explicit_name, c->arena, &b, &e) < 0 ||
		load_rules(c, &b, &rules, &e) < 0)
		return e.kind == ERR_NOT_FOUND ? fail_preflight(c, in) : s3_fail_err(c, &e);
	out->rule = cors_match(&rules, &in->ask, &out->pattern);
	out->headers = cors_names(c->arena, in->ask.headers);
	return out->rule ? 0 : fail_preflight(c, in);
}

int s3_preflight_render(struct s3_req *q, const struct s3_preflight_out *out)
{
	struct span headers = cors_list_text(q->call.arena, &out->headers);

	tell_vary(q);
	tell_rule(q, out->rule, out->pattern);
	if (!span_absent(headers))
		http_head_add(&q->head, "Access-Control-Allow-Headers", headers);
	return s3_respond_empty(q, 200);
}
