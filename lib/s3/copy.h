/* SPDX-License-Identifier: MIT */
/* CopyObject and UploadPartCopy. */
#ifndef MX_S3_COPY_H
#define MX_S3_COPY_H

#include "s3/copy_source.h"
#include "s3/extras.h"
#include "s3/fields.h"
#include "s3/handler.h"

/* ---- copy.c: what both have in common, the source ---- */
struct s3_copy_from {
	struct s3_copy_source source;
	struct span explicit_name; /* of its bucket, see s3_call */
	struct read_conditions conditions;
	struct span expected_owner; /* absent: not named */
};
int s3_copy_from_parse(struct s3_req *q, struct s3_copy_from *from) MX_MUST_CHECK;

struct s3_copy_opened {
	struct meta_bucket bucket;
	struct meta_object object;
	struct svc_reader *reader;
};
/* Found, readable by the caller, and what the conditions want; its version is noted in the
 * call. */
int s3_copy_open(struct s3_call *c, const struct s3_copy_from *from,
	struct s3_copy_opened *o_r) MX_MUST_CHECK;
/* InvalidRequest for more bytes than one request may copy. */
int s3_copy_check_size(struct s3_call *c, uint64_t bytes) MX_MUST_CHECK;

/* root: of the document. */
int s3_copy_respond(
	struct s3_req *q, const char *root, const struct svc_put_result *put) MX_MUST_CHECK;

/* ---- object_copy.c ---- */
struct s3_object_copy_in {
	struct s3_copy_from from;
	bool replaces; /* metadata is what the request says, not what the source has */
	bool changes;  /* something else than bytes: then an object may be copied onto itself */
	bool replaces_tags; /* the same of tags */
	struct objmeta meta;
	struct s3_extras extras;
	enum checksum_alg alg; /* NONE: the source's */
	struct write_conditions conditions;
};
struct s3_object_copy_out {
	struct svc_put_result put;
};
S3_HANDLER(object_copy);

/* ---- part_copy.c ---- */
struct s3_part_copy_in {
	struct s3_copy_from from;
	struct span upload_id;
	uint32_t no;
	bool has_range;
	uint64_t first, last;
};
struct s3_part_copy_out {
	struct svc_put_result put;
};
S3_HANDLER(part_copy);

#endif
