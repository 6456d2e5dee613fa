/* SPDX-License-Identifier: MIT */
/*
 * The only place that says allow or deny. Until policies come: a user may use the buckets he owns, a
 * tenant admin those of his tenant, a global admin all; anonymous callers nothing. Every S3 operation
 * and console route names its action.
 */
#ifndef MX_AUTH_AUTHZ_H
#define MX_AUTH_AUTHZ_H

#include <stdbool.h>

#include "meta/meta.h"

struct caller {
	bool anonymous;
	int64_t user_id;
	int64_t tenant_id; /* namespace of the credential; 0: global */
	enum meta_role role;
};

/* IAM action names as AWS has them; AUTHZ_NAME gives "s3:PutObject". One row each. */
#define AUTHZ_ACTIONS(X) \
	X(LIST_ALL_MY_BUCKETS, "s3:ListAllMyBuckets") \
	X(CREATE_BUCKET, "s3:CreateBucket") \
	X(DELETE_BUCKET, "s3:DeleteBucket") \
	X(LIST_BUCKET, "s3:ListBucket") \
	X(GET_BUCKET_LOCATION, "s3:GetBucketLocation") \
	X(LIST_BUCKET_MULTIPART_UPLOADS, "s3:ListBucketMultipartUploads") \
	X(GET_OBJECT, "s3:GetObject") \
	X(PUT_OBJECT, "s3:PutObject") \
	X(DELETE_OBJECT, "s3:DeleteObject") \
	X(ABORT_MULTIPART_UPLOAD, "s3:AbortMultipartUpload") \
	X(LIST_MULTIPART_UPLOAD_PARTS, "s3:ListMultipartUploadParts") \
	X(CONSOLE_SESSION, "console:Session")

enum authz_action {
#define X(id, name) AUTHZ_##id,
	AUTHZ_ACTIONS(X)
#undef X
	AUTHZ_ACTION_COUNT
};
const char *authz_action_name(enum authz_action action);

enum authz_verdict {
	AUTHZ_ALLOW,
	AUTHZ_DENY,
	AUTHZ_HIDE /* deny, and answer as if the bucket did not exist: it is of another namespace */
};
/* bucket NULL for actions on none (ListAllMyBuckets, CreateBucket, sessions). */
enum authz_verdict authz_decide(const struct caller *c, enum authz_action action,
	const struct meta_bucket *bucket);

#endif
