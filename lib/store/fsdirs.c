/* SPDX-License-Identifier: MIT */
#include "store/fsdirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/fspath.h"

enum { DIR_MODE = 0755, MAKE_RETRIES = 200 };

struct fsdirs_pending {
	struct fsdirs_pending *next;
	bool tainted;
	char path[];
};

/* The shared fsync of one directory; lives while someone waits for it. */
struct fsdirs_sync {
	struct fsdirs_sync *next;
	dev_t dev;
	ino_t ino;
	unsigned users;
	bool running;
	uint64_t begun, ended, failed; /* numbers of fsyncs; failed: the last one that did */
	int sys;                       /* errno of that one */
	pthread_cond_t changed;
};

void fsdirs_init(struct fsdirs *d, struct fssys *sys)
{
	memset(d, 0, sizeof(*d));
	d->sys = sys;
	pthread_mutex_init(&d->pending_lock, NULL);
	pthread_mutex_init(&d->sync_lock, NULL);
	pthread_cond_init(&d->pending_changed, NULL);
}

void fsdirs_fini(struct fsdirs *d)
{
	while (d->pending) {
		struct fsdirs_pending *p = d->pending;

		d->pending = p->next;
		free(p);
	}
	pthread_cond_destroy(&d->pending_changed);
	pthread_mutex_destroy(&d->sync_lock);
	pthread_mutex_destroy(&d->pending_lock);
}

/* --- shared fsyncs --- */

static struct fsdirs_sync **sync_slot(struct fsdirs *d, const struct stat *st)
{
	struct fsdirs_sync **at = &d->syncs[(uint64_t)st->st_ino % FSDIRS_SYNC_SLOTS];

	while (*at && ((*at)->ino != st->st_ino || (*at)->dev != st->st_dev))
		at = &(*at)->next;
	return at;
}

static struct fsdirs_sync *sync_enter(struct fsdirs *d, const struct stat *st)
{
	struct fsdirs_sync **at = sync_slot(d, st);

	if (!*at) {
		struct fsdirs_sync *s = calloc(1, sizeof(*s));

		if (!s)
			log_die("out of memory");
		s->dev = st->st_dev;
		s->ino = st->st_ino;
		pthread_cond_init(&s->changed, NULL);
		*at = s;
	}
	(*at)->users++;
	return *at;
}

static void sync_leave(struct fsdirs *d, const struct stat *st)
{
	struct fsdirs_sync **at = sync_slot(d, st), *s = *at;

	if (--s->users)
		return;
	*at = s->next;
	pthread_cond_destroy(&s->changed);
	free(s);
}

/* Does fsync number begun + 1, unlocked meanwhile. */
static void sync_run(struct fsdirs *d, struct fsdirs_sync *s, int fd)
{
	uint64_t mine = ++s->begun;
	int r, sys;

	s->running = true;
	pthread_mutex_unlock(&d->sync_lock);
	r = d->sys->fsync(d->sys, fd);
	sys = errno;
	pthread_mutex_lock(&d->sync_lock);
	if (r < 0) {
		s->failed = mine;
		s->sys = sys;
	}
	s->ended = mine;
	s->running = false;
	pthread_cond_broadcast(&s->changed);
}

int fsdirs_sync(struct fsdirs *d, int fd, struct err *e)
{
	struct fsdirs_sync *s;
	struct stat st;
	uint64_t need;
	bool own = false;
	int sys = 0;

	if (fstat(fd, &st) < 0)
		return fssys_fail(e, errno, "stat directory");
	pthread_mutex_lock(&d->sync_lock);
	s = sync_enter(d, &st);
	need = s->begun + 1;
	while (s->ended < need) {
		if (s->running) {
			pthread_cond_wait(&s->changed, &d->sync_lock);
			continue;
		}
		own = true;
		sync_run(d, s, fd);
	}
	if (s->failed >= need)
		sys = s->sys;
	sync_leave(d, &st);
	pthread_mutex_unlock(&d->sync_lock);
	if (!own)
		atomic_fetch_add(&d->shared, 1);
	return sys ? fssys_fail(e, sys, "fsync directory") : 0;
}

/* --- pending directories --- */

static struct fsdirs_pending *pending_add(struct fsdirs *d, const char *path)
{
	size_t n = strlen(path) + 1;
	struct fsdirs_pending *p = malloc(sizeof(*p) + n);

	if (!p)
		log_die("out of memory");
	p->tainted = false;
	memcpy(p->path, path, n);
	pthread_mutex_lock(&d->pending_lock);
	p->next = d->pending;
	d->pending = p;
	atomic_fetch_add(&d->pending_count, 1);
	pthread_mutex_unlock(&d->pending_lock);
	return p;
}

/* With the lock held. */
static void pending_drop(struct fsdirs *d, struct fsdirs_pending **at)
{
	struct fsdirs_pending *p = *at;

	*at = p->next;
	free(p);
	atomic_fetch_sub(&d->pending_count, 1);
}

/* Ends the maker's entry: gone, or tainted. */
static void pending_end(struct fsdirs *d, struct fsdirs_pending *p, bool tainted)
{
	struct fsdirs_pending **at = &d->pending;

	pthread_mutex_lock(&d->pending_lock);
	while (*at != p)
		at = &(*at)->next;
	if (tainted)
		p->tainted = true;
	else
		pending_drop(d, at);
	pthread_cond_broadcast(&d->pending_changed);
	pthread_mutex_unlock(&d->pending_lock);
}

/* The directory is gone: what was wrong with its entry is gone too. */
static void pending_forget(struct fsdirs *d, const char *path)
{
	struct fsdirs_pending **at = &d->pending;

	if (atomic_load(&d->pending_count) == 0)
		return;
	pthread_mutex_lock(&d->pending_lock);
	while (*at) {
		if ((*at)->tainted && strcmp((*at)->path, path) == 0)
			pending_drop(d, at);
		else
			at = &(*at)->next;
	}
	pthread_mutex_unlock(&d->pending_lock);
}

static bool is_path_or_above(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	return strncmp(dir, path, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

int fsdirs_settled(struct fsdirs *d, const char *path, struct err *e)
{
	bool waiting = true, tainted = false;

	if (atomic_load(&d->pending_count) == 0)
		return 0;
	pthread_mutex_lock(&d->pending_lock);
	while (waiting && !tainted) {
		waiting = false;
		for (struct fsdirs_pending *p = d->pending; p; p = p->next) {
			if (!is_path_or_above(p->path, path))
				continue;
			waiting = waiting || !p->tainted;
			tainted = tainted || p->tainted;
		}
		if (waiting && !tainted)
			pthread_cond_wait(&d->pending_changed, &d->pending_lock);
	}
	pthread_mutex_unlock(&d->pending_lock);
	return tainted ? err_fail(e, ERR_IO, "the entry of a directory could not be synced")
		       : 0;
}

int fsdirs_open_parent(struct fsdirs *d, int root_fd, const char *path, int flags)
{
	const char *slash = strrchr(path, '/');
	char dir[FSPATH_FULL_MAX];
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!slash)
		return d->sys->open(d->sys, root_fd, ".", flags | O_DIRECTORY, 0);
	if (n >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, n);
	dir[n] = '\0';
	return d->sys->open(d->sys, root_fd, dir, flags | O_DIRECTORY, 0);
}

static const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int remove_dir(struct fsdirs *d, int root_fd, const char *path)
{
	int fd = fsdirs_open_parent(d, root_fd, path, O_PATH), r, sys;

	if (fd < 0)
		return -1;
	r = d->sys->unlink(d->sys, fd, leaf_of(path), AT_REMOVEDIR);
	sys = errno;
	close(fd);
	errno = sys;
	if (r == 0)
		pending_forget(d, path);
	return r;
}

/* Makes one directory and its entry durable. 1: it was there. *gone_r: its parent was not. */
static int make_one(
	struct fsdirs *d, int root_fd, const char *path, bool *gone_r, struct err *e)
{
	struct fsdirs_pending *p;
	bool failed;
	int fd = fsdirs_open_parent(d, root_fd, path, O_RDONLY), sys;

	*gone_r = false;
	if (fd < 0) {
		*gone_r = errno == ENOENT;
		return fssys_fail(e, errno, "open directory");
	}
	p = pending_add(d, path);
	if (d->sys->mkdir(d->sys, fd, leaf_of(path), DIR_MODE) < 0) {
		sys = errno;
		pending_end(d, p, false);
		close(fd);
		*gone_r = sys == ENOENT;
		return sys == EEXIST ? 1 : fssys_fail(e, sys, "mkdir");
	}
	failed = fsdirs_sync(d, fd, e) < 0;
	pending_end(d, p, failed);
	close(fd);
	if (failed)
		(void)remove_dir(d, root_fd, path);
	return failed ? -1 : 0;
}

static int make_all(struct fsdirs *d, int root_fd, const char *path, size_t fixed,
	bool *again_r, struct err *e)
{
	char at[FSPATH_FULL_MAX];
	size_t n = strlen(path);

	*again_r = false;
	if (n >= sizeof(at))
		return err_fail(e, ERR_INVALID, "path of %zu bytes", n);
	for (size_t i = fixed + 1; i <= n; i++) {
		bool gone;

		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(at, path, i);
		at[i] = '\0';
		if (make_one(d, root_fd, at, &gone, e) >= 0)
			continue;
		/* A remover took a directory away again; only the fixed part must exist. */
		*again_r = gone && memchr(at + fixed + 1, '/', i - fixed - 1) != NULL;
		return -1;
	}
	return 0;
}

int fsdirs_make(struct fsdirs *d, int root_fd, const char *path, size_t fixed, struct err *e)
{
	bool again = true;

	if (strlen(path) <= fixed)
		return err_fail(e, ERR_NOT_FOUND, "the directory is missing");
	for (int tries = 0; tries < MAKE_RETRIES && again; tries++)
		if (make_all(d, root_fd, path, fixed, &again, e) == 0)
			return 0;
	return again ? err_fail(e, ERR_BUSY, "directories vanish as they are made") : -1;
}

void fsdirs_prune(struct fsdirs *d, int root_fd, const char *path, size_t fixed)
{
	char at[FSPATH_FULL_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(at))
		return;
	memcpy(at, path, n + 1);
	while (n > fixed) {
		if (remove_dir(d, root_fd, at) < 0 && errno != ENOENT)
			return;
		while (n > fixed && at[n - 1] != '/')
			n--;
		if (n > fixed)
			n--;
		at[n] = '\0';
	}
}
