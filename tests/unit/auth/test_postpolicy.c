/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <string.h>

#include "auth/postpolicy.h"
#include "auth/postsign.h"
#include "codec/enc.h"

#define UNTIL "\"expiration\": \"2026-11-25T12:00:00.000Z\", "
#define NOW_US INT64_C(1795608000000000) /* that moment */

static struct span base64(struct arena *a, const char *json)
{
	size_t n = strlen(json);
	char *text = arena_alloc(a, ENC_BASE64_LEN(n) + 1);

	enc_base64(text, json, n);
	return span_str(text);
}

/* ---- what a policy may be ---- */

#define CONDITIONS(list) "{" UNTIL "\"conditions\": [" list "]}"

static void malformed_policies(void **state)
{
	static const struct {
		const char *json, *text; /* text NULL: it is good */
	} rows[] = {
		{"{" UNTIL "\"conditions\": []}", NULL},
		{CONDITIONS("{\"acl\": \"private\"}"), NULL},
		{CONDITIONS(
			 "[\"EQ\", \"$acl\", \"private\"], [\"Starts-With\", \"$key\", \"\"]"),
			NULL},
		{CONDITIONS("[\"content-length-range\", 0, 10]"), NULL},
		{CONDITIONS("[\"content-length-range\", \"1\", \"10\"]"), NULL},
		/* as S3's own examples are written */
		{CONDITIONS("{\"acl\": \"private\"},\r\n "), NULL},
		{CONDITIONS("[\"eq\", \"$acl\", \"a,]\",], {\"key\": \"\\$\\v,}\\\"\",}"),
			NULL},
		{"{\"expiration\": \"2026-11-25T12:00:00+01:00\", \"conditions\": []}", NULL},
		{"", "Invalid Policy: Invalid JSON."},
		{"[]", "Invalid Policy: Invalid JSON."},
		{CONDITIONS("{\"acl\": \"private\"},,"), "Invalid Policy: Invalid JSON."},
		{CONDITIONS("\"\\"), "Invalid Policy: Invalid JSON."},
		{CONDITIONS("{\"a\": \"1\", \"a\": \"2\"}"), "Invalid Policy: Invalid JSON."},
		{"{\"conditions\": []}", "Invalid Policy: Policy missing expiration."},
		{"{\"Expiration\": \"2026-11-25T12:00:00Z\", \"conditions\": []}",
			"Invalid Policy: Policy missing expiration."},
		{"{\"expiration\": 5, \"conditions\": []}",
			"Invalid Policy: Policy missing expiration."},
		{"{\"expiration\": \"tomorrow\", \"conditions\": []}",
			"Invalid Policy: Invalid 'expiration' value: 'tomorrow'"},
		{"{" UNTIL "\"other\": []}", "Invalid Policy: Policy missing conditions."},
		{"{" UNTIL "\"CONDITIONS\": []}", "Invalid Policy: Policy missing conditions."},
		{"{" UNTIL "\"conditions\": {}}", "Invalid Policy: Policy missing conditions."},
		{CONDITIONS("{}"),
			"Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have "
			"exactly one property specified."},
		{CONDITIONS("{\"a\": \"1\", \"b\": \"2\"}"),
			"Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have "
			"exactly one property specified."},
		{CONDITIONS("{\"a\": 1}"),
			"Invalid Policy: Invalid Simple-Condition: value must be a string."},
		{CONDITIONS("null"),
			"Invalid Policy: Invalid Condition: operation must be a string."},
		{CONDITIONS("[]"),
			"Invalid Policy: Invalid Condition: operation must be a string."},
		{CONDITIONS("[\"eq\", \"$acl\"]"),
			"Invalid Policy: Invalid Condition: wrong number of arguments."},
		{CONDITIONS("[\"eq\", \"$acl\", \"a\", \"b\"]"),
			"Invalid Policy: Invalid Condition: wrong number of arguments."},
		{CONDITIONS("[\"ends-with\", \"$acl\", \"a\"]"),
			"Invalid Policy: Invalid Condition: unknown operation 'ends-with'."},
		{CONDITIONS("[\"eq\", \"$acl\", 1]"),
			"Invalid Policy: Invalid Condition: arguments must be strings."},
		{CONDITIONS("[\"eq\", \"acl\", \"a\"]"),
			"Invalid Policy: Invalid Condition: a field must begin with '$'."},
		{CONDITIONS("[\"eq\", \"$\", \"a\"]"),
			"Invalid Policy: Invalid Condition: a field must begin with '$'."},
		{CONDITIONS("[\"content-length-range\", -1, 10]"),
			"Invalid Policy: Invalid content-length-range."},
		{CONDITIONS("[\"content-length-range\", \"-1\", \"10\"]"),
			"Invalid Policy: Invalid content-length-range."},
		{CONDITIONS("[\"content-length-range\", 1.5, 10]"),
			"Invalid Policy: Invalid content-length-range."},
		{CONDITIONS("[\"content-length-range\", 11, 10]"),
			"Invalid Policy: Invalid content-length-range."},
		{CONDITIONS("[\"content-length-range\", 0, 99999999999999999999]"),
			"Invalid Policy: Invalid content-length-range."},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct postpolicy p;
		bool good = postpolicy_parse(a, base64(a, rows[i].json), &p);

		assert_string_equal(p.text, rows[i].text ? rows[i].text : "");
		assert_int_equal(good, rows[i].text == NULL);
	}
	arena_free(a);
}

static void the_text_is_base64_in_lines(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{"eyJleHBpcmF0aW9uIjoiMjAyNi0xMS0yNVQxMjowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=",
			true},
		{" eyJleHBpcmF0aW9uIjoiMjAyNi0xMS0yNVQx\r\nMjowMDowMFoiLCJjb25kaXRpb25zIjpbXX0="
		 "\n",
			true},
		{"eyJleHBpcmF0aW9uIjoiMjAyNi0xMS0yNVQxMjowMDowMFoiLCJjb25kaXRpb25zIjpbXX0",
			false},
		{"{\"expiration\": \"2026-11-25T12:00:00Z\", \"conditions\": []}", false},
		{"", false},
	};
	struct arena *a = arena_new();
	struct postpolicy p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(postpolicy_parse(a, span_str(rows[i].text), &p), rows[i].good);
	arena_free(a);
}

static void ranges_narrow_each_other(void **state)
{
	struct arena *a = arena_new();
	struct postpolicy p;

	(void)state;
	assert_true(postpolicy_parse(a, base64(a, CONDITIONS("")), &p));
	assert_int_equal(p.min_bytes, 0);
	assert_true(p.max_bytes == UINT64_MAX);
	assert_true(postpolicy_parse(a,
		base64(a,
			CONDITIONS("[\"content-length-range\", 5, 100], "
				   "[\"Content-Length-Range\", 0, 50]")),
		&p));
	assert_int_equal(p.min_bytes, 5);
	assert_int_equal(p.max_bytes, 50);
	assert_int_equal(p.count, 0);
	arena_free(a);
}

/* ---- what a form must hold ---- */

enum { MAX_FIELDS = 8 };

/* "name=value;name=value" */
static size_t split_fields(const char *text, struct postpolicy_field fields[MAX_FIELDS])
{
	struct span rest = span_str(text), one;
	size_t n = 0;

	while (rest.n && span_cut(&rest, ';', &one)) {
		assert_true(n < MAX_FIELDS);
		fields[n].value = one;
		assert_true(span_cut(&fields[n].value, '=', &fields[n].name));
		n++;
	}
	return n;
}

#define FAILED(condition) \
	"Invalid according to Policy: Policy Condition failed: [" condition "]"
#define EXTRA(names) "Invalid according to Policy: Extra input fields: " names

static void forms_against_policies(void **state)
{
	static const struct {
		const char *conditions, *fields, *text; /* text NULL: it holds */
	} rows[] = {
		{"", "", NULL},
		{"{\"bucket\": \"b\"}, [\"starts-with\", \"$key\", \"user/\"]",
			"bucket=b;key=user/a", NULL},
		{"{\"BUCKET\": \"b\"}, [\"eq\", \"$Key\", \"k\"]", "bucket=b;KEY=k", NULL},
		{"{\"key\": \"k\\$\\v\"}", "key=k$\v", NULL},
		{"[\"eq\", \"$key\", \"k\"]", "key=K", FAILED("\"eq\", \"$key\", \"k\"")},
		{"{\"acl\": \"private\"}", "acl=public-read",
			FAILED("\"eq\", \"$acl\", \"private\"")},
		{"{\"acl\": \"private\"}", "", FAILED("\"eq\", \"$acl\", \"private\"")},
		{"[\"starts-with\", \"$key\", \"user/\"]", "key=users/a",
			FAILED("\"starts-with\", \"$key\", \"user/\"")},
		{"[\"starts-with\", \"$key\", \"user/\"]", "key=user",
			FAILED("\"starts-with\", \"$key\", \"user/\"")},
		{"[\"starts-with\", \"$key\", \"\"]", "key=", NULL},
		/* even then it must be sent */
		{"[\"starts-with\", \"$key\", \"\"]", "",
			FAILED("\"starts-with\", \"$key\", \"\"")},
		/* all conditions on a field hold, not one of them */
		{"[\"starts-with\", \"$key\", \"a\"], [\"eq\", \"$key\", \"b\"]", "key=ab",
			FAILED("\"eq\", \"$key\", \"b\"")},
		{"{\"key\": \"a\"}", "key=a;Key=b", FAILED("\"eq\", \"$key\", \"a\"")},
		/* a list of types */
		{"[\"starts-with\", \"$Content-Type\", \"image/\"]",
			"content-type=image/png, image/gif", NULL},
		{"[\"starts-with\", \"$Content-Type\", \"image/\"]",
			"content-type=image/png,text/html",
			FAILED("\"starts-with\", \"$Content-Type\", \"image/\"")},
		{"[\"starts-with\", \"$x-amz-meta-a\", \"b\"]", "x-amz-meta-a=b,c", NULL},
		/* coverage */
		{"{\"key\": \"k\"}", "key=k;acl=private;x-amz-meta-a=1",
			EXTRA("acl, x-amz-meta-a")},
		{"", "bucket=b", EXTRA("bucket")},
		{"", "x-amz-credential=c", EXTRA("x-amz-credential")},
		{"", "x-ignore-a=1;X-Ignore-B=;x-ignore-=", NULL},
		{"", "x-ignore=1", EXTRA("x-ignore")},
		{"", "policy=p;Signature=s;X-Amz-Signature=s;AWSAccessKeyId=k;file=f", NULL},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct postpolicy_field fields[MAX_FIELDS];
		size_t n = split_fields(rows[i].fields, fields);
		struct postpolicy p;
		bool holds;

		assert_true(postpolicy_parse(a,
			base64(a,
				arena_printf(a, "{" UNTIL "\"conditions\": [%s]}",
					rows[i].conditions)),
			&p));
		holds = postpolicy_holds(a, &p, fields, n, NOW_US - 1);
		assert_string_equal(p.text, rows[i].text ? rows[i].text : "");
		assert_int_equal(holds, rows[i].text == NULL);
		assert_false(postpolicy_holds(a, &p, fields, n, NOW_US));
		assert_string_equal(p.text, "Invalid according to Policy: Policy expired.");
	}
	arena_free(a);
}

/* ---- signatures ---- */

/* The example of the S3 API reference, "Browser-Based Upload using HTTP POST (Using AWS
 * Signature Version 4)"; its signature of version 2 was computed. */
#define EXAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define EXAMPLE_CREDENTIAL "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"
#define EXAMPLE_V4 "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
#define EXAMPLE_V2 "QyigO3Da7gYxPW1IXllc6C7gI74="
static const char example[] =
	"{ \"expiration\": \"2015-12-30T12:00:00.000Z\",\r\n"
	"  \"conditions\": [\r\n"
	"    {\"bucket\": \"sigv4examplebucket\"},\r\n"
	"    [\"starts-with\", \"$key\", \"user/user1/\"],\r\n"
	"    {\"acl\": \"public-read\"},\r\n"
	"    {\"success_action_redirect\": "
	"\"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},\r\n"
	"    [\"starts-with\", \"$Content-Type\", \"image/\"],\r\n"
	"    {\"x-amz-meta-uuid\": \"14365123651274\"},\r\n"
	"    {\"x-amz-server-side-encryption\": \"AES256\"},\r\n"
	"    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],\r\n"
	"\r\n"
	"    {\"x-amz-credential\": \"" EXAMPLE_CREDENTIAL "\"},\r\n"
	"    {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},\r\n"
	"    {\"x-amz-date\": \"20151229T000000Z\" }\r\n"
	"  ]\r\n"
	"}";

static void the_documented_example_verifies(void **state)
{
	static const struct span secret = SPAN_LIT(EXAMPLE_SECRET);
	struct arena *a = arena_new();
	struct span policy = base64(a, example);
	unsigned char key[32];
	struct postpolicy p;

	(void)state;
	sigv4_signing_key(
		secret, SPAN_LIT("20151229"), SPAN_LIT("us-east-1"), SPAN_LIT("s3"), key);
	assert_true(postsign_verify_v4(policy, key, SPAN_LIT(EXAMPLE_V4)));
	assert_true(postsign_verify_v2(policy, secret, SPAN_LIT(EXAMPLE_V2)));
	assert_true(postpolicy_parse(a, policy, &p));
	assert_int_equal(p.count, 11);
	assert_false(postsign_verify_v4(policy, key, SPAN_LIT("8" EXAMPLE_V4)));
	assert_false(postsign_verify_v4(policy, key, SPAN_LIT("")));
	assert_false(
		postsign_verify_v2(policy, secret, SPAN_LIT("QyigO3Da7gYxPW1IXllc6C7gI70=")));
	policy.n--;
	assert_false(postsign_verify_v4(policy, key, SPAN_LIT(EXAMPLE_V4)));
	assert_false(postsign_verify_v2(policy, secret, SPAN_LIT(EXAMPLE_V2)));
	arena_free(a);
}

static void fields_of_version_4(void **state)
{
#define SCOPE "Error parsing the X-Amz-Credential parameter; "
	static const struct {
		const char *algorithm, *credential, *date;
		enum sigv4_fault fault;
		const char *text; /* how it begins */
	} rows[] = {
		{"AWS4-HMAC-SHA256", EXAMPLE_CREDENTIAL, "20151229T000000Z", SIGV4_OK, ""},
		{"AWS4-HMAC-SHA1", EXAMPLE_CREDENTIAL, "20151229T000000Z", SIGV4_MALFORMED,
			"X-Amz-Algorithm only supports"},
		{"AWS4-HMAC-SHA256", "AKIA/20151229/us-east-1/s3", "20151229T000000Z",
			SIGV4_MALFORMED, SCOPE "the Credential is mal-formed"},
		{"AWS4-HMAC-SHA256", "AKIA/20151229/us-east-1/sts/aws4_request",
			"20151229T000000Z", SIGV4_MALFORMED, SCOPE "incorrect service \"sts\""},
		{"AWS4-HMAC-SHA256", "AKIA/20151229/us-east-1/s3/aws5", "20151229T000000Z",
			SIGV4_MALFORMED, SCOPE "incorrect terminal"},
		{"AWS4-HMAC-SHA256", "/20151229/us-east-1/s3/aws4_request", "20151229T000000Z",
			SIGV4_MALFORMED, SCOPE "a non-empty Access Key"},
		{"AWS4-HMAC-SHA256", "AKIA/2015/us-east-1/s3/aws4_request", "20151229T000000Z",
			SIGV4_MALFORMED, SCOPE "incorrect date format"},
		{"AWS4-HMAC-SHA256", "AKIA/20151229/mars/s3/aws4_request", "20151229T000000Z",
			SIGV4_WRONG_REGION, ""},
		{"AWS4-HMAC-SHA256", EXAMPLE_CREDENTIAL, "2015-12-29", SIGV4_MALFORMED,
			"X-Amz-Date must be in"},
		{"AWS4-HMAC-SHA256", EXAMPLE_CREDENTIAL, "20151230T000000Z", SIGV4_SCOPE_DATE,
			SCOPE "Invalid credential date"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct postsign_v4 f = {span_str(rows[i].algorithm),
			span_str(rows[i].credential), span_str(rows[i].date), SPAN_LIT("00")};
		struct sigv4 sig;

		assert_int_equal(postsign_parse_v4(a, &f, "us-east-1", &sig), rows[i].fault);
		assert_true(span_starts(span_str(sig.text), span_str(rows[i].text)));
		if (rows[i].fault == SIGV4_OK)
			assert_span_eq(sig.access_key, "AKIAIOSFODNN7EXAMPLE");
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_policies),
		cmocka_unit_test(the_text_is_base64_in_lines),
		cmocka_unit_test(ranges_narrow_each_other),
		cmocka_unit_test(forms_against_policies),
		cmocka_unit_test(the_documented_example_verifies),
		cmocka_unit_test(fields_of_version_4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
