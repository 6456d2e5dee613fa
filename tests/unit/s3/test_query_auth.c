/* SPDX-License-Identifier: MIT */
/* Requests that are signed in their query. */
#include "tests/unit/s3/rig.h"

#include "auth/sigv2.h"
#include "codec/timefmt.h"
#include "codec/uri.h"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect(*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect(*state, ANN, "PUT", "/tbl/hello", "0123456789", 200, "");
	return 0;
}

struct presigned {
	const char *method, *target;
	const char *expires; /* NULL: 60 */
	const char *headers; /* that are signed; "name: value" lines */
	const char *sha256;  /* that the target names */
	int64_t later_s;     /* it is sent */
};

static struct span path_of(const char *target, struct span *query_r)
{
	struct span path;

	*query_r = span_str(target);
	span_cut(query_r, '?', &path);
	return path;
}

/* Begins the request with its signed headers. */
static void ask_presigned(struct ask *q, struct rig *r, const struct presigned *p)
{
	struct auth_header h[8] = {{SPAN_LIT("host"), SPAN_LIT("localhost:8000")}};
	struct auth_request req = {.method = span_str(p->method), .headers = h};
	struct sigv4_grant g = {.access_key = span_str(r->people[ANN].access_key),
		.secret = span_str(r->people[ANN].secret),
		.region = SPAN_LIT("us-east-1"),
		.expires = p->expires ? p->expires : "60",
		.payload_hash = span_str(p->sha256)};
	struct span rest = span_str(p->headers), line, name;
	char date[TIMEFMT_MAX];

	timefmt_amz(date, r->clock.fixed_us - p->later_s * 1000000);
	g.amz_date = date;
	req.path = path_of(p->target, &req.query);
	for (req.header_count = 1; span_cut(&rest, '\n', &line); req.header_count++) {
		assert_true(span_cut(&line, ':', &name));
		h[req.header_count] = (struct auth_header){name, span_trim(line)};
	}
	ask_begin(q, r, NOBODY, p->method,
		arena_printf(r->arena, "%.*s?%s", SPAN_FMT(req.path),
			sigv4_presign(r->arena, &req, &g)));
	for (size_t i = 0; i < req.header_count; i++)
		ask_header(q, arena_strndup(r->arena, h[i].name),
			arena_strndup(r->arena, h[i].value));
}

static void whoever_holds_it_may_use_it_until_it_expires(void **state)
{
	static const struct {
		struct presigned p;
		const char *body;
		int status;
		const char *code;
	} rows[] = {
		{{.method = "GET", .target = "/tbl/hello"}, NULL, 200, ""},
		{{.method = "HEAD", .target = "/tbl/hello"}, NULL, 200, ""},
		{{.method = "GET", .target = "/tbl"}, NULL, 200, ""},
		{{.method = "PUT", .target = "/tbl/put"}, "body", 200, ""},
		{{.method = "DELETE", .target = "/tbl/put"}, NULL, 204, ""},
		{{.method = "GET", .target = "/tbl/put"}, NULL, 404, "NoSuchKey"},
		{{.method = "GET", .target = "/tbl/hello", .later_s = 59}, NULL, 200, ""},
		{{.method = "GET", .target = "/tbl/hello", .later_s = 60}, NULL, 403,
			"AccessDenied"},
		{{.method = "GET", .target = "/tbl/hello", .expires = "0"}, NULL, 403,
			"AccessDenied"},
		{{.method = "GET", .target = "/tbl/hello", .later_s = -901}, NULL, 403,
			"AccessDenied"},
		{{.method = "GET", .target = "/tbl/hello", .expires = "-1"}, NULL, 400,
			"AuthorizationQueryParametersError"},
		{{.method = "GET", .target = "/tbl/hello", .expires = "604801"}, NULL, 400,
			"AuthorizationQueryParametersError"},
		{{.method = "GET", .target = "/tbl/hello", .expires = "soon"}, NULL, 400,
			"AuthorizationQueryParametersError"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_presigned(&q, *state, &rows[i].p);
		ask_body(&q, rows[i].body);
		ask_expect(&q, rows[i].status, rows[i].code);
		ask_end(&q);
	}
}

static void expiry_is_told_in_whole_seconds(void **state)
{
	struct presigned p = {.method = "GET", .target = "/tbl/hello", .later_s = 100};
	struct rig *r = *state;
	struct ask q;

	r->clock.fixed_us += 999999;
	ask_presigned(&q, r, &p);
	ask_expect(&q, 403, "AccessDenied");
	assert_span_eq(ask_element(&q, "Message"), "Request has expired");
	assert_span_eq(ask_element(&q, "X-Amz-Expires"), "60");
	assert_span_eq(ask_element(&q, "Expires"), "2025-11-23T23:59:20Z");
	assert_span_eq(ask_element(&q, "ServerTime"), "2025-11-24T00:00:00Z");
	ask_end(&q);
	p.later_s = -1000;
	ask_presigned(&q, r, &p);
	ask_expect(&q, 403, "AccessDenied");
	assert_span_eq(ask_element(&q, "Message"), "Request is not yet valid");
	ask_end(&q);
}

static void its_fields_count_as_headers(void **state)
{
	struct presigned put = {.method = "PUT",
		.target =
			"/tbl/"
			"fields?x-amz-meta-a_b=c%20d&X-Amz-Meta-Plus=e%2Bf&x-amz-acl=private"};
	struct ask q;

	ask_presigned(&q, *state, &put);
	ask_body(&q, "body");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl/fields");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a_b"), "c d");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-plus"), "e+f");
	ask_end(&q);
	put.target = "/tbl/fields?x-amz-acl=mine";
	ask_presigned(&q, *state, &put);
	ask_body(&q, "body");
	ask_expect(&q, 400, "InvalidArgument");
	ask_end(&q);
	put.target = "/tbl/fields?x-amz-checksum-crc32=AAAAAA%3D%3D";
	ask_presigned(&q, *state, &put);
	ask_body(&q, "body");
	ask_expect(&q, 400, "BadDigest");
	ask_end(&q);
}

static void a_header_that_was_not_signed_changes_nothing(void **state)
{
	static const struct presigned plain = {.method = "PUT", .target = "/tbl/unsigned"};
	static const struct presigned named = {.method = "PUT",
		.target = "/tbl/unsigned",
		.headers = "x-amz-meta-a: 1\ncontent-type: text/x-signed"};
	struct ask q;

	ask_presigned(&q, *state, &plain);
	ask_header(&q, "x-amz-copy-source", "/tbl/hello");
	ask_header(&q, "x-amz-meta-a", "1");
	ask_expect(&q, 403, "AccessDenied");
	assert_span_eq(ask_element(&q, "HeadersNotSigned"), "x-amz-copy-source, x-amz-meta-a");
	ask_end(&q);
	ask_presigned(&q, *state, &named);
	ask_body(&q, "body");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl/unsigned");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "content-type"), "text/x-signed");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a"), "1");
	ask_end(&q);
}

#define BODY_SHA256 "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"

static void a_payload_hash_in_the_query_binds_the_body(void **state)
{
	static const struct presigned put = {.method = "PUT",
		.target = "/tbl/hash?X-Amz-Content-Sha256=" BODY_SHA256,
		.sha256 = BODY_SHA256};
	struct ask q;

	ask_presigned(&q, *state, &put);
	ask_body(&q, "body");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_presigned(&q, *state, &put);
	ask_body(&q, "ydob");
	ask_expect(&q, 400, "XAmzContentSHA256Mismatch");
	ask_end(&q);
}

static void response_headers_may_be_asked_for_by_a_signature_only(void **state)
{
	static const struct presigned get = {
		.method = "GET", .target = "/tbl/hello?response-content-type=text%2Fx-asked"};
	struct ask q;

	ask_presigned(&q, *state, &get);
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "content-type"), "text/x-asked");
	ask_end(&q);
}

static void no_session_token_is_known(void **state)
{
	static const struct presigned get = {
		.method = "GET", .target = "/tbl/hello?X-Amz-Security-Token=t%2Bk"};
	static const struct presigned empty = {
		.method = "GET", .target = "/tbl/hello?X-Amz-Security-Token="};
	static const struct rig_row header[] = {{ANN, "GET", "/tbl/hello",
		"x-amz-security-token: t+k", NULL, 400, "InvalidToken"}};
	struct ask q;

	ask_presigned(&q, *state, &get);
	ask_expect(&q, 400, "InvalidToken");
	assert_span_eq(ask_element(&q, "Token-0"), "t+k");
	ask_end(&q);
	ask_presigned(&q, *state, &empty);
	ask_expect(&q, 200, "");
	ask_end(&q);
	rig_table((struct rig *)*state, header);
}

/* ---- Signature V2 ---- */

struct v2 {
	const char *method, *target;
	const char *date;    /* of the header; NULL: in the query */
	const char *expires; /* of the query; NULL: of the day after */
	const char *host;    /* NULL: localhost:8000 */
	const char *bucket;  /* that it names; NULL: none */
	const char *headers; /* signed in the header, sent in the query */
	const char *sent;    /* with it */
};

#define TOMORROW "1764028800"

static struct span escaped(struct arena *a, const char *text)
{
	struct buf b;
	struct span out;

	buf_init(&b, 1024);
	uri_encode(&b, span_str(text), false);
	out = arena_dup(a, buf_span(&b));
	buf_fini(&b);
	return out;
}

static void add_lines(struct ask *q, const char *lines)
{
	struct span rest = span_str(lines), line, name;

	while (span_cut(&rest, '\n', &line)) {
		assert_true(span_cut(&line, ':', &name));
		ask_header(q, arena_strndup(q->d.arena, name),
			arena_strndup(q->d.arena, span_trim(line)));
	}
}

static const char *v2_target(struct rig *r, const struct v2 *v, const char *signature)
{
	const char *target = arena_printf(r->arena,
		"%s%cAWSAccessKeyId=%s&Expires=%s&Signature=%.*s", v->target,
		strchr(v->target, '?') ? '&' : '?', r->people[ANN].access_key,
		v->expires ? v->expires : TOMORROW, SPAN_FMT(escaped(r->arena, signature)));
	struct span rest = span_str(v->headers), line, name;

	while (span_cut(&rest, '\n', &line)) {
		assert_true(span_cut(&line, ':', &name));
		target = arena_printf(r->arena, "%s&%.*s=%.*s", target, SPAN_FMT(name),
			SPAN_FMT(escaped(r->arena, arena_strndup(r->arena, span_trim(line)))));
	}
	return target;
}

static const char *v2_signature(struct rig *r, const struct v2 *v)
{
	struct span date = span_str(v->date ? v->date : v->expires ? v->expires : TOMORROW);
	struct auth_header h[8];
	struct auth_request req = {.method = span_str(v->method), .headers = h};
	struct span rest = span_str(v->headers), line, name;

	req.path = path_of(v->target, &req.query);
	while (span_cut(&rest, '\n', &line)) {
		assert_true(span_cut(&line, ':', &name));
		h[req.header_count++] = (struct auth_header){name, span_trim(line)};
	}
	return sigv2_sign(
		r->arena, &req, date, span_str(v->bucket), span_str(r->people[ANN].secret));
}

static void ask_v2(struct ask *q, struct rig *r, const struct v2 *v)
{
	const char *signature = v2_signature(r, v);

	ask_begin(q, r, NOBODY, v->method, v->date ? v->target : v2_target(r, v, signature));
	ask_header(q, "host", v->host ? v->host : "localhost:8000");
	if (v->date) {
		ask_header(q, "date", v->date);
		ask_header(q, "authorization",
			arena_printf(
				r->arena, "AWS %s:%s", r->people[ANN].access_key, signature));
		add_lines(q, v->headers);
	}
	add_lines(q, v->sent);
}

/* With the signature of v, but another target, which has what v has for headers. */
static void ask_v2_at(struct ask *q, struct rig *r, const struct v2 *v, const char *target)
{
	const struct v2 sent = {.method = v->method, .target = target};

	ask_begin(q, r, NOBODY, v->method, v2_target(r, &sent, v2_signature(r, v)));
	ask_header(q, "host", "localhost:8000");
}

#define AT(m, t) .method = (m), .target = (t)
#define TODAY "Mon, 24 Nov 2025 00:00:00 +0000"

static void version_2_serves_in_header_and_query(void **state)
{
	static const struct {
		struct v2 v;
		const char *body;
		int status;
		const char *code;
	} rows[] = {
		{{AT("GET", "/tbl/hello"), .date = TODAY}, NULL, 200, ""},
		{{AT("GET", "/tbl?acl"), .date = TODAY}, NULL, 200, ""},
		{{AT("GET", "/tbl?policyStatus"), .date = TODAY}, NULL, 404,
			"NoSuchBucketPolicy"},
		{{AT("GET", "/hello"), .date = TODAY, .host = "tbl.s3.example.com",
			 .bucket = "tbl"},
			NULL, 200, ""},
		{{AT("GET", "/"), .date = TODAY, .host = "tbl.s3.example.com", .bucket = "tbl"},
			NULL, 200, ""},
		{{AT("PUT", "/tbl/put"), .date = TODAY,
			 .headers = "content-type: text/x-a\nx-amz-meta-a_b: 1"},
			"body", 200, ""},
		{{AT("GET", "/tbl/hello"), .date = TODAY, .sent = "x-amz-meta-b: 1"}, NULL, 403,
			"SignatureDoesNotMatch"},
		{{AT("PUT", "/tbl/put"), .date = TODAY,
			 .sent = "x-amz-copy-source: /tbl/hello"},
			NULL, 403, "SignatureDoesNotMatch"},
		{{AT("GET", "/tbl/hello"), .date = "Mon, 24 Nov 2025 00:16:00 +0000"}, NULL,
			403, "RequestTimeTooSkewed"},
		{{AT("GET", "/tbl/hello"), .date = "today"}, NULL, 403, "AccessDenied"},
		{{AT("PUT", "/tbl/put"), .date = TODAY,
			 .headers = "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
			"body", 400, "InvalidRequest"},
		{{AT("PUT", "/tbl/put"), .date = TODAY, .headers = "x-amz-content-sha256: x"},
			"body", 400, "InvalidArgument"},
		{{AT("PUT", "/tbl/put"), .date = TODAY,
			 .headers = "x-amz-content-sha256: "
				    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
				    "52b855"},
			"body", 400, "XAmzContentSHA256Mismatch"},
		{{AT("GET", "/tbl/hello"), .date = TODAY, .headers = "x-amz-security-token: t"},
			NULL, 400, "InvalidToken"},
		{{AT("GET", "/tbl/hello")}, NULL, 200, ""},
		{{AT("GET", "/tbl/hello?response-content-type=text%2Fx")}, NULL, 200, ""},
		{{AT("PUT", "/tbl/put"),
			 .headers = "content-type: text/x\nx-amz-meta-a_b: 1 2"},
			"body", 200, ""},
		{{AT("PUT", "/tbl/put"), .headers = "content-type: text/x",
			 .sent = "content-type: text/y"},
			"body", 403, "SignatureDoesNotMatch"},
		{{AT("PUT", "/tbl/put"), .headers = "content-md5: 1B2M2Y8AsgTpgAmY7PhCfg=="},
			"body", 400, "BadDigest"},
		{{AT("GET", "/tbl/hello"), .sent = "x-amz-meta-b: 1"}, NULL, 403,
			"SignatureDoesNotMatch"},
		{{AT("GET", "/tbl/hello"), .expires = "1763942400"}, NULL, 403, "AccessDenied"},
		{{AT("GET", "/tbl/hello"), .expires = "1763942401"}, NULL, 200, ""},
		{{AT("GET", "/tbl/hello"), .expires = "soon"}, NULL, 403, "AccessDenied"},
		{{AT("DELETE", "/tbl/put")}, NULL, 204, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_v2(&q, *state, &rows[i].v);
		ask_body(&q, rows[i].body);
		ask_expect(&q, rows[i].status, rows[i].code);
		ask_end(&q);
	}
}

static void version_2_tells_what_it_stored_and_what_was_wrong(void **state)
{
	static const struct v2 put = {
		AT("PUT", "/tbl/v2"), .headers = "content-type: text/x\nx-amz-meta-a_b: 1 2"};
	static const struct v2 old = {AT("GET", "/tbl/v2"), .expires = "1763942399"};
	static const struct v2 other = {
		AT("GET", "/tbl/v2"), .date = TODAY, .sent = "x-amz-a: b"};
	struct ask q;

	ask_v2(&q, *state, &put);
	ask_body(&q, "body");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl/v2");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "content-type"), "text/x");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a_b"), "1 2");
	ask_end(&q);
	ask_v2(&q, *state, &old);
	ask_expect(&q, 403, "AccessDenied");
	assert_span_eq(ask_element(&q, "Expires"), "2025-11-23T23:59:59Z");
	assert_true(span_absent(ask_element(&q, "X-Amz-Expires")));
	ask_end(&q);
	ask_v2(&q, *state, &other);
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	assert_span_eq(
		ask_element(&q, "StringToSign"), "GET\n\n\n" TODAY "\nx-amz-a:b\n/tbl/v2");
	assert_true(span_absent(ask_element(&q, "CanonicalRequest")));
	ask_end(&q);
}

/* Whoever holds a URL may spell it in another way, but not mean something else by it. */
static void version_2_is_not_read_in_another_way_than_it_was_signed(void **state)
{
	static const struct v2 tagged = {
		AT("PUT", "/tbl/tagged"), .headers = "x-amz-tagging: a=b:c"};
	static const struct v2 copy = {AT("PUT", "/tbl/copy?response-content-type=a%2Bb"),
		.headers = "x-amz-copy-source: /tbl/a b"};
	struct ask q;

	ask_v2_at(&q, *state, &tagged, "/tbl/tagged?x-amz-tagging=a%3Db%3Ac");
	ask_body(&q, "body");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_v2_at(&q, *state, &tagged, "/tbl/tagged?x-amz-tagging%3Aa%3Db=c");
	ask_body(&q, "body");
	ask_expect(&q, 400, "InvalidArgument");
	ask_end(&q);
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/a%20b", "space", 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/a%2Bb", "plus", 200, "");
	ask_v2_at(&q, *state, &copy,
		"/tbl/copy?response-content-type=a+b&x-amz-copy-source=/tbl/a+b");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "GET", "/tbl/copy");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response(&q), "space");
	ask_end(&q);
}

/* A URL is worth what its key is worth when it is used. */
static void a_disabled_key_ends_what_it_signed(void **state)
{
	static const struct presigned v4 = {.method = "GET", .target = "/tbl/hello"};
	static const struct v2 v2 = {AT("GET", "/tbl/hello")};
	static const struct v2 header_v2 = {AT("GET", "/tbl/hello"), .date = TODAY};
	struct rig *r = *state;
	struct meta_access_key key;
	struct ask q[3];
	struct err e;

	ask_presigned(&q[0], r, &v4);
	ask_v2(&q[1], r, &v2);
	ask_v2(&q[2], r, &header_v2);
	assert_int_equal(r->meta->ops->key_get(r->meta, span_str(r->people[ANN].access_key),
				 r->arena, &key, &e),
		0);
	key.status = META_SUSPENDED;
	assert_int_equal(r->meta->ops->key_update(r->meta, &key, META_SET_STATUS, &e), 0);
	for (size_t i = 0; i < 3; i++) {
		ask_expect(&q[i], 403, "InvalidAccessKeyId");
		ask_end(&q[i]);
	}
}

/* The client signs the label that he wrote, whatever it stands for. */
static void version_2_signs_the_label_of_the_host(void **state)
{
	struct rig *r = *state;
	const char *label = arena_printf(r->arena, "%s--tbl", r->people[ANN].tenant_pub);
	struct v2 v = {AT("GET", "/hello"), .date = TODAY};
	struct ask q;

	v.host = arena_printf(r->arena, "%s.s3.example.com", label);
	v.bucket = label;
	ask_v2(&q, r, &v);
	ask_expect(&q, 200, "");
	ask_end(&q);
	v.bucket = "tbl";
	ask_v2(&q, r, &v);
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	ask_end(&q);
}

/* Whoever holds a URL must not make it another operation. */
static void assert_signed(const char *query)
{
	struct span rest = span_str(query), selector;

	if (rest.n == 0)
		return;
	span_cut(&rest, '&', &selector);
	if (span_find_byte(selector, '=') < 0 && !sigv2_signs(selector))
		fail_msg("Signature V2 does not sign ?%s", query);
}

static void version_2_signs_every_sub_resource(void **state)
{
	size_t n;
	const struct s3_refusal *refusals = s3_refusals(&n);

	(void)state;
	for (int id = S3_OP_NONE + 1; id < S3_OP_COUNT; id++)
		assert_signed(s3_op_get((enum s3_op_id)id)->query);
	for (size_t i = 0; i < n; i++)
		assert_signed(refusals[i].query);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whoever_holds_it_may_use_it_until_it_expires),
		T(expiry_is_told_in_whole_seconds),
		T(its_fields_count_as_headers),
		T(a_header_that_was_not_signed_changes_nothing),
		T(a_payload_hash_in_the_query_binds_the_body),
		T(response_headers_may_be_asked_for_by_a_signature_only),
		T(no_session_token_is_known),
		T(version_2_serves_in_header_and_query),
		T(version_2_tells_what_it_stored_and_what_was_wrong),
		T(a_disabled_key_ends_what_it_signed),
		T(version_2_signs_the_label_of_the_host),
		T(version_2_is_not_read_in_another_way_than_it_was_signed),
		cmocka_unit_test(version_2_signs_every_sub_resource),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
