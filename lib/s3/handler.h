/* SPDX-License-Identifier: MIT */
/*
 * The shape of an operation's handler NAME: struct s3_NAME_in is what was asked, struct
 * s3_NAME_out what came of it. parse reads HTTP and XML, run does it, render writes HTTP and
 * XML. Each returns 0, or -1 with q->call.fail (c->fail) filled.
 */
#ifndef MX_S3_HANDLER_H
#define MX_S3_HANDLER_H

#include "s3/call.h"

struct s3_req;

#define S3_HANDLER(name) \
	int s3_##name##_parse(struct s3_req *q, struct s3_##name##_in *in) MX_MUST_CHECK; \
	int s3_##name##_run(struct s3_call *c, const struct s3_##name##_in *in, \
		struct s3_##name##_out *out) MX_MUST_CHECK; \
	int s3_##name##_render(struct s3_req *q, const struct s3_##name##_out *out) \
		MX_MUST_CHECK

#endif
