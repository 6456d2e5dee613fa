/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fio.h"
#include "base/rnd.h"
#include "base/scan.h"
#include "base/source.h"

static int cleanups;

static void count_cleanup(void *arg)
{
	cleanups = cleanups * 10 + (int)(intptr_t)arg;
}

static void arena_runs_cleanups_newest_first(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	cleanups = 0;
	arena_defer(a, count_cleanup, (void *)1);
	arena_defer(a, count_cleanup, (void *)2);
	arena_reset(a);
	assert_int_equal(cleanups, 21);
	assert_int_equal(arena_used(a), 0);
	memset(arena_alloc(a, 1 << 20), 1, 1 << 20);
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	arena_free(a);
}

static void buf_refuses_past_its_maximum(void **state)
{
	BUF_AUTO struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_add_str(&b, "12345678");
	assert_true(buf_ok(&b));
	buf_add_char(&b, '9');
	assert_false(buf_ok(&b));
	assert_span_eq(buf_span(&b), "12345678");
	buf_clear(&b);
	buf_printf(&b, "%d", 42);
	assert_true(buf_ok(&b));
}

static void spans_cut_find_and_compare(void **state)
{
	struct span rest = SPAN_LIT("a;;b"), f;
	uint64_t v;

	(void)state;
	assert_true(span_cut(&rest, ';', &f));
	assert_span_eq(f, "a");
	assert_true(span_cut(&rest, ';', &f));
	assert_span_eq(f, "");
	assert_true(span_cut(&rest, ';', &f));
	assert_span_eq(f, "b");
	assert_false(span_cut(&rest, ';', &f));
	assert_true(span_cmp(SPAN_LIT("a"), SPAN_LIT("a/")) < 0);
	assert_true(span_cmp(SPAN_LIT("a\xff"), SPAN_LIT("ab")) > 0);
	assert_true(span_eq_ci(SPAN_LIT("AbC"), SPAN_LIT("aBc")));
	assert_true(span_to_u64(SPAN_LIT("18446744073709551615"), &v));
	assert_false(span_to_u64(SPAN_LIT("18446744073709551616"), &v));
	assert_false(span_to_u64(SPAN_LIT("+1"), &v));
	assert_true(span_eq_secret(SPAN_LIT("same"), SPAN_LIT("same")));
	assert_false(span_eq_secret(SPAN_LIT("same"), SPAN_LIT("samE")));
}

static void utf8_is_strict(void **state)
{
	static const char *const bad[] = {
		"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe2\x82", "\xff",
	};

	(void)state;
	assert_true(span_is_utf8(SPAN_LIT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(span_is_utf8(span_str(bad[i])));
}

static void scanner_consumes_exactly(void **state)
{
	struct scan s = scan_of(SPAN_LIT("2026-1f;rest"));
	struct span f;
	uint64_t v;
	int year;

	(void)state;
	assert_true(scan_digits(&s, 4, &year));
	assert_int_equal(year, 2026);
	assert_false(scan_lit(&s, "/"));
	assert_true(scan_char(&s, '-'));
	assert_true(scan_hex64(&s, &v));
	assert_int_equal(v, 0x1f);
	assert_false(scan_until(&s, '!', &f));
	assert_true(scan_char(&s, ';'));
	assert_span_eq(s.rest, "rest");
}

static void files_are_replaced_atomically(void **state)
{
	char dir[] = "/tmp/mx-base-XXXXXX", path[64];
	struct arena *a = arena_new();
	struct err e;
	struct span got;
	struct stat st;
	int dfd = AT_FDCWD;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a/b", dir);
	assert_int_equal(fio_make_dirs(dfd, path, 0700, &e), 0);
	assert_int_equal(fio_make_dirs(dfd, path, 0700, &e), 0);
	snprintf(path, sizeof(path), "%s/a/b/f", dir);
	assert_int_equal(fio_replace_file(dfd, path, SPAN_LIT("one"), 0600, &e), 0);
	assert_int_equal(fio_replace_file(dfd, path, SPAN_LIT("two!"), 0600, &e), 0);
	assert_int_equal(fio_read_file(dfd, path, 100, a, &got, &e), 0);
	assert_span_eq(got, "two!");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fio_read_file(dfd, path, 3, a, &got, &e), -1);
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(fio_read_file(dfd, path, 3, a, &got, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/a/b", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/a", dir);
	rmdir(path);
	rmdir(dir);
	arena_free(a);
}

static void random_text_stays_in_its_alphabet(void **state)
{
	char out[101];

	(void)state;
	rnd_text(out, 100, RND_READABLE);
	assert_int_equal(strlen(out), 100);
	assert_int_equal(strspn(out, RND_READABLE), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_runs_cleanups_newest_first),
		cmocka_unit_test(buf_refuses_past_its_maximum),
		cmocka_unit_test(spans_cut_find_and_compare),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(scanner_consumes_exactly),
		cmocka_unit_test(files_are_replaced_atomically),
		cmocka_unit_test(random_text_stays_in_its_alphabet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
