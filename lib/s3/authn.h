/* SPDX-License-Identifier: MIT */
/* What the mechanisms of authn.c share. Each is a file of its own; each function returns 0, or
 * -1 with q->call.fail filled. */
#ifndef MX_S3_AUTHN_H
#define MX_S3_AUTHN_H

#include "s3/req.h"

int s3_authn_v4_header(struct s3_req *q) MX_MUST_CHECK;
int s3_authn_v4_query(struct s3_req *q) MX_MUST_CHECK;
int s3_authn_v2_header(struct s3_req *q) MX_MUST_CHECK;
int s3_authn_v2_query(struct s3_req *q) MX_MUST_CHECK;

/* q->auth: the request with these of its headers. */
void s3_authn_collect(struct s3_req *q, const struct http_header *headers, size_t n);
/* The signatures of chunks start from one of Signature V4. */
int s3_authn_refuse_stream(struct s3_req *q) MX_MUST_CHECK;

/* What a fault of q->sig is to the client. */
int s3_authn_fail_v4(struct s3_req *q, enum sigv4_fault fault);
/* RequestTimeTooSkewed; request_time as it was sent. */
int s3_authn_fail_skewed(struct s3_req *q, struct span request_time);
/* AccessDenied: the request held until at_us; seconds: what X-Amz-Expires said, or absent. */
int s3_authn_fail_expired(struct s3_req *q, int64_t at_us, struct span seconds);
/* SignatureDoesNotMatch, with what was to be signed. */
int s3_authn_fail_mismatch(struct s3_req *q, struct span access_key, struct span signature,
	struct span string_to_sign);
/* Text as bytes in hexadecimal, as AWS shows what was to be signed. */
struct span s3_authn_bytes(struct arena *a, struct span s);

#endif
