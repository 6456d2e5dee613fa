/* SPDX-License-Identifier: MIT */
/*
 * The source of a copy: named by headers, looked up and authorized as a GetObject of its own,
 * judged by conditions of its own. Whatever it cannot show the caller looks like a GET of it.
 */
#include "s3/copy.h"
#include "s3/version.h"

#include <inttypes.h>

/* ---- parse ---- */

int s3_copy_from_parse(struct s3_req *q, struct s3_copy_from *from)
{
	struct span text = http_header_joined(q->http, "x-amz-copy-source");
	const char *wrong = s3_copy_source_parse(q->call.arena, text, &from->source);
	struct err e;

	if (wrong)
		return s3_fail_argument(&q->call, "x-amz-copy-source", text, wrong);
	/* Whatever a bucket's policy will say: a copy has an owner. */
	if (q->call.caller.anonymous)
		return s3_fail(&q->call, S3_AccessDenied, NULL);
	from->explicit_name =
		s3_target_explicit(q->call.arena, q->target.tenant, from->source.bucket);
	from->conditions = (struct read_conditions){
		.if_match = http_header_joined(q->http, "x-amz-copy-source-if-match"),
		.if_none_match = http_header_joined(q->http, "x-amz-copy-source-if-none-match"),
		.if_modified_since = s3_header(q, "x-amz-copy-source-if-modified-since"),
		.if_unmodified_since = s3_header(q, "x-amz-copy-source-if-unmodified-since"),
	};
	from->expected_owner = s3_header(q, "x-amz-source-expected-bucket-owner");
	/* Copying takes as long as the disk does: nobody waits for it. */
	return http_enter_transfer(q->http, &e) < 0 ? s3_fail_err(&q->call, &e) : 0;
}

/* ---- find ---- */

static int authorize(struct s3_call *c, const struct s3_copy_from *from,
	const struct meta_bucket *b, const struct s3_place *at)
{
	enum authz_action action =
		from->source.has_version ? AUTHZ_GET_OBJECT_VERSION : AUTHZ_GET_OBJECT;
	struct s3_owner owner = {0};

	switch (authz_decide(&c->caller, action, b)) {
	case AUTHZ_ALLOW:
		break;
	case AUTHZ_HIDE:
		return s3_fail_at(c, S3_NoSuchBucket, at);
	case AUTHZ_DENY:
		return s3_fail(c, S3_AccessDenied, NULL);
	}
	if (s3_check_payer(c, b) < 0)
		return -1;
	if (span_absent(from->expected_owner))
		return 0;
	if (s3_owner_get(c, b->owner_id, &owner) < 0)
		return -1;
	return span_eq_str(from->expected_owner, owner.id) ? 0
							   : s3_fail(c, S3_AccessDenied, NULL);
}

static int fail_condition(struct s3_call *c, const struct read_conditions *r)
{
	const struct {
		struct span value;
		const char *name;
	} in_order[] = {
		{r->if_match, "x-amz-copy-source-If-Match"},
		{r->if_unmodified_since, "x-amz-copy-source-If-Unmodified-Since"},
		{r->if_none_match, "x-amz-copy-source-If-None-Match"},
		{r->if_modified_since, "x-amz-copy-source-If-Modified-Since"},
	};

	s3_fail(c, S3_PreconditionFailed, NULL);
	for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++)
		if (!span_absent(in_order[i].value)) {
			s3_fail_add(c, "Condition", span_str(in_order[i].name));
			break;
		}
	return -1;
}

static int open_source(struct s3_call *c, const struct s3_copy_from *from,
	const struct s3_place *at, struct s3_copy_opened *o)
{
	struct svc_version v = {
		&o->bucket, at->key, from->source.has_version ? &from->source.version : NULL};
	struct err e;

	if (svc_version_open(c->svc, &v, c->arena, &o->object, &o->reader, &e) == 0)
		return 0;
	if (e.kind == ERR_NOT_FOUND && e.reason == REASON_MARKER_VERSION)
		return s3_fail(c, S3_InvalidRequest,
			"The source of a copy request may not specifically refer to a delete "
			"marker by version id.");
	return s3_fail_err_at(c, &e, at);
}

static void note_version(struct s3_call *c, const struct s3_copy_opened *o)
{
	struct version_id *v = arena_new_of(c->arena, struct version_id);

	*v = meta_object_version(&o->object);
	if (meta_bucket_versioning(&o->bucket) != META_VERSIONING_OFF)
		c->source_version = v;
}

int s3_copy_open(struct s3_call *c, const struct s3_copy_from *from, struct s3_copy_opened *o_r)
{
	struct s3_place at = {from->source.bucket, from->source.key};
	struct err e;

	if (svc_bucket_find(
		    c->svc, &c->caller, from->explicit_name, c->arena, &o_r->bucket, &e) < 0)
		return s3_fail_err_at(c, &e, &at);
	if (authorize(c, from, &o_r->bucket, &at) < 0 || open_source(c, from, &at, o_r) < 0)
		return -1;
	if (read_conditions_check(&from->conditions, &o_r->object.etag, o_r->object.mtime_us,
		    c->now_us) != READ_PROCEED)
		return fail_condition(c, &from->conditions);
	note_version(c, o_r);
	return 0;
}

int s3_copy_check_size(struct s3_call *c, uint64_t bytes)
{
	if (bytes <= S3_CAP_OBJECT)
		return 0;
	return s3_fail(c, S3_InvalidRequest,
		arena_printf(c->arena,
			"The specified copy source is larger than the maximum allowable size "
			"for a copy source: %" PRIu64,
			S3_CAP_OBJECT));
}

/* ---- answer ---- */

int s3_copy_respond(struct s3_req *q, const char *root, const struct svc_put_result *put)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_add_source_version(q);
	s3_add_version_made(q, &put->version);
	s3_xml_begin(&w, &doc, root);
	s3_xml_time(&w, "LastModified", put->mtime_us);
	s3_xml_etag(&w, &put->etag);
	s3_xml_checksum(&w, &put->checksum);
	if (q->call.op == s3_op_get(S3_OP_COPY_OBJECT))
		xmlw_str(&w, "ChecksumType", checksum_type_name(put->checksum.type));
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
