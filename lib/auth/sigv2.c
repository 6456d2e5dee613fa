/* SPDX-License-Identifier: MIT */
/*
 * The string to sign and its proof. A signature is compared in constant time, and the number of
 * readings that are tried is bounded.
 */
#include "auth/sigv2.h"

#include <stdlib.h>

#include "base/buf.h"
#include "codec/digest.h"
#include "codec/enc.h"
#include "codec/uri.h"

enum { TEXT_MAX = 64 * 1024, SIGNATURE_LEN = ENC_BASE64_LEN(20) };

/* Ways to read a request, each of them one bit; without it the request means what it says. */
enum {
	/* "+" of a signed parameter means itself, not a space */
	PLUS_LITERAL = 1,
	/* "acl=" is signed as "acl", and the other way round */
	EMPTY_TURNED = 2,
	/* sub-resources younger than Signature V2 are not signed; only in the header, as what
	   is handed on as a URL must not become another operation */
	CLASSIC_ONLY = 4,
	/* "/bucket" is signed as "/bucket/", as for those who name it in the host */
	BUCKET_SLASH = 8,
	/* the first header of metadata that may have '_' for '-' has it; the next bits are
	   those of the next ones, and the last of all that are left */
	UNDERSCORES = 16,
	NAME_BITS = 3
};

struct texts {
	const struct auth_request *req;
	const struct sigv2 *sig;
	struct span host_bucket;
	const struct uri_param *spaced, *literal; /* the query with '+' for each */
	size_t param_count;
};

/* ---- what is signed of the query ---- */

static const char *const classic[] = {"accelerate", "acl", "analytics", "cors", "delete",
	"inventory", "lifecycle", "location", "logging", "metrics", "notification",
	"object-lock", "partNumber", "policy", "replication", "requestPayment",
	"response-cache-control", "response-content-disposition", "response-content-encoding",
	"response-content-language", "response-content-type", "response-expires", "restore",
	"select", "select-type", "tagging", "torrent", "uploadId", "uploads", "versionId",
	"versioning", "versions", "website"};
static const char *const later[] = {"abac", "annotation", "append", "attributes", "encryption",
	"intelligent-tiering", "legal-hold", "metadataAnnotationTable", "metadataConfiguration",
	"metadataInventoryTable", "metadataJournalTable", "metadataTable", "ownershipControls",
	"policyStatus", "publicAccessBlock", "renameObject", "retention", "session"};

static bool is_of(const char *const *list, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_str(name, list[i]))
			return true;
	return false;
}

static bool is_classic(struct span name)
{
	return is_of(classic, sizeof(classic) / sizeof(classic[0]), name);
}

static bool is_later(struct span name)
{
	return is_of(later, sizeof(later) / sizeof(later[0]), name);
}

bool sigv2_signs(struct span name)
{
	return is_classic(name) || is_later(name);
}

static int param_order(const void *x, const void *y)
{
	const struct uri_param *const *a = x, *const *b = y;
	int c = span_cmp((*a)->name, (*b)->name);

	return c ? c : (*a > *b) - (*a < *b); /* of one name, as they came */
}

static void add_param(struct buf *b, const struct uri_param *p, unsigned reading)
{
	bool has_value = !span_absent(p->value);

	if (p->value.n == 0 && (reading & EMPTY_TURNED))
		has_value = !has_value;
	buf_add_span(b, p->name);
	if (has_value)
		buf_add_char(b, '=');
	buf_add_span(b, p->value);
}

static void add_params(struct arena *a, struct buf *b, const struct texts *t, unsigned reading)
{
	const struct uri_param *params = reading & PLUS_LITERAL ? t->literal : t->spaced;
	const struct uri_param **list =
		arena_array(a, const struct uri_param *, t->param_count);
	size_t n = 0;

	for (size_t i = 0; i < t->param_count; i++)
		if (is_classic(params[i].name) ||
			(!(reading & CLASSIC_ONLY) && is_later(params[i].name)))
			list[n++] = &params[i];
	qsort(list, n, sizeof(*list), param_order);
	for (size_t i = 0; i < n; i++) {
		buf_add_char(b, i ? '&' : '?');
		add_param(b, list[i], reading);
	}
}

/* ---- headers ---- */

#define META "x-amz-meta-"

/* Where a '-' may have been a '_'. */
static struct span doubtful(struct span name)
{
	return span_starts(name, SPAN_LIT(META)) ? span_from(name, sizeof(META) - 1)
						 : SPAN_NULL;
}

static struct span underscored(struct arena *a, struct span name)
{
	char *p = arena_strndup(a, name);

	for (size_t i = sizeof(META) - 1; i < name.n; i++)
		if (p[i] == '-')
			p[i] = '_';
	return span_of(p, name.n);
}

/* The bit of the k-th name that is in doubt. */
static unsigned name_bit(size_t k)
{
	return (unsigned)UNDERSCORES << (k < NAME_BITS ? k : NAME_BITS - 1);
}

static const struct span *spell(
	struct arena *a, const struct auth_request *req, unsigned reading)
{
	struct span *names = arena_array(a, struct span, req->header_count);
	size_t k = 0;

	for (size_t i = 0; i < req->header_count; i++) {
		struct span name = req->headers[i].name;
		bool in_doubt = span_find_byte(doubtful(name), '-') >= 0;

		names[i] = in_doubt && (reading & name_bit(k)) ? underscored(a, name) : name;
		k += in_doubt;
	}
	return names;
}

struct line {
	struct span name, value;
	size_t at;
};

static int line_order(const void *x, const void *y)
{
	const struct line *a = x, *b = y;
	int c = span_cmp(a->name, b->name);

	return c ? c : (a->at > b->at) - (a->at < b->at);
}

static void add_amz_headers(struct arena *a, struct buf *b, const struct auth_request *req,
	const struct span *names)
{
	struct line *lines = arena_array(a, struct line, req->header_count);
	size_t n = 0;

	for (size_t i = 0; i < req->header_count; i++)
		if (auth_is_amz(req->headers[i].name))
			lines[n++] =
				(struct line){names[i], span_trim(req->headers[i].value), i};
	qsort(lines, n, sizeof(*lines), line_order);
	for (size_t i = 0; i < n; i++) {
		bool is_more = i > 0 && span_eq(lines[i].name, lines[i - 1].name);

		if (i > 0)
			buf_add_char(b, is_more ? ',' : '\n');
		if (!is_more) {
			buf_add_span(b, lines[i].name);
			buf_add_char(b, ':');
		}
		buf_add_span(b, lines[i].value);
	}
	if (n > 0)
		buf_add_char(b, '\n');
}

/* ---- the text and its signature ---- */

static void add_line(struct buf *b, struct span s)
{
	buf_add_span(b, s);
	buf_add_char(b, '\n');
}

/* Absent when it is too large to be that of a request of anybody. */
static struct span string_to_sign(
	struct arena *a, const struct texts *t, const struct span *names, unsigned reading)
{
	BUF_AUTO struct buf b;

	buf_init(&b, TEXT_MAX);
	add_line(&b, t->req->method);
	add_line(&b, auth_header_get(t->req, "content-md5"));
	add_line(&b, auth_header_get(t->req, "content-type"));
	add_line(&b, t->sig->line);
	add_amz_headers(a, &b, t->req, names);
	if (!span_absent(t->host_bucket)) {
		buf_add_char(&b, '/');
		buf_add_span(&b, t->host_bucket);
	}
	buf_add_span(&b, t->req->path);
	if (reading & BUCKET_SLASH)
		buf_add_char(&b, '/');
	add_params(a, &b, t, reading);
	return buf_ok(&b) ? arena_dup(a, buf_span(&b)) : SPAN_NULL;
}

static void sign(struct span secret, struct span text, char out[SIGNATURE_LEN + 1])
{
	unsigned char mac[20];

	digest_hmac_sha1(secret.p, secret.n, text.p, text.n, mac);
	enc_base64(out, mac, sizeof(mac));
}

static bool texts_init(struct arena *a, const struct auth_request *req, const struct sigv2 *sig,
	struct span host_bucket, struct texts *t_r)
{
	struct uri_param *spaced = NULL, *literal = NULL;
	struct err e;
	size_t n = 0;

	if (req->query.n &&
		(uri_parse_query(a, req->query, &spaced, &n, &e) < 0 ||
			uri_parse_query_literal(a, req->query, &literal, &n, &e) < 0))
		return false;
	*t_r = (struct texts){req, sig, host_bucket, spaced, literal, n};
	return true;
}

/* The path of a bucket, without a slash behind it? */
static bool is_bare_bucket(const struct texts *t)
{
	return span_absent(t->host_bucket) && t->req->path.n > 1 &&
		span_find_byte(span_from(t->req->path, 1), '/') < 0;
}

/* The readings that make a difference for this request, as a mask. */
static unsigned readings(const struct texts *t)
{
	unsigned mask = 0;
	size_t k = 0;

	for (size_t i = 0; i < t->param_count; i++) {
		const struct uri_param *p = &t->spaced[i];

		if (!sigv2_signs(p->name))
			continue;
		if (!span_eq(p->value, t->literal[i].value))
			mask |= PLUS_LITERAL;
		if (p->value.n == 0)
			mask |= EMPTY_TURNED;
		if (!t->sig->is_presigned && is_later(p->name))
			mask |= CLASSIC_ONLY;
	}
	if (is_bare_bucket(t))
		return mask | BUCKET_SLASH; /* it has no metadata */
	for (size_t i = 0; i < t->req->header_count; i++)
		if (span_find_byte(doubtful(t->req->headers[i].name), '-') >= 0)
			mask |= name_bit(k++);
	return mask;
}

static bool is_proven(struct arena *a, const struct texts *t, struct span secret,
	unsigned reading, struct sigv2_proof *proof_r)
{
	char signature[SIGNATURE_LEN + 1];

	proof_r->plus_is_literal = (reading & PLUS_LITERAL) != 0;
	proof_r->names = spell(a, t->req, reading);
	proof_r->string_to_sign = string_to_sign(a, t, proof_r->names, reading);
	if (span_absent(proof_r->string_to_sign))
		return false;
	sign(secret, proof_r->string_to_sign, signature);
	return span_eq_secret(span_of(signature, SIGNATURE_LEN), t->sig->signature);
}

enum sigv2_fault sigv2_verify(struct arena *a, const struct auth_request *req,
	const struct sigv2 *sig, struct span host_bucket, struct span secret,
	struct sigv2_proof *proof_r)
{
	struct texts t;
	unsigned all;

	*proof_r = (struct sigv2_proof){.string_to_sign = SPAN_NULL};
	if (!texts_init(a, req, sig, host_bucket, &t))
		return SIGV2_MISMATCH;
	if (is_proven(a, &t, secret, 0, proof_r))
		return SIGV2_OK;
	all = readings(&t);
	for (unsigned reading = all; reading; reading = (reading - 1) & all) {
		struct sigv2_proof other;

		if (is_proven(a, &t, secret, reading, &other)) {
			*proof_r = other;
			return SIGV2_OK;
		}
	}
	return SIGV2_MISMATCH;
}

char *sigv2_sign(struct arena *a, const struct auth_request *req, struct span line,
	struct span host_bucket, struct span secret)
{
	const struct sigv2 sig = {.line = line};
	char *signature = arena_alloc(a, SIGNATURE_LEN + 1);
	struct span text = SPAN_LIT("");
	struct texts t;

	if (texts_init(a, req, &sig, host_bucket, &t))
		text = string_to_sign(a, &t, spell(a, req, 0), 0);
	sign(secret, text, signature);
	return signature;
}
