/* SPDX-License-Identifier: MIT */
/*
 * A span: a pointer and a length, never owning, not NUL-terminated, may hold any byte.
 * {NULL, 0} means "absent" where absence and emptiness differ (span_absent).
 */
#ifndef MX_BASE_SPAN_H
#define MX_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

#define SPAN_NULL ((struct span){NULL, 0})
#define SPAN_LIT(s) ((struct span){"" s, sizeof(s) - 1})
/* For printf("%.*s", SPAN_FMT(s)). */
#define SPAN_FMT(s) (int)(s).n, ((s).p ? (s).p : "")

static inline struct span span_of(const void *p, size_t n)
{
	return (struct span){(const char *)p, n};
}

/* s may be NULL: the absent span. */
static inline struct span span_str(const char *s)
{
	return (struct span){s, s ? strlen(s) : 0};
}

static inline bool span_absent(struct span s)
{
	return s.p == NULL;
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_eq_str(struct span a, const char *s)
{
	return span_eq(a, span_str(s));
}

static inline bool span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/* The part of s from byte `from` (clamped to the end). */
static inline struct span span_from(struct span s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct span){s.p ? s.p + from : NULL, s.n - from};
}

static inline struct span span_head(struct span s, size_t n)
{
	return (struct span){s.p, n < s.n ? n : s.n};
}

/* ASCII case folded equality. */
bool span_eq_ci(struct span a, struct span b);
/* memcmp order, the shorter first where one is a prefix of the other: <0, 0, >0. */
int span_cmp(struct span a, struct span b);
/* Index of the first occurrence of needle (not empty), or -1. */
ptrdiff_t span_find(struct span s, struct span needle);
ptrdiff_t span_find_byte(struct span s, char c);
/* Without leading and trailing spaces and tabs. */
struct span span_trim(struct span s);
/* Cuts *rest at the first `sep`: returns what stood before, *rest becomes what stands after it
 * (absent when there was no separator). Returns false when *rest is absent. */
bool span_cut(struct span *rest, char sep, struct span *field_r);
/* Equality in time that depends on the lengths only; for secrets and signatures. */
bool span_eq_secret(struct span a, struct span b);
/* Strict UTF-8 (RFC 3629: no overlong forms, surrogates, or values over U+10FFFF). */
bool span_is_utf8(struct span s);
/* Bytes (1 to 4) of the well-formed sequence that s starts with; 0 if there is none. */
size_t span_utf8_len(struct span s);
#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
/* Of a hexadecimal digit of either case, or -1. */
int span_hex_digit(char c);
/* Parses all of s as an unsigned decimal number without sign; false on anything else or overflow. */
bool span_to_u64(struct span s, uint64_t *value_r);

#endif
