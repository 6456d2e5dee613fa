/* SPDX-License-Identifier: MIT */
/* Tag sets: <Tagging> and x-amz-tagging in, <TagSet> out. */
#include "s3/tagging.h"

enum { DOCUMENT_MAX_ELEMENTS = 1000 };

static int fail_tag(struct s3_call *c, const struct tag *tag, const char *message)
{
	s3_fail(c, S3_InvalidTag, message);
	s3_fail_add(c, "TagKey", tag->key);
	s3_fail_add(c, "TagValue", tag->value);
	return -1;
}

static int check(struct s3_call *c, const struct tags *t, size_t max)
{
	size_t at;

	switch (tags_check(t, max, &at)) {
	case TAGS_OK:
		break;
	case TAGS_TOO_MANY:
		/* AWS: BadRequest */
		return s3_fail(c, S3_InvalidTag,
			arena_printf(c->arena, "There cannot be more than %zu tags.", max));
	case TAGS_KEY:
		return fail_tag(c, &t->tag[at], "The TagKey you have provided is invalid");
	case TAGS_VALUE:
		return fail_tag(c, &t->tag[at], "The TagValue you have provided is invalid");
	case TAGS_DUPLICATE:
		return fail_tag(
			c, &t->tag[at], "Cannot provide multiple Tags with the same key");
	case TAGS_RESERVED:
		return fail_tag(
			c, &t->tag[at], "System tags cannot be added/updated by requester");
	}
	return 0;
}

static bool take_tag(const struct xml_node *node, struct tag *tag_r)
{
	tag_r->key = xml_child_text(node, "Key");
	tag_r->value = xml_child_text(node, "Value");
	return span_eq_str(node->name, "Tag") && node->child_count == 2 &&
		!span_absent(tag_r->key) && !span_absent(tag_r->value);
}

int s3_tags_parse_xml(
	struct s3_call *c, const struct xml_node *tagging, size_t max, struct tags *t_r)
{
	const struct xml_node *set = xml_child(tagging, "TagSet"), *node;

	*t_r = (struct tags){0};
	if (!set || tagging->child_count != 1)
		return s3_fail(c, S3_MalformedXML, NULL);
	t_r->tag = arena_array(c->arena, struct tag, set->child_count);
	for (node = set->first_child; node; node = node->next)
		if (!take_tag(node, &t_r->tag[t_r->count++]))
			return s3_fail(c, S3_MalformedXML, NULL);
	return check(c, t_r, max);
}

int s3_tags_parse_header(struct s3_call *c, struct span header, struct tags *t_r)
{
	struct err e;

	if (tags_parse_header(c->arena, header, t_r, &e) < 0)
		return s3_fail_argument(c, "x-amz-tagging", header,
			"The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded "
			"URL query parameters without tag name duplicates.");
	return check(c, t_r, TAGS_OBJECT_MAX);
}

int s3_tags_parse_document(struct s3_call *c, struct span text, struct tags *t_r)
{
	static const struct xmlr_limits limits = {.max_bytes = XMLR_MAX_BYTES,
		.max_depth = XMLR_MAX_DEPTH,
		.max_elements = DOCUMENT_MAX_ELEMENTS};
	const struct xml_node *root;
	struct source_mem src;
	struct err e;

	if (xmlr_parse(c->arena, source_mem_init(&src, text), &limits, &root, &e) < 0 ||
		!span_eq_str(root->name, "Tagging"))
		return s3_fail(c, S3_MalformedXML, NULL);
	return s3_tags_parse_xml(c, root, TAGS_OBJECT_MAX, t_r);
}

void s3_xml_tags(struct xmlw *w, const struct tags *t)
{
	xmlw_open(w, "TagSet");
	for (size_t i = 0; i < t->count; i++) {
		xmlw_open(w, "Tag");
		xmlw_text(w, "Key", t->tag[i].key);
		xmlw_text(w, "Value", t->tag[i].value);
		xmlw_close(w);
	}
	xmlw_close(w);
}
