/* SPDX-License-Identifier: MIT */
/* The true answer of something that was never set; of an object only if there is one. */
#include "s3/unset.h"

#include "s3/fields.h"
#include "s3/version.h"

int s3_unset_parse(struct s3_req *q, struct s3_unset_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_unset_run(struct s3_call *c, const struct s3_unset_in *in, struct s3_unset_out *out)
{
	struct meta_object o;

	(void)in;
	if (c->key.n && s3_version_head(c, &o) < 0)
		return -1;
	out->answer = s3_unset_get(s3_op_id_of(c->op));
	if (out->answer->code == S3_OK)
		return 0;
	s3_fail(c, out->answer->code, out->answer->text);
	s3_fail_add(c, "BucketName", c->bucket_name);
	return -1;
}

int s3_unset_render(struct s3_req *q, const struct s3_unset_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, out->answer->root);
	if (out->answer->child)
		xmlw_str(&w, out->answer->child, out->answer->text);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
