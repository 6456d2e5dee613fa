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
	X(GET_OBJECT_ATTRIBUTES, "s3:GetObjectAttributes") \
	X(GET_OBJECT_VERSION_ATTRIBUTES, "s3:GetObjectVersionAttributes") \
	X(RESTORE_OBJECT, "s3:RestoreObject") \
	X(DELETE_OBJECT, "s3:DeleteObject") \
	X(ABORT_MULTIPART_UPLOAD, "s3:AbortMultipartUpload") \
	X(LIST_MULTIPART_UPLOAD_PARTS, "s3:ListMultipartUploadParts") \
	X(GET_BUCKET_ACL, "s3:GetBucketAcl") \
	X(GET_BUCKET_VERSIONING, "s3:GetBucketVersioning") \
	X(GET_BUCKET_TAGGING, "s3:GetBucketTagging") \
	X(PUT_BUCKET_TAGGING, "s3:PutBucketTagging") \
	X(GET_BUCKET_CORS, "s3:GetBucketCORS") \
	X(PUT_BUCKET_CORS, "s3:PutBucketCORS") \
	X(GET_LIFECYCLE_CONFIGURATION, "s3:GetLifecycleConfiguration") \
	X(GET_BUCKET_POLICY, "s3:GetBucketPolicy") \
	X(GET_BUCKET_POLICY_STATUS, "s3:GetBucketPolicyStatus") \
	X(GET_BUCKET_WEBSITE, "s3:GetBucketWebsite") \
	X(GET_ENCRYPTION_CONFIGURATION, "s3:GetEncryptionConfiguration") \
	X(GET_REPLICATION_CONFIGURATION, "s3:GetReplicationConfiguration") \
	X(GET_BUCKET_OBJECT_LOCK_CONFIGURATION, "s3:GetBucketObjectLockConfiguration") \
	X(PUT_BUCKET_OBJECT_LOCK_CONFIGURATION, "s3:PutBucketObjectLockConfiguration") \
	X(GET_BUCKET_PUBLIC_ACCESS_BLOCK, "s3:GetBucketPublicAccessBlock") \
	X(GET_BUCKET_OWNERSHIP_CONTROLS, "s3:GetBucketOwnershipControls") \
	X(GET_BUCKET_LOGGING, "s3:GetBucketLogging") \
	X(GET_BUCKET_NOTIFICATION, "s3:GetBucketNotification") \
	X(GET_BUCKET_REQUEST_PAYMENT, "s3:GetBucketRequestPayment") \
	X(PUT_BUCKET_REQUEST_PAYMENT, "s3:PutBucketRequestPayment") \
	X(PUT_ACCELERATE_CONFIGURATION, "s3:PutAccelerateConfiguration") \
	X(GET_ACCELERATE_CONFIGURATION, "s3:GetAccelerateConfiguration") \
	X(GET_ANALYTICS_CONFIGURATION, "s3:GetAnalyticsConfiguration") \
	X(GET_INVENTORY_CONFIGURATION, "s3:GetInventoryConfiguration") \
	X(GET_METRICS_CONFIGURATION, "s3:GetMetricsConfiguration") \
	X(GET_INTELLIGENT_TIERING_CONFIGURATION, "s3:GetIntelligentTieringConfiguration") \
	X(GET_OBJECT_ACL, "s3:GetObjectAcl") \
	X(GET_OBJECT_TAGGING, "s3:GetObjectTagging") \
	X(PUT_OBJECT_TAGGING, "s3:PutObjectTagging") \
	X(DELETE_OBJECT_TAGGING, "s3:DeleteObjectTagging") \
	X(GET_OBJECT_RETENTION, "s3:GetObjectRetention") \
	X(GET_OBJECT_LEGAL_HOLD, "s3:GetObjectLegalHold") \
	X(PUT_BUCKET_VERSIONING, "s3:PutBucketVersioning") \
	X(LIST_BUCKET_VERSIONS, "s3:ListBucketVersions") \
	X(PUT_OBJECT_RETENTION, "s3:PutObjectRetention") \
	X(PUT_OBJECT_LEGAL_HOLD, "s3:PutObjectLegalHold") \
	X(BYPASS_GOVERNANCE_RETENTION, "s3:BypassGovernanceRetention") \
	X(GET_OBJECT_VERSION, "s3:GetObjectVersion") \
	X(GET_OBJECT_VERSION_ACL, "s3:GetObjectVersionAcl") \
	X(GET_OBJECT_VERSION_TAGGING, "s3:GetObjectVersionTagging") \
	X(PUT_OBJECT_VERSION_TAGGING, "s3:PutObjectVersionTagging") \
	X(DELETE_OBJECT_VERSION_TAGGING, "s3:DeleteObjectVersionTagging") \
	X(DELETE_OBJECT_VERSION, "s3:DeleteObjectVersion") \
	X(PREFLIGHT, "cors:Preflight") \
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
/* Is it his own, or of the tenant that he is the admin of? */
bool authz_owns(const struct caller *c, const struct meta_bucket *bucket);
/* Anybody may preflight. bucket NULL for actions on none (ListAllMyBuckets, CreateBucket, sessions). */
enum authz_verdict authz_decide(const struct caller *c, enum authz_action action,
	const struct meta_bucket *bucket);

#endif
