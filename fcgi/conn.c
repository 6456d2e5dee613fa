/* SPDX-License-Identifier: MIT */
/*
 * The only use of libfcgi: reading a request from a connection that we accepted and kept ourselves.
 *
 * FCGX_Accept_r reads from ipcFd if that is set, instead of accepting; keepConnection keeps its own finishing
 * of "the request before" from closing it. Both are public fields of libfcgi 2.4.2. The response is written
 * by output.c, so libfcgi's streams are freed and never flushed.
 *
 * A connection is kept only when the request was read to the end of its body: else what is left of the body
 * would be taken for the next request (request smuggling).
 */
#include "fcgi/conn.h"

#include <fcgiapp.h>
#include <sys/socket.h>

#include "fcgi/exchange.h"

struct conn {
	struct exchange x; /* first */
	FCGX_Request q;
	struct pool_worker *worker;
};

void conn_library_init(void)
{
	FCGX_Init();
}

static size_t pull(struct input *in, void *p, size_t n)
{
	struct conn *c = (struct conn *)((char *)in - offsetof(struct conn, x.in));
	int got = FCGX_GetStr(p, n > 1 << 20 ? 1 << 20 : (int)n, c->q.in);

	if (got > 0 && (size_t)got == n)
		return n;
	if (FCGX_GetError(c->q.in) != 0)
		in->broken = true;
	else if (got <= 0 || n <= 1 << 20)
		in->ended = true;
	return got > 0 ? (size_t)got : 0;
}

static int transfer(struct exchange *x, struct err *e)
{
	return pool_enter_transfer(((struct conn *)x)->worker, e);
}

static bool finish(struct conn *c, int fd, bool may_keep)
{
	bool keep = may_keep && c->q.keepConnection && !c->x.aborted && input_at_end(&c->x.in);
	struct err e;

	if (output_end(&c->x.out, !keep, &e) < 0) {
		shutdown(fd, SHUT_RDWR);
		keep = false;
	}
	FCGX_Free(&c->q, !keep);
	return keep;
}

bool conn_serve(int fd, struct http_app *app, struct pool_worker *w, bool (*may_keep)(void *ctx), void *ctx)
{
	struct arena *a = pool_arena(w);
	struct conn *c = arena_new_of(a, struct conn);

	FCGX_InitRequest(&c->q, -1, 0);
	c->q.ipcFd = fd;
	c->q.keepConnection = 1;
	if (FCGX_Accept_r(&c->q) != 0)
		return false; /* it closed the connection: the front server did so first, or spoke nonsense */
	c->worker = w;
	input_init(&c->x.in, pull, NULL, -1);
	output_init(&c->x.out, fd, pool_output_buf(w));
	c->x.out.framed = true;
	c->x.out.request_id = (uint16_t)c->q.requestId;
	c->x.enter_transfer = transfer;
	exchange_run(&c->x, c->q.envp, a, app);
	return finish(c, fd, may_keep(ctx));
}
