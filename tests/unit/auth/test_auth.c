/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/authz.h"
#include "auth/password.h"
#include "auth/sealbox.h"
#include "auth/sigv4.h"
#include "auth/token.h"
#include "base/reason.h"
#include "codec/digest.h"
#include "codec/timefmt.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define KEY_ID SPAN_LIT("AKIAIOSFODNN7EXAMPLE")
#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
#define HOST {SPAN_LIT("host"), SPAN_LIT("examplebucket.s3.amazonaws.com")}
#define DATE {SPAN_LIT("x-amz-date"), SPAN_LIT("20130524T000000Z")}

/* The examples of the S3 API reference, "Signature calculations for the Authorization header". */
static void published_examples_sign_alike(void **state)
{
	static const struct auth_header get[] = {HOST, {SPAN_LIT("range"), SPAN_LIT("bytes=0-9")},
		{SPAN_LIT("x-amz-content-sha256"), SPAN_LIT(EMPTY)}, DATE};
	static const struct auth_header put[] = {{SPAN_LIT("date"), SPAN_LIT("Fri, 24 May 2013 00:00:00 GMT")}, HOST,
		{SPAN_LIT("x-amz-content-sha256"),
			SPAN_LIT("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")},
		DATE, {SPAN_LIT("x-amz-storage-class"), SPAN_LIT("REDUCED_REDUNDANCY")}};
	static const struct auth_header list[] = {HOST, {SPAN_LIT("x-amz-content-sha256"), SPAN_LIT(EMPTY)}, DATE};
	static const struct {
		struct auth_request req;
		const char *signature;
	} cases[] = {
		{{SPAN_LIT("GET"), SPAN_LIT("/test.txt"), {NULL, 0}, get, 4},
			"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{{SPAN_LIT("PUT"), SPAN_LIT("/test%24file.text"), {NULL, 0}, put, 5},
			"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		{{SPAN_LIT("GET"), SPAN_LIT("/"), SPAN_LIT("lifecycle"), list, 3},
			"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		{{SPAN_LIT("GET"), SPAN_LIT("/"), SPAN_LIT("max-keys=2&prefix=J"), list, 3},
			"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *auth = sigv4_sign(a, &cases[i].req, KEY_ID, SECRET, SPAN_LIT("us-east-1"));

		assert_string_equal(auth + strlen(auth) - 64, cases[i].signature);
	}
	arena_free(a);
}

struct attempt {
	struct arena *a;
	struct auth_header headers[8];
	size_t count;
	struct auth_request req;
	struct sigv4 sig;
	struct sigv4_proof proof;
	int64_t now_us;
};

static void attempt_init(struct attempt *t)
{
	*t = (struct attempt){.a = arena_new(), .count = 3};
	t->headers[0] = (struct auth_header){SPAN_LIT("host"), SPAN_LIT("localhost:8080")};
	t->headers[1] = (struct auth_header){SPAN_LIT("x-amz-content-sha256"), SPAN_LIT(EMPTY)};
	t->headers[2] = (struct auth_header){SPAN_LIT("x-amz-date"), SPAN_LIT("20130524T000000Z")};
	assert_true(timefmt_parse_amz(SPAN_LIT("20130524T000000Z"), &t->now_us));
	t->req = (struct auth_request){SPAN_LIT("GET"), SPAN_LIT("/b/k(1)"), SPAN_LIT("b=2&a=%20x&a"), t->headers, 3};
}

static void attempt_sign(struct attempt *t)
{
	t->headers[t->count].name = SPAN_LIT("authorization");
	t->req.header_count = t->count;
	t->headers[t->count].value = span_str(sigv4_sign(t->a, &t->req, KEY_ID, SECRET, SPAN_LIT("us-east-1")));
	t->req.header_count = t->count + 1;
}

static enum sigv4_fault attempt_run(struct attempt *t)
{
	enum sigv4_fault f = sigv4_parse(t->a, &t->req, "us-east-1", t->now_us, &t->sig);

	return f != SIGV4_OK ? f : sigv4_verify(t->a, &t->req, &t->sig, SECRET, &t->proof);
}

static void a_signed_request_verifies_and_a_changed_one_does_not(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	assert_true(span_eq(t.sig.access_key, KEY_ID));
	t.req.path = SPAN_LIT("/b/k%281%29");
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	t.req.query = SPAN_LIT("a&a=%20x&b=2");
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	t.req.path = SPAN_LIT("/b/k2");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	arena_free(t.a);
}

static void the_time_must_be_near(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	t.now_us += (int64_t)15 * 60 * 1000000;
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	t.now_us += 1000000;
	assert_int_equal(attempt_run(&t), SIGV4_SKEWED);
	t.headers[2].value = SPAN_LIT("99991231T000000Z");
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_SKEWED);
	t.headers[2].value = SPAN_LIT("19691231T000000Z");
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_NO_DATE);
	t.headers[2].value = SPAN_LIT("yesterday");
	assert_int_equal(attempt_run(&t), SIGV4_NO_DATE);
	arena_free(t.a);
}

static void malformed_authorizations_are_told_apart(void **state)
{
#define V4 "AWS4-HMAC-SHA256 "
#define SIG "Signature=" EMPTY
	static const struct {
		const char *value;
		enum sigv4_fault fault;
	} cases[] = {
		{"", SIGV4_NOT_V4},
		{"AWS4-HMAC-SHA256", SIGV4_NOT_V4},
		{"AWS key:sig", SIGV4_NOT_V4},
		{"Basic xyz", SIGV4_NOT_V4},
		{V4 "x", SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host", SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=00", SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=," SIG, SIGV4_MALFORMED},
		{V4 "Credential=K/2013/us-east-1/s3/aws4_request,SignedHeaders=host," SIG, SIGV4_MALFORMED},
		{V4 "Credential=20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG, SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/ec2/aws4_request,SignedHeaders=host," SIG, SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4,SignedHeaders=host," SIG, SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/mars/s3/aws4_request,SignedHeaders=host," SIG, SIGV4_WRONG_REGION},
		{V4 "Credential=K/20130525/us-east-1/s3/aws4_request,SignedHeaders=host," SIG, SIGV4_SCOPE_DATE},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG, SIGV4_UNSIGNED_HEADER},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date," SIG,
			SIGV4_MISMATCH},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request, SignedHeaders=x-amz-content-sha256;x-amz-date, " SIG,
			SIGV4_UNSIGNED_HEADER},
	};
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		t.headers[3].value = span_str(cases[i].value);
		assert_int_equal(attempt_run(&t), cases[i].fault);
	}
	t.headers[1].value = SPAN_LIT("nonsense");
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_BAD_PAYLOAD_HASH);
	t.headers[1].name = SPAN_LIT("x-other");
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_NO_PAYLOAD_HASH);
	arena_free(t.a);
}

/* The chunked example of the S3 API reference. */
static void published_chunks_verify(void **state)
{
	static const char *const signatures[] = {
		"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
	};
	static const size_t sizes[] = {65536, 1024, 0};
	const struct sigv4 sig = {
		.day = SPAN_LIT("20130524"),
		.region = SPAN_LIT("us-east-1"),
		.signature = SPAN_LIT("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
		.amz_date = "20130524T000000Z",
	};
	struct sigv4_proof proof = {.string_to_sign = {NULL, 0}};
	struct sigv4_chunks c;
	char *data = malloc(65536);

	(void)state;
	memset(data, 'a', 65536);
	sigv4_signing_key(SECRET, sig.day, sig.region, SPAN_LIT("s3"), proof.signing_key);
	sigv4_chunks_init(&c, &sig, &proof);
	for (int i = 0; i < 3; i++) {
		unsigned char hash[32];

		digest_of(DIGEST_SHA256, data, sizes[i], hash);
		assert_false(sigv4_chunks_check(&c, hash, SPAN_LIT(EMPTY)));
		assert_true(sigv4_chunks_check(&c, hash, span_str(signatures[i])));
	}
	free(data);
}

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
	assert_int_equal(password_hash(a, span_str(arena_printf(a, "%073d", 0)), &hash, &e), -1);
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
	assert_int_equal(sealbox_unseal(box, a, span_head(sealed, sealed.n - 1), SPAN_LIT("AK1"), &plain, &e), -1);
	assert_int_equal(sealbox_unseal(box, a, span_head(sealed, 5), SPAN_LIT("AK1"), &plain, &e), -1);
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
	struct token_claims in = {.user_id = 42, .issued_us = 1000000, .expires_us = 3601000000}, out;
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
	assert_int_equal(token_verify(a, key,
				 span_str(arena_printf(a, "eyJhbGciOiJub25lIn0%s.", strchr(token, '.'))), 0, &out, &e),
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
		struct meta_bucket b = {.tenant_id = cases[i].tenant, .owner_id = cases[i].owner};

		assert_int_equal(authz_decide(&cases[i].c, AUTHZ_GET_OBJECT, &b), cases[i].verdict);
	}
	assert_string_equal(authz_action_name(AUTHZ_PUT_OBJECT), "s3:PutObject");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_examples_sign_alike),
		cmocka_unit_test(a_signed_request_verifies_and_a_changed_one_does_not),
		cmocka_unit_test(the_time_must_be_near),
		cmocka_unit_test(malformed_authorizations_are_told_apart),
		cmocka_unit_test(published_chunks_verify),
		cmocka_unit_test(passwords_hash_and_verify),
		cmocka_unit_test(sealed_secrets_open_only_where_they_belong),
		cmocka_unit_test(the_master_key_is_made_once_and_kept_private),
		cmocka_unit_test(tokens_prove_who_and_until_when),
		cmocka_unit_test(authority_follows_namespace_role_and_ownership),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
