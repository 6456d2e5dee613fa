/* SPDX-License-Identifier: MIT */
/*
 * S3's error codes, and the one place that turns the errors of lower layers into them.
 */
#ifndef MX_S3_ERROR_H
#define MX_S3_ERROR_H

#include "base/err.h"
#include "base/span.h"

enum s3_code {
	S3_OK,
#define ERROR(code, status, message) S3_##code,
#include "s3/errors.def"
#undef ERROR
	S3_CODE_COUNT
};

/* "NoSuchKey"; "OK" for S3_OK. Static. */
const char *s3_code_name(enum s3_code code);
int s3_code_status(enum s3_code code);
const char *s3_code_message(enum s3_code code);
/* Every name in the order of the enum. */
extern const char *const s3_code_names[S3_CODE_COUNT];

/* The code for an error of a lower layer; a fault of ours is never turned into one of the
 * client's. */
enum s3_code s3_code_of(const struct err *e);

#endif
