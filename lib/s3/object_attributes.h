/* SPDX-License-Identifier: MIT */
/* GetObjectAttributes and RestoreObject: about an object, without its bytes. */
#ifndef MX_S3_OBJECT_ATTRIBUTES_H
#define MX_S3_OBJECT_ATTRIBUTES_H

#include "s3/handler.h"

/* ---- object_attributes.c ---- */
enum s3_attribute {
	S3_ATTRIBUTE_ETAG,
	S3_ATTRIBUTE_CHECKSUM,
	S3_ATTRIBUTE_PARTS,
	S3_ATTRIBUTE_CLASS,
	S3_ATTRIBUTE_SIZE,
	S3_ATTRIBUTE_COUNT
};
struct s3_object_attributes_in {
	bool wanted[S3_ATTRIBUTE_COUNT];
	unsigned max_parts;
	uint32_t marker; /* parts behind this number */
};
struct s3_object_attributes_out {
	const struct s3_object_attributes_in *in;
	struct meta_object object;
	struct meta_part *parts; /* when wanted, of a multipart object */
	size_t part_count;
	bool truncated;
};
S3_HANDLER(object_attributes);

/* ---- object_restore.c ---- */
struct s3_object_restore_in {
};
struct s3_object_restore_out {
};
S3_HANDLER(object_restore);

#endif
