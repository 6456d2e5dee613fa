/* SPDX-License-Identifier: MIT */
/* ListBuckets. */
#ifndef MX_S3_SERVICE_H
#define MX_S3_SERVICE_H

#include "s3/handler.h"

struct s3_service_list_in {
	struct span prefix, after; /* absent: none */
	bool none;                 /* bucket-region names another region */
	unsigned limit;
};
struct s3_service_list_out {
	struct span prefix;
	struct meta_bucket *buckets;
	size_t count;
	bool truncated;
	struct s3_owner owner;
	const char *region;
};
S3_HANDLER(service_list);

#endif
