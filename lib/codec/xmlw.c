/* SPDX-License-Identifier: MIT */
/*
 * XML out. Names are ours, text is anybody's: it is escaped so that any bytes give a document
 * whose tags balance; bytes that are not UTF-8 become U+FFFD.
 */
#include "codec/xmlw.h"

#include <inttypes.h>

#include "base/log.h"
#include "codec/timefmt.h"

enum place { IN_TEXT, IN_ATTRIBUTE };

/* Can stand for itself without a look at what follows. */
static bool is_plain(char c, enum place place)
{
	unsigned char u = (unsigned char)c;

	if (u >= 0x80 || c == '&' || c == '<' || c == '>' || c == '"')
		return false;
	/* A parser turns a carriage return into a line feed, and both and tabs in attributes
	 * into spaces. */
	return u >= 0x20 || (place == IN_TEXT && (c == '\t' || c == '\n'));
}

static void escape_ascii(struct buf *out, char c)
{
	switch (c) {
	case '&':
		buf_add_str(out, "&amp;");
		break;
	case '<':
		buf_add_str(out, "&lt;");
		break;
	case '>':
		buf_add_str(out, "&gt;");
		break;
	case '"':
		buf_add_str(out, "&quot;");
		break;
	default:
		buf_printf(out, "&#x%x;", (unsigned)(unsigned char)c);
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
	if (n == 0) {
		buf_add_str(out, UTF8_REPLACEMENT);
		return 1;
	}
	if (n == 3 && memcmp(rest.p, "\xef\xbf\xbe", 3) == 0)
		buf_add_str(out, "&#xfffe;");
	else if (n == 3 && memcmp(rest.p, "\xef\xbf\xbf", 3) == 0)
		buf_add_str(out, "&#xffff;");
	else
		buf_add(out, rest.p, n);
	return n;
}

static void escape(struct buf *out, struct span s, enum place place)
{
	while (s.n) {
		size_t run = 0;

		while (run < s.n && is_plain(s.p[run], place))
			run++;
		if (run)
			buf_add(out, s.p, run);
		else
			run = escape_one(out, s);
		s = span_from(s, run);
	}
}

void xmlw_init(struct xmlw *w, struct buf *out)
{
	*w = (struct xmlw){.out = out};
	buf_add_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

static void attribute(struct xmlw *w, const char *name, struct span value)
{
	buf_add_char(w->out, ' ');
	buf_add_str(w->out, name);
	buf_add_str(w->out, "=\"");
	escape(w->out, value, IN_ATTRIBUTE);
	buf_add_char(w->out, '"');
}

static void start(struct xmlw *w, const char *name)
{
	if (w->depth == XMLW_MAX_DEPTH)
		log_die("xmlw: <%s> is too deep", name);
	w->open[w->depth++] = name;
	buf_add_char(w->out, '<');
	buf_add_str(w->out, name);
}

void xmlw_open(struct xmlw *w, const char *name)
{
	start(w, name);
	buf_add_char(w->out, '>');
}

void xmlw_open_ns(struct xmlw *w, const char *name, const char *ns)
{
	start(w, name);
	if (ns)
		attribute(w, "xmlns", span_str(ns));
	buf_add_char(w->out, '>');
}

void xmlw_open_attr(struct xmlw *w, const char *name, const char *attr, struct span value)
{
	start(w, name);
	if (span_starts(span_str(attr), SPAN_LIT("xsi:")))
		attribute(
			w, "xmlns:xsi", SPAN_LIT("http://www.w3.org/2001/XMLSchema-instance"));
	attribute(w, attr, value);
	buf_add_char(w->out, '>');
}

void xmlw_close(struct xmlw *w)
{
	if (w->depth == 0)
		log_die("xmlw: nothing is open");
	buf_add_str(w->out, "</");
	buf_add_str(w->out, w->open[--w->depth]);
	buf_add_char(w->out, '>');
}

void xmlw_text(struct xmlw *w, const char *name, struct span text)
{
	xmlw_open(w, name);
	escape(w->out, text, IN_TEXT);
	xmlw_close(w);
}

void xmlw_str(struct xmlw *w, const char *name, const char *text)
{
	xmlw_text(w, name, span_str(text));
}

void xmlw_u64(struct xmlw *w, const char *name, uint64_t v)
{
	xmlw_open(w, name);
	buf_printf(w->out, "%" PRIu64, v);
	xmlw_close(w);
}

void xmlw_bool(struct xmlw *w, const char *name, bool v)
{
	xmlw_str(w, name, v ? "true" : "false");
}

void xmlw_time(struct xmlw *w, const char *name, int64_t at_us)
{
	char text[TIMEFMT_MAX];

	timefmt_iso8601(text, at_us);
	xmlw_str(w, name, text);
}
