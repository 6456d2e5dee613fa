/* SPDX-License-Identifier: MIT */
/* Object checksums: one row per algorithm; everything else is driven by the table. */
#include "model/checksum.h"

#include <assert.h>
#include <stdio.h>

#include "codec/enc.h"

enum { PARTS_MAX = 10000, BLOB_COMPOSITE = 0x80 };

static const struct {
	const char *name, *header, *element;
	enum digest_alg digest;
	bool composite, full_object; /* S3 API: CreateMultipartUpload, x-amz-checksum-type */
} rows[CHECKSUM_ALG_COUNT] = {
	[CHECKSUM_CRC32] = {"CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", DIGEST_CRC32,
		true, true},
	[CHECKSUM_CRC32C] = {"CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", DIGEST_CRC32C,
		true, true},
	[CHECKSUM_CRC64NVME] = {"CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME",
		DIGEST_CRC64NVME, false, true},
	[CHECKSUM_SHA1] = {"SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", DIGEST_SHA1, true,
		false},
	[CHECKSUM_SHA256] = {"SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", DIGEST_SHA256,
		true, false},
};

static const char *const type_names[] = {
	[CHECKSUM_FULL_OBJECT] = "FULL_OBJECT",
	[CHECKSUM_COMPOSITE] = "COMPOSITE",
};

static bool known(enum checksum_alg alg)
{
	return (unsigned)alg > CHECKSUM_NONE && (unsigned)alg < CHECKSUM_ALG_COUNT;
}

static size_t value_len(enum checksum_alg alg)
{
	return known(alg) ? digest_len(rows[alg].digest) : 0;
}

enum digest_alg checksum_digest(enum checksum_alg alg)
{
	assert(known(alg));
	return rows[alg].digest;
}

const char *checksum_name(enum checksum_alg alg)
{
	return known(alg) ? rows[alg].name : NULL;
}

const char *checksum_header(enum checksum_alg alg)
{
	return known(alg) ? rows[alg].header : NULL;
}

const char *checksum_element(enum checksum_alg alg)
{
	return known(alg) ? rows[alg].element : NULL;
}

const char *checksum_type_name(enum checksum_type type)
{
	return type_names[type];
}

enum checksum_alg checksum_by_name(struct span name)
{
	for (int alg = CHECKSUM_NONE + 1; alg < CHECKSUM_ALG_COUNT; alg++)
		if (span_eq_ci(name, span_str(rows[alg].name)))
			return (enum checksum_alg)alg;
	return CHECKSUM_NONE;
}

enum checksum_alg checksum_by_header(struct span lower_case_name)
{
	for (int alg = CHECKSUM_NONE + 1; alg < CHECKSUM_ALG_COUNT; alg++)
		if (span_eq_str(lower_case_name, rows[alg].header))
			return (enum checksum_alg)alg;
	return CHECKSUM_NONE;
}

bool checksum_type_by_name(struct span name, enum checksum_type *type_r)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(*type_names); i++)
		if (span_eq_ci(name, span_str(type_names[i]))) {
			*type_r = (enum checksum_type)i;
			return true;
		}
	return false;
}

bool checksum_pair_legal(enum checksum_alg alg, enum checksum_type type)
{
	if (!known(alg))
		return false;
	return type == CHECKSUM_COMPOSITE ? rows[alg].composite : rows[alg].full_object;
}

enum checksum_type checksum_default_type(enum checksum_alg alg)
{
	return alg == CHECKSUM_CRC64NVME ? CHECKSUM_FULL_OBJECT : CHECKSUM_COMPOSITE;
}

void checksum_format(char out[CHECKSUM_TEXT_MAX], const struct checksum *c)
{
	size_t len = value_len(c->alg), text_len = ENC_BASE64_LEN(len);

	out[0] = '\0';
	if (len == 0)
		return;
	enc_base64(out, c->value, len);
	if (c->type == CHECKSUM_COMPOSITE)
		snprintf(out + text_len, CHECKSUM_TEXT_MAX - text_len, "-%u",
			(unsigned)c->nparts);
}

bool checksum_parse(struct span text, enum checksum_alg alg, struct checksum *c_r)
{
	struct checksum c = {.alg = alg, .type = CHECKSUM_FULL_OBJECT};
	struct span rest = text, value;
	uint64_t nparts;
	size_t n;

	if (!known(alg) || !span_cut(&rest, '-', &value))
		return false;
	if (!enc_unbase64(value, c.value, sizeof(c.value), &n) || n != value_len(alg))
		return false;
	if (!span_absent(rest)) {
		if (!rows[alg].composite || rest.n == 0 || rest.p[0] == '0')
			return false;
		if (!span_to_u64(rest, &nparts) || nparts > PARTS_MAX)
			return false;
		c.type = CHECKSUM_COMPOSITE;
		c.nparts = (uint32_t)nparts;
	}
	*c_r = c;
	return true;
}

bool checksum_eq(const struct checksum *a, const struct checksum *b)
{
	if (a->alg != b->alg)
		return false;
	if (!known(a->alg))
		return true;
	if (a->type != b->type || (a->type == CHECKSUM_COMPOSITE && a->nparts != b->nparts))
		return false;
	return memcmp(a->value, b->value, value_len(a->alg)) == 0;
}

size_t checksum_to_blob(const struct checksum *c, unsigned char out[CHECKSUM_BLOB_MAX])
{
	size_t n = 0;

	if (!known(c->alg))
		return 0;
	out[n++] = (unsigned char)((unsigned)c->alg |
		(c->type == CHECKSUM_COMPOSITE ? BLOB_COMPOSITE : 0u));
	if (c->type == CHECKSUM_COMPOSITE)
		for (unsigned shift = 0; shift < 32; shift += 8)
			out[n++] = (unsigned char)(c->nparts >> shift);
	memcpy(out + n, c->value, value_len(c->alg));
	return n + value_len(c->alg);
}

bool checksum_from_blob(struct span blob, struct checksum *c_r)
{
	const unsigned char *p = (const unsigned char *)blob.p;
	struct checksum c = {.alg = CHECKSUM_NONE};
	size_t at = 1;

	if (blob.n == 0) {
		*c_r = c;
		return true;
	}
	c.alg = (enum checksum_alg)(p[0] & ~BLOB_COMPOSITE);
	c.type = p[0] & BLOB_COMPOSITE ? CHECKSUM_COMPOSITE : CHECKSUM_FULL_OBJECT;
	if (!known(c.alg))
		return false;
	if (c.type == CHECKSUM_COMPOSITE) {
		if (blob.n < at + 4)
			return false;
		for (unsigned shift = 0; shift < 32; shift += 8)
			c.nparts |= (uint32_t)p[at++] << shift;
	}
	if (blob.n - at != value_len(c.alg))
		return false;
	memcpy(c.value, p + at, value_len(c.alg));
	*c_r = c;
	return true;
}

void checksum_combine_init(
	struct checksum_combiner *k, enum checksum_alg alg, enum checksum_type type)
{
	assert(checksum_pair_legal(alg, type));
	memset(k, 0, sizeof(*k));
	k->sum.alg = alg;
	k->sum.type = type;
	k->first = true;
	if (type == CHECKSUM_COMPOSITE)
		k->digest = digest_new(1u << checksum_digest(alg));
}

void checksum_combine_add(
	struct checksum_combiner *k, const struct checksum *part, uint64_t part_bytes)
{
	enum digest_alg alg = checksum_digest(k->sum.alg);

	assert(part->alg == k->sum.alg);
	if (k->digest) {
		digest_update(k->digest, part->value, digest_len(alg));
		k->sum.nparts++;
	} else if (k->first) {
		memcpy(k->sum.value, part->value, digest_len(alg));
	} else {
		digest_crc_combine(alg, k->sum.value, part->value, part_bytes);
	}
	k->first = false;
}

void checksum_combine_finish(struct checksum_combiner *k, struct checksum *out_r)
{
	if (k->digest) {
		digest_finish(k->digest);
		digest_get(k->digest, checksum_digest(k->sum.alg), k->sum.value);
		digest_free(k->digest);
		k->digest = NULL;
	}
	if (out_r)
		*out_r = k->sum;
}
