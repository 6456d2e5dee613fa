/* SPDX-License-Identifier: MIT */
/*
 * Who calls: the mechanism that a request uses, and what is answered when it does not hold. A
 * request that names no mechanism is anonymous; one that names two, or one we do not know, is
 * refused.
 */
#include "codec/timefmt.h"
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

static bool in_header(const struct s3_req *q)
{
	return s3_header(q, "authorization").n != 0;
}

static int not_yet(struct s3_req *q)
{
	return s3_fail(
		&q->call, S3_NotImplemented, "This way of authentication is not implemented.");
}

/* ---- no mechanism ---- */

static int check_anonymous(struct s3_req *q)
{
	struct span sha256 = s3_header(q, "x-amz-content-sha256");
	struct err e;

	if (span_starts(sha256, SPAN_LIT("STREAMING-AWS4-")))
		return s3_fail(&q->call, S3_InvalidRequest,
			"An anonymous request cannot have a signed streaming body.");
	if (svc_anonymous(q->call.svc, &q->call.caller, &e) < 0)
		return s3_fail_err(&q->call, &e);
	return 0;
}

/* ---- Signature Version 4 in the header ---- */

static void collect_headers(struct s3_req *q)
{
	const struct http_req *r = q->http;
	struct auth_header *h = arena_array(q->call.arena, struct auth_header, q->sent_count);

	for (size_t i = 0; i < q->sent_count; i++)
		h[i] = (struct auth_header){q->sent[i].name, q->sent[i].value};
	q->auth = (struct auth_request){
		.method = r->method,
		.path = r->path,
		.query = r->query,
		.headers = h,
		.header_count = q->sent_count,
	};
}

static int fail_skewed(struct s3_req *q)
{
	char now[TIMEFMT_MAX];

	timefmt_iso8601(now, q->call.now_us);
	s3_fail(&q->call, S3_RequestTimeTooSkewed, NULL);
	s3_fail_add(&q->call, "RequestTime",
		span_str(arena_strdup(q->call.arena, q->sig.amz_date)));
	s3_fail_add(&q->call, "ServerTime", span_str(arena_strdup(q->call.arena, now)));
	s3_fail_add(&q->call, "MaxAllowedSkewMilliseconds", SPAN_LIT("900000"));
	return -1;
}

static int fail_region(struct s3_req *q)
{
	const char *region = svc_cfg(q->call.svc)->region;

	s3_fail(&q->call, S3_AuthorizationHeaderMalformed,
		arena_printf(q->call.arena,
			"The authorization header is malformed; the region '%.*s' is wrong; "
			"expecting '%s'",
			SPAN_FMT(q->sig.region), region));
	s3_fail_add(&q->call, "Region", span_str(region));
	/* HEAD has no body: clients take it from here. */
	http_head_add_str(&q->head, "x-amz-bucket-region", region);
	return -1;
}

/* Text as bytes in hexadecimal, as AWS shows them. */
static struct span hex_bytes(struct arena *a, struct span s)
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

static int fail_mismatch(struct s3_req *q)
{
	struct s3_call *c = &q->call;

	s3_fail(c, S3_SignatureDoesNotMatch, NULL);
	s3_fail_add(c, "AWSAccessKeyId", q->sig.access_key);
	s3_fail_add(c, "StringToSign", q->proof.string_to_sign);
	s3_fail_add(c, "SignatureProvided", q->sig.signature);
	s3_fail_add(c, "StringToSignBytes", hex_bytes(c->arena, q->proof.string_to_sign));
	s3_fail_add(c, "CanonicalRequest", q->proof.canonical_request);
	s3_fail_add(
		c, "CanonicalRequestBytes", hex_bytes(c->arena, q->proof.canonical_request));
	return -1;
}

static int fail_sigv4(struct s3_req *q, enum sigv4_fault fault)
{
	static const struct {
		enum s3_code code;
		const char *message; /* NULL: what the parser says */
	} answers[] = {
		[SIGV4_NOT_V4] = {S3_InvalidArgument, "Unsupported Authorization Type"},
		[SIGV4_MALFORMED] = {S3_AuthorizationHeaderMalformed, NULL},
		[SIGV4_SCOPE_DATE] = {S3_AuthorizationHeaderMalformed, NULL},
		[SIGV4_NO_DATE] = {S3_AccessDenied,
			"AWS authentication requires a valid Date or x-amz-date header"},
		[SIGV4_NO_PAYLOAD_HASH] = {S3_InvalidRequest,
			"Missing required header for this request: x-amz-content-sha256"},
		[SIGV4_BAD_PAYLOAD_HASH] = {S3_InvalidArgument,
			"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a known STREAMING-... "
			"value, or a "
			"valid sha256 value."},
		[SIGV4_UNSIGNED_HEADER] = {S3_AccessDenied,
			"There were headers present in the request which were not signed"},
	};

	if (fault == SIGV4_WRONG_REGION)
		return fail_region(q);
	if (fault == SIGV4_SKEWED)
		return fail_skewed(q);
	if (fault == SIGV4_MISMATCH)
		return fail_mismatch(q);
	s3_fail(&q->call, answers[fault].code,
		answers[fault].message ? answers[fault].message : q->sig.text);
	if (fault == SIGV4_UNSIGNED_HEADER)
		s3_fail_add(&q->call, "HeadersNotSigned", q->sig.detail);
	return -1;
}

int s3_principal_find(struct s3_req *q, struct span access_key)
{
	struct err e;

	if (svc_principal_get(q->call.svc, access_key, q->call.arena, &q->principal, &e) == 0)
		return 0;
	s3_fail_err(&q->call, &e);
	if (q->call.fail.code == S3_InvalidAccessKeyId)
		s3_fail_add(&q->call, "AWSAccessKeyId", access_key);
	return -1;
}

int s3_principal_accept(struct s3_req *q)
{
	struct err e;

	if (svc_principal_check(q->call.svc, &q->principal, &e) < 0)
		return s3_fail_err(&q->call, &e);
	q->call.principal = &q->principal;
	q->call.caller = q->principal.caller;
	return 0;
}

/* The signature first: the state of a key is nobody else's business. */
static int check_principal(struct s3_req *q)
{
	enum sigv4_fault fault;

	if (s3_principal_find(q, q->sig.access_key) < 0)
		return -1;
	fault = sigv4_verify_key(q->call.arena, &q->auth, &q->sig,
		svc_signing_key(q->call.svc, &q->principal, q->sig.day), &q->proof);
	if (fault != SIGV4_OK)
		return fail_sigv4(q, fault);
	if (s3_principal_accept(q) < 0)
		return -1;
	q->is_signed = true;
	q->names = q->proof.names;
	/* No name of the tables has a '+': the route stands. */
	return q->proof.plus_is_literal ? s3_params_parse(q, true) : 0;
}

static int check_v4(struct s3_req *q)
{
	enum sigv4_fault fault;

	collect_headers(q);
	fault = sigv4_parse(
		q->call.arena, &q->auth, svc_cfg(q->call.svc)->region, q->call.now_us, &q->sig);
	if (fault != SIGV4_OK)
		return fail_sigv4(q, fault);
	if (!span_absent(s3_header(q, "x-amz-security-token")))
		return s3_fail(
			&q->call, S3_NotImplemented, "Session tokens are not implemented.");
	return check_principal(q);
}

/* ---- the table ---- */

/* "AWS key:signature": not yet; anything else behind the word is malformed for ever. */
static int check_v2(struct s3_req *q)
{
	struct span rest = span_from(s3_header(q, "authorization"), sizeof("AWS ") - 1);
	ptrdiff_t colon = span_find_byte(rest, ':');

	if (colon <= 0 || (size_t)colon + 1 == rest.n)
		return s3_fail_argument(&q->call, "Authorization", SPAN_LIT("AWS"),
			"AWS authorization header is invalid. Expected "
			"AwsAccessKeyId:signature");
	return not_yet(q);
}

static int check_scheme(struct s3_req *q)
{
	static const struct {
		struct span scheme;
		int (*check)(struct s3_req *q);
	} schemes[] = {
		{SPAN_LIT("AWS4-HMAC-SHA256"), check_v4},
		{SPAN_LIT("AWS"), check_v2},
	};
	struct span rest = s3_header(q, "authorization"), scheme;
	bool has_rest = span_cut(&rest, ' ', &scheme) && !span_absent(rest);

	for (size_t i = 0; has_rest && i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (span_eq(scheme, schemes[i].scheme))
			return schemes[i].check(q);
	s3_fail(&q->call, S3_InvalidArgument, "Unsupported Authorization Type");
	s3_fail_add(&q->call, "ArgumentName", SPAN_LIT("Authorization"));
	return -1;
}

int s3_authenticate(struct s3_req *q)
{
	static const struct {
		bool (*claims)(const struct s3_req *q);
		int (*check)(struct s3_req *q);
	} mechanisms[] = {
		{in_header, check_scheme},
		{s3_form_is_signed, s3_authenticate_form},
		{s3_query_has_v4, not_yet},
		{s3_query_has_v2, not_yet},
	};
	int (*check)(struct s3_req * q) = NULL;

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		if (!mechanisms[i].claims(q))
			continue;
		if (check)
			return s3_fail(&q->call, S3_InvalidArgument,
				"Only one auth mechanism allowed; only the X-Amz-Algorithm "
				"query parameter, "
				"Signature query string parameter or the Authorization header "
				"should be "
				"specified");
		check = mechanisms[i].check;
	}
	return check ? check(q) : check_anonymous(q);
}
