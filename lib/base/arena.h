/* SPDX-License-Identifier: MIT */
/*
 * A request's memory: allocate freely, release all at once. Not shared between threads.
 *
 * Allocation never returns NULL: on exhaustion of memory the process ends with a log line, as
 * there is nothing sensible left to do. Bounds on what a client may make us allocate are set by
 * the callers (header section, XML body, page sizes), and arena_used() lets tests prove them.
 */
#ifndef MX_BASE_ARENA_H
#define MX_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct arena;

struct arena *arena_new(void);
/* Runs the deferred cleanups, newest first, then frees all. NULL is fine. */
void arena_free(struct arena *a);
/* As arena_free + arena_new, but keeps the first block for the next request. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));
/* Not zeroed. */
void *arena_alloc_raw(struct arena *a, size_t size) __attribute__((malloc, returns_nonnull));
#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_calloc((a), (n), sizeof(type)))
void *arena_calloc(struct arena *a, size_t count, size_t size) __attribute__((returns_nonnull));
/* A NUL-terminated copy (bytes may hold NULs of their own). The absent span gives "". */
char *arena_strndup(struct arena *a, struct span s) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
/* A copy of the bytes, NUL-terminated behind its end; the absent span stays absent. */
struct span arena_dup(struct arena *a, struct span s);
char *arena_printf(struct arena *a, const char *fmt, ...) MX_PRINTF(2, 3)
	__attribute__((returns_nonnull));

/* fn(arg) runs when the arena is reset or freed: for handles that live as long as the request. */
void arena_defer(struct arena *a, void (*fn)(void *arg), void *arg);
size_t arena_used(const struct arena *a);

#endif
