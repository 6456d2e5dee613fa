/* SPDX-License-Identifier: MIT */
/* The private ACL: its owner has FULL_CONTROL, nobody else is named. */
#include "s3/acl.h"

#include "s3/fields.h"
#include "s3/version.h"

int s3_acl_get_parse(struct s3_req *q, struct s3_acl_get_in *in)
{
	(void)q, (void)in;
	return 0;
}

int s3_acl_get_run(
	struct s3_call *c, const struct s3_acl_get_in *in, struct s3_acl_get_out *out)
{
	int64_t owner_id = c->bucket.owner_id;
	struct meta_object o;

	(void)in;
	if (c->key.n) {
		if (s3_version_head(c, &o) < 0)
			return -1;
		owner_id = o.owner_id;
	}
	return s3_owner_get(c, owner_id, &out->owner);
}

int s3_acl_get_render(struct s3_req *q, const struct s3_acl_get_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "AccessControlPolicy");
	s3_xml_owner(&w, "Owner", &out->owner);
	xmlw_open(&w, "AccessControlList");
	xmlw_open(&w, "Grant");
	xmlw_open_attr(&w, "Grantee", "xsi:type", SPAN_LIT("CanonicalUser"));
	xmlw_str(&w, "ID", out->owner.id);
	xmlw_str(&w, "DisplayName", out->owner.name);
	xmlw_close(&w);
	xmlw_str(&w, "Permission", "FULL_CONTROL");
	xmlw_close(&w);
	xmlw_close(&w);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
