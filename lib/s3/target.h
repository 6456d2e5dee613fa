/* SPDX-License-Identifier: MIT */
/*
 * What a request is aimed at: host and raw path -> service, bucket or object. A bucket is the
 * first label of the host below a configured domain, else the first component of the path. Each
 * part is decoded once, after the split, so that %2F in a key is no separator.
 */
#ifndef MX_S3_TARGET_H
#define MX_S3_TARGET_H

#include "base/arena.h"
#include "s3/error.h"
#include "s3/op.h"

struct s3_target {
	enum s3_target_kind kind;
	bool host_style;
	struct span bucket, key; /* decoded, arena; empty where there is none */
	/* What the services are asked for: the bucket, with its namespace where the host says so. */
	struct span explicit_bucket;
	struct span tenant; /* public id of him whose domain the host is of; absent if it is of none */
};

/* What the host of a request may stand below. */
struct s3_domains {
	struct span ours;           /* comma-separated, the longest match wins */
	struct span theirs, tenant; /* a tenant's own domain and his public id; absent if none matches */
};

/* A bucket's name as a host of that tenant (absent: of none) means it. */
struct span s3_target_explicit(struct arena *a, struct span tenant, struct span bucket);
struct span s3_host_name(struct span host); /* without the port; absent for an IPv6 address */
/* host: lower case, port included. S3_OK or why not; what was understood until then is in *t_r. */
enum s3_code s3_target_resolve(struct arena *a, struct span host, struct span path,
	const struct s3_domains *domains, struct s3_target *t_r) MX_MUST_CHECK;

#endif
