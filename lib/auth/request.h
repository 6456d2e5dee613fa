/* SPDX-License-Identifier: MIT */
/* A request as signatures see it. */
#ifndef MX_AUTH_REQUEST_H
#define MX_AUTH_REQUEST_H

#include "base/arena.h"
#include "base/span.h"

/* Names lower case with '-'; a CGI environment cannot tell '_' from '-', so lookups treat both alike
 * and the true spelling is that of the signature. */
struct auth_header {
	struct span name, value;
};

struct auth_request {
	struct span method;
	struct span path, query; /* raw; query absent without '?' */
	const struct auth_header *headers;
	size_t header_count;
};

/* How far the clocks of a client and ours may be apart. */
#define AUTH_MAX_SKEW_US (INT64_C(15) * 60 * 1000000)

/* Equal without regard to case, and '_' like '-'. */
bool auth_same_name(struct span a, struct span b);
/* Is it an x-amz-* header? */
bool auth_is_amz(struct span name);
/* The first value of that name, trimmed; absent if there is none. */
struct span auth_header_get(const struct auth_request *req, const char *name);

#endif
