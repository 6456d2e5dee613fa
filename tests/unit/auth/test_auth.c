/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jwt.h>

#include "auth/authz.h"
#include "auth/password.h"
#include "auth/sealbox.h"
#include "auth/token.h"
#include "base/reason.h"

static void passwords_hash_and_verify(void **state)
{
	struct arena *a = arena_new();
	const char *hash;
	struct err e;

	(void)state;
	assert_int_equal(password_hash(a, SPAN_LIT("correct horse"), &hash, &e), 0);
	assert_memory_equal(hash, "$2b$10$", 7);
	assert_true(password_verify(SPAN_LIT("correct horse"), hash));
	assert_false(password_verify(SPAN_LIT("correct horsf"), hash));
	assert_false(password_verify(SPAN_LIT(""), hash));
	assert_false(password_verify(SPAN_LIT("correct horse"), ""));
	assert_false(password_verify(SPAN_LIT("correct horse"), NULL));
	assert_int_equal(password_hash(a, SPAN_LIT("short"), &hash, &e), -1);
	assert_int_equal(e.reason, REASON_PASSWORD);
	assert_int_equal(
		password_hash(a, span_str(arena_printf(a, "%073d", 0)), &hash, &e), -1);
	assert_int_equal(password_hash(a, SPAN_LIT("with\0nul in it"), &hash, &e), -1);
	arena_free(a);
}

static void sealed_secrets_open_only_where_they_belong(void **state)
{
	const unsigned char key[32] = {1}, other[32] = {2};
	struct sealbox *box = sealbox_with_key(key), *wrong = sealbox_with_key(other);
	struct arena *a = arena_new();
	struct span sealed = sealbox_seal(box, a, SPAN_LIT("secret"), SPAN_LIT("AK1")), plain;
	struct err e;

	(void)state;
	assert_int_equal(sealbox_unseal(box, a, sealed, SPAN_LIT("AK1"), &plain, &e), 0);
	assert_span_eq(plain, "secret");
	assert_int_equal(sealbox_unseal(box, a, sealed, SPAN_LIT("AK2"), &plain, &e), -1);
	assert_int_equal(sealbox_unseal(wrong, a, sealed, SPAN_LIT("AK1"), &plain, &e), -1);
	assert_int_equal(sealbox_unseal(box, a, span_head(sealed, sealed.n - 1),
				 SPAN_LIT("AK1"), &plain, &e),
		-1);
	assert_int_equal(
		sealbox_unseal(box, a, span_head(sealed, 5), SPAN_LIT("AK1"), &plain, &e), -1);
	sealbox_free(box);
	sealbox_free(wrong);
	arena_free(a);
}

static void the_master_key_is_made_once_and_kept_private(void **state)
{
	char dir[] = "/tmp/mx-auth-XXXXXX", path[64];
	unsigned char one[32], two[32];
	struct sealbox *box;
	struct stat st;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/master.key", dir);
	assert_int_equal(sealbox_open(path, true, &box, &e), 0);
	sealbox_derive(box, "x", one);
	sealbox_free(box);
	assert_int_equal(sealbox_open(path, true, &box, &e), 0);
	sealbox_derive(box, "x", two);
	assert_memory_equal(one, two, 32);
	sealbox_derive(box, "y", two);
	assert_memory_not_equal(one, two, 32);
	sealbox_free(box);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(sealbox_open(path, true, &box, &e), -1);
	assert_int_equal(e.kind, ERR_DENIED);
	chmod(path, 0600);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(sealbox_open(path, true, &box, &e), -1);
	unlink(path);
	assert_int_equal(sealbox_open(path, false, &box, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	rmdir(dir);
}

static void tokens_prove_who_and_until_when(void **state)
{
	const unsigned char key[32] = {7}, other[32] = {8};
	struct token_claims in = {.user_id = 42,
				    .since_us = 1732500000123456,
				    .issued_us = 1000000,
				    .expires_us = 3601000000},
			    out;
	struct arena *a = arena_new();
	const char *token;
	struct err e;

	(void)state;
	assert_int_equal(token_issue(a, key, &in, &token, &e), 0);
	assert_int_equal(token_verify(a, key, span_str(token), 3600999999, &out, &e), 0);
	assert_int_equal(out.user_id, 42);
	assert_string_equal(out.jti, in.jti);
	assert_int_equal(out.since_us, 1732500000123456);
	assert_int_equal(out.issued_us, 1000000);
	assert_int_equal(token_verify(a, key, span_str(token), 3601000000, &out, &e), -1);
	assert_int_equal(e.kind, ERR_DENIED);
	assert_int_equal(token_verify(a, other, span_str(token), 0, &out, &e), -1);
	assert_int_equal(token_verify(a, key, SPAN_LIT("a.b.c"), 0, &out, &e), -1);
	/* {"alg":"none"} */
	assert_int_equal(
		token_verify(a, key,
			span_str(arena_printf(a, "eyJhbGciOiJub25lIn0%s.", strchr(token, '.'))),
			0, &out, &e),
		-1);
	arena_free(a);
}

/* A token with one thing changed, signed with our key. */
static const char *forge(struct arena *a, const unsigned char key[32], jwt_alg_t alg,
	const char *issuer, const char *subject, const char *jti, long expires_s)
{
	const char *out;
	jwt_t *jwt;
	char *text;

	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_set_alg(jwt, alg, alg == JWT_ALG_NONE ? NULL : key,
				 alg == JWT_ALG_NONE ? 0 : 32),
		0);
	jwt_add_grant(jwt, "iss", issuer);
	jwt_add_grant(jwt, "sub", subject);
	jwt_add_grant(jwt, "jti", jti);
	jwt_add_grant_int(jwt, "since_us", 0);
	jwt_add_grant_int(jwt, "iat", 1);
	if (expires_s)
		jwt_add_grant_int(jwt, "exp", expires_s);
	text = jwt_encode_str(jwt);
	out = arena_strdup(a, text);
	free(text);
	jwt_free(jwt);
	return out;
}

static void a_token_of_another_make_is_refused(void **state)
{
#define JTI "0123456789abcdef0123456789abcdef"
	static const struct {
		jwt_alg_t alg;
		const char *issuer, *subject, *jti;
		long expires_s;
		int rc;
	} cases[] = {
		{JWT_ALG_HS256, "maxiofs", "42", JTI, 3600, 0},
		{JWT_ALG_HS384, "maxiofs", "42", JTI, 3600, -1},
		{JWT_ALG_HS512, "maxiofs", "42", JTI, 3600, -1},
		{JWT_ALG_NONE, "maxiofs", "42", JTI, 3600, -1},
		{JWT_ALG_HS256, "other", "42", JTI, 3600, -1},
		{JWT_ALG_HS256, "maxiofs", "-42", JTI, 3600, -1},
		{JWT_ALG_HS256, "maxiofs", "", JTI, 3600, -1},
		{JWT_ALG_HS256, "maxiofs", "99999999999999999999", JTI, 3600, -1},
		{JWT_ALG_HS256, "maxiofs", "42", "short", 3600, -1},
		{JWT_ALG_HS256, "maxiofs", "42", JTI "0", 3600, -1},
		{JWT_ALG_HS256, "maxiofs", "42", JTI, 0, -1},
		{JWT_ALG_HS256, "maxiofs", "42", JTI, -1, -1},
		{JWT_ALG_HS256, "maxiofs", "42", JTI, LONG_MAX, -1},
	};
	const unsigned char key[32] = {7};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *token = forge(a, key, cases[i].alg, cases[i].issuer,
			cases[i].subject, cases[i].jti, cases[i].expires_s);
		struct token_claims out;
		struct err e;

		assert_int_equal(
			token_verify(a, key, span_str(token), 2000000, &out, &e), cases[i].rc);
		if (cases[i].rc)
			assert_int_equal(e.kind, ERR_DENIED);
		else
			assert_int_equal(out.user_id, 42);
	}
	arena_free(a);
}

static void hostile_tokens_are_refused(void **state)
{
	const unsigned char key[32] = {7};
	struct token_claims in = {.user_id = 1, .expires_us = INT64_MAX}, out;
	struct arena *a = arena_new();
	const char *token;
	struct err e;

	(void)state;
	assert_int_equal(token_issue(a, key, &in, &token, &e), 0);
	for (size_t n = 0; n < strlen(token); n++)
		assert_int_equal(token_verify(a, key, span_of(token, n), 0, &out, &e), -1);
	for (size_t i = 0; i + 1 < strlen(token); i++) {
		char *bad = arena_strdup(a, token);

		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		assert_int_equal(token_verify(a, key, span_str(bad), 0, &out, &e), -1);
	}
	assert_int_equal(token_verify(a, key, SPAN_LIT(".."), 0, &out, &e), -1);
	assert_int_equal(token_verify(a, key, SPAN_LIT("a\0.b.c"), 0, &out, &e), -1);
	assert_int_equal(
		token_verify(a, key, span_str(arena_printf(a, "%05000d", 0)), 0, &out, &e), -1);
	arena_free(a);
}

/* Every role, namespace and ownership, for every action; the rules in words once more. */
static void every_action_follows_the_same_rules(void **state)
{
	static const int64_t tenants[] = {0, 5, 6};

	(void)state;
	for (unsigned n = 0; n < 2 * META_ROLE_COUNT * 3 * 3 * 2; n++) {
		struct caller c = {.anonymous = n % 2,
			.user_id = 1,
			.tenant_id = tenants[n / 2 % 3],
			.role = (enum meta_role)(n / 6 % META_ROLE_COUNT)};
		struct meta_bucket b = {
			.tenant_id = tenants[n / 18 % 3], .owner_id = 1 + n / 54 % 2};
		bool same = c.tenant_id == b.tenant_id, owns = b.owner_id == c.user_id;
		bool rules = c.role == META_ROLE_TENANT_ADMIN && c.tenant_id != 0;
		enum authz_verdict want = AUTHZ_ALLOW;

		if (c.anonymous)
			want = same ? AUTHZ_DENY : AUTHZ_HIDE;
		else if (c.role != META_ROLE_GLOBAL_ADMIN && !same)
			want = AUTHZ_HIDE;
		else if (c.role != META_ROLE_GLOBAL_ADMIN && !owns && !rules)
			want = AUTHZ_DENY;
		assert_int_equal(authz_owns(&c, &b), !c.anonymous && same && (owns || rules));
		for (int action = 0; action < AUTHZ_ACTION_COUNT; action++) {
			bool everybody = action == AUTHZ_PREFLIGHT;

			assert_int_equal(authz_decide(&c, (enum authz_action)action, &b),
				everybody ? AUTHZ_ALLOW : want);
			assert_int_equal(authz_decide(&c, (enum authz_action)action, NULL),
				c.anonymous && !everybody ? AUTHZ_DENY : AUTHZ_ALLOW);
		}
	}
	for (int action = 0; action < AUTHZ_ACTION_COUNT; action++)
		assert_non_null(strchr(authz_action_name((enum authz_action)action), ':'));
}

static void authority_follows_namespace_role_and_ownership(void **state)
{
	static const struct {
		struct caller c;
		int64_t tenant, owner;
		enum authz_verdict verdict;
	} cases[] = {
		{{true, 0, 0, META_ROLE_USER}, 0, 1, AUTHZ_DENY},
		{{true, 0, 0, META_ROLE_USER}, 5, 1, AUTHZ_HIDE},
		{{true, 0, 5, META_ROLE_USER}, 5, 1, AUTHZ_DENY},
		{{false, 1, 0, META_ROLE_USER}, 0, 1, AUTHZ_ALLOW},
		{{false, 2, 0, META_ROLE_USER}, 0, 1, AUTHZ_DENY},
		{{false, 2, 5, META_ROLE_USER}, 0, 1, AUTHZ_HIDE},
		{{false, 1, 5, META_ROLE_USER}, 6, 1, AUTHZ_HIDE},
		{{false, 2, 5, META_ROLE_TENANT_ADMIN}, 5, 1, AUTHZ_ALLOW},
		{{false, 2, 5, META_ROLE_TENANT_ADMIN}, 6, 1, AUTHZ_HIDE},
		{{false, 2, 0, META_ROLE_TENANT_ADMIN}, 0, 1, AUTHZ_DENY},
		{{false, 2, 0, META_ROLE_GLOBAL_ADMIN}, 6, 1, AUTHZ_ALLOW},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct meta_bucket b = {
			.tenant_id = cases[i].tenant, .owner_id = cases[i].owner};

		assert_int_equal(
			authz_decide(&cases[i].c, AUTHZ_GET_OBJECT, &b), cases[i].verdict);
	}
	assert_string_equal(authz_action_name(AUTHZ_PUT_OBJECT), "s3:PutObject");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_hash_and_verify),
		cmocka_unit_test(sealed_secrets_open_only_where_they_belong),
		cmocka_unit_test(the_master_key_is_made_once_and_kept_private),
		cmocka_unit_test(tokens_prove_who_and_until_when),
		cmocka_unit_test(a_token_of_another_make_is_refused),
		cmocka_unit_test(hostile_tokens_are_refused),
		cmocka_unit_test(authority_follows_namespace_role_and_ownership),
		cmocka_unit_test(every_action_follows_the_same_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
