/* SPDX-License-Identifier: MIT */
/* What acts as a header without having been sent as one. */
#include "tests/unit/testing.h"

#include "http/double.h"
#include "s3/req.h"

struct asked {
	struct http_double d;
	struct s3_req q;
};

static void asked_init(struct asked *t, const char *target)
{
	memset(t, 0, sizeof(*t));
	http_double_init(&t->d, "PUT", target);
	t->q.http = &t->d.req;
	t->q.call.arena = t->d.arena;
}

static void asked_header(struct asked *t, const char *name, const char *value)
{
	http_double_header(&t->d, name, value);
	t->q.sent = t->d.req.headers;
	t->q.sent_count = t->d.req.header_count;
}

#define V4 "X-Amz-Signature=0"
#define V2 "Signature=0"

static void a_signed_query_holds_headers(void **state)
{
	static const struct {
		const char *target, *name, *value; /* NULL: there is none */
	} rows[] = {
		{"/b/k?" V4 "&x-amz-acl=private", "x-amz-acl", "private"},
		{"/b/k?" V4 "&X-Amz-Acl=%20private", "x-amz-acl", "private"},
		{"/b/k?" V4 "&x-amz-acl=private&x-amz-acl=other", "x-amz-acl", "private"},
		{"/b/k?" V4 "&x-amz-acl=", "x-amz-acl", ""},
		{"/b/k?" V4 "&x-amz-acl", "x-amz-acl", ""},
		{"/b/k?" V4 "&x-amz-meta-a_b=1", "x-amz-meta-a_b", "1"},
		{"/b/k?" V4 "&x-amz-meta-sent=other", "x-amz-meta-sent", "real"},
		{"/b/k?" V4 "&content-type=a", "content-type", NULL},
		{"/b/k?" V4 "&acl=a", "acl", NULL},
		{"/b/k?X-Amz-Algorithm=x&x-amz-acl=private", "x-amz-acl", "private"},
		{"/b/k?X-Amz-Credential=x&x-amz-acl=private", "x-amz-acl", "private"},
		{"/b/k?" V2 "&x-amz-acl=private", "x-amz-acl", "private"},
		{"/b/k?AWSAccessKeyId=x&x-amz-acl=private", "x-amz-acl", "private"},
		{"/b/k?" V2 "&content-type=a", "content-type", "a"},
		{"/b/k?" V2 "&Content-MD5=a", "content-md5", "a"},
		{"/b/k?" V2 "&cache-control=a", "cache-control", NULL},
		{"/b/k?x-amz-acl=private", "x-amz-acl", NULL},
		{"/b/k?x-amz-acl=private", "x-amz-meta-sent", "real"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asked t;
		struct span value;

		asked_init(&t, rows[i].target);
		asked_header(&t, "x-amz-meta-sent", "real");
		assert_int_equal(s3_params_parse(&t.q, false), 0);
		value = s3_header(&t.q, rows[i].name);
		assert_int_equal(span_absent(value), rows[i].value == NULL);
		if (rows[i].value)
			assert_span_eq(value, rows[i].value);
		assert_int_equal(http_header_count(t.q.http, "x-amz-meta-sent"), 1);
		http_double_fini(&t.d);
	}
}

static void another_reading_of_the_query_takes_the_place_of_the_first(void **state)
{
	struct asked t;

	(void)state;
	asked_init(&t, "/b/k?" V4 "&x-amz-meta-a=1+2");
	asked_header(&t, "host", "h");
	assert_int_equal(s3_params_parse(&t.q, false), 0);
	assert_span_eq(s3_header(&t.q, "x-amz-meta-a"), "1 2");
	assert_int_equal(s3_params_parse(&t.q, true), 0);
	assert_span_eq(s3_header(&t.q, "x-amz-meta-a"), "1+2");
	assert_int_equal(http_header_count(t.q.http, "x-amz-meta-a"), 1);
	assert_int_equal(http_header_count(t.q.http, "host"), 1);
	http_double_fini(&t.d);
}

static void what_no_header_can_hold_is_refused(void **state)
{
	static const char *const targets[] = {
		"/b/k?" V4 "&x-amz-meta-a=1%0d%0aSet-Cookie:%20x",
		"/b/k?" V4 "&x-amz-meta-a=%00",
		"/b/k?" V4 "&x-amz-meta-a%0a=1",
		"/b/k?" V4 "&x-amz-meta-a=%7F",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct asked t;

		asked_init(&t, targets[i]);
		assert_int_equal(s3_params_parse(&t.q, false), -1);
		assert_int_equal(t.q.call.fail.code, S3_InvalidArgument);
		http_double_fini(&t.d);
	}
}

static void sent_or_not_the_bounds_are_those_of_a_header_section(void **state)
{
	struct http_header fields[HTTP_MAX_HEADERS + 1];
	char value[3000];
	struct asked t;

	(void)state;
	memset(value, 'v', sizeof(value));
	asked_init(&t, "/b/k");
	asked_header(&t, "host", "h");
	for (size_t i = 0; i < HTTP_MAX_HEADERS + 1; i++)
		fields[i] = (struct http_header){
			span_str(arena_printf(t.d.arena, "x-%zu", i)), SPAN_LIT("v")};
	assert_int_equal(s3_headers_add(&t.q, fields, HTTP_MAX_HEADERS - 1), 0);
	assert_int_equal(t.q.http->header_count, HTTP_MAX_HEADERS);
	assert_int_equal(s3_headers_add(&t.q, fields, HTTP_MAX_HEADERS), -1);
	assert_int_equal(t.q.call.fail.code, S3_RequestHeaderSectionTooLarge);
	for (size_t i = 0; i < 3; i++)
		fields[i].value = span_of(value, sizeof(value));
	assert_int_equal(s3_headers_add(&t.q, fields, 2), 0);
	assert_int_equal(s3_headers_add(&t.q, fields, 3), -1);
	assert_int_equal(t.q.call.fail.code, S3_RequestHeaderSectionTooLarge);
	http_double_fini(&t.d);
}

static void the_fields_of_a_form_say_what_is_stored(void **state)
{
	static const struct http_header fields[] = {
		{SPAN_LIT("Content-Type"), SPAN_LIT("image/png")},
		{SPAN_LIT("X-Amz-Meta-A_b"), SPAN_LIT(" field ")},
	};
	static const struct span names[4] = {
		SPAN_LIT("1"), SPAN_LIT("2"), SPAN_LIT("3"), SPAN_LIT("4")};
	struct asked t;

	(void)state;
	asked_init(&t, "/b");
	asked_header(&t, "x-amz-meta-sent", "real");
	asked_header(&t, "content-type", "multipart/form-data");
	asked_header(&t, "cache-control", "no-cache");
	asked_header(&t, "origin", "https://example.com");
	t.q.names = names;
	assert_int_equal(s3_headers_of_form(&t.q, fields, 2), 0);
	assert_int_equal(t.q.http->header_count, 3);
	assert_span_eq(s3_header(&t.q, "content-type"), "image/png");
	assert_span_eq(s3_header(&t.q, "x-amz-meta-a_b"), "field");
	assert_span_eq(s3_header(&t.q, "origin"), "https://example.com");
	assert_span_eq(s3_header_name(&t.q, 0), "origin");
	assert_span_eq(s3_header_name(&t.q, 2), "x-amz-meta-a_b");
	http_double_fini(&t.d);
}

static void a_name_is_spelled_as_it_was_signed(void **state)
{
	static const struct span names[] = {SPAN_LIT("x-amz-meta-a_b")};
	static const struct http_header field = {SPAN_LIT("x-amz-meta-c"), SPAN_LIT("1")};
	struct asked t;

	(void)state;
	asked_init(&t, "/b");
	asked_header(&t, "x-amz-meta-a-b", "1");
	assert_span_eq(s3_header_name(&t.q, 0), "x-amz-meta-a-b");
	t.q.names = names;
	assert_int_equal(s3_headers_add(&t.q, &field, 1), 0);
	assert_span_eq(s3_header_name(&t.q, 0), "x-amz-meta-a_b");
	assert_span_eq(s3_header_name(&t.q, 1), "x-amz-meta-c");
	http_double_fini(&t.d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_query_holds_headers),
		cmocka_unit_test(another_reading_of_the_query_takes_the_place_of_the_first),
		cmocka_unit_test(what_no_header_can_hold_is_refused),
		cmocka_unit_test(sent_or_not_the_bounds_are_those_of_a_header_section),
		cmocka_unit_test(the_fields_of_a_form_say_what_is_stored),
		cmocka_unit_test(a_name_is_spelled_as_it_was_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
