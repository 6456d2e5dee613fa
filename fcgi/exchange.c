/* SPDX-License-Identifier: MIT */
#include "fcgi/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/rnd.h"

static struct exchange *of_req(struct http_req *r)
{
	return r->conn;
}

static int begin(struct http_req *r, int status, const struct http_header *h, size_t n, struct err *e)
{
	return output_head(&of_req(r)->out, status, h, n, e);
}

static int write_body(struct http_req *r, const void *p, size_t n, struct err *e)
{
	return output_write(&of_req(r)->out, p, n, e);
}

static int flush_body(struct http_req *r, struct err *e)
{
	return output_flush(&of_req(r)->out, e);
}

static void abort_response(struct http_req *r)
{
	of_req(r)->aborted = true;
	of_req(r)->out.failed = true;
}

static int enter_transfer(struct http_req *r, struct err *e)
{
	struct exchange *x = of_req(r);

	return x->enter_transfer ? x->enter_transfer(x, e) : 0;
}

static int before_body(struct input *in, struct err *e)
{
	return enter_transfer(&((struct exchange *)in->ctx)->req, e);
}

/* A client that takes its time must not keep a request thread: if no transfer is free, it is
 * cut soon. */
static bool before_wait(struct output *out)
{
	struct err e;

	return enter_transfer(&((struct exchange *)out->ctx)->req, &e) == 0;
}

/* Unique in practice: a random start for each thread, then a walk through all 64-bit numbers. */
static void make_id(char id[17])
{
	static _Thread_local uint64_t state;
	uint64_t z;

	if (state == 0)
		state = rnd_u64();
	state += 0x9E3779B97F4A7C15u;
	z = state;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	snprintf(id, 17, "%016llX", (unsigned long long)(z ^ z >> 31));
}

/* In HTTP/1 a request that tells no length has no body (RFC 9112 section 6.3); later versions
 * need not tell (RFC 9113 section 8.1.1). */
static bool may_hide_a_body(char **env)
{
	const char *protocol = params_get(env, "SERVER_PROTOCOL");

	return protocol && strncmp(protocol, "HTTP/1.", 7) != 0;
}

void exchange_run(struct exchange *x, char **env, struct arena *a, struct http_app *app)
{
	static const struct http_transport transport = {
		.begin = begin,
		.write = write_body,
		.flush = flush_body,
		.abort = abort_response,
		.enter_transfer = enter_transfer,
	};
	struct http_req *r = &x->req;

	*r = (struct http_req){.arena = a, .transport = &transport, .conn = x};
	r->received_us = clock_now_us(&clock_system);
	r->started_us = clock_mono_us();
	make_id(r->id);
	params_to_req(env, r);
	x->in.length = r->content_length;
	x->in.unbounded = r->content_length < 0 && (r->chunked || may_hide_a_body(env));
	x->in.before_first = before_body;
	x->in.ctx = x;
	x->out.would_block = before_wait;
	x->out.ctx = x;
	r->body = &x->in.src;
	app->serve(app, r);
}
