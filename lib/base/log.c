/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

/* Strings are cut at TEXT_MAX_BYTES, so that what a line must have besides still fits. */
enum { LINE_MAX_BYTES = 16 * 1024, TEXT_MAX_BYTES = LINE_MAX_BYTES - 2048 };

static struct {
	enum log_level least;
	enum log_format format;
	int fd;
	char program[32];
} state = {.least = LOG_INFO, .format = LOG_TEXT, .fd = STDERR_FILENO, .program = "maxiofs"};

static const char *const level_names[LOG_LEVEL_COUNT] = {"debug", "info", "warn", "error"};

void log_setup(enum log_level least, enum log_format format, const char *program)
{
	state.least = least;
	state.format = format;
	snprintf(state.program, sizeof(state.program), "%s", program);
}

void log_to_fd(int fd)
{
	state.fd = fd;
}

bool log_wants(enum log_level level)
{
	return level >= state.least;
}

static bool needs_escape(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < 0x20 || c == 0x7F;
}

/* What of s has room; never a part of a character. */
static struct span fitting(const struct buf *b, struct span s)
{
	size_t room = b->n < TEXT_MAX_BYTES ? TEXT_MAX_BYTES - b->n : 0;

	if (s.n <= room)
		return s;
	while (room > 0 && (s.p[room] & 0xC0) == 0x80)
		room--;
	return span_head(s, room);
}

/* Escapes for both formats: what is inside JSON quotes is also fine inside text quotes. */
static void add_escaped(struct buf *b, struct span s)
{
	size_t from = 0;

	s = fitting(b, s);
	for (size_t i = 0; i < s.n; i++) {
		if (!needs_escape(s.p[i]))
			continue;
		buf_add_span(b, fitting(b, span_of(s.p + from, i - from)));
		from = i + 1;
		if (b->n >= TEXT_MAX_BYTES)
			return;
		if (s.p[i] == '"' || s.p[i] == '\\') {
			buf_add_char(b, '\\');
			buf_add_char(b, s.p[i]);
		} else {
			buf_printf(b, "\\u%04x", (unsigned char)s.p[i]);
		}
	}
	buf_add_span(b, fitting(b, span_from(s, from)));
}

static void add_quoted(struct buf *b, struct span s)
{
	buf_add_char(b, '"');
	if (span_is_utf8(s)) {
		add_escaped(b, s);
	} else {
		for (size_t i = 0; i < s.n; i++) {
			unsigned char c = (unsigned char)s.p[i];

			if (c < 0x80)
				add_escaped(b, span_of(&s.p[i], 1));
			else if (b->n < TEXT_MAX_BYTES)
				buf_printf(b, "\\u00%02x", c);
		}
	}
	buf_add_char(b, '"');
}

static bool plain_word(struct span s)
{
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\' || s.p[i] >= 0x7F)
			return false;
	return true;
}

static void add_time(struct buf *b)
{
	struct timespec ts;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ts.tv_nsec / 1000000);
}

static void add_field(struct buf *b, const struct log_field *f)
{
	bool json = state.format == LOG_JSON;

	if (f->type == LOG_F_STR && span_absent(f->s))
		return;
	buf_add_str(b, json ? ",\"" : " ");
	buf_add_str(b, f->name);
	buf_add_str(b, json ? "\":" : "=");
	switch (f->type) {
	case LOG_F_INT:
		buf_printf(b, "%lld", (long long)f->i);
		break;
	case LOG_F_UINT:
		buf_printf(b, "%llu", (unsigned long long)f->u);
		break;
	case LOG_F_STR:
		if (!json && plain_word(f->s))
			add_escaped(b, f->s);
		else
			add_quoted(b, f->s);
		break;
	}
}

static void write_line(struct buf *b)
{
	ssize_t n;

	b->max++; /* the line end fits even where the text was cut */
	b->overflow = false;
	buf_add_char(b, '\n');
	n = write(state.fd, b->p, b->n);
	(void)n; /* nobody is left to tell */
}

void log_event(enum log_level level, const char *msg, const struct log_field *fields)
{
	BUF_AUTO struct buf b = {0};

	if (!log_wants(level))
		return;
	buf_init(&b, LINE_MAX_BYTES);
	if (state.format == LOG_JSON) {
		buf_add_str(&b, "{\"time\":\"");
		add_time(&b);
		buf_printf(&b, "\",\"level\":\"%s\",\"program\":\"%s\",\"pid\":%ld,\"msg\":",
			level_names[level], state.program, (long)getpid());
		add_quoted(&b, span_str(msg));
	} else {
		add_time(&b);
		buf_printf(&b, " %s %s[%ld]: ", level_names[level], state.program, (long)getpid());
		add_escaped(&b, span_str(msg));
	}
	for (; fields && fields->name; fields++)
		add_field(&b, fields);
	if (state.format == LOG_JSON)
		buf_add_char(&b, '}');
	write_line(&b);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_event(level, text, NULL);
}

void log_err(enum log_level level, const struct err *e, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_event(level, text,
		(const struct log_field[]){
			LF_STR("kind", span_str(err_kind_name(e->kind))),
			LF_STR("cause", span_str(e->text)),
			LF_STR("where", span_str(e->where)),
			LF_STR("errno", e->sys ? span_str(strerrorname_np(e->sys)) : SPAN_NULL),
			LF_END,
		});
}

void log_die(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_event(LOG_ERROR, text, NULL);
	_exit(70);
}
