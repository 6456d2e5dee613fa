/* SPDX-License-Identifier: MIT */
/* ListObjects and ListObjectsV2: where to begin, what to echo, how to write keys. */
#include "s3/fields.h"
#include "s3/list.h"
#include "s3/token.h"

/* ---- parse ---- */

static int parse_v1(struct s3_req *q, struct s3_list_objects_in *in)
{
	in->marker = s3_param(q, "marker");
	in->after = in->marker;
	in->with_owner = true;
	return 0;
}

/* The token wins over start-after; an empty token is none, but echoed. */
static int parse_v2(struct s3_req *q, struct s3_list_objects_in *in)
{
	in->is_v2 = true;
	in->start_after = s3_param(q, "start-after");
	in->token = s3_param(q, "continuation-token");
	in->with_owner = span_eq_str(s3_param(q, "fetch-owner"), "true");
	in->after = in->start_after;
	return in->token.n ? s3_token_parse(q, in->token, &in->after) : 0;
}

int s3_list_objects_parse(struct s3_req *q, struct s3_list_objects_in *in)
{
	if (s3_list_page_parse(q, "max-keys", &in->page) < 0)
		return -1;
	return q->call.op == s3_op_get(S3_OP_LIST_OBJECTS_V2) ? parse_v2(q, in)
							      : parse_v1(q, in);
}

/* ---- run ---- */

int s3_list_objects_run(
	struct s3_call *c, const struct s3_list_objects_in *in, struct s3_list_objects_out *out)
{
	struct meta_list list = {
		.bucket_id = c->bucket.id,
		.prefix = in->page.prefix,
		.delimiter = in->page.delimiter,
		.after = in->after.n ? in->after : SPAN_NULL,
		.limit = in->page.limit,
	};
	struct meta *m = svc_meta(c->svc);
	struct err e;

	out->in = in;
	if (in->page.limit == 0)
		return 0;
	if (m->ops->object_list(m, &list, c->arena, &out->list, &e) < 0)
		return s3_fail_err(c, &e);
	return in->with_owner ? s3_list_owners(c, &out->list, &out->owners) : 0;
}

/* ---- render ---- */

static void render_object(struct xmlw *w, const struct s3_list_objects_out *out, size_t i)
{
	const struct meta_object *o = &out->list.entries[i].object;

	xmlw_open(w, "Contents");
	s3_xml_key(w, "Key", o->key, out->in->page.url);
	s3_xml_time(w, "LastModified", o->mtime_us);
	s3_list_object(w, o, out->owners ? &out->owners[i] : NULL);
	xmlw_close(w);
}

static void render_entries(struct xmlw *w, const struct s3_list_objects_out *out)
{
	const struct meta_list_entry *entry = out->list.entries;

	for (size_t i = 0; i < out->list.count; i++)
		if (!entry[i].is_prefix)
			render_object(w, out, i);
	s3_list_prefixes(w, &out->list, out->in->page.url);
}

static void render_v1(struct xmlw *w, const struct s3_list_objects_out *out)
{
	const struct s3_list_objects_in *in = out->in;

	s3_xml_key(w, "Marker", in->marker, in->page.url);
	/* Without a delimiter clients go on from the last key, unless that is not where the
	 * page ends. */
	if (out->list.truncated && (in->page.delimiter.n || out->list.cut_short))
		s3_xml_key(w, "NextMarker", out->list.last, in->page.url);
}

static void render_v2(struct s3_req *q, struct xmlw *w, const struct s3_list_objects_out *out)
{
	const struct s3_list_objects_in *in = out->in;

	xmlw_u64(w, "KeyCount", out->list.count);
	if (!span_absent(in->start_after))
		s3_xml_key(w, "StartAfter", in->start_after, in->page.url);
	if (!span_absent(in->token))
		xmlw_text(w, "ContinuationToken", in->token);
	if (out->list.truncated)
		xmlw_str(w, "NextContinuationToken",
			s3_token_make(q->call.arena, out->list.last));
}

int s3_list_objects_render(struct s3_req *q, const struct s3_list_objects_out *out)
{
	const struct s3_list_objects_in *in = out->in;
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "ListBucketResult");
	xmlw_text(&w, "Name", q->call.bucket_name);
	s3_xml_key(&w, "Prefix", in->page.prefix, in->page.url);
	xmlw_u64(&w, "MaxKeys", in->page.limit);
	if (in->page.delimiter.n)
		s3_xml_key(&w, "Delimiter", in->page.delimiter, in->page.url);
	if (in->page.url)
		xmlw_str(&w, "EncodingType", "url");
	xmlw_bool(&w, "IsTruncated", out->list.truncated);
	if (in->is_v2)
		render_v2(q, &w, out);
	else
		render_v1(&w, out);
	render_entries(&w, out);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
