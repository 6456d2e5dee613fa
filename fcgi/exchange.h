/* SPDX-License-Identifier: MIT */
/* One request and its response over streams of either kind: what FastCGI and CGI have in common. */
#ifndef MX_FCGI_EXCHANGE_H
#define MX_FCGI_EXCHANGE_H

#include "fcgi/io.h"

struct exchange {
	struct http_req req;
	struct input in;
	struct output out;
	/* This thread stops counting as a request thread; NULL: it never counted. */
	int (*enter_transfer)(struct exchange *x, struct err *e);
	void *ctx;
	bool aborted;
};

/* x->in, x->out, enter_transfer and ctx are set; serves env's request by app. The response still has to be
 * ended with output_end. */
void exchange_run(struct exchange *x, char **env, struct arena *a, struct http_app *app);

#endif
