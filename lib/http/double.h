/* SPDX-License-Identifier: MIT */
/* An in-memory client for tests: builds a request, runs an app, keeps the response. */
#ifndef MX_HTTP_DOUBLE_H
#define MX_HTTP_DOUBLE_H

#include "http/http.h"

struct http_double {
	struct arena *arena;
	struct http_req req;
	struct source_mem body;
	uint64_t body_read; /* bytes of it that were pulled */
	/* response */
	int status;
	struct http_header *headers;
	size_t header_count;
	struct buf out;
	uint64_t flushed; /* bytes of it that had left before its end */
	bool aborted;
	bool entered_transfer;
	/* The response broke HTTP: none at all, or a body unlike its Content-Length. */
	bool broken;
	/* faults */
	uint64_t cut_body_after;   /* the client vanishes after so many body bytes */
	uint64_t fail_write_after; /* writing fails after so many bytes; both UINT64_MAX: never */
	bool no_transfer;          /* enter_transfer says ERR_BUSY */
};

/* target: path and query as on the wire. */
void http_double_init(struct http_double *d, const char *method, const char *target);
void http_double_fini(struct http_double *d);
/* As the transport: name to lower case with '-'; Host, Content-Length and Transfer-Encoding set
 * their members of the request. */
void http_double_header(struct http_double *d, const char *name, const char *value);
/* Sets body and Content-Length. bytes must outlive the run. */
void http_double_body(struct http_double *d, struct span bytes);
void http_double_run(struct http_double *d, struct http_app *app);
/* Response header, case-insensitive; absent if none. */
struct span http_double_get(const struct http_double *d, const char *name);

#endif
