/* SPDX-License-Identifier: MIT */
/* The canonical request, the string to sign, and the proof. */
#include "auth/sigv4_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "codec/digest.h"
#include "codec/enc.h"
#include "codec/uri.h"

enum { CANONICAL_MAX = 256 * 1024 };

/* ---- canonical request --------------------------------------------------------------------- */

static void add_path(struct arena *a, struct buf *out, struct span path)
{
	struct span decoded;

	if (uri_decode(a, path, &decoded, NULL) < 0)
		buf_add_span(out, path); /* it was refused long before; any text will do */
	else
		uri_encode(out, decoded, true);
}

struct pair {
	struct span name, value; /* encoded */
};

static int pair_order(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int c = span_cmp(a->name, b->name);

	return c ? c : span_cmp(a->value, b->value);
}

/* Decodes once and encodes again, so that a client's laxer escapes do not matter. '+' is itself: S3
 * signs it as %2B only if the client sent that. */
static struct span recode(struct arena *a, struct span s)
{
	BUF_AUTO struct buf b;
	struct span decoded;

	buf_init(&b, CANONICAL_MAX);
	if (uri_decode(a, s, &decoded, NULL) < 0)
		return s;
	uri_encode(&b, decoded, false);
	return arena_dup(a, buf_span(&b));
}

static void add_query(struct arena *a, struct buf *out, struct span query)
{
	struct pair *pairs = arena_array(a, struct pair, URI_MAX_PARAMS);
	struct span one, name;
	size_t n = 0;

	while (n < URI_MAX_PARAMS && span_cut(&query, '&', &one)) {
		if (one.n == 0 || !span_cut(&one, '=', &name))
			continue;
		pairs[n++] = (struct pair){recode(a, name), recode(a, span_absent(one) ? SPAN_LIT("") : one)};
	}
	qsort(pairs, n, sizeof(*pairs), pair_order);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(out, '&');
		buf_add_span(out, pairs[i].name);
		buf_add_char(out, '=');
		buf_add_span(out, pairs[i].value);
	}
}

/* Trimmed, runs of blanks as one space. */
static void add_value(struct buf *out, struct span v)
{
	bool blank = false;

	v = span_trim(v);
	for (size_t i = 0; i < v.n; i++) {
		bool is_blank = v.p[i] == ' ' || v.p[i] == '\t';

		if (!(is_blank && blank))
			buf_add_char(out, is_blank ? ' ' : v.p[i]);
		blank = is_blank;
	}
}

static void add_header(struct buf *out, const struct auth_request *req, struct span name)
{
	bool any = false;

	buf_add_span(out, name);
	buf_add_char(out, ':');
	for (size_t i = 0; i < req->header_count; i++) {
		if (!sigv4_same_name(req->headers[i].name, name))
			continue;
		if (any)
			buf_add_char(out, ',');
		add_value(out, req->headers[i].value);
		any = true;
	}
	buf_add_char(out, '\n');
}

static struct span canonical_request(struct arena *a, const struct auth_request *req, struct span signed_headers,
	struct span payload_hash)
{
	BUF_AUTO struct buf b;
	struct span rest = signed_headers, name;

	buf_init(&b, CANONICAL_MAX);
	buf_add_span(&b, req->method);
	buf_add_char(&b, '\n');
	add_path(a, &b, req->path);
	buf_add_char(&b, '\n');
	if (req->query.n)
		add_query(a, &b, req->query);
	buf_add_char(&b, '\n');
	while (span_cut(&rest, ';', &name))
		add_header(&b, req, name);
	buf_add_char(&b, '\n');
	buf_add_span(&b, signed_headers);
	buf_add_char(&b, '\n');
	buf_add_span(&b, payload_hash);
	return arena_dup(a, buf_span(&b));
}

/* ---- keys and signatures ------------------------------------------------------------------------ */

void sigv4_signing_key(struct span secret, struct span day, struct span region, struct span service,
	unsigned char key[32])
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

static struct span string_to_sign(struct arena *a, const char *amz_date, struct span day, struct span region,
	struct span request)
{
	unsigned char raw[32];
	char hex[65];

	digest_of(DIGEST_SHA256, request.p, request.n, raw);
	enc_hex(hex, raw, sizeof(raw));
	return span_str(arena_printf(a, "AWS4-HMAC-SHA256\n%s\n%.*s/%.*s/s3/aws4_request\n%s", amz_date,
		SPAN_FMT(day), SPAN_FMT(region), hex));
}

static void sign_hex(const unsigned char key[32], struct span text, char hex[65])
{
	unsigned char mac[32];

	digest_hmac_sha256(key, 32, text.p, text.n, mac);
	enc_hex(hex, mac, sizeof(mac));
}

enum sigv4_fault sigv4_verify(struct arena *a, const struct auth_request *req, const struct sigv4 *sig,
	struct span secret, struct sigv4_proof *proof_r)
{
	char hex[65];

	proof_r->canonical_request = canonical_request(a, req, sig->signed_headers, sig->payload_hash);
	proof_r->string_to_sign =
		string_to_sign(a, sig->amz_date, sig->day, sig->region, proof_r->canonical_request);
	sigv4_signing_key(secret, sig->day, sig->region, sig->service, proof_r->signing_key);
	sign_hex(proof_r->signing_key, proof_r->string_to_sign, hex);
	return span_eq_secret(span_of(hex, 64), sig->signature) ? SIGV4_OK : SIGV4_MISMATCH;
}

/* ---- chunks --------------------------------------------------------------------------------------- */

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

void sigv4_chunks_init(struct sigv4_chunks *c, const struct sigv4 *sig, const struct sigv4_proof *proof)
{
	memset(c, 0, sizeof(*c));
	memcpy(c->signing_key, proof->signing_key, sizeof(c->signing_key));
	memcpy(c->amz_date, sig->amz_date, sizeof(c->amz_date));
	snprintf(c->scope, sizeof(c->scope), "%.*s/%.*s/s3/aws4_request", SPAN_FMT(sig->day), SPAN_FMT(sig->region));
	snprintf(c->previous, sizeof(c->previous), "%.*s", SPAN_FMT(sig->signature));
}

static bool check(struct sigv4_chunks *c, const char *algorithm, const char *empty, const unsigned char sha256[32],
	struct span signature)
{
	char text[512], hash[65], hex[65];
	int n;

	enc_hex(hash, sha256, 32);
	n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s%s", algorithm, c->amz_date, c->scope, c->previous, empty,
		hash);
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

bool sigv4_chunks_check_trailer(void *chunks, const unsigned char sha256[32], struct span signature)
{
	return check(chunks, "AWS4-HMAC-SHA256-TRAILER", "", sha256, signature);
}

/* ---- signing, for our own clients --------------------------------------------------------------------- */

static int name_order(const void *x, const void *y)
{
	return span_cmp(((const struct auth_header *)x)->name, ((const struct auth_header *)y)->name);
}

static struct span all_names(struct arena *a, const struct auth_request *req)
{
	struct auth_header *sorted = arena_array(a, struct auth_header, req->header_count);
	BUF_AUTO struct buf b;

	buf_init(&b, CANONICAL_MAX);
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

static struct span value_of(const struct auth_request *req, const char *name)
{
	for (size_t i = 0; i < req->header_count; i++)
		if (span_eq_str(req->headers[i].name, name))
			return req->headers[i].value;
	return SPAN_LIT("");
}

char *sigv4_sign(struct arena *a, const struct auth_request *req, struct span access_key, struct span secret,
	struct span region)
{
	struct span names = all_names(a, req), date = value_of(req, "x-amz-date");
	struct span day = span_head(date, 8), request, text;
	unsigned char key[32];
	char hex[65];

	request = canonical_request(a, req, names, value_of(req, "x-amz-content-sha256"));
	text = string_to_sign(a, arena_strndup(a, date), day, region, request);
	sigv4_signing_key(secret, day, region, SPAN_LIT("s3"), key);
	sign_hex(key, text, hex);
	return arena_printf(a,
		"AWS4-HMAC-SHA256 Credential=%.*s/%.*s/%.*s/s3/aws4_request,SignedHeaders=%.*s,Signature=%s",
		SPAN_FMT(access_key), SPAN_FMT(day), SPAN_FMT(region), SPAN_FMT(names), hex);
}
