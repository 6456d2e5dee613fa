/* SPDX-License-Identifier: MIT */
/*
 * Threads for connections that have something to say. A fixed number of permits lets requests run; a request
 * that moves a body gives its permit back (pool_enter_transfer) and goes on as a transfer, so that slow
 * clients cost threads of transfers and never those of requests. Threads are made on demand.
 */
#ifndef MX_FCGI_POOL_H
#define MX_FCGI_POOL_H

#include "base/err.h"
#include "svc/metrics.h"

struct pool;

/* A queued piece of work; embedded in what it serves. */
struct pool_item {
	struct pool_item *next;
};

/* The thread that serves an item; passed to `serve`. */
struct pool_worker;

struct pool_config {
	unsigned requests, transfers;
	/* Serves one item in a thread of its own memory. */
	void (*serve)(void *ctx, struct pool_worker *w, struct pool_item *item);
	void *ctx;
	struct metrics *metrics;
};

struct pool *pool_new(const struct pool_config *cfg);
void pool_submit(struct pool *p, struct pool_item *item);
/* Idempotent until the item has been served. err: ERR_BUSY all transfers are taken. */
int pool_enter_transfer(struct pool_worker *w, struct err *e) MX_MUST_CHECK;
/* Items queued or being served. */
unsigned pool_load(struct pool *p);
/* Waits until every thread has ended; nothing may be queued or running. */
void pool_free(struct pool *p);

struct arena *pool_arena(struct pool_worker *w);      /* reset after each item */
unsigned char *pool_output_buf(struct pool_worker *w); /* OUTPUT_BUF_BYTES */

#endif
