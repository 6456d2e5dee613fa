/* SPDX-License-Identifier: MIT */
/*
 * The error value of every fallible function below the protocol layers.
 *
 * A fallible function returns 0 or -1, takes `struct err *` last and fills it before it returns
 * -1. The kind says what a caller may do about it; `reason` is a finer word of the domain (enum
 * reason in lib/base/reason.h, 0 = none); `text` is for the log, never for a client.
 */
#ifndef MX_BASE_ERR_H
#define MX_BASE_ERR_H

#define MX_MUST_CHECK __attribute__((warn_unused_result))
#define MX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum err_kind {
	ERR_NONE = 0,
	ERR_NOT_FOUND,
	ERR_EXISTS,
	ERR_PRECONDITION,
	ERR_QUOTA,
	ERR_DENIED,
	ERR_INVALID,	 /* what the client sent is wrong */
	ERR_LIMIT,	 /* what the client sent is too large or too much */
	ERR_INCOMPLETE,	 /* the client's body ended early or the client is gone */
	ERR_IO,		 /* disk, database; the outcome may be unknown */
	ERR_FULL,	 /* no space, no inodes, disk quota */
	ERR_BUSY,	 /* try again later */
	ERR_UNSUPPORTED, /* not built, or not possible here */
	ERR_INTERNAL,	 /* a broken invariant of ours, out of memory */
	ERR_KIND_COUNT
};

struct err {
	enum err_kind kind;
	int reason;	   /* enum reason, or 0 */
	int sys;	   /* errno, or 0 */
	const char *where; /* static "file:line" of the first failure */
	char text[192];
};

#define ERR_STR2(x) #x
#define ERR_STR(x) ERR_STR2(x)
#define ERR_WHERE __FILE__ ":" ERR_STR(__LINE__)

/* Fills *e (which may be NULL) and returns -1, so that callers write `return err_fail(...)`. */
#define err_fail(e, kind, ...) err_set((e), (kind), 0, 0, ERR_WHERE, __VA_ARGS__)
/* As err_fail, with a reason of the domain. */
#define err_fail_why(e, kind, reason, ...) \
	err_set((e), (kind), (int)(reason), 0, ERR_WHERE, __VA_ARGS__)
/* As err_fail, kind derived from errno value sys (ENOSPC -> ERR_FULL, ENOENT -> ERR_NOT_FOUND...). */
#define err_sys(e, sys, ...) err_set((e), err_kind_of_errno(sys), 0, (sys), ERR_WHERE, __VA_ARGS__)

int err_set(struct err *e, enum err_kind kind, int reason, int sys, const char *where,
	const char *fmt, ...) MX_PRINTF(6, 7);
enum err_kind err_kind_of_errno(int sys);
/* Lower-case word of the kind, for logs: "not-found". */
const char *err_kind_name(enum err_kind kind);
void err_clear(struct err *e);

#endif
