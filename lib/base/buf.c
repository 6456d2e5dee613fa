/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){.max = max_bytes};
}

void buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->overflow = false;
	if (b->p)
		b->p[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;

	if (b->overflow || n > b->max - b->n) {
		b->overflow = true;
		return NULL;
	}
	while (cap < b->n + n + 1)
		cap *= 2;
	if (cap != b->cap) {
		char *p = realloc(b->p, cap);

		if (!p)
			log_die("out of memory (%zu bytes)", cap);
		b->p = p;
		b->cap = cap;
	}
	return b->p + b->n;
}

void buf_grew(struct buf *b, size_t n)
{
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	char *at = buf_reserve(b, n);

	if (!at)
		return;
	if (n)
		memcpy(at, p, n);
	buf_grew(b, n);
}

void buf_add_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	enum { TYPICAL = 64 };
	size_t room = b->max - b->n < TYPICAL ? b->max - b->n : TYPICAL;
	char *at = buf_reserve(b, room);
	va_list ap;
	int n;

	if (!at)
		return;
	va_start(ap, fmt);
	n = vsnprintf(at, room + 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		log_die("bad format");
	if ((size_t)n > room) {
		*at = '\0';
		at = buf_reserve(b, (size_t)n);
		if (!at)
			return;
		va_start(ap, fmt);
		vsnprintf(at, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	buf_grew(b, (size_t)n);
}
