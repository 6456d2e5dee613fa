/* SPDX-License-Identifier: MIT */
/*
 * Routing: of the rows that fit method, target and selectors, the one with the most selectors
 * wins; among equals an operation before a refusal, then the first of its table. Unknown
 * parameters are ignored, but never a sub-resource: DELETE of `?location` is not DELETE of the
 * bucket.
 */
#include "s3/req.h"

/* Is the parameter `selector` (name or name=value) there? */
static bool has_selector(const struct s3_req *q, struct span selector)
{
	struct span name, value = selector;

	if (!span_cut(&value, '=', &name))
		return false;
	for (size_t i = 0; i < q->param_count; i++)
		if (span_eq(q->params[i].name, name) &&
			(span_absent(value) || span_eq(q->params[i].value, value)))
			return true;
	return false;
}

/* The number of selectors when all are there, else -1. */
static int selectors_met(const struct s3_req *q, const char *query, const char *header)
{
	struct span rest = span_str(query), selector;
	int met = 0;

	while (rest.n && span_cut(&rest, '&', &selector)) {
		if (!has_selector(q, selector))
			return -1;
		met++;
	}
	if (header[0] == '\0')
		return met;
	return span_absent(s3_header(q, header)) ? -1 : met + 1;
}

static int best_operation(struct s3_req *q)
{
	int best = -1;

	for (int id = S3_OP_NONE + 1; id < S3_OP_COUNT; id++) {
		const struct s3_op *op = s3_op_get((enum s3_op_id)id);
		int met;

		if (op->target != q->target.kind || !span_eq_str(q->http->method, op->method))
			continue;
		met = selectors_met(q, op->query, op->header);
		if (met > best) {
			best = met;
			q->call.op = op;
		}
	}
	return best;
}

static int best_refusal(struct s3_req *q, int best)
{
	size_t n;
	const struct s3_refusal *rows = s3_refusals(&n);

	for (size_t i = 0; i < n; i++) {
		const struct s3_refusal *r = &rows[i];
		int met;

		if (r->target != q->target.kind)
			continue;
		if (r->method[0] != '*' && !span_eq_str(q->http->method, r->method))
			continue;
		met = selectors_met(q, r->query, r->header);
		if (met > best) {
			best = met;
			q->refusal = r;
		}
	}
	return best;
}

/* ---- sub-resources ---- */

static bool names_selector(const char *query, struct span name)
{
	struct span rest = span_str(query), selector;

	while (rest.n && span_cut(&rest, '&', &selector))
		if (span_eq(selector, name))
			return true;
	return false;
}

/* What a row of either table, for whatever target, starts with; not what only says more. */
static bool is_subresource(struct span name)
{
	size_t n;
	const struct s3_refusal *rows = s3_refusals(&n);
	struct span query, first;

	if (span_eq_str(name, "partNumber") || span_eq_str(name, "versionId"))
		return false;
	for (int id = S3_OP_NONE + 1; id < S3_OP_COUNT; id++) {
		query = span_str(s3_op_get((enum s3_op_id)id)->query);
		if (span_cut(&query, '&', &first) && span_eq(first, name))
			return true;
	}
	for (size_t i = 0; i < n; i++) {
		query = span_str(rows[i].query);
		if (span_cut(&query, '&', &first) && span_eq(first, name))
			return true;
	}
	return false;
}

static int fail_method(struct s3_req *q)
{
	s3_fail(&q->call, S3_MethodNotAllowed, NULL);
	s3_fail_add(&q->call, "Method", q->http->method);
	return -1;
}

/* The chosen row must have named every sub-resource of the request. */
static int check_subresources(struct s3_req *q)
{
	const char *query = q->refusal ? q->refusal->query : q->call.op->query;

	for (size_t i = 0; i < q->param_count; i++) {
		struct span name = q->params[i].name;

		if (name.n == 0 || names_selector(query, name) || !is_subresource(name))
			continue;
		if (query[0] == '\0')
			return fail_method(q);
		return s3_fail_argument(&q->call, "ResourceType", name,
			arena_printf(q->call.arena,
				"Conflicting query string parameters: %s, %.*s", query,
				SPAN_FMT(name)));
	}
	return 0;
}

/* It asks about a request to come: whatever sub-resource that has is not its own. */
static int route_preflight(struct s3_req *q)
{
	static const enum s3_op_id ops[S3_TARGET_COUNT] = {
		[S3_BUCKET] = S3_OP_OPTIONS_BUCKET,
		[S3_OBJECT] = S3_OP_OPTIONS_OBJECT,
	};

	q->call.op = s3_op_get(ops[q->target.kind]);
	return q->target.kind == S3_SERVICE ? fail_method(q) : 0;
}

static int route_row(struct s3_req *q)
{
	int best = best_refusal(q, best_operation(q));

	return best < 0 ? fail_method(q) : check_subresources(q);
}

int s3_route(struct s3_req *q)
{
	int rc = span_eq_str(q->http->method, "OPTIONS") ? route_preflight(q) : route_row(q);

	if (rc < 0 || q->refusal)
		q->call.op = s3_op_get(S3_OP_NONE);
	return rc;
}
