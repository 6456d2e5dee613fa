/* SPDX-License-Identifier: MIT */
/* Cross-origin rules: what is read and legal is written and read back as the same; a rule that
 * is said to match does, and none before it. */
#include "model/cors.h"
#include "tests/fuzz/fuzz.h"

static const struct xmlr_limits limits = {64 * 1024, 16, 2000};

static const struct xml_node *parse(struct arena *a, struct span text)
{
	const struct xml_node *root;
	struct source_mem m;
	struct err e;

	return xmlr_parse(a, source_mem_init(&m, text), &limits, &root, &e) == 0 ? root : NULL;
}

static void write_all(struct buf *b, const struct cors *c)
{
	struct xmlw w;

	buf_init(b, 512 * 1024);
	xmlw_init(&w, b);
	xmlw_open(&w, "CORSConfiguration");
	cors_write(&w, c);
	xmlw_close(&w);
	MUST(buf_ok(b));
}

static void round_trip(struct arena *a, const struct cors *c)
{
	BUF_AUTO struct buf once = {0}, twice = {0};
	const struct xml_node *root;
	struct cors again;
	struct span at;

	write_all(&once, c);
	root = parse(a, buf_span(&once));
	if (!root) { /* escapes made it longer than any document may be */
		MUST(once.n > limits.max_bytes);
		return;
	}
	MUST(cors_read(a, root, &again, &at) == CORS_OK);
	write_all(&twice, &again);
	MUST(span_eq(buf_span(&once), buf_span(&twice)));
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* By trial, from the left. */
static bool fits_slowly(struct span pattern, struct span s, bool folded)
{
	if (pattern.n == 0)
		return s.n == 0;
	if (pattern.p[0] == '*') {
		for (size_t skip = 0; skip <= s.n; skip++)
			if (fits_slowly(span_from(pattern, 1), span_from(s, skip), folded))
				return true;
		return false;
	}
	return s.n > 0 &&
		(folded ? fold(pattern.p[0]) == fold(s.p[0]) : pattern.p[0] == s.p[0]) &&
		fits_slowly(span_from(pattern, 1), span_from(s, 1), folded);
}

static bool any_fits(const struct cors_list *l, struct span s, bool folded)
{
	for (size_t i = 0; i < l->count; i++)
		if (fits_slowly(l->item[i], s, folded))
			return true;
	return false;
}

static bool allows(struct arena *a, const struct cors_rule *rule, const struct cors_ask *ask)
{
	struct cors_list names = cors_names(a, ask->headers);

	if ((rule->methods & ask->method) == 0 || !any_fits(&rule->origins, ask->origin, false))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (!any_fits(&rule->headers, names.item[i], true))
			return false;
	return true;
}

static void match(struct arena *a, const struct cors *c, const struct cors_ask *ask)
{
	struct span pattern;
	const struct cors_rule *got = cors_match(c, ask, &pattern), *want = NULL;

	for (size_t i = 0; i < c->count && !want; i++)
		if (allows(a, &c->rule[i], ask))
			want = &c->rule[i];
	MUST(got == want);
	MUST(got ? fits_slowly(pattern, ask->origin, false) : span_absent(pattern));
	if (got)
		MUST(cors_methods_text(a, got->methods).n >= 3);
}

/* Input: a byte of methods, origin, line feed, headers asked for, line feed, the document. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of(p, n), at;
	struct cors_ask ask = {.method = fuzz_byte(&rest)};
	struct arena *a = arena_new();
	const struct xml_node *root;
	struct cors c;

	span_cut(&rest, '\n', &ask.origin);
	span_cut(&rest, '\n', &ask.headers);
	root = span_absent(rest) ? NULL : parse(a, rest);
	if (root && cors_read(a, root, &c, &at) == CORS_OK) {
		MUST(c.count > 0 && c.count <= CORS_RULES_MAX);
		round_trip(a, &c);
		match(a, &c, &ask);
	}
	arena_free(a);
	return 0;
}
