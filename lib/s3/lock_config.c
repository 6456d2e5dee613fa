/* SPDX-License-Identifier: MIT */
/* The Object Lock of a bucket: once there it stays; only the default retention changes. */
#include "base/reason.h"
#include "s3/body.h"
#include "s3/fields.h"
#include "s3/lock.h"

#define ROOT "ObjectLockConfiguration"

/* ---- GetObjectLockConfiguration ---- */

int s3_lock_config_get_parse(struct s3_req *q, struct s3_lock_config_get_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_lock_config_get_run(struct s3_call *c, const struct s3_lock_config_get_in *in,
	struct s3_lock_config_get_out *out)
{
	struct span document;
	struct err e;

	(void)in;
	if (svc_bucket_config_get(
		    c->svc, &c->bucket, META_CONFIG_OBJECT_LOCK, c->arena, &document, &e) < 0) {
		if (e.reason != REASON_CONFIG)
			return s3_fail_err(c, &e);
		s3_fail(c, S3_ObjectLockConfigurationNotFoundError, NULL);
		s3_fail_add(c, "BucketName", c->bucket_name);
		return -1;
	}
	return lock_default_decode(document, &out->retention, &e) < 0 ? s3_fail_err(c, &e) : 0;
}

int s3_lock_config_get_render(struct s3_req *q, const struct s3_lock_config_get_out *out)
{
	const struct lock_default *d = &out->retention;
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, ROOT);
	xmlw_str(&w, "ObjectLockEnabled", "Enabled");
	if (d->mode != LOCK_NONE) {
		xmlw_open(&w, "Rule");
		xmlw_open(&w, "DefaultRetention");
		xmlw_str(&w, "Mode", lock_mode_name(d->mode));
		xmlw_u64(&w, d->is_years ? "Years" : "Days", d->period);
		xmlw_close(&w);
		xmlw_close(&w);
	}
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}

/* ---- PutObjectLockConfiguration ---- */

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static int parse_period(struct s3_req *q, struct span text, struct lock_default *d)
{
	uint64_t max = d->is_years ? LOCK_MAX_YEARS : LOCK_MAX_DAYS, n;

	text = span_trim(text);
	if (!all_digits(text)) {
		if (text.n > 1 && text.p[0] == '-' && all_digits(span_from(text, 1)))
			return s3_fail(&q->call, S3_InvalidRetentionPeriod, NULL);
		return s3_fail_xml(q);
	}
	if (!span_to_u64(text, &n) || n > max)
		return s3_fail_argument(&q->call, d->is_years ? "Years" : "Days", text,
			"The default retention period is too long.");
	d->period = (uint32_t)n;
	return n > 0 ? 0 : s3_fail(&q->call, S3_InvalidRetentionPeriod, NULL);
}

static int parse_rule(struct s3_req *q, const struct xml_node *rule, struct lock_default *d)
{
	const struct xml_node *node = xml_child(rule, "DefaultRetention");
	struct span days = xml_child_text(node, "Days"), years = xml_child_text(node, "Years");

	if (!node || !xml_has_only(rule, "DefaultRetention") ||
		!xml_has_only(node, "Mode|Days|Years") ||
		!lock_mode_parse(span_trim(xml_child_text(node, "Mode")), &d->mode) ||
		span_absent(days) == span_absent(years))
		return s3_fail_xml(q);
	d->is_years = span_absent(days);
	return parse_period(q, d->is_years ? years : days, d);
}

int s3_lock_config_put_parse(struct s3_req *q, struct s3_lock_config_put_in *in)
{
	const struct xml_node *root, *rule;

	if (s3_body_document(q, ROOT, &root) < 0)
		return -1;
	if (!xml_has_only(root, "ObjectLockEnabled|Rule") ||
		!span_eq_str(span_trim(xml_child_text(root, "ObjectLockEnabled")), "Enabled"))
		return s3_fail_xml(q);
	rule = xml_child(root, "Rule");
	return rule ? parse_rule(q, rule, &in->retention) : 0;
}

int s3_lock_config_put_run(struct s3_call *c, const struct s3_lock_config_put_in *in,
	struct s3_lock_config_put_out *out)
{
	unsigned char blob[LOCK_BLOB_MAX];
	struct err e;

	(void)out;
	if (svc_bucket_config_put(c->svc, &c->bucket, META_CONFIG_OBJECT_LOCK,
		    lock_default_encode(&in->retention, blob), &e) == 0)
		return 0;
	s3_fail_err(c, &e);
	if (e.reason == REASON_BUCKET_STATE)
		c->fail.message = "Versioning must be 'Enabled' on the bucket to apply a "
				  "Object Lock configuration";
	return -1;
}

int s3_lock_config_put_render(struct s3_req *q, const struct s3_lock_config_put_out *out)
{
	(void)out;
	return s3_respond_empty(q, 200);
}
