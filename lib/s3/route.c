/* SPDX-License-Identifier: MIT */
/*
 * Routing: of the rows that fit method, target and selectors, the one with the most selectors
 * wins; among equals an operation before a refusal, then the first of its table.
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

int s3_route(struct s3_req *q)
{
	int best = best_refusal(q, best_operation(q));

	if (q->refusal)
		q->call.op = s3_op_get(S3_OP_NONE);
	if (best >= 0)
		return 0;
	s3_fail(&q->call, S3_MethodNotAllowed, NULL);
	s3_fail_add(&q->call, "Method", q->http->method);
	return -1;
}
