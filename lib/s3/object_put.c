/* SPDX-License-Identifier: MIT */
/* PutObject: the body goes to the service as a stream; success is answered when it is durable.
 */
#include "s3/body.h"
#include "s3/object.h"
#include "s3/version.h"

int s3_object_put_parse(struct s3_req *q, struct s3_object_put_in *in)
{
	if (s3_fields_parse(q, &in->meta) < 0 || s3_extras_parse(q, &in->extras) < 0)
		return -1;
	s3_conditions_parse(q, &in->conditions);
	return s3_body_open(q, S3_CHECKSUM_OF_BODY, &in->body);
}

int s3_object_put_run(
	struct s3_call *c, const struct s3_object_put_in *in, struct s3_object_put_out *out)
{
	struct svc_put put = {
		.bucket = &c->bucket,
		.key = c->key,
		.body = in->body,
		.meta = &in->meta,
		.tags = in->extras.tags,
		.lock = in->extras.lock,
		.conditions = &in->conditions,
		.owner_id = c->caller.user_id,
	};
	struct err e;

	return svc_object_put(c->svc, &put, c->arena, &out->put, &e) < 0 ? s3_fail_err(c, &e)
									 : 0;
}

int s3_object_put_render(struct s3_req *q, const struct s3_object_put_out *out)
{
	s3_add_etag(q, &out->put.etag);
	s3_add_version_made(q, &out->put.version);
	s3_add_checksum(q, &out->put.checksum, out->put.checksum.type);
	return s3_respond_empty(q, 200);
}
