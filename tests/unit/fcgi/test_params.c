/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>

#include "fcgi/io.h"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct http_req parse(void **state, const char *const *env)
{
	struct http_req r = {.arena = *state};

	params_to_req((char **)(uintptr_t)env, &r);
	return r;
}
#define PARSE(state, ...) parse((state), (const char *const[]){__VA_ARGS__, NULL})

static void a_request_line_is_taken_as_it_was_sent(void **state)
{
	struct http_req r = PARSE(state, "FCGI_ROLE=RESPONDER", "REQUEST_METHOD=PUT",
		"REQUEST_URI=/b//k%2Fx/../y?a=b?c&d", "REMOTE_ADDR=192.0.2.7", "HTTPS=on");

	assert_span_eq(r.method, "PUT");
	assert_span_eq(r.uri, "/b//k%2Fx/../y?a=b?c&d");
	assert_span_eq(r.path, "/b//k%2Fx/../y");
	assert_span_eq(r.query, "a=b?c&d");
	assert_span_eq(r.remote_addr, "192.0.2.7");
	assert_true(r.https);
	assert_int_equal(r.header_count, 0);
}

static void what_the_front_server_left_out_is_empty(void **state)
{
	struct http_req r =
		PARSE(state, "REQUEST_METHOD", "HTTPS=", "CONTENT_LENGTH=", "CONTENT_TYPE=");

	assert_span_eq(r.method, "");
	assert_span_eq(r.uri, "");
	assert_span_eq(r.host, "");
	assert_span_eq(r.remote_addr, "");
	assert_true(span_absent(r.query));
	assert_false(r.https);
	assert_int_equal(r.content_length, -1);
	assert_int_equal(r.content_length_text.n, 0);
	assert_int_equal(r.header_count, 0);
	r = PARSE(state, "REQUEST_URI=/b?", "HTTPS=OFF");
	assert_false(span_absent(r.query));
	assert_int_equal(r.query.n, 0);
	assert_false(r.https);
}

static void duplicates_stay_in_order(void **state)
{
	struct http_req r = PARSE(state, "HTTP_X_A=1", "HTTP_X_B=x", "HTTP_X_A=2", "HTTP_X_A=");

	assert_int_equal(r.header_count, 4);
	assert_int_equal(http_header_count(&r, "x-a"), 3);
	assert_span_eq(http_header_get(&r, "x-a"), "1");
	assert_span_eq(http_header_joined(&r, "x-a"), "1,2,");
	assert_int_equal(r.header_bytes, (3 + 1 + 4) + (3 + 1 + 4) + (3 + 1 + 4) + (3 + 0 + 4));
}

static void names_are_lower_case_with_hyphens_and_values_untouched(void **state)
{
	struct http_req r = PARSE(
		state, "HTTP_X_AMZ_META_A_B=Ka_f=f\xC3\xA9", "HTTP_HOST=Bucket.Example:8080");

	assert_span_eq(r.headers[0].name, "x-amz-meta-a-b");
	assert_span_eq(r.headers[0].value, "Ka_f=f\xC3\xA9");
	assert_span_eq(http_header_get(&r, "host"), "Bucket.Example:8080");
	assert_span_eq(r.host, "bucket.example:8080");
}

/* A client writes "Proxy:", "Content_Length:" or "Remote-Addr:" and gets nowhere with it. */
static void a_client_cannot_speak_for_the_front_server(void **state)
{
	struct http_req r = PARSE(state, "HTTP_PROXY=http://evil", "HTTP_CONTENT_LENGTH=7",
		"HTTP_CONTENT_TYPE=text/evil", "HTTP_REMOTE_ADDR=127.0.0.1", "HTTP_HTTPS=on",
		"HTTP_REQUEST_METHOD=DELETE", "CONTENT_LENGTH=3", "CONTENT_TYPE=text/plain",
		"REQUEST_METHOD=PUT", "REMOTE_ADDR=192.0.2.7");

	assert_true(span_absent(http_header_get(&r, "proxy")));
	assert_int_equal(http_header_count(&r, "content-length"), 1);
	assert_span_eq(http_header_get(&r, "content-length"), "3");
	assert_int_equal(http_header_count(&r, "content-type"), 1);
	assert_span_eq(http_header_get(&r, "content-type"), "text/plain");
	assert_int_equal(r.content_length, 3);
	assert_span_eq(r.method, "PUT");
	assert_span_eq(r.remote_addr, "192.0.2.7");
	assert_false(r.https);
}

static void a_content_length_is_digits_or_nothing(void **state)
{
	static const struct {
		const char *param;
		int64_t length;
	} rows[] = {
		{"CONTENT_LENGTH=0", 0},
		{"CONTENT_LENGTH=9223372036854775807", INT64_MAX},
		{"CONTENT_LENGTH=9223372036854775808", -1},
		{"CONTENT_LENGTH=18446744073709551616", -1},
		{"CONTENT_LENGTH=-1", -1},
		{"CONTENT_LENGTH=+5", -1},
		{"CONTENT_LENGTH= 5", -1},
		{"CONTENT_LENGTH=5 ", -1},
		{"CONTENT_LENGTH=5,5", -1},
		{"CONTENT_LENGTH=0x5", -1},
		{"CONTENT_LENGTH=1e3", -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_req r = PARSE(state, rows[i].param);

		assert_int_equal(r.content_length, rows[i].length);
		/* Whoever needs a length sees that one was given, and refuses it. */
		assert_span_eq(
			r.content_length_text, rows[i].param + strlen("CONTENT_LENGTH="));
	}
}

static void only_chunked_is_chunked(void **state)
{
	assert_true(PARSE(state, "HTTP_TRANSFER_ENCODING=chunked").chunked);
	assert_true(PARSE(state, "HTTP_TRANSFER_ENCODING= Chunked").chunked);
	assert_false(PARSE(state, "HTTP_TRANSFER_ENCODING=gzip").chunked);
	assert_false(PARSE(state, "HTTP_TE=chunked").chunked);
}

static void headers_beyond_the_bound_are_counted_and_not_kept(void **state)
{
	static char names[HTTP_MAX_HEADERS + 50][32];
	const char *env[HTTP_MAX_HEADERS + 51] = {0};
	struct http_req r;

	for (int i = 0; i < HTTP_MAX_HEADERS + 50; i++) {
		snprintf(names[i], sizeof(names[i]), "HTTP_X_%03d=v", i);
		env[i] = names[i];
	}
	r = parse(state, env);
	assert_true(r.too_many_headers);
	assert_int_equal(r.header_count, HTTP_MAX_HEADERS);
	assert_int_equal(r.header_bytes, (HTTP_MAX_HEADERS + 50) * (5 + 1 + 4));
	env[HTTP_MAX_HEADERS] = NULL;
	assert_false(parse(state, env).too_many_headers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_request_line_is_taken_as_it_was_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_the_front_server_left_out_is_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(duplicates_stay_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
			names_are_lower_case_with_hyphens_and_values_untouched, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_client_cannot_speak_for_the_front_server, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_content_length_is_digits_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(only_chunked_is_chunked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			headers_beyond_the_bound_are_counted_and_not_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
