/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdlib.h>

#include "auth/sigv4.h"
#include "base/buf.h"
#include "codec/digest.h"
#include "codec/enc.h"
#include "codec/timefmt.h"
#include "codec/uri.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define KEY_ID SPAN_LIT("AKIAIOSFODNN7EXAMPLE")
#define SECRET SPAN_LIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
#define HOST \
	{ \
		SPAN_LIT("host"), SPAN_LIT("examplebucket.s3.amazonaws.com") \
	}
#define DATE \
	{ \
		SPAN_LIT("x-amz-date"), SPAN_LIT("20130524T000000Z") \
	}

/* The examples of the S3 API reference, "Signature calculations for the Authorization header".
 */
static void published_examples_sign_alike(void **state)
{
	static const struct auth_header get[] = {HOST,
		{SPAN_LIT("range"), SPAN_LIT("bytes=0-9")},
		{SPAN_LIT("x-amz-content-sha256"), SPAN_LIT(EMPTY)}, DATE};
	static const struct auth_header put[] = {
		{SPAN_LIT("date"), SPAN_LIT("Fri, 24 May 2013 00:00:00 GMT")}, HOST,
		{SPAN_LIT("x-amz-content-sha256"),
			SPAN_LIT("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b"
				 "072")},
		DATE, {SPAN_LIT("x-amz-storage-class"), SPAN_LIT("REDUCED_REDUNDANCY")}};
	static const struct auth_header list[] = {
		HOST, {SPAN_LIT("x-amz-content-sha256"), SPAN_LIT(EMPTY)}, DATE};
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
		char *auth =
			sigv4_sign(a, &cases[i].req, KEY_ID, SECRET, SPAN_LIT("us-east-1"));

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
	t->headers[2] =
		(struct auth_header){SPAN_LIT("x-amz-date"), SPAN_LIT("20130524T000000Z")};
	assert_true(timefmt_parse_amz(SPAN_LIT("20130524T000000Z"), &t->now_us));
	t->req = (struct auth_request){
		SPAN_LIT("GET"), SPAN_LIT("/b/k(1)"), SPAN_LIT("b=2&a=%20x&a"), t->headers, 3};
}

static void attempt_sign(struct attempt *t)
{
	t->headers[t->count].name = SPAN_LIT("authorization");
	t->req.header_count = t->count;
	t->headers[t->count].value =
		span_str(sigv4_sign(t->a, &t->req, KEY_ID, SECRET, SPAN_LIT("us-east-1")));
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
		{V4, SIGV4_NOT_V4},
		{V4 "Credential=,SignedHeaders=host," SIG, SIGV4_MALFORMED},
		{V4 "Credential=/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_MALFORMED},
		{V4 "SignedHeaders=host," SIG, SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request," SIG, SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG
		    "," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG
		    ",",
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG
		    ",More=1",
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG
		    "0",
			SIGV4_MALFORMED},
		{V4 "Credential=K/2013x524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host",
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/"
		    "aws4_request,SignedHeaders=host,Signature=00",
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=K/2013/us-east-1/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/ec2/aws4_request,SignedHeaders=host," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4,SignedHeaders=host," SIG,
			SIGV4_MALFORMED},
		{V4 "Credential=K/20130524/mars/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_WRONG_REGION},
		{V4 "Credential=K/20130525/us-east-1/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_SCOPE_DATE},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request,SignedHeaders=host," SIG,
			SIGV4_UNSIGNED_HEADER},
		{V4 "Credential=K/20130524/us-east-1/s3/"
		    "aws4_request,SignedHeaders=host;x-amz-content-sha256;x-amz-date," SIG,
			SIGV4_MISMATCH},
		{V4 "Credential=K/20130524/us-east-1/s3/aws4_request, "
		    "SignedHeaders=x-amz-content-sha256;x-amz-date, " SIG,
			SIGV4_UNSIGNED_HEADER},
	};
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		t.headers[3].value = span_str(cases[i].value);
		assert_int_equal(attempt_run(&t), cases[i].fault);
		if (cases[i].fault == SIGV4_MALFORMED || cases[i].fault == SIGV4_SCOPE_DATE)
			assert_true(t.sig.text[0]);
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
		.signature = SPAN_LIT(
			"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"),
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

/* Signs t's request as a client would whose canonical request is `canonical`. */
static void attempt_sign_text(struct attempt *t, const char *names, const char *canonical)
{
	unsigned char raw[32], key[32];
	char hash[65], hex[65], *text;

	digest_of(DIGEST_SHA256, canonical, strlen(canonical), raw);
	enc_hex(hash, raw, 32);
	text = arena_printf(t->a,
		"AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n%s",
		hash);
	sigv4_signing_key(
		SECRET, SPAN_LIT("20130524"), SPAN_LIT("us-east-1"), SPAN_LIT("s3"), key);
	digest_hmac_sha256(key, 32, text, strlen(text), raw);
	enc_hex(hex, raw, 32);
	t->headers[t->count] = (struct auth_header){SPAN_LIT("authorization"),
		span_str(arena_printf(t->a,
			"AWS4-HMAC-SHA256 "
			"Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
			"aws4_request, SignedHeaders=%s, Signature=%s",
			names, hex))};
	t->req.header_count = t->count + 1;
}

#define TAIL \
	"host:localhost:8080\nx-amz-content-sha256:" EMPTY "\nx-amz-date:20130524T000000Z\n\n" \
	"host;x-amz-content-sha256;x-amz-date\n" EMPTY

static void a_client_may_spell_path_and_query_its_way(void **state)
{
	static const struct {
		const char *path, *query, *canonical;
		enum sigv4_fault fault;
	} cases[] = {
		{"/b/k", NULL, "GET\n/b/k\n\n" TAIL, SIGV4_OK},
		{"/b/a=b(1)'!*", NULL, "GET\n/b/a%3Db%281%29%27%21%2A\n\n" TAIL, SIGV4_OK},
		{"/b/%e4%7e", NULL, "GET\n/b/%E4~\n\n" TAIL, SIGV4_OK},
		{"/b/\xC3\xA9", NULL, "GET\n/b/%C3%A9\n\n" TAIL, SIGV4_OK},
		{"/b/a%2Fb", NULL, "GET\n/b/a%2Fb\n\n" TAIL, SIGV4_OK},
		{"/b/a%2Fb", NULL, "GET\n/b/a/b\n\n" TAIL, SIGV4_OK},
		{"/b/a/b", NULL, "GET\n/b/a%2Fb\n\n" TAIL, SIGV4_MISMATCH},
		{"/b//a/../%2E", NULL, "GET\n/b//a/../.\n\n" TAIL, SIGV4_OK},
		{"/b/a%2520", NULL, "GET\n/b/a%2520\n\n" TAIL, SIGV4_OK},
		{"/b/a%2520", NULL, "GET\n/b/a%20\n\n" TAIL, SIGV4_MISMATCH},
		{"/b/a+b", NULL, "GET\n/b/a%2Bb\n\n" TAIL, SIGV4_OK},
		{"/b/a+b", NULL, "GET\n/b/a%20b\n\n" TAIL, SIGV4_MISMATCH},
		{"/b", "prefix=a+b", "GET\n/b\nprefix=a%20b\n" TAIL, SIGV4_OK},
		{"/b", "prefix=a+b", "GET\n/b\nprefix=a%2Bb\n" TAIL, SIGV4_OK},
		{"/b/a%2Fb", "x=+", "GET\n/b/a/b\nx=%2B\n" TAIL, SIGV4_OK},
		{"/b", "prefix=a%2Bb", "GET\n/b\nprefix=a%20b\n" TAIL, SIGV4_MISMATCH},
		{"/b", "", "GET\n/b\n\n" TAIL, SIGV4_OK},
		{"/b", "b&a=/&&a=", "GET\n/b\na=&a=%2F&b=\n" TAIL, SIGV4_OK},
		{"/b", "a-b=1&a=2&a%2fb=3", "GET\n/b\na=2&a%2Fb=3&a-b=1\n" TAIL, SIGV4_OK},
		{"/b", "x=a=b", "GET\n/b\nx=a%3Db\n" TAIL, SIGV4_OK},
		{"/b", "acl", "GET\n/b\n\n" TAIL, SIGV4_MISMATCH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct attempt t;

		attempt_init(&t);
		t.req.path = span_str(cases[i].path);
		t.req.query = span_str(cases[i].query);
		attempt_sign_text(
			&t, "host;x-amz-content-sha256;x-amz-date", cases[i].canonical);
		assert_int_equal(attempt_run(&t), cases[i].fault);
		arena_free(t.a);
	}
}

static void header_values_are_joined_and_tidied(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	t.headers[t.count++] =
		(struct auth_header){SPAN_LIT("x-amz-meta-a-b"), SPAN_LIT("  one \t  two ")};
	t.headers[t.count++] = (struct auth_header){SPAN_LIT("x-amz-meta-a-b"), SPAN_LIT("")};
	t.headers[t.count++] = (struct auth_header){SPAN_LIT("x-amz-meta-a-b"), SPAN_LIT("3")};
	t.req.path = SPAN_LIT("/");
	t.req.query = SPAN_NULL;
	attempt_sign_text(&t, "host;range;x-amz-content-sha256;x-amz-date;x-amz-meta-a_b",
		"GET\n/\n\nhost:localhost:8080\nrange:\nx-amz-content-sha256:" EMPTY
		"\nx-amz-date:20130524T000000Z\nx-amz-meta-a_b:one two,,3\n\n"
		"host;range;x-amz-content-sha256;x-amz-date;x-amz-meta-a_b\n" EMPTY);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	t.headers[t.count - 1].value = SPAN_LIT("4");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	arena_free(t.a);
}

static void unsigned_headers_are_refused_by_name(void **state)
{
	struct attempt t;
	char *longest;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	t.headers[4] = (struct auth_header){SPAN_LIT("x-amz-acl"), SPAN_LIT("public-read")};
	t.headers[5] = (struct auth_header){SPAN_LIT("range"), SPAN_LIT("bytes=0-1")};
	t.headers[6] = (struct auth_header){SPAN_LIT("x-amz-copy-source"), SPAN_LIT("/b/k")};
	t.req.header_count = 7;
	assert_int_equal(attempt_run(&t), SIGV4_UNSIGNED_HEADER);
	assert_span_eq(t.sig.detail, "x-amz-acl, x-amz-copy-source");

	longest = arena_printf(t.a, "x-amz-%08000d", 0);
	t.headers[4] = (struct auth_header){span_str(longest), SPAN_LIT("")};
	t.req.header_count = 5;
	assert_int_equal(attempt_run(&t), SIGV4_UNSIGNED_HEADER);
	assert_in_range(t.sig.detail.n, 1, 2048);
	arena_free(t.a);
}

static void host_must_be_signed_even_when_it_is_not_there(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	t.headers[0].name = SPAN_LIT("x-other");
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_UNSIGNED_HEADER);
	assert_span_eq(t.sig.detail, "host");
	arena_free(t.a);
}

static void payload_tokens_are_told_apart(void **state)
{
	static const struct {
		const char *value;
		enum sigv4_fault fault;
		enum sigv4_payload payload;
	} cases[] = {
		{EMPTY, SIGV4_OK, SIGV4_PAYLOAD_HASH},
		{" UNSIGNED-PAYLOAD ", SIGV4_OK, SIGV4_UNSIGNED},
		{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SIGV4_OK, SIGV4_STREAM},
		{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", SIGV4_OK, SIGV4_STREAM_TRAILER},
		{"STREAMING-UNSIGNED-PAYLOAD-TRAILER", SIGV4_OK, SIGV4_STREAM_UNSIGNED_TRAILER},
		{"unsigned-payload", SIGV4_BAD_PAYLOAD_HASH, SIGV4_UNSIGNED},
		{"STREAMING-UNSIGNED-PAYLOAD", SIGV4_BAD_PAYLOAD_HASH, SIGV4_UNSIGNED},
		{"", SIGV4_BAD_PAYLOAD_HASH, SIGV4_UNSIGNED},
		{EMPTY "0", SIGV4_BAD_PAYLOAD_HASH, SIGV4_UNSIGNED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct attempt t;

		attempt_init(&t);
		t.headers[1].value = span_str(cases[i].value);
		attempt_sign(&t);
		assert_int_equal(sigv4_parse(t.a, &t.req, "us-east-1", t.now_us, &t.sig),
			cases[i].fault);
		if (cases[i].fault == SIGV4_OK)
			assert_int_equal(t.sig.payload, cases[i].payload);
		arena_free(t.a);
	}
}

static void the_amz_date_governs_and_date_serves_without_it(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	t.headers[t.count++] = (struct auth_header){SPAN_LIT("date"), SPAN_LIT("not a date")};
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	arena_free(t.a);

	attempt_init(&t);
	t.headers[2] = (struct auth_header){
		SPAN_LIT("date"), SPAN_LIT("Fri, 24 May 2013 00:00:00 GMT")};
	t.req.path = SPAN_LIT("/");
	t.req.query = SPAN_NULL;
	attempt_sign_text(&t, "date;host;x-amz-content-sha256",
		"GET\n/\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:localhost:8080\n"
		"x-amz-content-sha256:" EMPTY "\n\ndate;host;x-amz-content-sha256\n" EMPTY);
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	t.headers[2].name = SPAN_LIT("x-other");
	assert_int_equal(attempt_run(&t), SIGV4_NO_DATE);
	arena_free(t.a);
}

static void another_secret_or_method_does_not_verify(void **state)
{
	struct attempt t;

	(void)state;
	attempt_init(&t);
	attempt_sign(&t);
	t.req.method = SPAN_LIT("DELETE");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	assert_true(span_starts(t.proof.canonical_request, SPAN_LIT("DELETE\n/b/k%281%29\n")));
	assert_true(span_starts(t.proof.string_to_sign, SPAN_LIT("AWS4-HMAC-SHA256\n2013")));
	assert_int_equal(span_find(t.proof.canonical_request, SECRET), -1);
	t.req.method = SPAN_LIT("GET");
	assert_int_equal(attempt_run(&t), SIGV4_OK);
	assert_int_equal(
		sigv4_verify(t.a, &t.req, &t.sig, SPAN_LIT(""), &t.proof), SIGV4_MISMATCH);
	arena_free(t.a);
}

/* Costly requests are refused before the secret is fetched, or fail whole. */
static void excess_is_refused_and_never_signed_in_part(void **state)
{
	BUF_AUTO struct buf names, query;
	struct attempt t;

	(void)state;
	buf_init(&names, 1 << 20);
	buf_add_str(&names, "host");
	for (int i = 0; i < 2000; i++)
		buf_add_str(&names, ";a");
	attempt_init(&t);
	attempt_sign_text(&t, names.p, "");
	assert_int_equal(attempt_run(&t), SIGV4_MALFORMED);
	arena_free(t.a);

	/* 190 times the same 8,000 bytes: past what a canonical request may have. */
	buf_clear(&names);
	buf_add_str(&names, "host;x-amz-content-sha256;x-amz-date");
	for (int i = 0; i < 190; i++)
		buf_add_str(&names, ";x");
	attempt_init(&t);
	t.headers[t.count++] =
		(struct auth_header){SPAN_LIT("x"), span_str(arena_printf(t.a, "%08000d", 0))};
	attempt_sign_text(&t, names.p, "");
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	assert_true(span_absent(t.proof.canonical_request));
	arena_free(t.a);

	buf_init(&query, 1 << 20);
	for (int i = 0; i <= URI_MAX_PARAMS; i++)
		buf_printf(&query, "&a=%d", i);
	attempt_init(&t);
	t.req.query = buf_span(&query);
	attempt_sign(&t);
	assert_int_equal(attempt_run(&t), SIGV4_MISMATCH);
	arena_free(t.a);
}

/* The example of the S3 API reference, "...including trailing headers". */
static void the_published_trailer_verifies(void **state)
{
	static const char *const signatures[] = {
		"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
		"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
		"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
	};
	static const size_t sizes[] = {65536, 1024, 0};
	static const char trailer[] = "x-amz-checksum-crc32c:sOO8/Q==\n";
	const struct sigv4 sig = {
		.day = SPAN_LIT("20130524"),
		.region = SPAN_LIT("us-east-1"),
		.signature = SPAN_LIT(
			"106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"),
		.amz_date = "20130524T000000Z",
	};
	struct sigv4_proof proof = {.string_to_sign = {NULL, 0}};
	struct sigv4_chunks c;
	unsigned char hash[32];
	char *data = malloc(65536);

	(void)state;
	memset(data, 'a', 65536);
	sigv4_signing_key(SECRET, sig.day, sig.region, SPAN_LIT("s3"), proof.signing_key);
	sigv4_chunks_init(&c, &sig, &proof);
	for (int i = 0; i < 3; i++) {
		digest_of(DIGEST_SHA256, data, sizes[i], hash);
		assert_true(sigv4_chunks_check(&c, hash, span_str(signatures[i])));
	}
	digest_of(DIGEST_SHA256, trailer, strlen(trailer), hash);
	assert_false(sigv4_chunks_check_trailer(&c, hash, SPAN_LIT(EMPTY)));
	assert_true(sigv4_chunks_check_trailer(&c, hash,
		SPAN_LIT("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435")));
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_examples_sign_alike),
		cmocka_unit_test(a_signed_request_verifies_and_a_changed_one_does_not),
		cmocka_unit_test(the_time_must_be_near),
		cmocka_unit_test(the_amz_date_governs_and_date_serves_without_it),
		cmocka_unit_test(malformed_authorizations_are_told_apart),
		cmocka_unit_test(payload_tokens_are_told_apart),
		cmocka_unit_test(a_client_may_spell_path_and_query_its_way),
		cmocka_unit_test(header_values_are_joined_and_tidied),
		cmocka_unit_test(unsigned_headers_are_refused_by_name),
		cmocka_unit_test(host_must_be_signed_even_when_it_is_not_there),
		cmocka_unit_test(another_secret_or_method_does_not_verify),
		cmocka_unit_test(excess_is_refused_and_never_signed_in_part),
		cmocka_unit_test(published_chunks_verify),
		cmocka_unit_test(the_published_trailer_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
