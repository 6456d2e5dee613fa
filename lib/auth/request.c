/* SPDX-License-Identifier: MIT */
#include "auth/request.h"

static char folded(char c)
{
	if (c == '_')
		return '-';
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool auth_same_name(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (folded(a.p[i]) != folded(b.p[i]))
			return false;
	return true;
}

bool auth_is_amz(struct span name)
{
	struct span amz = SPAN_LIT("x-amz-");

	return name.n > amz.n && auth_same_name(span_head(name, amz.n), amz);
}

struct span auth_header_get(const struct auth_request *req, const char *name)
{
	for (size_t i = 0; i < req->header_count; i++)
		if (auth_same_name(req->headers[i].name, span_str(name)))
			return span_trim(req->headers[i].value);
	return SPAN_NULL;
}
