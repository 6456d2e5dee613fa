/* SPDX-License-Identifier: MIT */
/*
 * The aws-chunked content coding: a source that decodes another source.
 *
 * Framing, per chunk: hex-size [;chunk-signature=64-hex] CRLF data CRLF; a chunk of size 0 ends the
 * data; with a trailer then `name:value` CRLF lines (LF alone is accepted before CRLF), when signed
 * the last is x-amz-trailer-signature, and an empty line. See the S3 API reference, "Signature
 * calculations: transferring a payload in multiple chunks" and "...including trailing headers".
 */
#ifndef MX_CODEC_AWSCHUNK_H
#define MX_CODEC_AWSCHUNK_H

#include "base/arena.h"
#include "base/source.h"

enum { AWSCHUNK_MIN_BYTES = 8192, AWSCHUNK_MAX_LINE = 1024, AWSCHUNK_MAX_TRAILER = 4096 };

struct awschunk_config {
	bool is_signed;	   /* chunk signatures must be there and hold */
	bool has_trailer;
	uint64_t decoded_bytes; /* x-amz-decoded-content-length; must be met exactly */
	struct span trailer_name; /* the one declared name, lower case; absent if !has_trailer */
	/* Called at the end of each chunk, the last empty one included, with the SHA-256 of its data.
	 * Returns false when the signature is wrong. Unused when !is_signed. */
	bool (*check_chunk)(void *ctx, const unsigned char sha256[32], struct span signature);
	/* The signature over the trailer; sha256 of the canonical trailer "name:value\n". */
	bool (*check_trailer)(void *ctx, const unsigned char sha256[32], struct span signature);
	void *ctx;
};

struct awschunk;

/* in and cfg->ctx outlive it; released with the arena. Reading yields decoded bytes, end of stream
 * only after every check. err (reason in err.reason):
 *   REASON_CHUNK_FRAMING  framing, truncation, length mismatch  (S3: IncompleteBody)
 *   REASON_CHUNK_SIGNATURE  wrong or absent signature           (SignatureDoesNotMatch)
 *   REASON_CHUNK_SIZE  a chunk under 8192 bytes that is not the last with data (InvalidChunkSizeError)
 *   REASON_TRAILER  missing, undeclared, misnamed, repeated     (MalformedTrailerError) */
struct source *awschunk_new(struct arena *a, struct source *in, const struct awschunk_config *cfg,
	struct awschunk **self_r);
/* The trailer's value, trimmed, once the end was reached; absent before and without one. */
struct span awschunk_trailer(const struct awschunk *c);

#endif
