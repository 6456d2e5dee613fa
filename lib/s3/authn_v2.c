/* SPDX-License-Identifier: MIT */
/* Signature Version 2, in the Authorization header and in the query. */
#include "s3/authn.h"

static int not_yet(struct s3_req *q)
{
	return s3_fail(
		&q->call, S3_NotImplemented, "This way of authentication is not implemented.");
}

/* "AWS key:signature"; anything else behind the word is malformed. */
int s3_authn_v2_header(struct s3_req *q)
{
	struct span rest = span_from(s3_header(q, "authorization"), sizeof("AWS ") - 1);
	ptrdiff_t colon = span_find_byte(rest, ':');

	if (colon <= 0 || (size_t)colon + 1 == rest.n)
		return s3_fail_argument(&q->call, "Authorization", SPAN_LIT("AWS"),
			"AWS authorization header is invalid. Expected "
			"AwsAccessKeyId:signature");
	return not_yet(q);
}

int s3_authn_v2_query(struct s3_req *q)
{
	return not_yet(q);
}
