/* SPDX-License-Identifier: MIT */
/* The tags of a version that stands; date and ETag stay what they are. */
#include "s3/object_tagging.h"

#include "s3/body.h"
#include "s3/fields.h"
#include "s3/tagging.h"
#include "s3/version.h"

/* ---- GetObjectTagging ---- */

int s3_tagging_get_parse(struct s3_req *q, struct s3_tagging_get_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_tagging_get_run(
	struct s3_call *c, const struct s3_tagging_get_in *in, struct s3_tagging_get_out *out)
{
	struct err e;

	(void)in;
	if (s3_version_head(c, &out->object) < 0)
		return -1;
	if (tags_decode(c->arena, out->object.tags, &out->tags, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

int s3_tagging_get_render(struct s3_req *q, const struct s3_tagging_get_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "Tagging");
	s3_xml_tags(&w, &out->tags);
	xmlw_close(&w);
	s3_add_version(q, &out->object);
	return s3_respond_xml(q, 200, &doc);
}

/* ---- PutObjectTagging, DeleteObjectTagging ---- */

/* Looking first tells of what is missing, and of markers, as a read does. */
static int set_tags(struct s3_call *c, struct span tags, struct version_id *version_r)
{
	struct svc_version v = {&c->bucket, c->key, c->version};
	struct meta_object o;
	struct err e;

	if (s3_version_head(c, &o) < 0)
		return -1;
	if (svc_version_set_tags(c->svc, &v, tags, version_r, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

int s3_tagging_put_parse(struct s3_req *q, struct s3_tagging_put_in *in)
{
	const struct xml_node *root;

	if (s3_body_document(q, "Tagging", &root) < 0)
		return -1;
	return s3_tags_parse_xml(&q->call, root, TAGS_OBJECT_MAX, &in->tags);
}

int s3_tagging_put_run(
	struct s3_call *c, const struct s3_tagging_put_in *in, struct s3_tagging_put_out *out)
{
	return set_tags(c, tags_encode(c->arena, &in->tags), &out->version);
}

int s3_tagging_put_render(struct s3_req *q, const struct s3_tagging_put_out *out)
{
	s3_add_version_met(q, &out->version);
	return s3_respond_empty(q, 200);
}

int s3_tagging_delete_parse(struct s3_req *q, struct s3_tagging_delete_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_tagging_delete_run(struct s3_call *c, const struct s3_tagging_delete_in *in,
	struct s3_tagging_delete_out *out)
{
	(void)in;
	return set_tags(c, SPAN_NULL, &out->version);
}

int s3_tagging_delete_render(struct s3_req *q, const struct s3_tagging_delete_out *out)
{
	s3_add_version_met(q, &out->version);
	return s3_respond_empty(q, 204);
}
