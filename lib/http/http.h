/* SPDX-License-Identifier: MIT */
/*
 * A request and its response as the protocol layers see them; fcgi/ and the in-memory double of the
 * tests fill it. Not shared between threads.
 */
#ifndef MX_HTTP_HTTP_H
#define MX_HTTP_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/source.h"
#include "base/span.h"

struct http_header {
	struct span name; /* requests: lower case, '-' (never '_'); responses: as sent */
	struct span value;
};

enum {
	HTTP_MAX_HEADERS = 200,
	HTTP_MAX_HEADER_BYTES = 8192, /* S3's bound on the header section, without the request line */
	HTTP_MAX_URI = 16 * 1024
};

struct http_req;

struct http_transport {
	/* Sends status and headers. Content-Length, if known, is among them. Once per request. */
	int (*begin)(struct http_req *r, int status, const struct http_header *h, size_t n, struct err *e);
	/* Body bytes. err: ERR_INCOMPLETE the client is gone. */
	int (*write)(struct http_req *r, const void *p, size_t n, struct err *e);
	/* Sends what is held back for later. err: ERR_INCOMPLETE. */
	int (*flush)(struct http_req *r, struct err *e);
	/* Gives up the response in the middle: the client sees a cut connection, never a short success. */
	void (*abort)(struct http_req *r);
	/* Before a body is read or a large one is written: this thread stops counting as a request thread.
	 * Idempotent. err: ERR_BUSY when too many transfers run: answer 503 SlowDown. */
	int (*enter_transfer)(struct http_req *r, struct err *e);
};

struct http_req {
	struct arena *arena;
	const struct http_transport *transport;
	void *conn; /* the transport's */

	struct span method;
	struct span uri;	 /* as received */
	struct span path, query; /* of uri, split at the first '?'; query absent without one */
	struct span host;	 /* Host header, lower case, port included */
	struct span remote_addr; /* textual address of the peer, after configured proxies */
	bool https;
	struct http_header *headers; /* in order of arrival, duplicates kept */
	size_t header_count;
	size_t header_bytes; /* names + values + 4 per line */
	bool too_many_headers;

	/* Body. content_length -1: no Content-Length header. content_length_text as received. */
	int64_t content_length;
	struct span content_length_text;
	bool chunked;	     /* Transfer-Encoding: chunked, as far as the front server tells */
	struct source *body; /* never NULL; ERR_INCOMPLETE when it ends before content_length */

	char id[17];	     /* request id: 16 upper-case hex digits */
	int64_t received_us; /* wall clock */
	int64_t started_us;  /* monotonic */

	/* What was answered, for the log and metrics. */
	int status;
	uint64_t bytes_out;
	bool head_sent, aborted;
};

/* First header of that (lower case) name; absent if none. */
struct span http_header_get(const struct http_req *r, const char *name);
/* All values of that name joined with "," (arena); absent if none. */
struct span http_header_joined(const struct http_req *r, const char *name);
size_t http_header_count(const struct http_req *r, const char *name);

/* The response under construction. */
struct http_head {
	struct arena *arena;
	struct http_header *h;
	size_t n, cap;
};
void http_head_init(struct http_head *h, struct arena *a);
/* name is static or lives in the arena; a value with CR, LF or NUL is dropped (it was refused when it
 * came in: this is the second wall). */
void http_head_add(struct http_head *h, const char *name, struct span value);
void http_head_add_str(struct http_head *h, const char *name, const char *value);
void http_head_add_u64(struct http_head *h, const char *name, uint64_t v);
bool http_head_has(const struct http_head *h, const char *name);

/* Sends everything at once; adds Content-Length. For HEAD pass the body: only its length is sent. */
int http_respond(struct http_req *r, int status, struct http_head *h, struct span body, struct err *e);
/* In two steps; content_length is added unless it is UINT64_MAX. */
int http_begin(struct http_req *r, int status, struct http_head *h, uint64_t content_length, struct err *e)
	MX_MUST_CHECK;
int http_write(struct http_req *r, const void *p, size_t n, struct err *e) MX_MUST_CHECK;
/* What was written leaves now, not with what follows. */
int http_flush(struct http_req *r, struct err *e) MX_MUST_CHECK;
void http_abort(struct http_req *r);
int http_enter_transfer(struct http_req *r, struct err *e) MX_MUST_CHECK;

/* Serves one request to its end; never fails: failures become responses or aborts. */
struct http_app {
	void (*serve)(struct http_app *app, struct http_req *r);
};

#endif
