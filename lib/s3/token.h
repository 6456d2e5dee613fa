/* SPDX-License-Identifier: MIT */
/* Continuation tokens: opaque to clients, the last name of a page in base64url behind a version
 * digit. */
#ifndef MX_S3_TOKEN_H
#define MX_S3_TOKEN_H

#include "s3/req.h"

const char *s3_token_make(struct arena *a, struct span last);
/* Fails with InvalidArgument on anything that s3_token_make does not make. */
int s3_token_parse(struct s3_req *q, struct span token, struct span *last_r) MX_MUST_CHECK;

#endif
