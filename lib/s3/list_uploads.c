/* SPDX-License-Identifier: MIT */
/* ListMultipartUploads: by key, then by initiation; both markers are exclusive. */
#include "s3/fields.h"
#include "s3/list.h"

int s3_list_uploads_parse(struct s3_req *q, struct s3_list_uploads_in *in)
{
	if (s3_list_page_parse(q, "max-uploads", &in->page) < 0)
		return -1;
	in->key_marker = s3_param(q, "key-marker");
	in->id_marker = s3_param(q, "upload-id-marker");
	return 0;
}

/* ---- run ---- */

/* An id marker means nothing without a key marker. */
static int resolve_marker(
	struct s3_call *c, const struct s3_list_uploads_in *in, uint64_t *gen_r)
{
	*gen_r = 0;
	if (in->key_marker.n == 0 || in->id_marker.n == 0)
		return 0;
	if (svc_upload_id_parse(c->svc, c->bucket.id, in->id_marker, gen_r))
		return 0;
	return s3_fail_argument(
		c, "upload-id-marker", in->id_marker, "Invalid uploadId marker");
}

static int load_details(struct s3_call *c, struct s3_list_uploads_out *out)
{
	size_t n = out->list.count;
	const char **ids = arena_array(c->arena, const char *, n + 1);
	struct s3_owner memo = {0};

	out->owners = arena_array(c->arena, struct s3_owner, n + 1);
	out->ids = ids;
	for (size_t i = 0; i < n; i++) {
		const struct meta_upload_entry *entry = &out->list.entries[i];
		char *id;

		if (entry->is_prefix)
			continue;
		if (s3_owner_get(c, entry->upload.initiator_id, &memo) < 0)
			return -1;
		out->owners[i] = memo;
		id = arena_alloc_raw(c->arena, SVC_UPLOAD_ID_LEN + 1);
		svc_upload_id(c->svc, c->bucket.id, entry->upload.gen, id);
		ids[i] = id;
	}
	return 0;
}

int s3_list_uploads_run(
	struct s3_call *c, const struct s3_list_uploads_in *in, struct s3_list_uploads_out *out)
{
	struct meta_list_uploads list = {
		.bucket_id = c->bucket.id,
		.prefix = in->page.prefix,
		.delimiter = in->page.delimiter,
		.key_marker = in->key_marker.n ? in->key_marker : SPAN_NULL,
		.limit = in->page.limit,
	};
	struct meta *m = svc_meta(c->svc);
	struct err e;

	out->in = in;
	if (resolve_marker(c, in, &list.upload_marker) < 0)
		return -1;
	if (in->page.limit == 0)
		return 0;
	if (m->ops->upload_list(m, &list, c->arena, &out->list, &e) < 0)
		return s3_fail_err(c, &e);
	return load_details(c, out);
}

/* ---- render ---- */

static void render_upload(struct xmlw *w, const struct s3_list_uploads_out *out, size_t i)
{
	const struct meta_upload *u = &out->list.entries[i].upload;

	xmlw_open(w, "Upload");
	s3_xml_key(w, "Key", u->key, out->in->page.url);
	xmlw_str(w, "UploadId", out->ids[i]);
	s3_xml_owner(w, "Initiator", &out->owners[i]);
	s3_xml_owner(w, "Owner", &out->owners[i]);
	xmlw_str(w, "StorageClass", "STANDARD");
	s3_xml_time(w, "Initiated", u->started_us);
	if (u->checksum_alg != CHECKSUM_NONE) {
		xmlw_str(w, "ChecksumAlgorithm", checksum_name(u->checksum_alg));
		xmlw_str(w, "ChecksumType", checksum_type_name(u->checksum_type));
	}
	xmlw_close(w);
}

static void render_entries(struct xmlw *w, const struct s3_list_uploads_out *out)
{
	const struct meta_upload_entry *entry = out->list.entries;

	for (size_t i = 0; i < out->list.count; i++)
		if (!entry[i].is_prefix)
			render_upload(w, out, i);
	for (size_t i = 0; i < out->list.count; i++) {
		if (!entry[i].is_prefix)
			continue;
		xmlw_open(w, "CommonPrefixes");
		s3_xml_key(w, "Prefix", entry[i].upload.key, out->in->page.url);
		xmlw_close(w);
	}
}

static void render_next(struct xmlw *w, const struct s3_list_uploads_out *out)
{
	size_t last = out->list.count - 1;

	if (!out->list.truncated || out->list.count == 0)
		return;
	s3_xml_key(w, "NextKeyMarker", out->list.entries[last].upload.key, out->in->page.url);
	xmlw_str(w, "NextUploadIdMarker", out->ids[last] ? out->ids[last] : "");
}

int s3_list_uploads_render(struct s3_req *q, const struct s3_list_uploads_out *out)
{
	const struct s3_list_uploads_in *in = out->in;
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "ListMultipartUploadsResult");
	xmlw_text(&w, "Bucket", q->call.bucket_name);
	s3_xml_key(&w, "KeyMarker", in->key_marker, in->page.url);
	xmlw_text(&w, "UploadIdMarker", in->key_marker.n ? in->id_marker : SPAN_NULL);
	render_next(&w, out);
	s3_xml_key(&w, "Prefix", in->page.prefix, in->page.url);
	if (in->page.delimiter.n)
		s3_xml_key(&w, "Delimiter", in->page.delimiter, in->page.url);
	if (in->page.url)
		xmlw_str(&w, "EncodingType", "url");
	xmlw_u64(&w, "MaxUploads", in->page.limit);
	xmlw_bool(&w, "IsTruncated", out->list.truncated);
	render_entries(&w, out);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
