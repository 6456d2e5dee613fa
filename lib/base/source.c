/* SPDX-License-Identifier: MIT */
#include "base/source.h"

#include <string.h>

static int mem_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct source_mem *m = (struct source_mem *)src;
	size_t n = cap < m->rest.n ? cap : m->rest.n;

	(void)e;
	if (n)
		memcpy(p, m->rest.p, n);
	m->rest = span_from(m->rest, n);
	*n_r = n;
	return 0;
}

struct source *source_mem_init(struct source_mem *m, struct span bytes)
{
	m->src.read = mem_read;
	m->rest = bytes;
	return &m->src;
}
