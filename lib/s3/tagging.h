/* SPDX-License-Identifier: MIT */
/* Tag sets as requests and responses have them. */
#ifndef MX_S3_TAGGING_H
#define MX_S3_TAGGING_H

#include "codec/xmlr.h"
#include "codec/xmlw.h"
#include "model/tags.h"
#include "s3/call.h"

/* Of a <Tagging> with at most max tags; the spans are of the document. Fails with MalformedXML,
 * InvalidTag. */
int s3_tags_parse_xml(struct s3_call *c, const struct xml_node *tagging, size_t max,
	struct tags *t_r) MX_MUST_CHECK;
/* Of x-amz-tagging, an object's; absent: none. Fails with InvalidArgument, InvalidTag. */
int s3_tags_parse_header(
	struct s3_call *c, struct span header, struct tags *t_r) MX_MUST_CHECK;
/* Of the text of a <Tagging>, an object's. Fails as s3_tags_parse_xml. */
int s3_tags_parse_document(
	struct s3_call *c, struct span text, struct tags *t_r) MX_MUST_CHECK;
/* <TagSet>, even without a tag. */
void s3_xml_tags(struct xmlw *w, const struct tags *t);

#endif
