/* SPDX-License-Identifier: MIT */
/*
 * Invariants, under the lock: waiting + requests <= cfg.requests; while a permit is free somebody waits. Threads
 * above that number are surplus: they park, are hired when nobody waits, and end after a while.
 */
#include "fcgi/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "fcgi/io.h"

enum { STACK_BYTES = 512 * 1024 };

struct pool {
	struct pool_config cfg;
	int epoll_fd, stop_fd;
	pthread_mutex_t lock;
	pthread_cond_t hire, gone;
	unsigned waiting, requests, transfers; /* for an item; holding a permit; moving bodies */
	unsigned threads, parked, hired;
	uint64_t served;
	bool stopping;
};

struct pool_worker {
	struct pool *pool;
	struct arena *arena;
	unsigned char *output_buf;
	bool in_transfer;
};

static void *worker_run(void *arg);

/* Counts as waiting from here on. Locked. */
static int start_thread(struct pool *p)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, worker_run, p);
	pthread_attr_destroy(&attr);
	if (rc == 0) {
		p->threads++;
		p->waiting++;
	}
	return rc;
}

/* Sees to it that somebody waits, if a permit is free. Without a thread to be had, the next one that becomes
 * free does. Locked. */
static void rouse(struct pool *p)
{
	if (p->waiting > 0 || p->requests >= p->cfg.requests || p->stopping)
		return;
	if (p->parked > p->hired) {
		p->hired++;
		p->waiting++;
		pthread_cond_signal(&p->hire);
	} else {
		(void)start_thread(p);
	}
}

static int open_set(struct pool *p)
{
	struct epoll_event stop = {.events = EPOLLIN, .data.ptr = NULL};

	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	p->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->epoll_fd < 0 || p->stop_fd < 0)
		return -1;
	return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, p->stop_fd, &stop);
}

static void pool_fini(struct pool *p)
{
	if (p->epoll_fd >= 0)
		close(p->epoll_fd);
	if (p->stop_fd >= 0)
		close(p->stop_fd);
	pthread_cond_destroy(&p->hire);
	pthread_cond_destroy(&p->gone);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

int pool_new(const struct pool_config *cfg, struct pool **p_r, struct err *e)
{
	struct pool *p = calloc(1, sizeof(*p));
	pthread_condattr_t attr;
	int rc;

	if (!p)
		log_die("out of memory");
	p->cfg = *cfg;
	p->epoll_fd = p->stop_fd = -1;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->hire, &attr);
	pthread_cond_init(&p->gone, NULL);
	pthread_condattr_destroy(&attr);
	pthread_mutex_lock(&p->lock);
	rc = open_set(p) < 0 ? errno : start_thread(p);
	pthread_mutex_unlock(&p->lock);
	if (rc) {
		pool_fini(p);
		return err_sys(e, rc, "a pool of threads");
	}
	*p_r = p;
	return 0;
}

int pool_watch(struct pool *p, int fd, void *item, bool first, struct err *e)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = item};

	if (epoll_ctl(p->epoll_fd, first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &ev) < 0)
		return err_sys(e, errno, "watch a connection");
	return 0;
}

/* Until hired, or for as long as surplus threads stay. Locked. */
static bool park(struct pool *p)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += p->cfg.surplus_idle_s;
	p->parked++;
	while (p->hired == 0 && !p->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&p->hire, &p->lock, &until);
	p->parked--;
	if (p->hired == 0)
		return false;
	p->hired--;
	return true;
}

/* False: this thread is no longer needed. Locked. */
static bool may_wait(struct pool *p)
{
	if (p->stopping)
		return false;
	if (p->waiting + p->requests >= p->cfg.requests)
		return park(p);
	p->waiting++;
	return true;
}

/* NULL: the pool is stopping. */
static void *wait_for_item(struct pool *p)
{
	struct epoll_event ev;
	int n;

	do
		n = epoll_wait(p->epoll_fd, &ev, 1, -1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		log_die("epoll_wait: %s", strerror(errno));
	return ev.data.ptr;
}

/* Locked; unlocked while it serves. */
static void serve_item(struct pool_worker *w, void *item)
{
	struct pool *p = w->pool;

	p->requests++;
	p->served++;
	rouse(p);
	pthread_mutex_unlock(&p->lock);
	w->in_transfer = false;
	p->cfg.serve(p->cfg.ctx, w, item);
	arena_reset(w->arena);
	pthread_mutex_lock(&p->lock);
	if (w->in_transfer) {
		p->transfers--;
		metrics_add(p->cfg.metrics, METRIC_TRANSFERS, -1);
	} else {
		p->requests--;
	}
}

static void *worker_run(void *arg)
{
	struct pool *p = arg;
	struct pool_worker w = {.pool = p, .arena = arena_new(), .output_buf = malloc(OUTPUT_BUF_BYTES)};
	bool stay = true; /* start_thread counted it as waiting */

	if (!w.output_buf)
		log_die("out of memory");
	while (stay) {
		void *item = wait_for_item(p);

		pthread_mutex_lock(&p->lock);
		p->waiting--;
		if (item)
			serve_item(&w, item);
		stay = may_wait(p);
		pthread_mutex_unlock(&p->lock);
	}
	arena_free(w.arena);
	free(w.output_buf);
	pthread_mutex_lock(&p->lock);
	p->threads--;
	pthread_cond_broadcast(&p->gone);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int pool_enter_transfer(struct pool_worker *w, struct err *e)
{
	struct pool *p = w->pool;

	if (w->in_transfer)
		return 0;
	pthread_mutex_lock(&p->lock);
	if (p->transfers >= p->cfg.transfers) {
		pthread_mutex_unlock(&p->lock);
		return err_fail(e, ERR_BUSY, "%u transfers are running", p->cfg.transfers);
	}
	p->transfers++;
	p->requests--;
	w->in_transfer = true;
	metrics_add(p->cfg.metrics, METRIC_TRANSFERS, 1);
	rouse(p);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

unsigned pool_load(struct pool *p)
{
	unsigned n;

	pthread_mutex_lock(&p->lock);
	n = p->requests + p->transfers;
	pthread_mutex_unlock(&p->lock);
	return n;
}

uint64_t pool_served(struct pool *p)
{
	uint64_t n;

	pthread_mutex_lock(&p->lock);
	n = p->served;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void pool_free(struct pool *p)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->hire);
	/* Never read again, so that every waiting thread sees it. */
	if (write(p->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		log_die("eventfd: %s", strerror(errno));
	while (p->threads > 0)
		pthread_cond_wait(&p->gone, &p->lock);
	pthread_mutex_unlock(&p->lock);
	pool_fini(p);
}

struct arena *pool_arena(struct pool_worker *w)
{
	return w->arena;
}

unsigned char *pool_output_buf(struct pool_worker *w)
{
	return w->output_buf;
}
