/* SPDX-License-Identifier: MIT */
/*
 * The form of PostObject. It is read up to its file before it is known who sends it, as only
 * its fields tell; the file is read when he may store it.
 */
#ifndef MX_S3_FORM_H
#define MX_S3_FORM_H

#include "auth/postpolicy.h"
#include "codec/formdata.h"
#include "s3/req.h"

struct s3_form {
	const struct formdata *data;
	struct postpolicy_field *fields; /* with ${filename} replaced */
	size_t count;
	uint64_t min_bytes, max_bytes; /* of the file, as its policy has it */
};

/* The value of a field; absent if it was not sent. */
struct span s3_form_field(const struct s3_req *q, const char *name);
/* Does a field say that the form is signed? */
bool s3_form_is_signed(const struct s3_req *q);
/* Signature and policy (authn_form.c). */
int s3_authenticate_form(struct s3_req *q) MX_MUST_CHECK;

#endif
