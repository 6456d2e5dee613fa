/* SPDX-License-Identifier: MIT */
/*
 * XML in: a small tree in an arena, read by expat. DOCTYPE and processing of entities are refused;
 * bytes, depth, elements and attributes are bounded. Names are local names: namespaces are ignored,
 * as S3 accepts bodies with and without its namespace. Comments are dropped; CDATA is text.
 */
#ifndef MX_CODEC_XMLR_H
#define MX_CODEC_XMLR_H

#include "base/arena.h"
#include "base/source.h"
#include "base/span.h"

enum { XMLR_MAX_BYTES = 8 * 1024 * 1024, XMLR_MAX_DEPTH = 32, XMLR_MAX_ATTRS = 16 };

struct xml_attr {
	struct span name, value; /* the local name; xmlns and xmlns:x are not kept */
	struct xml_attr *next;
};

struct xml_node {
	struct span name;
	struct span text; /* all character data directly inside, concatenated; "" if none */
	struct xml_attr *first_attr;
	struct xml_node *first_child, *next;
	uint32_t child_count;
};

struct xmlr_limits { /* at most XMLR_MAX_BYTES and XMLR_MAX_DEPTH hold */
	size_t max_bytes; /* of the document */
	unsigned max_depth;
	size_t max_elements;
};

/* err: ERR_INVALID not well-formed or DOCTYPE, ERR_LIMIT a bound passed, else what the source said. */
int xmlr_parse(struct arena *a, struct source *src, const struct xmlr_limits *limits,
	const struct xml_node **root_r, struct err *e) MX_MUST_CHECK;

/* First child of that name, or NULL. node may be NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next sibling of the same name, or NULL. */
const struct xml_node *xml_next_same(const struct xml_node *node);
/* Value of the attribute of that local name; absent if there is none. */
struct span xml_attr_value(const struct xml_node *node, const char *name);
/* Text of the first child of that name; absent if there is none. */
struct span xml_child_text(const struct xml_node *node, const char *name);
/* Is each child named by one of `names` ("A|B"), and the only one of that name? */
bool xml_has_only(const struct xml_node *node, const char *names);

#endif
