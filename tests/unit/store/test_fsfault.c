/* SPDX-License-Identifier: MIT */
/* Driver fs: fail the n-th system call until the operation passes. */
#include "tests/unit/testing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/fs.h"
#include "tests/unit/store/workdir.h"

#define BUCKET SPAN_LIT("backups")
#define ROOT "objects/backups"

struct faulty {
	struct fssys sys, real;
	unsigned nth, calls;
	int error;
	bool short_writes;
	uint64_t free_blocks; /* as statvfs tells it; 0: as it is */
	const char *only;     /* counts calls of this name alone; NULL: all */
	const char *hit;      /* the call that failed */
};

struct fixture {
	struct faulty faulty;
	struct store *s;
	char *dir;
};

static bool strike(struct fssys *sys, const char *what)
{
	struct faulty *f = (struct faulty *)sys;

	if (f->only && strcmp(f->only, what) != 0)
		return false;
	if (++f->calls != f->nth)
		return false;
	f->hit = what;
	errno = f->error;
	return true;
}

static struct fssys *real(struct fssys *sys)
{
	return &((struct faulty *)sys)->real;
}

static int faulty_open(struct fssys *sys, int dirfd, const char *path, int flags, mode_t mode)
{
	return strike(sys, "open") ? -1 : real(sys)->open(real(sys), dirfd, path, flags, mode);
}

static int faulty_mkdir(struct fssys *sys, int dirfd, const char *name, mode_t mode)
{
	return strike(sys, "mkdir") ? -1 : real(sys)->mkdir(real(sys), dirfd, name, mode);
}

static int faulty_unlink(struct fssys *sys, int dirfd, const char *name, int flags)
{
	return strike(sys, "unlink") ? -1 : real(sys)->unlink(real(sys), dirfd, name, flags);
}

static ssize_t faulty_write(struct fssys *sys, int fd, const void *p, size_t n)
{
	if (strike(sys, "write"))
		return -1;
	if (((struct faulty *)sys)->short_writes && n > 1)
		n = n / 2;
	return real(sys)->write(real(sys), fd, p, n);
}

static ssize_t faulty_copy_range(struct fssys *sys, int from, off_t off, int to, size_t n)
{
	if (strike(sys, "copy_range"))
		return -1;
	if (((struct faulty *)sys)->short_writes && n > 1)
		n = n / 2;
	return real(sys)->copy_range(real(sys), from, off, to, n);
}

static int faulty_set_tag(struct fssys *sys, int fd, const void *p, size_t n)
{
	return strike(sys, "set_tag") ? -1 : real(sys)->set_tag(real(sys), fd, p, n);
}

static int faulty_fsync(struct fssys *sys, int fd)
{
	return strike(sys, "fsync") ? -1 : real(sys)->fsync(real(sys), fd);
}

static int faulty_statvfs(struct fssys *sys, int fd, struct statvfs *v_r)
{
	const struct faulty *f = (struct faulty *)sys;
	int r = real(sys)->statvfs(real(sys), fd, v_r);

	if (f->free_blocks)
		v_r->f_bavail = f->free_blocks;
	return r;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;

	f->dir = workdir_new();
	f->faulty.real = fssys_real();
	f->faulty.sys = f->faulty.real;
	f->faulty.sys.open = faulty_open;
	f->faulty.sys.mkdir = faulty_mkdir;
	f->faulty.sys.unlink = faulty_unlink;
	f->faulty.sys.write = faulty_write;
	f->faulty.sys.copy_range = faulty_copy_range;
	f->faulty.sys.set_tag = faulty_set_tag;
	f->faulty.sys.fsync = faulty_fsync;
	f->faulty.sys.statvfs = faulty_statvfs;
	assert_int_equal(fs_open_with(f->dir, &f->faulty.sys, &f->s, &e), 0);
	assert_int_equal(f->s->ops->bucket_create(f->s, SPAN_NULL, BUCKET, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_free(f->s);
	workdir_free(f->dir);
	free(f);
	return 0;
}

static void arm(struct fixture *f, unsigned nth, int error)
{
	f->faulty.nth = nth;
	f->faulty.calls = 0;
	f->faulty.error = error;
	if (nth)
		f->faulty.hit = NULL;
}

static struct store_loc loc_of(const char *key, uint64_t gen)
{
	return (struct store_loc){.bucket = BUCKET, .key = span_str(key), .gen = gen};
}

static int put(struct store *s, const struct store_loc *loc, struct err *e)
{
	const struct store_tag tag = {.vseq = 1};
	struct store_writer *w;

	if (s->ops->create(s, loc, UINT64_MAX, &w, e) < 0)
		return -1;
	if (s->ops->write(w, "0123456789", 10, e) < 0) {
		s->ops->abort(w);
		return -1;
	}
	return s->ops->commit(w, &tag, e);
}

static bool is_whole(struct store *s, const struct store_loc *loc)
{
	struct store_reader *r;
	char buf[32];
	size_t n;
	struct err e;

	if (s->ops->open(s, loc, &r, &e) < 0)
		return false;
	assert_int_equal(s->ops->pread(r, buf, sizeof(buf), 0, &n, &e), 0);
	s->ops->close(r);
	return span_eq_str(span_of(buf, n), "0123456789");
}

static void check_nothing_is_left(struct fixture *f, unsigned nth)
{
	unsigned files, dirs;

	workdir_count(f->dir, ROOT, &files, &dirs);
	if (files + dirs)
		fail_msg("call %u (%s) left %u files, %u directories", nth, f->faulty.hit,
			files, dirs);
	assert_int_equal(fs_of(f->s)->dirs.pending_count, 0);
}

static void fail_each_call_of_a_put(
	struct fixture *f, const char *key, int error, enum err_kind kind)
{
	uint64_t gen = 0;
	unsigned nth = 1;
	struct err e;

	for (;; nth++) {
		struct store_loc first = loc_of(key, ++gen), again = loc_of(key, ++gen);
		int r;

		arm(f, nth, error);
		r = put(f->s, &first, &e);
		if (r == 0 && f->faulty.hit)
			fail_msg("a failed %s was passed over", f->faulty.hit);
		if (r == 0)
			break;
		assert_int_equal(e.kind, kind);
		arm(f, 0, 0);
		check_nothing_is_left(f, nth);
		if (put(f->s, &again, &e) < 0)
			fail_msg("after call %u: %s", nth, e.text);
		assert_true(is_whole(f->s, &again) && !is_whole(f->s, &first));
		assert_int_equal(f->s->ops->remove(f->s, &again, &e), 0);
	}
	assert_true(nth > 5);
	arm(f, 0, 0);
}

static void a_put_with_a_failed_call_leaves_nothing(void **state)
{
	fail_each_call_of_a_put(*state, "key", EIO, ERR_IO);
}

static void new_directories_with_a_failed_call_leave_nothing(void **state)
{
	fail_each_call_of_a_put(*state, "new/directories/key", EIO, ERR_IO);
}

static void a_full_disk_is_told(void **state)
{
	fail_each_call_of_a_put(*state, "some/key", ENOSPC, ERR_FULL);
}

static void data_leaves_the_end_of_the_disk_to_metadata(void **state)
{
	static char chunk[1 << 20];
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1), b = loc_of("b", 2);
	struct store_writer *w;
	unsigned mib = 0;
	struct err e;

	assert_int_equal(put(f->s, &a, &e), 0);
	assert_int_equal(f->s->ops->create(f->s, &b, UINT64_MAX, &w, &e), 0);
	f->faulty.free_blocks = 1;
	while (f->s->ops->write(w, chunk, sizeof(chunk), &e) == 0)
		assert_true(++mib < 64);
	assert_int_equal(e.kind, ERR_FULL);
	f->s->ops->abort(w);
	assert_int_equal(f->s->ops->create(f->s, &b, 1, &w, &e), -1);
	assert_int_equal(e.kind, ERR_FULL);
	assert_true(is_whole(f->s, &a));
	assert_int_equal(f->s->ops->probe(f->s, &e), 0);
	assert_int_equal(f->s->ops->remove(f->s, &a, &e), 0);
	f->faulty.free_blocks = 0;
	assert_int_equal(put(f->s, &b, &e), 0);
}

static void a_refusal_of_the_file_system_is_no_denial(void **state)
{
	fail_each_call_of_a_put(*state, "some/key", EACCES, ERR_IO);
}

static void short_and_interrupted_writes_go_on(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1);
	struct err e;

	f->faulty.short_writes = true;
	arm(f, 4, EINTR); /* two opens, a write, a write */
	assert_int_equal(put(f->s, &a, &e), 0);
	assert_string_equal(f->faulty.hit, "write");
	assert_true(is_whole(f->s, &a));
}

static void a_blob_whose_write_failed_is_never_committed(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1);
	struct store_writer *w;
	struct err e;

	assert_int_equal(f->s->ops->create(f->s, &a, 2, &w, &e), 0);
	arm(f, 1, EIO);
	assert_int_equal(f->s->ops->write(w, "a", 1, &e), -1);
	assert_int_equal(f->s->ops->write(w, "b", 1, &e), 0);
	assert_int_equal(f->s->ops->commit(w, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_IO);
	check_nothing_is_left(f, 1);
}

static int copy(struct store *s, const struct store_loc *from, const struct store_loc *to,
	struct err *e)
{
	struct store_writer *w = NULL;
	struct store_reader *r;
	int rc = -1;

	if (s->ops->open(s, from, &r, e) < 0)
		return -1;
	if (s->ops->create(s, to, UINT64_MAX, &w, e) == 0) {
		rc = s->ops->copy_range(w, r, 0, 10, e);
		if (rc == 0)
			rc = s->ops->commit(w, NULL, e);
		else
			s->ops->abort(w);
	}
	s->ops->close(r);
	return rc;
}

static void a_copy_with_a_failed_call_leaves_nothing(void **state)
{
	static const int errors[] = {EIO, ENOSPC};
	struct fixture *f = *state;
	struct store_loc from = loc_of("from", 1), to = loc_of("new/to", 2);
	struct err e;

	assert_int_equal(put(f->s, &from, &e), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(f->s->ops->remove(f->s, &to, &e), 0);
		for (unsigned nth = 1;; nth++) {
			unsigned files, dirs;
			int rc;

			to.gen++;
			arm(f, nth, errors[i]);
			rc = copy(f->s, &from, &to, &e);
			arm(f, 0, 0);
			if (rc == 0)
				break;
			assert_int_equal(e.kind, errors[i] == EIO ? ERR_IO : ERR_FULL);
			workdir_count(f->dir, ROOT, &files, &dirs);
			assert_int_equal(files, 1);
			assert_int_equal(dirs, 0);
			assert_true(nth < 40);
		}
	}
	assert_true(is_whole(f->s, &to));
}

/* Short copies go on; what the kernel cannot copy, or no further, is read and written. */
static void a_copy_goes_on_by_hand_where_the_kernel_cannot(void **state)
{
	static const int errors[] = {EXDEV, EOPNOTSUPP, EINVAL, ENOSYS, EINTR};
	struct fixture *f = *state;
	struct store_loc from = loc_of("from", 1), to = loc_of("to", 2);
	struct err e;

	assert_int_equal(put(f->s, &from, &e), 0);
	f->faulty.only = "copy_range";
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (int later = 0; later < 2; later++) {
			f->faulty.short_writes = later;
			to.gen++;
			arm(f, later ? 2 : 1, errors[i]);
			assert_int_equal(copy(f->s, &from, &to, &e), 0);
			assert_non_null(f->faulty.hit);
			arm(f, 0, 0);
			assert_true(is_whole(f->s, &to));
		}
}

static void a_failed_fsync_is_not_asked_twice(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1);
	unsigned calls;
	struct err e;

	arm(f, 0, 0);
	assert_int_equal(put(f->s, &a, &e), 0);
	calls = f->faulty.calls; /* open, open, write, tag, fsync, fsync */
	assert_int_equal(calls, 6);
	a.gen++;
	arm(f, 5, EIO);
	assert_int_equal(put(f->s, &a, &e), -1);
	assert_string_equal(f->faulty.hit, "fsync");
	assert_int_equal(f->faulty.calls, 6); /* what follows is the unlink */
	assert_false(is_whole(f->s, &a));
}

static void removals_and_places_survive_failed_calls(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("x/a", 1);
	struct err e;

	for (unsigned nth = 1;; nth++) {
		a.gen = nth;
		arm(f, 0, 0);
		assert_int_equal(put(f->s, &a, &e), 0);
		arm(f, nth, EIO);
		if (f->s->ops->remove(f->s, &a, &e) == 0 && !f->faulty.hit)
			break;
		arm(f, 0, 0);
		assert_int_equal(f->s->ops->remove(f->s, &a, &e), 0);
		assert_false(is_whole(f->s, &a));
	}
	for (unsigned nth = 1;; nth++) {
		struct span other = SPAN_LIT("other"), tenant = SPAN_LIT("tenant-0123abcd");

		arm(f, nth, EIO);
		if (f->s->ops->bucket_create(f->s, tenant, other, &e) == 0)
			break;
		assert_int_equal(e.kind, ERR_IO);
		arm(f, 0, 0);
		assert_int_equal(f->s->ops->bucket_create(f->s, tenant, other, &e), 0);
		assert_int_equal(f->s->ops->bucket_remove(f->s, tenant, other, &e), 0);
	}
}

static void a_probe_tells_each_failure(void **state)
{
	struct fixture *f = *state;
	unsigned nth = 1;
	struct err e;

	for (;; nth++) {
		arm(f, nth, ENOSPC);
		if (f->s->ops->probe(f->s, &e) == 0)
			break;
		assert_int_equal(e.kind, ERR_FULL);
	}
	assert_int_equal(nth, 5); /* open, write, fsync, unlink */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_put_with_a_failed_call_leaves_nothing),
		TEST(new_directories_with_a_failed_call_leave_nothing),
		TEST(a_full_disk_is_told),
		TEST(data_leaves_the_end_of_the_disk_to_metadata),
		TEST(a_refusal_of_the_file_system_is_no_denial),
		TEST(short_and_interrupted_writes_go_on),
		TEST(a_blob_whose_write_failed_is_never_committed),
		TEST(a_copy_with_a_failed_call_leaves_nothing),
		TEST(a_copy_goes_on_by_hand_where_the_kernel_cannot),
		TEST(a_failed_fsync_is_not_asked_twice),
		TEST(removals_and_places_survive_failed_calls),
		TEST(a_probe_tells_each_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
