/* SPDX-License-Identifier: MIT */
#include "fcgi/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "fcgi/io.h"

enum { STACK_BYTES = 512 * 1024, SURPLUS_IDLE_S = 10 };

struct pool {
	struct pool_config cfg;
	pthread_mutex_t lock;
	pthread_cond_t work, gone;
	struct pool_item *first, **last;
	unsigned queued, requests, transfers; /* waiting; holding a permit; moving bodies */
	unsigned threads, idle;
	bool stopping;
};

struct pool_worker {
	struct pool *pool;
	struct arena *arena;
	unsigned char *output_buf;
	bool in_transfer;
};

struct pool *pool_new(const struct pool_config *cfg)
{
	struct pool *p = calloc(1, sizeof(*p));
	pthread_condattr_t attr;

	if (!p)
		log_die("out of memory");
	p->cfg = *cfg;
	p->last = &p->first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->work, &attr);
	pthread_cond_init(&p->gone, NULL);
	pthread_condattr_destroy(&attr);
	return p;
}

static bool may_run(const struct pool *p)
{
	return p->first && p->requests < p->cfg.requests;
}

/* Waits for work; false when this thread is no longer needed. Called and returns locked. */
static bool wait_for_work(struct pool *p)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SURPLUS_IDLE_S;
	p->idle++;
	while (!may_run(p) && !p->stopping) {
		int rc = pthread_cond_timedwait(&p->work, &p->lock, &until);

		if (rc == ETIMEDOUT && p->threads > p->cfg.requests)
			break;
		if (rc == ETIMEDOUT)
			until.tv_sec += SURPLUS_IDLE_S;
	}
	p->idle--;
	return may_run(p);
}

static struct pool_item *take(struct pool *p)
{
	struct pool_item *item = p->first;

	p->first = item->next;
	if (!p->first)
		p->last = &p->first;
	p->queued--;
	p->requests++;
	return item;
}

static void *worker_run(void *arg)
{
	struct pool *p = arg;
	struct pool_worker w = {.pool = p, .arena = arena_new(), .output_buf = malloc(OUTPUT_BUF_BYTES)};

	if (!w.output_buf)
		log_die("out of memory");
	pthread_mutex_lock(&p->lock);
	while (wait_for_work(p)) {
		struct pool_item *item = take(p);

		pthread_mutex_unlock(&p->lock);
		w.in_transfer = false;
		p->cfg.serve(p->cfg.ctx, &w, item);
		arena_reset(w.arena);
		pthread_mutex_lock(&p->lock);
		if (w.in_transfer) {
			p->transfers--;
			metrics_add(p->cfg.metrics, METRIC_TRANSFERS, -1);
		} else {
			p->requests--;
		}
	}
	p->threads--;
	pthread_cond_broadcast(&p->gone);
	pthread_mutex_unlock(&p->lock);
	arena_free(w.arena);
	free(w.output_buf);
	return NULL;
}

/* Sees to it that somebody takes the first item, if a permit is free. Locked. */
static void rouse(struct pool *p)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (!may_run(p))
		return;
	if (p->idle > 0) {
		pthread_cond_signal(&p->work);
		return;
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, worker_run, p) == 0)
		p->threads++;
	else if (p->threads == 0)
		log_die("cannot make a thread");
	pthread_attr_destroy(&attr);
}

void pool_submit(struct pool *p, struct pool_item *item)
{
	item->next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->last = item;
	p->last = &item->next;
	p->queued++;
	rouse(p);
	pthread_mutex_unlock(&p->lock);
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
	n = p->queued + p->requests + p->transfers;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void pool_free(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->work);
	while (p->threads > 0)
		pthread_cond_wait(&p->gone, &p->lock);
	pthread_mutex_unlock(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->gone);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct arena *pool_arena(struct pool_worker *w)
{
	return w->arena;
}

unsigned char *pool_output_buf(struct pool_worker *w)
{
	return w->output_buf;
}
