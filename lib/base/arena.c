/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { FIRST_BLOCK = 16 * 1024, MAX_BLOCK = 256 * 1024 };

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *blocks; /* newest first; the last one is the first block made */
	struct cleanup *cleanups;
	size_t used;
};

static struct block *block_new(size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (!b)
		log_die("out of memory (%zu bytes)", size);
	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		log_die("out of memory");
	a->blocks = block_new(FIRST_BLOCK);
	return a;
}

static void run_cleanups(struct arena *a)
{
	/* A cleanup may defer another: take them one by one. */
	while (a->cleanups) {
		struct cleanup *c = a->cleanups;

		a->cleanups = c->next;
		c->fn(c->arg);
	}
}

void arena_reset(struct arena *a)
{
	run_cleanups(a);
	while (a->blocks->next) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
	a->blocks->used = 0;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->blocks);
	free(a);
}

static size_t aligned(size_t n)
{
	const size_t mask = alignof(max_align_t) - 1;

	if (n > SIZE_MAX - sizeof(struct block) - mask)
		log_die("allocation of %zu bytes", n);
	return (n + mask) & ~mask;
}

void *arena_alloc_raw(struct arena *a, size_t size)
{
	size_t need = aligned(size ? size : 1);
	struct block *b = a->blocks;
	void *p;

	if (b->size - b->used < need) {
		size_t grow = b->size < MAX_BLOCK ? b->size * 2 : MAX_BLOCK;

		b = block_new(need > grow ? need : grow);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->data + b->used;
	b->used += need;
	a->used += need;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_alloc_raw(a, size), 0, size);
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		log_die("allocation of %zu x %zu bytes", count, size);
	return arena_alloc(a, total);
}

char *arena_strndup(struct arena *a, struct span s)
{
	char *p = arena_alloc_raw(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, span_str(s));
}

struct span arena_dup(struct arena *a, struct span s)
{
	if (span_absent(s))
		return s;
	return (struct span){arena_strndup(a, s), s.n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	struct block *b = a->blocks;
	char *p = b->data + b->used;
	size_t room = b->size - b->used;
	va_list ap;
	int n;

	/* Mostly it fits behind what is there; then it only has to be claimed. */
	va_start(ap, fmt);
	n = vsnprintf(p, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		log_die("bad format");
	if (aligned((size_t)n + 1) <= room)
		return arena_alloc_raw(a, (size_t)n + 1);
	p = arena_alloc_raw(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_defer(struct arena *a, void (*fn)(void *arg), void *arg)
{
	struct cleanup *c = arena_alloc_raw(a, sizeof(*c));

	c->fn = fn;
	c->arg = arg;
	c->next = a->cleanups;
	a->cleanups = c;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
