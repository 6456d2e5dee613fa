/* SPDX-License-Identifier: MIT */
/* The error table of the REST API and how an error value of the lower layers becomes a row of
 * it. */
#ifndef MX_CONSOLE_PROBLEM_H
#define MX_CONSOLE_PROBLEM_H

#include "base/err.h"

enum problem {
#define PROBLEM(id, code, status, title) PROBLEM_##id,
#include "console/problem.def"
#undef PROBLEM
	PROBLEM_COUNT
};

struct problem_row {
	const char *code;
	int status;
	const char *title;
};
const struct problem_row *problem_row(enum problem p);
/* The codes alone, in the order of the enum: label values of the metrics. */
extern const char *const problem_codes[PROBLEM_COUNT];
enum problem problem_of_err(const struct err *e);

#endif
