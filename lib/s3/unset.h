/* SPDX-License-Identifier: MIT */
/* Reading a configuration that cannot be set yet: the rows of unset.def. */
#ifndef MX_S3_UNSET_H
#define MX_S3_UNSET_H

#include "s3/handler.h"
#include "s3/op.h"

struct s3_unset_in {
};
struct s3_unset_out {
	const struct s3_unset *answer;
};
S3_HANDLER(unset);

#endif
