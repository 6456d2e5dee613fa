/* SPDX-License-Identifier: MIT */
/*
 * The header x-amz-copy-source: `[/]bucket/key[?versionId=id]`, percent-encoded. Unlike a path
 * it is decoded before it is split, so that %2F separates bucket and key, too.
 */
#ifndef MX_S3_COPY_SOURCE_H
#define MX_S3_COPY_SOURCE_H

#include "base/arena.h"
#include "model/version.h"

struct s3_copy_source {
	struct span bucket, key; /* decoded, legal, arena */
	bool has_version;
	struct version_id version;
};
/* NULL, or what is wrong with it: the message of an InvalidArgument. */
const char *s3_copy_source_parse(
	struct arena *a, struct span text, struct s3_copy_source *s_r) MX_MUST_CHECK;

#endif
