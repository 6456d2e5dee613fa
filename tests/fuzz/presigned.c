/* SPDX-License-Identifier: MIT */
/*
 * Signature Version 4 in the query. As the request of the input stands it must not verify;
 * signed by ourselves it must, and must not with one parameter more.
 */
#include "auth/sigv4_int.h"
#include "codec/timefmt.h"
#include "codec/uri.h"
#include "tests/fuzz/request.h"

static void check_foreign(struct arena *a, const struct auth_request *req, int64_t now_us)
{
	struct sigv4_proof proof;
	struct sigv4 sig;
	enum sigv4_fault fault = sigv4_parse_query(a, req, "us-east-1", now_us, &sig);

	MUST(sig.is_presigned && sig.text);
	if (fault == SIGV4_MALFORMED || fault == SIGV4_SCOPE_DATE)
		MUST(sig.text[0]);
	if (fault == SIGV4_UNSIGNED_HEADER)
		MUST(sig.detail.n > 0);
	if (fault != SIGV4_OK)
		return;
	MUST(sig.access_key.n > 0 && sig.signature.n > 0 && sig.day.n == 8);
	MUST(sig.expires_s > 0 && sig.expires_s <= SIGV4_MAX_EXPIRES_S);
	MUST(sigv4_verify(a, req, &sig, SECRET, &proof) == SIGV4_MISMATCH);
}

/* Can it be signed: of good form, with room, and without a signature of its own? */
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
		if (span_starts(lower(a, params[i].name), SPAN_LIT("x-amz-")))
			return false;
	return n + 8 < URI_MAX_PARAMS;
}

static enum sigv4_fault run(struct arena *a, const struct auth_request *req, int64_t now_us)
{
	struct sigv4_proof proof;
	struct sigv4 sig;
	enum sigv4_fault fault = sigv4_parse_query(a, req, "us-east-1", now_us, &sig);

	MUST(fault == SIGV4_OK);
	fault = sigv4_verify(a, req, &sig, SECRET, &proof);
	return span_absent(proof.canonical_request) ? SIGV4_OK : fault;
}

static void check_own(struct arena *a, struct auth_request *req, int64_t now_us)
{
	const struct sigv4_grant grant = {.access_key = SPAN_LIT(KEY_ID),
		.secret = SECRET,
		.region = SPAN_LIT("us-east-1"),
		.amz_date = DAY,
		.expires = "60"};
	struct auth_header *h = arena_array(a, struct auth_header, MAX_HEADERS + 1);
	bool paired = false;
	size_t n = 1;

	h[0] = (struct auth_header){SPAN_LIT("host"), SPAN_LIT("h")};
	for (size_t i = 0; i < req->header_count; i++)
		if (!span_eq_str(req->headers[i].name, "host") &&
			span_find(req->headers[i].name, SPAN_LIT("sha")) < 0 &&
			may_add(h, n, req->headers[i].name, &paired))
			h[n++] = req->headers[i];
	req->headers = h;
	req->header_count = n;
	req->query = span_str(sigv4_presign(a, req, &grant));
	MUST(run(a, req, now_us) == SIGV4_OK);
	req->query = span_str(arena_printf(a, "%.*s&acl=", SPAN_FMT(req->query)));
	if (req->query.n < 64 * 1024)
		MUST(run(a, req, now_us) == SIGV4_MISMATCH);
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
	if (is_plain(a, req.query) && n < 16 * 1024)
		check_own(a, &req, now_us);
	arena_free(a);
	return 0;
}
