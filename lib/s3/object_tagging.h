/* SPDX-License-Identifier: MIT */
/* GetObjectTagging, PutObjectTagging, DeleteObjectTagging. */
#ifndef MX_S3_OBJECT_TAGGING_H
#define MX_S3_OBJECT_TAGGING_H

#include "model/tags.h"
#include "s3/handler.h"

struct s3_tagging_get_in {
};
struct s3_tagging_get_out {
	struct meta_object object;
	struct tags tags;
};
S3_HANDLER(tagging_get);

struct s3_tagging_put_in {
	struct tags tags;
};
struct s3_tagging_put_out {
	struct version_id version;
};
S3_HANDLER(tagging_put);

struct s3_tagging_delete_in {
};
struct s3_tagging_delete_out {
	struct version_id version;
};
S3_HANDLER(tagging_delete);

#endif
