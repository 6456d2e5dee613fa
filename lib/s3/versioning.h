/* SPDX-License-Identifier: MIT */
/* GetBucketVersioning, PutBucketVersioning. */
#ifndef MX_S3_VERSIONING_H
#define MX_S3_VERSIONING_H

#include "s3/handler.h"

struct s3_versioning_get_in {
};
struct s3_versioning_get_out {
	enum meta_versioning how;
};
S3_HANDLER(versioning_get);

struct s3_versioning_put_in {
	enum meta_versioning how;
};
struct s3_versioning_put_out {
};
S3_HANDLER(versioning_put);

#endif
