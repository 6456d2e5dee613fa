/* SPDX-License-Identifier: MIT */
/*
 * Driver fs: the system calls that change the disk (and the one that says how full it is), as a
 * table, so that a test can fail the n-th. Each returns as the call does (-1 and errno); `open`
 * and `opendir` never follow a symbolic link in any component of path and never leave dirfd.
 */
#ifndef MX_STORE_FSSYS_H
#define MX_STORE_FSSYS_H

#include <stddef.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include "base/err.h"

struct fssys {
	int (*open)(struct fssys *sys, int dirfd, const char *path, int flags, mode_t mode);
	int (*mkdir)(struct fssys *sys, int dirfd, const char *name, mode_t mode);
	int (*unlink)(struct fssys *sys, int dirfd, const char *name, int flags);
	ssize_t (*write)(struct fssys *sys, int fd, const void *p, size_t n);
	/* As copy_file_range(2), behind what `to` has. */
	ssize_t (*copy_range)(struct fssys *sys, int from, off_t off, int to, size_t n);
	int (*set_tag)(struct fssys *sys, int fd, const void *p, size_t n);
	int (*flush_range)(struct fssys *sys, int fd, off_t off, off_t n);
	int (*fsync)(struct fssys *sys, int fd);
	int (*statvfs)(struct fssys *sys, int fd, struct statvfs *v_r);
};

/* The real ones. */
struct fssys fssys_real(void);
/* How `open` does it where openat2(2) is missing or forbidden: component by component. */
int fssys_open_walk(int dirfd, const char *path, int flags, mode_t mode);
/* As err_kind_of_errno, but a refusal of the file system is our trouble (ERR_IO), never the
 * client's. */
enum err_kind fssys_kind(int sys_errno);
#define fssys_fail(e, sys_errno, ...) \
	err_set((e), fssys_kind(sys_errno), 0, (sys_errno), ERR_WHERE, __VA_ARGS__)

#endif
