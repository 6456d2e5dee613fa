/* SPDX-License-Identifier: MIT */
#include "s3/extras.h"

#include "s3/form.h"
#include "s3/lock.h"
#include "s3/tagging.h"

/* Of the header or, in a form, of a field that holds the document. */
static int parse_tags(struct s3_req *q, struct span *tags_r)
{
	struct span header = s3_header(q, "x-amz-tagging"),
		    document = s3_form_field(q, "tagging");
	struct tags t;
	int rc;

	*tags_r = SPAN_NULL;
	if (span_absent(header) && span_absent(document))
		return 0;
	if (!s3_may(&q->call, AUTHZ_PUT_OBJECT_TAGGING))
		return s3_fail(&q->call, S3_AccessDenied, NULL);
	if (span_absent(document))
		rc = s3_tags_parse_header(&q->call, header, &t);
	else
		rc = s3_tags_parse_document(&q->call, document, &t);
	if (rc < 0)
		return -1;
	*tags_r = tags_encode(q->call.arena, &t);
	return 0;
}

int s3_extras_parse(struct s3_req *q, struct s3_extras *x_r)
{
	*x_r = (struct s3_extras){0};
	return parse_tags(q, &x_r->tags) < 0 ? -1 : s3_lock_parse_headers(q, &x_r->lock);
}

void s3_extras_add(struct s3_req *q, const struct meta_object *o)
{
	size_t tags = tags_stored_count(o->tags);

	if (tags > 0 && s3_may(&q->call, AUTHZ_GET_OBJECT_TAGGING))
		http_head_add_u64(&q->head, "x-amz-tagging-count", tags);
	s3_lock_add(q, &o->lock);
}
