/* SPDX-License-Identifier: MIT */
/*
 * The probes /health, /ready and /metrics, alike on both ports: an unsigned GET or HEAD of exactly that
 * path; a signed one is the bucket of that name.
 */
#ifndef MX_HTTP_PROBE_H
#define MX_HTTP_PROBE_H

#include "http/http.h"

/* Callbacks keep this folder free of svc. */
struct http_probe {
	int (*ready)(void *ctx, struct err *e);
	void (*metrics)(void *ctx, struct buf *out);
	const char *metrics_token; /* "": loopback addresses only */
	void *ctx;
};
/* True when the request was a probe and has been answered. */
bool http_probe_serve(const struct http_probe *p, struct http_req *r);

#endif
