/* SPDX-License-Identifier: MIT */
/* Driver fs: writing a blob. Order at commit: tag, fsync of the file, of its directory, of what
 * is above. After any failure the file is removed; no descriptor is synced twice. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "store/fs.h"

enum { FLUSH_BYTES = 8 << 20, COPY_STEP_BYTES = 64 << 20, COPY_BYTES = 256 << 10 };

struct fs_writer {
	struct store_writer base;
	struct fs *fs;
	int fd;
	struct fsdir *dir;
	uint64_t written, flushed;
	bool failed;
	size_t bucket_n, dir_n; /* lengths of the path's first parts */
	char path[];
};

static const char *leaf_of(const struct fs_writer *w)
{
	return w->path + w->dir_n + 1;
}

static struct fs_writer *writer_new(struct fs *fs, const char *path)
{
	size_t n = strlen(path) + 1;
	struct fs_writer *w = malloc(sizeof(*w) + n);

	if (!w)
		log_die("out of memory");
	*w = (struct fs_writer){.base.store = &fs->base, .fs = fs, .fd = -1};
	memcpy(w->path, path, n);
	w->dir_n = (size_t)(strrchr(w->path, '/') - w->path);
	return w;
}

static void writer_free(struct fs_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->dir)
		fsdirs_put(&w->fs->dirs, w->dir);
	free(w);
}

/* The three below cut the path behind its directories while they run. */
static int make_directories(struct fs_writer *w, struct err *e)
{
	int r;

	w->path[w->dir_n] = '\0';
	r = fsdirs_make(&w->fs->dirs, w->fs->objects_fd, w->path, w->bucket_n, e);
	w->path[w->dir_n] = '/';
	return r;
}

static int wait_for_directories(struct fs_writer *w, struct err *e)
{
	int r;

	w->path[w->dir_n] = '\0';
	r = fsdirs_settled(&w->fs->dirs, w->path, e);
	w->path[w->dir_n] = '/';
	return r;
}

static void prune_directories(struct fs_writer *w)
{
	w->path[w->dir_n] = '\0';
	fsdirs_prune(&w->fs->dirs, w->fs->objects_fd, w->path, w->bucket_n);
	w->path[w->dir_n] = '/';
}

/* 0, or -1 with errno: ENOENT when a directory is missing or was just taken away. */
static int try_create(struct fs_writer *w)
{
	struct fssys *sys = w->fs->sys;
	int saved;

	w->dir = fsdirs_take(&w->fs->dirs, w->fs->objects_fd, w->path);
	if (!w->dir)
		return -1;
	w->fd = sys->open(
		sys, fsdir_fd(w->dir), leaf_of(w), O_WRONLY | O_CREAT | O_EXCL, FS_FILE_MODE);
	if (w->fd >= 0)
		return 0;
	saved = errno;
	fsdirs_give_up(&w->fs->dirs, w->dir);
	w->dir = NULL;
	errno = saved;
	return -1;
}

static int create_file(struct fs_writer *w, struct err *e)
{
	for (int tries = 0; tries < FS_RACE_RETRIES; tries++) {
		if (try_create(w) == 0)
			return 0;
		if (errno != ENOENT) {
			int saved = errno;

			prune_directories(w);
			return fssys_fail(e, saved, "create a blob's file");
		}
		if (make_directories(w, e) < 0) {
			prune_directories(w);
			return -1;
		}
	}
	return err_fail(e, ERR_BUSY, "directories vanish as they are made");
}

int fs_create(struct store *s, const struct store_loc *loc, uint64_t expected_bytes,
	struct store_writer **w_r, struct err *e)
{
	char path[FSPATH_FULL_MAX];
	struct fs_writer *w;

	(void)expected_bytes;
	if (fspath_encode(path, loc, e) < 0 || fs_room(fs_of(s), e) < 0)
		return -1;
	w = writer_new(fs_of(s), path);
	w->bucket_n = (loc->tenant.n ? loc->tenant.n + 1 : 0) + loc->bucket.n;
	if (create_file(w, e) < 0) {
		writer_free(w);
		return -1;
	}
	*w_r = &w->base;
	return 0;
}

/* Starts writing back what was added, so that the fsync at the end is short (a failure of it
 * shows again there), and asks whether there is room for more. */
static int flush_early(struct fs_writer *w, struct err *e)
{
	struct fssys *sys = w->fs->sys;

	if (w->written - w->flushed < FLUSH_BYTES)
		return 0;
	(void)sys->flush_range(sys, w->fd, (off_t)w->flushed, (off_t)(w->written - w->flushed));
	w->flushed = w->written;
	return fs_room(w->fs, e);
}

int fs_write(struct store_writer *base, const void *p, size_t n, struct err *e)
{
	struct fs_writer *w = (struct fs_writer *)base;
	struct fssys *sys = w->fs->sys;
	const char *at = p;

	while (n) {
		ssize_t r = sys->write(sys, w->fd, at, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			w->failed = true;
			return fssys_fail(e, errno, "write a blob");
		}
		at += r;
		n -= (size_t)r;
		w->written += (uint64_t)r;
	}
	return flush_early(w, e);
}

/* Does errno say that the kernel cannot copy between these files, not that it failed? */
static bool must_copy_by_hand(int sys)
{
	return sys == EXDEV || sys == EINVAL || sys == ENOSYS || sys == EOPNOTSUPP ||
		sys == EPERM;
}

static int copy_by_hand(
	struct fs_writer *w, struct store_reader *from, uint64_t off, uint64_t n, struct err *e)
{
	char *buf = malloc(COPY_BYTES);
	size_t got;
	int rc = 0;

	if (!buf)
		log_die("out of memory");
	while (n && rc == 0) {
		size_t want = n < COPY_BYTES ? (size_t)n : COPY_BYTES;

		rc = fs_pread(from, buf, want, off, &got, e);
		if (rc == 0 && got < want)
			rc = err_fail(e, ERR_IO, "a blob ends before byte %llu",
				(unsigned long long)(off + want));
		if (rc == 0)
			rc = fs_write(&w->base, buf, want, e);
		off += want;
		n -= want;
	}
	free(buf);
	return rc;
}

/* Steps are long, as sharing costs by the step; after each, the room is asked for. */
int fs_copy_range(struct store_writer *base, struct store_reader *from, uint64_t off,
	uint64_t n, struct err *e)
{
	struct fs_writer *w = (struct fs_writer *)base;
	struct fssys *sys = w->fs->sys;

	while (n) {
		size_t step = n < COPY_STEP_BYTES ? (size_t)n : COPY_STEP_BYTES;
		ssize_t r = sys->copy_range(sys, fs_fd(from), (off_t)off, w->fd, step);

		if (r < 0 && errno == EINTR)
			continue;
		if (r == 0 || (r < 0 && must_copy_by_hand(errno)))
			return copy_by_hand(w, from, off, n, e);
		if (r < 0) {
			w->failed = true;
			return fssys_fail(e, errno, "copy a blob");
		}
		off += (uint64_t)r;
		n -= (uint64_t)r;
		w->written += (uint64_t)r;
		if (flush_early(w, e) < 0)
			return -1;
	}
	return 0;
}

static int put_tag(struct fs_writer *w, const struct store_tag *tag, struct err *e)
{
	struct fssys *sys = w->fs->sys;
	unsigned char blob[FS_TAG_MAX];

	if (!tag || atomic_load(&w->fs->untagged))
		return 0;
	if (sys->set_tag(sys, w->fd, blob, fs_tag_encode(tag, blob)) == 0)
		return 0;
	if (errno != ENOTSUP)
		return fssys_fail(e, errno, "tag a blob");
	if (!atomic_exchange(&w->fs->untagged, true))
		log_warn("the data directory's file system has no extended attributes: blobs "
			 "carry no tags");
	return 0;
}

static int make_durable(struct fs_writer *w, const struct store_tag *tag, struct err *e)
{
	struct fssys *sys = w->fs->sys;

	if (w->failed)
		return err_fail(e, ERR_IO, "an earlier write of this blob failed");
	if (put_tag(w, tag, e) < 0)
		return -1;
	if (sys->fsync(sys, w->fd) < 0)
		return fssys_fail(e, errno, "fsync a blob");
	if (fsdirs_sync(&w->fs->dirs, w->dir, e) < 0)
		return -1;
	return wait_for_directories(w, e);
}

int fs_commit(struct store_writer *base, const struct store_tag *tag, struct err *e)
{
	struct fs_writer *w = (struct fs_writer *)base;

	if (make_durable(w, tag, e) < 0) {
		fs_abort(base);
		return -1;
	}
	writer_free(w);
	return 0;
}

void fs_abort(struct store_writer *base)
{
	struct fs_writer *w = (struct fs_writer *)base;
	struct fssys *sys = w->fs->sys;

	(void)sys->unlink(sys, fsdir_fd(w->dir), leaf_of(w), 0);
	prune_directories(w);
	writer_free(w);
}

static unsigned char *put_le(unsigned char *p, uint64_t v, unsigned bytes)
{
	while (bytes--) {
		*p++ = (unsigned char)v;
		v >>= 8;
	}
	return p;
}

static uint64_t get_le(const unsigned char *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

enum { TAG_VERSION = 1, TAG_BYTES = 1 + 8 + 4 + 16 + 4 + 8 };

size_t fs_tag_encode(const struct store_tag *tag, unsigned char out[FS_TAG_MAX])
{
	unsigned char *p = out;

	_Static_assert((int)TAG_BYTES <= (int)FS_TAG_MAX, "a larger attribute costs a block on ext4");
	*p++ = TAG_VERSION;
	p = put_le(p, tag->vseq, 8);
	p = put_le(p, tag->flags, 4);
	memcpy(p, tag->md5, sizeof(tag->md5));
	p = put_le(p + sizeof(tag->md5), tag->nparts, 4);
	p = put_le(p, (uint64_t)tag->mtime_us, 8);
	return (size_t)(p - out);
}

bool fs_tag_decode(const unsigned char *p, size_t n, struct store_tag *tag_r)
{
	if (n < TAG_BYTES || p[0] != TAG_VERSION)
		return false;
	tag_r->vseq = get_le(p + 1, 8);
	tag_r->flags = (uint32_t)get_le(p + 9, 4);
	memcpy(tag_r->md5, p + 13, sizeof(tag_r->md5));
	tag_r->nparts = (uint32_t)get_le(p + 29, 4);
	tag_r->mtime_us = (int64_t)get_le(p + 33, 8);
	return true;
}
