/* SPDX-License-Identifier: MIT */
/*
 * From headers to svc_body. Nothing is read here before every header was found good and the
 * request may count as a transfer; a body is consumed wholly before success is answered.
 */
#include "s3/body.h"

#include "base/reason.h"
#include "codec/awschunk.h"
#include "codec/enc.h"

enum { DISCARD_CAP = 64 * 1024, XML_MAX_ELEMENTS = 200 * 1000 };

/* Where the trailer's checksum is found after the last byte. */
struct trailer {
	struct awschunk *chunks;
	enum checksum_alg alg;
};

static int fail_request(struct s3_req *q, const char *message)
{
	return s3_fail(&q->call, S3_InvalidRequest, message);
}

/* ---- length ---- */

/* UINT64_MAX: chunked transfer coding, of unknown length. */
static int declared_length(struct s3_req *q, uint64_t *length_r)
{
	const struct http_req *r = q->http;

	*length_r = 0;
	if (r->content_length >= 0)
		*length_r = (uint64_t)r->content_length;
	else if (r->content_length_text.n)
		return s3_fail_argument(
			&q->call, "Content-Length", r->content_length_text, NULL);
	else if (r->chunked)
		*length_r = UINT64_MAX;
	else if (q->call.op->body == S3_BODY_STREAM)
		return s3_fail(&q->call, S3_MissingContentLength, NULL);
	return 0;
}

static int fail_too_large(struct s3_req *q, uint64_t length)
{
	struct arena *a = q->call.arena;

	if (q->call.op->body != S3_BODY_STREAM)
		return s3_fail(&q->call,
			q->call.op->body == S3_BODY_XML ? S3_MalformedXML
							: S3_MaxMessageLengthExceeded,
			NULL);
	s3_fail(&q->call, S3_EntityTooLarge, NULL);
	s3_fail_add(&q->call, "ProposedSize",
		span_str(arena_printf(a, "%llu", (unsigned long long)length)));
	s3_fail_add(&q->call, "MaxSizeAllowed",
		span_str(arena_printf(a, "%llu", (unsigned long long)q->call.op->body_cap)));
	return -1;
}

/* ---- what the client claims ---- */

static int take_md5(struct s3_req *q, struct svc_body *b)
{
	struct span text = s3_header(q, "content-md5");
	size_t n;

	if (span_absent(text))
		return 0;
	b->has_md5 = true;
	if (enc_unbase64(text, b->md5, sizeof(b->md5), &n) && n == sizeof(b->md5))
		return 0;
	return s3_fail(&q->call, S3_InvalidDigest, NULL);
}

static bool is_checksum_setting(struct span name)
{
	return span_eq_str(name, "x-amz-checksum-mode") ||
		span_eq_str(name, "x-amz-checksum-type") ||
		span_eq_str(name, "x-amz-checksum-algorithm");
}

int s3_checksum_header(struct s3_req *q, struct checksum *c_r)
{
	*c_r = (struct checksum){.alg = CHECKSUM_NONE};
	for (size_t i = 0; i < q->http->header_count; i++) {
		const struct http_header *h = &q->http->headers[i];
		enum checksum_alg alg;

		if (!span_starts(h->name, SPAN_LIT("x-amz-checksum-")) ||
			is_checksum_setting(h->name))
			continue;
		if (c_r->alg != CHECKSUM_NONE)
			return fail_request(q,
				"Expecting a single x-amz-checksum- header. Multiple checksum "
				"Types are not "
				"allowed.");
		alg = checksum_by_header(h->name);
		if (alg == CHECKSUM_NONE)
			return fail_request(q,
				"The algorithm type you specified in x-amz-checksum- header is "
				"invalid.");
		if (!checksum_parse(h->value, alg, c_r))
			return fail_request(q,
				arena_printf(q->call.arena, "Value for %s header is invalid.",
					checksum_header(alg)));
	}
	return 0;
}

int s3_checksum_algorithm(struct s3_req *q, enum checksum_alg *alg_r)
{
	struct span name = s3_header(q, "x-amz-checksum-algorithm");

	*alg_r = checksum_by_name(name);
	if (span_absent(name) || *alg_r != CHECKSUM_NONE)
		return 0;
	return fail_request(q,
		"Checksum algorithm provided is unsupported. Please try again with any of the "
		"valid types: "
		"[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

/* x-amz-sdk-checksum-algorithm announces a header or a trailer: it must be there and agree. */
static int check_announced(struct s3_req *q, enum checksum_alg alg)
{
	struct span announced = s3_header(q, "x-amz-sdk-checksum-algorithm");

	if (span_absent(announced))
		return 0;
	if (checksum_by_name(announced) == CHECKSUM_NONE)
		return fail_request(
			q, "Value for x-amz-sdk-checksum-algorithm header is invalid.");
	if (alg == CHECKSUM_NONE)
		return fail_request(q,
			"x-amz-sdk-checksum-algorithm specified, but no corresponding "
			"x-amz-checksum-* or "
			"x-amz-trailer headers were found.");
	if (checksum_by_name(announced) != alg)
		return fail_request(
			q, "Value for x-amz-sdk-checksum-algorithm header is invalid.");
	return 0;
}

static int take_checksum(struct s3_req *q, struct svc_body *b)
{
	if (s3_checksum_header(q, &b->checksum) < 0)
		return -1;
	if (b->checksum.alg == CHECKSUM_NONE)
		return 0;
	if (b->checksum.type != CHECKSUM_FULL_OBJECT)
		return fail_request(q, "A composite checksum cannot be that of a body.");
	b->has_checksum = true;
	b->alg = b->checksum.alg;
	return 0;
}

/* ---- coding ---- */

/* Where no Signature V4 has it, the header is worth what it says, not more. */
static int claimed_payload(struct s3_req *q, struct span value, enum sigv4_payload *kind_r)
{
	unsigned char hash[32];

	*kind_r = SIGV4_UNSIGNED;
	if (span_absent(value) || span_eq_str(value, "UNSIGNED-PAYLOAD"))
		return 0;
	*kind_r = SIGV4_STREAM_UNSIGNED_TRAILER;
	if (span_eq_str(value, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
		return 0;
	*kind_r = SIGV4_PAYLOAD_HASH;
	if (enc_unhex(value, hash, sizeof(hash)))
		return 0;
	return s3_fail_argument(&q->call, "x-amz-content-sha256", value, NULL);
}

static int payload_kind(struct s3_req *q, enum sigv4_payload *kind_r, struct span *value_r)
{
	*value_r = s3_header(q, "x-amz-content-sha256");
	if (span_absent(q->sig.payload_hash))
		return claimed_payload(q, *value_r, kind_r);
	*kind_r = q->sig.payload;
	*value_r = q->sig.payload_hash;
	return 0;
}

static int trailer_value(void *ctx, struct checksum *c_r, struct err *e)
{
	const struct trailer *t = ctx;
	struct span text = awschunk_trailer(t->chunks);

	if (checksum_parse(text, t->alg, c_r) && c_r->type == CHECKSUM_FULL_OBJECT)
		return 0;
	return err_fail_why(
		e, ERR_INVALID, REASON_TRAILER_VALUE, "undecodable trailing checksum");
}

/* The one trailer we know is a checksum; it is declared in x-amz-trailer. */
static int declared_trailer(
	struct s3_req *q, struct awschunk_config *cfg, enum checksum_alg *alg_r)
{
	struct span name = span_trim(s3_header(q, "x-amz-trailer"));

	if (name.n == 0)
		return s3_fail(&q->call, S3_MalformedTrailerError, NULL);
	*alg_r = CHECKSUM_NONE;
	for (int alg = CHECKSUM_NONE + 1; alg < CHECKSUM_ALG_COUNT; alg++)
		if (span_eq_ci(name, span_str(checksum_header((enum checksum_alg)alg))))
			*alg_r = (enum checksum_alg)alg;
	if (*alg_r == CHECKSUM_NONE)
		return fail_request(
			q, "The value specified in the x-amz-trailer header is not supported");
	cfg->trailer_name = span_str(checksum_header(*alg_r));
	return 0;
}

static int decoded_length(struct s3_req *q, uint64_t *length_r)
{
	struct span text = s3_header(q, "x-amz-decoded-content-length");

	if (span_to_u64(text, length_r) && *length_r < UINT64_MAX)
		return 0;
	return s3_fail(&q->call, S3_MissingContentLength, NULL);
}

static void add_trailer(
	struct s3_req *q, struct svc_body *b, struct awschunk *chunks, enum checksum_alg alg)
{
	struct trailer *t = arena_new_of(q->call.arena, struct trailer);

	*t = (struct trailer){.chunks = chunks, .alg = alg};
	b->alg = alg;
	b->trailer = trailer_value;
	b->trailer_ctx = t;
}

/* Puts the decoder of aws-chunked before the body. */
static int take_stream(struct s3_req *q, enum sigv4_payload kind, struct svc_body *b)
{
	struct awschunk_config cfg = {
		.is_signed = kind != SIGV4_STREAM_UNSIGNED_TRAILER,
		.has_trailer = kind != SIGV4_STREAM,
		.check_chunk = sigv4_chunks_check,
		.check_trailer = sigv4_chunks_check_trailer,
		.ctx = &q->chunks,
	};
	struct awschunk *chunks;
	enum checksum_alg alg = CHECKSUM_NONE;

	if (decoded_length(q, &cfg.decoded_bytes) < 0)
		return -1;
	if (cfg.has_trailer && declared_trailer(q, &cfg, &alg) < 0)
		return -1;
	if (alg != CHECKSUM_NONE && b->has_checksum)
		return fail_request(q, "Expecting a single x-amz-checksum- header");
	if (cfg.is_signed)
		sigv4_chunks_init(&q->chunks, &q->sig, &q->proof);
	b->length = cfg.decoded_bytes;
	b->src = awschunk_new(q->call.arena, b->src, &cfg, &chunks);
	if (alg != CHECKSUM_NONE)
		add_trailer(q, b, chunks, alg);
	return 0;
}

static int take_coding(struct s3_req *q, struct svc_body *b)
{
	enum sigv4_payload kind;
	struct span value;

	if (payload_kind(q, &kind, &value) < 0)
		return -1;
	/* A checksum that is promised and has no place to come in was not verified. */
	if (kind != SIGV4_STREAM_TRAILER && kind != SIGV4_STREAM_UNSIGNED_TRAILER &&
		s3_header(q, "x-amz-trailer").n)
		return s3_fail(&q->call, S3_MalformedTrailerError, NULL);
	switch (kind) {
	case SIGV4_UNSIGNED:
		return 0;
	case SIGV4_PAYLOAD_HASH:
		b->has_sha256 = enc_unhex(value, b->sha256, sizeof(b->sha256));
		return 0;
	case SIGV4_STREAM:
	case SIGV4_STREAM_TRAILER:
	case SIGV4_STREAM_UNSIGNED_TRAILER:
		return take_stream(q, kind, b);
	}
	return 0;
}

/* ---- open ---- */

static int received_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct s3_received *r = (struct s3_received *)(void *)src;

	if (source_read(r->inner, p, cap, n_r, e) < 0)
		return -1;
	r->bytes += *n_r;
	return 0;
}

int s3_body_begin(struct s3_req *q, uint64_t slack, struct source **src_r)
{
	struct err e;
	uint64_t on_wire;

	q->received = (struct s3_received){.src = {received_read}, .inner = q->http->body};
	*src_r = &q->received.src;
	if (declared_length(q, &on_wire) < 0)
		return -1;
	if (on_wire != UINT64_MAX && on_wire > q->call.op->body_cap + slack)
		return fail_too_large(q, on_wire);
	return http_enter_transfer(q->http, &e) < 0 ? s3_fail_err(&q->call, &e) : 0;
}

int s3_body_claims(struct s3_req *q, struct svc_body *b)
{
	if (take_md5(q, b) < 0 || take_checksum(q, b) < 0)
		return -1;
	return check_announced(q, b->alg);
}

static int take_headers(struct s3_req *q, enum s3_checksum_of of, struct svc_body *b)
{
	if (take_md5(q, b) < 0)
		return -1;
	if (of == S3_CHECKSUM_OF_BODY && take_checksum(q, b) < 0)
		return -1;
	if (take_coding(q, b) < 0)
		return -1;
	return of == S3_CHECKSUM_OF_BODY ? check_announced(q, b->alg) : 0;
}

int s3_body_open(struct s3_req *q, enum s3_checksum_of of, struct svc_body *b)
{
	struct err e;
	uint64_t on_wire;

	q->received = (struct s3_received){.src = {received_read}, .inner = q->http->body};
	*b = (struct svc_body){.src = &q->received.src};
	if (declared_length(q, &on_wire) < 0)
		return -1;
	b->length = on_wire;
	b->max_bytes = q->call.op->body == S3_BODY_NONE ? DISCARD_CAP : q->call.op->body_cap;
	if (take_headers(q, of, b) < 0)
		return -1;
	if (b->length != UINT64_MAX && b->length > b->max_bytes)
		return fail_too_large(q, b->length);
	if (on_wire > 0 && http_enter_transfer(q->http, &e) < 0)
		return s3_fail_err(&q->call, &e);
	return 0;
}

/* ---- XML, and bodies nobody wants ---- */

static int fail_xml(struct s3_req *q, const struct err *e)
{
	bool is_xmls = (e->kind == ERR_INVALID || e->kind == ERR_LIMIT) &&
		(e->reason == REASON_NONE || e->reason == REASON_TOO_LARGE);

	s3_fail_err(&q->call, e);
	return is_xmls ? s3_fail_xml(q) : -1;
}

int s3_body_xml(struct s3_req *q, enum s3_checksum_of of, const char *root,
	const struct xml_node **root_r)
{
	struct xmlr_limits limits = {.max_bytes = q->call.op->body_cap,
		.max_depth = XMLR_MAX_DEPTH,
		.max_elements = XML_MAX_ELEMENTS};
	struct svc_body b;
	struct err e;

	*root_r = NULL;
	if (s3_body_open(q, of, &b) < 0)
		return -1;
	if (b.length == 0)
		return s3_body_discard(q);
	if (xmlr_parse(q->call.arena, s3_verify_new(q->call.arena, &b), &limits, root_r, &e) <
		0)
		return fail_xml(q, &e);
	if (!span_eq_str((*root_r)->name, root))
		return s3_fail_xml(q);
	return 0;
}

int s3_body_document(struct s3_req *q, const char *root, const struct xml_node **root_r)
{
	if (s3_body_xml(q, S3_CHECKSUM_OF_BODY, root, root_r) < 0)
		return -1;
	return *root_r ? 0 : s3_fail_xml(q);
}

/* Most requests without a body are signed as such: nothing to read, nothing to hash. */
static bool is_plainly_empty(const struct s3_req *q)
{
	static const char sha256_of_nothing[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct span claimed = span_absent(q->sig.payload_hash)
		? s3_header(q, "x-amz-content-sha256")
		: q->sig.payload_hash;

	return (q->http->content_length == 0 || q->http->content_length_text.n == 0) &&
		!q->http->chunked &&
		(span_absent(claimed) || span_eq_str(claimed, sha256_of_nothing) ||
			span_eq_str(claimed, "UNSIGNED-PAYLOAD"));
}

int s3_body_discard(struct s3_req *q)
{
	unsigned char buf[4096];
	struct svc_body b;
	struct source *src;
	struct err e;
	size_t n;

	if (is_plainly_empty(q))
		return 0;
	if (s3_body_open(q, S3_CHECKSUM_OF_OBJECT, &b) < 0)
		return -1;
	src = s3_verify_new(q->call.arena, &b);
	do {
		if (source_read(src, buf, sizeof(buf), &n, &e) < 0)
			return s3_fail_err(&q->call, &e);
	} while (n > 0);
	return 0;
}
