/* SPDX-License-Identifier: MIT */
/* PutObject, PostObject, GetObject and HeadObject, DeleteObject, DeleteObjects. */
#ifndef MX_S3_OBJECT_H
#define MX_S3_OBJECT_H

#include "s3/extras.h"
#include "s3/fields.h"
#include "s3/handler.h"

/* ---- object_put.c ---- */
struct s3_object_put_in {
	struct objmeta meta;
	struct s3_extras extras;
	struct svc_body body;
	struct write_conditions conditions;
};
struct s3_object_put_out {
	struct svc_put_result put;
};
S3_HANDLER(object_put);

/* ---- object_post.c ---- */
struct s3_post_file; /* counts what is read of it */
struct s3_object_post_in {
	struct s3_object_put_in put;
	struct s3_post_file *file;
};
struct s3_object_post_out {
	struct s3_object_put_out put;
};
S3_HANDLER(object_post);

/* ---- object_get.c ---- */
struct s3_object_get_in {
	bool head_only;
	struct span range, if_range; /* the headers; absent: none */
	uint32_t part;     /* 0: not asked for */
	bool with_checksum;
	struct read_conditions conditions;
	struct span overrides[S3_OVERRIDE_COUNT];
};
struct s3_object_get_out {
	int status; /* 200, 206, 304 */
	struct meta_object object;
	struct objmeta meta;
	uint64_t first, length;   /* what is sent */
	uint32_t parts_count;     /* 0: not told */
	struct checksum checksum; /* alg NONE: not told */
	struct source *content;   /* of [first, first + length); NULL for HEAD */
	const struct span *overrides;
};
S3_HANDLER(object_get);

/* ---- object_delete.c ---- */
struct s3_object_delete_in {
	bool bypass; /* of GOVERNANCE */
	struct write_conditions conditions;
};
struct s3_object_delete_out {
	bool marker;                      /* one was made or went */
	const struct version_id *version; /* of what was made or went; NULL: not told */
};
S3_HANDLER(object_delete);

/* ---- objects_delete.c ---- */
struct s3_delete_key {
	struct span key;
	struct span version_id; /* as sent; empty: none */
	struct write_conditions conditions;
};
struct s3_objects_delete_in {
	struct s3_delete_key *keys;
	size_t count;
	bool quiet, bypass;
};
struct s3_delete_result {
	const struct s3_delete_key *of;
	enum s3_code code; /* S3_OK: gone */
	bool marker;       /* one was made or went; then its id */
	struct version_id marker_id;
};
struct s3_objects_delete_out {
	struct s3_delete_result *results;
	size_t count;
	bool quiet;
};
S3_HANDLER(objects_delete);

#endif
