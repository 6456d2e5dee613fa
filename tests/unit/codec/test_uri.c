/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "codec/uri.h"

static struct arena *a;

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void encoding_keeps_the_unreserved_and_perhaps_slashes(void **state)
{
	BUF_AUTO struct buf b;

	(void)state;
	buf_init(&b, 1000);
	uri_encode(&b, SPAN_LIT("AZaz09-._~/ +%\xc3\xa4\0!"), true);
	assert_span_eq(buf_span(&b), "AZaz09-._~/%20%2B%25%C3%A4%00%21");
	buf_clear(&b);
	uri_encode(&b, SPAN_LIT("/a//b"), false);
	assert_span_eq(buf_span(&b), "%2Fa%2F%2Fb");
}

static void every_byte_survives_encoding_and_decoding(void **state)
{
	BUF_AUTO struct buf b;
	struct span out;
	char all[256];
	struct err e;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	buf_init(&b, 1000);
	uri_encode(&b, span_of(all, 256), false);
	assert_int_equal(uri_decode(a, buf_span(&b), &out, &e), 0);
	assert_int_equal(out.n, 256);
	assert_memory_equal(out.p, all, 256);
	assert_int_equal(uri_decode_query(a, buf_span(&b), &out, &e), 0);
	assert_int_equal(out.n, 256);
	assert_memory_equal(out.p, all, 256);
}

static void encoding_past_the_buffers_maximum_is_marked(void **state)
{
	BUF_AUTO struct buf b;

	(void)state;
	buf_init(&b, 4);
	uri_encode(&b, SPAN_LIT("ab  "), false);
	assert_false(buf_ok(&b));
}

static void decoding_happens_once(void **state)
{
	struct span out;
	struct err e;

	(void)state;
	assert_int_equal(uri_decode(a, SPAN_LIT("a%2525+b%2f%2F"), &out, &e), 0);
	assert_span_eq(out, "a%25+b//");
	assert_int_equal(uri_decode_query(a, SPAN_LIT("a%2525+b%2B"), &out, &e), 0);
	assert_span_eq(out, "a%25 b+");
	assert_int_equal(uri_decode(a, SPAN_NULL, &out, &e), 0);
	assert_true(span_absent(out));
	assert_int_equal(uri_decode(a, SPAN_LIT(""), &out, &e), 0);
	assert_false(span_absent(out));
	assert_int_equal(out.n, 0);
}

static void bad_escapes_are_refused(void **state)
{
	static const char *const bad[] = {
		"%", "a%", "%1", "%g0", "%0g", "%%20", "% 1", "%-1", "%+1"};
	struct span out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(uri_decode(a, span_str(bad[i]), &out, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		assert_int_equal(uri_decode_query(a, span_str(bad[i]), &out, &e), -1);
	}
}

static void queries_tell_absent_from_empty_values(void **state)
{
	struct uri_param *p;
	struct err e;
	size_t n;

	(void)state;
	assert_int_equal(
		uri_parse_query(a, SPAN_LIT("uploads&&prefix=&k=a%26b+c=d&=v&k="), &p, &n, &e),
		0);
	assert_int_equal(n, 5);
	assert_span_eq(p[0].name, "uploads");
	assert_true(span_absent(p[0].value));
	assert_span_eq(p[1].name, "prefix");
	assert_false(span_absent(p[1].value));
	assert_int_equal(p[1].value.n, 0);
	assert_span_eq(p[2].name, "k");
	assert_span_eq(p[2].value, "a&b c=d");
	assert_int_equal(p[3].name.n, 0);
	assert_span_eq(p[3].value, "v");
	assert_span_eq(p[4].name, "k");
}

static void empty_queries_have_no_parameters(void **state)
{
	static const struct span empty[] = {{NULL, 0}, {"", 0}, {"&&&", 3}};
	struct uri_param *p;
	struct err e;
	size_t n = 9;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(uri_parse_query(a, empty[i], &p, &n, &e), 0);
		assert_int_equal(n, 0);
	}
}

static void queries_are_bounded_and_checked(void **state)
{
	BUF_AUTO struct buf b;
	struct uri_param *p;
	struct err e;
	size_t n;

	(void)state;
	buf_init(&b, 10000);
	for (int i = 0; i < URI_MAX_PARAMS; i++)
		buf_add_str(&b, "a=&");
	assert_int_equal(uri_parse_query(a, buf_span(&b), &p, &n, &e), 0);
	assert_int_equal(n, URI_MAX_PARAMS);
	buf_add_str(&b, "a");
	assert_int_equal(uri_parse_query(a, buf_span(&b), &p, &n, &e), -1);
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_int_equal(uri_parse_query(a, SPAN_LIT("a=b&c%=d"), &p, &n, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_int_equal(uri_parse_query(a, SPAN_LIT("a=%zz"), &p, &n, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding_keeps_the_unreserved_and_perhaps_slashes),
		cmocka_unit_test(every_byte_survives_encoding_and_decoding),
		cmocka_unit_test(encoding_past_the_buffers_maximum_is_marked),
		cmocka_unit_test(decoding_happens_once),
		cmocka_unit_test(bad_escapes_are_refused),
		cmocka_unit_test(queries_tell_absent_from_empty_values),
		cmocka_unit_test(empty_queries_have_no_parameters),
		cmocka_unit_test(queries_are_bounded_and_checked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
