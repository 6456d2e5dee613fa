/* SPDX-License-Identifier: MIT */
/* JSON out, compact. Strings are escaped so that any bytes give valid JSON in UTF-8. */
#include <inttypes.h>

#include "base/log.h"
#include "codec/json.h"
#include "codec/timefmt.h"

static bool is_plain(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x20 && u < 0x80 && c != '"' && c != '\\';
}

static void escape_ascii(struct buf *out, char c)
{
	switch (c) {
	case '"':
		buf_add_str(out, "\\\"");
		break;
	case '\\':
		buf_add_str(out, "\\\\");
		break;
	case '\n':
		buf_add_str(out, "\\n");
		break;
	case '\r':
		buf_add_str(out, "\\r");
		break;
	case '\t':
		buf_add_str(out, "\\t");
		break;
	default:
		buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
	}
}

/* Writes what rest starts with and returns its length. */
static size_t escape_one(struct buf *out, struct span rest)
{
	size_t n;

	if ((unsigned char)rest.p[0] < 0x80) {
		escape_ascii(out, rest.p[0]);
		return 1;
	}
	n = span_utf8_len(rest);
	if (n)
		buf_add(out, rest.p, n);
	else
		buf_add_str(out, UTF8_REPLACEMENT);
	return n ? n : 1;
}

static void quote(struct buf *out, struct span s)
{
	buf_add_char(out, '"');
	while (s.n) {
		size_t run = 0;

		while (run < s.n && is_plain(s.p[run]))
			run++;
		if (run)
			buf_add(out, s.p, run);
		else
			run = escape_one(out, s);
		s = span_from(s, run);
	}
	buf_add_char(out, '"');
}

void jsonw_init(struct jsonw *w, struct buf *out)
{
	*w = (struct jsonw){.out = out};
}

/* What stands before a value: the comma and the name. */
static void begin(struct jsonw *w, const char *name)
{
	if (w->need_comma)
		buf_add_char(w->out, ',');
	if (name) {
		quote(w->out, span_str(name));
		buf_add_char(w->out, ':');
	}
	w->need_comma = true;
}

static void open_with(struct jsonw *w, const char *name, char bracket)
{
	begin(w, name);
	buf_add_char(w->out, bracket);
	w->depth++;
	w->need_comma = false;
}

static void close_with(struct jsonw *w, char bracket)
{
	if (w->depth == 0)
		log_die("jsonw: nothing is open");
	buf_add_char(w->out, bracket);
	w->depth--;
	w->need_comma = true;
}

void jsonw_object(struct jsonw *w, const char *name)
{
	open_with(w, name, '{');
}

void jsonw_end_object(struct jsonw *w)
{
	close_with(w, '}');
}

void jsonw_array(struct jsonw *w, const char *name)
{
	open_with(w, name, '[');
}

void jsonw_end_array(struct jsonw *w)
{
	close_with(w, ']');
}

void jsonw_span(struct jsonw *w, const char *name, struct span v)
{
	if (span_absent(v)) {
		jsonw_null(w, name);
		return;
	}
	begin(w, name);
	quote(w->out, v);
}

void jsonw_str(struct jsonw *w, const char *name, const char *v)
{
	jsonw_span(w, name, span_str(v));
}

void jsonw_i64(struct jsonw *w, const char *name, int64_t v)
{
	begin(w, name);
	buf_printf(w->out, "%" PRId64, v);
}

void jsonw_u64(struct jsonw *w, const char *name, uint64_t v)
{
	begin(w, name);
	buf_printf(w->out, "%" PRIu64, v);
}

void jsonw_bool(struct jsonw *w, const char *name, bool v)
{
	begin(w, name);
	buf_add_str(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w, const char *name)
{
	begin(w, name);
	buf_add_str(w->out, "null");
}

void jsonw_time(struct jsonw *w, const char *name, int64_t at_us)
{
	char text[TIMEFMT_MAX];

	timefmt_iso8601(text, at_us);
	jsonw_str(w, name, text);
}
