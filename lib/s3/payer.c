/* SPDX-License-Identifier: MIT */
/* Requester Pays: whoever else uses such a bucket says that he knows it, and is told so. */
#include "s3/call.h"

int s3_check_payer(struct s3_call *c, const struct meta_bucket *b)
{
	if (!meta_bucket_has(b, META_CONFIG_REQUEST_PAYMENT) || authz_owns(&c->caller, b))
		return 0;
	if (c->caller.anonymous || !span_eq_str(c->payer, "requester"))
		return s3_fail(c, S3_AccessDenied, NULL);
	c->charged = true;
	return 0;
}
