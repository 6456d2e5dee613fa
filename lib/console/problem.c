/* SPDX-License-Identifier: MIT */
/* The rows of problem.def as arrays. */
#include "console/problem.h"

static const struct problem_row rows[PROBLEM_COUNT] = {
#define PROBLEM(id, code, status, title) [PROBLEM_##id] = {code, status, title},
#include "console/problem.def"
#undef PROBLEM
};

const char *const problem_codes[PROBLEM_COUNT] = {
#define PROBLEM(id, code, status, title) [PROBLEM_##id] = code,
#include "console/problem.def"
#undef PROBLEM
};

const struct problem_row *problem_row(enum problem p)
{
	return &rows[p];
}

enum problem problem_of_err(const struct err *e)
{
	static const enum problem of_kind[ERR_KIND_COUNT] = {
		[ERR_NONE] = PROBLEM_INTERNAL,
		[ERR_NOT_FOUND] = PROBLEM_NOT_FOUND,
		[ERR_EXISTS] = PROBLEM_BAD_REQUEST,
		[ERR_PRECONDITION] = PROBLEM_BAD_REQUEST,
		[ERR_QUOTA] = PROBLEM_FORBIDDEN,
		[ERR_DENIED] = PROBLEM_FORBIDDEN,
		[ERR_INVALID] = PROBLEM_BAD_REQUEST,
		[ERR_LIMIT] = PROBLEM_BODY_TOO_LARGE,
		[ERR_INCOMPLETE] = PROBLEM_INCOMPLETE_BODY,
		[ERR_IO] = PROBLEM_INTERNAL,
		[ERR_FULL] = PROBLEM_INTERNAL,
		[ERR_BUSY] = PROBLEM_BUSY,
		[ERR_UNSUPPORTED] = PROBLEM_INTERNAL,
		[ERR_INTERNAL] = PROBLEM_INTERNAL,
	};

	return of_kind[e->kind];
}
