/* SPDX-License-Identifier: MIT */
/* What comes in: the JSON body, its members and the query's parameters, all bounded. */
#include "console/app.h"

static bool is_json(struct span content_type)
{
	struct span essence;

	return span_cut(&content_type, ';', &essence) &&
		span_eq_ci(span_trim(essence), SPAN_LIT("application/json"));
}

static int read_all(struct source *src, struct buf *b, struct err *e)
{
	size_t n;

	do {
		char *p = buf_reserve(b, 4096);

		if (!p)
			return err_fail(e, ERR_LIMIT, "body over %d bytes", CONSOLE_MAX_BODY);
		if (source_read(src, p, 4096, &n, e) < 0)
			return -1;
		buf_grew(b, n);
	} while (n > 0);
	return 0;
}

enum problem console_body_read(struct console_call *c)
{
	BUF_AUTO struct buf b = {0};
	struct err e;

	if (!is_json(http_header_get(c->r, "content-type")))
		return PROBLEM_UNSUPPORTED_MEDIA_TYPE;
	if (c->r->content_length > CONSOLE_MAX_BODY)
		return PROBLEM_BODY_TOO_LARGE;
	buf_init(&b, CONSOLE_MAX_BODY + 4096);
	if (read_all(c->r->body, &b, &e) < 0)
		return console_failed(c, &e);
	if (b.n > CONSOLE_MAX_BODY)
		return PROBLEM_BODY_TOO_LARGE;
	if (json_parse(c->arena, arena_dup(c->arena, buf_span(&b)), &c->in, &e) < 0 ||
		!json_is_object(c->in))
		return PROBLEM_INVALID_JSON;
	return PROBLEM_OK;
}

enum problem console_bad_field(struct console_call *c, const char *pointer, const char *why)
{
	c->bad_field = pointer;
	c->bad_why = why;
	return PROBLEM_INVALID_PARAMETER;
}

enum problem console_body_text(struct console_call *c, const char *pointer, bool required,
	size_t max, struct span *out_r)
{
	const struct json *v = json_get(c->in, pointer + 1);

	*out_r = SPAN_NULL;
	if (json_is_null(v))
		return required ? console_bad_field(c, pointer, "is required") : PROBLEM_OK;
	if (!json_str(v, out_r))
		return console_bad_field(c, pointer, "must be text");
	if (out_r->n > max)
		return console_bad_field(c, pointer, "is too long");
	if (required && out_r->n == 0)
		return console_bad_field(c, pointer, "is required");
	return PROBLEM_OK;
}

struct span console_param(const struct console_call *c, const char *name)
{
	for (size_t i = 0; i < c->param_count; i++)
		if (span_eq_str(c->params[i].name, name))
			return c->params[i].value;
	return SPAN_NULL;
}
