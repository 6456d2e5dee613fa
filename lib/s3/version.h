/* SPDX-License-Identifier: MIT */
/*
 * Versions: the one a request names by ?versionId, and what a response tells of one. Whether an operation
 * takes the parameter is a row of versioned.def.
 */
#ifndef MX_S3_VERSION_H
#define MX_S3_VERSION_H

#include "s3/req.h"

/* What is asked of authz: the operation's action, or that of its form for versions. */
enum authz_action s3_version_action(const struct s3_req *q);
/* ?versionId into q->call.version. Fails with InvalidArgument on an operation that takes none, and on what
 * no version's id is. */
int s3_version_named(struct s3_req *q) MX_MUST_CHECK;
#define S3_BAD_VERSION "Invalid version id specified"
/* The id of a version as clients write it: text of the argument called so. */
int s3_version_parse(struct s3_call *c, const char *argument, struct span text,
	struct version_id *v_r) MX_MUST_CHECK;

/* The version that the request names, or else the current one; a delete marker fails as S3 wants it told. */
int s3_version_head(struct s3_call *c, struct meta_object *o_r) MX_MUST_CHECK;
int s3_version_open(struct s3_call *c, struct meta_object *o_r, struct svc_reader **r_r) MX_MUST_CHECK;

/* x-amz-version-id of what was read or changed: nothing in a bucket that was never versioned, unless a
 * version was named. */
void s3_add_version(struct s3_req *q, const struct meta_object *o);
void s3_add_version_met(struct s3_req *q, const struct version_id *v);
/* The same of what was made, which is told only if it has an id of its own. */
void s3_add_version_made(struct s3_req *q, const struct version_id *v);
void s3_add_version_id(struct s3_req *q, const struct version_id *v);
/* x-amz-copy-source-version-id, where there is something to tell. */
void s3_add_source_version(struct s3_req *q);
void s3_add_delete_marker(struct s3_req *q);
/* Of a delete marker that stands where something was to be read. */
void s3_add_marker_met(struct s3_req *q, const struct meta_object *marker);
const char *s3_version_text(struct arena *a, const struct version_id *v);

#endif
