/* SPDX-License-Identifier: MIT */
/*
 * The lock that each process's writer holds during a transaction or a checkpoint, and a page of
 * memory shared by all: the epoch and the number of those who wait. The lock belongs to an open
 * file description, so a process that dies lets go of it. A busy process would take it again
 * before the kernel runs the one that waits: it pauses when, and only when, somebody does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/fio.h"
#include "meta/sqlite_int.h"

enum { PAGE_BYTES = 4096, PAUSE_NS = 300000, FRUITLESS_MAX = 20 };

static int open_in(const char *dir, const char *name, struct err *e)
{
	FIO_AUTO_CLOSE int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dirfd < 0 ? -1 : openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, errno, "%s/%s", dir, name);
	return fd;
}

static int map_page(struct xlock *x, const char *dir, struct err *e)
{
	FIO_AUTO_CLOSE int fd = open_in(dir, "meta.shm", e);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, PAGE_BYTES) != 0)
		return err_sys(e, errno, "%s/meta.shm", dir);
	x->page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (x->page == MAP_FAILED) {
		x->page = NULL;
		return err_sys(e, errno, "mapping %s/meta.shm", dir);
	}
	return 0;
}

int xlock_open(struct xlock *x, const char *dir, struct err *e)
{
	*x = (struct xlock){.fd = -1};
	if (!dir) {
		x->page = calloc(1, sizeof(*x->page));
		return x->page ? 0 : err_fail(e, ERR_INTERNAL, "no memory");
	}
	x->fd = open_in(dir, "meta.lock", e);
	if (x->fd < 0)
		return -1;
	if (map_page(x, dir, e) != 0) {
		xlock_close(x);
		return -1;
	}
	return 0;
}

void xlock_close(struct xlock *x)
{
	if (x->fd < 0) {
		free(x->page);
	} else {
		if (x->page)
			munmap(x->page, PAGE_BYTES);
		close(x->fd);
	}
	x->page = NULL;
	x->fd = -1;
}

/* Others who died while waiting must not slow us for ever: after some pauses that nobody used,
 * the count is taken as stale. */
static void pause_for_others(struct xlock *x)
{
	static const struct timespec pause = {0, PAUSE_NS};

	if (atomic_load(&x->page->waiting) == 0)
		return;
	nanosleep(&pause, NULL);
	if (atomic_load(&x->page->turn) != x->last_turn) {
		x->fruitless = 0;
	} else if (++x->fruitless >= FRUITLESS_MAX) {
		atomic_store(&x->page->waiting, 0);
		x->fruitless = 0;
	}
}

static void waiting_less(struct shared_page *p)
{
	uint32_t n = atomic_load(&p->waiting);

	while (n > 0 && !atomic_compare_exchange_weak(&p->waiting, &n, n - 1))
		;
}

static int lock_blocking(struct xlock *x, struct flock *fl)
{
	int rc;

	atomic_fetch_add(&x->page->waiting, 1);
	do
		rc = fcntl(x->fd, F_OFD_SETLKW, fl);
	while (rc != 0 && errno == EINTR);
	waiting_less(x->page);
	return rc;
}

int xlock_take(struct xlock *x, struct err *e)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	if (x->fd < 0)
		return 0;
	pause_for_others(x);
	if (fcntl(x->fd, F_OFD_SETLK, &fl) != 0 && lock_blocking(x, &fl) != 0)
		return err_sys(e, errno, "the metadata lock");
	x->last_turn = atomic_fetch_add(&x->page->turn, 1) + 1;
	return 0;
}

void xlock_release(struct xlock *x)
{
	struct flock fl = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	if (x->fd >= 0)
		(void)fcntl(x->fd, F_OFD_SETLK, &fl);
}
