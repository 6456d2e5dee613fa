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
};

/* host: lower case, port included; domains: comma-separated, the longest match wins. S3_OK or
 * why not; what was understood until then is in *t_r. */
enum s3_code s3_target_resolve(struct arena *a, struct span host, struct span path,
	struct span domains, struct s3_target *t_r) MX_MUST_CHECK;

#endif
