/* SPDX-License-Identifier: MIT */
/* The three streams of a request: environment in, body in, response out; shared by FastCGI and CGI. */
#ifndef MX_FCGI_IO_H
#define MX_FCGI_IO_H

#include <stdint.h>

#include "http/http.h"

/* ---- params.c: the environment of a request ------------------------------------------------------- */

/* Fills method, uri, headers, addresses and lengths of r from "NAME=value" strings, which must outlive it.
 * r->arena is set. What a client chooses (HTTP_*) never reaches anything but the headers. */
void params_to_req(char **env, struct http_req *r);
/* The value of a name, NULL if absent. */
const char *params_get(char **env, const char *name);

/* ---- input.c: the body ----------------------------------------------------------------------------- */

struct input {
	struct source src;
	/* Up to n bytes of the stream into p, fewer only when it ended (`ended`) or broke (`broken`). */
	size_t (*pull)(struct input *in, void *p, size_t n);
	int (*before_first)(struct input *in, struct err *e); /* may be NULL */
	void *ctx;
	int64_t length; /* of Content-Length, or -1 */
	bool unbounded; /* without a length, and there may be one: ends where the stream does */
	uint64_t got;
	bool started, ended, broken;
};
void input_init(struct input *in, size_t (*pull)(struct input *, void *, size_t), void *ctx,
	int64_t length);
/* Whether the stream was read to its clean end; asks it when nothing more can be due, and never waits for a
 * body that nobody has read. */
bool input_at_end(struct input *in);

/* ---- output.c: the response ------------------------------------------------------------------------- */

enum { OUTPUT_HELD_BYTES = 16 * 1024, OUTPUT_RECORD_BYTES = 65528, OUTPUT_HURRY_MS = 1000 };

struct output {
	int fd;
	bool framed; /* FastCGI records; else plain CGI */
	uint16_t request_id;
	/* Before a write that has to wait; false: the response may wait for OUTPUT_HURRY_MS in
	 * all. May be NULL. */
	bool (*would_block)(struct output *out);
	void *ctx;
	int64_t hurry_until_us; /* 0: no write had to hurry yet */
	size_t held; /* bytes of content in buf, behind room for a record header */
	bool failed;
	unsigned char *buf; /* OUTPUT_BUF_BYTES, of the caller */
};
enum { OUTPUT_BUF_BYTES = 8 + OUTPUT_HELD_BYTES + 8 + 16 + 16 };

void output_init(struct output *out, int fd, unsigned char *buf);
int output_head(struct output *out, int status, const struct http_header *h, size_t n, struct err *e)
	MX_MUST_CHECK;
/* Small pieces are held back and leave together; large ones go straight from p. err: ERR_INCOMPLETE. */
int output_write(struct output *out, const void *p, size_t n, struct err *e) MX_MUST_CHECK;
/* Sends what is held back. */
int output_flush(struct output *out, struct err *e) MX_MUST_CHECK;
/* The rest of the response. no_reuse appends bytes that keep nginx from using the connection again. */
int output_end(struct output *out, bool no_reuse, struct err *e) MX_MUST_CHECK;

#endif
