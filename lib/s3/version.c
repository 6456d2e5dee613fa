/* SPDX-License-Identifier: MIT */
#include "s3/version.h"

#include "base/reason.h"
#include "s3/fields.h"

#define PARAMETER "versionId"

/* ---- of a request ---- */

enum authz_action s3_version_action(const struct s3_req *q)
{
	enum authz_action action;

	if (!span_absent(s3_param(q, PARAMETER)) && s3_op_takes_version(q->call.op, &action))
		return action;
	return q->call.op->action;
}

int s3_version_parse(
	struct s3_call *c, const char *argument, struct span text, struct version_id *v_r)
{
	if (version_id_parse(text, v_r))
		return 0;
	return s3_fail_argument(c, argument, text,
		text.n ? S3_BAD_VERSION : "Version id cannot be the empty string");
}

int s3_version_named(struct s3_req *q)
{
	struct span text = s3_param(q, PARAMETER);
	enum authz_action action;
	struct version_id *v;

	if (span_absent(text) || q->target.kind != S3_OBJECT)
		return 0;
	if (!s3_op_takes_version(q->call.op, &action))
		return s3_fail_argument(&q->call, PARAMETER, text,
			"This operation does not accept a version-id.");
	v = arena_new_of(q->call.arena, struct version_id);
	q->call.version = v;
	return s3_version_parse(&q->call, PARAMETER, text, v);
}

/* ---- what it names ---- */

/* The marker is told when the handler that met it is long gone. */
static const struct meta_object *keep(struct arena *a, const struct meta_object *o)
{
	struct meta_object *kept = arena_new_of(a, struct meta_object);

	*kept = *o;
	return kept;
}

static int fail(struct s3_call *c, const struct meta_object *o, const struct err *e)
{
	s3_fail_err(c, e);
	if (e->kind != ERR_NOT_FOUND)
		return -1;
	if (e->reason == REASON_MARKER || e->reason == REASON_MARKER_VERSION)
		c->fail.marker = keep(c->arena, o);
	if (e->reason == REASON_MARKER_VERSION) {
		s3_fail_add(c, "Method", span_str(c->op->method));
		s3_fail_add(c, "ResourceType", SPAN_LIT("DeleteMarker"));
	} else if (e->reason == REASON_VERSION) {
		s3_fail_add(c, "Key", c->key);
		s3_fail_add(c, "VersionId", span_str(s3_version_text(c->arena, c->version)));
	}
	return -1;
}

int s3_version_head(struct s3_call *c, struct meta_object *o_r)
{
	struct svc_version v = {&c->bucket, c->key, c->version};
	struct err e;

	return svc_version_head(c->svc, &v, c->arena, o_r, &e) < 0 ? fail(c, o_r, &e) : 0;
}

int s3_version_open(struct s3_call *c, struct meta_object *o_r, struct svc_reader **r_r)
{
	struct svc_version v = {&c->bucket, c->key, c->version};
	struct err e;

	return svc_version_open(c->svc, &v, c->arena, o_r, r_r, &e) < 0 ? fail(c, o_r, &e) : 0;
}

/* ---- of a response ---- */

const char *s3_version_text(struct arena *a, const struct version_id *v)
{
	char text[VERSION_ID_LEN + 1];

	version_id_format(text, v);
	return arena_strdup(a, text);
}

void s3_add_version_id(struct s3_req *q, const struct version_id *v)
{
	http_head_add_str(&q->head, "x-amz-version-id", s3_version_text(q->call.arena, v));
}

void s3_add_version_made(struct s3_req *q, const struct version_id *v)
{
	if (!version_id_is_null(v))
		s3_add_version_id(q, v);
}

void s3_add_version_met(struct s3_req *q, const struct version_id *v)
{
	if (q->call.version || !version_id_is_null(v) ||
		meta_bucket_versioning(&q->call.bucket) != META_VERSIONING_OFF)
		s3_add_version_id(q, v);
}

void s3_add_version(struct s3_req *q, const struct meta_object *o)
{
	struct version_id v = meta_object_version(o);

	s3_add_version_met(q, &v);
}

void s3_add_source_version(struct s3_req *q)
{
	if (q->call.source_version)
		http_head_add_str(&q->head, "x-amz-copy-source-version-id",
			s3_version_text(q->call.arena, q->call.source_version));
}

void s3_add_delete_marker(struct s3_req *q)
{
	http_head_add_str(&q->head, "x-amz-delete-marker", "true");
}

void s3_add_marker_met(struct s3_req *q, const struct meta_object *marker)
{
	s3_add_delete_marker(q);
	s3_add_version(q, marker);
	if (!q->call.version)
		return;
	http_head_add_str(&q->head, "Allow", "DELETE");
	s3_add_last_modified(q, marker->mtime_us);
}
