/* SPDX-License-Identifier: MIT */
/* RestoreObject: every object is of the class STANDARD, so there is never anything to restore.
 */
#include "s3/body.h"
#include "s3/object_attributes.h"
#include "s3/version.h"

int s3_object_restore_parse(struct s3_req *q, struct s3_object_restore_in *in)
{
	const struct xml_node *root;
	struct span days;
	uint64_t n;

	(void)in;
	if (s3_body_document(q, "RestoreRequest", &root) < 0)
		return -1;
	days = xml_child_text(root, "Days");
	if (!span_absent(days) && (!span_to_u64(span_trim(days), &n) || n == 0))
		return s3_fail_xml(q);
	return 0;
}

int s3_object_restore_run(struct s3_call *c, const struct s3_object_restore_in *in,
	struct s3_object_restore_out *out)
{
	struct meta_object o;

	(void)in, (void)out;
	if (s3_version_head(c, &o) < 0)
		return -1;
	s3_fail(c, S3_InvalidObjectState,
		"Restore is not allowed for the object's current storage class");
	s3_fail_add(c, "StorageClass", SPAN_LIT("STANDARD"));
	return -1;
}

int s3_object_restore_render(struct s3_req *q, const struct s3_object_restore_out *out)
{
	(void)out;
	return s3_respond_empty(q, 202);
}
