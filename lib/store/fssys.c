/* SPDX-License-Identifier: MIT */
#include "store/fssys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "store/fspath.h"

enum { RACE_RETRIES = 100 };

static int open_component(int dirfd, const char *name, size_t n, int flags, mode_t mode)
{
	char copy[FSPATH_NAME_MAX + 6];

	if (n == 0 || n >= sizeof(copy)) {
		errno = n ? ENAMETOOLONG : ENOENT;
		return -1;
	}
	memcpy(copy, name, n);
	copy[n] = '\0';
	if (strcmp(copy, "..") == 0) {
		errno = EXDEV;
		return -1;
	}
	return openat(dirfd, copy, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

int fssys_open_walk(int dirfd, const char *path, int flags, mode_t mode)
{
	int at = dirfd;

	for (;;) {
		size_t n = strcspn(path, "/");
		int last = path[n] == '\0';
		int fd = open_component(
			at, path, n, last ? flags : O_PATH | O_DIRECTORY, last ? mode : 0);
		int sys = errno;

		if (at != dirfd)
			close(at);
		errno = sys;
		if (fd < 0 || last)
			return fd;
		at = fd;
		path += n + 1;
	}
}

static int real_open(struct fssys *sys, int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	(void)sys;
	for (int tries = 0; tries < RACE_RETRIES; tries++) {
		long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		/* EAGAIN: a rename elsewhere made the kernel unsure. */
		if (errno == ENOSYS || errno == EPERM)
			break;
		if (errno != EAGAIN && errno != EINTR)
			return -1;
	}
	return fssys_open_walk(dirfd, path, flags, mode);
}

static int real_mkdir(struct fssys *sys, int dirfd, const char *name, mode_t mode)
{
	(void)sys;
	return mkdirat(dirfd, name, mode);
}

static int real_unlink(struct fssys *sys, int dirfd, const char *name, int flags)
{
	(void)sys;
	return unlinkat(dirfd, name, flags);
}

static ssize_t real_write(struct fssys *sys, int fd, const void *p, size_t n)
{
	(void)sys;
	return write(fd, p, n);
}

static ssize_t real_copy_range(struct fssys *sys, int from, off_t off, int to, size_t n)
{
	(void)sys;
	return copy_file_range(from, &off, to, NULL, n, 0);
}

static int real_set_tag(struct fssys *sys, int fd, const void *p, size_t n)
{
	(void)sys;
	return fsetxattr(fd, "user.maxiofs", p, n, 0);
}

static int real_flush_range(struct fssys *sys, int fd, off_t off, off_t n)
{
	(void)sys;
	return sync_file_range(fd, off, n, SYNC_FILE_RANGE_WRITE);
}

static int real_fsync(struct fssys *sys, int fd)
{
	(void)sys;
	return fsync(fd);
}

static int real_statvfs(struct fssys *sys, int fd, struct statvfs *v_r)
{
	(void)sys;
	return fstatvfs(fd, v_r);
}

struct fssys fssys_real(void)
{
	return (struct fssys){
		.open = real_open,
		.mkdir = real_mkdir,
		.unlink = real_unlink,
		.write = real_write,
		.copy_range = real_copy_range,
		.set_tag = real_set_tag,
		.flush_range = real_flush_range,
		.fsync = real_fsync,
		.statvfs = real_statvfs,
	};
}

enum err_kind fssys_kind(int sys_errno)
{
	enum err_kind kind = err_kind_of_errno(sys_errno);

	return kind == ERR_DENIED || kind == ERR_INCOMPLETE ? ERR_IO : kind;
}
