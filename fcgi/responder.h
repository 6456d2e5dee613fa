/* SPDX-License-Identifier: MIT */
/* What the two mains have in common. */
#ifndef MX_FCGI_RESPONDER_H
#define MX_FCGI_RESPONDER_H

#include "http/http.h"
#include "svc/svc.h"

struct responder {
	const char *name; /* "s3.fcgi" */
	struct http_app *(*app_new)(struct svc *svc);
	void (*app_free)(struct http_app *app);
	const struct metrics_labels *(*labels)(void);
	const char *(*listen)(const struct cfg *c);
	bool background; /* collects garbage and recovers */
};

int responder_main(const struct responder *r, int argc, char **argv);

#endif
