/* SPDX-License-Identifier: MIT */
/* Signature Version 4 in the query. */
#include "tests/unit/testing.h"

#include "auth/sigv4.h"
#include "codec/timefmt.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define KEY_ID SPAN_LIT("AKIAIOSFODNN7EXAMPLE")
#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
#define SIGNED_AT "20130524T000000Z"

struct attempt {
	struct arena *a;
	struct auth_header headers[3];
	struct auth_request req;
	struct sigv4_grant grant;
	struct sigv4 sig;
	struct sigv4_proof proof;
	int64_t now_us;
};

static void attempt_init(struct attempt *t)
{
	*t = (struct attempt){.a = arena_new()};
	t->headers[0] = (struct auth_header){
		SPAN_LIT("host"), SPAN_LIT("examplebucket.s3.amazonaws.com")};
	t->req = (struct auth_request){
		SPAN_LIT("GET"), SPAN_LIT("/test.txt"), SPAN_NULL, t->headers, 1};
	t->grant = (struct sigv4_grant){.access_key = KEY_ID,
		.secret = SECRET,
		.region = SPAN_LIT("us-east-1"),
		.amz_date = SIGNED_AT,
		.expires = "86400"};
	assert_true(timefmt_parse_amz(SPAN_LIT(SIGNED_AT), &t->now_us));
}

static void attempt_sign(struct attempt *t)
{
	t->req.query = span_str(sigv4_presign(t->a, &t->req, &t->grant));
}

static enum sigv4_fault attempt_run(struct attempt *t)
{
	enum sigv4_fault f = sigv4_parse_query(t->a, &t->req, "us-east-1", t->now_us, &t->sig);

	return f != SIGV4_OK ? f : sigv4_verify(t->a, &t->req, &t->sig, SECRET, &t->proof);
}

/* The example of the S3 API reference, "Using Query Parameters". */
static void the_published_example_verifies(void **state)
{
	static const char want[] =
		"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE"
		"%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
		"&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
		"aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	assert_span_eq(t.req.query, want);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	assert_true(span_eq(t.sig.access_key, KEY_ID));
	assert_int_equal(t.sig.payload, SIGV4_UNSIGNED);
	t.req.path = SPAN_LIT("/test2.txt");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	t.req.path = SPAN_LIT("/test.txt");
	t.req.method = SPAN_LIT("PUT");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	t.req.method = SPAN_LIT("GET");
	t.req.query = span_str(arena_printf(t.a, "acl&%s", want));
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	arena_free(t.a);
}

static void it_holds_from_its_date_to_its_expiry(void **state)
{
	static const struct {
		const char *expires;
		int64_t later_s;
		enum sigv4_fault fault;
	} rows[] = {
		{"60", 0, SIGV4_OK},
		{"60", 59, SIGV4_OK},
		{"60", 60, SIGV4_EXPIRED},
		{"60", -900, SIGV4_OK},
		{"60", -901, SIGV4_NOT_YET},
		{"0", 0, SIGV4_EXPIRED},
		{"0", -10, SIGV4_EXPIRED},
		{"1", 0, SIGV4_OK},
		{"604800", 604799, SIGV4_OK},
		{"604800", 604800, SIGV4_EXPIRED},
		{"604801", 0, SIGV4_MALFORMED},
		{"99999999999999999999999999", 0, SIGV4_MALFORMED},
		{"-1", 0, SIGV4_MALFORMED},
		{"-", 0, SIGV4_MALFORMED},
		{"%2B60", 0, SIGV4_MALFORMED},
		{"60s", 0, SIGV4_MALFORMED},
		{"6e1", 0, SIGV4_MALFORMED},
		{"", 0, SIGV4_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t;

		attempt_init(&t);
		t.grant.expires = rows[i].expires;
		attempt_sign(&t);
		t.now_us += rows[i].later_s * 1000000;
		assert_int_equal(attempt_run(&t), rows[i].fault);
		arena_free(t.a);
	}
}

#define ALGORITHM "X-Amz-Algorithm=AWS4-HMAC-SHA256"
#define CREDENTIAL "&X-Amz-Credential=K/20130524/us-east-1/s3/aws4_request"
#define DATE "&X-Amz-Date=" SIGNED_AT
#define EXPIRES "&X-Amz-Expires=60"
#define NAMES "&X-Amz-SignedHeaders=host"
#define SIGNATURE "&X-Amz-Signature=" EMPTY

static void malformed_queries_are_told_apart(void **state)
{
	static const struct {
		const char *query, *text; /* text: of what the client is told */
		enum sigv4_fault fault;
	} rows[] = {
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES SIGNATURE, "", SIGV4_MISMATCH},
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES "&X-Amz-Signature=00", "",
			SIGV4_MISMATCH},
		{CREDENTIAL DATE EXPIRES NAMES SIGNATURE, "requires", SIGV4_MALFORMED},
		{ALGORITHM DATE EXPIRES NAMES SIGNATURE, "requires", SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL EXPIRES NAMES SIGNATURE, "requires", SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE NAMES SIGNATURE, "requires", SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE EXPIRES SIGNATURE, "requires", SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES, "requires", SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES "&X-Amz-Signature", "requires",
			SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES SIGNATURE SIGNATURE, "repeated",
			SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES SIGNATURE "&x-amz-expires=61",
			"repeated", SIGV4_MALFORMED},
		{"X-Amz-Algorithm=AWS4-HMAC-SHA1" CREDENTIAL DATE EXPIRES NAMES SIGNATURE,
			"X-Amz-Algorithm only supports", SIGV4_MALFORMED},
		{ALGORITHM "&X-Amz-Credential=K" DATE EXPIRES NAMES SIGNATURE,
			"X-Amz-Credential parameter; the Credential is mal-formed",
			SIGV4_MALFORMED},
		{ALGORITHM "&X-Amz-Credential=K/2013/us-east-1/s3/aws4_request" DATE EXPIRES
				NAMES SIGNATURE,
			"incorrect date format \"2013\"", SIGV4_MALFORMED},
		{ALGORITHM
			"&X-Amz-Credential=K/20130524/us-east-1/ec2/aws4_request" DATE EXPIRES
				NAMES SIGNATURE,
			"incorrect service \"ec2\"", SIGV4_MALFORMED},
		{ALGORITHM "&X-Amz-Credential=K/20130524/us-east-1/s3/aws4" DATE EXPIRES NAMES
				SIGNATURE,
			"incorrect terminal \"aws4\"", SIGV4_MALFORMED},
		{ALGORITHM "&X-Amz-Credential=/20130524/us-east-1/s3/aws4_request" DATE EXPIRES
				NAMES SIGNATURE,
			"non-empty Access Key", SIGV4_MALFORMED},
		{ALGORITHM "&X-Amz-Credential=K/20130524/mars/s3/aws4_request" DATE EXPIRES
				NAMES SIGNATURE,
			"", SIGV4_WRONG_REGION},
		{ALGORITHM "&X-Amz-Credential=K/20130525/us-east-1/s3/aws4_request" DATE EXPIRES
				NAMES SIGNATURE,
			"Invalid credential date \"20130525\"", SIGV4_SCOPE_DATE},
		{ALGORITHM CREDENTIAL "&X-Amz-Date=yesterday" EXPIRES NAMES SIGNATURE,
			"X-Amz-Date must be", SIGV4_MALFORMED},
		{ALGORITHM CREDENTIAL DATE EXPIRES "&X-Amz-SignedHeaders=range" SIGNATURE, "",
			SIGV4_UNSIGNED_HEADER},
		{ALGORITHM CREDENTIAL DATE EXPIRES NAMES SIGNATURE "&X-Amz-Content-Sha256=x",
			"", SIGV4_BAD_PAYLOAD_HASH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t;

		attempt_init(&t);
		t.req.query = span_str(rows[i].query);
		assert_int_equal(attempt_run(&t), rows[i].fault);
		assert_true(rows[i].text[0] == '\0' ||
			span_find(span_str(t.sig.text), span_str(rows[i].text)) >= 0);
		arena_free(t.a);
	}
}

static void nothing_counts_that_was_not_signed(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	t.headers[1] = (struct auth_header){SPAN_LIT("x-amz-copy-source"), SPAN_LIT("/b/k")};
	t.headers[2] = (struct auth_header){SPAN_LIT("range"), SPAN_LIT("bytes=0-1")};
	t.req.header_count = 3;
	assert_int_equal(attempt_run(&t), SIGV4_UNSIGNED_HEADER);
	assert_span_eq(t.sig.detail, "x-amz-copy-source");
	t.req.query = SPAN_NULL;
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	t.headers[1].value = SPAN_LIT("/b/other");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	arena_free(t.a);
}

static void a_payload_hash_may_be_signed_in_header_or_query(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	t.headers[1] = (struct auth_header){SPAN_LIT("x-amz-content-sha256"),
		SPAN_LIT("STREAMING-UNSIGNED-PAYLOAD-TRAILER")};
	t.req.header_count = 2;
	t.grant.payload_hash = t.headers[1].value;
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	assert_int_equal(t.sig.payload, SIGV4_STREAM_UNSIGNED_TRAILER);
	t.req.header_count = 1;
	t.req.query = SPAN_LIT("X-Amz-Content-Sha256=" EMPTY);
	t.grant.payload_hash = SPAN_LIT(EMPTY);
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	assert_int_equal(t.sig.payload, SIGV4_PAYLOAD_HASH);
	arena_free(t.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_example_verifies),
		cmocka_unit_test(it_holds_from_its_date_to_its_expiry),
		cmocka_unit_test(malformed_queries_are_told_apart),
		cmocka_unit_test(nothing_counts_that_was_not_signed),
		cmocka_unit_test(a_payload_hash_may_be_signed_in_header_or_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
