/* SPDX-License-Identifier: MIT */
/* Routing by the table of route.def. HEAD is GET whose body the transport keeps. */
#include "console/app.h"

static const struct console_route routes[] = {
#define ROUTE(name, method, path, access, action, has_body, status, run) \
	{name, method, path, CONSOLE_##access, AUTHZ_##action, has_body, status, run},
#include "console/route.def"
#undef ROUTE
};

enum { ROUTE_COUNT = sizeof(routes) / sizeof(routes[0]) };

const struct console_route *console_routes(size_t *n_r)
{
	*n_r = ROUTE_COUNT;
	return routes;
}

const struct console_route *console_route_find(
	struct span method, struct span path, struct arena *a, const char **allow_r)
{
	*allow_r = "";
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		const struct console_route *row = &routes[i];
		bool gets = strcmp(row->method, "GET") == 0;

		if (!span_eq_str(path, row->path))
			continue;
		if (span_eq_str(method, row->method) || (gets && span_eq_str(method, "HEAD")))
			return row;
		*allow_r = arena_printf(a, "%s%s%s%s", *allow_r, **allow_r ? ", " : "",
			row->method, gets ? ", HEAD" : "");
	}
	return NULL;
}

const struct metrics_labels *console_metrics_labels(void)
{
	static const char *const operations[] = {
		"none",
#define ROUTE(name, method, path, access, action, has_body, status, run) name,
#include "console/route.def"
#undef ROUTE
	};
	static const struct metrics_labels labels = {
		.operations = operations,
		.operation_count = ROUTE_COUNT + 1,
		.codes = problem_codes,
		.code_count = PROBLEM_COUNT,
	};

	return &labels;
}
