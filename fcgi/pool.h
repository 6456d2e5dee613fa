/* SPDX-License-Identifier: MIT */
/*
 * Threads for connections that have something to say. They wait for readable connections themselves, in one
 * epoll set, so that no thread hands work to another. A fixed number of permits lets requests run; a request that
 * moves a body gives its permit back (pool_enter_transfer) and goes on as a transfer, so that slow clients
 * cost threads of transfers and never those of requests. Threads are made on demand.
 */
#ifndef MX_FCGI_POOL_H
#define MX_FCGI_POOL_H

#include "base/err.h"
#include "svc/metrics.h"

struct pool;

/* The thread that serves an item; passed to `serve`. */
struct pool_worker;

struct pool_config {
	unsigned requests, transfers;
	int surplus_idle_s; /* a thread beyond `requests` ends when it was idle for so long */
	/* Serves one item, in a thread that has an arena and an output buffer of its own. */
	void (*serve)(void *ctx, struct pool_worker *w, void *item);
	void *ctx;
	struct metrics *metrics;
};

/* err: ERR_IO no epoll set or not a single thread. */
int pool_new(const struct pool_config *cfg, struct pool **p_r, struct err *e) MX_MUST_CHECK;
/* Serves item once when fd is readable or closed by its peer; to be asked for again each time. first: fd was never
 * watched. Closing fd ends the watch. */
int pool_watch(struct pool *p, int fd, void *item, bool first, struct err *e) MX_MUST_CHECK;
/* Idempotent until the item has been served. err: ERR_BUSY all transfers are taken. */
int pool_enter_transfer(struct pool_worker *w, struct err *e) MX_MUST_CHECK;
/* Items being served. */
unsigned pool_load(struct pool *p);
/* How many were ever begun. */
uint64_t pool_served(struct pool *p);
/* Waits until every thread has ended; nothing may be running. */
void pool_free(struct pool *p);

struct arena *pool_arena(struct pool_worker *w);       /* reset after each item */
unsigned char *pool_output_buf(struct pool_worker *w); /* OUTPUT_BUF_BYTES */

#endif
