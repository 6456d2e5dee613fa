/* SPDX-License-Identifier: MIT */
/*
 * Who calls: the mechanism that a request uses, and what is answered when it does not hold. A
 * request that names no mechanism is anonymous; one that names two, or one we do not know, is
 * refused.
 */
#include "s3/authn.h"

#include "codec/timefmt.h"
#include "s3/fields.h"
#include "s3/form.h"

static bool has_param(const struct s3_req *q, const char *name)
{
	return !span_absent(s3_param(q, name));
}

bool s3_query_has_v4(const struct s3_req *q)
{
	return has_param(q, "X-Amz-Algorithm") || has_param(q, "X-Amz-Signature") ||
		has_param(q, "X-Amz-Credential");
}

bool s3_query_has_v2(const struct s3_req *q)
{
	return has_param(q, "AWSAccessKeyId") || has_param(q, "Signature");
}

static bool has_header(const struct s3_req *q)
{
	return s3_header(q, "authorization").n != 0;
}

/* ---- no mechanism ---- */

static bool reads_object(const struct s3_req *q)
{
	return q->call.op == s3_op_get(S3_OP_GET_OBJECT) ||
		q->call.op == s3_op_get(S3_OP_HEAD_OBJECT);
}

static int check_anonymous(struct s3_req *q)
{
	struct err e;

	if (s3_authn_refuse_stream(q) < 0)
		return -1;
	if (reads_object(q) && s3_overrides_asked(q))
		return s3_fail(&q->call, S3_InvalidRequest,
			"Request specific response headers cannot be used for anonymous GET "
			"requests.");
	if (svc_anonymous(q->call.svc, &q->call.caller, &e) < 0)
		return s3_fail_err(&q->call, &e);
	return 0;
}

/* ---- what mechanisms share ---- */

void s3_authn_collect(struct s3_req *q, const struct http_header *headers, size_t n)
{
	const struct http_req *r = q->http;
	struct auth_header *h = arena_array(q->call.arena, struct auth_header, n);

	for (size_t i = 0; i < n; i++)
		h[i] = (struct auth_header){headers[i].name, headers[i].value};
	q->auth = (struct auth_request){
		.method = r->method,
		.path = r->path,
		.query = r->query,
		.headers = h,
		.header_count = n,
	};
}

int s3_authn_refuse_stream(struct s3_req *q)
{
	struct span sha256 = s3_header(q, "x-amz-content-sha256");

	if (!span_starts(sha256, SPAN_LIT("STREAMING-AWS4-")))
		return 0;
	return s3_fail(&q->call, S3_InvalidRequest,
		"A signed streaming body needs a request that is signed by Signature V4.");
}

/* No session was ever given away: no token is one of ours. */
static int check_token(struct s3_req *q)
{
	struct span token = s3_header(q, "x-amz-security-token");

	if (token.n == 0)
		return 0;
	s3_fail(&q->call, S3_InvalidToken, NULL);
	s3_fail_add(&q->call, "Token-0", token);
	return -1;
}

int s3_principal_find(struct s3_req *q, struct span access_key)
{
	struct err e;

	if (check_token(q) < 0)
		return -1;
	if (svc_principal_get(q->call.svc, access_key, q->call.arena, &q->principal, &e) == 0)
		return 0;
	s3_fail_err(&q->call, &e);
	if (q->call.fail.code == S3_InvalidAccessKeyId)
		s3_fail_add(&q->call, "AWSAccessKeyId", access_key);
	return -1;
}

/* After the signature: the state of a key is nobody else's business. */
int s3_principal_accept(struct s3_req *q)
{
	struct err e;

	if (svc_principal_check(q->call.svc, &q->principal, &e) < 0)
		return s3_fail_err(&q->call, &e);
	q->call.principal = &q->principal;
	q->call.caller = q->principal.caller;
	return 0;
}

/* ---- failures ---- */

static void add_time(struct s3_req *q, const char *name, int64_t at_us)
{
	char text[TIMEFMT_MAX];

	timefmt_iso8601_seconds(text, at_us);
	s3_fail_add(&q->call, name, span_str(arena_strdup(q->call.arena, text)));
}

int s3_authn_fail_skewed(struct s3_req *q, struct span request_time)
{
	s3_fail(&q->call, S3_RequestTimeTooSkewed, NULL);
	s3_fail_add(&q->call, "RequestTime", request_time);
	add_time(q, "ServerTime", q->call.now_us);
	s3_fail_add(&q->call, "MaxAllowedSkewMilliseconds", SPAN_LIT("900000"));
	return -1;
}

int s3_authn_fail_expired(struct s3_req *q, int64_t at_us, struct span seconds)
{
	s3_fail(&q->call, S3_AccessDenied, "Request has expired");
	if (!span_absent(seconds))
		s3_fail_add(&q->call, "X-Amz-Expires", seconds);
	add_time(q, "Expires", at_us);
	add_time(q, "ServerTime", q->call.now_us);
	return -1;
}

/* Text as bytes in hexadecimal, as AWS shows them. */
struct span s3_authn_bytes(struct arena *a, struct span s)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_alloc_raw(a, s.n * 3 + 1), *at = p;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
		*at++ = ' ';
	}
	return span_of(p, s.n ? s.n * 3 - 1 : 0);
}

int s3_authn_fail_mismatch(struct s3_req *q, struct span access_key, struct span signature,
	struct span string_to_sign)
{
	s3_fail(&q->call, S3_SignatureDoesNotMatch, NULL);
	s3_fail_add(&q->call, "AWSAccessKeyId", access_key);
	s3_fail_add(&q->call, "StringToSign", string_to_sign);
	s3_fail_add(&q->call, "SignatureProvided", signature);
	s3_fail_add(
		&q->call, "StringToSignBytes", s3_authn_bytes(q->call.arena, string_to_sign));
	return -1;
}

/* ---- the tables ---- */

static int check_header(struct s3_req *q)
{
	static const struct {
		struct span scheme;
		int (*check)(struct s3_req *q);
	} schemes[] = {
		{SPAN_LIT("AWS4-HMAC-SHA256"), s3_authn_v4_header},
		{SPAN_LIT("AWS"), s3_authn_v2_header},
	};
	struct span value = s3_header(q, "authorization"), rest = value, scheme;
	bool has_rest = span_cut(&rest, ' ', &scheme) && !span_absent(rest);

	for (size_t i = 0; has_rest && i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (span_eq(scheme, schemes[i].scheme))
			return schemes[i].check(q);
	return s3_fail_argument(
		&q->call, "Authorization", value, "Unsupported Authorization Type");
}

int s3_authenticate(struct s3_req *q)
{
	static const struct {
		bool (*claims)(const struct s3_req *q);
		int (*check)(struct s3_req *q);
	} mechanisms[] = {
		{has_header, check_header},
		{s3_form_is_signed, s3_authenticate_form},
		{s3_query_has_v4, s3_authn_v4_query},
		{s3_query_has_v2, s3_authn_v2_query},
	};
	int (*check)(struct s3_req * q) = NULL;

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		if (!mechanisms[i].claims(q))
			continue;
		if (check)
			return s3_fail_argument(&q->call, "Authorization",
				s3_header(q, "authorization"),
				"Only one auth mechanism allowed; only the X-Amz-Algorithm "
				"query parameter, Signature query string parameter or the "
				"Authorization header should be specified");
		check = mechanisms[i].check;
	}
	return check ? check(q) : check_anonymous(q);
}
