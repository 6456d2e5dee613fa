/* SPDX-License-Identifier: MIT */
/*
 * Driver fs: one file per blob below {data_dir}/objects, written straight to its final name.
 * What is acknowledged is on disk: the file, its name, and every directory above it.
 */
#include "store/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fio.h"
#include "base/log.h"
#include "base/rnd.h"

enum { OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static void fs_free(struct store *s)
{
	struct fs *fs = fs_of(s);

	fsdirs_fini(&fs->dirs);
	fio_close(&fs->private_fd);
	fio_close(&fs->objects_fd);
	fio_close(&fs->data_fd);
	free(fs);
}

static int probe_file(struct fs *fs, const char *name, struct err *e)
{
	FIO_AUTO_CLOSE int fd =
		fs->sys->open(fs->sys, fs->private_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		return fssys_fail(e, errno, "create probe file");
	if (fs->sys->write(fs->sys, fd, "ready\n", 6) != 6)
		return fssys_fail(e, errno, "write probe file");
	if (fs->sys->fsync(fs->sys, fd) < 0)
		return fssys_fail(e, errno, "fsync probe file");
	return 0;
}

static int fs_probe(struct store *s, struct err *e)
{
	struct fs *fs = fs_of(s);
	char name[32];
	int r;

	errno = 0;
	snprintf(name, sizeof(name), ".probe-%016llx", (unsigned long long)rnd_u64());
	r = probe_file(fs, name, e);
	if (fs->sys->unlink(fs->sys, fs->private_fd, name, 0) < 0 && r == 0)
		return fssys_fail(e, errno, "remove probe file");
	return r;
}

static int fs_usage(struct store *s, struct store_usage *u_r, struct err *e)
{
	struct fs *fs = fs_of(s);
	struct statvfs v;

	if (fs->sys->statvfs(fs->sys, fs->objects_fd, &v) < 0)
		return fssys_fail(e, errno, "statvfs");
	*u_r = (struct store_usage){
		.total_bytes = (uint64_t)v.f_blocks * v.f_frsize,
		.free_bytes = (uint64_t)v.f_bavail * v.f_frsize,
		.total_inodes = v.f_files,
		.free_inodes = v.f_favail,
	};
	return 0;
}

int fs_room(struct fs *fs, struct err *e)
{
	const uint64_t most = (uint64_t)64 << 20;
	struct store_usage u;
	uint64_t keep;

	if (fs_usage(&fs->base, &u, e) < 0)
		return -1;
	keep = u.total_bytes / 20 < most ? u.total_bytes / 20 : most;
	if (u.total_bytes == 0 || u.free_bytes >= keep)
		return 0;
	return err_fail(e, ERR_FULL, "the last %llu MiB of the disk are kept for metadata",
		(unsigned long long)(keep >> 20));
}

static int fs_settle(struct store *s, struct err *e)
{
	struct fs *fs = fs_of(s);

	if (syncfs(fs->objects_fd) < 0 || syncfs(fs->private_fd) < 0)
		return fssys_fail(e, errno, "syncfs");
	return 0;
}

static const struct store_ops ops = {
	.name = "fs",
	.free = fs_free,
	.create = fs_create,
	.write = fs_write,
	.copy_range = fs_copy_range,
	.commit = fs_commit,
	.abort = fs_abort,
	.open = fs_open,
	.pread = fs_pread,
	.fd = fs_fd,
	.size = fs_size,
	.close = fs_close,
	.remove = fs_remove,
	.bucket_create = fs_bucket_create,
	.bucket_remove = fs_bucket_remove,
	.scan = fs_scan,
	.note_put = fs_note_put,
	.note_get = fs_note_get,
	.note_remove = fs_note_remove,
	.note_list = fs_note_list,
	.probe = fs_probe,
	.usage = fs_usage,
	.settle = fs_settle,
};

static int open_or_make(int dirfd, const char *name, mode_t mode, int *fd_r, struct err *e)
{
	if (mkdirat(dirfd, name, mode) < 0 && errno != EEXIST)
		return err_sys(e, errno, "mkdir %s", name);
	*fd_r = openat(dirfd, name, OPEN_DIR);
	if (*fd_r < 0)
		return err_sys(e, errno, "open directory %s", name);
	return 0;
}

int fs_open_with(const char *data_dir, struct fssys *sys, struct store **s_r, struct err *e)
{
	struct fs *fs = calloc(1, sizeof(*fs));

	if (!fs)
		log_die("out of memory");
	fs->base.ops = &ops;
	fs->real = fssys_real();
	fs->sys = sys ? sys : &fs->real;
	fs->objects_fd = fs->private_fd = -1;
	fsdirs_init(&fs->dirs, fs->sys);
	fs->data_fd = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs->data_fd < 0) {
		err_sys(e, errno, "open data directory %s", data_dir);
		goto fail;
	}
	if (open_or_make(fs->data_fd, "objects", 0755, &fs->objects_fd, e) < 0 ||
		open_or_make(fs->data_fd, ".maxiofs", 0700, &fs->private_fd, e) < 0)
		goto fail;
	/* Also when both were there: their maker may have died before its fsync. */
	if (fsync(fs->data_fd) < 0) {
		err_sys(e, errno, "fsync data directory %s", data_dir);
		goto fail;
	}
	*s_r = &fs->base;
	return 0;
fail:
	fs_free(&fs->base);
	return -1;
}

int store_fs_open(const char *data_dir, struct store **s_r, struct err *e)
{
	return fs_open_with(data_dir, NULL, s_r, e);
}
