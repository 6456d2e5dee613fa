/* SPDX-License-Identifier: MIT */
/*
 * Digests over libcrypto and libisal. The algorithms are fetched once, as a fetch costs more
 * than hashing a small body. libcrypto fails here only without memory, or where a policy of the
 * host forbids an algorithm that S3 cannot do without; both end the process.
 */
#include "codec/digest.h"

#include <isa-l/crc.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "codec/crc.h"

enum { HASH_COUNT = DIGEST_SHA256 + 1, HMAC_BLOCK = 64 };

static const struct row {
	size_t len;
	const char *hash;  /* libcrypto's name, NULL for a CRC */
	enum crc_kind crc; /* of a CRC */
} rows[DIGEST_COUNT] = {
	[DIGEST_MD5] = {16, "MD5", CRC_KIND_COUNT},
	[DIGEST_SHA1] = {20, "SHA1", CRC_KIND_COUNT},
	[DIGEST_SHA256] = {32, "SHA256", CRC_KIND_COUNT},
	[DIGEST_CRC32] = {4, NULL, CRC_32},
	[DIGEST_CRC32C] = {4, NULL, CRC_32C},
	[DIGEST_CRC64NVME] = {8, NULL, CRC_64NVME},
};

/* Fetched once, constant afterwards. */
static EVP_MD *mds[HASH_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct digest_set {
	unsigned mask;
	EVP_MD_CTX *ctx[HASH_COUNT];
	uint64_t crc[CRC_KIND_COUNT];
	unsigned char hash[HASH_COUNT][DIGEST_MAX_BYTES]; /* once finished */
};

static void fetch(void)
{
	for (int i = 0; i < HASH_COUNT; i++) {
		mds[i] = EVP_MD_fetch(NULL, rows[i].hash, NULL);
		if (!mds[i])
			log_die("libcrypto has no %s", rows[i].hash);
	}
}

static void must(int ok)
{
	if (ok != 1)
		log_die("libcrypto: a digest failed");
}

static EVP_MD_CTX *ctx_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx)
		log_die("out of memory");
	return ctx;
}

size_t digest_len(enum digest_alg alg)
{
	return rows[alg].len;
}

struct digest_set *digest_new(unsigned mask)
{
	struct digest_set *d = calloc(1, sizeof(*d));

	if (!d)
		log_die("out of memory");
	pthread_once(&once, fetch);
	d->mask = mask;
	for (int i = 0; i < HASH_COUNT; i++)
		if (mask & 1U << i)
			d->ctx[i] = ctx_new();
	digest_reset(d);
	return d;
}

void digest_reset(struct digest_set *d)
{
	for (int i = 0; i < HASH_COUNT; i++)
		if (d->ctx[i])
			must(EVP_DigestInit_ex2(d->ctx[i], mds[i], NULL));
	memset(d->crc, 0, sizeof(d->crc));
}

void digest_free(struct digest_set *d)
{
	if (!d)
		return;
	for (int i = 0; i < HASH_COUNT; i++)
		EVP_MD_CTX_free(d->ctx[i]);
	free(d);
}

/* libisal's CRC32C counts in int and leaves both inversions to its caller. */
static uint32_t crc32c(uint32_t crc, const unsigned char *p, size_t n)
{
	crc = ~crc;
	while (n) {
		int step = n < INT_MAX / 2 ? (int)n : INT_MAX / 2;

		crc = crc32_iscsi((unsigned char *)(uintptr_t)p, step, crc);
		p += step;
		n -= (size_t)step;
	}
	return ~crc;
}

static uint64_t crc_update(enum crc_kind kind, uint64_t crc, const void *p, size_t n)
{
	switch (kind) {
	case CRC_32:
		return crc32_gzip_refl((uint32_t)crc, p, n);
	case CRC_32C:
		return crc32c((uint32_t)crc, p, n);
	case CRC_64NVME:
		return crc64nvme(crc, p, n);
	case CRC_KIND_COUNT:
		break;
	}
	return crc;
}

void digest_update(struct digest_set *d, const void *p, size_t n)
{
	if (n == 0)
		return;
	for (int i = 0; i < DIGEST_COUNT; i++) {
		if (!(d->mask & 1U << i))
			continue;
		if (rows[i].hash)
			must(EVP_DigestUpdate(d->ctx[i], p, n));
		else
			d->crc[rows[i].crc] =
				crc_update(rows[i].crc, d->crc[rows[i].crc], p, n);
	}
}

void digest_finish(struct digest_set *d)
{
	for (int i = 0; i < HASH_COUNT; i++)
		if (d->ctx[i])
			must(EVP_DigestFinal_ex(d->ctx[i], d->hash[i], NULL));
}

static void store_be(unsigned char *out, uint64_t v, size_t n)
{
	for (; n--; v >>= 8)
		out[n] = (unsigned char)v;
}

static uint64_t load_be(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

void digest_get(const struct digest_set *d, enum digest_alg alg, unsigned char *out)
{
	if (rows[alg].hash)
		memcpy(out, d->hash[alg], rows[alg].len);
	else
		store_be(out, d->crc[rows[alg].crc], rows[alg].len);
}

/* The hash of a || b. */
static void hash_two(EVP_MD_CTX *ctx, enum digest_alg alg, const void *a, size_t a_n,
	const void *b, size_t b_n, unsigned char *out)
{
	must(EVP_DigestInit_ex2(ctx, mds[alg], NULL));
	if (a_n)
		must(EVP_DigestUpdate(ctx, a, a_n));
	if (b_n)
		must(EVP_DigestUpdate(ctx, b, b_n));
	must(EVP_DigestFinal_ex(ctx, out, NULL));
}

void digest_of(enum digest_alg alg, const void *p, size_t n, unsigned char *out)
{
	EVP_MD_CTX *ctx;

	if (!rows[alg].hash) {
		store_be(out, n ? crc_update(rows[alg].crc, 0, p, n) : 0, rows[alg].len);
		return;
	}
	pthread_once(&once, fetch);
	ctx = ctx_new();
	hash_two(ctx, alg, p, n, NULL, 0, out);
	EVP_MD_CTX_free(ctx);
}

/* RFC 2104. */
static void hmac(enum digest_alg alg, const void *key, size_t key_n, const void *p, size_t n,
	unsigned char *out)
{
	unsigned char inner[HMAC_BLOCK] = {0}, outer[HMAC_BLOCK];
	EVP_MD_CTX *ctx;

	pthread_once(&once, fetch);
	ctx = ctx_new();
	if (key_n > HMAC_BLOCK)
		hash_two(ctx, alg, key, key_n, NULL, 0, inner);
	else if (key_n)
		memcpy(inner, key, key_n);
	for (int i = 0; i < HMAC_BLOCK; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	hash_two(ctx, alg, inner, sizeof(inner), p, n, out);
	hash_two(ctx, alg, outer, sizeof(outer), out, rows[alg].len, out);
	EVP_MD_CTX_free(ctx);
	OPENSSL_cleanse(inner, sizeof(inner));
	OPENSSL_cleanse(outer, sizeof(outer));
}

void digest_hmac_sha256(
	const void *key, size_t key_n, const void *p, size_t n, unsigned char out[32])
{
	hmac(DIGEST_SHA256, key, key_n, p, n, out);
}

void digest_hmac_sha1(
	const void *key, size_t key_n, const void *p, size_t n, unsigned char out[20])
{
	hmac(DIGEST_SHA1, key, key_n, p, n, out);
}

void digest_crc_combine(
	enum digest_alg alg, unsigned char *inout, const unsigned char *b, uint64_t len_b)
{
	const struct row *row = &rows[alg];

	if (row->hash)
		log_die("%s cannot be combined", row->hash);
	store_be(inout,
		crc_combine(row->crc, load_be(inout, row->len), load_be(b, row->len), len_b),
		row->len);
}
