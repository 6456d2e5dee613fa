/* SPDX-License-Identifier: MIT */
/*
 * A stream of bytes that is pulled: a request body, a decoder over one, a file. Bodies pass through
 * the layers as a source, in chunks; no function takes a whole object.
 */
#ifndef MX_BASE_SOURCE_H
#define MX_BASE_SOURCE_H

#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

struct source {
	/* Reads 1 to cap bytes into p; *n_r = 0 says the end was reached and all checks held.
	 * err: ERR_INCOMPLETE (client gone, body short), ERR_INVALID (framing, digest, signature). */
	int (*read)(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e);
};

static inline int source_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	return src->read(src, p, cap, n_r, e);
}

/* A source over bytes in memory that must outlive it. */
struct source_mem {
	struct source src;
	struct span rest;
};
struct source *source_mem_init(struct source_mem *m, struct span bytes);

#endif
