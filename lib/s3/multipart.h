/* SPDX-License-Identifier: MIT */
/* CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload. */
#ifndef MX_S3_MULTIPART_H
#define MX_S3_MULTIPART_H

#include "model/objmeta.h"
#include "s3/extras.h"
#include "s3/handler.h"

/* ---- upload.c ---- */
struct s3_upload_create_in {
	struct objmeta meta;
	struct s3_extras extras;
	enum checksum_alg alg; /* NONE: not asked for */
	enum checksum_type type;
};
struct s3_upload_create_out {
	char id[SVC_UPLOAD_ID_LEN + 1];
	enum checksum_alg alg;
	enum checksum_type type;
};
S3_HANDLER(upload_create);

/* partNumber of a write. */
int s3_part_number_parse(struct s3_req *q, uint32_t *no_r) MX_MUST_CHECK;

struct s3_part_put_in {
	struct span upload_id;
	uint32_t no;
	struct svc_body body;
};
struct s3_part_put_out {
	struct svc_put_result put;
};
S3_HANDLER(part_put);

struct s3_upload_abort_in {
	struct span upload_id;
};
struct s3_upload_abort_out {
};
S3_HANDLER(upload_abort);

/* ---- upload_complete.c ---- */
struct s3_upload_complete_in {
	struct span upload_id;
	struct meta_complete_part *parts;
	size_t count;
	bool has_size, has_type;
	uint64_t size;
	struct checksum checksum; /* of the object, alg NONE: not given */
	enum checksum_type type;
	struct write_conditions conditions;
};
struct s3_upload_complete_out {
	struct meta_complete_result done;
};
S3_HANDLER(upload_complete);

#endif
