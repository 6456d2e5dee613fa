/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
	assert_int_equal(sealbox_open(path, &box, &e), 0);
	sealbox_derive(box, "x", one);
	sealbox_free(box);
	assert_int_equal(sealbox_open(path, &box, &e), 0);
	sealbox_derive(box, "x", two);
	assert_memory_equal(one, two, 32);
	sealbox_derive(box, "y", two);
	assert_memory_not_equal(one, two, 32);
	sealbox_free(box);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(sealbox_open(path, &box, &e), -1);
	assert_int_equal(e.kind, ERR_DENIED);
	chmod(path, 0600);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(sealbox_open(path, &box, &e), -1);
	unlink(path);
	rmdir(dir);
}

static void tokens_prove_who_and_until_when(void **state)
{
	const unsigned char key[32] = {7}, other[32] = {8};
	struct token_claims in = {.user_id = 42,
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

static void authority_follows_namespace_role_and_ownership(void **state)
{
	static const struct {
		struct caller c;
		int64_t tenant, owner;
		enum authz_verdict verdict;
	} cases[] = {
		{{true, 0, 0, META_ROLE_USER}, 0, 1, AUTHZ_DENY},
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
		cmocka_unit_test(authority_follows_namespace_role_and_ownership),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
