/* SPDX-License-Identifier: MIT */
/* A multipart upload until it is completed: made, filled with parts, or given up. */
#include "s3/body.h"
#include "s3/fields.h"
#include "s3/multipart.h"

/* ---- CreateMultipartUpload ---- */

static int fail_request(struct s3_req *q, const char *message)
{
	return s3_fail(&q->call, S3_InvalidRequest, message);
}

static int parse_type(struct s3_req *q, enum checksum_alg alg, enum checksum_type *type_r)
{
	struct span name = s3_header(q, "x-amz-checksum-type");

	*type_r = alg == CHECKSUM_NONE ? CHECKSUM_FULL_OBJECT : checksum_default_type(alg);
	if (span_absent(name))
		return 0;
	if (alg == CHECKSUM_NONE)
		return fail_request(q,
			"The x-amz-checksum-type header can only be used with the "
			"x-amz-checksum-algorithm "
			"header.");
	if (!checksum_type_by_name(name, type_r))
		return fail_request(q, "Value for x-amz-checksum-type header is invalid.");
	if (checksum_pair_legal(alg, *type_r))
		return 0;
	return fail_request(q,
		arena_printf(q->call.arena,
			"The %s checksum type cannot be used with the %s checksum algorithm.",
			checksum_type_name(*type_r), checksum_name(alg)));
}

int s3_upload_create_parse(struct s3_req *q, struct s3_upload_create_in *in)
{
	if (s3_checksum_algorithm(q, &in->alg) < 0 || parse_type(q, in->alg, &in->type) < 0)
		return -1;
	return s3_fields_parse(q, &in->meta) < 0 ? -1 : s3_extras_parse(q, &in->extras);
}

int s3_upload_create_run(struct s3_call *c, const struct s3_upload_create_in *in,
	struct s3_upload_create_out *out)
{
	struct meta_upload u = {
		.key = c->key,
		.initiator_id = c->caller.user_id,
		.content_type = in->meta.content_type,
		.meta = objmeta_encode(c->arena, &in->meta),
		.tags = in->extras.tags,
		.lock = in->extras.lock,
		.checksum_alg = in->alg,
		.checksum_type = in->type,
	};
	struct err e;

	out->alg = in->alg;
	out->type = in->type;
	return svc_upload_create(c->svc, &c->bucket, &u, out->id, &e) < 0 ? s3_fail_err(c, &e)
									  : 0;
}

int s3_upload_create_render(struct s3_req *q, const struct s3_upload_create_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "InitiateMultipartUploadResult");
	xmlw_text(&w, "Bucket", q->call.bucket_name);
	xmlw_text(&w, "Key", q->call.key);
	xmlw_str(&w, "UploadId", out->id);
	xmlw_close(&w);
	if (out->alg != CHECKSUM_NONE) {
		http_head_add_str(
			&q->head, "x-amz-checksum-algorithm", checksum_name(out->alg));
		http_head_add_str(
			&q->head, "x-amz-checksum-type", checksum_type_name(out->type));
	}
	return s3_respond_xml(q, 200, &doc);
}

/* ---- UploadPart ---- */

int s3_part_number_parse(struct s3_req *q, uint32_t *no_r)
{
	static const struct s3_number part_number = {"partNumber", 1, 10000, 0};
	uint64_t no;

	if (s3_param_number(q, &part_number, &no) < 0)
		return -1;
	if (no == 0)
		return s3_fail_argument(&q->call, "partNumber", SPAN_LIT(""), NULL);
	*no_r = (uint32_t)no;
	return 0;
}

int s3_part_put_parse(struct s3_req *q, struct s3_part_put_in *in)
{
	if (s3_part_number_parse(q, &in->no) < 0)
		return -1;
	in->upload_id = s3_param(q, "uploadId");
	return s3_body_open(q, S3_CHECKSUM_OF_BODY, &in->body);
}

int s3_part_put_run(
	struct s3_call *c, const struct s3_part_put_in *in, struct s3_part_put_out *out)
{
	struct svc_part_put put = {
		.bucket = &c->bucket,
		.key = c->key,
		.upload_id = in->upload_id,
		.no = in->no,
		.body = in->body,
	};
	struct err e;

	return svc_part_put(c->svc, &put, c->arena, &out->put, &e) < 0 ? s3_fail_err(c, &e) : 0;
}

int s3_part_put_render(struct s3_req *q, const struct s3_part_put_out *out)
{
	s3_add_etag(q, &out->put.etag);
	s3_add_checksum_value(q, &out->put.checksum);
	return s3_respond_empty(q, 200);
}

/* ---- AbortMultipartUpload ---- */

int s3_upload_abort_parse(struct s3_req *q, struct s3_upload_abort_in *in)
{
	in->upload_id = s3_param(q, "uploadId");
	return 0;
}

int s3_upload_abort_run(
	struct s3_call *c, const struct s3_upload_abort_in *in, struct s3_upload_abort_out *out)
{
	struct err e;

	(void)out;
	if (svc_upload_abort(c->svc, &c->bucket, c->key, in->upload_id, c->arena, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

int s3_upload_abort_render(struct s3_req *q, const struct s3_upload_abort_out *out)
{
	(void)out;
	return s3_respond_empty(q, 204);
}
