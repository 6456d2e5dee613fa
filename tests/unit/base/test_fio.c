/* SPDX-License-Identifier: MIT */
/* Files that are replaced whole, directories, bounded reads. */
#include "tests/unit/testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fio.h"

struct fixture {
	char dir[32];
	int fd;
	struct arena *a;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	umask(022);
	snprintf(f->dir, sizeof(f->dir), "/tmp/mx-fio-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->a = arena_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"f", "d/e/f", "d/e", "d"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)(unlinkat(f->fd, names[i], 0) == 0 ||
			unlinkat(f->fd, names[i], AT_REMOVEDIR));
	assert_int_equal(rmdir(f->dir), 0); /* nothing else was left */
	fio_close(&f->fd);
	arena_free(f->a);
	free(f);
	return 0;
}

static unsigned mode_of(struct fixture *f, const char *path)
{
	struct stat st;

	return fstatat(f->fd, path, &st, 0) < 0 ? 0 : st.st_mode & 07777u;
}

static void a_file_is_replaced_whole(void **state)
{
	struct fixture *f = *state;
	struct span s;

	assert_int_equal(fio_replace_file(f->fd, "f", SPAN_LIT("first"), 0600, &f->e), 0);
	assert_int_equal(mode_of(f, "f"), 0600);
	/* A reader of the old one keeps it. */
	FIO_AUTO_CLOSE int old = openat(f->fd, "f", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fio_replace_file(f->fd, "f", SPAN_LIT("2"), 0640, &f->e), 0);
	assert_int_equal(mode_of(f, "f"), 0640);
	assert_int_equal(fio_read_file(f->fd, "f", 10, f->a, &s, &f->e), 0);
	assert_span_eq(s, "2");
	char buf[10];
	size_t n;
	assert_int_equal(fio_pread_full(old, buf, sizeof(buf), 0, &n, &f->e), 0);
	assert_span_eq(span_of(buf, n), "first");
}

static void what_cannot_be_replaced_stays(void **state)
{
	struct fixture *f = *state;
	struct span s;

	assert_int_equal(fio_make_dirs(f->fd, "d/e", 0700, &f->e), 0);
	assert_int_equal(fio_replace_file(f->fd, "d", SPAN_LIT("x"), 0600, &f->e), -1);
	assert_int_equal(mode_of(f, "d"), 0700);
	assert_int_equal(fio_replace_file(f->fd, "no/f", SPAN_LIT("x"), 0600, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_NOT_FOUND);
	assert_int_equal(fio_replace_file(f->fd, "d/e/f", SPAN_LIT("x"), 0600, &f->e), 0);
	assert_int_equal(fio_read_file(f->fd, "d/e/f", 1, f->a, &s, &f->e), 0);
	assert_span_eq(s, "x");
}

static void reading_is_bounded_and_of_files_only(void **state)
{
	struct fixture *f = *state;
	struct span s;

	assert_int_equal(fio_read_file(f->fd, "f", 5, f->a, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_NOT_FOUND);
	assert_int_equal(fio_replace_file(f->fd, "f", SPAN_LIT("12345"), 0600, &f->e), 0);
	assert_int_equal(fio_read_file(f->fd, "f", 4, f->a, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_LIMIT);
	assert_int_equal(fio_read_file(f->fd, "f", 5, f->a, &s, &f->e), 0);
	assert_span_eq(s, "12345");
	assert_int_equal(fio_replace_file(f->fd, "f", SPAN_LIT(""), 0600, &f->e), 0);
	assert_int_equal(fio_read_file(f->fd, "f", 0, f->a, &s, &f->e), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(fio_read_file(f->fd, ".", 5, f->a, &s, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_INVALID);
}

static void directories_that_are_there_are_left_as_they_are(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fio_make_dirs(f->fd, "d", 0700, &f->e), 0);
	assert_int_equal(fio_make_dirs(f->fd, "d/e", 0755, &f->e), 0);
	assert_int_equal(fio_make_dirs(f->fd, "d/e", 0711, &f->e), 0);
	assert_int_equal(mode_of(f, "d"), 0700);
	assert_int_equal(mode_of(f, "d/e"), 0755);
	assert_int_equal(fio_make_dirs(f->fd, "", 0755, &f->e), -1);
	assert_int_equal(fio_replace_file(f->fd, "f", SPAN_LIT(""), 0600, &f->e), 0);
	assert_int_equal(fio_make_dirs(f->fd, "f/g", 0755, &f->e), -1);
}

static void a_file_in_the_way_is_no_directory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fio_replace_file(f->fd, "f", SPAN_LIT(""), 0600, &f->e), 0);
	assert_int_equal(fio_make_dirs(f->fd, "f", 0755, &f->e), -1);
	assert_int_equal(f->e.kind, ERR_EXISTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_replaced_whole),
		TEST(what_cannot_be_replaced_stays),
		TEST(reading_is_bounded_and_of_files_only),
		TEST(directories_that_are_there_are_left_as_they_are),
		TEST(a_file_in_the_way_is_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
