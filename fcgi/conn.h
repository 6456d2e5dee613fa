/* SPDX-License-Identifier: MIT */
/* One request on a connection of the front server, read with libfcgi. */
#ifndef MX_FCGI_CONN_H
#define MX_FCGI_CONN_H

#include "fcgi/pool.h"
#include "http/http.h"

/* Once, before any thread. */
void conn_library_init(void);

enum conn_fate {
	CONN_KEPT,   /* fd is open and may carry another request */
	CONN_ENDING, /* answered before its body was read; fd is open for conn_discard */
	CONN_CLOSED
};
/* Serves the request that waits on fd. may_keep false: it is not kept, whatever the front
 * server wishes. */
enum conn_fate conn_serve(int fd, struct http_app *app, struct pool_worker *w,
	bool (*may_keep)(void *ctx), void *ctx);
/* Throws away what has come on an ending connection, without waiting. Returns whether more may
 * come. */
bool conn_discard(int fd);

#endif
