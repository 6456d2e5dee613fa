/* SPDX-License-Identifier: MIT */
/* Digests and checksums of streams: MD5 for ETags, the five S3 checksum algorithms, HMAC. */
#ifndef MX_CODEC_DIGEST_H
#define MX_CODEC_DIGEST_H

#include "base/span.h"

enum digest_alg {
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_CRC32,	  /* ISO-HDLC, as zlib */
	DIGEST_CRC32C,	  /* Castagnoli */
	DIGEST_CRC64NVME, /* check value of "123456789": AE8B14860A799888 */
	DIGEST_COUNT
};
enum { DIGEST_MAX_BYTES = 32 };

/* Bytes of the result: 16, 20, 32, 4, 4, 8. CRCs are big-endian in their bytes, as S3 encodes them. */
size_t digest_len(enum digest_alg alg);

/* Several digests over one stream, computed in one pass. Not shared between threads. */
struct digest_set;
/* mask: bits 1 << DIGEST_X. Never NULL. */
struct digest_set *digest_new(unsigned mask);
void digest_free(struct digest_set *d); /* NULL is fine */
void digest_update(struct digest_set *d, const void *p, size_t n);
/* Starts a new stream, also after digest_finish; cheaper than a new set. */
void digest_reset(struct digest_set *d);
/* Ends the stream; then digest_get may be called for each bit of the mask. */
void digest_finish(struct digest_set *d);
/* out has digest_len(alg) bytes; alg must be in the mask and digest_finish have been called. */
void digest_get(const struct digest_set *d, enum digest_alg alg, unsigned char *out);

/* One shot. */
void digest_of(enum digest_alg alg, const void *p, size_t n, unsigned char *out);
void digest_hmac_sha256(const void *key, size_t key_n, const void *p, size_t n, unsigned char out[32]);
void digest_hmac_sha1(const void *key, size_t key_n, const void *p, size_t n, unsigned char out[20]);

/* CRC of the concatenation A||B from both CRCs (big-endian bytes as digest_get gives them) and B's
 * length, in O(log len_b): the full-object checksum of a multipart upload. alg is one of the CRCs;
 * inout holds A's and receives the result. */
void digest_crc_combine(enum digest_alg alg, unsigned char *inout, const unsigned char *b, uint64_t len_b);

/* The name of the implementation of CRC64NVME in use ("pclmul", "table"), for --version and tests. */
const char *digest_crc64nvme_impl(void);
/* The slow, plain one, against which the fast one is tested; crc is the running value, 0 at start. */
uint64_t digest_crc64nvme_table(uint64_t crc, const void *p, size_t n);

#endif
