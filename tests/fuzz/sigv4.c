/* SPDX-License-Identifier: MIT */
/*
 * Signature Version 4. The input is a request in lines: method, path and query, then
 * "name:value". As it stands it must not verify; signed by ourselves it must.
 */
#include "auth/sigv4_int.h"
#include "codec/timefmt.h"
#include "tests/fuzz/request.h"

static void check_foreign(struct arena *a, const struct auth_request *req, int64_t now_us)
{
	struct sigv4_proof proof;
	struct sigv4 sig;
	enum sigv4_fault fault = sigv4_parse(a, req, "us-east-1", now_us, &sig);

	MUST(sig.text);
	if (fault == SIGV4_MALFORMED)
		MUST(sig.text[0]);
	if (fault == SIGV4_UNSIGNED_HEADER)
		MUST(sig.detail.n > 0);
	if (fault != SIGV4_OK)
		return;
	MUST(sig.access_key.n > 0 && sig.signature.n == 64 && sig.day.n == 8);
	MUST(sigv4_verify(a, req, &sig, SECRET, &proof) == SIGV4_MISMATCH);
}

static bool is_fixed(struct span name)
{
	return span_eq_str(name, "host") || span_eq_str(name, "authorization") ||
		span_eq_str(name, "x-amz-date") || span_eq_str(name, "x_amz_date") ||
		span_eq_str(name, "x-amz_date") || span_eq_str(name, "x_amz-date") ||
		span_find(name, SPAN_LIT("sha")) >= 0;
}

static void check_own(struct arena *a, struct auth_request *req, int64_t now_us)
{
	struct auth_header *h = arena_array(a, struct auth_header, MAX_HEADERS + FIXED + 1);
	struct sigv4_proof proof;
	enum sigv4_fault fault;
	struct sigv4 sig;
	bool paired = false;
	size_t n = FIXED;

	h[0] = (struct auth_header){SPAN_LIT("host"), SPAN_LIT("h")};
	h[1] = (struct auth_header){
		SPAN_LIT("x-amz-content-sha256"), SPAN_LIT("UNSIGNED-PAYLOAD")};
	h[2] = (struct auth_header){SPAN_LIT("x-amz-date"), SPAN_LIT(DAY)};
	for (size_t i = 0; i < req->header_count; i++)
		if (!is_fixed(req->headers[i].name) &&
			may_add(h, n, req->headers[i].name, &paired))
			h[n++] = req->headers[i];
	req->headers = h;
	req->header_count = n;
	h[n] = (struct auth_header){SPAN_LIT("authorization"),
		span_str(sigv4_sign(a, req, SPAN_LIT(KEY_ID), SECRET, SPAN_LIT("us-east-1")))};
	req->header_count = n + 1;
	MUST(sigv4_parse(a, req, "us-east-1", now_us, &sig) == SIGV4_OK);
	fault = sigv4_verify(a, req, &sig, SECRET, &proof);
	MUST((fault == SIGV4_OK) == !span_absent(proof.canonical_request));
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
	check_own(a, &req, now_us);
	arena_free(a);
	return 0;
}
