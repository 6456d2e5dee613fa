/* SPDX-License-Identifier: MIT */
/*
 * The transport: FastCGI requests from a front server (or one CGI request) handed to an http_app. Behind
 * this header stands the only user of libfcgi.
 */
#ifndef MX_FCGI_SERVE_H
#define MX_FCGI_SERVE_H

#include <signal.h>

#include "http/http.h"
#include "svc/metrics.h"

struct fcgi_config {
	const char *listen; /* socket path or host:port; "": a passed socket or descriptor 0 */
	unsigned request_threads;
	unsigned transfer_threads;
	int backlog;
	int idle_timeout_s, drain_timeout_s, body_timeout_s;
	void (*reload)(void *ctx); /* on SIGHUP, in the thread that called fcgi_serve; may be NULL */
	void *reload_ctx;
};

/* Blocks the signals that fcgi_serve waits for and ignores SIGPIPE. Before any thread is made. */
void fcgi_block_signals(void);

/* Serves until SIGTERM or SIGINT, then drains. 0: no thread of the app runs any more. err: ERR_INVALID
 * nothing to listen on or a bad address; ERR_BUSY: requests went on past all patience, their threads
 * still run and the caller must _exit. m may be NULL. */
int fcgi_serve(const struct fcgi_config *cfg, struct http_app *app, struct metrics *m, struct err *e)
	MX_MUST_CHECK;

/* Whether a CGI gateway started this process for one request. */
bool cgi_is_request(char **env);
/* Serves that request from env and descriptor in_fd to out_fd. err: ERR_INCOMPLETE: the response was cut. */
int cgi_serve(struct http_app *app, char **env, int in_fd, int out_fd, struct err *e) MX_MUST_CHECK;

#endif
