/* SPDX-License-Identifier: MIT */
/*
 * A whole transport with a small app behind it, and a front server that speaks raw records to
 * it.
 *
 * The app answers by path: /echo sends the body back; /refuse says 403 and leaves the body
 * alone; /hold waits until the test lets it go on; /large streams LARGE_BYTES; /cut gives its
 * response up half-way; /mark says how often it was asked. A body that does not end well is
 * answered with 400, a full house with 503.
 */
#ifndef MX_TESTS_FCGI_RIG_H
#define MX_TESTS_FCGI_RIG_H

#include <pthread.h>

#include "fcgi/serve.h"
#include "tests/unit/testing.h"

enum { LARGE_BYTES = 8 * 1024 * 1024, PATIENCE_MS = 20000 };

struct rig {
	struct http_app app; /* first */
	struct fcgi_config cfg;
	struct metrics *metrics;
	char dir[64], path[80];
	pthread_t server;
	bool runs;
	int rc; /* of fcgi_serve */
	struct err e;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool gate_open;
	unsigned held, marks, served, reloads;
	enum err_kind last_body; /* how the last body ended */
	enum err_kind last_write;
	int log_fd;
};

int rig_setup(void **state);
int rig_teardown(void **state);
/* Starts the server with r->cfg; it listens when this returns. */
void rig_start(struct rig *r);
/* Waits until the server has ended by itself; false if it does not. */
bool rig_ended(struct rig *r, int ms);
/* SIGTERM, and the end of the server, which must be a good one. */
void rig_stop(struct rig *r);
/* /hold: how many wait is at least n; lets all of them go. */
void rig_await_held(struct rig *r, unsigned n);
void rig_open_gate(struct rig *r);
unsigned rig_marks(struct rig *r);
/* How the last of `served` bodies ended, once that many were served. */
enum err_kind rig_await_served(struct rig *r, unsigned served);
/* Waits until a gauge has that value; fails if it does not come to it. */
void rig_await_metric(struct rig *r, enum metric_value which, int64_t value);

/* ---- the front server
 * ---------------------------------------------------------------------------- */

enum {
	BEGIN_REQUEST = 1,
	ABORT_REQUEST = 2,
	END_REQUEST = 3,
	PARAMS = 4,
	STDIN = 5,
	STDOUT = 6,
	GET_VALUES = 9,
	GET_VALUES_RESULT = 10
};

/* Bytes on their way to the responder. */
struct wire {
	unsigned char b[256 * 1024];
	size_t n;
};
void wire_record(struct wire *w, unsigned type, unsigned id, const void *p, size_t n);
void wire_begin(struct wire *w, bool keep);
void wire_param(struct wire *params, const char *name, const char *value);
/* BEGIN_REQUEST and all PARAMS of a request with id 1. length: Content-Length; -1: chunked; -2:
 * neither. */
void wire_head(struct wire *w, const char *method, const char *path, long length, bool keep);
/* The same, of a request that came in that version of HTTP. */
void wire_head_of(struct wire *w, const char *protocol, const char *method, const char *path,
	long length, bool keep);
/* The same with an empty body and its end. */
void wire_get(struct wire *w, const char *path, bool keep);
void wire_body(struct wire *w, const char *text);
void wire_end(struct wire *w);

int rig_dial(const struct rig *r);
/* Sends w and empties it; false when the connection is gone. */
bool wire_send(int fd, struct wire *w);

struct answer {
	int status;        /* 0: none */
	size_t body;       /* bytes of content */
	char text[512];    /* the first of them */
	bool ended;        /* by END_REQUEST */
	bool closed;       /* nothing more came, and will not */
	unsigned trailing; /* records behind END_REQUEST */
};
/* Reads one answer, and whether the connection was closed behind it if `to_the_end`. */
void rig_answer(int fd, struct answer *a, bool to_the_end);
/* Sends w on a kept connection, expects that status and that the connection stays open. */
void rig_ask(int fd, struct wire *w, int status, const char *text);

#endif
