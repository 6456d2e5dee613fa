/* SPDX-License-Identifier: MIT */
/* Cross-origin requests: preflights, what responses and errors tell, and what they do not. */
#include "tests/unit/s3/rig.h"

#define ORIGIN "http://app.example"
#define RULES \
	"<CORSConfiguration><CORSRule><ID>app</ID><AllowedOrigin>http://*.example</" \
	"AllowedOrigin>" \
	"<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>" \
	"<AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>Content-Type</AllowedHeader>" \
	"<ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-version-id</ExposeHeader>" \
	"<MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>" \
	"<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></" \
	"CORSRule>" \
	"</CORSConfiguration>"
#define VARY "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/key", "hello", 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl?cors", RULES, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/plain", NULL, 200, "");
	return 0;
}

/* A response's header, NULL in `want` for none. */
static void assert_told(struct ask *q, const char *name, const char *want)
{
	struct span got = ask_response_header(q, name);

	if (want ? !span_eq_str(got, want) : !span_absent(got))
		fail_msg("%.*s: %s is %.*s, not %s", SPAN_FMT(q->d.req.uri), name,
			SPAN_FMT(got), want ? want : "absent");
}

static void assert_silent(struct ask *q)
{
	assert_told(q, "access-control-allow-origin", NULL);
	assert_told(q, "access-control-allow-methods", NULL);
	assert_told(q, "access-control-expose-headers", NULL);
	assert_told(q, "access-control-allow-credentials", NULL);
}

static void assert_first_rule(struct ask *q)
{
	assert_told(q, "access-control-allow-origin", ORIGIN);
	assert_told(q, "access-control-allow-methods", "GET, PUT");
	assert_told(q, "access-control-expose-headers", "ETag, x-amz-version-id");
	assert_told(q, "access-control-max-age", "600");
	assert_told(q, "access-control-allow-credentials", "true");
	assert_told(q, "vary", VARY);
}

/* ---- preflight ---- */

/* As a browser sends it: unsigned. NULL leaves a header out. */
static void preflight(struct ask *q, struct rig *r, const char *target, const char *origin,
	const char *method, const char *headers)
{
	ask_begin(q, r, NOBODY, "OPTIONS", target);
	if (origin)
		ask_header(q, "origin", origin);
	if (method)
		ask_header(q, "access-control-request-method", method);
	if (headers)
		ask_header(q, "access-control-request-headers", headers);
}

/* The bucket of ann's tenant, for one who does not say who he is. */
static const char *named(struct rig *r, const char *rest)
{
	return arena_printf(r->arena, "/%s--%s", r->people[ANN].tenant_pub, rest);
}

static void a_preflight_is_answered_by_the_rules(void **state)
{
	static const struct {
		const char *rest, *origin, *method, *headers;
		int status;
		const char *code;
	} rows[] = {
		{"tbl/key", ORIGIN, "GET", NULL, 200, ""},
		{"tbl/key", ORIGIN, "PUT", "content-type, X-Amz-Date", 200, ""},
		{"tbl", ORIGIN, "PUT", "content-type,x-amz-meta-a", 200, ""},
		{"tbl/key?uploads&X-Amz-Expires=1", ORIGIN, "PUT", NULL, 200, ""},
		{"tbl/key?partNumber=1&uploadId=x", ORIGIN, "PUT", NULL, 200, ""},
		{"tbl/key?versionId=wrong", ORIGIN, "GET", NULL, 200, ""},
		{"tbl/none", ORIGIN, "GET", NULL, 200, ""},
		{"tbl/key", NULL, "GET", NULL, 400, "BadRequest"},
		{"tbl/key", "", "GET", NULL, 400, "BadRequest"},
		{"tbl/key", ORIGIN, NULL, NULL, 400, "BadRequest"},
		{"tbl/key", NULL, NULL, NULL, 400, "BadRequest"},
		{"tbl/key", ORIGIN, "DELETE", NULL, 403, "AccessForbidden"},
		{"tbl/key", ORIGIN, "get", NULL, 403, "AccessForbidden"},
		{"tbl/key", ORIGIN, "PATCH", NULL, 403, "AccessForbidden"},
		{"tbl/key", ORIGIN, "PUT", "authorization", 403, "AccessForbidden"},
		{"tbl/key", "http://app.org", "PUT", NULL, 403, "AccessForbidden"},
		{"plain/key", ORIGIN, "GET", NULL, 403, "AccessForbidden"},
		{"none/key", ORIGIN, "GET", NULL, 403, "AccessForbidden"},
		{"none", NULL, NULL, NULL, 400, "BadRequest"},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		preflight(&q, r, named(r, rows[i].rest), rows[i].origin, rows[i].method,
			rows[i].headers);
		ask_expect(&q, rows[i].status, rows[i].code);
		if (rows[i].status == 200)
			assert_first_rule(&q);
		else
			assert_silent(&q);
		ask_end(&q);
	}
	rig_expect(r, NOBODY, "OPTIONS", "/", NULL, 405, "MethodNotAllowed");
}

static void a_preflight_echoes_the_headers_asked_for(void **state)
{
	struct rig *r = *state;
	struct ask q;

	preflight(&q, r, named(r, "tbl/key"), ORIGIN, "PUT", "content-type,, X-Amz-Date ");
	ask_expect(&q, 200, "");
	assert_told(&q, "access-control-allow-headers", "content-type, X-Amz-Date");
	ask_end(&q);
	preflight(&q, r, named(r, "tbl/key"), "null", "HEAD", NULL);
	ask_expect(&q, 200, "");
	assert_told(&q, "access-control-allow-origin", "*");
	assert_told(&q, "access-control-allow-headers", NULL);
	assert_told(&q, "access-control-allow-credentials", NULL);
	assert_told(&q, "access-control-allow-methods", "HEAD");
	assert_told(&q, "vary", VARY);
	ask_end(&q);
}

static void a_refused_preflight_says_what_was_asked(void **state)
{
	struct rig *r = *state;
	struct ask q;

	preflight(&q, r, named(r, "tbl/key"), ORIGIN, "DELETE", NULL);
	ask_expect(&q, 403, "AccessForbidden");
	assert_span_eq(ask_element(&q, "Method"), "DELETE");
	assert_span_eq(ask_element(&q, "ResourceType"), "OBJECT");
	ask_end(&q);
	preflight(&q, r, named(r, "tbl"), ORIGIN, "DELETE", NULL);
	ask_expect(&q, 403, "AccessForbidden");
	assert_span_eq(ask_element(&q, "ResourceType"), "BUCKET");
	ask_end(&q);
}

/* By any way to name a key; none of them is verified. */
static void a_preflight_finds_the_namespace_that_is_claimed(void **state)
{
	struct rig *r = *state;
	const char *ann = r->people[ANN].access_key, *ben = r->people[BEN].access_key;
	struct {
		const char *target, *authorization;
		int status;
	} rows[] = {
		{arena_printf(r->arena, "/tbl/key?X-Amz-Credential=%s%%2F2024%%2Fx", ann), NULL,
			200},
		{arena_printf(r->arena, "/tbl/key?AWSAccessKeyId=%s&Signature=x", ann), NULL,
			200},
		{"/tbl/key", arena_printf(r->arena, "AWS %s:x", ann), 200},
		{"/tbl/key",
			arena_printf(r->arena, "AWS4-HMAC-SHA256 Credential=%s/2024/x", ann),
			200},
		{arena_printf(r->arena, "/tbl/key?X-Amz-Credential=%s%%2F2024%%2Fx", ben), NULL,
			403},
		{"/tbl/key?X-Amz-Credential=nobody%2Fx", NULL, 403},
		{"/tbl/key", "AWS", 403},
		{"/tbl/key", NULL, 403},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		preflight(&q, r, rows[i].target, ORIGIN, "GET", NULL);
		if (rows[i].authorization)
			ask_header(&q, "authorization", rows[i].authorization);
		ask_expect(&q, rows[i].status, rows[i].status == 200 ? "" : "AccessForbidden");
		ask_end(&q);
	}
}

static void a_host_names_the_bucket_of_a_preflight(void **state)
{
	struct rig *r = *state;
	struct ask q;

	preflight(&q, r, "/key", ORIGIN, "GET", NULL);
	q.host = arena_printf(
		r->arena, "%s--tbl.s3.example.com:8000", r->people[ANN].tenant_pub);
	ask_expect(&q, 200, "");
	ask_end(&q);
}

/* ---- real requests ---- */

static void every_answer_tells_the_rule_errors_too(void **state)
{
	static const struct {
		enum who who;
		const char *method, *target, *headers;
		int status;
		const char *code;
	} rows[] = {
		{ANN, "GET", "/tbl/key", NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "range: bytes=0-1", 206, ""},
		{ANN, "GET", "/tbl/key", "if-none-match: \"5d41402abc4b2a76b9719d911017c592\"",
			304, ""},
		{ANN, "GET", "/tbl", NULL, 200, ""},
		{ANN, "PUT", "/tbl/other", NULL, 200, ""},
		{ANN, "GET", "/tbl/none", NULL, 404, "NoSuchKey"},
		{ANN, "GET", "/tbl?policy", NULL, 404, "NoSuchBucketPolicy"},
		{ANN, "PUT", "/tbl?policy", NULL, 501, "NotImplemented"},
		{ANN, "GET", "/tbl/key?uploads", NULL, 400, "InvalidRequest"},
		{ANN, "DELETE", "/tbl/gone", "access-control-request-method: PUT", 204, ""},
		{CLEO, "GET", "/tbl/key", NULL, 403, "AccessDenied"},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig_row row = {rows[i].who, rows[i].method, rows[i].target,
			rows[i].headers, rows[i].method[0] == 'P' ? "x" : NULL, rows[i].status,
			rows[i].code};
		struct ask q;

		ask_begin_row(&q, r, &row);
		ask_header(&q, "origin", ORIGIN);
		ask_expect(&q, rows[i].status, rows[i].code);
		assert_first_rule(&q);
		ask_end(&q);
	}
}

static void without_a_rule_nothing_is_told(void **state)
{
	static const struct {
		const char *method, *target, *headers;
		const char *vary; /* NULL: none */
	} rows[] = {
		{"GET", "/tbl/key", NULL, VARY},
		{"GET", "/tbl/key", "origin: http://app.org", VARY},
		{"GET", "/tbl/key", "origin: " ORIGIN "\naccess-control-request-method: POST",
			VARY},
		{"DELETE", "/tbl/gone", "origin: " ORIGIN, VARY},
		{"GET", "/plain", "origin: " ORIGIN, NULL},
		{"GET", "/plain", NULL, NULL},
		{"GET", "/none", "origin: " ORIGIN, NULL},
		{"GET", "/", "origin: " ORIGIN, NULL},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig_row row = {
			ANN, rows[i].method, rows[i].target, rows[i].headers, NULL, 0, ""};
		struct ask q;

		ask_begin_row(&q, r, &row);
		ask_send(&q);
		assert_silent(&q);
		assert_told(&q, "vary", rows[i].vary);
		ask_end(&q);
	}
}

static void a_request_refused_before_it_is_known_who_calls_is_told_too(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	ask_header(&q, "origin", ORIGIN);
	q.secret = SPAN_LIT("wrong");
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	assert_first_rule(&q);
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	ask_header(&q, "origin", ORIGIN);
	q.skew_us = 3600LL * 1000000;
	ask_expect(&q, 403, "RequestTimeTooSkewed");
	assert_first_rule(&q);
	ask_end(&q);
	/* But not that there are rules which do not let him in. */
	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	ask_header(&q, "origin", "http://app.org");
	q.secret = SPAN_LIT("wrong");
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	assert_silent(&q);
	assert_told(&q, "vary", NULL);
	ask_end(&q);
}

static void a_source_that_is_missing_is_told_too(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/tbl/copy");
	ask_header(&q, "origin", ORIGIN);
	ask_header(&q, "x-amz-copy-source", "/none/key");
	ask_expect(&q, 404, "NoSuchBucket");
	assert_first_rule(&q);
	ask_end(&q);
}

/* ---- what is hidden ---- */

static void a_hidden_bucket_answers_as_if_it_were_not_there(void **state)
{
	static const char *const names[] = {"tbl/key", "plain/key", "none/key"};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *target = named(r, names[i]);
		struct ask q;

		for (int anonymous = 0; anonymous < 2; anonymous++) {
			ask_begin(&q, r, anonymous ? NOBODY : BEN, "GET", target);
			ask_header(&q, "origin", ORIGIN);
			ask_expect(&q, 404, "NoSuchBucket");
			assert_silent(&q);
			assert_told(&q, "vary", NULL);
			ask_end(&q);
		}
		ask_begin(&q, r, BEN, "GET", target);
		ask_header(&q, "origin", ORIGIN);
		q.secret = SPAN_LIT("wrong");
		ask_expect(&q, 403, "SignatureDoesNotMatch");
		assert_silent(&q);
		assert_told(&q, "vary", NULL);
		ask_end(&q);
	}
}

static const char *without_ids(struct rig *r, struct ask *q)
{
	struct span body = ask_response(q);
	ptrdiff_t at = span_find(body, SPAN_LIT("<Resource>"));

	return arena_printf(r->arena, "%d %.*s", q->d.status, (int)at, body.p);
}

static void refused_preflights_do_not_tell_why(void **state)
{
	static const char *const rest[] = {"tbl/key", "plain/key", "none/key"};
	struct rig *r = *state;
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		struct ask q;

		preflight(&q, r, named(r, rest[i]), "http://app.org", "GET", NULL);
		ask_send(&q);
		const char *told = without_ids(r, &q);
		ask_end(&q);
		if (first)
			assert_string_equal(told, first);
		first = told;
	}
}

/* ---- what is set ---- */

#define SET(inner) "<CORSConfiguration>" inner "</CORSConfiguration>"
#define ONE(inner) SET("<CORSRule>" inner "</CORSRule>")
#define ANY "<AllowedOrigin>*</AllowedOrigin>"
#define MAY_GET "<AllowedMethod>GET</AllowedMethod>"

static void rules_are_judged_when_they_are_set(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/plain?cors", NULL, NULL, 404, "NoSuchCORSConfiguration"},
		{ANN, "PUT", "/plain?cors", NULL, SET(""), 400, "MalformedXML"},
		{ANN, "PUT", "/plain?cors", NULL, "", 400, "MalformedXML"},
		{ANN, "PUT", "/plain?cors", NULL, "<CORSRule/>", 400, "MalformedXML"},
		{ANN, "PUT", "/plain?cors", NULL, ONE(ANY), 400, "MalformedXML"},
		{ANN, "PUT", "/plain?cors", NULL, ONE(ANY "<AllowedMethod>get</AllowedMethod>"),
			400, "InvalidRequest"},
		{ANN, "PUT", "/plain?cors", NULL,
			ONE(MAY_GET "<AllowedOrigin>*.*</AllowedOrigin>"), 400,
			"InvalidRequest"},
		{ANN, "PUT", "/plain?cors", NULL,
			ONE(ANY MAY_GET "<ExposeHeader>a&#13;&#10;b: c</ExposeHeader>"), 400,
			"InvalidRequest"},
		{ANN, "GET", "/plain?cors", NULL, NULL, 404, "NoSuchCORSConfiguration"},
		{ANN, "DELETE", "/plain?cors", NULL, NULL, 204, ""},
		{ANN, "PUT", "/plain?cors", NULL, ONE(ANY MAY_GET), 200, ""},
		{ANN, "DELETE", "/plain?cors", NULL, NULL, 204, ""},
		{ANN, "GET", "/plain?cors", NULL, NULL, 404, "NoSuchCORSConfiguration"},
	};
	struct rig *r = *state;
	char *big = arena_alloc(r->arena, (64 << 10) + 1);
	struct ask q;

	rig_table(r, rows);
	memset(big, ' ', 64 << 10);
	rig_expect(r, ANN, "PUT", "/plain?cors", big, 400, "MalformedXML");
	memcpy(big + (64 << 10) - strlen(ONE(ANY MAY_GET)), ONE(ANY MAY_GET),
		strlen(ONE(ANY MAY_GET)));
	rig_expect(r, ANN, "PUT", "/plain?cors", big, 200, "");
	ask_begin(&q, r, ANN, "GET", "/tbl?cors");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<ID>app</ID><AllowedMethod>GET</AllowedMethod>"));
	assert_true(ask_has(&q, "<MaxAgeSeconds>600</MaxAgeSeconds>"));
	ask_end(&q);
}

static void damaged_metadata_hinders_no_request(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "HEAD", "/tbl", NULL, 200, "");
	meta_fault_arm(r->meta, 1); /* the rules are not cached yet */
	ask_begin(&q, r, ANN, "HEAD", "/tbl");
	ask_header(&q, "origin", ORIGIN);
	ask_expect(&q, 200, "");
	assert_silent(&q);
	ask_end(&q);
	meta_fault_arm(r->meta, 0);
	preflight(&q, r, named(r, "tbl"), ORIGIN, "GET", NULL);
	ask_expect(&q, 200, "");
	ask_end(&q);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_preflight_is_answered_by_the_rules),
		T(a_preflight_echoes_the_headers_asked_for),
		T(a_refused_preflight_says_what_was_asked),
		T(a_preflight_finds_the_namespace_that_is_claimed),
		T(a_host_names_the_bucket_of_a_preflight),
		T(every_answer_tells_the_rule_errors_too),
		T(without_a_rule_nothing_is_told),
		T(a_request_refused_before_it_is_known_who_calls_is_told_too),
		T(a_source_that_is_missing_is_told_too),
		T(a_hidden_bucket_answers_as_if_it_were_not_there),
		T(refused_preflights_do_not_tell_why),
		T(rules_are_judged_when_they_are_set),
		T(damaged_metadata_hinders_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
