/* SPDX-License-Identifier: MIT */
/* ListParts. */
#include "s3/fields.h"
#include "s3/list.h"

enum { MAX_PARTS = 1000 };

int s3_list_parts_parse(struct s3_req *q, struct s3_list_parts_in *in)
{
	static const struct s3_number max_parts = {"max-parts", 0, INT32_MAX, MAX_PARTS};
	static const struct s3_number number_marker = {"part-number-marker", 0, INT32_MAX, 0};
	uint64_t limit, marker;

	if (s3_param_number(q, &max_parts, &limit) < 0 ||
		s3_param_number(q, &number_marker, &marker) < 0 ||
		s3_param_encoding(q, &in->url) < 0)
		return -1;
	in->limit = limit > MAX_PARTS ? MAX_PARTS : (unsigned)limit;
	in->marker = (uint32_t)marker;
	in->upload_id = s3_param(q, "uploadId");
	return 0;
}

int s3_list_parts_run(
	struct s3_call *c, const struct s3_list_parts_in *in, struct s3_list_parts_out *out)
{
	struct meta *m = svc_meta(c->svc);
	struct err e;

	out->in = in;
	if (svc_upload_get(
		    c->svc, &c->bucket, c->key, in->upload_id, c->arena, &out->upload, &e) < 0)
		return s3_fail_err(c, &e);
	if (in->limit &&
		m->ops->part_list(m, out->upload.gen, in->marker, in->limit, c->arena,
			&out->parts, &out->count, &out->truncated, &e) < 0)
		return s3_fail_err(c, &e);
	return s3_owner_get(c, out->upload.initiator_id, &out->initiator);
}

static void render_part(struct xmlw *w, const struct meta_part *p)
{
	struct etag etag = {.nparts = 0};

	memcpy(etag.md5, p->md5, sizeof(etag.md5));
	xmlw_open(w, "Part");
	xmlw_u64(w, "PartNumber", p->no);
	s3_xml_time(w, "LastModified", p->mtime_us);
	s3_xml_etag(w, &etag);
	xmlw_u64(w, "Size", p->size);
	s3_xml_checksum(w, &p->checksum);
	xmlw_close(w);
}

static void render_upload(struct xmlw *w, const struct s3_list_parts_out *out)
{
	const struct meta_upload *u = &out->upload;

	s3_xml_owner(w, "Initiator", &out->initiator);
	s3_xml_owner(w, "Owner", &out->initiator);
	xmlw_str(w, "StorageClass", "STANDARD");
	if (u->checksum_alg != CHECKSUM_NONE) {
		xmlw_str(w, "ChecksumAlgorithm", checksum_name(u->checksum_alg));
		xmlw_str(w, "ChecksumType", checksum_type_name(u->checksum_type));
	}
}

int s3_list_parts_render(struct s3_req *q, const struct s3_list_parts_out *out)
{
	const struct s3_list_parts_in *in = out->in;
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "ListPartsResult");
	xmlw_text(&w, "Bucket", q->call.bucket_name);
	if (in->url)
		xmlw_str(&w, "EncodingType", "url");
	s3_xml_key(&w, "Key", q->call.key, in->url);
	xmlw_text(&w, "UploadId", in->upload_id);
	render_upload(&w, out);
	xmlw_u64(&w, "PartNumberMarker", in->marker);
	if (out->count)
		xmlw_u64(&w, "NextPartNumberMarker", out->parts[out->count - 1].no);
	xmlw_u64(&w, "MaxParts", in->limit);
	xmlw_bool(&w, "IsTruncated", out->truncated);
	for (size_t i = 0; i < out->count; i++)
		render_part(&w, &out->parts[i]);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
