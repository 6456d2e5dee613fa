/* SPDX-License-Identifier: MIT */
/* PutObject, GetObject, HeadObject, DeleteObject. */
#include "tests/unit/s3/rig.h"

#define HELLO_TAG "\"5d41402abc4b2a76b9719d911017c592\""

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/key", "hello", 200, "");
	return 0;
}

/* ---- what is stored comes back ---- */

static void an_object_comes_back_with_its_headers(void **state)
{
	static const char *const headers[][2] = {
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Cache-Control", "max-age=3"},
		{"Content-Disposition", "attachment; filename=\"a\""},
		{"Content-Encoding", "gzip"},
		{"Content-Language", "de"},
		{"Expires", "Thu, 01 Dec 2044 16:00:00 GMT"},
		{"x-amz-website-redirect-location", "/elsewhere"},
		{"x-amz-meta-color", "blue"},
		{"x-amz-meta-empty", ""},
		{"x-amz-meta-umlaut", "\xc3\xa4"},
	};
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/tbl/a%2Fb%20c");
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		ask_header(&q, headers[i][0], headers[i][1]);
	ask_body(&q, "hello");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "etag"), HELLO_TAG);
	ask_end(&q);
	for (int head = 0; head < 2; head++) {
		ask_begin(&q, r, ANN, head ? "HEAD" : "GET", "/tbl/a/b%20c");
		ask_expect(&q, 200, "");
		assert_span_eq(ask_response(&q), head ? "" : "hello");
		for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
			assert_span_eq(ask_response_header(&q, headers[i][0]), headers[i][1]);
		assert_span_eq(ask_response_header(&q, "content-length"), "5");
		assert_span_eq(ask_response_header(&q, "accept-ranges"), "bytes");
		assert_span_eq(ask_response_header(&q, "etag"), HELLO_TAG);
		assert_span_eq(ask_response_header(&q, "last-modified"),
			"Mon, 24 Nov 2025 00:00:00 GMT");
		ask_end(&q);
	}
}

static void overwriting_replaces_metadata_whole(void **state)
{
	static const struct rig_row put = {ANN, "PUT", "/tbl/key",
		"x-amz-meta-a: 1\nx-amz-meta-b: 2\ncontent-type: a/b", "hello", 200, ""};
	struct rig *r = *state;
	struct ask q;

	ask_begin_row(&q, r, &put);
	ask_expect(&q, 200, "");
	ask_end(&q);
	rig_expect(r, ANN, "PUT", "/tbl/key", "", 200, "");
	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	ask_expect(&q, 200, "");
	assert_true(span_absent(ask_response_header(&q, "x-amz-meta-a")));
	assert_span_eq(ask_response_header(&q, "content-type"), "binary/octet-stream");
	assert_span_eq(ask_response_header(&q, "content-length"), "0");
	ask_end(&q);
}

/* A front server turns '_' into '-': SignedHeaders tells the truth. */
static void metadata_names_keep_their_underscores(void **state)
{
	struct rig *r = *state;
	struct auth_header h[] = {{SPAN_LIT("host"), SPAN_LIT("localhost:8000")},
		{SPAN_LIT("x-amz-content-sha256"), SPAN_LIT("UNSIGNED-PAYLOAD")},
		{SPAN_LIT("x-amz-date"), SPAN_LIT("20251124T000000Z")},
		{SPAN_LIT("x-amz-meta-a-b"), SPAN_LIT("dash")},
		{SPAN_LIT("x-amz-meta-under_score"), SPAN_LIT("x")}};
	struct auth_request req = {SPAN_LIT("PUT"), SPAN_LIT("/tbl/k"), SPAN_NULL, h, 5};
	struct ask q;

	ask_begin(&q, r, NOBODY, "PUT", "/tbl/k");
	for (size_t i = 0; i < 5; i++)
		ask_header(&q, h[i].name.p, h[i].value.p);
	ask_header(&q, "authorization",
		sigv4_sign(q.d.arena, &req, span_str(r->people[ANN].access_key),
			span_str(r->people[ANN].secret), SPAN_LIT("us-east-1")));
	ask_body(&q, "x");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, r, ANN, "HEAD", "/tbl/k");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-under_score"), "x");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a-b"), "dash");
	ask_end(&q);
}

static void duplicated_metadata_is_joined(void **state)
{
	static const struct rig_row put = {
		ANN, "PUT", "/tbl/k", "x-amz-meta-a: 1\nx-amz-meta-a: 2", "x", 200, ""};
	struct ask q;

	ask_begin_row(&q, *state, &put);
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl/k");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a"), "1,2");
	ask_end(&q);
}

static void aws_chunked_never_stays_in_content_encoding(void **state)
{
	static const struct {
		const char *sent, *kept;
	} rows[] = {{"aws-chunked", NULL}, {"aws-chunked,gzip", "gzip"},
		{"gzip, AWS-Chunked", "gzip"}, {"gzip,aws-chunked, br", "gzip,br"},
		{"aws-chunked,aws-chunked", NULL}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_begin(&q, *state, ANN, "PUT", "/tbl/k");
		ask_header(&q, "content-encoding", rows[i].sent);
		ask_body(&q, "x");
		ask_expect(&q, 200, "");
		ask_end(&q);
		ask_begin(&q, *state, ANN, "HEAD", "/tbl/k");
		ask_expect(&q, 200, "");
		assert_int_equal(span_absent(ask_response_header(&q, "content-encoding")),
			!rows[i].kept);
		if (rows[i].kept)
			assert_span_eq(
				ask_response_header(&q, "content-encoding"), rows[i].kept);
		ask_end(&q);
	}
}

static void headers_that_cannot_be_stored_are_refused(void **state)
{
	struct rig *r = *state;
	char big[2100];
	struct ask q;
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/k", "x-amz-website-redirect-location: elsewhere", "x", 400,
			"InvalidRedirectLocation"},
		{ANN, "PUT", "/tbl/k", "x-amz-website-redirect-location: https://x/", "x", 200,
			""},
		{ANN, "PUT", "/tbl/k", "cache-control: a\rb", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "content-type: a\rb", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-meta-a: a\rb", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-meta-a: a\001b", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-meta-a: a\177b", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-meta-a\"b: a", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-meta-\303\244: a", "x", 400, "InvalidArgument"},
	};

	rig_table(r, rows);
	for (int over = 0; over < 2; over++) {
		memset(big, 'm', sizeof(big));
		big[2048 - 3 + over] = '\0';
		ask_begin(&q, r, ANN, "PUT", "/tbl/k");
		ask_header(&q, "x-amz-meta-abc", big);
		ask_expect(&q, over ? 400 : 411,
			over ? "MetadataTooLarge" : "MissingContentLength");
		ask_end(&q);
	}
}

/* ---- ranges, overrides, conditions ---- */

struct range_row {
	const char *range;
	int status;
	const char *body, *content_range;
};

static void ranges(void **state)
{
	static const struct range_row rows[] = {
		{"bytes=0-0", 206, "h", "bytes 0-0/5"},
		{"bytes=1-3", 206, "ell", "bytes 1-3/5"},
		{"bytes=3-", 206, "lo", "bytes 3-4/5"},
		{"bytes=3-900", 206, "lo", "bytes 3-4/5"},
		{"bytes=-2", 206, "lo", "bytes 3-4/5"},
		{"bytes=-900", 206, "hello", "bytes 0-4/5"},
		{"bytes=001-003", 206, "ell", "bytes 1-3/5"},
		{"bytes=5-", 416, NULL, NULL},
		{"bytes=-0", 416, NULL, NULL},
		{"bytes=3-1", 200, "hello", NULL},
		{"bytes=0-1,3-4", 200, "hello", NULL},
		{"lines=0-1", 200, "hello", NULL},
		{"nonsense", 200, "hello", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_begin(&q, *state, ANN, "GET", "/tbl/key");
		ask_header(&q, "range", rows[i].range);
		ask_header(&q, "x-amz-checksum-mode", "ENABLED");
		ask_expect(&q, rows[i].status, rows[i].body ? "" : "InvalidRange");
		if (rows[i].body)
			assert_span_eq(ask_response(&q), rows[i].body);
		else
			assert_span_eq(ask_element(&q, "ActualObjectSize"), "5");
		if (rows[i].content_range)
			assert_span_eq(ask_response_header(&q, "content-range"),
				rows[i].content_range);
		/* no checksum of the whole beside a part of it */
		assert_int_equal(
			span_absent(ask_response_header(&q, "x-amz-checksum-crc64nvme")),
			rows[i].status != 200);
		ask_end(&q);
	}
}

static void a_range_of_another_object_is_ignored(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl/key", "range: bytes=0-0\nif-range: " HELLO_TAG, NULL, 206,
			""},
		{ANN, "GET", "/tbl/key", "range: bytes=0-0\nif-range: \"x\"", NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "range: bytes=9-\nif-range: \"x\"", NULL, 200, ""},
		{ANN, "HEAD", "/tbl/key",
			"range: bytes=0-0\nif-range: Mon, 24 Nov 2025 00:00:00 GMT", NULL, 206,
			""},
		{ANN, "HEAD", "/tbl/key",
			"range: bytes=0-0\nif-range: Sun, 23 Nov 2025 00:00:00 GMT", NULL, 200,
			""},
	};

	rig_table((struct rig *)*state, rows);
}

static void ranges_of_an_empty_object(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/empty", NULL, "", 200, ""},
		{ANN, "GET", "/tbl/empty", "range: bytes=0-", NULL, 416, "InvalidRange"},
		{ANN, "GET", "/tbl/empty", "range: bytes=-0", NULL, 416, "InvalidRange"},
		{ANN, "GET", "/tbl/empty", "range: bytes=-5", NULL, 200, ""},
		{ANN, "GET", "/tbl/key?partNumber=1", "range: bytes=0-1", NULL, 400,
			"InvalidRequest"},
		{ANN, "GET", "/tbl/key?partNumber=0", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?partNumber=x", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?partNumber=2", NULL, NULL, 416, "InvalidPartNumber"},
	};

	rig_table((struct rig *)*state, rows);
}

static void part_one_of_a_plain_object_is_the_whole(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "GET", "/tbl/key?partNumber=1");
	ask_expect(&q, 206, "");
	assert_span_eq(ask_response(&q), "hello");
	assert_span_eq(ask_response_header(&q, "content-range"), "bytes 0-4/5");
	assert_true(span_absent(ask_response_header(&q, "x-amz-mp-parts-count")));
	ask_end(&q);
}

static void overrides_replace_headers_of_signed_reads(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "GET",
		"/tbl/key?response-content-type=a/"
		"b&response-cache-control=c&response-content-disposition=d"
		"&response-content-encoding=e&response-content-language=f&response-expires=g");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "content-type"), "a/b");
	assert_span_eq(ask_response_header(&q, "cache-control"), "c");
	assert_span_eq(ask_response_header(&q, "content-disposition"), "d");
	assert_span_eq(ask_response_header(&q, "content-encoding"), "e");
	assert_span_eq(ask_response_header(&q, "content-language"), "f");
	assert_span_eq(ask_response_header(&q, "expires"), "g");
	ask_end(&q);
	rig_expect((struct rig *)*state, ANN, "GET", "/tbl/key?response-content-type=a%0D%0Ab",
		NULL, 400, "InvalidArgument");
	rig_expect((struct rig *)*state, ANN, "GET", "/tbl/key?response-expires=a%01", NULL,
		400, "InvalidArgument");
	for (int over = 0; over < 2; over++) {
		static char target[8192] =
			"/tbl/key?response-expires=x&response-cache-control=";
		size_t n = strlen(target);

		memset(target + n, 'c', over ? 1 : 7 * 1024 - 1);
		rig_expect((struct rig *)*state, ANN, "GET", target, NULL, over ? 400 : 200,
			over ? "InvalidArgument" : "");
	}
}

static void conditions_of_reads(void **state)
{
#define OLD "Mon, 24 Nov 2025 00:00:00 GMT"
#define OLDER "Sun, 23 Nov 2025 00:00:00 GMT"
#define FUTURE "Sun, 23 Nov 2042 00:00:00 GMT"
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl/key", "if-match: " HELLO_TAG, NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-match: 5d41402abc4b2a76b9719d911017c592", NULL,
			200, ""},
		{ANN, "GET", "/tbl/key", "if-match: \"x\", " HELLO_TAG, NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-match: *", NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-match: \"x\"", NULL, 412, "PreconditionFailed"},
		{ANN, "GET", "/tbl/key", "if-match: " HELLO_TAG "\nif-unmodified-since: " OLDER,
			NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-unmodified-since: " OLDER, NULL, 412,
			"PreconditionFailed"},
		{ANN, "GET", "/tbl/key",
			"if-unmodified-since: " OLDER "\nif-none-match: " HELLO_TAG, NULL, 412,
			"PreconditionFailed"},
		{ANN, "GET", "/tbl/key", "if-unmodified-since: " OLD, NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-none-match: " HELLO_TAG, NULL, 304, ""},
		{ANN, "GET", "/tbl/key", "if-none-match: *", NULL, 304, ""},
		{ANN, "GET", "/tbl/key", "if-none-match: \"x\"", NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-none-match: \"x\"\nif-modified-since: " OLD, NULL,
			200, ""},
		{ANN, "GET", "/tbl/key", "if-modified-since: " OLD, NULL, 304, ""},
		{ANN, "GET", "/tbl/key", "if-modified-since: " OLDER, NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-modified-since: " FUTURE, NULL, 200, ""},
		{ANN, "GET", "/tbl/key", "if-modified-since: nonsense", NULL, 200, ""},
		{ANN, "HEAD", "/tbl/key", "if-none-match: " HELLO_TAG, NULL, 304, ""},
		{ANN, "HEAD", "/tbl/key", "if-match: \"x\"", NULL, 412, ""},
		{ANN, "GET", "/tbl/none", "if-match: *", NULL, 404, "NoSuchKey"},
	};
	struct ask q;

	rig_table((struct rig *)*state, rows);
	ask_begin(&q, *state, ANN, "GET", "/tbl/key");
	ask_header(&q, "if-none-match", "*");
	ask_expect(&q, 304, "");
	assert_span_eq(ask_response_header(&q, "etag"), HELLO_TAG);
	assert_int_equal(ask_response(&q).n, 0);
	ask_end(&q);
}

static void conditions_of_writes(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/key", "if-none-match: *", "x", 412, "PreconditionFailed"},
		{ANN, "PUT", "/tbl/key", "if-none-match: " HELLO_TAG, "x", 412,
			"PreconditionFailed"},
		{ANN, "PUT", "/tbl/key", "if-match: \"x\"", "x", 412, "PreconditionFailed"},
		{ANN, "PUT", "/tbl/none", "if-match: *", "x", 404, "NoSuchKey"},
		{ANN, "PUT", "/tbl/none", "if-match: " HELLO_TAG, "x", 404, "NoSuchKey"},
		{ANN, "GET", "/tbl/none", NULL, NULL, 404, "NoSuchKey"},
		{ANN, "PUT", "/tbl/key", "if-match: " HELLO_TAG, "hello", 200, ""},
		{ANN, "PUT", "/tbl/key", "if-match: *", "hello", 200, ""},
		{ANN, "PUT", "/tbl/key", "if-none-match: \"x\"", "hello", 200, ""},
		{ANN, "PUT", "/tbl/fresh", "if-none-match: *", "hello", 200, ""},
		{ANN, "DELETE", "/tbl/key", "if-match: \"x\"", NULL, 412, "PreconditionFailed"},
		{ANN, "DELETE", "/tbl/key", "x-amz-if-match-size: 6", NULL, 412,
			"PreconditionFailed"},
		{ANN, "DELETE", "/tbl/key", "x-amz-if-match-size: x", NULL, 400,
			"InvalidArgument"},
		{ANN, "DELETE", "/tbl/key", "x-amz-if-match-last-modified-time: " OLDER, NULL,
			412, "PreconditionFailed"},
		{ANN, "DELETE", "/tbl/key", "x-amz-if-match-last-modified-time: x", NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl/key", NULL, NULL, 200, ""},
		{ANN, "DELETE", "/tbl/key",
			"if-match: " HELLO_TAG
			"\nx-amz-if-match-size: 5\nx-amz-if-match-last-modified-time: " OLD,
			NULL, 204, ""},
		{ANN, "DELETE", "/tbl/key", "if-match: \"x\"", NULL, 204, ""},
		{ANN, "DELETE", "/tbl/key", NULL, NULL, 204, ""},
		{ANN, "GET", "/tbl/key", NULL, NULL, 404, "NoSuchKey"},
	};

	rig_table((struct rig *)*state, rows);
}

/* ---- keys ---- */

static void strange_keys_live_side_by_side(void **state)
{
	static const char *const keys[] = {"a", "a/", "a/b", "a//b", "/a", "a/../b", "..",
		"%2E%2E/", ".", "%01%7F", "a%0D%0Ab", "%2525", "a%5Cb", "+", "%20",
		"%C3%A9%F0%9F%98%80", "a.maxiofs-", "health"};
	struct rig *r = *state;
	char body[2] = "A";

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		body[0] = (char)('A' + (char)i);
		rig_expect(r, ANN, "PUT", arena_printf(r->arena, "/tbl/%s", keys[i]),
			arena_strdup(r->arena, body), 200, "");
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct ask q;

		body[0] = (char)('A' + (char)i);
		ask_begin(&q, r, ANN, "GET", arena_printf(r->arena, "/tbl/%s", keys[i]));
		ask_expect(&q, 200, "");
		assert_span_eq(ask_response(&q), body);
		ask_end(&q);
	}
	rig_expect(r, ANN, "DELETE", "/tbl/a/", NULL, 204, "");
	rig_expect(r, ANN, "GET", "/tbl/a", NULL, 200, "");
	rig_expect(r, ANN, "GET", "/tbl/a/b", NULL, 200, "");
}

/* ---- large ones ---- */

static char *pattern(struct rig *r, size_t n)
{
	char *p = arena_alloc_raw(r->arena, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)(i * 31 + i / 253);
	return p;
}

static void a_large_object_is_streamed_as_a_transfer(void **state)
{
	enum { SIZE = 3 * 1024 * 1024 + 17 };
	struct rig *r = *state;
	char *data = pattern(r, SIZE);
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/tbl/large");
	q.body = span_of(data, SIZE);
	ask_expect(&q, 200, "");
	assert_true(q.d.entered_transfer);
	assert_true(arena_used(q.d.arena) < 512 * 1024);
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl/large");
	ask_expect(&q, 200, "");
	assert_true(q.d.entered_transfer);
	assert_true(arena_used(q.d.arena) < 512 * 1024);
	assert_int_equal(ask_response(&q).n, SIZE);
	assert_memory_equal(ask_response(&q).p, data, SIZE);
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl/large");
	q.d.no_transfer = true;
	ask_expect(&q, 503, "SlowDown");
	ask_end(&q);
	ask_begin(&q, r, ANN, "HEAD", "/tbl/large");
	q.d.no_transfer = true;
	ask_expect(&q, 200, "");
	ask_end(&q);
}

static void a_failure_after_the_head_cuts_the_connection(void **state)
{
	enum { SIZE = 1024 * 1024 };
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/tbl/large");
	q.body = span_of(pattern(r, SIZE), SIZE);
	ask_expect(&q, 200, "");
	ask_end(&q);
	for (int client = 0; client < 2; client++) {
		ask_begin(&q, r, ANN, "GET", "/tbl/large");
		if (client)
			q.d.fail_write_after = 300 * 1024;
		else
			store_fault_arm(r->store, 3); /* open, one read, then */
		ask_send(&q);
		assert_int_equal(q.d.status, 200);
		assert_true(q.d.aborted);
		assert_false(ask_has(&q, "<Error>"));
		ask_end(&q);
		store_fault_arm(r->store, 0);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_object_comes_back_with_its_headers),
		T(overwriting_replaces_metadata_whole),
		T(metadata_names_keep_their_underscores),
		T(duplicated_metadata_is_joined),
		T(aws_chunked_never_stays_in_content_encoding),
		T(headers_that_cannot_be_stored_are_refused),
		T(ranges),
		T(a_range_of_another_object_is_ignored),
		T(ranges_of_an_empty_object),
		T(part_one_of_a_plain_object_is_the_whole),
		T(overrides_replace_headers_of_signed_reads),
		T(conditions_of_reads),
		T(conditions_of_writes),
		T(strange_keys_live_side_by_side),
		T(a_large_object_is_streamed_as_a_transfer),
		T(a_failure_after_the_head_cuts_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
