/* SPDX-License-Identifier: MIT */
/* GetBucketAcl and GetObjectAcl: every ACL is `private` until ACLs can be set. */
#ifndef MX_S3_ACL_H
#define MX_S3_ACL_H

#include "s3/handler.h"

struct s3_acl_get_in {
};
struct s3_acl_get_out {
	struct s3_owner owner;
};
S3_HANDLER(acl_get);

#endif
