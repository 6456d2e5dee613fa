/* SPDX-License-Identifier: MIT */
/* ListObjectVersions: versions and delete markers of each key, the newest first. */
#include "s3/fields.h"
#include "s3/list.h"
#include "s3/version.h"

/* ---- parse ---- */

static int parse_marker(struct s3_req *q, struct s3_list_versions_in *in)
{
	static const char name[] = "version-id-marker";
	struct version_id *v;

	in->id_marker = s3_param(q, name);
	if (span_absent(in->id_marker))
		return 0;
	if (in->id_marker.n == 0)
		return s3_fail_argument(
			&q->call, name, in->id_marker, "A version-id marker cannot be empty.");
	if (in->key_marker.n == 0)
		return s3_fail_argument(&q->call, name, in->id_marker,
			"A version-id marker cannot be specified without a key marker.");
	v = arena_new_of(q->call.arena, struct version_id);
	in->version = v;
	return s3_version_parse(&q->call, name, in->id_marker, v);
}

int s3_list_versions_parse(struct s3_req *q, struct s3_list_versions_in *in)
{
	if (s3_list_page_parse(q, "max-keys", &in->page) < 0)
		return -1;
	in->key_marker = s3_param(q, "key-marker");
	return parse_marker(q, in);
}

/* ---- run ---- */

int s3_list_versions_run(struct s3_call *c, const struct s3_list_versions_in *in,
	struct s3_list_versions_out *out)
{
	struct meta_list_versions list = {
		.bucket_id = c->bucket.id,
		.prefix = in->page.prefix,
		.delimiter = in->page.delimiter,
		.key_marker = in->key_marker.n ? in->key_marker : SPAN_NULL,
		.version_marker = in->version,
		.limit = in->page.limit,
	};
	struct meta *m = svc_meta(c->svc);
	struct err e;

	out->in = in;
	if (in->page.limit == 0)
		return 0;
	if (m->ops->object_list_versions(m, &list, c->arena, &out->list, &e) < 0)
		return s3_fail_err(c, &e);
	return s3_list_owners(c, &out->list, &out->owners);
}

/* ---- render ---- */

static void render_id(struct xmlw *w, const char *name, const struct meta_object *o)
{
	struct version_id v = meta_object_version(o);
	char text[VERSION_ID_LEN + 1];

	version_id_format(text, &v);
	xmlw_str(w, name, text);
}

static void render_version(struct xmlw *w, const struct s3_list_versions_out *out, size_t i)
{
	const struct meta_list_entry *entry = &out->list.entries[i];
	bool is_marker = (entry->object.flags & META_OBJECT_MARKER) != 0;

	xmlw_open(w, is_marker ? "DeleteMarker" : "Version");
	s3_xml_key(w, "Key", entry->object.key, out->in->page.url);
	render_id(w, "VersionId", &entry->object);
	xmlw_bool(w, "IsLatest", entry->is_latest);
	s3_xml_time(w, "LastModified", entry->object.mtime_us);
	if (is_marker)
		s3_xml_owner(w, "Owner", &out->owners[i]);
	else
		s3_list_object(w, &entry->object, &out->owners[i]);
	xmlw_close(w);
}

/* A page that ends in a group has no version to name. */
static void render_next(struct xmlw *w, const struct s3_list_versions_out *out)
{
	const struct meta_list_entry *last;

	if (!out->list.truncated || out->list.count == 0)
		return;
	last = &out->list.entries[out->list.count - 1];
	s3_xml_key(w, "NextKeyMarker", last->object.key, out->in->page.url);
	if (!last->is_prefix)
		render_id(w, "NextVersionIdMarker", &last->object);
}

int s3_list_versions_render(struct s3_req *q, const struct s3_list_versions_out *out)
{
	const struct s3_list_versions_in *in = out->in;
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "ListVersionsResult");
	xmlw_text(&w, "Name", q->call.bucket_name);
	s3_xml_key(&w, "Prefix", in->page.prefix, in->page.url);
	s3_xml_key(&w, "KeyMarker", in->key_marker, in->page.url);
	xmlw_text(&w, "VersionIdMarker", in->id_marker);
	render_next(&w, out);
	xmlw_u64(&w, "MaxKeys", in->page.limit);
	if (in->page.delimiter.n)
		s3_xml_key(&w, "Delimiter", in->page.delimiter, in->page.url);
	if (in->page.url)
		xmlw_str(&w, "EncodingType", "url");
	xmlw_bool(&w, "IsTruncated", out->list.truncated);
	for (size_t i = 0; i < out->list.count; i++)
		if (!out->list.entries[i].is_prefix)
			render_version(&w, out, i);
	s3_list_prefixes(&w, &out->list, in->page.url);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
