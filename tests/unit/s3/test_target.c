/* SPDX-License-Identifier: MIT */
#include "s3/target.h"
#include "tests/unit/testing.h"

#include "s3/s3.h"

static const struct s3_domains ours = {.ours = SPAN_LIT("s3.example.com, example.com")};
static const struct s3_domains none;

struct row {
	const char *host, *path;
	enum s3_code code;
	enum s3_target_kind kind;
	const char *bucket, *key;
};

static void paths_and_hosts_name_buckets_and_keys(void **state)
{
	static const struct row rows[] = {
		{"h", "/", S3_OK, S3_SERVICE, "", ""},
		{"h", "/bucket", S3_OK, S3_BUCKET, "bucket", ""},
		{"h", "/bucket/", S3_OK, S3_BUCKET, "bucket", ""},
		{"h", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"h", "/bucket//k", S3_OK, S3_OBJECT, "bucket", "/k"},
		{"h", "/bucket//", S3_OK, S3_OBJECT, "bucket", "/"},
		{"h", "/bucket/a/../b", S3_OK, S3_OBJECT, "bucket", "a/../b"},
		{"h", "/bucket/a%2Fb", S3_OK, S3_OBJECT, "bucket", "a/b"},
		{"h", "/bucket/a%252Fb", S3_OK, S3_OBJECT, "bucket", "a%2Fb"},
		{"h", "/bucket/a+b", S3_OK, S3_OBJECT, "bucket", "a+b"},
		{"h", "/bucket/%01%0D%0A", S3_OK, S3_OBJECT, "bucket", "\x01\r\n"},
		{"h", "/%62ucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"h", "/health/x", S3_OK, S3_OBJECT, "health", "x"},
		{"h", "/tenant-0a1b2c3d--backups/k", S3_OK, S3_OBJECT,
			"tenant-0a1b2c3d--backups", "k"},
		/* hosts */
		{"photos.example.com", "/k", S3_OK, S3_OBJECT, "photos", "k"},
		{"photos.example.com:8000", "/photos/k", S3_OK, S3_OBJECT, "photos",
			"photos/k"},
		{"photos.example.com", "/", S3_OK, S3_BUCKET, "photos", ""},
		{"photos.s3.example.com", "/", S3_OK, S3_BUCKET, "photos", ""},
		{"my.photos.example.com", "/", S3_OK, S3_BUCKET, "my.photos", ""},
		{"s3.example.com", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"example.com", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"notexample.com", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{".example.com", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"[::1]:8000", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"127.0.0.1:8000", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		{"", "/bucket/k", S3_OK, S3_OBJECT, "bucket", "k"},
		/* refused */
		{"h", "", S3_InvalidURI, S3_SERVICE, "", ""},
		{"h", "bucket/k", S3_InvalidURI, S3_SERVICE, "", ""},
		{"h", "/bucket/%zz", S3_InvalidURI, S3_SERVICE, "bucket", NULL},
		{"h", "/bucket/%ff", S3_InvalidURI, S3_SERVICE, "bucket", NULL},
		{"h", "/bucket/%c0%80", S3_InvalidURI, S3_SERVICE, "bucket", NULL},
		{"h", "/bucket/a%00b", S3_InvalidURI, S3_SERVICE, "bucket", NULL},
		{"h", "//k", S3_InvalidBucketName, S3_OBJECT, "", "k"},
		{"h", "/Bucket", S3_InvalidBucketName, S3_BUCKET, "Bucket", ""},
		{"h", "/ab", S3_InvalidBucketName, S3_BUCKET, "ab", ""},
		{"h", "/..", S3_InvalidBucketName, S3_BUCKET, "..", ""},
		{"h", "/192.168.1.1", S3_InvalidBucketName, S3_BUCKET, "192.168.1.1", ""},
		{"h", "/a%2Fb/k", S3_InvalidBucketName, S3_OBJECT, "a/b", "k"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct s3_target t;
		enum s3_code code = s3_target_resolve(
			a, span_str(rows[i].host), span_str(rows[i].path), &ours, &t);

		if (code != rows[i].code)
			fail_msg("%s %s: %s", rows[i].host, rows[i].path, s3_code_name(code));
		assert_span_eq(t.bucket, rows[i].bucket);
		if (rows[i].key)
			assert_span_eq(t.key, rows[i].key);
		if (code == S3_OK)
			assert_int_equal(t.kind, rows[i].kind);
	}
	arena_free(a);
}

static void a_tenants_domain_names_his_namespace(void **state)
{
	static const struct {
		const char *host, *path, *bucket, *explicit_bucket;
	} rows[] = {
		{"photos.acme.example.com", "/k", "photos", "tenant-0a1b2c3d--photos"},
		{"acme.example.com:8000", "/photos/k", "photos", "tenant-0a1b2c3d--photos"},
		{"acme.example.com", "/global--photos/k", "global--photos", "global--photos"},
		{"acme.example.com", "/tenant-ffffffff--x1/k", "tenant-ffffffff--x1",
			"tenant-ffffffff--x1"},
		{"acme.example.com", "/", "", ""},
		/* ours is longer */
		{"photos.s3.acme.example.com", "/k", "photos", "photos"},
	};
	const struct s3_domains domains = {
		.ours = SPAN_LIT("example.com,s3.acme.example.com"),
		.theirs = SPAN_LIT("acme.example.com"),
		.tenant = SPAN_LIT("tenant-0a1b2c3d"),
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct s3_target t;

		assert_int_equal(s3_target_resolve(a, span_str(rows[i].host),
					 span_str(rows[i].path), &domains, &t),
			S3_OK);
		assert_span_eq(t.bucket, rows[i].bucket);
		assert_span_eq(t.explicit_bucket, rows[i].explicit_bucket);
	}
	arena_free(a);
}

static void a_key_has_at_most_1024_bytes(void **state)
{
	struct arena *a = arena_new();
	char path[8 + 1026] = "/bucket/";
	struct s3_target t;

	(void)state;
	memset(path + 8, 'k', 1024);
	assert_int_equal(
		s3_target_resolve(a, SPAN_NULL, span_of(path, 8 + 1024), &none, &t), S3_OK);
	path[8 + 1024] = 'k';
	assert_int_equal(
		s3_target_resolve(a, SPAN_NULL, span_of(path, 8 + 1025), &none, &t),
		S3_KeyTooLongError);
	arena_free(a);
}

static void faults_of_ours_are_never_the_clients(void **state)
{
	struct err e = {.kind = ERR_IO, .reason = 2};

	(void)state;
	assert_int_equal(s3_code_of(&e), S3_InternalError);
	e = (struct err){.kind = ERR_NOT_FOUND};
	assert_int_equal(s3_code_of(&e), S3_InternalError);
	e = (struct err){.kind = ERR_DENIED, .sys = 13};
	assert_int_equal(s3_code_of(&e), S3_InternalError);
	e = (struct err){.kind = ERR_FULL, .sys = 28};
	assert_int_equal(s3_code_of(&e), S3_InsufficientStorage);
	e = (struct err){.kind = ERR_BUSY};
	assert_int_equal(s3_code_of(&e), S3_SlowDown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_and_hosts_name_buckets_and_keys),
		cmocka_unit_test(a_tenants_domain_names_his_namespace),
		cmocka_unit_test(a_key_has_at_most_1024_bytes),
		cmocka_unit_test(faults_of_ours_are_never_the_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
