/* SPDX-License-Identifier: MIT */
/*
 * One thread accepts connections and waits for signals; the pool's threads wait for connections that have something
 * to say. An idle connection costs no thread.
 *
 * Only the thread that serves a connection closes and frees it: one that is to go is shut down, which wakes one.
 */
#include "fcgi/serve.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/conn.h"
#include "fcgi/listen.h"
#include "fcgi/pool.h"

enum {
	EVENTS = 2,
	TICK_MS = 1000,
	DRAIN_TICK_MS = 50,
	DRAIN_QUIET_US = 300 * 1000,
	US_PER_S = 1000000,
	SURPLUS_IDLE_S = 10,
	ENDING_S = 5,
	SHORTAGE_PAUSE_US = 10 * 1000,
	COMPLAIN_US = 10 * US_PER_S
};

struct connection {
	struct connection *next, *previous; /* of those that are idle */
	int fd;
	bool ending; /* answered; what still comes is thrown away */
	int64_t idle_since_us;
};

struct server {
	const struct fcgi_config *cfg;
	struct http_app *app;
	struct metrics *metrics;
	struct pool *pool;
	struct listener listener;
	int epoll_fd, signal_fd;
	pthread_mutex_t lock; /* of the idle list */
	struct connection *idle;
	atomic_bool draining;
	bool succeeded; /* another process took over the socket's path */
	uint64_t served;
	int64_t quiet_since_us, complained_us;
};

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void fcgi_block_signals(void)
{
	sigset_t set;

	watched_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* ---- connections ----------------------------------------------------------------------------------- */

static void link_idle(struct server *s, struct connection *c)
{
	pthread_mutex_lock(&s->lock);
	c->previous = NULL;
	c->next = s->idle;
	if (s->idle)
		s->idle->previous = c;
	s->idle = c;
	pthread_mutex_unlock(&s->lock);
}

/* Locked. */
static void unlink_idle(struct server *s, struct connection *c)
{
	if (c->previous)
		c->previous->next = c->next;
	else
		s->idle = c->next;
	if (c->next)
		c->next->previous = c->previous;
}

static void forget(struct server *s, struct connection *c)
{
	metrics_add(s->metrics, METRIC_CONNECTIONS, -1);
	free(c);
}

static void give_up(struct server *s, struct connection *c)
{
	close(c->fd);
	forget(s, c);
}

static bool may_keep(void *ctx)
{
	return !atomic_load(&((struct server *)ctx)->draining);
}

static void leave_idle(struct server *s, struct connection *c)
{
	pthread_mutex_lock(&s->lock);
	unlink_idle(s, c);
	pthread_mutex_unlock(&s->lock);
}

/* Once watched, another thread may already serve, close and free it. */
static void await(struct server *s, struct connection *c, bool first)
{
	int fd = c->fd;
	struct err e;

	link_idle(s, c);
	if (pool_watch(s->pool, fd, c, first, &e) == 0)
		return;
	log_err(LOG_ERROR, &e, "a connection is given up");
	leave_idle(s, c);
	give_up(s, c);
}

static void serve_request(struct server *s, struct pool_worker *w, struct connection *c)
{
	enum conn_fate fate;

	metrics_add(s->metrics, METRIC_IN_FLIGHT, 1);
	fate = conn_serve(c->fd, s->app, w, may_keep, s);
	c->ending = fate == CONN_ENDING;
	c->idle_since_us = clock_mono_us();
	if (fate == CONN_CLOSED)
		forget(s, c);
	else
		await(s, c, false);
	metrics_add(s->metrics, METRIC_IN_FLIGHT, -1);
}

static void serve_connection(void *ctx, struct pool_worker *w, void *item)
{
	struct server *s = ctx;
	struct connection *c = item;

	leave_idle(s, c);
	if (!c->ending)
		serve_request(s, w, c);
	else if (conn_discard(c->fd))
		await(s, c, false);
	else
		give_up(s, c);
}

static void adopt(struct server *s, int fd)
{
	const struct timeval patience = {.tv_sec = s->cfg->body_timeout_s};
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		log_die("out of memory");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	c->fd = fd;
	c->idle_since_us = clock_mono_us();
	metrics_add(s->metrics, METRIC_CONNECTIONS, 1);
	await(s, c, true);
}

/* Out of descriptors: new connections wait in the backlog. That is said now and then. */
static void wait_for_descriptors(struct server *s)
{
	int64_t now = clock_mono_us();

	if (s->complained_us == 0 || now - s->complained_us > COMPLAIN_US) {
		log_warn("out of descriptors: new connections wait");
		s->complained_us = now;
	}
	usleep(SHORTAGE_PAUSE_US);
}

static void accept_all(struct server *s)
{
	for (;;) {
		int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0) {
			adopt(s, fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EMFILE || errno == ENFILE)
			wait_for_descriptors(s);
		return;
	}
}

/* The front server keeps idle connections for a shorter time than we do: what is older is forgotten. */
static bool is_stale(const struct server *s, const struct connection *c, int64_t now)
{
	int patience_s = c->ending ? ENDING_S : s->cfg->idle_timeout_s;

	return now - c->idle_since_us >= (int64_t)patience_s * US_PER_S;
}

static void end_stale(struct server *s, int64_t now)
{
	pthread_mutex_lock(&s->lock);
	for (struct connection *c = s->idle; c; c = c->next)
		if (is_stale(s, c, now))
			shutdown(c->fd, SHUT_RDWR);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the loop ------------------------------------------------------------------------------------------ */

static void begin_drain(struct server *s)
{
	const bool named = s->listener.path[0];

	log_info("draining");
	s->succeeded = listen_hide(&s->listener);
	accept_all(s);
	/* Others may share the socket, or know its address: they would come for ever. */
	if (!named) {
		epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, s->listener.fd, NULL);
		listen_close(&s->listener);
	}
	atomic_store(&s->draining, true);
	s->quiet_since_us = clock_mono_us();
}

static void take_signal(struct server *s)
{
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		if (s->cfg->reload)
			s->cfg->reload(s->cfg->reload_ctx);
	} else if (!atomic_load(&s->draining)) {
		begin_drain(s);
	}
}

/* Whether nothing more is to come: no request came or ran for a while. A front server that has a
 * successor to turn to is given the time to close its idle connections itself: on one that we close, a request may
 * be under way just then. */
static bool drained(struct server *s, bool accepted, int64_t now)
{
	uint64_t served = pool_served(s->pool);
	bool idle;

	if (pool_load(s->pool) > 0 || served != s->served || accepted)
		s->quiet_since_us = now;
	s->served = served;
	if (now - s->quiet_since_us <= DRAIN_QUIET_US)
		return false;
	pthread_mutex_lock(&s->lock);
	idle = s->idle != NULL;
	pthread_mutex_unlock(&s->lock);
	return !idle || !s->succeeded;
}

static int loop(struct server *s, struct err *e)
{
	struct epoll_event events[EVENTS];
	int64_t drain_until = 0, checked = clock_mono_us();

	for (;;) {
		bool draining = atomic_load(&s->draining);
		int n = epoll_wait(s->epoll_fd, events, EVENTS, draining ? DRAIN_TICK_MS : TICK_MS);
		int64_t now = clock_mono_us();

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == &s->listener)
				accept_all(s);
			else
				take_signal(s);
		}
		if (now - checked > US_PER_S) {
			end_stale(s, now);
			checked = now;
		}
		if (!draining)
			continue;
		if (drain_until == 0)
			drain_until = now + (int64_t)s->cfg->drain_timeout_s * US_PER_S;
		if (drained(s, n > 0, now))
			return 0;
		if (now > drain_until)
			return err_fail(e, ERR_BUSY, "%u requests do not end", pool_load(s->pool));
	}
}

static int prepare(struct server *s, struct err *e)
{
	struct epoll_event on_listen = {.events = EPOLLIN, .data.ptr = &s->listener};
	struct epoll_event on_signal = {.events = EPOLLIN, .data.ptr = &s->signal_fd};
	sigset_t set;

	if (listen_open(s->cfg->listen, s->cfg->backlog, &s->listener, e) < 0)
		return -1;
	watched_signals(&set);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->signal_fd < 0 || s->epoll_fd < 0 ||
		epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->listener.fd, &on_listen) < 0 ||
		epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->signal_fd, &on_signal) < 0)
		return err_sys(e, errno, "epoll");
	return 0;
}

static void close_all(struct server *s)
{
	while (s->idle) {
		struct connection *c = s->idle;

		unlink_idle(s, c);
		give_up(s, c);
	}
	listen_close(&s->listener);
	if (s->signal_fd >= 0)
		close(s->signal_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
}

int fcgi_serve(const struct fcgi_config *cfg, struct http_app *app, struct metrics *m, struct err *e)
{
	struct server s = {.cfg = cfg, .app = app, .metrics = m, .epoll_fd = -1, .signal_fd = -1};
	const struct pool_config pool = {
		.requests = cfg->request_threads,
		.transfers = cfg->transfer_threads,
		.surplus_idle_s = SURPLUS_IDLE_S,
		.serve = serve_connection,
		.ctx = &s,
		.metrics = m,
	};

	conn_library_init();
	pthread_mutex_init(&s.lock, NULL);
	if (prepare(&s, e) < 0 || pool_new(&pool, &s.pool, e) < 0) {
		close_all(&s);
		return -1;
	}
	if (loop(&s, e) < 0)
		return -1;
	pool_free(s.pool);
	close_all(&s);
	pthread_mutex_destroy(&s.lock);
	return 0;
}
