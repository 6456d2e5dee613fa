/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdlib.h>

#include "base/rnd.h"
#include "model/objmeta.h"

static void metadata_round_trips_with_empty_and_large_values(void **state)
{
	struct arena *a = arena_new();
	char large[70000];
	struct objmeta_pair pairs[] = {
		{SPAN_LIT("empty"), SPAN_LIT("")},
		{SPAN_LIT("k\xc3\xa4se"), SPAN_LIT("caf\xc3\xa9, \x01")},
		{SPAN_LIT("n"), span_of(memset(large, 'x', sizeof(large)), sizeof(large))},
	};
	struct objmeta in = {.user = pairs, .user_count = 3},
		       out = {.content_type = SPAN_LIT("t")};
	struct span blob;
	struct err e;

	(void)state;
	in.sys[OBJMETA_CACHE_CONTROL] = SPAN_LIT("no-store");
	in.sys[OBJMETA_STORAGE_CLASS] = SPAN_LIT("");
	in.content_type = SPAN_LIT("text/plain");
	blob = objmeta_encode(a, &in);
	assert_int_equal(objmeta_decode(a, blob, &out, &e), 0);
	assert_span_eq(out.content_type, "t");
	assert_span_eq(out.sys[OBJMETA_CACHE_CONTROL], "no-store");
	assert_false(span_absent(out.sys[OBJMETA_STORAGE_CLASS]));
	assert_int_equal(out.sys[OBJMETA_STORAGE_CLASS].n, 0);
	assert_true(span_absent(out.sys[OBJMETA_EXPIRES]));
	assert_int_equal(out.user_count, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(span_eq(out.user[i].name, pairs[i].name));
		assert_true(span_eq(out.user[i].value, pairs[i].value));
		assert_false(span_absent(out.user[i].value));
	}
	arena_free(a);
}

static void nothing_is_the_empty_blob(void **state)
{
	struct arena *a = arena_new();
	struct objmeta none = {.content_type = SPAN_LIT("text/plain")}, out;
	struct err e;

	(void)state;
	assert_int_equal(objmeta_encode(a, &none).n, 0);
	assert_int_equal(objmeta_decode(a, SPAN_LIT(""), &out, &e), 0);
	assert_int_equal(out.user_count, 0);
	assert_int_equal(objmeta_decode(a, SPAN_NULL, &out, &e), 0);
	assert_true(span_absent(out.sys[0]));
	arena_free(a);
}

static void user_bytes_count_names_and_values(void **state)
{
	struct objmeta_pair pairs[] = {
		{SPAN_LIT("abc"), SPAN_LIT("de")}, {SPAN_LIT("f"), SPAN_LIT("")}};
	struct objmeta m = {.user = pairs, .user_count = 2};

	(void)state;
	assert_int_equal(objmeta_user_bytes(&m), 6);
}

static void every_system_header_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < OBJMETA_SYS_COUNT; i++)
		assert_non_null(objmeta_sys_header((enum objmeta_sys)i));
	assert_string_equal(objmeta_sys_header(OBJMETA_CACHE_CONTROL), "Cache-Control");
}

static void damaged_blobs_are_refused(void **state)
{
	static const char *const bad[] = {"\x02", "\x01\x08\x01x", "\x01\x01",
		"\x01\x01\x05xxxx", "\x01\x7f\x01", "\x01\x7f\x01\x01n",
		"\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"};
	struct arena *a = arena_new();
	struct objmeta out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(objmeta_decode(a, span_str(bad[i]), &out, &e), -1);
		assert_int_equal(e.kind, ERR_INTERNAL);
	}
	arena_free(a);
}

static void cut_and_flipped_blobs_never_read_outside(void **state)
{
	struct arena *a = arena_new();
	struct objmeta_pair pair = {SPAN_LIT("name"), SPAN_LIT("value")};
	struct objmeta m = {.user = &pair, .user_count = 1}, out;
	struct span blob;
	struct err e;
	int failures = 0;

	(void)state;
	m.sys[OBJMETA_EXPIRES] = SPAN_LIT("never");
	blob = objmeta_encode(a, &m);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)(rnd_u64() % (blob.n + 1));
		char *copy = malloc(n + 1);

		memcpy(copy, blob.p, n);
		if (n)
			copy[rnd_u64() % n] = (char)rnd_u64();
		failures += objmeta_decode(a, span_of(copy, n), &out, &e) < 0;
		free(copy);
		arena_reset(a);
		blob = objmeta_encode(a, &m);
	}
	assert_true(failures > 1000);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_round_trips_with_empty_and_large_values),
		cmocka_unit_test(nothing_is_the_empty_blob),
		cmocka_unit_test(user_bytes_count_names_and_values),
		cmocka_unit_test(every_system_header_has_a_name),
		cmocka_unit_test(damaged_blobs_are_refused),
		cmocka_unit_test(cut_and_flipped_blobs_never_read_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
