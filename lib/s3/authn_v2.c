/* SPDX-License-Identifier: MIT */
/* Signature Version 2, in the Authorization header and in the query. */
#include "s3/authn.h"

#include "auth/sigv2.h"

static int fail_mismatch(
	struct s3_req *q, const struct sigv2 *sig, const struct sigv2_proof *proof)
{
	return s3_authn_fail_mismatch(
		q, sig->access_key, sig->signature, proof->string_to_sign);
}

static int fail_v2(struct s3_req *q, enum sigv2_fault fault, const struct sigv2 *sig)
{
	switch (fault) {
	case SIGV2_OK:
		return 0;
	case SIGV2_MALFORMED:
		return s3_fail_argument(&q->call, "Authorization", SPAN_LIT("AWS"),
			"AWS authorization header is invalid. Expected "
			"AwsAccessKeyId:signature");
	case SIGV2_INCOMPLETE:
		return s3_fail(&q->call, S3_AccessDenied,
			"Query-string authentication requires the Signature, Expires and "
			"AWSAccessKeyId parameters");
	case SIGV2_NO_DATE:
		return s3_fail(&q->call, S3_AccessDenied,
			"AWS authentication requires a valid Date or x-amz-date header");
	case SIGV2_BAD_EXPIRES:
		return s3_fail(&q->call, S3_AccessDenied,
			arena_printf(q->call.arena,
				"Invalid date (should be seconds since epoch): %.*s",
				SPAN_FMT(sig->date)));
	case SIGV2_SKEWED:
		return s3_authn_fail_skewed(q, sig->date);
	case SIGV2_EXPIRED:
		return s3_authn_fail_expired(q, sig->at_us, SPAN_NULL);
	case SIGV2_MISMATCH:
		break;
	}
	return s3_fail(&q->call, S3_SignatureDoesNotMatch, NULL);
}

/* The reading is that of sub-resources: what acts as a header stays what was signed. */
static int read_plus_literally(struct s3_req *q)
{
	struct http_header *headers = q->http->headers;
	size_t n = q->http->header_count;

	if (s3_params_parse(q, true) < 0)
		return -1;
	q->http->headers = headers;
	q->http->header_count = n;
	return 0;
}

static int check(struct s3_req *q, enum sigv2_fault fault, const struct sigv2 *sig)
{
	struct span host_bucket = q->target.host_style ? q->target.bucket : SPAN_NULL;
	struct sigv2_proof proof;

	if (fault != SIGV2_OK)
		return fail_v2(q, fault, sig);
	if (s3_authn_refuse_stream(q) < 0 || s3_principal_find(q, sig->access_key) < 0)
		return -1;
	if (sigv2_verify(q->call.arena, &q->auth, sig, host_bucket, q->principal.secret,
		    &proof) != SIGV2_OK)
		return fail_mismatch(q, sig, &proof);
	if (s3_principal_accept(q) < 0)
		return -1;
	q->is_signed = true;
	q->names = proof.names;
	return proof.plus_is_literal ? read_plus_literally(q) : 0;
}

int s3_authn_v2_header(struct s3_req *q)
{
	struct sigv2 sig;
	enum sigv2_fault fault;

	s3_authn_collect(q, q->http->headers, q->http->header_count);
	fault = sigv2_parse(&q->auth, q->call.now_us, &sig);
	return check(q, fault, &sig);
}

int s3_authn_v2_query(struct s3_req *q)
{
	struct sigv2 sig;
	enum sigv2_fault fault;

	s3_authn_collect(q, q->http->headers, q->http->header_count);
	fault = sigv2_parse_query(q->call.arena, &q->auth, q->call.now_us, &sig);
	return check(q, fault, &sig);
}
