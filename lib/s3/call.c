/* SPDX-License-Identifier: MIT */
/* What a call may, how it fails, and what the error's XML then tells besides code and message. */
#include "s3/call.h"

bool s3_may(const struct s3_call *c, enum authz_action action)
{
	return authz_decide(&c->caller, action, &c->bucket) == AUTHZ_ALLOW;
}

static int fail(struct s3_call *c, enum s3_code code, const char *message,
	struct span bucket, struct span key)
{
	c->fail.code = code;
	c->fail.message = message;
	c->fail.extra_count = 0;
	if (code == S3_NoSuchBucket || code == S3_BucketAlreadyExists ||
		code == S3_InvalidBucketName)
		s3_fail_add(c, "BucketName", bucket);
	else if (code == S3_NoSuchKey || code == S3_KeyTooLongError)
		s3_fail_add(c, "Key", key);
	return -1;
}

int s3_fail(struct s3_call *c, enum s3_code code, const char *message)
{
	return fail(c, code, message, c->bucket_name, c->key);
}

int s3_fail_at(struct s3_call *c, enum s3_code code, const struct s3_place *at)
{
	return fail(c, code, NULL, at->bucket, at->key);
}

int s3_fail_argument(
	struct s3_call *c, const char *name, struct span value, const char *message)
{
	s3_fail(c, S3_InvalidArgument, message);
	s3_fail_add(c, "ArgumentName", span_str(name));
	s3_fail_add(c, "ArgumentValue", value);
	return -1;
}

int s3_fail_err(struct s3_call *c, const struct err *e)
{
	c->fail.cause = *e;
	return s3_fail(c, s3_code_of(e), NULL);
}

int s3_fail_err_at(struct s3_call *c, const struct err *e, const struct s3_place *at)
{
	c->fail.cause = *e;
	return s3_fail_at(c, s3_code_of(e), at);
}

void s3_fail_add(struct s3_call *c, const char *name, struct span value)
{
	if (c->fail.extra_count == S3_FAILURE_EXTRAS)
		return;
	c->fail.extra[c->fail.extra_count].name = name;
	c->fail.extra[c->fail.extra_count].value = value;
	c->fail.extra_count++;
}

int s3_owner_get(struct s3_call *c, int64_t user_id, struct s3_owner *memo)
{
	struct err e;

	if (memo->id && memo->user_id == user_id)
		return 0;
	if (svc_owner_get(c->svc, user_id, c->arena, &memo->id, &memo->name, &e) < 0)
		return s3_fail_err(c, &e);
	memo->user_id = user_id;
	return 0;
}
