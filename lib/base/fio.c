/* SPDX-License-Identifier: MIT */
#include "base/fio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rnd.h"

void fio_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int fio_write_all(int fd, const void *p, size_t n, struct err *e)
{
	const char *at = p;

	while (n) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return err_sys(e, errno, "write");
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

int fio_pread_full(int fd, void *p, size_t n, uint64_t off, size_t *got_r, struct err *e)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)p + got, n - got, (off_t)(off + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(e, errno, "pread");
		if (r == 0)
			break;
		got += (size_t)r;
	}
	*got_r = got;
	return 0;
}

int fio_read_file(int dirfd, const char *path, size_t max, struct arena *a, struct span *out_r,
	struct err *e)
{
	FIO_AUTO_CLOSE int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t got;
	char *p;

	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_fail(e, ERR_INVALID, "%s is not a file", path);
	if ((uint64_t)st.st_size > max)
		return err_fail(e, ERR_LIMIT, "%s has more than %zu bytes", path, max);
	p = arena_alloc_raw(a, (size_t)st.st_size + 1);
	if (fio_pread_full(fd, p, (size_t)st.st_size, 0, &got, e) < 0)
		return -1;
	p[got] = '\0';
	*out_r = span_of(p, got);
	return 0;
}

int fio_sync_dir(int dirfd, const char *path, struct err *e)
{
	FIO_AUTO_CLOSE int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno, "open directory %s", path);
	if (fsync(fd) < 0)
		return err_sys(e, errno, "fsync directory %s", path);
	return 0;
}

/* The directory part of path into out ("." if there is none). */
static int dir_part(const char *path, char *out, size_t cap, struct err *e)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (n >= cap)
		return err_fail(e, ERR_LIMIT, "path too long");
	if (!slash)
		return snprintf(out, cap, "."), 0;
	if (n == 0)
		return snprintf(out, cap, "/"), 0;
	memcpy(out, path, n);
	out[n] = '\0';
	return 0;
}

static int write_new(int dirfd, const char *path, struct span content, mode_t mode, struct err *e)
{
	FIO_AUTO_CLOSE int fd =
		openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return err_sys(e, errno, "create %s", path);
	if (fio_write_all(fd, content.p, content.n, e) < 0)
		return -1;
	if (fsync(fd) < 0)
		return err_sys(e, errno, "fsync %s", path);
	return 0;
}

int fio_replace_file(int dirfd, const char *path, struct span content, mode_t mode, struct err *e)
{
	char tmp[4096], dir[4096];

	if (dir_part(path, dir, sizeof(dir), e) < 0)
		return -1;
	if (snprintf(tmp, sizeof(tmp), "%s.%016llx.tmp", path, (unsigned long long)rnd_u64()) >=
		(int)sizeof(tmp))
		return err_fail(e, ERR_LIMIT, "path too long");
	if (write_new(dirfd, tmp, content, mode, e) < 0) {
		unlinkat(dirfd, tmp, 0);
		return -1;
	}
	if (renameat(dirfd, tmp, dirfd, path) < 0) {
		int sys = errno;

		unlinkat(dirfd, tmp, 0);
		return err_sys(e, sys, "rename to %s", path);
	}
	return fio_sync_dir(dirfd, dir, e);
}

static int check_dir(int dirfd, const char *path, struct err *e)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, 0) < 0)
		return err_sys(e, errno, "stat %s", path);
	return S_ISDIR(st.st_mode) ? 0 : err_fail(e, ERR_EXISTS, "%s is no directory", path);
}

int fio_make_dirs(int dirfd, const char *path, mode_t mode, struct err *e)
{
	char at[4096], parent[4096];
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(at))
		return err_fail(e, ERR_LIMIT, "path empty or too long");
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(at, path, i);
		at[i] = '\0';
		if (mkdirat(dirfd, at, mode) < 0) {
			if (errno != EEXIST)
				return err_sys(e, errno, "mkdir %s", at);
			if (i == n && check_dir(dirfd, at, e) < 0)
				return -1;
			continue;
		}
		if (dir_part(at, parent, sizeof(parent), e) < 0 || fio_sync_dir(dirfd, parent, e) < 0)
			return -1;
	}
	return 0;
}
