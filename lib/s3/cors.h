/* SPDX-License-Identifier: MIT */
/* Cross-origin requests of browsers: what they ask before, and what every response tells them.
 */
#ifndef MX_S3_CORS_H
#define MX_S3_CORS_H

#include "model/cors.h"
#include "s3/handler.h"

/* A preflight is of nobody: its caller is anonymous, in the namespace that the request to come
 * claims. */
struct s3_preflight_in {
	struct cors_ask ask;
	struct span method; /* as it was sent */
};
struct s3_preflight_out {
	const struct cors_rule *rule;
	struct span pattern;
	struct cors_list headers; /* those asked for */
};
S3_HANDLER(preflight);

/* Adds to a response, an error too, what the bucket's rules say of it; before the head is sent.
 */
void s3_cors_add(struct s3_req *q);

#endif
