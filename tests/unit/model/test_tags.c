/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/rnd.h"
#include "model/tags.h"

#define EACUTE "\xc3\xa9"

static struct span repeat(struct arena *a, const char *s, size_t times)
{
	size_t n = strlen(s);
	char *out = arena_alloc_raw(a, n * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(out + i * n, s, n);
	return span_of(out, n * times);
}

static enum tags_fault check_one(struct span key, struct span value)
{
	struct tag tag = {key, value};
	struct tags t = {&tag, 1};
	size_t at;

	return tags_check(&t, TAGS_OBJECT_MAX, &at);
}

static void lengths_are_counted_in_characters(void **state)
{
	static const struct {
		const char *unit;
		size_t key, value;
		enum tags_fault fault;
	} rows[] = {
		{"x", 1, 0, TAGS_OK},
		{"x", 0, 1, TAGS_KEY},
		{"x", 128, 256, TAGS_OK},
		{"x", 129, 0, TAGS_KEY},
		{"x", 1, 257, TAGS_VALUE},
		{EACUTE, 128, 256, TAGS_OK},
		{EACUTE, 129, 0, TAGS_KEY},
		{EACUTE, 1, 257, TAGS_VALUE},
		{"\xf0\x90\x8d\x88", 128, 256, TAGS_OK},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(check_one(repeat(a, rows[i].unit, rows[i].key),
					 repeat(a, rows[i].unit, rows[i].value)),
			rows[i].fault);
	arena_free(a);
}

static void only_letters_digits_spaces_and_some_marks_are_legal(void **state)
{
	static const struct {
		const char *text;
		bool legal;
	} rows[] = {
		{"AZaz09 +-=._:/@", true},
		{"na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac \xd0\xb6",
			true},                              /* Latin, Han, Cyrillic */
		{"\xc2\xaa\xc2\xb5\xc2\xbc\xc2\xa0", true}, /* ª µ ¼, no-break space */
		{"a\tb", false},
		{"a\nb", false},
		{"\x7f", false},
		{"*", false},
		{"a,b", false},
		{"a&b", false},
		{"a?", false},
		{"<", false},
		{"{}", false},
		{"\xc2\x85", false},         /* a control */
		{"\xc2\xa9", false},         /* © */
		{"\xe2\x80\x9c", false},     /* a quotation mark */
		{"\xe2\x82\xac", false},     /* € */
		{"\xf0\x9f\x98\x80", false}, /* a picture */
		{"\xee\x80\x80", false},     /* private use */
		{"\xff", false},             /* not UTF-8 */
		{"\xc3", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span s = span_str(rows[i].text);

		assert_int_equal(
			check_one(s, SPAN_LIT("v")), rows[i].legal ? TAGS_OK : TAGS_KEY);
		assert_int_equal(
			check_one(SPAN_LIT("k"), s), rows[i].legal ? TAGS_OK : TAGS_VALUE);
	}
	assert_int_equal(check_one(span_of("a\0b", 3), SPAN_LIT("")), TAGS_KEY);
}

static void the_prefix_of_aws_is_reserved(void **state)
{
	(void)state;
	assert_int_equal(check_one(SPAN_LIT("aws:x"), SPAN_LIT("")), TAGS_RESERVED);
	assert_int_equal(check_one(SPAN_LIT("AWS:x"), SPAN_LIT("")), TAGS_RESERVED);
	assert_int_equal(check_one(SPAN_LIT("aws"), SPAN_LIT("aws:")), TAGS_OK);
	assert_int_equal(check_one(SPAN_LIT("xaws:"), SPAN_LIT("")), TAGS_OK);
}

static void sets_are_bounded_and_without_duplicates(void **state)
{
	struct tag tag[TAGS_BUCKET_MAX + 1];
	char names[TAGS_BUCKET_MAX + 1][8];
	struct tags t = {tag, 0};
	size_t at;

	(void)state;
	for (int i = 0; i <= TAGS_BUCKET_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "k%d", i);
		tag[i] = (struct tag){span_str(names[i]), SPAN_LIT("v")};
	}
	assert_int_equal(tags_check(&t, 0, &at), TAGS_OK);
	for (t.count = 0; t.count <= TAGS_BUCKET_MAX + 1; t.count++) {
		assert_int_equal(tags_check(&t, TAGS_OBJECT_MAX, &at),
			t.count > 10 ? TAGS_TOO_MANY : TAGS_OK);
		assert_int_equal(tags_check(&t, TAGS_BUCKET_MAX, &at),
			t.count > 50 ? TAGS_TOO_MANY : TAGS_OK);
	}
	t.count = 5;
	tag[3].key = tag[1].key;
	assert_int_equal(tags_check(&t, TAGS_OBJECT_MAX, &at), TAGS_DUPLICATE);
	assert_int_equal(at, 3);
	tag[3].key = SPAN_LIT("K1"); /* case counts */
	assert_int_equal(tags_check(&t, TAGS_OBJECT_MAX, &at), TAGS_OK);
}

static void headers_are_read_like_a_query(void **state)
{
	static const struct {
		const char *header;
		const char *want; /* key|value; and so on; NULL: refused */
	} rows[] = {
		{"", ""},
		{"k=v", "k|v;"},
		{"k", "k|;"},
		{"k&", "k|;"},
		{"k=", "k|;"},
		{"a=1&b=2", "a|1;b|2;"},
		{"b=2&a=1", "b|2;a|1;"},
		{"a+b=c%20d", "a b|c d;"},
		{"a%26b=%3D", "a&b|=;"},
		{"a=b=c", "a|b=c;"},
		{"=v", "|v;"},
		{"%C3%A9=%c3%a9", EACUTE "|" EACUTE ";"},
		{"k=%", NULL},
		{"k=%zz", NULL},
		{"%4=v", NULL},
		{"k=%ff", NULL},
		{"\xff=v", NULL},
	};
	struct arena *a = arena_new();
	struct tags t;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[64] = "";
		int rc = tags_parse_header(a, span_str(rows[i].header), &t, &e);

		assert_int_equal(rc, rows[i].want ? 0 : -1);
		if (rc < 0) {
			assert_int_equal(e.kind, ERR_INVALID);
			continue;
		}
		for (size_t n = 0; n < t.count; n++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s|%.*s;",
				SPAN_FMT(t.tag[n].key), SPAN_FMT(t.tag[n].value));
		assert_string_equal(got, rows[i].want);
	}
	arena_free(a);
}

static struct span sample(struct arena *a, struct tags *t)
{
	t->tag = arena_array(a, struct tag, 3);
	t->count = 3;
	t->tag[0] = (struct tag){SPAN_LIT("empty"), SPAN_LIT("")};
	t->tag[1] = (struct tag){repeat(a, EACUTE, 128), repeat(a, EACUTE, 256)};
	t->tag[2] = (struct tag){SPAN_LIT("k"), SPAN_LIT("v")};
	return tags_encode(a, t);
}

static void stored_tags_come_back(void **state)
{
	struct arena *a = arena_new();
	struct tags in, out, none = {0};
	struct span blob = sample(a, &in);
	struct err e;

	(void)state;
	assert_int_equal(tags_stored_count(blob), 3);
	assert_int_equal(tags_decode(a, blob, &out, &e), 0);
	assert_int_equal(out.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(span_eq(out.tag[i].key, in.tag[i].key));
		assert_true(span_eq(out.tag[i].value, in.tag[i].value));
	}
	assert_int_equal(tags_encode(a, &none).n, 0);
	assert_int_equal(tags_decode(a, SPAN_NULL, &out, &e), 0);
	assert_int_equal(out.count, 0);
	assert_int_equal(tags_stored_count(SPAN_NULL), 0);
	arena_free(a);
}

static void damaged_tags_are_refused_and_never_lead_outside(void **state)
{
	static const struct span bad[] = {{"\x02\x01\x01\x00k", 5}, {"\x01", 1},
		{"\x01\x00", 2}, {"\x01\x01", 2}, {"\x01\x01\x02\x00k", 5},
		{"\x01\x01\x01\x00kx", 6},
		{"\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00k", 14}};
	struct arena *a = arena_new();
	struct tags t;
	struct err e;
	int failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(tags_decode(a, bad[i], &t, &e), -1);
		assert_int_equal(e.kind, ERR_INTERNAL);
		assert_int_equal(t.count, 0);
	}
	for (int i = 0; i < 20000; i++) {
		struct span blob = sample(a, &t);
		size_t n = (size_t)(rnd_u64() % (blob.n + 1));
		char *copy = malloc(n + 1);

		memcpy(copy, blob.p, n);
		if (n)
			copy[rnd_u64() % n] = (char)rnd_u64();
		failures += tags_decode(a, span_of(copy, n), &t, &e) < 0;
		free(copy);
		arena_reset(a);
	}
	assert_true(failures > 1000);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_counted_in_characters),
		cmocka_unit_test(only_letters_digits_spaces_and_some_marks_are_legal),
		cmocka_unit_test(the_prefix_of_aws_is_reserved),
		cmocka_unit_test(sets_are_bounded_and_without_duplicates),
		cmocka_unit_test(headers_are_read_like_a_query),
		cmocka_unit_test(stored_tags_come_back),
		cmocka_unit_test(damaged_tags_are_refused_and_never_lead_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
