/* SPDX-License-Identifier: MIT */
/*
 * JSON in, over json-c. Its strict mode still takes what RFC 8259 does not (control characters
 * in strings, NaN, leading zeros) and lets the last of two equal names win, so the tokens are
 * checked first; equal names show in the end, as the tree then has fewer members than the text
 * has colons. A `struct json` is json-c's object; its null is the NULL pointer.
 */
/* json-c has a type by the name of our json_bool(). */
#define json_bool jsonc_bool
#include <json-c/json.h>
#undef json_bool

#include "base/log.h"
#include "base/scan.h"
#include "codec/json.h"

struct check {
	struct scan s;
	size_t names; /* colons outside strings */
};

static struct json_object *to_jsonc(const struct json *v)
{
	return (struct json_object *)(uintptr_t)v;
}

static const struct json *of_jsonc(struct json_object *v)
{
	return (const struct json *)v;
}

/* Behind a backslash. \u0000 is refused as json-c cuts names there, so two names could alias.
 */
static bool scan_escape(struct scan *s)
{
	char c = s->rest.n ? s->rest.p[0] : '\0';

	if (!c || !strchr("\"\\/bfnrtu", c))
		return false;
	s->rest = span_from(s->rest, 1);
	/* json-c checks the digits. */
	return c != 'u' || !span_starts(s->rest, SPAN_LIT("0000"));
}

/* Behind the opening quote, through the closing one. */
static bool scan_string(struct scan *s)
{
	while (!scan_end(s)) {
		unsigned char c = (unsigned char)s->rest.p[0];

		if (c < 0x20)
			return false;
		s->rest = span_from(s->rest, 1);
		if (c == '"')
			return true;
		if (c == '\\' && !scan_escape(s))
			return false;
	}
	return false;
}

static bool scan_some_digits(struct scan *s)
{
	int digit;

	if (!scan_digits(s, 1, &digit))
		return false;
	while (scan_digits(s, 1, &digit))
		;
	return true;
}

static bool scan_number(struct scan *s)
{
	(void)scan_char(s, '-');
	if (!scan_char(s, '0') && !scan_some_digits(s))
		return false;
	if (scan_char(s, '.') && !scan_some_digits(s))
		return false;
	if (scan_char(s, 'e') || scan_char(s, 'E')) {
		if (!scan_char(s, '+'))
			(void)scan_char(s, '-');
		if (!scan_some_digits(s))
			return false;
	}
	return scan_end(s) || strchr(" \t\r\n,]}", s->rest.p[0]);
}

static bool scan_token(struct check *k)
{
	char c = k->s.rest.p[0];

	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(&k->s);
	if (scan_lit(&k->s, "true") || scan_lit(&k->s, "false") || scan_lit(&k->s, "null"))
		return true;
	if (!c || !strchr(" \t\r\n{}[],:\"", c))
		return false;
	k->s.rest = span_from(k->s.rest, 1);
	k->names += c == ':';
	return c != '"' || scan_string(&k->s);
}

static size_t count_members(struct json_object *v)
{
	size_t n = 0;

	if (json_object_is_type(v, json_type_object)) {
		json_object_object_foreach(v, name, member)
		{
			(void)name;
			n += 1 + count_members(member);
		}
	} else if (json_object_is_type(v, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(v); i++)
			n += count_members(json_object_array_get_idx(v, i));
	}
	return n;
}

static int check_tokens(struct check *k, struct span text, struct err *e)
{
	if (text.n > JSON_MAX_BYTES)
		return err_fail(e, ERR_LIMIT, "over %d bytes of JSON", JSON_MAX_BYTES);
	if (!span_is_utf8(text))
		return err_fail(e, ERR_INVALID, "JSON is not UTF-8");
	*k = (struct check){.s = scan_of(text)};
	while (!scan_end(&k->s))
		if (!scan_token(k))
			return err_fail(e, ERR_INVALID, "JSON: bad token at byte %zu",
				text.n - k->s.rest.n);
	return 0;
}

static void put(void *object)
{
	json_object_put(object);
}

static int build(struct span text, struct json_object **v_r, struct err *e)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_MAX_DEPTH);
	enum json_tokener_error why;

	if (!tok)
		log_die("out of memory");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*v_r = json_tokener_parse_ex(tok, text.n ? text.p : "", (int)text.n);
	/* A number at the top ends only with the text. */
	if (json_tokener_get_error(tok) == json_tokener_continue)
		*v_r = json_tokener_parse_ex(tok, "", 1);
	why = json_tokener_get_error(tok);
	json_tokener_free(tok);
	if (why == json_tokener_success)
		return 0;
	return err_fail(e, why == json_tokener_error_depth ? ERR_LIMIT : ERR_INVALID,
		"JSON: %s", json_tokener_error_desc(why));
}

int json_parse(struct arena *a, struct span text, const struct json **root_r, struct err *e)
{
	struct check k;
	struct json_object *v;

	if (check_tokens(&k, text, e) != 0 || build(text, &v, e) != 0)
		return -1;
	if (v)
		arena_defer(a, put, v);
	if (count_members(v) != k.names)
		return err_fail(e, ERR_INVALID, "JSON: a name occurs twice in an object");
	*root_r = of_jsonc(v);
	return 0;
}

bool json_is_object(const struct json *v)
{
	return json_object_is_type(to_jsonc(v), json_type_object);
}

bool json_is_array(const struct json *v)
{
	return json_object_is_type(to_jsonc(v), json_type_array);
}

bool json_is_null(const struct json *v)
{
	return v == NULL;
}

const struct json *json_get(const struct json *object, const char *name)
{
	struct json_object *member;

	if (!json_is_object(object) ||
		!json_object_object_get_ex(to_jsonc(object), name, &member))
		return NULL;
	return of_jsonc(member);
}

bool json_member(
	const struct json *object, size_t i, struct span *name_r, const struct json **value_r)
{
	if (!json_is_object(object))
		return false;
	json_object_object_foreach(to_jsonc(object), name, member)
	{
		if (i-- > 0)
			continue;
		*name_r = span_str(name);
		*value_r = of_jsonc(member);
		return true;
	}
	return false;
}

bool json_str(const struct json *v, struct span *out_r)
{
	struct json_object *o = to_jsonc(v);

	if (!json_object_is_type(o, json_type_string))
		return false;
	*out_r = span_of(json_object_get_string(o), (size_t)json_object_get_string_len(o));
	return true;
}

bool json_i64(const struct json *v, int64_t *out_r)
{
	struct json_object *o = to_jsonc(v);
	int64_t value;

	if (!json_object_is_type(o, json_type_int))
		return false;
	/* json-c saturates what does not fit: the ends of the range cannot be told from beyond.
	 */
	value = json_object_get_int64(o);
	if (value == INT64_MIN || value == INT64_MAX)
		return false;
	*out_r = value;
	return true;
}

bool json_bool(const struct json *v, bool *out_r)
{
	struct json_object *o = to_jsonc(v);

	if (!json_object_is_type(o, json_type_boolean))
		return false;
	*out_r = json_object_get_boolean(o);
	return true;
}

size_t json_len(const struct json *array)
{
	return json_is_array(array) ? json_object_array_length(to_jsonc(array)) : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
	return i < json_len(array) ? of_jsonc(json_object_array_get_idx(to_jsonc(array), i))
				   : NULL;
}
