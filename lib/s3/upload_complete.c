/* SPDX-License-Identifier: MIT */
/*
 * CompleteMultipartUpload. The 200 is sent after the commit (AWS may send it before, with white
 * space and a late error inside), so a client never has to look for an error in a success.
 */
#include "base/reason.h"
#include "s3/body.h"
#include "s3/fields.h"
#include "s3/multipart.h"
#include "s3/version.h"

enum { MAX_PARTS = 10000 };

/* ---- parse ---- */

static int parse_part_checksum(
	struct s3_req *q, const struct xml_node *node, struct checksum *c)
{
	for (int alg = CHECKSUM_NONE + 1; alg < CHECKSUM_ALG_COUNT; alg++) {
		struct span text =
			xml_child_text(node, checksum_element((enum checksum_alg)alg));

		if (span_absent(text))
			continue;
		if (c->alg != CHECKSUM_NONE ||
			!checksum_parse(span_trim(text), (enum checksum_alg)alg, c))
			return s3_fail(&q->call, S3_InvalidRequest,
				"The checksum of a part is invalid.");
	}
	return 0;
}

static int parse_part(
	struct s3_req *q, const struct xml_node *node, struct meta_complete_part *p)
{
	struct span number = xml_child_text(node, "PartNumber"),
		    tag = xml_child_text(node, "ETag");
	struct etag etag;
	uint64_t no;

	if (tag.n == 0 || !span_to_u64(span_trim(number), &no))
		return s3_fail_xml(q);
	if (no < 1 || no > MAX_PARTS)
		return s3_fail_argument(&q->call, "partNumber", number,
			"Part number must be an integer between 1 and 10000, inclusive");
	p->no = (uint32_t)no;
	/* What is no part's ETag matches no part: no MD5 is known to be all zeros. */
	if (etag_parse(span_trim(tag), &etag) && etag.nparts == 0)
		memcpy(p->md5, etag.md5, sizeof(p->md5));
	return parse_part_checksum(q, node, &p->checksum);
}

static int parse_parts(
	struct s3_req *q, const struct xml_node *root, struct s3_upload_complete_in *in)
{
	const struct xml_node *node = xml_child(root, "Part");

	if (!node || root->child_count > 2 * MAX_PARTS)
		return s3_fail_xml(q);
	in->parts = arena_array(q->call.arena, struct meta_complete_part, root->child_count);
	for (; node; node = xml_next_same(node)) {
		if (in->count == MAX_PARTS)
			return s3_fail_xml(q);
		if (parse_part(q, node, &in->parts[in->count++]) < 0)
			return -1;
	}
	return 0;
}

/* The checksum headers speak of the object here, not of the body. */
static int parse_whole(struct s3_req *q, struct s3_upload_complete_in *in)
{
	struct span size = s3_header(q, "x-amz-mp-object-size"),
		    type = s3_header(q, "x-amz-checksum-type");

	in->has_size = !span_absent(size);
	if (in->has_size && !span_to_u64(size, &in->size))
		return s3_fail(&q->call, S3_InvalidRequest,
			"Value for x-amz-mp-object-size header is invalid.");
	in->has_type = !span_absent(type);
	if (in->has_type && !checksum_type_by_name(type, &in->type))
		return s3_fail(&q->call, S3_InvalidRequest,
			"Value for x-amz-checksum-type header is invalid.");
	return s3_checksum_header(q, &in->checksum);
}

int s3_upload_complete_parse(struct s3_req *q, struct s3_upload_complete_in *in)
{
	const struct xml_node *root;

	in->upload_id = s3_param(q, "uploadId");
	s3_conditions_parse(q, &in->conditions);
	if (parse_whole(q, in) < 0)
		return -1;
	if (s3_body_xml(q, S3_CHECKSUM_OF_OBJECT, "CompleteMultipartUpload", &root) < 0)
		return -1;
	return root ? parse_parts(q, root, in) : s3_fail_xml(q);
}

/* ---- run ---- */

/* What was settled at create: nothing chosen means a CRC64NVME of the whole is kept. */
static int check_checksum_kind(
	struct s3_call *c, const struct s3_upload_complete_in *in, const struct meta_upload *u)
{
	bool chosen = u->checksum_alg != CHECKSUM_NONE;
	enum checksum_alg alg = chosen ? u->checksum_alg : CHECKSUM_CRC64NVME;
	enum checksum_type type = chosen ? u->checksum_type : CHECKSUM_FULL_OBJECT;

	if (in->has_type && in->type != type)
		return s3_fail(c, S3_InvalidRequest,
			"The checksum type differs from that of the upload.");
	if (in->checksum.alg != CHECKSUM_NONE && in->checksum.alg != alg)
		return s3_fail(c, S3_InvalidRequest,
			"The checksum algorithm differs from that of the upload.");
	return 0;
}

/* SDKs send a checksum of their own choice with the parts of an upload that has chosen none,
 * and list it again here. It was verified when the part came; what is kept is another. */
static const struct meta_complete_part *comparable_parts(
	struct s3_call *c, const struct s3_upload_complete_in *in)
{
	struct meta_complete_part *parts =
		arena_array(c->arena, struct meta_complete_part, in->count);

	for (size_t i = 0; i < in->count; i++) {
		parts[i] = in->parts[i];
		if (parts[i].checksum.alg != CHECKSUM_CRC64NVME)
			parts[i].checksum = (struct checksum){.alg = CHECKSUM_NONE};
	}
	return parts;
}

/* A completed upload is gone: then the service judges the repetition. */
static int fit_to_upload(struct s3_call *c, const struct s3_upload_complete_in *in,
	const struct meta_complete_part **parts_r)
{
	struct meta_upload u;
	struct err e;

	*parts_r = in->parts;
	if (svc_upload_get(c->svc, &c->bucket, c->key, in->upload_id, c->arena, &u, &e) < 0)
		return e.reason == REASON_UPLOAD ? 0 : s3_fail_err(c, &e);
	if (u.checksum_alg == CHECKSUM_NONE)
		*parts_r = comparable_parts(c, in);
	return check_checksum_kind(c, in, &u);
}

int s3_upload_complete_run(struct s3_call *c, const struct s3_upload_complete_in *in,
	struct s3_upload_complete_out *out)
{
	struct svc_complete complete = {
		.bucket = &c->bucket,
		.key = c->key,
		.upload_id = in->upload_id,
		.count = in->count,
		.has_size = in->has_size,
		.size = in->size,
		.checksum = in->checksum,
		.conditions = &in->conditions,
	};
	struct err e;

	if (fit_to_upload(c, in, &complete.parts) < 0)
		return -1;
	if (svc_upload_complete(c->svc, &complete, c->arena, &out->done, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

/* ---- render ---- */

int s3_upload_complete_render(struct s3_req *q, const struct s3_upload_complete_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_add_version_made(q, &out->done.version);
	s3_xml_begin(&w, &doc, "CompleteMultipartUploadResult");
	xmlw_text(&w, "Location", s3_object_url(q));
	xmlw_text(&w, "Bucket", q->call.bucket_name);
	xmlw_text(&w, "Key", q->call.key);
	s3_xml_etag(&w, &out->done.etag);
	s3_xml_checksum(&w, &out->done.checksum);
	if (out->done.checksum.alg != CHECKSUM_NONE)
		xmlw_str(&w, "ChecksumType", checksum_type_name(out->done.checksum.type));
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
