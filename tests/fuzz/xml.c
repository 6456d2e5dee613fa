/* SPDX-License-Identifier: MIT */
/* The XML reader; what the writer makes of a text must read back as that text. */
#include "base/buf.h"
#include "codec/xmlr.h"
#include "codec/xmlw.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_CHECKED = 4096 };

static const struct xmlr_limits limits = {64 * 1024, 16, 500};

static void check_text(struct arena *a, struct span text)
{
	BUF_AUTO struct buf b;
	const struct xml_node *root;
	struct source_mem m;
	struct xmlw w;
	struct err e;

	buf_init(&b, 64 * 1024);
	xmlw_init(&w, &b);
	xmlw_open_attr(&w, "a", "v", text);
	xmlw_text(&w, "b", text);
	xmlw_close(&w);
	MUST(xmlr_parse(a, source_mem_init(&m, buf_span(&b)), &limits, &root, &e) == 0);
	MUST(span_eq(xml_child_text(root, "b"), text));
	MUST(span_eq(xml_attr_value(root, "v"), text));
}

static size_t walk(struct arena *a, const struct xml_node *node, unsigned depth)
{
	size_t n = 1;
	uint32_t children = 0;

	MUST(depth <= limits.max_depth);
	MUST(span_is_utf8(node->name) && span_is_utf8(node->text));
	MUST(!span_absent(node->text));
	if (node->text.n <= MAX_CHECKED)
		check_text(a, node->text);
	for (const struct xml_attr *attr = node->first_attr; attr; attr = attr->next)
		if (attr->value.n <= MAX_CHECKED)
			check_text(a, attr->value);
	for (const struct xml_node *c = node->first_child; c; c = c->next, children++)
		n += walk(a, c, depth + 1);
	MUST(children == node->child_count);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	const struct xml_node *root;
	struct source_mem m;
	struct err e;

	if (xmlr_parse(a, source_mem_init(&m, span_of(p, n)), &limits, &root, &e) == 0)
		MUST(walk(a, root, 1) <= limits.max_elements);
	else
		MUST(e.kind == ERR_INVALID || e.kind == ERR_LIMIT);
	arena_free(a);
	return 0;
}
