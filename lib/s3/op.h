/* SPDX-License-Identifier: MIT */
/*
 * The table of operations. One row is all the pipeline knows about an operation; metrics
 * labels, audit names, the manual and the completeness test come from the same rows.
 */
#ifndef MX_S3_OP_H
#define MX_S3_OP_H

#include "auth/authz.h"
#include "s3/error.h"

struct s3_req;
struct s3_call;

enum s3_target_kind { S3_SERVICE, S3_BUCKET, S3_OBJECT, S3_TARGET_COUNT };
enum s3_body_kind { S3_BODY_NONE, S3_BODY_XML, S3_BODY_STREAM };

#define S3_CAP_OBJECT ((uint64_t)5 << 30) /* one PUT or one part */
#define S3_CAP_XML ((uint64_t)8 << 20)
#define S3_CAP_SMALL_XML ((uint64_t)64 << 10)

enum s3_op_id {
	S3_OP_NONE, /* refused before it was known what is meant */
#define OP(id, ...) S3_OP_##id,
#define UNSET(id, ...) S3_OP_##id,
#include "s3/operations.def"
#include "s3/unset.def"
#undef OP
#undef UNSET
	S3_OP_COUNT
};

struct s3_op {
	const char *name, *method;
	enum s3_target_kind target;
	const char *query, *header;
	enum authz_action action;
	enum s3_body_kind body;
	uint64_t body_cap;
	size_t in_size, out_size;
	int (*parse)(struct s3_req *q, void *in);
	int (*run)(struct s3_call *c, const void *in, void *out);
	int (*render)(struct s3_req *q, const void *out);
};

/* The row; for S3_OP_NONE only the name is set. */
const struct s3_op *s3_op_get(enum s3_op_id id);
enum s3_op_id s3_op_id_of(const struct s3_op *op);
/* May it name a version (versioned.def)? Then it needs *action_r. */
bool s3_op_takes_version(const struct s3_op *op, enum authz_action *action_r);

/* What unset.def says about an operation; NULL for one that is not of that table. */
struct s3_unset {
	enum s3_code code;
	const char *root, *child, *text;
};
const struct s3_unset *s3_unset_get(enum s3_op_id id);

struct s3_refusal {
	const char *method; /* "*": any */
	enum s3_target_kind target;
	const char *query, *header;
	enum s3_code code;
	const char *message;
};
const struct s3_refusal *s3_refusals(size_t *n_r);

#endif
