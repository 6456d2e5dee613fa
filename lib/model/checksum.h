/* SPDX-License-Identifier: MIT */
/* Object checksums: the five algorithms, their types, how they are named, stored and combined. */
#ifndef MX_MODEL_CHECKSUM_H
#define MX_MODEL_CHECKSUM_H

#include "base/arena.h"
#include "base/span.h"
#include "codec/digest.h"

enum checksum_alg {
	CHECKSUM_NONE,
	CHECKSUM_CRC32,
	CHECKSUM_CRC32C,
	CHECKSUM_CRC64NVME,
	CHECKSUM_SHA1,
	CHECKSUM_SHA256,
	CHECKSUM_ALG_COUNT
};
enum checksum_type { CHECKSUM_FULL_OBJECT, CHECKSUM_COMPOSITE };

struct checksum {
	enum checksum_alg alg; /* CHECKSUM_NONE: there is none */
	enum checksum_type type;
	uint32_t nparts; /* of a COMPOSITE value, the number behind the dash */
	unsigned char value[DIGEST_MAX_BYTES];
};

enum { CHECKSUM_TEXT_MAX = 64, CHECKSUM_BLOB_MAX = 40 };

enum digest_alg checksum_digest(enum checksum_alg alg);	   /* alg != NONE */
/* "CRC32", ... as in x-amz-checksum-algorithm; NULL for NONE. */
const char *checksum_name(enum checksum_alg alg);
/* "x-amz-checksum-crc32", ... lower case; NULL for NONE. */
const char *checksum_header(enum checksum_alg alg);
/* XML element: "ChecksumCRC32", ... */
const char *checksum_element(enum checksum_alg alg);
/* "FULL_OBJECT" or "COMPOSITE". */
const char *checksum_type_name(enum checksum_type type);
/* Case-insensitive; CHECKSUM_NONE if unknown. */
enum checksum_alg checksum_by_name(struct span name);
enum checksum_alg checksum_by_header(struct span lower_case_name);
bool checksum_type_by_name(struct span name, enum checksum_type *type_r);
/* COMPOSITE: CRC32, CRC32C, SHA1, SHA256; FULL_OBJECT: the three CRCs. */
bool checksum_pair_legal(enum checksum_alg alg, enum checksum_type type);
/* The type a multipart upload gets when none is named: FULL_OBJECT for CRC64NVME, else COMPOSITE. */
enum checksum_type checksum_default_type(enum checksum_alg alg);
/* Base64, with "-N" for COMPOSITE; NUL-terminated. */
void checksum_format(char out[CHECKSUM_TEXT_MAX], const struct checksum *c);
/* Base64 of exactly the algorithm's length, optionally with -N; false otherwise. */
bool checksum_parse(struct span text, enum checksum_alg alg, struct checksum *c_r);
bool checksum_eq(const struct checksum *a, const struct checksum *b);
/* Stored form: 0 bytes for NONE, else type/alg byte, nparts (LE32) for composite, value. */
size_t checksum_to_blob(const struct checksum *c, unsigned char out[CHECKSUM_BLOB_MAX]);
bool checksum_from_blob(struct span blob, struct checksum *c_r);

/* Combines the parts of a multipart upload in order. The pair must be legal; what _init takes is
 * given back by _finish, which must always be called (out_r may be NULL). */
struct checksum_combiner {
	struct checksum sum;
	struct digest_set *digest; /* of the concatenated values, for COMPOSITE */
	bool first;
};
void checksum_combine_init(struct checksum_combiner *k, enum checksum_alg alg, enum checksum_type type);
/* part holds the part's own value (FULL_OBJECT of the part) of the same algorithm. A COMPOSITE
 * counts the parts itself. */
void checksum_combine_add(struct checksum_combiner *k, const struct checksum *part, uint64_t part_bytes);
void checksum_combine_finish(struct checksum_combiner *k, struct checksum *out_r);

#endif
