/* SPDX-License-Identifier: MIT */
#include "s3/copy_source.h"
#include "tests/unit/testing.h"

static void a_source_is_a_bucket_a_key_and_perhaps_a_version(void **state)
{
	static const struct {
		const char *text, *bucket, *key;
		bool has_version;
		uint64_t vseq;
	} rows[] = {
		{"bucket/key", "bucket", "key", false, 0},
		{"/bucket/key", "bucket", "key", false, 0},
		{"bucket%2Fkey", "bucket", "key", false, 0},
		{"%2Fbucket%2Fa%2Fb", "bucket", "a/b", false, 0},
		{"bucket//key", "bucket", "/key", false, 0},
		{"bucket/a/", "bucket", "a/", false, 0},
		{"bucket/a+b%20c", "bucket", "a+b c", false, 0},
		{"bucket/a%2520b", "bucket", "a%20b", false, 0},
		{"bucket/%C3%A9\xc3\xa9", "bucket", "\xc3\xa9\xc3\xa9", false, 0},
		{"bucket/a%3FversionId=x", "bucket", "a?versionId=x", false, 0},
		{"bucket/../key", "bucket", "../key", false, 0},
		{"global--bucket/key", "global--bucket", "key", false, 0},
		{"bucket/key?versionId=null", "bucket", "key", true, 0},
		{"bucket/key?versionId=000000000000000a000000000000000b", "bucket", "key", true,
			10},
		{"bucket/key?versionId=%6eull", "bucket", "key", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *a = arena_new();
		struct s3_copy_source s;
		const char *wrong = s3_copy_source_parse(a, span_str(rows[i].text), &s);

		if (wrong)
			fail_msg("%s: %s", rows[i].text, wrong);
		assert_span_eq(s.bucket, rows[i].bucket);
		assert_span_eq(s.key, rows[i].key);
		assert_int_equal(s.has_version, rows[i].has_version);
		assert_int_equal(s.version.vseq, rows[i].vseq);
		arena_free(a);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"/",
		"//",
		"bucket",
		"/bucket",
		"bucket/",
		"//bucket/key",
		"?versionId=null",
		"bucket/%",
		"bucket/%zz",
		"bucket/%ff",
		"bucket/%00",
		"bu%00cket/key",
		"Bucket/key",
		"b/key",
		"arn:aws:s3:us-east-1:1:accesspoint/name/object/key",
		"bucket/key?",
		"bucket/key?versionId",
		"bucket/key?versionId=",
		"bucket/key?versionId=x",
		"bucket/key?versionId=%zz",
		"bucket/key?versionid=null",
		"bucket/key?versionId=null&x=y",
		"bucket/key?acl",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *a = arena_new();
		struct s3_copy_source s;

		if (!s3_copy_source_parse(a, span_str(rows[i]), &s))
			fail_msg("%s: accepted", rows[i]);
		arena_free(a);
	}
}

static void a_key_has_at_most_1024_bytes(void **state)
{
	char text[7 + 1025] = "bucket/";
	struct arena *a = arena_new();
	struct s3_copy_source s;

	(void)state;
	memset(text + 7, 'k', 1025);
	assert_null(s3_copy_source_parse(a, span_of(text, 7 + 1024), &s));
	assert_non_null(s3_copy_source_parse(a, span_of(text, 7 + 1025), &s));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_is_a_bucket_a_key_and_perhaps_a_version),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_key_has_at_most_1024_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
