/* SPDX-License-Identifier: MIT */
/* Buckets. One installation is one region: a location constraint names it, or nothing. */
#include "s3/bucket.h"

#include "base/reason.h"
#include "s3/body.h"
#include "s3/fields.h"
#include "s3/lock.h"

#define DEFAULT_REGION "us-east-1" /* whose constraint is empty, for historical reasons */

/* ---- CreateBucket ---- */

static int check_location(struct s3_req *q, struct span location)
{
	if (location.n == 0 || span_eq_str(location, svc_cfg(q->call.svc)->region))
		return 0;
	s3_fail(&q->call, S3_InvalidLocationConstraint, NULL);
	s3_fail_add(&q->call, "LocationConstraint", location);
	return -1;
}

int s3_bucket_create_parse(struct s3_req *q, struct s3_bucket_create_in *in)
{
	static const char *const not_yet[] = {"Location", "Bucket", "Tags"};
	const struct xml_node *root;

	in->location = SPAN_LIT("");
	if (s3_lock_parse_enabled(q, &in->lock) < 0)
		return -1;
	if (s3_body_xml(q, S3_CHECKSUM_OF_BODY, "CreateBucketConfiguration", &root) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(not_yet) / sizeof(not_yet[0]); i++)
		if (xml_child(root, not_yet[i]))
			return s3_fail(&q->call, S3_NotImplemented, NULL);
	if (xml_child(root, "LocationConstraint"))
		in->location = xml_child_text(root, "LocationConstraint");
	return check_location(q, in->location);
}

/* Its owner makes it again: nothing changes (AWS outside us-east-1: BucketAlreadyOwnedByYou).
 * Object Lock cannot come that way. */
static int made_again(struct s3_call *c, const struct s3_bucket_create_in *in)
{
	struct meta_bucket there;
	struct err e;

	if (!in->lock)
		return 0;
	if (svc_bucket_find(c->svc, &c->caller, c->explicit_name, c->arena, &there, &e) < 0)
		return s3_fail_err(c, &e);
	return there.flags & META_BUCKET_LOCKS ? 0 : s3_fail(c, S3_BucketAlreadyExists, NULL);
}

int s3_bucket_create_run(struct s3_call *c, const struct s3_bucket_create_in *in,
	struct s3_bucket_create_out *out)
{
	struct svc_new_bucket new = {c->explicit_name, in->location, in->lock};
	struct err e;

	if (svc_bucket_create_as(c->svc, &c->caller, &new, c->arena, &out->bucket, &e) == 0)
		return 0;
	if (e.kind == ERR_EXISTS && e.reason == REASON_BUCKET_OWNED)
		return made_again(c, in);
	return s3_fail_err(c, &e);
}

int s3_bucket_create_render(struct s3_req *q, const struct s3_bucket_create_out *out)
{
	(void)out;
	http_head_add_str(&q->head, "Location",
		arena_printf(q->call.arena, "/%.*s", SPAN_FMT(q->call.bucket_name)));
	return s3_respond_empty(q, 200);
}

/* ---- HeadBucket ---- */

int s3_bucket_head_parse(struct s3_req *q, struct s3_bucket_head_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_bucket_head_run(
	struct s3_call *c, const struct s3_bucket_head_in *in, struct s3_bucket_head_out *out)
{
	(void)in;
	out->region = svc_cfg(c->svc)->region;
	return 0;
}

int s3_bucket_head_render(struct s3_req *q, const struct s3_bucket_head_out *out)
{
	http_head_add_str(&q->head, "x-amz-bucket-region", out->region);
	return s3_respond_empty(q, 200);
}

/* ---- DeleteBucket ---- */

int s3_bucket_delete_parse(struct s3_req *q, struct s3_bucket_delete_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_bucket_delete_run(struct s3_call *c, const struct s3_bucket_delete_in *in,
	struct s3_bucket_delete_out *out)
{
	struct err e;

	(void)in, (void)out;
	return svc_bucket_delete(c->svc, &c->bucket, &e) < 0 ? s3_fail_err(c, &e) : 0;
}

int s3_bucket_delete_render(struct s3_req *q, const struct s3_bucket_delete_out *out)
{
	(void)out;
	return s3_respond_empty(q, 204);
}

/* ---- GetBucketLocation ---- */

int s3_bucket_location_parse(struct s3_req *q, struct s3_bucket_location_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_bucket_location_run(struct s3_call *c, const struct s3_bucket_location_in *in,
	struct s3_bucket_location_out *out)
{
	const char *region = svc_cfg(c->svc)->region;

	(void)in;
	out->location = c->bucket.location;
	if (out->location[0] == '\0' && strcmp(region, DEFAULT_REGION) != 0)
		out->location = region;
	return 0;
}

int s3_bucket_location_render(struct s3_req *q, const struct s3_bucket_location_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "LocationConstraint");
	buf_add_str(&doc, out->location); /* the name of a region: nothing to escape */
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
