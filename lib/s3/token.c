/* SPDX-License-Identifier: MIT */
/* A token needs no secret: it says nothing but where to go on, and whoever may list may start
 * anywhere. */
#include "s3/token.h"

#include "codec/enc.h"
#include "model/names.h"

#define VERSION '1'

const char *s3_token_make(struct arena *a, struct span last)
{
	char *text = arena_alloc_raw(a, ENC_BASE64_LEN(last.n) + 2);

	text[0] = VERSION;
	enc_base64url(text + 1, last.p, last.n);
	return text;
}

int s3_token_parse(struct s3_req *q, struct span token, struct span *last_r)
{
	char *raw = arena_alloc_raw(q->call.arena, NAME_KEY_MAX);
	size_t n;

	if (token.n > 1 && token.p[0] == VERSION &&
		enc_unbase64url(span_from(token, 1), raw, NAME_KEY_MAX, &n) && n > 0 &&
		span_is_utf8(span_of(raw, n))) {
		*last_r = span_of(raw, n);
		return 0;
	}
	return s3_fail_argument(&q->call, "continuation-token", token,
		"The continuation token provided is incorrect");
}
