/* SPDX-License-Identifier: MIT */
/* Driver fs: reading and removing blobs, making and removing the place of a bucket. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fio.h"
#include "base/log.h"
#include "store/fs.h"

struct fs_reader {
	struct store_reader base;
	int fd;
	uint64_t size;
};

int fs_open(
	struct store *s, const struct store_loc *loc, struct store_reader **r_r, struct err *e)
{
	struct fs *fs = fs_of(s);
	char path[FSPATH_FULL_MAX];
	FIO_AUTO_CLOSE int fd = -1;
	struct fs_reader *r;
	struct stat st;

	if (fspath_encode(path, loc, e) < 0)
		return -1;
	fd = fs->sys->open(fs->sys, fs->objects_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return fssys_fail(e, errno == ENOTDIR ? ENOENT : errno, "open a blob");
	if (fstat(fd, &st) < 0)
		return fssys_fail(e, errno, "stat a blob");
	if (!S_ISREG(st.st_mode))
		return err_fail(e, ERR_IO, "a blob's name is taken by something else");
	r = malloc(sizeof(*r));
	if (!r)
		log_die("out of memory");
	*r = (struct fs_reader){.base.store = s, .fd = fd, .size = (uint64_t)st.st_size};
	fd = -1;
	*r_r = &r->base;
	return 0;
}

int fs_pread(
	struct store_reader *r, void *p, size_t n, uint64_t off, size_t *n_r, struct err *e)
{
	return fio_pread_full(((struct fs_reader *)r)->fd, p, n, off, n_r, e);
}

int fs_fd(struct store_reader *r)
{
	return ((struct fs_reader *)r)->fd;
}

uint64_t fs_size(struct store_reader *r)
{
	return ((struct fs_reader *)r)->size;
}

void fs_close(struct store_reader *r)
{
	close(((struct fs_reader *)r)->fd);
	free(r);
}

int store_fs_read_tag(struct store_reader *r, struct store_tag *tag_r, struct err *e)
{
	int fd = r->store->ops->fd(r);
	unsigned char blob[256];
	ssize_t n;

	if (fd < 0)
		return err_fail(e, ERR_UNSUPPORTED, "no descriptor to read a tag from");
	n = fgetxattr(fd, "user.maxiofs", blob, sizeof(blob));
	if (n < 0 && (errno == ENODATA || errno == ENOTSUP))
		return err_fail(e, ERR_NOT_FOUND, "the blob has no tag");
	if (n < 0)
		return fssys_fail(e, errno, "read a tag");
	if (!fs_tag_decode(blob, (size_t)n, tag_r))
		return err_fail(e, ERR_IO, "damaged tag of %zd bytes", n);
	return 0;
}

int fs_remove(struct store *s, const struct store_loc *loc, struct err *e)
{
	struct fs *fs = fs_of(s);
	char path[FSPATH_FULL_MAX], *leaf;
	size_t bucket_n;
	int fd, r, saved;

	if (fspath_encode(path, loc, e) < 0)
		return -1;
	bucket_n = (loc->tenant.n ? loc->tenant.n + 1 : 0) + loc->bucket.n;
	fd = fsdirs_open_parent(&fs->dirs, fs->objects_fd, path, O_PATH);
	if (fd < 0)
		return errno == ENOENT ? 0 : fssys_fail(e, errno, "open a blob's directory");
	leaf = strrchr(path, '/');
	r = fs->sys->unlink(fs->sys, fd, leaf + 1, 0);
	saved = errno;
	close(fd);
	if (r < 0 && saved != ENOENT)
		return fssys_fail(e, saved, "unlink a blob");
	*leaf = '\0';
	fsdirs_prune(&fs->dirs, fs->objects_fd, path, bucket_n);
	return 0;
}

int fs_bucket_create(struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	struct fs *fs = fs_of(s);
	char path[FSPATH_FULL_MAX];
	size_t n;

	if (fspath_bucket(path, tenant, bucket, &n, e) < 0)
		return -1;
	if (tenant.n) {
		path[tenant.n] = '\0';
		if (fsdirs_place(&fs->dirs, fs->objects_fd, path, e) < 0)
			return -1;
		path[tenant.n] = '/';
	}
	return fsdirs_place(&fs->dirs, fs->objects_fd, path, e);
}

/* Removes the empty directories below dir_fd, which it closes; whatever is no directory stays.
 */
static int remove_below(struct fs *fs, int dir_fd, int depth, struct err *e)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = fssys_fail(e, errno, "open directory");
		close(dir_fd);
		return r;
	}
	while (r == 0 && depth > 0 && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		int fd;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		fd = openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		r = remove_below(fs, fd, depth - 1, e);
		if (r == 0)
			(void)fs->sys->unlink(fs->sys, dirfd(dir), name, AT_REMOVEDIR);
	}
	closedir(dir);
	return r;
}

int fs_bucket_remove(struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	enum { DEPTH_MAX = 64 };
	struct fs *fs = fs_of(s);
	char path[FSPATH_FULL_MAX];
	size_t n;
	int fd;

	if (fspath_bucket(path, tenant, bucket, &n, e) < 0)
		return -1;
	fd = fs->sys->open(fs->sys, fs->objects_fd, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return errno == ENOENT ? 0 : fssys_fail(e, errno, "open a bucket's directory");
	if (remove_below(fs, fd, DEPTH_MAX, e) < 0)
		return -1;
	if (fsdirs_remove(&fs->dirs, fs->objects_fd, path) == 0 || errno == ENOENT)
		return 0;
	return fssys_fail(
		e, errno == ENOTEMPTY ? EEXIST : errno, "remove a bucket's directory");
}
