/* SPDX-License-Identifier: MIT */
/* Requester Pays: whoever else uses such a bucket says that he knows it, and is told so. */
#include "s3/req.h"

int s3_check_payer(struct s3_req *q, const struct meta_bucket *b)
{
	const struct caller *c = &q->call.caller;
	static const char charged[] = "x-amz-request-charged";

	if (!meta_bucket_has(b, META_CONFIG_REQUEST_PAYMENT) || authz_owns(c, b))
		return 0;
	if (c->anonymous || !span_eq_str(s3_header(q, "x-amz-request-payer"), "requester"))
		return s3_fail(&q->call, S3_AccessDenied, NULL);
	if (!http_head_has(&q->head, charged))
		http_head_add_str(&q->head, charged, "requester");
	return 0;
}
