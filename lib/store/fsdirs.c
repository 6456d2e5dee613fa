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

#define uthash_fatal(msg) log_die("uthash: %s", msg)
#include <uthash.h>

enum { DIR_MODE = 0755, MAKE_RETRIES = 200 };

struct fsdirs_pending {
	struct fsdirs_pending *next;
	bool tainted;
	char path[];
};

struct fsdir {
	UT_hash_handle hh;
	unsigned users;
	bool known; /* in the table */
	int fd;
	/* shared fsyncs, counted from 1 */
	bool running;
	uint64_t begun, ended, failed; /* failed: the last one that did */
	int sys;                       /* errno of that one */
	pthread_cond_t changed[2];     /* for those who need an even or an odd one */
	char path[];
};

/* --- the table of open directories --- */

static struct fsdir *dir_new(const char *path, size_t n, int fd)
{
	struct fsdir *dir = calloc(1, sizeof(*dir) + n + 1);

	if (!dir)
		log_die("out of memory");
	dir->fd = fd;
	dir->users = 1;
	memcpy(dir->path, path, n);
	pthread_cond_init(&dir->changed[0], NULL);
	pthread_cond_init(&dir->changed[1], NULL);
	return dir;
}

static void dir_free(struct fsdir *dir)
{
	pthread_cond_destroy(&dir->changed[0]);
	pthread_cond_destroy(&dir->changed[1]);
	close(dir->fd);
	free(dir);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
/* Takes it out of the table. Locked, as the next two. */
static void forget(struct fsdirs *d, struct fsdir *dir)
{
	HASH_DEL(d->open, dir);
	dir->known = false;
	d->open_count--;
	if (dir->users == 0)
		dir_free(dir);
}

static struct fsdir *find(struct fsdirs *d, const char *path, size_t n)
{
	struct fsdir *dir;

	HASH_FIND(hh, d->open, path, n, dir);
	return dir;
}

static void keep(struct fsdirs *d, struct fsdir *dir)
{
	HASH_ADD_KEYPTR(hh, d->open, dir->path, strlen(dir->path), dir);
	dir->known = true;
	if (++d->open_count > FSDIRS_KEPT_MAX)
		forget(d, d->open);
}
#pragma GCC diagnostic pop

void fsdirs_init(struct fsdirs *d, struct fssys *sys)
{
	memset(d, 0, sizeof(*d));
	d->sys = sys;
	pthread_mutex_init(&d->pending_lock, NULL);
	pthread_mutex_init(&d->open_lock, NULL);
	pthread_cond_init(&d->pending_changed, NULL);
}

void fsdirs_fini(struct fsdirs *d)
{
	while (d->pending) {
		struct fsdirs_pending *p = d->pending;

		d->pending = p->next;
		free(p);
	}
	while (d->open)
		forget(d, d->open);
	pthread_cond_destroy(&d->pending_changed);
	pthread_mutex_destroy(&d->open_lock);
	pthread_mutex_destroy(&d->pending_lock);
}

/* --- open directories and their shared fsyncs --- */

struct fsdir *fsdirs_take(struct fsdirs *d, int root_fd, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	struct fsdir *dir, *other;
	int fd;

	pthread_mutex_lock(&d->open_lock);
	dir = find(d, path, n);
	if (dir)
		dir->users++;
	pthread_mutex_unlock(&d->open_lock);
	if (dir)
		return dir;
	fd = fsdirs_open_parent(d, root_fd, path, O_RDONLY);
	if (fd < 0)
		return NULL;
	dir = dir_new(path, n, fd);
	pthread_mutex_lock(&d->open_lock);
	other = find(d, path, n);
	if (other)
		other->users++;
	else
		keep(d, dir);
	pthread_mutex_unlock(&d->open_lock);
	if (!other)
		return dir;
	dir_free(dir);
	return other;
}

int fsdir_fd(const struct fsdir *dir)
{
	return dir->fd;
}

void fsdirs_put(struct fsdirs *d, struct fsdir *dir)
{
	bool last;

	pthread_mutex_lock(&d->open_lock);
	last = --dir->users == 0 && !dir->known;
	pthread_mutex_unlock(&d->open_lock);
	if (last)
		dir_free(dir);
}

void fsdirs_give_up(struct fsdirs *d, struct fsdir *dir)
{
	pthread_mutex_lock(&d->open_lock);
	if (dir->known)
		forget(d, dir); /* not freed: we use it */
	pthread_mutex_unlock(&d->open_lock);
	fsdirs_put(d, dir);
}

/* Does fsync number begun + 1, unlocked meanwhile; then wakes all whom it served and one of those who need
 * the next one. */
static void sync_run(struct fsdirs *d, struct fsdir *dir)
{
	uint64_t mine = ++dir->begun;
	int r, sys;

	dir->running = true;
	pthread_mutex_unlock(&d->open_lock);
	r = d->sys->fsync(d->sys, dir->fd);
	sys = errno;
	pthread_mutex_lock(&d->open_lock);
	if (r < 0) {
		dir->failed = mine;
		dir->sys = sys;
	}
	dir->ended = mine;
	dir->running = false;
	pthread_cond_broadcast(&dir->changed[mine % 2]);
	pthread_cond_signal(&dir->changed[(mine + 1) % 2]);
}

int fsdirs_sync(struct fsdirs *d, struct fsdir *dir, struct err *e)
{
	uint64_t need;
	bool own = false;
	int sys = 0;

	pthread_mutex_lock(&d->open_lock);
	need = dir->begun + 1;
	while (dir->ended < need) {
		if (dir->running) {
			pthread_cond_wait(&dir->changed[need % 2], &d->open_lock);
			continue;
		}
		own = true;
		sync_run(d, dir);
	}
	if (dir->failed >= need)
		sys = dir->sys;
	pthread_mutex_unlock(&d->open_lock);
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

static bool is_path_or_above(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	return strncmp(dir, path, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* The directory is gone: what was wrong with its entry, or with any below it, is gone too. */
static void pending_forget(struct fsdirs *d, const char *path)
{
	struct fsdirs_pending **at = &d->pending;

	if (atomic_load(&d->pending_count) == 0)
		return;
	pthread_mutex_lock(&d->pending_lock);
	while (*at) {
		if ((*at)->tainted && is_path_or_above(path, (*at)->path))
			pending_drop(d, at);
		else
			at = &(*at)->next;
	}
	pthread_mutex_unlock(&d->pending_lock);
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

/* What was removed need not stay open. */
static void open_forget(struct fsdirs *d, const char *path)
{
	struct fsdir *dir;

	pthread_mutex_lock(&d->open_lock);
	dir = find(d, path, strlen(path));
	if (dir)
		forget(d, dir);
	pthread_mutex_unlock(&d->open_lock);
}

int fsdirs_remove(struct fsdirs *d, int root_fd, const char *path)
{
	int fd = fsdirs_open_parent(d, root_fd, path, O_PATH), r, sys;

	if (fd < 0)
		return -1;
	r = d->sys->unlink(d->sys, fd, leaf_of(path), AT_REMOVEDIR);
	sys = errno;
	close(fd);
	errno = sys;
	if (r == 0) {
		pending_forget(d, path);
		open_forget(d, path);
	}
	return r;
}

/* Makes one directory and its entry durable. 1: it was there; its entry is then synced only if
 * `anyway`. *gone_r: its parent was not. */
static int make_one(struct fsdirs *d, int root_fd, const char *path, bool anyway, bool *gone_r,
	struct err *e)
{
	struct fsdir *parent = fsdirs_take(d, root_fd, path);
	struct fsdirs_pending *p;
	bool found = false, failed;
	int sys;

	*gone_r = false;
	if (!parent) {
		*gone_r = errno == ENOENT;
		return fssys_fail(e, errno, "open directory");
	}
	p = pending_add(d, path);
	if (d->sys->mkdir(d->sys, parent->fd, leaf_of(path), DIR_MODE) < 0) {
		sys = errno;
		found = sys == EEXIST;
		if (!found || !anyway) {
			pending_end(d, p, false);
			*gone_r = sys == ENOENT;
			if (*gone_r)
				fsdirs_give_up(d, parent);
			else
				fsdirs_put(d, parent);
			return found ? 1 : fssys_fail(e, sys, "mkdir");
		}
	}
	failed = fsdirs_sync(d, parent, e) < 0;
	pending_end(d, p, failed && !found);
	fsdirs_put(d, parent);
	if (failed && !found)
		(void)fsdirs_remove(d, root_fd, path);
	return failed ? -1 : found;
}

int fsdirs_place(struct fsdirs *d, int root_fd, const char *path, struct err *e)
{
	bool gone;

	return make_one(d, root_fd, path, true, &gone, e) < 0 ? -1 : 0;
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
		if (make_one(d, root_fd, at, false, &gone, e) >= 0)
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
		if (fsdirs_remove(d, root_fd, at) < 0 && errno != ENOENT)
			return;
		while (n > fixed && at[n - 1] != '/')
			n--;
		if (n > fixed)
			n--;
		at[n] = '\0';
	}
}
