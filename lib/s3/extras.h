/* SPDX-License-Identifier: MIT */
/* What a write may give an object besides bytes and metadata, and a read then tells: tags, a lock. */
#ifndef MX_S3_EXTRAS_H
#define MX_S3_EXTRAS_H

#include "model/lock.h"
#include "s3/req.h"

struct s3_extras {
	struct span tags; /* as stored; empty: none */
	struct lock lock;
};
/* Of the headers, or of the field `tagging` of a form; with the permissions that they need. */
int s3_extras_parse(struct s3_req *q, struct s3_extras *x_r) MX_MUST_CHECK;
/* The header lines of an object that was read. */
void s3_extras_add(struct s3_req *q, const struct meta_object *o);

#endif
