/* SPDX-License-Identifier: MIT */
/*
 * multipart/form-data (RFC 7578, RFC 2046 section 5.1.1) as a stream: the fields before the
 * file are few and kept, the file is read through, what stands behind it is passed over.
 */
#ifndef MX_CODEC_FORMDATA_H
#define MX_CODEC_FORMDATA_H

#include "base/arena.h"
#include "base/source.h"
#include "base/span.h"

enum {
	FORMDATA_MAX_HEAD = 20 * 1024, /* bytes before those of the file, boundaries included */
	FORMDATA_MAX_TAIL = 64 * 1024, /* bytes behind the file */
	FORMDATA_MAX_FIELDS = 100,
	FORMDATA_MAX_BOUNDARY = 70
};

struct formdata_field {
	struct span name, value;
	struct span filename; /* absent: none was given */
};

struct formdata {
	const struct formdata_field *fields; /* those before the file, in their order */
	size_t field_count;
	bool has_file;
	struct span filename; /* of the file, as it was sent; absent: none was given */
};

/* False when a Content-Type is of no form. *boundary_r: absent if it names none that is legal;
 * else it lives as long as the arena and the text. */
bool formdata_boundary(struct arena *a, struct span content_type, struct span *boundary_r);

/* Reads up to the first byte of the field `file` (of any case), or to the end of a form without
 * one. All of it lives in the arena. err: ERR_INVALID/REASON_FORM malformed or cut off,
 * ERR_LIMIT/REASON_FORM_FIELDS too many or too large fields before the file, and what `in`
 * says. */
int formdata_open(struct arena *a, struct source *in, struct span boundary,
	const struct formdata **form_r, struct err *e) MX_MUST_CHECK;
/* The file. Its end is reported when the whole form was read and was well-formed; err as above.
 */
struct source *formdata_file(const struct formdata *form);

#endif
