/* SPDX-License-Identifier: MIT */
/*
 * Names of fields and operators are compared without regard to case, the two members of a
 * policy and all values with it. A condition on a field that was not sent fails.
 */
#include "auth/postpolicy.h"

#include "base/buf.h"
#include "codec/enc.h"
#include "codec/json.h"
#include "codec/timefmt.h"

enum { TEXT_MAX = 128 * 1024 };

static bool invalid(struct postpolicy *p, const char *text)
{
	p->text = text;
	return false;
}

/* ---- from text to JSON ---- */

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of a hidden field may have been written in lines. */
static bool decode(struct arena *a, struct span text, struct span *raw_r)
{
	char *packed = arena_alloc_raw(a, text.n + 1), *raw = arena_alloc_raw(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		if (!is_white(text.p[i]))
			packed[n++] = text.p[i];
	*raw_r = span_of(raw, 0);
	return enc_unbase64(span_of(packed, n), raw, text.n, &raw_r->n);
}

/* Of s, which starts with a comma: does its list end behind it? */
static bool is_trailing_comma(struct span s)
{
	size_t i = 1;

	while (i < s.n && is_white(s.p[i]))
		i++;
	return i < s.n && (s.p[i] == ']' || s.p[i] == '}');
}

/* What S3 takes besides JSON: a comma behind the last element, and "\$" and "\v" in strings. */
static void make_strict(struct buf *out, struct span s)
{
	bool in_string = false;

	while (s.n > 0) {
		size_t n = in_string && s.p[0] == '\\' && s.n > 1 ? 2 : 1;

		if (s.p[0] == '"')
			in_string = !in_string;
		if (n == 2 && s.p[1] == '$')
			buf_add_char(out, '$');
		else if (n == 2 && s.p[1] == 'v')
			buf_add_str(out, "\\u000b");
		else if (in_string || s.p[0] != ',' || !is_trailing_comma(s))
			buf_add(out, s.p, n);
		s = span_from(s, n);
	}
}

static const struct json *read_json(struct arena *a, struct span raw)
{
	const struct json *root;
	BUF_AUTO struct buf strict;
	struct err e;

	buf_init(&strict, TEXT_MAX);
	make_strict(&strict, raw);
	if (!buf_ok(&strict) || json_parse(a, arena_dup(a, buf_span(&strict)), &root, &e) < 0)
		return NULL;
	return json_is_object(root) ? root : NULL;
}

/* ---- conditions ---- */

static void add(
	struct postpolicy *p, enum postpolicy_op op, struct span name, struct span value)
{
	p->conditions[p->count++] = (struct postpolicy_condition){op, name, value};
}

static bool take_simple(const struct json *v, struct postpolicy *p)
{
	const struct json *value, *more;
	struct span name, text, other;

	if (!json_member(v, 0, &name, &value) || json_member(v, 1, &other, &more))
		return invalid(p,
			"Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have "
			"exactly one property specified.");
	if (!json_str(value, &text))
		return invalid(
			p, "Invalid Policy: Invalid Simple-Condition: value must be a string.");
	add(p, POSTPOLICY_EQ, name, text);
	return true;
}

/* A whole number, or the text of one. */
static bool take_size(const struct json *v, uint64_t *n_r)
{
	struct span text;
	int64_t n;

	if (json_str(v, &text))
		return span_to_u64(text, n_r);
	if (!json_i64(v, &n) || n < 0)
		return false;
	*n_r = (uint64_t)n;
	return true;
}

static bool take_range(const struct json *v, struct postpolicy *p)
{
	uint64_t min, max;

	if (!take_size(json_at(v, 1), &min) || !take_size(json_at(v, 2), &max) || min > max)
		return invalid(p, "Invalid Policy: Invalid content-length-range.");
	if (min > p->min_bytes)
		p->min_bytes = min;
	if (max < p->max_bytes)
		p->max_bytes = max;
	return true;
}

static const char *const op_names[POSTPOLICY_OP_COUNT] = {
	[POSTPOLICY_EQ] = "eq",
	[POSTPOLICY_STARTS_WITH] = "starts-with",
};

static bool take_match(const struct json *v, enum postpolicy_op op, struct postpolicy *p)
{
	struct span name, value;

	if (!json_str(json_at(v, 1), &name) || !json_str(json_at(v, 2), &value))
		return invalid(
			p, "Invalid Policy: Invalid Condition: arguments must be strings.");
	if (name.n < 2 || name.p[0] != '$')
		return invalid(
			p, "Invalid Policy: Invalid Condition: a field must begin with '$'.");
	add(p, op, span_from(name, 1), value);
	return true;
}

static bool take_list(struct arena *a, const struct json *v, struct postpolicy *p)
{
	struct span op;

	if (!json_str(json_at(v, 0), &op))
		return invalid(
			p, "Invalid Policy: Invalid Condition: operation must be a string.");
	if (json_len(v) != 3)
		return invalid(
			p, "Invalid Policy: Invalid Condition: wrong number of arguments.");
	if (span_eq_ci(op, SPAN_LIT("content-length-range")))
		return take_range(v, p);
	for (int i = 0; i < POSTPOLICY_OP_COUNT; i++)
		if (span_eq_ci(op, span_str(op_names[i])))
			return take_match(v, (enum postpolicy_op)i, p);
	return invalid(p,
		arena_printf(a, "Invalid Policy: Invalid Condition: unknown operation '%.*s'.",
			SPAN_FMT(op)));
}

static bool take_conditions(struct arena *a, const struct json *list, struct postpolicy *p)
{
	if (!json_is_array(list))
		return invalid(p, "Invalid Policy: Policy missing conditions.");
	p->conditions = arena_array(a, struct postpolicy_condition, json_len(list) + 1);
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *v = json_at(list, i);

		if (json_is_object(v) ? !take_simple(v, p) : !take_list(a, v, p))
			return false;
	}
	return true;
}

bool postpolicy_parse(struct arena *a, struct span text, struct postpolicy *p_r)
{
	const struct json *root;
	struct span raw, expiration;

	*p_r = (struct postpolicy){.max_bytes = UINT64_MAX, .text = ""};
	if (!decode(a, text, &raw) || !(root = read_json(a, raw)))
		return invalid(p_r, "Invalid Policy: Invalid JSON.");
	if (!json_str(json_get(root, "expiration"), &expiration))
		return invalid(p_r, "Invalid Policy: Policy missing expiration.");
	if (!timefmt_parse_iso8601(expiration, &p_r->expires_us))
		return invalid(p_r,
			arena_printf(a, "Invalid Policy: Invalid 'expiration' value: '%.*s'",
				SPAN_FMT(expiration)));
	return take_conditions(a, json_get(root, "conditions"), p_r);
}

/* ---- what a form must hold ---- */

static bool starts_with_each(struct span list, struct span prefix)
{
	struct span one;

	while (span_cut(&list, ',', &one))
		if (!span_starts(span_trim(one), prefix))
			return false;
	return true;
}

/* Content-Type may be a list: then each of its types. */
static bool meets(const struct postpolicy_condition *c, struct span value)
{
	switch (c->op) {
	case POSTPOLICY_EQ:
		return span_eq(value, c->value);
	case POSTPOLICY_STARTS_WITH:
		if (span_eq_ci(c->name, SPAN_LIT("content-type")))
			return starts_with_each(value, c->value);
		return span_starts(value, c->value);
	case POSTPOLICY_OP_COUNT:
		break;
	}
	return false;
}

static bool is_met(
	const struct postpolicy_condition *c, const struct postpolicy_field *fields, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		if (!span_eq_ci(fields[i].name, c->name))
			continue;
		found = true;
		if (!meets(c, fields[i].value))
			return false;
	}
	return found;
}

bool postpolicy_is_ignored(struct span name)
{
	static const struct span prefix = SPAN_LIT("x-ignore-");

	return span_eq_ci(span_head(name, prefix.n), prefix);
}

bool postpolicy_is_exempt(struct span name)
{
	static const struct span names[] = {SPAN_LIT("file"), SPAN_LIT("policy"),
		SPAN_LIT("signature"), SPAN_LIT("x-amz-signature"), SPAN_LIT("awsaccesskeyid")};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_eq_ci(name, names[i]))
			return true;
	return postpolicy_is_ignored(name);
}

static bool is_covered(const struct postpolicy *p, struct span name)
{
	for (size_t i = 0; i < p->count; i++)
		if (span_eq_ci(p->conditions[i].name, name))
			return true;
	return postpolicy_is_exempt(name);
}

static bool all_covered(
	struct arena *a, struct postpolicy *p, const struct postpolicy_field *fields, size_t n)
{
	BUF_AUTO struct buf extra;
	size_t uncovered = 0;

	buf_init(&extra, TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		if (is_covered(p, fields[i].name))
			continue;
		buf_add_str(&extra, uncovered++ ? ", " : "");
		buf_add_span(&extra, fields[i].name);
	}
	if (uncovered == 0)
		return true;
	return invalid(p,
		arena_printf(a, "Invalid according to Policy: Extra input fields: %.*s",
			SPAN_FMT(buf_span(&extra))));
}

bool postpolicy_holds(struct arena *a, struct postpolicy *p,
	const struct postpolicy_field *fields, size_t n, int64_t now_us)
{
	if (now_us >= p->expires_us)
		return invalid(p, "Invalid according to Policy: Policy expired.");
	for (size_t i = 0; i < p->count; i++) {
		const struct postpolicy_condition *c = &p->conditions[i];

		if (!is_met(c, fields, n))
			return invalid(p,
				arena_printf(a,
					"Invalid according to Policy: Policy Condition failed: "
					"[\"%s\", \"$%.*s\", \"%.*s\"]",
					op_names[c->op], SPAN_FMT(c->name),
					SPAN_FMT(c->value)));
	}
	return all_covered(a, p, fields, n);
}
