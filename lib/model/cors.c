/* SPDX-License-Identifier: MIT */
/* Reading, writing and matching of cross-origin rules. */
#include "model/cors.h"

static const struct {
	struct span word;
	enum cors_method bit;
} methods[] = {
	{SPAN_LIT("GET"), CORS_GET},
	{SPAN_LIT("PUT"), CORS_PUT},
	{SPAN_LIT("HEAD"), CORS_HEAD},
	{SPAN_LIT("POST"), CORS_POST},
	{SPAN_LIT("DELETE"), CORS_DELETE},
};
enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

unsigned cors_method_of(struct span word)
{
	for (size_t i = 0; i < METHODS; i++)
		if (span_eq(word, methods[i].word))
			return methods[i].bit;
	return 0;
}

/* ---- reading ---- */

/* A rule being read. */
struct reading {
	struct arena *a;
	const struct xml_node *rule;
	struct cors_rule *out;
};

static size_t characters(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static enum cors_fault read_id(struct reading *r, struct span text)
{
	if (!span_absent(r->out->id))
		return CORS_MALFORMED;
	r->out->id = text;
	return characters(text) > CORS_ID_MAX ? CORS_ID_TOO_LONG : CORS_OK;
}

static enum cors_fault read_method(struct reading *r, struct span text)
{
	unsigned bit = cors_method_of(text);

	r->out->methods |= bit;
	return bit ? CORS_OK : CORS_BAD_METHOD;
}

static size_t stars(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '*';
	return n;
}

/* All children of the rule could be of one list. */
static void list_add(struct reading *r, struct cors_list *l, struct span text)
{
	if (!l->item)
		l->item = arena_array(r->a, struct span, r->rule->child_count);
	l->item[l->count++] = text;
}

static enum cors_fault read_origin(struct reading *r, struct span text)
{
	list_add(r, &r->out->origins, text);
	return stars(text) > 1 ? CORS_TWO_WILDCARDS : CORS_OK;
}

static enum cors_fault read_header(struct reading *r, struct span text)
{
	list_add(r, &r->out->headers, text);
	return stars(text) > 1 ? CORS_TWO_WILDCARDS : CORS_OK;
}

static enum cors_fault read_expose(struct reading *r, struct span text)
{
	list_add(r, &r->out->expose, text);
	return stars(text) > 0 ? CORS_WILDCARD : CORS_OK;
}

static enum cors_fault read_max_age(struct reading *r, struct span text)
{
	uint64_t seconds;

	if (r->out->has_max_age || !span_to_u64(text, &seconds) || seconds > INT32_MAX)
		return CORS_MALFORMED;
	r->out->has_max_age = true;
	r->out->max_age_s = (uint32_t)seconds;
	return CORS_OK;
}

static const struct {
	const char *name;
	enum cors_fault (*read)(struct reading *r, struct span text);
} elements[] = {
	{"ID", read_id},
	{"AllowedMethod", read_method},
	{"AllowedOrigin", read_origin},
	{"AllowedHeader", read_header},
	{"ExposeHeader", read_expose},
	{"MaxAgeSeconds", read_max_age},
};
enum { ELEMENTS = sizeof(elements) / sizeof(elements[0]) };

static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static enum cors_fault read_element(struct reading *r, const struct xml_node *node)
{
	if (node->child_count)
		return CORS_MALFORMED;
	for (size_t i = 0; i < ELEMENTS; i++) {
		if (!span_eq_str(node->name, elements[i].name))
			continue;
		if (has_control(node->text))
			return CORS_CONTROL;
		return elements[i].read(r, node->text);
	}
	return CORS_MALFORMED;
}

static enum cors_fault read_rule(struct reading *r, struct span *at_r)
{
	for (const struct xml_node *node = r->rule->first_child; node; node = node->next) {
		enum cors_fault fault = read_element(r, node);

		if (fault == CORS_OK)
			continue;
		*at_r = fault == CORS_MALFORMED ? SPAN_NULL : node->text;
		return fault;
	}
	return r->out->methods && r->out->origins.count ? CORS_OK : CORS_MALFORMED;
}

enum cors_fault cors_read(
	struct arena *a, const struct xml_node *root, struct cors *c_r, struct span *at_r)
{
	enum cors_fault fault = CORS_OK;

	*c_r = (struct cors){0};
	*at_r = SPAN_NULL;
	if (!span_eq_str(root->name, "CORSConfiguration") || root->child_count == 0 ||
		root->child_count > CORS_RULES_MAX)
		return CORS_MALFORMED;
	c_r->rule = arena_array(a, struct cors_rule, root->child_count);
	for (const struct xml_node *rule = root->first_child; rule && fault == CORS_OK;
		rule = rule->next) {
		struct reading r = {a, rule, &c_r->rule[c_r->count++]};

		fault = span_eq_str(rule->name, "CORSRule") ? read_rule(&r, at_r)
							    : CORS_MALFORMED;
	}
	return fault;
}

/* ---- writing ---- */

static void write_list(struct xmlw *w, const char *name, const struct cors_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		xmlw_text(w, name, l->item[i]);
}

void cors_write(struct xmlw *w, const struct cors *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct cors_rule *rule = &c->rule[i];

		xmlw_open(w, "CORSRule");
		if (!span_absent(rule->id))
			xmlw_text(w, "ID", rule->id);
		for (size_t m = 0; m < METHODS; m++)
			if (rule->methods & methods[m].bit)
				xmlw_text(w, "AllowedMethod", methods[m].word);
		write_list(w, "AllowedOrigin", &rule->origins);
		write_list(w, "AllowedHeader", &rule->headers);
		write_list(w, "ExposeHeader", &rule->expose);
		if (rule->has_max_age)
			xmlw_u64(w, "MaxAgeSeconds", rule->max_age_s);
		xmlw_close(w);
	}
}

/* ---- matching ---- */

static bool ends(struct span s, struct span tail, bool (*eq)(struct span, struct span))
{
	return s.n >= tail.n && eq(span_from(s, s.n - tail.n), tail);
}

/* The '*' of a pattern stands for any bytes, none too. */
static bool fits(struct span pattern, struct span s, bool (*eq)(struct span, struct span))
{
	ptrdiff_t star = span_find_byte(pattern, '*');
	struct span before, behind;

	if (star < 0)
		return eq(pattern, s);
	before = span_head(pattern, (size_t)star);
	behind = span_from(pattern, (size_t)star + 1);
	return s.n >= before.n && eq(span_head(s, before.n), before) &&
		ends(span_from(s, before.n), behind, eq);
}

static bool fits_any(const struct cors_list *patterns, struct span s,
	bool (*eq)(struct span, struct span), struct span *pattern_r)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fits(patterns->item[i], s, eq)) {
			*pattern_r = patterns->item[i];
			return true;
		}
	return false;
}

/* Cuts the next name off a comma-separated list. */
static bool cut_name(struct span *rest, struct span *name_r)
{
	while (span_cut(rest, ',', name_r)) {
		*name_r = span_trim(*name_r);
		if (name_r->n)
			return true;
	}
	return false;
}

static bool allows_headers(const struct cors_rule *rule, struct span headers)
{
	struct span name, pattern;

	while (cut_name(&headers, &name))
		if (!fits_any(&rule->headers, name, span_eq_ci, &pattern))
			return false;
	return true;
}

const struct cors_rule *cors_match(
	const struct cors *c, const struct cors_ask *ask, struct span *pattern_r)
{
	*pattern_r = SPAN_NULL;
	for (size_t i = 0; i < c->count; i++) {
		const struct cors_rule *rule = &c->rule[i];

		if ((rule->methods & ask->method) != 0 &&
			fits_any(&rule->origins, ask->origin, span_eq, pattern_r) &&
			allows_headers(rule, ask->headers))
			return rule;
	}
	*pattern_r = SPAN_NULL;
	return NULL;
}

/* ---- text ---- */

struct span cors_list_text(struct arena *a, const struct cors_list *l)
{
	size_t n = 0;
	char *start, *p;

	if (l->count == 0)
		return SPAN_NULL;
	for (size_t i = 0; i < l->count; i++)
		n += l->item[i].n + 2;
	start = p = arena_alloc_raw(a, n);
	for (size_t i = 0; i < l->count; i++) {
		if (i) {
			*p++ = ',';
			*p++ = ' ';
		}
		memcpy(p, l->item[i].p, l->item[i].n);
		p += l->item[i].n;
	}
	return span_of(start, (size_t)(p - start));
}

struct span cors_methods_text(struct arena *a, unsigned set)
{
	struct span words[METHODS];
	struct cors_list l = {.item = words};

	for (size_t i = 0; i < METHODS; i++)
		if (set & methods[i].bit)
			words[l.count++] = methods[i].word;
	return cors_list_text(a, &l);
}

struct cors_list cors_names(struct arena *a, struct span text)
{
	struct cors_list l = {0};
	struct span rest = text, name;
	size_t n = 0;

	while (cut_name(&rest, &name))
		n++;
	l.item = arena_array(a, struct span, n);
	while (cut_name(&text, &name))
		l.item[l.count++] = name;
	return l;
}
