/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_kind kind, int reason, int sys, const char *where,
	const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	e->kind = kind;
	e->reason = reason;
	e->sys = sys;
	e->where = where;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

enum err_kind err_kind_of_errno(int sys)
{
	switch (sys) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case ENOSPC:
	case EDQUOT:
		return ERR_FULL;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case ENOMEM:
		return ERR_INTERNAL;
	case EAGAIN:
	case EBUSY:
	case EMFILE:
	case ENFILE:
		return ERR_BUSY;
	case EPIPE:
	case ECONNRESET:
		return ERR_INCOMPLETE;
	default:
		return ERR_IO;
	}
}

static const char *const kind_names[ERR_KIND_COUNT] = {
	[ERR_NONE] = "none",
	[ERR_NOT_FOUND] = "not-found",
	[ERR_EXISTS] = "exists",
	[ERR_PRECONDITION] = "precondition",
	[ERR_QUOTA] = "quota",
	[ERR_DENIED] = "denied",
	[ERR_INVALID] = "invalid",
	[ERR_LIMIT] = "limit",
	[ERR_INCOMPLETE] = "incomplete",
	[ERR_IO] = "io",
	[ERR_FULL] = "full",
	[ERR_BUSY] = "busy",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_INTERNAL] = "internal",
};

const char *err_kind_name(enum err_kind kind)
{
	return (unsigned)kind < ERR_KIND_COUNT ? kind_names[kind] : "unknown";
}

void err_clear(struct err *e)
{
	if (e)
		memset(e, 0, sizeof(*e));
}
