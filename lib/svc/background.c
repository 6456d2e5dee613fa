/* SPDX-License-Identifier: MIT */
/*
 * The background thread of s3.fcgi: after an unclean end the orphan scan (at once, and again
 * when what the crash left has passed its grace), then rounds of garbage collection, hourly
 * expiry, the lock time, readable copies at the start, gauges. It is woken to stop and never
 * holds up a close for longer than one step.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "svc/impl.h"

#define HOUR_US ((int64_t)3600 * 1000000)
#define MINUTE_US ((int64_t)60 * 1000000)
#define SCAN_SLACK_US ((int64_t)5 * 1000000)

void background_init(struct background *g)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&g->wake, &attr);
	pthread_condattr_destroy(&attr);
}

bool background_wait(struct background *g, int64_t ms)
{
	struct timespec at;
	bool stop;

	pthread_mutex_lock(&g->lock);
	if (ms > 0 && !g->stop) {
		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_sec += ms / 1000;
		at.tv_nsec += (ms % 1000) * 1000000;
		if (at.tv_nsec >= 1000000000) {
			at.tv_sec++;
			at.tv_nsec -= 1000000000;
		}
		while (!g->stop && pthread_cond_timedwait(&g->wake, &g->lock, &at) != ETIMEDOUT)
			;
	}
	stop = g->stop;
	pthread_mutex_unlock(&g->lock);
	return stop;
}

static bool scan_now(struct svc *s)
{
	struct err e = {0};
	uint64_t seen, removed;

	if (svc_orphan_scan(s, &seen, &removed, &e) < 0) {
		if (!background_wait(&s->background, 0))
			log_err(LOG_WARN, &e, "orphan scan");
		return false;
	}
	log_info("orphan scan: %llu files seen, %llu removed", (unsigned long long)seen,
		(unsigned long long)removed);
	return true;
}

static void refresh_notes(struct svc *s)
{
	struct err e = {0};
	uint64_t written = 0;

	if (svc_bucket_notes_refresh(s, &written, &e) < 0)
		log_err(LOG_WARN, &e, "readable copies of buckets");
	else if (written)
		log_info("readable copies of buckets: %llu brought up to date",
			(unsigned long long)written);
}

static void expire(struct svc *s)
{
	struct err e = {0};
	int64_t before_us = clock_now_us(s->clock) - s->cfg->upload_memory_days * 24 * HOUR_US;

	if (s->meta->ops->expire(s->meta, before_us, &e) < 0)
		log_err(LOG_WARN, &e, "expiry");
}

/* Remembers the lock time, and tells of a host's clock that was set or of time that was not
 * believed. */
static void keep_lock_time(struct svc *s)
{
	struct background *g = &s->background;
	struct meta_lock_time t;
	struct err e = {0};

	if (s->meta->ops->lock_time(s->meta, &t, &e) < 0) {
		log_err(LOG_WARN, &e, "lock time");
		return;
	}
	int64_t offset_us = t.used ? t.wall_us - t.now_us : 0;
	const struct log_field fields[] = {
		LF_INT("offset_s", offset_us / 1000000),
		LF_INT("before_s", g->told_offset_us / 1000000),
		LF_END,
	};

	if (llabs(offset_us - g->told_offset_us) < MINUTE_US)
		return;
	log_event(LOG_WARN, "the host's clock jumped against the lock time", fields);
	g->told_offset_us = offset_us;
}

static void *background_main(void *arg)
{
	struct svc *s = arg;
	int64_t expire_at_us = clock_mono_us(), scan_at_us = 0, lock_at_us = 0;
	struct err e = {0};
	uint64_t removed;

	keep_lock_time(s);
	if (atomic_load(&s->unscanned)) {
		scan_now(s);
		scan_at_us = clock_mono_us() + s->cfg->orphan_grace_s * 1000000 + SCAN_SLACK_US;
	}
	refresh_notes(s);
	do {
		if (svc_gc_run(s, &removed, &e) < 0)
			log_err(LOG_WARN, &e, "garbage collection");
		if (clock_mono_us() >= expire_at_us) {
			expire(s);
			expire_at_us = clock_mono_us() + HOUR_US;
		}
		if (clock_mono_us() >= lock_at_us) {
			keep_lock_time(s);
			lock_at_us = clock_mono_us() + MINUTE_US;
		}
		if (scan_at_us && clock_mono_us() >= scan_at_us) {
			scan_at_us = scan_now(s) ? 0 : clock_mono_us() + HOUR_US;
			atomic_store(&s->unscanned, scan_at_us != 0);
		}
		svc_gauges_refresh(s);
	} while (!background_wait(&s->background, s->cfg->gc_interval_ms));
	return NULL;
}

int svc_background_start(struct svc *s, struct err *e)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&s->background.thread, NULL, background_main, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return err_sys(e, rc, "background thread");
	s->background.running = true;
	return 0;
}

void background_stop(struct svc *s)
{
	struct background *g = &s->background;

	pthread_mutex_lock(&g->lock);
	g->stop = true;
	pthread_cond_broadcast(&g->wake);
	pthread_mutex_unlock(&g->lock);
	if (g->running)
		pthread_join(g->thread, NULL);
	g->running = false;
}
