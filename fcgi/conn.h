/* SPDX-License-Identifier: MIT */
/* One request on a connection of the front server, read with libfcgi. */
#ifndef MX_FCGI_CONN_H
#define MX_FCGI_CONN_H

#include "fcgi/pool.h"
#include "http/http.h"

/* Once, before any thread. */
void conn_library_init(void);
/* Serves the request that waits on fd. True: fd stays open and may carry another one. False: it was closed.
 * may_keep false: it is to be closed whatever the front server wishes. */
bool conn_serve(int fd, struct http_app *app, struct pool_worker *w, bool (*may_keep)(void *ctx), void *ctx);

#endif
