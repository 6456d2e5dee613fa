/* SPDX-License-Identifier: MIT */
/* What header and query of Signature V2 say, checked as far as possible without the secret. */
#include "auth/sigv2.h"

#include "codec/timefmt.h"
#include "codec/uri.h"

/* The end of the year 9999. */
#define MOST_SECONDS UINT64_C(253402300799)

static bool parse_time(struct span text, int64_t *at_us_r)
{
	return timefmt_parse_amz(text, at_us_r) || timefmt_parse_http(text, at_us_r) ||
		timefmt_parse_rfc5322(text, at_us_r);
}

static enum sigv2_fault take_date(
	const struct auth_request *req, int64_t now_us, struct sigv2 *s)
{
	int64_t distance;

	s->date = auth_header_get(req, "x-amz-date");
	s->line = SPAN_LIT("");
	if (span_absent(s->date))
		s->line = s->date = auth_header_get(req, "date");
	if (span_absent(s->date) || !parse_time(s->date, &s->at_us) || s->at_us < 0)
		return SIGV2_NO_DATE;
	distance = s->at_us > now_us ? s->at_us - now_us : now_us - s->at_us;
	return distance > AUTH_MAX_SKEW_US ? SIGV2_SKEWED : SIGV2_OK;
}

enum sigv2_fault sigv2_parse(
	const struct auth_request *req, int64_t now_us, struct sigv2 *sig_r)
{
	struct span rest = auth_header_get(req, "authorization"), scheme;

	*sig_r = (struct sigv2){.is_presigned = false};
	if (!span_cut(&rest, ' ', &scheme) || !span_eq_str(scheme, "AWS") || span_absent(rest))
		return SIGV2_MALFORMED;
	rest = span_trim(rest);
	if (!span_cut(&rest, ':', &sig_r->access_key) || sig_r->access_key.n == 0 ||
		rest.n == 0)
		return SIGV2_MALFORMED;
	sig_r->signature = rest;
	return take_date(req, now_us, sig_r);
}

/* False when one of the three is there twice. A '+' of a signature is one, encoded or not. */
static bool take_params(struct arena *a, struct span query, struct sigv2 *s)
{
	const struct {
		const char *name;
		struct span *place;
	} rows[] = {
		{"AWSAccessKeyId", &s->access_key},
		{"Expires", &s->date},
		{"Signature", &s->signature},
	};
	struct uri_param *params;
	struct err e;
	size_t n;

	if (uri_parse_query_literal(a, query, &params, &n, &e) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			if (!span_eq_str(params[i].name, rows[k].name))
				continue;
			if (!span_absent(*rows[k].place))
				return false;
			*rows[k].place = params[i].value.n ? params[i].value : SPAN_LIT("");
		}
	return s->access_key.n && s->date.n && s->signature.n;
}

enum sigv2_fault sigv2_parse_query(
	struct arena *a, const struct auth_request *req, int64_t now_us, struct sigv2 *sig_r)
{
	uint64_t seconds;

	*sig_r = (struct sigv2){.is_presigned = true};
	if (!take_params(a, req->query, sig_r))
		return SIGV2_INCOMPLETE;
	sig_r->line = sig_r->date;
	if (!span_to_u64(sig_r->date, &seconds) || seconds > MOST_SECONDS)
		return SIGV2_BAD_EXPIRES;
	sig_r->at_us = (int64_t)seconds * 1000000;
	return now_us >= sig_r->at_us ? SIGV2_EXPIRED : SIGV2_OK;
}
