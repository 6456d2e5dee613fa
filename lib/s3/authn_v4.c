/* SPDX-License-Identifier: MIT */
/* Signature Version 4, in the Authorization header and in the query. */
#include "s3/authn.h"

static enum s3_code code_of_malformed(const struct s3_req *q)
{
	return q->sig.is_presigned ? S3_AuthorizationQueryParametersError
				   : S3_AuthorizationHeaderMalformed;
}

static int fail_region(struct s3_req *q)
{
	const char *region = svc_cfg(q->call.svc)->region;
	const char *intro = q->sig.is_presigned ? "Error parsing the X-Amz-Credential parameter"
						: "The authorization header is malformed";

	s3_fail(&q->call, code_of_malformed(q),
		arena_printf(q->call.arena, "%s; the region '%.*s' is wrong; expecting '%s'",
			intro, SPAN_FMT(q->sig.region), region));
	s3_fail_add(&q->call, "Region", span_str(region));
	/* HEAD has no body: clients take it from here. */
	http_head_add_str(&q->head, "x-amz-bucket-region", region);
	return -1;
}

static int fail_expired(struct s3_req *q)
{
	const struct sigv4 *s = &q->sig;
	const char *seconds = arena_printf(q->call.arena, "%lld", (long long)s->expires_s);

	return s3_authn_fail_expired(q, s->at_us + s->expires_s * 1000000, span_str(seconds));
}

static int fail_mismatch(struct s3_req *q)
{
	struct span canonical = q->proof.canonical_request;

	s3_authn_fail_mismatch(q, q->sig.access_key, q->sig.signature, q->proof.string_to_sign);
	s3_fail_add(&q->call, "CanonicalRequest", canonical);
	s3_fail_add(
		&q->call, "CanonicalRequestBytes", s3_authn_bytes(q->call.arena, canonical));
	return -1;
}

/* What takes no more than a code and words. */
static int fail_plainly(struct s3_req *q, enum sigv4_fault fault)
{
	static const struct {
		enum s3_code code;
		const char *message;
	} answers[] = {
		[SIGV4_NOT_V4] = {S3_InvalidArgument, "Unsupported Authorization Type"},
		[SIGV4_NO_DATE] = {S3_AccessDenied,
			"AWS authentication requires a valid Date or x-amz-date header"},
		[SIGV4_NO_PAYLOAD_HASH] = {S3_InvalidRequest,
			"Missing required header for this request: x-amz-content-sha256"},
		[SIGV4_NOT_YET] = {S3_AccessDenied, "Request is not yet valid"},
		[SIGV4_UNSIGNED_HEADER] = {S3_AccessDenied,
			"There were headers present in the request which were not signed"},
	};

	return s3_fail(&q->call, answers[fault].code, answers[fault].message);
}

int s3_authn_fail_v4(struct s3_req *q, enum sigv4_fault fault)
{
	switch (fault) {
	case SIGV4_OK:
		return 0;
	case SIGV4_MALFORMED:
	case SIGV4_SCOPE_DATE:
		return s3_fail(&q->call, code_of_malformed(q), q->sig.text);
	case SIGV4_WRONG_REGION:
		return fail_region(q);
	case SIGV4_SKEWED:
		return s3_authn_fail_skewed(
			q, span_str(arena_strdup(q->call.arena, q->sig.amz_date)));
	case SIGV4_BAD_PAYLOAD_HASH:
		return s3_fail_argument(&q->call, "x-amz-content-sha256", q->sig.payload_hash,
			"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a known STREAMING-... "
			"value, or a valid sha256 value.");
	case SIGV4_EXPIRED:
		return fail_expired(q);
	case SIGV4_MISMATCH:
		return fail_mismatch(q);
	case SIGV4_UNSIGNED_HEADER:
		fail_plainly(q, fault);
		s3_fail_add(&q->call, "HeadersNotSigned", q->sig.detail);
		return -1;
	case SIGV4_NOT_V4:
	case SIGV4_NO_DATE:
	case SIGV4_NO_PAYLOAD_HASH:
	case SIGV4_NOT_YET:
		break;
	}
	return fail_plainly(q, fault);
}

static int check(struct s3_req *q, enum sigv4_fault fault)
{
	if (fault != SIGV4_OK)
		return s3_authn_fail_v4(q, fault);
	if (s3_principal_find(q, q->sig.access_key) < 0)
		return -1;
	fault = sigv4_verify_key(q->call.arena, &q->auth, &q->sig,
		svc_signing_key(q->call.svc, &q->principal, q->sig.day), &q->proof);
	if (fault != SIGV4_OK)
		return s3_authn_fail_v4(q, fault);
	if (s3_principal_accept(q) < 0)
		return -1;
	q->is_signed = true;
	q->names = q->proof.names;
	/* No name of the tables has a '+': the route stands. */
	return q->proof.plus_is_literal ? s3_params_parse(q, true) : 0;
}

int s3_authn_v4_header(struct s3_req *q)
{
	s3_authn_collect(q, q->sent, q->sent_count);
	return check(q,
		sigv4_parse(q->call.arena, &q->auth, svc_cfg(q->call.svc)->region,
			q->call.now_us, &q->sig));
}

int s3_authn_v4_query(struct s3_req *q)
{
	s3_authn_collect(q, q->sent, q->sent_count);
	return check(q,
		sigv4_parse_query(q->call.arena, &q->auth, svc_cfg(q->call.svc)->region,
			q->call.now_us, &q->sig));
}
