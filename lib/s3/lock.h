/* SPDX-License-Identifier: MIT */
/* Object Lock: its configuration of a bucket, retention and legal hold of a version. */
#ifndef MX_S3_LOCK_H
#define MX_S3_LOCK_H

#include "model/lock.h"
#include "s3/handler.h"
#include "s3/req.h"

#define S3_LOCK_MISSING "Bucket is missing Object Lock Configuration"
#define S3_LOCKED "Access Denied because object protected by object lock."

/* What the x-amz-object-lock-* headers of a write say. */
int s3_lock_parse_headers(struct s3_req *q, struct lock *l_r) MX_MUST_CHECK;
/* The same of an object that was read. */
void s3_lock_add(struct s3_req *q, const struct lock *l);
/* Does he ask for, and may he have, the bypass of GOVERNANCE? */
bool s3_lock_bypass(const struct s3_req *q);
/* x-amz-bucket-object-lock-enabled of CreateBucket. */
int s3_lock_parse_enabled(struct s3_req *q, bool *enabled_r) MX_MUST_CHECK;

/* ---- lock_config.c ---- */
struct s3_lock_config_get_in {
};
struct s3_lock_config_get_out {
	struct lock_default retention;
};
S3_HANDLER(lock_config_get);

struct s3_lock_config_put_in {
	struct lock_default retention;
};
struct s3_lock_config_put_out {
};
S3_HANDLER(lock_config_put);

/* ---- lock_object.c ---- */
struct s3_lock_get_in {
};
struct s3_lock_get_out {
	struct meta_object object;
};
#define s3_retention_get_in s3_lock_get_in
#define s3_retention_get_out s3_lock_get_out
#define s3_hold_get_in s3_lock_get_in
#define s3_hold_get_out s3_lock_get_out
S3_HANDLER(retention_get);
S3_HANDLER(hold_get);

struct s3_lock_put_in {
	struct lock_retention retention;
	enum lock_hold hold;
	bool bypass;
};
struct s3_lock_put_out {
	struct version_id version;
};
#define s3_retention_put_in s3_lock_put_in
#define s3_retention_put_out s3_lock_put_out
#define s3_hold_put_in s3_lock_put_in
#define s3_hold_put_out s3_lock_put_out
S3_HANDLER(retention_put);
S3_HANDLER(hold_put);

#endif
