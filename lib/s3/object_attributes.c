/* SPDX-License-Identifier: MIT */
/* GetObjectAttributes: what was asked for by name, and is there, in the order of the API
 * reference. */
#include "s3/object_attributes.h"

#include "s3/fields.h"
#include "s3/version.h"

enum { MAX_PARTS = 1000 };

/* ---- parse ---- */

static int want(struct s3_req *q, struct span name, struct s3_object_attributes_in *in)
{
	static const char *const names[S3_ATTRIBUTE_COUNT] = {
		[S3_ATTRIBUTE_ETAG] = "ETag",
		[S3_ATTRIBUTE_CHECKSUM] = "Checksum",
		[S3_ATTRIBUTE_PARTS] = "ObjectParts",
		[S3_ATTRIBUTE_CLASS] = "StorageClass",
		[S3_ATTRIBUTE_SIZE] = "ObjectSize",
	};

	for (int i = 0; i < S3_ATTRIBUTE_COUNT; i++)
		if (span_eq_str(name, names[i])) {
			in->wanted[i] = true;
			return 0;
		}
	return s3_fail_argument(
		&q->call, "x-amz-object-attributes", name, "Invalid attribute name specified.");
}

int s3_object_attributes_parse(struct s3_req *q, struct s3_object_attributes_in *in)
{
	static const struct s3_number max_parts = {"x-amz-max-parts", 0, INT32_MAX, MAX_PARTS},
				      after = {"x-amz-part-number-marker", 0, INT32_MAX, 0};
	struct span rest = http_header_joined(q->http, "x-amz-object-attributes"), name;
	uint64_t limit, marker;

	if (span_trim(rest).n == 0)
		return s3_fail(&q->call, S3_InvalidRequest,
			"The x-amz-object-attributes header specifying the attributes to be "
			"retrieved is either missing or empty");
	while (span_cut(&rest, ',', &name))
		if (want(q, span_trim(name), in) < 0)
			return -1;
	if (s3_header_number(q, &max_parts, &limit) < 0 ||
		s3_header_number(q, &after, &marker) < 0)
		return -1;
	in->max_parts = limit > MAX_PARTS ? MAX_PARTS : (unsigned)limit;
	in->marker = (uint32_t)marker;
	return 0;
}

/* ---- run ---- */

/* Who may see attributes, but not the object, sees none. */
static int check_read(struct s3_call *c)
{
	enum authz_action action = c->version ? AUTHZ_GET_OBJECT_VERSION : AUTHZ_GET_OBJECT;

	if (authz_decide(&c->caller, action, &c->bucket) == AUTHZ_ALLOW)
		return 0;
	return s3_fail(c, S3_AccessDenied, NULL);
}

int s3_object_attributes_run(struct s3_call *c, const struct s3_object_attributes_in *in,
	struct s3_object_attributes_out *out)
{
	struct meta *m = svc_meta(c->svc);
	struct err e;

	out->in = in;
	if (check_read(c) < 0 || s3_version_head(c, &out->object) < 0)
		return -1;
	if (!in->wanted[S3_ATTRIBUTE_PARTS] || out->object.etag.nparts == 0 ||
		in->max_parts == 0)
		return 0;
	if (m->ops->part_list(m, out->object.gen, in->marker, in->max_parts, c->arena,
		    &out->parts, &out->part_count, &out->truncated, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

/* ---- render ---- */

static void render_etag(struct xmlw *w, const struct s3_object_attributes_out *out)
{
	char text[ETAG_TEXT_MAX];

	etag_format(text, &out->object.etag);
	xmlw_text(w, "ETag", span_of(text + 1, strlen(text) - 2)); /* without its quotes */
}

static void render_checksum(struct xmlw *w, const struct s3_object_attributes_out *out)
{
	const struct checksum *sum = &out->object.checksum;

	if (sum->alg == CHECKSUM_NONE)
		return;
	xmlw_open(w, "Checksum");
	s3_xml_checksum(w, sum);
	xmlw_str(w, "ChecksumType", checksum_type_name(sum->type));
	xmlw_close(w);
}

static void render_parts(struct xmlw *w, const struct s3_object_attributes_out *out)
{
	if (out->object.etag.nparts == 0)
		return;
	xmlw_open(w, "ObjectParts");
	xmlw_bool(w, "IsTruncated", out->truncated);
	xmlw_u64(w, "MaxParts", out->in->max_parts);
	if (out->part_count)
		xmlw_u64(w, "NextPartNumberMarker", out->parts[out->part_count - 1].no);
	xmlw_u64(w, "PartNumberMarker", out->in->marker);
	for (size_t i = 0; i < out->part_count; i++) {
		xmlw_open(w, "Part");
		s3_xml_checksum(w, &out->parts[i].checksum);
		xmlw_u64(w, "PartNumber", out->parts[i].no);
		xmlw_u64(w, "Size", out->parts[i].size);
		xmlw_close(w);
	}
	xmlw_u64(w, "PartsCount", out->object.etag.nparts);
	xmlw_close(w);
}

static void render_class(struct xmlw *w, const struct s3_object_attributes_out *out)
{
	(void)out;
	xmlw_str(w, "StorageClass", "STANDARD");
}

static void render_size(struct xmlw *w, const struct s3_object_attributes_out *out)
{
	xmlw_u64(w, "ObjectSize", out->object.size);
}

int s3_object_attributes_render(struct s3_req *q, const struct s3_object_attributes_out *out)
{
	static void (*const renders[S3_ATTRIBUTE_COUNT])(
		struct xmlw *, const struct s3_object_attributes_out *) = {
		[S3_ATTRIBUTE_ETAG] = render_etag,
		[S3_ATTRIBUTE_CHECKSUM] = render_checksum,
		[S3_ATTRIBUTE_PARTS] = render_parts,
		[S3_ATTRIBUTE_CLASS] = render_class,
		[S3_ATTRIBUTE_SIZE] = render_size,
	};
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_add_last_modified(q, out->object.mtime_us);
	s3_add_version(q, &out->object);
	s3_xml_begin(&w, &doc, "GetObjectAttributesResponse");
	for (int i = 0; i < S3_ATTRIBUTE_COUNT; i++)
		if (out->in->wanted[i])
			renders[i](&w, out);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
