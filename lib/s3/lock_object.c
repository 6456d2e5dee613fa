/* SPDX-License-Identifier: MIT */
/* Retention and legal hold of a version that stands. */
#include "base/reason.h"
#include "codec/timefmt.h"
#include "s3/body.h"
#include "s3/fields.h"
#include "s3/lock.h"
#include "s3/version.h"

/* ---- reading ---- */

static int find(struct s3_call *c, struct meta_object *o)
{
	if (s3_version_head(c, o) < 0)
		return -1;
	if (meta_bucket_has(&c->bucket, META_CONFIG_OBJECT_LOCK))
		return 0;
	s3_fail(c, S3_InvalidRequest, S3_LOCK_MISSING);
	s3_fail_add(c, "BucketName", c->bucket_name);
	return -1;
}

int s3_retention_get_parse(struct s3_req *q, struct s3_lock_get_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_retention_get_run(
	struct s3_call *c, const struct s3_lock_get_in *in, struct s3_lock_get_out *out)
{
	(void)in;
	if (find(c, &out->object) < 0)
		return -1;
	return out->object.lock.retention.mode != LOCK_NONE
		? 0
		: s3_fail(c, S3_NoSuchObjectLockConfiguration, NULL);
}

int s3_retention_get_render(struct s3_req *q, const struct s3_lock_get_out *out)
{
	const struct lock_retention *r = &out->object.lock.retention;
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "Retention");
	xmlw_str(&w, "Mode", lock_mode_name(r->mode));
	xmlw_time(&w, "RetainUntilDate", r->until_us);
	xmlw_close(&w);
	s3_add_version(q, &out->object);
	return s3_respond_xml(q, 200, &doc);
}

int s3_hold_get_parse(struct s3_req *q, struct s3_lock_get_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_hold_get_run(
	struct s3_call *c, const struct s3_lock_get_in *in, struct s3_lock_get_out *out)
{
	(void)in;
	if (find(c, &out->object) < 0)
		return -1;
	return out->object.lock.hold != LOCK_HOLD_UNSET
		? 0
		: s3_fail(c, S3_NoSuchObjectLockConfiguration, NULL);
}

int s3_hold_get_render(struct s3_req *q, const struct s3_lock_get_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "LegalHold");
	xmlw_str(&w, "Status", lock_hold_name(out->object.lock.hold));
	xmlw_close(&w);
	s3_add_version(q, &out->object);
	return s3_respond_xml(q, 200, &doc);
}

/* ---- changing ---- */

static int read_document(struct s3_req *q, const char *name, const char *children,
	const struct xml_node **root_r)
{
	if (!meta_bucket_has(&q->call.bucket, META_CONFIG_OBJECT_LOCK))
		return s3_fail(&q->call, S3_InvalidRequest, S3_LOCK_MISSING);
	if (s3_body_document(q, name, root_r) < 0)
		return -1;
	return xml_has_only(*root_r, children) ? 0 : s3_fail_xml(q);
}

static int change(struct s3_call *c, const struct meta_lock_change *ch, struct version_id *v_r)
{
	struct svc_version v = {&c->bucket, c->key, c->version};
	struct meta_object o;
	struct err e;

	if (s3_version_head(c, &o) < 0)
		return -1;
	if (svc_version_set_lock(c->svc, &v, ch, v_r, &e) == 0)
		return 0;
	s3_fail_err(c, &e);
	if (e.reason == REASON_LOCKED)
		c->fail.message = S3_LOCKED;
	return -1;
}

static int render_changed(struct s3_req *q, const struct s3_lock_put_out *out)
{
	s3_add_version_met(q, &out->version);
	return s3_respond_empty(q, 200);
}

/* Neither mode nor date: there is to be none. */
int s3_retention_put_parse(struct s3_req *q, struct s3_lock_put_in *in)
{
	struct lock_retention *r = &in->retention;
	const struct xml_node *root;
	struct span mode, until;

	in->bypass = s3_lock_bypass(q);
	if (read_document(q, "Retention", "Mode|RetainUntilDate", &root) < 0)
		return -1;
	mode = xml_child_text(root, "Mode");
	until = xml_child_text(root, "RetainUntilDate");
	if (span_absent(mode) && span_absent(until))
		return root->child_count ? s3_fail_xml(q) : 0;
	if (span_absent(until) || !lock_mode_parse(span_trim(mode), &r->mode) ||
		!timefmt_parse_iso8601(span_trim(until), &r->until_us))
		return s3_fail_xml(q);
	r->until_us = lock_whole_ms(r->until_us);
	if (r->until_us > q->call.now_us)
		return 0;
	return s3_fail_argument(&q->call, "RetainUntilDate", until,
		"The retain until date must be in the future!");
}

int s3_retention_put_run(
	struct s3_call *c, const struct s3_lock_put_in *in, struct s3_lock_put_out *out)
{
	struct meta_lock_change ch = {.retention = &in->retention, .bypass = in->bypass};

	return change(c, &ch, &out->version);
}

int s3_retention_put_render(struct s3_req *q, const struct s3_lock_put_out *out)
{
	return render_changed(q, out);
}

int s3_hold_put_parse(struct s3_req *q, struct s3_lock_put_in *in)
{
	const struct xml_node *root;

	if (read_document(q, "LegalHold", "Status", &root) < 0)
		return -1;
	return lock_hold_parse(span_trim(xml_child_text(root, "Status")), &in->hold)
		? 0
		: s3_fail_xml(q);
}

int s3_hold_put_run(
	struct s3_call *c, const struct s3_lock_put_in *in, struct s3_lock_put_out *out)
{
	struct meta_lock_change ch = {.hold = in->hold};

	return change(c, &ch, &out->version);
}

int s3_hold_put_render(struct s3_req *q, const struct s3_lock_put_out *out)
{
	return render_changed(q, out);
}
