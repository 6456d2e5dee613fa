/* SPDX-License-Identifier: MIT */
/*
 * Tokens by libjwt, which believes the algorithm a token names: it is compared before the
 * claims are read. The time is ours, not libjwt's.
 */
#include "auth/token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include "base/rnd.h"

enum { KEY_BYTES = 32, TOKEN_MAX = 4096, US_PER_S = 1000000 };

static void jwt_drop(jwt_t **jwt)
{
	jwt_free(*jwt);
}
#define JWT_AUTO __attribute__((cleanup(jwt_drop)))

int token_issue(struct arena *a, const unsigned char key[32], struct token_claims *claims,
	const char **token_r, struct err *e)
{
	JWT_AUTO jwt_t *jwt = NULL;
	char subject[24];
	char *text;

	if (!claims->jti[0])
		rnd_text(claims->jti, sizeof(claims->jti) - 1, RND_HEX);
	snprintf(subject, sizeof(subject), "%lld", (long long)claims->user_id);
	if (jwt_new(&jwt) != 0 || jwt_set_alg(jwt, JWT_ALG_HS256, key, KEY_BYTES) != 0 ||
		jwt_add_grant(jwt, "iss", "maxiofs") != 0 ||
		jwt_add_grant(jwt, "sub", subject) != 0 ||
		jwt_add_grant(jwt, "jti", claims->jti) != 0 ||
		jwt_add_grant_int(jwt, "since_us", (long)claims->since_us) != 0 ||
		jwt_add_grant_int(jwt, "iat", (long)(claims->issued_us / US_PER_S)) != 0 ||
		jwt_add_grant_int(jwt, "exp", (long)(claims->expires_us / US_PER_S)) != 0)
		return err_fail(e, ERR_INTERNAL, "cannot make a token");
	text = jwt_encode_str(jwt);
	if (!text)
		return err_fail(e, ERR_INTERNAL, "cannot sign a token");
	*token_r = arena_strdup(a, text);
	free(text);
	return 0;
}

/* An integer claim, which must be there. */
static bool claim_int(jwt_t *jwt, const char *name, int64_t *v_r)
{
	errno = 0;
	*v_r = jwt_get_grant_int(jwt, name);
	return errno == 0;
}

static bool read_claims(jwt_t *jwt, struct token_claims *c)
{
	const char *issuer = jwt_get_grant(jwt, "iss");
	const char *subject = jwt_get_grant(jwt, "sub");
	const char *jti = jwt_get_grant(jwt, "jti");
	uint64_t user_id;
	int64_t issued_s, expires_s;

	if (!issuer || strcmp(issuer, "maxiofs") != 0 || !subject || !jti)
		return false;
	if (strlen(jti) != sizeof(c->jti) - 1 || strspn(jti, RND_HEX) != sizeof(c->jti) - 1)
		return false;
	if (!span_to_u64(span_str(subject), &user_id) || user_id > INT64_MAX)
		return false;
	if (!claim_int(jwt, "since_us", &c->since_us) || !claim_int(jwt, "iat", &issued_s) ||
		!claim_int(jwt, "exp", &expires_s))
		return false;
	if (issued_s < 0 || expires_s < issued_s || expires_s > INT64_MAX / US_PER_S)
		return false;
	c->user_id = (int64_t)user_id;
	c->issued_us = issued_s * US_PER_S;
	c->expires_us = expires_s * US_PER_S;
	memcpy(c->jti, jti, sizeof(c->jti));
	return true;
}

int token_verify(struct arena *a, const unsigned char key[32], struct span token,
	int64_t now_us, struct token_claims *claims_r, struct err *e)
{
	JWT_AUTO jwt_t *jwt = NULL;
	struct token_claims claims = {0};

	if (token.n == 0 || token.n > TOKEN_MAX || span_find_byte(token, '\0') >= 0)
		return err_fail(e, ERR_DENIED, "no token, or too long a one");
	if (jwt_decode(&jwt, arena_strndup(a, token), key, KEY_BYTES) != 0)
		return err_fail(e, ERR_DENIED, "the token's signature or form is wrong");
	if (jwt_get_alg(jwt) != JWT_ALG_HS256)
		return err_fail(e, ERR_DENIED, "the token's algorithm is not HS256");
	if (!read_claims(jwt, &claims))
		return err_fail(e, ERR_DENIED, "the token's claims are not ours");
	if (claims.expires_us <= now_us)
		return err_fail(e, ERR_DENIED, "the token has expired");
	*claims_r = claims;
	return 0;
}
