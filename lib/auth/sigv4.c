/* SPDX-License-Identifier: MIT */
/*
 * Keys, the string to sign, the proof of a request and of each chunk behind it, and signing for
 * clients of our own. A signature is compared in constant time.
 */
#include "auth/sigv4_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "codec/digest.h"
#include "codec/enc.h"
#include "codec/uri.h"

enum { NAMES_MAX = 16 * 1024 };

/* ---- keys and signatures
 * ------------------------------------------------------------------------ */

void sigv4_signing_key(struct span secret, struct span day, struct span region,
	struct span service, unsigned char key[32])
{
	char first[512];
	int n = snprintf(first, sizeof(first), "AWS4%.*s", SPAN_FMT(secret));

	if (n >= (int)sizeof(first))
		n = (int)sizeof(first) - 1;
	digest_hmac_sha256(first, (size_t)n, day.p, day.n, key);
	digest_hmac_sha256(key, 32, region.p, region.n, key);
	digest_hmac_sha256(key, 32, service.p, service.n, key);
	digest_hmac_sha256(key, 32, "aws4_request", 12, key);
	explicit_bzero(first, sizeof(first));
}

static struct span string_to_sign(struct arena *a, const char *amz_date, struct span day,
	struct span region, struct span request)
{
	unsigned char raw[32];
	char hex[65];

	digest_of(DIGEST_SHA256, request.p, request.n, raw);
	enc_hex(hex, raw, sizeof(raw));
	return span_str(arena_printf(a, "AWS4-HMAC-SHA256\n%s\n%.*s/%.*s/s3/aws4_request\n%s",
		amz_date, SPAN_FMT(day), SPAN_FMT(region), hex));
}

static void sign_hex(const unsigned char key[32], struct span text, char hex[65])
{
	unsigned char mac[32];

	digest_hmac_sha256(key, 32, text.p, text.n, mac);
	enc_hex(hex, mac, sizeof(mac));
}

static bool is_proven(struct arena *a, const struct auth_request *req, const struct sigv4 *sig,
	unsigned reading, struct sigv4_proof *proof)
{
	char hex[65];

	proof->plus_is_literal = (reading & SIGV4_PLUS_LITERAL) != 0;
	proof->names = sigv4_names(a, req, sig->signed_headers, reading);
	proof->canonical_request = sigv4_canonical(
		a, req, proof->names, reading, sig->signed_headers, sig->payload_hash);
	proof->string_to_sign = string_to_sign(
		a, sig->amz_date, sig->day, sig->region, proof->canonical_request);
	sign_hex(proof->signing_key, proof->string_to_sign, hex);
	return !span_absent(proof->canonical_request) &&
		span_eq_secret(span_of(hex, 64), sig->signature);
}

enum sigv4_fault sigv4_verify_key(struct arena *a, const struct auth_request *req,
	const struct sigv4 *sig, const unsigned char key[32], struct sigv4_proof *proof_r)
{
	unsigned readings;

	memcpy(proof_r->signing_key, key, sizeof(proof_r->signing_key));
	if (is_proven(a, req, sig, 0, proof_r))
		return SIGV4_OK;
	readings = sigv4_readings(req, sig->signed_headers);
	for (unsigned reading = readings; reading; reading = (reading - 1) & readings) {
		struct sigv4_proof other = *proof_r;

		if (is_proven(a, req, sig, reading, &other)) {
			*proof_r = other;
			return SIGV4_OK;
		}
	}
	return SIGV4_MISMATCH;
}

enum sigv4_fault sigv4_verify(struct arena *a, const struct auth_request *req,
	const struct sigv4 *sig, struct span secret, struct sigv4_proof *proof_r)
{
	unsigned char key[32];
	enum sigv4_fault fault;

	sigv4_signing_key(secret, sig->day, sig->region, sig->service, key);
	fault = sigv4_verify_key(a, req, sig, key, proof_r);
	explicit_bzero(key, sizeof(key));
	return fault;
}

/* ---- chunks
 * --------------------------------------------------------------------------------------- */

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

void sigv4_chunks_init(
	struct sigv4_chunks *c, const struct sigv4 *sig, const struct sigv4_proof *proof)
{
	memset(c, 0, sizeof(*c));
	memcpy(c->signing_key, proof->signing_key, sizeof(c->signing_key));
	memcpy(c->amz_date, sig->amz_date, sizeof(c->amz_date));
	snprintf(c->scope, sizeof(c->scope), "%.*s/%.*s/s3/aws4_request", SPAN_FMT(sig->day),
		SPAN_FMT(sig->region));
	snprintf(c->previous, sizeof(c->previous), "%.*s", SPAN_FMT(sig->signature));
}

static bool check(struct sigv4_chunks *c, const char *algorithm, const char *empty,
	const unsigned char sha256[32], struct span signature)
{
	char text[512], hash[65], hex[65];
	int n;

	enc_hex(hash, sha256, 32);
	n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s%s", algorithm, c->amz_date,
		c->scope, c->previous, empty, hash);
	if (n < 0 || n >= (int)sizeof(text))
		return false;
	sign_hex(c->signing_key, span_of(text, (size_t)n), hex);
	if (!span_eq_secret(span_of(hex, 64), signature))
		return false;
	memcpy(c->previous, hex, sizeof(hex));
	return true;
}

bool sigv4_chunks_check(void *chunks, const unsigned char sha256[32], struct span signature)
{
	return check(chunks, "AWS4-HMAC-SHA256-PAYLOAD", EMPTY_SHA256 "\n", sha256, signature);
}

bool sigv4_chunks_check_trailer(
	void *chunks, const unsigned char sha256[32], struct span signature)
{
	return check(chunks, "AWS4-HMAC-SHA256-TRAILER", "", sha256, signature);
}

/* ---- signing, for our own clients
 * --------------------------------------------------------------------- */

static int name_order(const void *x, const void *y)
{
	return span_cmp(
		((const struct auth_header *)x)->name, ((const struct auth_header *)y)->name);
}

static struct span all_names(struct arena *a, const struct auth_request *req)
{
	struct auth_header *sorted = arena_array(a, struct auth_header, req->header_count);
	BUF_AUTO struct buf b;

	buf_init(&b, NAMES_MAX);
	memcpy(sorted, req->headers, req->header_count * sizeof(*sorted));
	qsort(sorted, req->header_count, sizeof(*sorted), name_order);
	for (size_t i = 0; i < req->header_count; i++) {
		if (i && span_eq(sorted[i].name, sorted[i - 1].name))
			continue;
		if (i)
			buf_add_char(&b, ';');
		buf_add_span(&b, sorted[i].name);
	}
	return arena_dup(a, buf_span(&b));
}

static const struct span *own_names(struct arena *a, const struct auth_request *req)
{
	struct span *names = arena_array(a, struct span, req->header_count);

	for (size_t i = 0; i < req->header_count; i++)
		names[i] = req->headers[i].name;
	return names;
}

static struct span value_of(const struct auth_request *req, const char *name)
{
	for (size_t i = 0; i < req->header_count; i++)
		if (span_eq_str(req->headers[i].name, name))
			return req->headers[i].value;
	return SPAN_LIT("");
}

char *sigv4_sign(struct arena *a, const struct auth_request *req, struct span access_key,
	struct span secret, struct span region)
{
	struct span names = all_names(a, req), date = value_of(req, "x-amz-date");
	struct span day = span_head(date, 8), request, text;
	unsigned char key[32];
	char hex[65];

	request = sigv4_canonical(
		a, req, own_names(a, req), 0, names, value_of(req, "x-amz-content-sha256"));
	text = string_to_sign(a, arena_strndup(a, date), day, region, request);
	sigv4_signing_key(secret, day, region, SPAN_LIT("s3"), key);
	sign_hex(key, text, hex);
	return arena_printf(a,
		"AWS4-HMAC-SHA256 "
		"Credential=%.*s/%.*s/%.*s/s3/aws4_request,SignedHeaders=%.*s,Signature=%s",
		SPAN_FMT(access_key), SPAN_FMT(day), SPAN_FMT(region), SPAN_FMT(names), hex);
}

static struct span escaped(struct arena *a, struct span s)
{
	BUF_AUTO struct buf b;

	buf_init(&b, NAMES_MAX);
	uri_encode(&b, s, false);
	return arena_dup(a, buf_span(&b));
}

char *sigv4_presign(
	struct arena *a, const struct auth_request *req, const struct sigv4_grant *g)
{
	struct auth_request asked = *req;
	struct span names = all_names(a, req), day = span_head(span_str(g->amz_date), 8),
		    credential = span_str(arena_printf(a, "%.*s/%.*s/%.*s/s3/aws4_request",
			    SPAN_FMT(g->access_key), SPAN_FMT(day), SPAN_FMT(g->region))),
		    request;
	unsigned char key[32];
	char hex[65];

	asked.query = span_str(arena_printf(a,
		"%.*s%sX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%.*s&X-Amz-Date=%s"
		"&X-Amz-Expires=%s&X-Amz-SignedHeaders=%.*s",
		SPAN_FMT(req->query), req->query.n ? "&" : "", SPAN_FMT(escaped(a, credential)),
		g->amz_date, g->expires, SPAN_FMT(escaped(a, names))));
	request = sigv4_canonical(a, &asked, own_names(a, req), 0, names,
		g->payload_hash.n ? g->payload_hash : SPAN_LIT("UNSIGNED-PAYLOAD"));
	sigv4_signing_key(g->secret, day, g->region, SPAN_LIT("s3"), key);
	sign_hex(key, string_to_sign(a, g->amz_date, day, g->region, request), hex);
	return arena_printf(a, "%.*s&X-Amz-Signature=%s", SPAN_FMT(asked.query), hex);
}
