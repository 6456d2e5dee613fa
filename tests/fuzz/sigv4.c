/* SPDX-License-Identifier: MIT */
/*
 * Signature Version 4. The input is a request in lines: method, path and query, then
 * "name:value". As it stands it must not verify; signed by ourselves it must.
 */
#include "auth/sigv4_int.h"
#include "codec/timefmt.h"
#include "tests/fuzz/fuzz.h"

#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
#define DAY "20130524T000000Z"
enum { MAX_HEADERS = 100, FIXED = 3 };

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-' || s.p[i] == '_'))
			return false;
	return s.n > 0;
}

static struct span lower(struct arena *a, struct span s)
{
	char *p = arena_strndup(a, s);

	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	return span_of(p, s.n);
}

static void read_request(
	struct arena *a, struct span rest, struct auth_request *req, struct auth_header *h)
{
	struct span line = SPAN_NULL, name;

	*req = (struct auth_request){
		.method = SPAN_LIT("GET"), .path = SPAN_LIT("/"), .headers = h};
	span_cut(&rest, '\n', &req->method);
	if (span_cut(&rest, '\n', &line)) {
		req->query = line;
		span_cut(&req->query, '?', &req->path);
	}
	while (req->header_count < MAX_HEADERS && span_cut(&rest, '\n', &line))
		if (span_cut(&line, ':', &name) && !span_absent(line) &&
			is_name(lower(a, name)))
			h[req->header_count++] = (struct auth_header){lower(a, name), line};
}

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

/* What can be told apart behind CGI: one header of a name, several spelled the same, or, once in a
 * request, one each of two spellings that read alike. */
static bool may_add(const struct auth_header *h, size_t n, struct span name, bool *paired)
{
	size_t alike = 0, same = 0;

	for (size_t i = 0; i < n; i++) {
		alike += auth_same_name(h[i].name, name);
		same += span_eq_ci(h[i].name, name);
	}
	if (alike == same)
		return true;
	if (alike != 1 || *paired)
		return false;
	*paired = true;
	return true;
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
		if (!is_fixed(req->headers[i].name) && may_add(h, n, req->headers[i].name, &paired))
			h[n++] = req->headers[i];
	req->headers = h;
	req->header_count = n;
	h[n] = (struct auth_header){SPAN_LIT("authorization"),
		span_str(sigv4_sign(
			a, req, SPAN_LIT("AKIDEXAMPLE"), SECRET, SPAN_LIT("us-east-1")))};
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
