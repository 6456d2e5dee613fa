/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "codec/json.h"

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

static const struct json *parse(const char *text)
{
	const struct json *v = NULL;
	struct err e;

	assert_int_equal(json_parse(a, span_str(text), &v, &e), 0);
	return v;
}

static void assert_refused(struct span text, enum err_kind kind)
{
	const struct json *v;
	struct err e;

	assert_int_equal(json_parse(a, text, &v, &e), -1);
	assert_int_equal(e.kind, kind);
}

static void values_are_read_by_type(void **state)
{
	const struct json *v = parse(" {\"s\":\"a\\u00e4\\n\",\"i\":-7,\"t\":true,\"n\":null,"
				     "\"l\":[1,\"x\",{}],\"o\":{\"k\":0},\"d\":1.5}\r\n\t ");
	struct span s;
	int64_t i;
	bool b;

	(void)state;
	assert_true(json_is_object(v));
	assert_true(json_str(json_get(v, "s"), &s));
	assert_span_eq(s, "a\xc3\xa4\n");
	assert_true(json_i64(json_get(v, "i"), &i));
	assert_true(i == -7);
	assert_true(json_bool(json_get(v, "t"), &b));
	assert_true(b);
	assert_true(json_is_null(json_get(v, "n")));
	assert_int_equal(json_len(json_get(v, "l")), 3);
	assert_true(json_is_object(json_at(json_get(v, "l"), 2)));
	assert_null(json_at(json_get(v, "l"), 3));
	assert_true(json_i64(json_get(json_get(v, "o"), "k"), &i));
	assert_true(i == 0);
	assert_null(json_get(v, "absent"));
}

static void a_value_of_another_type_is_none(void **state)
{
	const struct json *v = parse("{\"s\":\"7\",\"i\":1,\"d\":1.0,\"t\":true}");
	struct span s;
	int64_t i;
	bool b;

	(void)state;
	assert_false(json_i64(json_get(v, "s"), &i));
	assert_false(json_i64(json_get(v, "d"), &i));
	assert_false(json_i64(json_get(v, "t"), &i));
	assert_false(json_str(json_get(v, "i"), &s));
	assert_false(json_bool(json_get(v, "i"), &b));
	assert_false(json_str(NULL, &s));
	assert_false(json_i64(NULL, &i));
	assert_false(json_bool(NULL, &b));
	assert_false(json_is_array(v));
	assert_false(json_is_object(NULL));
	assert_int_equal(json_len(v), 0);
	assert_null(json_at(v, 0));
	assert_null(json_get(json_get(v, "s"), "x"));
}

static void any_value_may_stand_at_the_top(void **state)
{
	struct span s;
	int64_t i;
	bool b;

	(void)state;
	assert_true(json_i64(parse("42"), &i));
	assert_true(i == 42);
	assert_true(json_i64(parse("-0 "), &i));
	assert_true(json_str(parse("\"\""), &s));
	assert_int_equal(s.n, 0);
	assert_true(json_bool(parse("false"), &b));
	assert_true(json_is_null(parse("null")));
	assert_true(json_is_array(parse("[]")));
}

static void members_are_counted_in_the_order_of_the_text(void **state)
{
	const struct json *v = parse("{\"b\": 1, \"a\": null}"), *member;
	struct span name;
	int64_t n;

	(void)state;
	assert_true(json_member(v, 0, &name, &member));
	assert_span_eq(name, "b");
	assert_true(json_i64(member, &n) && n == 1);
	assert_true(json_member(v, 1, &name, &member));
	assert_span_eq(name, "a");
	assert_true(json_is_null(member));
	assert_false(json_member(v, 2, &name, &member));
	assert_false(json_member(parse("{}"), 0, &name, &member));
	assert_false(json_member(parse("[1]"), 0, &name, &member));
}

static void integers_that_do_not_fit_are_none(void **state)
{
	int64_t i;

	(void)state;
	assert_true(json_i64(parse("9223372036854775806"), &i));
	assert_true(i == INT64_MAX - 1);
	assert_false(json_i64(parse("9223372036854775808"), &i));
	assert_false(json_i64(parse("18446744073709551615"), &i));
	assert_false(json_i64(parse("99999999999999999999999999"), &i));
	assert_false(json_i64(parse("-99999999999999999999999999"), &i));
}

static void what_is_not_json_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "{", "}", "[", "[1", "[1,]", "[,1]",
		"{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "{\"a\":1}x",
		"{\"a\":1}{}", "1 2", "[1 2]", "NaN", "Infinity", "-Infinity", "-", "+1", "01",
		"-01", "1.", ".5", "1e", "1e+", "0x10", "True", "NULL", "nul", "truefalse",
		"\"", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"a\tb\"",
		"// c\n1", "/* c */1", "[1]//", "\"\\u0000\"", "{\"a\\u0000b\":1}",
		"{\"a\"::1}", "[1:2]", "\xef\xbb\xbf{}", "1-2", "1true", "{\"a\":1 \"b\":2}",
		"\\", "\"a\" \"b\""};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(span_str(bad[i]), ERR_INVALID);
	assert_refused(SPAN_LIT("1\0"), ERR_INVALID);
	assert_refused(SPAN_LIT("{}\0{}"), ERR_INVALID);
	assert_refused(SPAN_LIT("\"a\0b\""), ERR_INVALID);
	assert_refused(SPAN_NULL, ERR_INVALID);
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
	(void)state;
	assert_refused(SPAN_LIT("\"\xff\""), ERR_INVALID);
	assert_refused(SPAN_LIT("\"\xc0\x80\""), ERR_INVALID);
	assert_refused(SPAN_LIT("\"\xed\xa0\x80\""), ERR_INVALID);
	assert_refused(SPAN_LIT("{\"\xc3\":1}"), ERR_INVALID);
}

static void a_name_may_not_occur_twice(void **state)
{
	(void)state;
	(void)parse("{\"a\":{\"a\":1},\"b\":[{\"a\":\":\"},{\"a\":null}]}");
	assert_refused(SPAN_LIT("{\"a\":1,\"a\":1}"), ERR_INVALID);
	assert_refused(SPAN_LIT("{\"a\":1,\"\\u0061\":1}"), ERR_INVALID);
	assert_refused(SPAN_LIT("[{\"x\":{\"a\":null,\"a\":null}}]"), ERR_INVALID);
	assert_refused(SPAN_LIT("{\"\":1,\"\":2}"), ERR_INVALID);
}

static void depth_and_size_are_bounded(void **state)
{
	BUF_AUTO struct buf b;

	(void)state;
	buf_init(&b, 2 * JSON_MAX_BYTES);
	for (int i = 0; i < 100000; i++)
		buf_add_char(&b, '[');
	assert_refused(buf_span(&b), ERR_LIMIT);
	buf_clear(&b);
	for (int i = 0; i < JSON_MAX_DEPTH - 1; i++)
		buf_add_char(&b, '[');
	for (int i = 0; i < JSON_MAX_DEPTH - 1; i++)
		buf_add_char(&b, ']');
	(void)parse(buf_span(&b).p);
	buf_clear(&b);
	buf_add_char(&b, '1');
	while (b.n < JSON_MAX_BYTES)
		buf_add_char(&b, ' ');
	(void)parse(buf_span(&b).p);
	buf_add_char(&b, ' ');
	assert_refused(buf_span(&b), ERR_LIMIT);
}

static void the_writer_puts_commas_and_escapes(void **state)
{
	BUF_AUTO struct buf b;
	struct jsonw w;

	(void)state;
	buf_init(&b, 4096);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "s", "q\"\\/\b\n\r\t\x01\x7f\xc3\xa4");
	jsonw_str(&w, "no", NULL);
	jsonw_span(&w, "z", SPAN_LIT("a\0b\xff"));
	jsonw_span(&w, "e", SPAN_LIT(""));
	jsonw_i64(&w, "i", INT64_MIN);
	jsonw_u64(&w, "u", UINT64_MAX);
	jsonw_bool(&w, "t", true);
	jsonw_array(&w, "l");
	jsonw_null(&w, NULL);
	jsonw_object(&w, NULL);
	jsonw_end_object(&w);
	jsonw_array(&w, NULL);
	jsonw_end_array(&w);
	jsonw_bool(&w, NULL, false);
	jsonw_end_array(&w);
	jsonw_time(&w, "at", 0);
	jsonw_end_object(&w);
	assert_int_equal(w.depth, 0);
	assert_span_eq(buf_span(&b),
		"{\"s\":\"q\\\"\\\\/\\u0008\\n\\r\\t\\u0001\x7f\xc3\xa4\",\"no\":null,"
		"\"z\":\"a\\u0000b\xef\xbf\xbd\",\"e\":\"\",\"i\":-9223372036854775808,"
		"\"u\":18446744073709551615,\"t\":true,\"l\":[null,{},[],false],"
		"\"at\":\"1970-01-01T00:00:00.000Z\"}");
}

static void what_was_written_reads_back(void **state)
{
	BUF_AUTO struct buf b;
	struct jsonw w;
	struct span s;
	char all[127];

	(void)state;
	for (int i = 0; i < 127; i++)
		all[i] = (char)(i + 1);
	buf_init(&b, 4096);
	jsonw_init(&w, &b);
	jsonw_array(&w, NULL);
	jsonw_span(&w, NULL, span_of(all, 127));
	jsonw_span(&w, NULL, SPAN_LIT("\xf0\x9f\x98\x80"));
	jsonw_end_array(&w);
	assert_true(json_str(json_at(parse(buf_span(&b).p), 0), &s));
	assert_true(span_eq(s, span_of(all, 127)));
	assert_true(json_str(json_at(parse(buf_span(&b).p), 1), &s));
	assert_span_eq(s, "\xf0\x9f\x98\x80");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_by_type),
		cmocka_unit_test(a_value_of_another_type_is_none),
		cmocka_unit_test(any_value_may_stand_at_the_top),
		cmocka_unit_test(members_are_counted_in_the_order_of_the_text),
		cmocka_unit_test(integers_that_do_not_fit_are_none),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
		cmocka_unit_test(a_name_may_not_occur_twice),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(the_writer_puts_commas_and_escapes),
		cmocka_unit_test(what_was_written_reads_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
