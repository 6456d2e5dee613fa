/* SPDX-License-Identifier: MIT */
/*
 * XML in, over expat without its namespace processing. A handler that refuses sets the failure
 * and stops the parser; the first failure is the one reported. Without a DOCTYPE there are no
 * entities but the five predefined ones, so nothing can expand.
 */
#include "codec/xmlr.h"

#include <expat.h>

#include "base/buf.h"
#include "base/log.h"

enum { FIRST_READ = 16 * 1024, NEXT_READ = 64 * 1024 };

struct frame {
	struct xml_node *node;
	struct xml_node *last_child;
	struct buf text; /* kept from element to element of this depth */
};

struct parse {
	struct arena *a;
	XML_Parser expat;
	size_t max_bytes, max_elements;
	unsigned max_depth, depth;
	size_t bytes, elements;
	struct xml_node *root;
	bool failed;
	struct err *e;
	struct frame frames[XMLR_MAX_DEPTH];
};

static void refuse(struct parse *p, enum err_kind kind, const char *what)
{
	if (p->failed)
		return;
	p->failed = true;
	(void)err_fail(p->e, kind, "%s in line %lu", what,
		(unsigned long)XML_GetCurrentLineNumber(p->expat));
	XML_StopParser(p->expat, XML_FALSE);
}

static struct span local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return span_str(colon ? colon + 1 : name);
}

static bool is_namespace(const char *name)
{
	return strncmp(name, "xmlns", 5) == 0 && (name[5] == '\0' || name[5] == ':');
}

static void add_attributes(struct parse *p, struct xml_node *node, const char **attrs)
{
	struct xml_attr **end = &node->first_attr;

	for (int i = 0; attrs[i]; i += 2) {
		if (i == 2 * XMLR_MAX_ATTRS) {
			refuse(p, ERR_LIMIT, "too many attributes");
			return;
		}
		if (is_namespace(attrs[i]))
			continue;
		*end = arena_new_of(p->a, struct xml_attr);
		(*end)->name = arena_dup(p->a, local_name(attrs[i]));
		(*end)->value = arena_dup(p->a, span_str(attrs[i + 1]));
		end = &(*end)->next;
	}
}

static void link_node(struct parse *p, struct xml_node *node)
{
	struct frame *parent;

	if (p->depth == 0) {
		p->root = node;
		return;
	}
	parent = &p->frames[p->depth - 1];
	if (parent->last_child)
		parent->last_child->next = node;
	else
		parent->node->first_child = node;
	parent->last_child = node;
	parent->node->child_count++;
}

static void on_start(void *ctx, const char *name, const char **attrs)
{
	struct parse *p = ctx;
	struct frame *f;
	struct xml_node *node;

	if (p->failed)
		return;
	if (p->depth == p->max_depth || ++p->elements > p->max_elements) {
		refuse(p, ERR_LIMIT,
			p->depth == p->max_depth ? "too deep" : "too many elements");
		return;
	}
	node = arena_new_of(p->a, struct xml_node);
	node->name = arena_dup(p->a, local_name(name));
	add_attributes(p, node, attrs);
	link_node(p, node);
	f = &p->frames[p->depth++];
	f->node = node;
	f->last_child = NULL;
	buf_clear(&f->text);
}

static void on_end(void *ctx, const char *name)
{
	struct parse *p = ctx;
	struct frame *f;

	(void)name;
	if (p->failed || p->depth == 0)
		return;
	f = &p->frames[--p->depth];
	f->node->text = f->text.n ? arena_dup(p->a, buf_span(&f->text)) : SPAN_LIT("");
}

static void on_text(void *ctx, const char *text, int n)
{
	struct parse *p = ctx;

	if (!p->failed && p->depth > 0 && n > 0)
		buf_add(&p->frames[p->depth - 1].text, text, (size_t)n);
}

static void on_doctype(void *ctx, const char *name, const char *system_id,
	const char *public_id, int has_subset)
{
	(void)name, (void)system_id, (void)public_id, (void)has_subset;
	refuse(ctx, ERR_INVALID, "DOCTYPE");
}

static void setup(struct parse *p, struct arena *a, const struct xmlr_limits *limits)
{
	p->a = a;
	p->max_bytes = limits->max_bytes < XMLR_MAX_BYTES ? limits->max_bytes : XMLR_MAX_BYTES;
	p->max_depth = limits->max_depth < XMLR_MAX_DEPTH ? limits->max_depth : XMLR_MAX_DEPTH;
	p->max_elements = limits->max_elements;
	/* A character can grow to four bytes when it comes in a one-byte encoding. */
	for (int i = 0; i < XMLR_MAX_DEPTH; i++)
		buf_init(&p->frames[i].text, 4 * (size_t)XMLR_MAX_BYTES);
	p->expat = XML_ParserCreate(NULL);
	if (!p->expat)
		log_die("out of memory");
	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetStartDoctypeDeclHandler(p->expat, on_doctype);
}

/* Takes n bytes that were read into expat's buffer, none at the end. */
static int feed(struct parse *p, size_t n)
{
	enum XML_Status status = XML_ParseBuffer(p->expat, (int)n, n == 0);

	if (p->failed)
		return -1;
	if (status == XML_STATUS_OK)
		return 0;
	return err_fail(p->e, ERR_INVALID, "%s in line %lu",
		XML_ErrorString(XML_GetErrorCode(p->expat)),
		(unsigned long)XML_GetCurrentLineNumber(p->expat));
}

static int run(struct parse *p, struct source *src)
{
	size_t n;

	do {
		size_t want = p->bytes < NEXT_READ ? FIRST_READ : NEXT_READ;
		void *to = XML_GetBuffer(p->expat, (int)want);

		if (!to)
			return err_fail(p->e, ERR_INTERNAL, "expat: out of memory");
		if (source_read(src, to, want, &n, p->e) != 0)
			return -1;
		p->bytes += n;
		if (p->bytes > p->max_bytes)
			return err_fail(p->e, ERR_LIMIT, "over %zu bytes of XML", p->max_bytes);
		if (feed(p, n) != 0)
			return -1;
	} while (n > 0);
	return 0;
}

int xmlr_parse(struct arena *a, struct source *src, const struct xmlr_limits *limits,
	const struct xml_node **root_r, struct err *e)
{
	struct parse p = {.e = e};
	int rc;

	setup(&p, a, limits);
	rc = run(&p, src);
	XML_ParserFree(p.expat);
	for (int i = 0; i < XMLR_MAX_DEPTH; i++)
		buf_fini(&p.frames[i].text);
	if (rc == 0)
		*root_r = p.root;
	return rc;
}

static const struct xml_node *first_named(const struct xml_node *node, struct span name)
{
	while (node && !span_eq(node->name, name))
		node = node->next;
	return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	return node ? first_named(node->first_child, span_str(name)) : NULL;
}

const struct xml_node *xml_next_same(const struct xml_node *node)
{
	return node ? first_named(node->next, node->name) : NULL;
}

struct span xml_attr_value(const struct xml_node *node, const char *name)
{
	const struct xml_attr *attr = node ? node->first_attr : NULL;

	while (attr && !span_eq_str(attr->name, name))
		attr = attr->next;
	return attr ? attr->value : SPAN_NULL;
}

struct span xml_child_text(const struct xml_node *node, const char *name)
{
	const struct xml_node *child = xml_child(node, name);

	return child ? child->text : SPAN_NULL;
}

static bool is_one_of(struct span names, struct span name)
{
	struct span one;

	while (span_cut(&names, '|', &one))
		if (span_eq(one, name))
			return true;
	return false;
}

bool xml_has_only(const struct xml_node *node, const char *names)
{
	for (const struct xml_node *child = node->first_child; child; child = child->next)
		if (!is_one_of(span_str(names), child->name) || xml_next_same(child))
			return false;
	return true;
}
