/* SPDX-License-Identifier: MIT */
/* CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation. */
#ifndef MX_S3_BUCKET_H
#define MX_S3_BUCKET_H

#include "s3/handler.h"

struct s3_bucket_create_in {
	bool lock;            /* with Object Lock */
	struct span location; /* the LocationConstraint; "" if none */
};
struct s3_bucket_create_out {
	struct meta_bucket bucket;
};
S3_HANDLER(bucket_create);

struct s3_bucket_head_in {
};
struct s3_bucket_head_out {
	const char *region;
};
S3_HANDLER(bucket_head);

struct s3_bucket_delete_in {
};
struct s3_bucket_delete_out {
};
S3_HANDLER(bucket_delete);

struct s3_bucket_location_in {
};
struct s3_bucket_location_out {
	const char *location;
};
S3_HANDLER(bucket_location);

#endif
