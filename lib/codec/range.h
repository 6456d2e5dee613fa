/* SPDX-License-Identifier: MIT */
/* The Range header of GET and HEAD (RFC 9110 section 14), with S3's choices. */
#ifndef MX_CODEC_RANGE_H
#define MX_CODEC_RANGE_H

#include "base/span.h"

enum range_kind {
	RANGE_IGNORED, /* absent, malformed, other unit, reversed, several: the whole object, 200 */
	RANGE_PART,    /* 206: [first, first + length) */
	RANGE_WHOLE,   /* a non-zero suffix of an empty object: 200 with no bytes */
	RANGE_UNSATISFIABLE /* 416 */
};

/* header may be absent; size of the object in bytes. first_r, length_r are set for RANGE_PART. */
enum range_kind range_resolve(struct span header, uint64_t size, uint64_t *first_r, uint64_t *length_r);

/* x-amz-copy-source-range: strictly "bytes=a-b" with a <= b; false otherwise. */
bool range_parse_copy(struct span header, uint64_t *first_r, uint64_t *last_r);

#endif
