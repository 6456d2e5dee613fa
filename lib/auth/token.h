/* SPDX-License-Identifier: MIT */
/*
 * Console session tokens: JWT (RFC 7519) by libjwt, HS256 and nothing else: the algorithm of a received
 * token is compared before its claims are believed, and the key is never empty.
 */
#ifndef MX_AUTH_TOKEN_H
#define MX_AUTH_TOKEN_H

#include "base/arena.h"
#include "base/span.h"

struct token_claims {
	int64_t user_id;
	char jti[33]; /* 32 hex digits; names the session for revocation */
	int64_t since_us; /* sessions_after_us of the user when the session began */
	int64_t issued_us, expires_us; /* whole seconds in the token */
};

/* claims->jti is made if empty. The token lives in the arena. */
int token_issue(struct arena *a, const unsigned char key[32], struct token_claims *claims,
	const char **token_r, struct err *e) MX_MUST_CHECK;
/* err: ERR_DENIED for anything wrong with it, expiry included. */
int token_verify(struct arena *a, const unsigned char key[32], struct span token, int64_t now_us,
	struct token_claims *claims_r, struct err *e) MX_MUST_CHECK;

#endif
