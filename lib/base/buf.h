/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer that states its maximum when made. Appending past the maximum marks the
 * buffer as overflowed and drops the bytes; callers check buf_ok() once at the end.
 */
#ifndef MX_BASE_BUF_H
#define MX_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

struct buf {
	char *p; /* NUL-terminated behind its end once anything was appended */
	size_t n, cap, max;
	bool overflow;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);
/* Empties, keeping the memory. */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_span(struct buf *b, struct span s);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) MX_PRINTF(2, 3);
/* Makes room for n more bytes and returns where to write them (then buf_grew), NULL past the maximum. */
char *buf_reserve(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);

static inline bool buf_ok(const struct buf *b)
{
	return !b->overflow;
}

static inline struct span buf_span(const struct buf *b)
{
	return span_of(b->p ? b->p : "", b->n);
}

/* Scope-bound buffers: `BUF_AUTO struct buf b = {0};`, then buf_init(&b, max); the zero matters on every way
 * out before that. */
#define BUF_AUTO __attribute__((cleanup(buf_fini)))

#endif
