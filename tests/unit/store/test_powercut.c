/* SPDX-License-Identifier: MIT */
/*
 * Driver fs on a disk that forgets: a model records what each system call changed and what
 * fsync has made durable since. Whenever a blob is acknowledged, the power might go: its bytes,
 * its tag, its name and the name of every directory above it must be durable by then.
 */
#include "tests/unit/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"
#include "tests/unit/store/workdir.h"

#define BUCKET SPAN_LIT("backups")

/* A name in a directory. */
struct name {
	ino_t dir, child;
	bool durable;
	char text[256];
};

/* Changes of a file's bytes and tag: numbered, and up to which number they are durable. */
struct content {
	ino_t ino;
	unsigned changed, durable;
};

enum { NAMES_MAX = 4096 };

struct disk {
	struct fssys sys, real;
	pthread_mutex_t lock; /* one call at a time; an fsync only begins and ends under it */
	struct name names[NAMES_MAX];
	struct content contents[NAMES_MAX];
	size_t n_names, n_contents;
	unsigned nap_us;                  /* how long an fsync may take */
	bool no_file_syncs, no_dir_syncs; /* they lie */
};

static struct disk *disk_of(struct fssys *sys)
{
	return (struct disk *)sys;
}

static ino_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static struct name *find_name(struct disk *d, ino_t dir, const char *text)
{
	for (size_t i = 0; i < d->n_names; i++)
		if (d->names[i].dir == dir && strcmp(d->names[i].text, text) == 0)
			return &d->names[i];
	return NULL;
}

static struct content *content_of(struct disk *d, ino_t ino)
{
	for (size_t i = 0; i < d->n_contents; i++)
		if (d->contents[i].ino == ino)
			return &d->contents[i];
	assert_true(d->n_contents < NAMES_MAX);
	d->contents[d->n_contents] = (struct content){.ino = ino};
	return &d->contents[d->n_contents++];
}

static void add_name(struct disk *d, int dirfd, const char *text)
{
	struct name *n = &d->names[d->n_names++];
	struct stat st;

	assert_true(d->n_names < NAMES_MAX && !strchr(text, '/'));
	assert_int_equal(fstatat(dirfd, text, &st, AT_SYMLINK_NOFOLLOW), 0);
	*n = (struct name){.dir = inode_of(dirfd), .child = st.st_ino};
	snprintf(n->text, sizeof(n->text), "%s", text);
	*content_of(d, st.st_ino) = (struct content){.ino = st.st_ino};
}

static int disk_open(struct fssys *sys, int dirfd, const char *path, int flags, mode_t mode)
{
	struct disk *d = disk_of(sys);
	int fd;

	pthread_mutex_lock(&d->lock);
	fd = d->real.open(&d->real, dirfd, path, flags, mode);
	if (fd >= 0 && (flags & O_CREAT))
		add_name(d, dirfd, path);
	pthread_mutex_unlock(&d->lock);
	return fd;
}

static int disk_mkdir(struct fssys *sys, int dirfd, const char *name, mode_t mode)
{
	struct disk *d = disk_of(sys);
	int r, saved;

	pthread_mutex_lock(&d->lock);
	r = d->real.mkdir(&d->real, dirfd, name, mode);
	saved = errno;
	if (r == 0)
		add_name(d, dirfd, name);
	pthread_mutex_unlock(&d->lock);
	errno = saved;
	return r;
}

static int disk_unlink(struct fssys *sys, int dirfd, const char *name, int flags)
{
	struct disk *d = disk_of(sys);
	int r, saved;

	pthread_mutex_lock(&d->lock);
	r = d->real.unlink(&d->real, dirfd, name, flags);
	saved = errno;
	if (r == 0) {
		struct name *n = find_name(d, inode_of(dirfd), name);

		assert_non_null(n);
		*n = d->names[--d->n_names];
	}
	pthread_mutex_unlock(&d->lock);
	errno = saved;
	return r;
}

static void changed(struct disk *d, int fd)
{
	pthread_mutex_lock(&d->lock);
	content_of(d, inode_of(fd))->changed++;
	pthread_mutex_unlock(&d->lock);
}

static ssize_t disk_write(struct fssys *sys, int fd, const void *p, size_t n)
{
	struct disk *d = disk_of(sys);

	changed(d, fd);
	return d->real.write(&d->real, fd, p, n);
}

static ssize_t disk_copy_range(struct fssys *sys, int from, off_t off, int to, size_t n)
{
	struct disk *d = disk_of(sys);

	changed(d, to);
	return d->real.copy_range(&d->real, from, off, to, n);
}

static int disk_set_tag(struct fssys *sys, int fd, const void *p, size_t n)
{
	struct disk *d = disk_of(sys);

	changed(d, fd);
	return d->real.set_tag(&d->real, fd, p, n);
}

/* What was there when it began is durable when it ends; what comes meanwhile is not. */
static int disk_fsync(struct fssys *sys, int fd)
{
	struct disk *d = disk_of(sys);
	ino_t ino = inode_of(fd), *began = calloc(NAMES_MAX, sizeof(*began));
	unsigned upto;
	size_t n = 0;

	pthread_mutex_lock(&d->lock);
	upto = content_of(d, ino)->changed;
	for (size_t i = 0; i < d->n_names; i++)
		if (d->names[i].dir == ino)
			began[n++] = d->names[i].child;
	pthread_mutex_unlock(&d->lock);
	/* Now and then one takes much longer than the others. */
	if (d->nap_us)
		usleep((useconds_t)(rand() % (int)d->nap_us) * (rand() % 8 ? 1 : 16));
	pthread_mutex_lock(&d->lock);
	if (!d->no_file_syncs)
		content_of(d, ino)->durable = upto;
	for (size_t i = 0; i < d->n_names && !d->no_dir_syncs; i++)
		for (size_t k = 0; k < n && d->names[i].dir == ino; k++)
			d->names[i].durable |= d->names[i].child == began[k];
	pthread_mutex_unlock(&d->lock);
	free(began);
	return 0;
}

struct fixture {
	struct disk disk;
	struct store *s;
	char *dir;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct disk *d = &f->disk;
	struct err e;

	f->dir = workdir_new();
	d->real = d->sys = fssys_real();
	d->sys.open = disk_open;
	d->sys.mkdir = disk_mkdir;
	d->sys.unlink = disk_unlink;
	d->sys.write = disk_write;
	d->sys.copy_range = disk_copy_range;
	d->sys.set_tag = disk_set_tag;
	d->sys.fsync = disk_fsync;
	pthread_mutex_init(&d->lock, NULL);
	assert_int_equal(fs_open_with(f->dir, &d->sys, &f->s, &e), 0);
	assert_int_equal(f->s->ops->bucket_create(f->s, SPAN_NULL, BUCKET, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_free(f->s);
	workdir_free(f->dir);
	pthread_mutex_destroy(&f->disk.lock);
	free(f);
	return 0;
}

/* NULL: it would survive; else what would not. */
static const char *lost(struct fixture *f, const struct store_loc *loc)
{
	static _Thread_local char text[300];
	struct disk *d = &f->disk;
	ino_t at = inode_of(fs_of(f->s)->objects_fd);
	const char *why = NULL;
	char path[FSPATH_FULL_MAX], *rest = path, *part;
	struct err e;

	assert_int_equal(fspath_encode(path, loc, &e), 0);
	pthread_mutex_lock(&d->lock);
	while (!why && (part = strsep(&rest, "/"))) {
		const struct name *n = find_name(d, at, part);

		if (!n || !n->durable) {
			snprintf(text, sizeof(text), "name %s", part);
			why = text;
		} else {
			at = n->child;
		}
	}
	if (!why && content_of(d, at)->durable != content_of(d, at)->changed)
		why = "content";
	pthread_mutex_unlock(&d->lock);
	return why;
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

static struct store_loc loc_of(const char *key, uint64_t gen)
{
	return (struct store_loc){.bucket = BUCKET, .key = span_str(key), .gen = gen};
}

static void what_is_acknowledged_survives_a_power_cut(void **state)
{
	static const char *const keys[] = {"a", "b/", "c/d", "//", "x/y/z/../.", "x/y/w"};
	struct fixture *f = *state;
	struct err e;

	for (uint64_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct store_loc a = loc_of(keys[i], i), part = loc_of(keys[i], i + 100);

		part.part_no = 1;
		assert_int_equal(put(f->s, &a, &e), 0);
		assert_int_equal(put(f->s, &part, &e), 0);
		assert_null(lost(f, &a));
		assert_null(lost(f, &part));
	}
}

static int copy(struct store *s, const struct store_loc *from, const struct store_loc *to,
	struct err *e)
{
	struct store_reader *r;
	struct store_writer *w;
	int rc;

	assert_int_equal(s->ops->open(s, from, &r, e), 0);
	assert_int_equal(s->ops->create(s, to, UINT64_MAX, &w, e), 0);
	assert_int_equal(s->ops->copy_range(w, r, 2, 5, e), 0);
	rc = s->ops->commit(w, NULL, e);
	s->ops->close(r);
	return rc;
}

static void a_copy_survives_a_power_cut(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1), b = loc_of("new/b", 2), c = loc_of("c", 3);
	struct err e;

	assert_int_equal(put(f->s, &a, &e), 0);
	assert_int_equal(copy(f->s, &a, &b, &e), 0);
	assert_null(lost(f, &b));
	f->disk.no_file_syncs = true;
	assert_int_equal(copy(f->s, &a, &c, &e), 0);
	assert_string_equal(lost(f, &c), "content");
}

/* That the model would notice. */
static void a_disk_whose_syncs_lie_loses_it(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1), b = loc_of("d/b", 2);
	struct err e;

	f->disk.no_file_syncs = true;
	assert_int_equal(put(f->s, &a, &e), 0);
	assert_string_equal(lost(f, &a), "content");
	f->disk.no_file_syncs = false;
	f->disk.no_dir_syncs = true;
	assert_int_equal(put(f->s, &b, &e), 0);
	assert_string_equal(lost(f, &b), "name d");
}

enum { THREADS = 4, ROUNDS = 300 };

struct worker {
	struct fixture *f;
	uint64_t gen;
	const char *why;
	char text[300];
};

/* As the layer above does when the place of a living bucket was taken away. */
static int put_in_any_place(struct store *s, const struct store_loc *loc, struct err *e)
{
	for (int tries = 0; tries < 100; tries++) {
		if (put(s, loc, e) == 0)
			return 0;
		if (e->kind != ERR_NOT_FOUND ||
			s->ops->bucket_create(s, loc->tenant, loc->bucket, e) < 0)
			return -1;
	}
	return -1;
}

/* Puts and removes below directories that others make and empty at the same time. */
static void *put_and_remove(void *arg)
{
	static const char *const keys[] = {"a/b/c/k", "a/b/k", "a/k", "d/k", "k", "a//k"};
	struct worker *w = arg;
	struct store *s = w->f->s;
	struct err e = {0};

	for (uint64_t i = 0; i < ROUNDS && !w->why; i++) {
		struct store_loc loc = loc_of(keys[rand() % 6], w->gen + i);
		const char *why;

		if (put_in_any_place(s, &loc, &e) < 0) {
			snprintf(w->text, sizeof(w->text), "%s", e.text);
			w->why = w->text;
			break;
		}
		why = lost(w->f, &loc);
		if (why) {
			snprintf(w->text, sizeof(w->text), "%s", why);
			w->why = w->text;
		}
		if (s->ops->remove(s, &loc, &e) < 0)
			w->why = "remove";
		if (rand() % 4 == 0 && s->ops->bucket_remove(s, SPAN_NULL, BUCKET, &e) < 0 &&
			e.kind != ERR_EXISTS)
			w->why = "bucket_remove";
	}
	return NULL;
}

static void it_survives_beside_others_that_make_and_empty_directories(void **state)
{
	struct fixture *f = *state;
	struct worker w[THREADS];
	pthread_t t[THREADS];

	f->disk.nap_us = 100;
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){.f = f, .gen = 1 + 1000 * (uint64_t)i};
		assert_int_equal(pthread_create(&t[i], NULL, put_and_remove, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < THREADS; i++)
		if (w[i].why)
			fail_msg("thread %d: %s", i, w[i].why);
	assert_int_equal(fs_of(f->s)->dirs.pending_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_acknowledged_survives_a_power_cut),
		TEST(a_copy_survives_a_power_cut),
		TEST(a_disk_whose_syncs_lie_loses_it),
		TEST(it_survives_beside_others_that_make_and_empty_directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
