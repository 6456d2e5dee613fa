/* SPDX-License-Identifier: MIT */
/* Forms for PostObject, signed as an ask is otherwise. */
#ifndef MX_TESTS_S3_FORM_H
#define MX_TESTS_S3_FORM_H

#include "tests/unit/s3/rig.h"

enum form_signature { FORM_V4, FORM_V2, FORM_UNSIGNED };

struct form {
	const char *fields;     /* lines "name=value" before the file; NULL: "key=key" */
	const char *file;       /* NULL: "hello" */
	const char *filename;   /* NULL: "file.txt" */
	const char *conditions; /* JSON; NULL: one for each field and the bucket */
	const char *expiration; /* NULL: an hour from now */
	const char *policy;     /* JSON instead of all that; NULL: made of it */
	const char *boundary;   /* NULL: "frontier" */
	const char *behind;     /* raw bytes behind the file; NULL: the closing boundary */
	const char *without;    /* a field that is left out, of those that sign */
	const char *instead;    /* "name=value" replaces a field of those that sign */
	enum form_signature signature;
	bool no_file;
};

/* Makes the ask a form; call it after all headers, before ask_send. */
void ask_form(struct ask *q, const struct form *f);

#endif
