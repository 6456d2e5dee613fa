/* SPDX-License-Identifier: MIT */
#include "tests/unit/s3/rig.h"

static void an_object_comes_back_as_it_was_put(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/photos", NULL, 200, "");
	ask_begin(&q, r, ANN, "PUT", "/photos/a%2Fb%20c");
	ask_header(&q, "content-type", "text/plain");
	ask_header(&q, "x-amz-meta-color", "blue");
	ask_body(&q, "hello");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/photos/a/b%20c");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response(&q), "hello");
	assert_span_eq(ask_response_header(&q, "content-type"), "text/plain");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-color"), "blue");
	ask_end(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_object_comes_back_as_it_was_put, rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
