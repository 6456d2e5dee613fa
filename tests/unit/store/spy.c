/* SPDX-License-Identifier: MIT */
#include "tests/unit/store/spy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/store/workdir.h"
#include "tests/unit/testing.h"

static int spy_fsync(struct fssys *sys, int fd)
{
	struct spy *spy = (struct spy *)sys;
	struct stat st;
	bool fail = false;

	if (spy->lazy)
		return 0;
	assert_int_equal(fstat(fd, &st), 0);
	pthread_mutex_lock(&spy->lock);
	if (st.st_ino == spy->watched) {
		spy->watched_syncs++;
		spy->holding++;
		pthread_cond_broadcast(&spy->changed);
		while (spy->hold)
			pthread_cond_wait(&spy->changed, &spy->lock);
		spy->holding--;
		fail = spy->fail;
	} else {
		spy->other_syncs++;
		pthread_cond_broadcast(&spy->changed);
	}
	pthread_mutex_unlock(&spy->lock);
	errno = EIO;
	return fail ? -1 : spy->real.fsync(&spy->real, fd);
}

int spy_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;

	f->dir = workdir_new();
	f->spy.real = fssys_real();
	f->spy.sys = f->spy.real;
	f->spy.sys.fsync = spy_fsync;
	pthread_mutex_init(&f->spy.lock, NULL);
	pthread_cond_init(&f->spy.changed, NULL);
	assert_int_equal(fs_open_with(f->dir, &f->spy.sys, &f->s, &e), 0);
	assert_int_equal(f->s->ops->bucket_create(f->s, SPAN_NULL, BUCKET, &e), 0);
	*state = f;
	return 0;
}

int spy_teardown(void **state)
{
	struct fixture *f = *state;

	store_free(f->s);
	workdir_free(f->dir);
	pthread_cond_destroy(&f->spy.changed);
	pthread_mutex_destroy(&f->spy.lock);
	free(f);
	return 0;
}

struct store_loc loc_of(const char *key, uint64_t gen)
{
	return (struct store_loc){.bucket = BUCKET, .key = span_str(key), .gen = gen};
}

int put(struct store *s, const struct store_loc *loc, struct span bytes, struct err *e)
{
	const struct store_tag tag = {.vseq = UINT64_MAX - 1,
		.flags = 2,
		.md5 = "0123456789abcde",
		.nparts = 3,
		.mtime_us = -4};
	struct store_writer *w;

	if (s->ops->create(s, loc, UINT64_MAX, &w, e) < 0)
		return -1;
	if (s->ops->write(w, bytes.p, bytes.n, e) < 0) {
		s->ops->abort(w);
		return -1;
	}
	return s->ops->commit(w, &tag, e);
}

void must_put(struct store *s, const struct store_loc *loc)
{
	struct err e;

	if (put(s, loc, SPAN_LIT("x"), &e) < 0)
		fail_msg("put: %s (%s)", e.text, e.where);
}

char *path_in(struct fixture *f, const char *sub)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", f->dir, sub) > 0);
	return path;
}

ino_t inode_of(struct fixture *f, const char *sub)
{
	char *path = path_in(f, sub);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	free(path);
	return st.st_ino;
}
