/* SPDX-License-Identifier: MIT */
/* File I/O that retries EINTR and short transfers, and syncs what must survive a power cut. */
#ifndef MX_BASE_FIO_H
#define MX_BASE_FIO_H

#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

/* Writes all n bytes at the descriptor's offset. */
int fio_write_all(int fd, const void *p, size_t n, struct err *e) MX_MUST_CHECK;
/* Reads until n bytes or the end; *got_r says how many. */
int fio_pread_full(int fd, void *p, size_t n, uint64_t off, size_t *got_r, struct err *e) MX_MUST_CHECK;
/* The whole file of at most max bytes (ERR_LIMIT if larger), relative to dirfd, into the arena. */
int fio_read_file(int dirfd, const char *path, size_t max, struct arena *a, struct span *out_r,
	struct err *e) MX_MUST_CHECK;
/* Replaces or creates path atomically and durably: temporary file, fsync, rename, fsync directory. */
int fio_replace_file(int dirfd, const char *path, struct span content, mode_t mode, struct err *e)
	MX_MUST_CHECK;
/* fsync of a directory given by path relative to dirfd ("." for dirfd itself). */
int fio_sync_dir(int dirfd, const char *path, struct err *e) MX_MUST_CHECK;
/* mkdir -p; every directory made is synced into its parent. Existing ones are left as they are. */
int fio_make_dirs(int dirfd, const char *path, mode_t mode, struct err *e) MX_MUST_CHECK;

/* Scope-bound descriptors: `FIO_AUTO_CLOSE int fd = -1;` */
void fio_close(int *fd);
#define FIO_AUTO_CLOSE __attribute__((cleanup(fio_close)))

#endif
