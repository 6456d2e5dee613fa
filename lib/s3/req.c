/* SPDX-License-Identifier: MIT */
/* Query parameters of a request. */
#include "s3/req.h"

int s3_params_parse(struct s3_req *q, bool plus_is_literal)
{
	int (*parse)(struct arena *, struct span, struct uri_param **, size_t *, struct err *) =
		plus_is_literal ? uri_parse_query_literal : uri_parse_query;
	struct err e;

	if (q->http->query.n &&
		parse(q->call.arena, q->http->query, &q->params, &q->param_count, &e) < 0) {
		q->call.fail.cause = e;
		return s3_fail(&q->call, S3_InvalidURI, NULL);
	}
	for (size_t i = 0; i < q->param_count; i++)
		if (!span_is_utf8(q->params[i].name) || !span_is_utf8(q->params[i].value))
			return s3_fail(&q->call, S3_InvalidURI, NULL);
	return s3_headers_of_query(q);
}

struct span s3_param(const struct s3_req *q, const char *name)
{
	for (size_t i = 0; i < q->param_count; i++)
		if (span_eq_str(q->params[i].name, name))
			return span_absent(q->params[i].value) ? span_of("", 0)
							       : q->params[i].value;
	return SPAN_NULL;
}

static int number_of(
	struct s3_req *q, const struct s3_number *n, struct span text, uint64_t *value_r)
{
	*value_r = n->otherwise;
	if (text.n == 0)
		return 0;
	if (span_to_u64(text, value_r) && *value_r >= n->min && *value_r <= n->max)
		return 0;
	return s3_fail_argument(&q->call, n->name, text,
		arena_printf(q->call.arena,
			"Argument %s must be an integer between %llu and %llu", n->name,
			(unsigned long long)n->min, (unsigned long long)n->max));
}

int s3_param_number(struct s3_req *q, const struct s3_number *n, uint64_t *value_r)
{
	return number_of(q, n, s3_param(q, n->name), value_r);
}

int s3_header_number(struct s3_req *q, const struct s3_number *n, uint64_t *value_r)
{
	return number_of(q, n, s3_header(q, n->name), value_r);
}

int s3_param_encoding(struct s3_req *q, bool *is_url_r)
{
	struct span text = s3_param(q, "encoding-type");

	*is_url_r = span_eq_str(text, "url");
	if (text.n == 0 || *is_url_r)
		return 0;
	return s3_fail_argument(&q->call, "encoding-type", text,
		"Invalid Encoding Method specified in Request");
}
