/* SPDX-License-Identifier: MIT */
/*
 * CopyObject. The copy is a plain object: where the source was uploaded in parts, its ETag
 * becomes the MD5 of its bytes and its checksum one of the whole. Storage class, redirect and
 * ACL are never the source's.
 */
#include "model/tags.h"
#include "s3/body.h"
#include "s3/copy.h"

/* ---- parse ---- */

/* COPY or REPLACE. */
static int parse_directive(struct s3_req *q, const char *name, bool *replaces_r)
{
	struct span text = s3_header(q, name);

	*replaces_r = span_eq_str(text, "REPLACE");
	if (span_absent(text) || *replaces_r || span_eq_str(text, "COPY"))
		return 0;
	return s3_fail_argument(
		&q->call, name, text, "A directive of a copy is COPY or REPLACE.");
}

int s3_object_copy_parse(struct s3_req *q, struct s3_object_copy_in *in)
{
	struct span *redirect = &in->meta.sys[OBJMETA_WEBSITE_REDIRECT];

	if (parse_directive(q, "x-amz-metadata-directive", &in->replaces) < 0 ||
		parse_directive(q, "x-amz-tagging-directive", &in->replaces_tags) < 0 ||
		s3_extras_parse(q, &in->extras) < 0 || s3_checksum_algorithm(q, &in->alg) < 0)
		return -1;
	if ((in->replaces ? s3_fields_parse(q, &in->meta) : s3_redirect_parse(q, redirect)) < 0)
		return -1;
	in->changes = in->replaces || !span_absent(*redirect) ||
		!span_absent(s3_header(q, "x-amz-storage-class"));
	s3_conditions_parse(q, &in->conditions);
	return s3_copy_from_parse(q, &in->from);
}

/* ---- run ---- */

/* Onto the very object that is there now. */
static int is_onto_itself(struct s3_call *c, const struct s3_copy_from *from,
	const struct s3_copy_opened *o, bool *yes_r)
{
	struct meta_object now;
	struct err e;

	*yes_r = o->bucket.id == c->bucket.id && span_eq(o->object.key, c->key);
	if (!*yes_r || !from->source.has_version)
		return 0;
	*yes_r = svc_object_head(c->svc, &c->bucket, c->key, c->arena, &now, &e) == 0;
	if (!*yes_r)
		return e.kind == ERR_NOT_FOUND ? 0 : s3_fail_err(c, &e);
	*yes_r = now.vseq == o->object.vseq;
	return 0;
}

static int check_change(
	struct s3_call *c, const struct s3_object_copy_in *in, const struct s3_copy_opened *o)
{
	const struct checksum *sum = &o->object.checksum;
	bool itself;

	if (in->changes ||
		(in->alg != CHECKSUM_NONE &&
			(in->alg != sum->alg || sum->type == CHECKSUM_COMPOSITE)))
		return 0;
	if (is_onto_itself(c, &in->from, o, &itself) < 0)
		return -1;
	if (!itself)
		return 0;
	return s3_fail(c, S3_InvalidRequest,
		"This copy request is illegal because it is trying to copy an object to itself "
		"without changing the object's metadata, storage class, website redirect "
		"location "
		"or encryption attributes.");
}

/* The source's metadata, but for what the request alone decides. */
static int inherit(struct s3_call *c, const struct s3_object_copy_in *in,
	const struct s3_copy_opened *o, struct objmeta *m_r)
{
	struct err e;

	if (objmeta_decode(c->arena, o->object.meta, m_r, &e) < 0)
		return s3_fail_err(c, &e);
	m_r->content_type = o->object.content_type;
	m_r->sys[OBJMETA_WEBSITE_REDIRECT] = in->meta.sys[OBJMETA_WEBSITE_REDIRECT];
	m_r->sys[OBJMETA_STORAGE_CLASS] = in->meta.sys[OBJMETA_STORAGE_CLASS];
	return 0;
}

/* Tags that are copied are read there and written here. */
static int choose_tags(struct s3_call *c, const struct s3_object_copy_in *in,
	const struct s3_copy_opened *o, struct span *tags_r)
{
	enum authz_action read = in->from.source.has_version ? AUTHZ_GET_OBJECT_VERSION_TAGGING
							     : AUTHZ_GET_OBJECT_TAGGING;

	*tags_r = in->replaces_tags ? in->extras.tags : o->object.tags;
	if (in->replaces_tags || tags_stored_count(*tags_r) == 0)
		return 0;
	if (authz_decide(&c->caller, read, &o->bucket) == AUTHZ_ALLOW &&
		s3_may(c, AUTHZ_PUT_OBJECT_TAGGING))
		return 0;
	return s3_fail(c, S3_AccessDenied, NULL);
}

int s3_object_copy_run(
	struct s3_call *c, const struct s3_object_copy_in *in, struct s3_object_copy_out *out)
{
	struct objmeta meta = in->meta;
	struct svc_put put = {
		.bucket = &c->bucket,
		.key = c->key,
		.meta = &meta,
		.lock = in->extras.lock,
		.conditions = &in->conditions,
		.owner_id = c->caller.user_id,
	};
	struct s3_copy_opened from;
	struct err e;

	if (s3_copy_open(c, &in->from, &from) < 0 ||
		s3_copy_check_size(c, from.object.size) < 0 || check_change(c, in, &from) < 0)
		return -1;
	if ((!in->replaces && inherit(c, in, &from, &meta) < 0) ||
		choose_tags(c, in, &from, &put.tags) < 0)
		return -1;
	svc_body_copy(&put.body, from.reader, 0, from.object.size, c->arena);
	put.body.alg = in->alg == CHECKSUM_NONE ? from.object.checksum.alg : in->alg;
	put.body.progress = c->keep_waiting;
	put.body.progress_ctx = c;
	return svc_object_put(c->svc, &put, c->arena, &out->put, &e) < 0 ? s3_fail_err(c, &e)
									 : 0;
}

int s3_object_copy_render(struct s3_req *q, const struct s3_object_copy_out *out)
{
	return s3_copy_respond(q, "CopyObjectResult", &out->put);
}
