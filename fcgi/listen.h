/* SPDX-License-Identifier: MIT */
/* Where connections of the front server come from. */
#ifndef MX_FCGI_LISTEN_H
#define MX_FCGI_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

enum { LISTEN_PATH_MAX = 107 };

struct listener {
	int fd; /* non-blocking, close-on-exec */
	char path[LISTEN_PATH_MAX + 1]; /* of a UNIX socket made by us, else "" */
	dev_t dev;
	ino_t ino;
};

/* In this order: a socket passed by systemd (LISTEN_FDS), `spec` (a path, which contains a '/', or host:port),
 * descriptor 0. A UNIX socket replaces an older one in one rename, so that no connection is refused
 * meanwhile. err: ERR_INVALID nothing to listen on, path over LISTEN_PATH_MAX bytes, not an address. */
int listen_open(const char *spec, int backlog, struct listener *l, struct err *e) MX_MUST_CHECK;
/* Closes; removes the path if it is still this socket's. */
void listen_close(struct listener *l);
/* Removes the path if it is still this socket's: no new connection finds us. Returns whether
 * the path is another's by now. */
bool listen_hide(struct listener *l);

#endif
