/* SPDX-License-Identifier: MIT */
/* The versioning of a bucket: never configured, Enabled, or Suspended. */
#include "s3/versioning.h"

#include "s3/body.h"
#include "s3/fields.h"

#define ROOT "VersioningConfiguration"

static const char *const words[] = {
	[META_VERSIONING_ENABLED] = "Enabled",
	[META_VERSIONING_SUSPENDED] = "Suspended",
};

/* ---- GetBucketVersioning ---- */

int s3_versioning_get_parse(struct s3_req *q, struct s3_versioning_get_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_versioning_get_run(struct s3_call *c, const struct s3_versioning_get_in *in,
	struct s3_versioning_get_out *out)
{
	(void)in;
	out->how = meta_bucket_versioning(&c->bucket);
	return 0;
}

int s3_versioning_get_render(struct s3_req *q, const struct s3_versioning_get_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, ROOT);
	if (out->how == META_VERSIONING_ENABLED || out->how == META_VERSIONING_SUSPENDED)
		xmlw_str(&w, "Status", words[out->how]);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}

/* ---- PutBucketVersioning ---- */

/* Deleting with a second factor is not there: switched off, it may be said so. */
static int check_mfa(struct s3_req *q, const struct xml_node *node)
{
	if (!node || span_eq_str(node->text, "Disabled"))
		return 0;
	if (span_eq_str(node->text, "Enabled"))
		return s3_fail(&q->call, S3_NotImplemented, "MFA Delete is not implemented.");
	return s3_fail_xml(q);
}

static int parse_status(
	struct s3_req *q, const struct xml_node *node, enum meta_versioning *how_r)
{
	if (!node)
		return s3_fail(&q->call, S3_IllegalVersioningConfigurationException, NULL);
	for (int how = META_VERSIONING_ENABLED; how <= META_VERSIONING_SUSPENDED; how++) {
		*how_r = (enum meta_versioning)how;
		if (span_eq_str(node->text, words[how]))
			return 0;
	}
	return s3_fail_xml(q);
}

int s3_versioning_put_parse(struct s3_req *q, struct s3_versioning_put_in *in)
{
	const struct xml_node *root;

	if (s3_body_document(q, ROOT, &root) < 0)
		return -1;
	if (!xml_has_only(root, "Status|MfaDelete"))
		return s3_fail_xml(q);
	if (parse_status(q, xml_child(root, "Status"), &in->how) < 0)
		return -1;
	return check_mfa(q, xml_child(root, "MfaDelete"));
}

int s3_versioning_put_run(struct s3_call *c, const struct s3_versioning_put_in *in,
	struct s3_versioning_put_out *out)
{
	struct err e;

	(void)out;
	if (svc_bucket_set_versioning(c->svc, &c->bucket, in->how, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

int s3_versioning_put_render(struct s3_req *q, const struct s3_versioning_put_out *out)
{
	(void)out;
	return s3_respond_empty(q, 200);
}
