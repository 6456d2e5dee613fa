/* SPDX-License-Identifier: MIT */
/*
 * The only use of libfcgi: reading a request from a connection that we accepted and kept
 * ourselves.
 *
 * FCGX_Accept_r reads from ipcFd if that is set, instead of accepting; keepConnection keeps its
 * own finishing of "the request before" from closing it. Both are public fields of
 * libfcgi 2.4.2. The response is written by output.c, so libfcgi's streams are freed and never
 * flushed.
 *
 * A connection is kept only when the request was read to the end of its body: else what is left
 * of the body would be taken for the next request (request smuggling). Closing it at once would
 * make the front server lose the answer while it still sends: its body is thrown away first, as
 * it comes, while no thread waits for it (libfcgi would wait in this one; `detached` keeps it
 * from that).
 */
#include "fcgi/conn.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/exchange.h"

enum { DISCARD_READS = 8 };

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

/* Whether a body that may be, and that nobody read, has ended already; nothing is waited for.
 */
static void look_for_end(struct conn *c, int fd)
{
	int flags = fcntl(fd, F_GETFL);
	char byte;

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	pull(&c->x.in, &byte, 1);
	fcntl(fd, F_SETFL, flags);
	if (FCGX_GetError(c->q.in) == EAGAIN)
		c->x.in.broken = false;
}

static bool at_end(struct conn *c, int fd)
{
	if (c->x.in.unbounded && !c->x.in.started)
		look_for_end(c, fd);
	return input_at_end(&c->x.in);
}

static enum conn_fate finish(struct conn *c, int fd, bool may_keep)
{
	bool whole = !c->x.aborted && at_end(c, fd);
	bool keep = whole && may_keep && c->q.keepConnection;
	struct err e;
	bool sent = output_end(&c->x.out, c->q.keepConnection && !keep, &e) == 0;

	FCGX_Free(&c->q, false);
	if (sent && keep)
		return CONN_KEPT;
	if (sent && !whole && !c->x.in.broken && shutdown(fd, SHUT_WR) == 0)
		return CONN_ENDING;
	close(fd);
	return CONN_CLOSED;
}

bool conn_discard(int fd)
{
	char trash[16 * 1024];
	ssize_t n;

	for (int i = 0; i < DISCARD_READS; i++) {
		n = recv(fd, trash, sizeof(trash), MSG_DONTWAIT);
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR);
	}
	return true;
}

/* A request whose head is complete: libfcgi takes one that breaks off between two parameters
 * for whole. */
static bool accept_request(FCGX_Request *q, int fd)
{
	FCGX_InitRequest(q, -1, 0);
	q->ipcFd = fd;
	q->keepConnection = 1;
	q->detached = 1;
	/* When that fails it has closed fd: the front server did so first, or spoke nonsense. */
	if (FCGX_Accept_r(q) != 0)
		return false;
	if (FCGX_GetError(q->in) == 0)
		return true;
	FCGX_Free(q, true);
	return false;
}

enum conn_fate conn_serve(int fd, struct http_app *app, struct pool_worker *w,
	bool (*may_keep)(void *ctx), void *ctx)
{
	struct arena *a = pool_arena(w);
	struct conn *c = arena_new_of(a, struct conn);

	if (!accept_request(&c->q, fd))
		return CONN_CLOSED;
	c->worker = w;
	input_init(&c->x.in, pull, NULL, -1);
	output_init(&c->x.out, fd, pool_output_buf(w));
	c->x.out.framed = true;
	c->x.out.request_id = (uint16_t)c->q.requestId;
	c->x.enter_transfer = transfer;
	exchange_run(&c->x, c->q.envp, a, app);
	return finish(c, fd, may_keep(ctx));
}
