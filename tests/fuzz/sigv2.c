/* SPDX-License-Identifier: MIT */
/*
 * Signature Version 2, in the header and in the query. As the request of the input stands it
 * must not verify; signed by ourselves it must, in both ways.
 */
#include "auth/sigv2.h"
#include "codec/enc.h"
#include "codec/timefmt.h"
#include "codec/uri.h"
#include "tests/fuzz/request.h"

#define DATE "Fri, 24 May 2013 00:00:00 GMT"
#define EXPIRES "1369353660"

static void check_foreign(struct arena *a, const struct auth_request *req, int64_t now_us)
{
	struct sigv2_proof proof;
	struct sigv2 sig;

	if (sigv2_parse(req, now_us, &sig) == SIGV2_OK) {
		MUST(!sig.is_presigned && sig.access_key.n > 0 && sig.signature.n > 0);
		MUST(sigv2_verify(a, req, &sig, SPAN_NULL, SECRET, &proof) == SIGV2_MISMATCH);
	}
	if (sigv2_parse_query(a, req, now_us, &sig) == SIGV2_OK) {
		MUST(sig.is_presigned && sig.access_key.n > 0 && sig.signature.n > 0);
		MUST(sig.at_us > now_us);
		MUST(sigv2_verify(a, req, &sig, SPAN_LIT("b"), SECRET, &proof) ==
			SIGV2_MISMATCH);
	}
}

/* Without what says who signs and when. */
static size_t take_headers(const struct auth_request *req, struct auth_header *h)
{
	size_t n = 0;

	for (size_t i = 0; i < req->header_count; i++) {
		struct span name = req->headers[i].name;

		if (!auth_same_name(name, SPAN_LIT("authorization")) &&
			!auth_same_name(name, SPAN_LIT("date")) &&
			!auth_same_name(name, SPAN_LIT("x-amz-date")))
			h[n++] = req->headers[i];
	}
	return n;
}

static bool is_plain(struct arena *a, struct span query)
{
	struct uri_param *params = NULL;
	size_t n = 0;
	struct err e;

	if (span_find_byte(query, '\0') >= 0) /* arena_printf would end there */
		return false;
	if (query.n && uri_parse_query(a, query, &params, &n, &e) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (span_eq_str(params[i].name, "AWSAccessKeyId") ||
			span_eq_str(params[i].name, "Expires") ||
			span_eq_str(params[i].name, "Signature"))
			return false;
	return n + 3 < URI_MAX_PARAMS;
}

static void check_header(struct arena *a, struct auth_request req, int64_t now_us)
{
	struct auth_header *h = arena_array(a, struct auth_header, MAX_HEADERS + 2);
	size_t n = take_headers(&req, h);
	struct sigv2_proof proof;
	struct sigv2 sig;
	const char *signature;

	req.headers = h;
	req.header_count = n;
	signature = sigv2_sign(a, &req, SPAN_LIT(DATE), SPAN_LIT("b"), SECRET);
	h[n] = (struct auth_header){SPAN_LIT("date"), SPAN_LIT(DATE)};
	h[n + 1] = (struct auth_header){SPAN_LIT("authorization"),
		span_str(arena_printf(a, "AWS " KEY_ID ":%s", signature))};
	req.header_count = n + 2;
	MUST(sigv2_parse(&req, now_us, &sig) == SIGV2_OK);
	MUST(sigv2_verify(a, &req, &sig, SPAN_LIT("b"), SECRET, &proof) == SIGV2_OK);
	req.method = SPAN_LIT("OTHER");
	MUST(sigv2_verify(a, &req, &sig, SPAN_LIT("b"), SECRET, &proof) == SIGV2_MISMATCH);
}

/* A '+' of the signature stays one, whether it is escaped or not. */
static void check_query(struct arena *a, struct auth_request req, int64_t now_us)
{
	struct sigv2_proof proof;
	struct sigv2 sig;

	req.query = span_str(arena_printf(a,
		"%.*s%sAWSAccessKeyId=" KEY_ID "&Expires=" EXPIRES "&Signature=%s",
		SPAN_FMT(req.query), req.query.n ? "&" : "",
		sigv2_sign(a, &req, SPAN_LIT(EXPIRES), SPAN_NULL, SECRET)));
	MUST(sigv2_parse_query(a, &req, now_us, &sig) == SIGV2_OK);
	MUST(sigv2_verify(a, &req, &sig, SPAN_NULL, SECRET, &proof) == SIGV2_OK);
	MUST(proof.names && proof.string_to_sign.n > 0);
	req.query = span_str(arena_printf(a, "%.*s&torrent=1", SPAN_FMT(req.query)));
	MUST(sigv2_verify(a, &req, &sig, SPAN_NULL, SECRET, &proof) == SIGV2_MISMATCH);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct auth_header *h = arena_array(a, struct auth_header, MAX_HEADERS);
	struct auth_request req;
	int64_t now_us;

	MUST(timefmt_parse_amz(SPAN_LIT(DAY), &now_us));
	read_request(a, span_of(p, n), &req, h);
	check_foreign(a, &req, now_us);
	if (is_plain(a, req.query) && n < 16 * 1024) {
		check_header(a, req, now_us);
		check_query(a, req, now_us);
	}
	arena_free(a);
	return 0;
}
