/* SPDX-License-Identifier: MIT */
/* Signature Version 2 against the examples of its documentation, and in all its readings. */
#include "tests/unit/testing.h"

#include "auth/sigv2.h"
#include "codec/timefmt.h"

#define KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

enum { MAX_HEADERS = 12 };

struct attempt {
	struct arena *a;
	struct auth_header h[MAX_HEADERS];
	struct auth_request req;
	struct span host_bucket;
	int64_t now_us;
	struct sigv2 sig;
	struct sigv2_proof proof;
};

/* headers: "name: value" lines. */
static void attempt_init(
	struct attempt *t, const char *method, const char *target, const char *headers)
{
	struct span rest = span_str(headers), line, name;

	*t = (struct attempt){.a = arena_new()};
	t->req = (struct auth_request){
		.method = span_str(method), .query = span_str(target), .headers = t->h};
	span_cut(&t->req.query, '?', &t->req.path);
	while (span_cut(&rest, '\n', &line)) {
		assert_true(t->req.header_count < MAX_HEADERS && span_cut(&line, ':', &name));
		t->h[t->req.header_count++] = (struct auth_header){name, span_trim(line)};
	}
}

static void attempt_add(struct attempt *t, const char *name, const char *value)
{
	assert_true(t->req.header_count < MAX_HEADERS);
	t->h[t->req.header_count++] = (struct auth_header){span_str(name), span_str(value)};
}

static void attempt_authorize(struct attempt *t, const char *signature)
{
	attempt_add(t, "authorization", arena_printf(t->a, "AWS " KEY_ID ":%s", signature));
}

static enum sigv2_fault attempt_run(struct attempt *t)
{
	enum sigv2_fault fault =
		t->req.query.n && span_find(t->req.query, SPAN_LIT("Signature=")) >= 0
		? sigv2_parse_query(t->a, &t->req, t->now_us, &t->sig)
		: sigv2_parse(&t->req, t->now_us, &t->sig);

	if (fault != SIGV2_OK)
		return fault;
	return sigv2_verify(t->a, &t->req, &t->sig, t->host_bucket, SECRET, &t->proof);
}

static void the_published_examples_verify(void **state)
{
	static const struct {
		const char *method, *target, *bucket, *date, *headers, *signature;
	} rows[] = {
		{"GET", "/photos/puppy.jpg", "johnsmith", "Tue, 27 Mar 2007 19:36:42 +0000",
			NULL, "bWq2s1WEIj+Ydj0vQ697zp+IXMU="},
		{"PUT", "/photos/puppy.jpg", "johnsmith", "Tue, 27 Mar 2007 21:15:45 +0000",
			"content-type: image/jpeg\ncontent-length: 94328",
			"MyyxeRY7whkBe+bq8fHCL/2kKUg="},
		{"GET", "/?prefix=photos&max-keys=50&marker=puppy", "johnsmith",
			"Tue, 27 Mar 2007 19:42:41 +0000", "user-agent: Mozilla/5.0",
			"htDYFYduRNen8P9ZfE/s9SuKy0U="},
		{"GET", "/?acl", "johnsmith", "Tue, 27 Mar 2007 19:44:46 +0000", NULL,
			"c2WLPFtWHVgbEmeEG93a4cG37dM="},
		{"PUT", "/db-backup.dat.gz", "static.johnsmith.net",
			"Tue, 27 Mar 2007 21:06:08 +0000",
			"x-amz-acl: public-read\ncontent-type: application/x-download\n"
			"content-md5: 4gJE4saaMU4BqNR0kLY+lw==\n"
			"x-amz-meta-reviewedby: joe@johnsmith.net\n"
			"x-amz-meta-reviewedby: jane@johnsmith.net\n"
			"x-amz-meta-filechecksum: 0x02661779\n"
			"x-amz-meta-checksumalgorithm: crc32\ncontent-encoding: gzip",
			"ilyl83RwaSoYIEdixDQcA4OnAnc="},
		{"GET", "/", NULL, "Wed, 28 Mar 2007 01:29:59 +0000", NULL,
			"qGdzdERIC03wnaRNKh6OqZehG9s="},
		{"GET", "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re", NULL,
			"Wed, 28 Mar 2007 01:49:49 +0000", NULL,
			"DNEZGsoieTZ92F3bUfSPQcbGmlM="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t;

		attempt_init(&t, rows[i].method, rows[i].target, rows[i].headers);
		t.host_bucket = span_str(rows[i].bucket);
		attempt_add(&t, "date", rows[i].date);
		attempt_authorize(&t, rows[i].signature);
		assert_true(timefmt_parse_http(span_str(rows[i].date), &t.now_us));
		assert_int_equal(attempt_run(&t), SIGV2_OK);
		assert_span_eq(t.sig.access_key, KEY_ID);
		t.req.method = SPAN_LIT("POST");
		assert_int_equal(attempt_run(&t), SIGV2_MISMATCH);
		arena_free(t.a);
	}
}

#define QUERY "AWSAccessKeyId=" KEY_ID "&Signature="
#define SIGNATURE "NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
#define EXPIRES "&Expires=1175139620"

static void a_query_holds_until_it_expires(void **state)
{
	static const struct {
		const char *query;
		int64_t now_s;
		enum sigv2_fault fault;
	} rows[] = {
		{QUERY SIGNATURE EXPIRES, 1175139619, SIGV2_OK},
		{QUERY SIGNATURE EXPIRES, 0, SIGV2_OK},
		{QUERY SIGNATURE EXPIRES, 1175139620, SIGV2_EXPIRED},
		{QUERY "NpgCjnDzrM+WFzoENXmpNDUsSn8=" EXPIRES, 0, SIGV2_OK},
		{QUERY SIGNATURE "&Expires=1175139621", 0, SIGV2_MISMATCH},
		{QUERY "x" EXPIRES, 0, SIGV2_MISMATCH},
		{QUERY SIGNATURE EXPIRES "&acl", 0, SIGV2_MISMATCH},
		{QUERY SIGNATURE EXPIRES "&retention", 0, SIGV2_MISMATCH},
		{QUERY SIGNATURE EXPIRES "&response-expires=never", 0, SIGV2_MISMATCH},
		{QUERY SIGNATURE EXPIRES "&other=x", 0, SIGV2_OK},
		{QUERY SIGNATURE "&Expires=soon", 0, SIGV2_BAD_EXPIRES},
		{QUERY SIGNATURE "&Expires=-1", 0, SIGV2_BAD_EXPIRES},
		{QUERY SIGNATURE "&Expires=253402300800", 0, SIGV2_BAD_EXPIRES},
		{QUERY SIGNATURE "&Expires=99999999999999999999999", 0, SIGV2_BAD_EXPIRES},
		{QUERY SIGNATURE "&Expires=", 0, SIGV2_INCOMPLETE},
		{QUERY SIGNATURE, 0, SIGV2_INCOMPLETE},
		{QUERY EXPIRES, 0, SIGV2_INCOMPLETE},
		{"Signature=" SIGNATURE EXPIRES, 0, SIGV2_INCOMPLETE},
		{QUERY SIGNATURE EXPIRES EXPIRES, 0, SIGV2_INCOMPLETE},
		{QUERY SIGNATURE EXPIRES "&a=%zz", 0, SIGV2_INCOMPLETE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t;

		attempt_init(&t, "GET", "/photos/puppy.jpg", NULL);
		t.req.query = span_str(rows[i].query);
		t.host_bucket = SPAN_LIT("johnsmith");
		t.now_us = rows[i].now_s * 1000000;
		assert_int_equal(attempt_run(&t), rows[i].fault);
		arena_free(t.a);
	}
}

#define NOW "Tue, 27 Mar 2007 19:36:42 GMT"

static void dates_come_in_several_forms(void **state)
{
	static const struct {
		const char *headers;    /* NULL: none */
		enum sigv2_fault fault; /* MISMATCH: as far as the signature */
	} rows[] = {
		{"date: Tue, 27 Mar 2007 19:36:42 +0000", SIGV2_MISMATCH},
		{"date: " NOW, SIGV2_MISMATCH},
		{"date: 27 Mar 2007 21:36:42 +0200", SIGV2_MISMATCH},
		{"date: Tuesday, 27-Mar-07 19:36:42 GMT", SIGV2_MISMATCH},
		{"date: 20070327T193642Z", SIGV2_MISMATCH},
		{"x-amz-date: 20070327T193642Z", SIGV2_MISMATCH},
		{"x-amz-date: " NOW, SIGV2_MISMATCH},
		{"date: Tue, 27 Mar 2007 19:21:42 GMT", SIGV2_MISMATCH},
		{"date: Tue, 27 Mar 2007 19:21:41 GMT", SIGV2_SKEWED},
		{"date: Tue, 27 Mar 2007 19:51:43 GMT", SIGV2_SKEWED},
		{"date: Fri, 31 Dec 9999 23:59:59 GMT", SIGV2_SKEWED},
		{"date: Wed, 31 Dec 1969 23:59:59 GMT", SIGV2_NO_DATE},
		{"date: yesterday", SIGV2_NO_DATE},
		{"date:", SIGV2_NO_DATE},
		{NULL, SIGV2_NO_DATE},
		{"date: " NOW "\nx-amz-date: yesterday", SIGV2_NO_DATE},
		{"date: yesterday\nx-amz-date: " NOW, SIGV2_MISMATCH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t;

		attempt_init(&t, "GET", "/b/k", rows[i].headers);
		attempt_authorize(&t, "x");
		assert_true(timefmt_parse_http(SPAN_LIT(NOW), &t.now_us));
		assert_int_equal(attempt_run(&t), rows[i].fault);
		arena_free(t.a);
	}
}

static void anything_but_key_and_signature_is_malformed(void **state)
{
	static const char *const values[] = {"AWS", "AWS ", "AWS x",
		"AWS :", "AWS x:", "AWS :x", "AWS4 x:y", "aws x:y", "Basic x:y", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct attempt t;

		attempt_init(&t, "GET", "/b/k", "date: " NOW);
		attempt_add(&t, "authorization", values[i]);
		assert_int_equal(attempt_run(&t), SIGV2_MALFORMED);
		arena_free(t.a);
	}
}

/* What the client has signed verifies as what was received. */
struct reading {
	const char *target, *headers;             /* as signed */
	const char *other_target, *other_headers; /* as received; NULL: the same */
	bool is_ok;
};

static enum sigv2_fault run_reading(struct attempt *t, const struct reading *r)
{
	struct attempt client;
	enum sigv2_fault fault;

	attempt_init(&client, "GET", r->target, r->headers);
	attempt_init(t, "GET", r->other_target ? r->other_target : r->target,
		r->other_headers ? r->other_headers : r->headers);
	attempt_add(t, "date", NOW);
	attempt_authorize(
		t, sigv2_sign(client.a, &client.req, SPAN_LIT(NOW), SPAN_NULL, SECRET));
	assert_true(timefmt_parse_http(SPAN_LIT(NOW), &t->now_us));
	fault = attempt_run(t);
	arena_free(client.a);
	return fault;
}

#define M "x-amz-meta-"

static void each_reading_that_a_client_may_mean_is_tried(void **state)
{
	static const struct reading rows[] = {
		{"/b/k?uploadId=a%20b", NULL, "/b/k?uploadId=a+b", NULL, true},
		{"/b/k?uploadId=a%2Bb", NULL, "/b/k?uploadId=a+b", NULL, true},
		{"/b/k?uploadId=a%2Bb", NULL, "/b/k?uploadId=a%20b", NULL, false},
		{"/b?acl", NULL, "/b?acl=", NULL, true},
		{"/b?acl=", NULL, "/b?acl", NULL, true},
		{"/b?acl=", NULL, "/b?acl=x", NULL, false},
		{"/b?policyStatus", NULL, NULL, NULL, true},
		{"/b", NULL, "/b?policyStatus", NULL, true},
		{"/b/", NULL, "/b", NULL, true},
		{"/b/?acl", NULL, "/b?acl=", NULL, true},
		{"/b", NULL, "/b/", NULL, false},
		{"/b/k/", NULL, "/b/k", NULL, false},
		{"//", NULL, "/", NULL, false},
		{"/b", NULL, "/b?policy", NULL, false},
		{"/b/k?versionId=2&uploads", NULL, "/b/k?uploads&versionId=2", NULL, true},
		{"/b/k", M "a_b: 1", NULL, M "a-b: 1", true},
		{"/b/k", M "a_b: 1\n" M "a-c: 2", NULL, M "a-c: 2\n" M "a-b: 1", true},
		{"/b/k", M "a-b: 1", NULL, M "a_b: 1", false},
		{"/b/k", M "a_b: 1", NULL, M "a-b: 2", false},
		{"/b/k",
			M "a_1: 1\n" M "a_2: 2\n" M "a_3: 3\n" M "a_4: 4\n" M "a_5: 5\n" M
			  "a_6: 6",
			NULL,
			M "a-1: 1\n" M "a-2: 2\n" M "a-3: 3\n" M "a-4: 4\n" M "a-5: 5\n" M
			  "a-6: 6",
			true},
		{"/b/k", M "a: 1\n" M "b: 2", NULL, M "b: 2\n" M "a: 1", true},
		{"/b/k", M "a: 1,2", NULL, M "a: 1\n" M "a: 2", true},
		{"/b/k", M "a: 1", NULL, M "a:    1  ", true},
		{"/b/k", NULL, NULL, "x-amz-copy-source: /b/other", false},
		{"/b/k", NULL, NULL, "content-type: x", false},
		{"/b/k", NULL, NULL, "content-md5: x", false},
		{"/b/k", NULL, NULL, "range: bytes=0-1", true},
		{"/b/k", NULL, "/b//k", NULL, false},
		{"/b/%6b", NULL, "/b/k", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt t;

		assert_int_equal(
			run_reading(&t, &rows[i]), rows[i].is_ok ? SIGV2_OK : SIGV2_MISMATCH);
		arena_free(t.a);
	}
}

static void the_reading_that_verifies_tells_what_was_meant(void **state)
{
	static const struct reading plus = {
		"/b/k?versionId=a%2Bb", M "x_y: 1", "/b/k?versionId=a+b", M "x-y: 1", true};
	struct attempt t;

	(void)state;
	assert_int_equal(run_reading(&t, &plus), SIGV2_OK);
	assert_true(t.proof.plus_is_literal);
	assert_span_eq(t.proof.names[0], M "x_y");
	assert_span_eq(t.proof.names[1], "date");
	assert_span_eq(
		t.proof.string_to_sign, "GET\n\n\n" NOW "\n" M "x_y:1\n/b/k?versionId=a+b");
	arena_free(t.a);
}

static void x_amz_date_leaves_the_line_empty(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t, "GET", "/b/k", "x-amz-date: " NOW "\ndate: " NOW);
	attempt_authorize(&t, sigv2_sign(t.a, &t.req, SPAN_LIT(""), SPAN_NULL, SECRET));
	assert_true(timefmt_parse_http(SPAN_LIT(NOW), &t.now_us));
	assert_int_equal(attempt_run(&t), SIGV2_OK);
	assert_span_eq(t.proof.string_to_sign, "GET\n\n\n\nx-amz-date:" NOW "\n/b/k");
	arena_free(t.a);
}

static void what_is_too_large_does_not_verify(void **state)
{
	struct attempt t;
	char *path;

	(void)state;
	attempt_init(&t, "GET", "/b/k", "date: " NOW);
	path = arena_alloc(t.a, 70000);
	memset(path, '/', 69999);
	t.req.path = span_str(path);
	attempt_authorize(&t, sigv2_sign(t.a, &t.req, SPAN_LIT(NOW), SPAN_NULL, SECRET));
	assert_true(timefmt_parse_http(SPAN_LIT(NOW), &t.now_us));
	assert_int_equal(attempt_run(&t), SIGV2_MISMATCH);
	arena_free(t.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_examples_verify),
		cmocka_unit_test(a_query_holds_until_it_expires),
		cmocka_unit_test(dates_come_in_several_forms),
		cmocka_unit_test(anything_but_key_and_signature_is_malformed),
		cmocka_unit_test(each_reading_that_a_client_may_mean_is_tried),
		cmocka_unit_test(the_reading_that_verifies_tells_what_was_meant),
		cmocka_unit_test(x_amz_date_leaves_the_line_empty),
		cmocka_unit_test(what_is_too_large_does_not_verify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
