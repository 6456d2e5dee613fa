/* SPDX-License-Identifier: MIT */
/*
 * A presigned request: the parameters X-Amz-* of the query say who signed, when, and for how
 * long. Whoever holds the URL sends it, so nothing counts that was not signed.
 * Source: S3 API reference, "Authenticating Requests: Using Query Parameters".
 */
#include "auth/sigv4_int.h"

#include "codec/timefmt.h"
#include "codec/uri.h"

enum { PAST_ANY_SECONDS = 1000000000 };

struct presigned {
	struct span algorithm, credential, date, expires, signed_headers, signature, payload;
};

/* False when one of them is there twice. */
static bool take_params(struct arena *a, const struct auth_request *req, struct presigned *p_r)
{
	const struct {
		const char *name;
		struct span *place;
	} rows[] = {
		{"X-Amz-Algorithm", &p_r->algorithm},
		{"X-Amz-Credential", &p_r->credential},
		{"X-Amz-Date", &p_r->date},
		{"X-Amz-Expires", &p_r->expires},
		{"X-Amz-SignedHeaders", &p_r->signed_headers},
		{"X-Amz-Signature", &p_r->signature},
		{"X-Amz-Content-Sha256", &p_r->payload},
	};
	struct uri_param *params;
	struct err e;
	size_t n;

	*p_r = (struct presigned){.algorithm = SPAN_NULL};
	if (uri_parse_query(a, req->query, &params, &n, &e) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			if (!span_eq_ci(params[i].name, span_str(rows[k].name)))
				continue;
			if (!span_absent(*rows[k].place))
				return false;
			*rows[k].place = params[i].value;
		}
	return true;
}

static enum sigv4_fault check_presence(const struct presigned *p, struct sigv4 *s)
{
	if (p->algorithm.n == 0 || p->credential.n == 0 || p->date.n == 0 ||
		p->expires.n == 0 || p->signed_headers.n == 0 || p->signature.n == 0)
		return sigv4_malformed(s,
			"Query-string authentication version 4 requires the X-Amz-Algorithm, "
			"X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, "
			"and X-Amz-Expires parameters.");
	if (!span_eq_str(p->algorithm, "AWS4-HMAC-SHA256"))
		return sigv4_malformed(s, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
	if (sigv4_has_too_many_names(p->signed_headers))
		return sigv4_malformed(s, "X-Amz-SignedHeaders has too many names");
	return SIGV4_OK;
}

enum sigv4_fault sigv4_take_scope(struct arena *a, struct span credential, struct span date,
	const char *region, struct sigv4 *s)
{
	enum sigv4_fault fault = sigv4_take_credential(a, credential, region, s);

	if (fault == SIGV4_OK && !timefmt_parse_amz(date, &s->at_us))
		return sigv4_malformed(s,
			"X-Amz-Date must be in the ISO8601 Long Format "
			"\"yyyyMMdd'T'HHmmss'Z'\"");
	if (fault == SIGV4_OK)
		fault = sigv4_check_day(a, s);
	if (s->text[0])
		s->text = arena_printf(
			a, "Error parsing the X-Amz-Credential parameter; %s", s->text);
	return fault;
}

/* A whole number with its sign; anything too large to count is past every limit. */
static bool parse_seconds(struct span text, int64_t *seconds_r)
{
	bool is_negative = text.n && text.p[0] == '-';
	struct span digits = span_from(text, is_negative);
	uint64_t n = 0;

	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		if (n < PAST_ANY_SECONDS)
			n = n * 10 + (uint64_t)(digits.p[i] - '0');
	}
	*seconds_r = is_negative ? -(int64_t)n : (int64_t)n;
	return digits.n > 0;
}

static enum sigv4_fault take_expiry(const struct presigned *p, int64_t now_us, struct sigv4 *s)
{
	if (!parse_seconds(p->expires, &s->expires_s))
		return sigv4_malformed(s, "X-Amz-Expires should be a number");
	if (s->expires_s < 0)
		return sigv4_malformed(s, "X-Amz-Expires must be non-negative");
	if (s->expires_s > SIGV4_MAX_EXPIRES_S)
		return sigv4_malformed(s,
			"X-Amz-Expires must be less than a week (in seconds); that is, the "
			"given X-Amz-Expires must be less than 604800 seconds");
	if (s->expires_s == 0 || now_us >= s->at_us + s->expires_s * 1000000)
		return SIGV4_EXPIRED;
	return s->at_us - now_us > AUTH_MAX_SKEW_US ? SIGV4_NOT_YET : SIGV4_OK;
}

static void choose_payload(
	const struct auth_request *req, const struct presigned *p, struct sigv4 *s)
{
	s->payload_hash = auth_header_get(req, "x-amz-content-sha256");
	if (span_absent(s->payload_hash))
		s->payload_hash = p->payload;
	if (span_absent(s->payload_hash))
		s->payload_hash = SPAN_LIT("UNSIGNED-PAYLOAD");
}

enum sigv4_fault sigv4_parse_query(struct arena *a, const struct auth_request *req,
	const char *region, int64_t now_us, struct sigv4 *sig_r)
{
	struct presigned p;
	enum sigv4_fault fault;

	*sig_r = (struct sigv4){.is_presigned = true, .text = ""};
	if (!take_params(a, req, &p))
		return sigv4_malformed(sig_r, "A parameter of the authentication is repeated.");
	if ((fault = check_presence(&p, sig_r)) != SIGV4_OK)
		return fault;
	sig_r->signed_headers = p.signed_headers;
	sig_r->signature = p.signature;
	if ((fault = sigv4_take_scope(a, p.credential, p.date, region, sig_r)) != SIGV4_OK)
		return fault;
	if ((fault = take_expiry(&p, now_us, sig_r)) != SIGV4_OK)
		return fault;
	choose_payload(req, &p, sig_r);
	if ((fault = sigv4_take_payload(sig_r)) != SIGV4_OK)
		return fault;
	return sigv4_check_signed_headers(a, req, sig_r);
}
