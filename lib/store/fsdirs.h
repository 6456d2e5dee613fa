/* SPDX-License-Identifier: MIT */
/*
 * Driver fs: durable directory entries shared by threads.
 *
 * A directory that was made but whose own entry is not yet on disk is "pending": whoever finds
 * it must not acknowledge anything below it before the maker's fsync ended. One whose fsync
 * failed stays "tainted" until it is removed, as a second fsync could lie.
 *
 * An open directory is shared by those who write into it and kept for the next ones, so that a busy
 * directory is not looked up for each file. Its fsyncs are shared too: a thread is served by the first one
 * that begins after it asked. A directory that was removed meanwhile refuses new files (ENOENT): whoever
 * sees that gives it up and takes it anew.
 */
#ifndef MX_STORE_FSDIRS_H
#define MX_STORE_FSDIRS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"
#include "store/fssys.h"

enum { FSDIRS_KEPT_MAX = 64 };

struct fsdirs_pending;
struct fsdir;

struct fsdirs {
	struct fssys *sys;
	pthread_mutex_t pending_lock, open_lock;
	pthread_cond_t pending_changed;
	struct fsdirs_pending *pending;
	atomic_size_t pending_count;
	struct fsdir *open; /* by path, oldest first */
	unsigned open_count;
	atomic_ullong shared; /* fsyncs saved, for tests and measurements */
};

void fsdirs_init(struct fsdirs *d, struct fssys *sys);
void fsdirs_fini(struct fsdirs *d);

/* The directory part of path, open for reading; to be given back. NULL with errno. */
struct fsdir *fsdirs_take(struct fsdirs *d, int root_fd, const char *path);
int fsdir_fd(const struct fsdir *dir);
void fsdirs_put(struct fsdirs *d, struct fsdir *dir);
/* As fsdirs_put, of a directory that turned out to be gone. */
void fsdirs_give_up(struct fsdirs *d, struct fsdir *dir);
/* fsync of an open directory. err: ERR_IO, ERR_FULL. */
int fsdirs_sync(struct fsdirs *d, struct fsdir *dir, struct err *e) MX_MUST_CHECK;
/* Makes the directories of path (relative to root_fd) that are missing below its first `fixed`
 * bytes, and makes them durable. err: ERR_NOT_FOUND when the fixed part is missing. */
int fsdirs_make(struct fsdirs *d, int root_fd, const char *path, size_t fixed,
	struct err *e) MX_MUST_CHECK;
/* Makes one directory, the place of a bucket or tenant, and its entry durable, also when it was
 * there already: its maker may have died before its fsync. err: as above. */
int fsdirs_place(struct fsdirs *d, int root_fd, const char *path, struct err *e) MX_MUST_CHECK;
/* rmdir of path; -1 and errno. */
int fsdirs_remove(struct fsdirs *d, int root_fd, const char *path);
/* Waits until neither path nor a directory above it is pending. err: ERR_IO if one is tainted.
 */
int fsdirs_settled(struct fsdirs *d, const char *path, struct err *e) MX_MUST_CHECK;
/* Removes path and the directories above it, down to the fixed part, as long as they are empty.
 */
void fsdirs_prune(struct fsdirs *d, int root_fd, const char *path, size_t fixed);
/* Opens the directory part of path (all of path if whole); flags as O_PATH or O_RDONLY. */
int fsdirs_open_parent(struct fsdirs *d, int root_fd, const char *path, int flags);

#endif
