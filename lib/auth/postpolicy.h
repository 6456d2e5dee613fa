/* SPDX-License-Identifier: MIT */
/*
 * The policy of a browser's form: until when it is good, and what each of the form's fields may
 * hold. Every field that is sent must be covered by a condition.
 * Source: S3 API reference, "Creating a POST Policy".
 */
#ifndef MX_AUTH_POSTPOLICY_H
#define MX_AUTH_POSTPOLICY_H

#include "base/arena.h"
#include "base/span.h"

enum postpolicy_op { POSTPOLICY_EQ, POSTPOLICY_STARTS_WITH, POSTPOLICY_OP_COUNT };

struct postpolicy_condition {
	enum postpolicy_op op;
	struct span name, value; /* the name without its '$' */
};

struct postpolicy {
	int64_t expires_us;
	struct postpolicy_condition *conditions;
	size_t count;
	uint64_t min_bytes, max_bytes; /* of the file; 0 and UINT64_MAX when not said */
	const char *text;              /* what was wrong, in S3's words (arena) */
};

struct postpolicy_field {
	struct span name, value;
};

/* text: Base64 of JSON, as it was sent. False: malformed, p_r->text says how. */
bool postpolicy_parse(struct arena *a, struct span text, struct postpolicy *p_r) MX_MUST_CHECK;
/* Of all fields, with the bucket as one of them; nothing is left to check but the file's size.
 * False: expired, a condition fails, or a field is not covered; p->text says which. */
bool postpolicy_holds(struct arena *a, struct postpolicy *p,
	const struct postpolicy_field *fields, size_t n, int64_t now_us) MX_MUST_CHECK;
/* Is it a field x-ignore-*, which means nothing to S3? */
bool postpolicy_is_ignored(struct span name);
/* May a field be sent that no condition covers? */
bool postpolicy_is_exempt(struct span name);

#endif
