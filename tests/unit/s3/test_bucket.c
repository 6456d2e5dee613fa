/* SPDX-License-Identifier: MIT */
/* Buckets and ListBuckets. */
#include "tests/unit/s3/rig.h"

static void names_are_judged_before_anything_else(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/ab", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/Upper", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/a..b", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/a.-b", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/10.0.0.1", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/-abc", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/a-legal.name.1", NULL, NULL, 200, ""},
		{ANN, "PUT", "/global--x", NULL, NULL, 400, "InvalidBucketName"},
		{ANN, "PUT", "/tenant-01234567", NULL, NULL, 400, "InvalidBucketName"},
		{NOBODY, "PUT", "/abc", NULL, NULL, 403, "AccessDenied"},
	};

	rig_table((struct rig *)*state, rows);
}

static void a_bucket_is_made_again_by_its_owner_only(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/backups");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "location"), "/backups");
	ask_end(&q);
	rig_expect(r, ANN, "PUT", "/backups/k", "kept", 200, "");
	rig_expect(r, ANN, "PUT", "/backups", NULL, 200, "");
	rig_expect(r, ANN, "GET", "/backups/k", NULL, 200, "");
	rig_expect(r, CLEO, "PUT", "/backups", NULL, 409, "BucketAlreadyExists");
	/* the same name in another tenant: no conflict, no trace */
	rig_expect(r, BEN, "PUT", "/backups", NULL, 200, "");
	rig_expect(r, BEN, "GET", "/backups/k", NULL, 404, "NoSuchKey");
	rig_expect(r, BEN, "DELETE", "/backups", NULL, 204, "");
	rig_expect(r, ANN, "GET", "/backups/k", NULL, 200, "");
}

#define CONFIGURATION(inner) "<CreateBucketConfiguration>" inner "</CreateBucketConfiguration>"

static void a_location_is_this_region_or_none(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/here", NULL,
			CONFIGURATION("<LocationConstraint>us-east-1</LocationConstraint>"),
			200, ""},
		{ANN, "PUT", "/none", NULL, CONFIGURATION(""), 200, ""},
		{ANN, "PUT", "/bad", NULL,
			CONFIGURATION("<LocationConstraint>nowhere</LocationConstraint>"), 400,
			"InvalidLocationConstraint"},
		{ANN, "PUT", "/bad", NULL,
			CONFIGURATION("<Tags><Tag><Key>a</Key></Tag></Tags>"), 501,
			"NotImplemented"},
		{ANN, "PUT", "/bad", NULL, "<!DOCTYPE x []><CreateBucketConfiguration/>", 400,
			"MalformedXML"},
		{ANN, "HEAD", "/bad", NULL, NULL, 404, ""},
	};
	struct rig *r = *state;
	struct ask q;

	rig_table(r, rows);
	ask_begin(&q, r, ANN, "GET", "/here?location");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, ">us-east-1</LocationConstraint>"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/none?location");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "/\"></LocationConstraint>"));
	ask_end(&q);
}

static void head_tells_the_region(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "HEAD", "/abc", NULL, 404, "");
	rig_expect(r, ANN, "PUT", "/abc", NULL, 200, "");
	ask_begin(&q, r, ANN, "HEAD", "/abc");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "x-amz-bucket-region"), "us-east-1");
	ask_end(&q);
}

static void a_bucket_is_deleted_when_it_is_empty(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "DELETE", "/abc", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "PUT", "/abc", NULL, NULL, 200, ""},
		{ANN, "PUT", "/abc/k", NULL, "x", 200, ""},
		{ANN, "DELETE", "/abc", NULL, NULL, 409, "BucketNotEmpty"},
		{ANN, "DELETE", "/abc/k", NULL, NULL, 204, ""},
		{ANN, "POST", "/abc/k?uploads", NULL, NULL, 200, ""},
		{ANN, "DELETE", "/abc", NULL, NULL, 204, ""},
		{ANN, "GET", "/abc", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "PUT", "/abc", NULL, NULL, 200, ""},
		{ANN, "GET", "/abc/k", NULL, NULL, 404, "NoSuchKey"},
	};

	rig_table((struct rig *)*state, rows);
}

static void a_host_may_name_the_bucket(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/abc", NULL, 200, "");
	ask_begin(&q, r, ANN, "PUT", "/dir/key");
	q.host = "abc.s3.example.com:8000";
	ask_body(&q, "x");
	ask_expect(&q, 200, "");
	ask_end(&q);
	rig_expect(r, ANN, "GET", "/abc/dir/key", NULL, 200, "");
}

/* ---- ListBuckets ---- */

static unsigned count(struct ask *q, const char *what)
{
	struct span rest = ask_response(q);
	unsigned n = 0;
	ptrdiff_t at;

	while ((at = span_find(rest, span_str(what))) >= 0) {
		rest = span_from(rest, (size_t)at + 1);
		n++;
	}
	return n;
}

static unsigned listed(struct rig *r, enum who who, const char *target)
{
	struct ask q;
	unsigned n;

	ask_begin(&q, r, who, "GET", target);
	ask_expect(&q, 200, "");
	n = count(&q, "<Bucket>");
	ask_end(&q);
	return n;
}

static void one_sees_ones_own_buckets(void **state)
{
	struct rig *r = *state;

	rig_expect(r, ANN, "PUT", "/ann-1", NULL, 200, "");
	rig_expect(r, ANN, "PUT", "/ann-2", NULL, 200, "");
	rig_expect(r, CLEO, "PUT", "/cleo-1", NULL, 200, "");
	rig_expect(r, BEN, "PUT", "/ben-1", NULL, 200, "");
	assert_int_equal(listed(r, ANN, "/"), 2);
	assert_int_equal(listed(r, CLEO, "/"), 1);
	assert_int_equal(listed(r, BOSS, "/"), 3);
	assert_int_equal(listed(r, BEN, "/"), 1);
	assert_int_equal(listed(r, ANN, "/?prefix=ann-2"), 1);
	assert_int_equal(listed(r, ANN, "/?prefix=x"), 0);
	assert_int_equal(listed(r, ANN, "/?bucket-region=us-east-1"), 2);
	assert_int_equal(listed(r, ANN, "/?bucket-region=eu-west-1"), 0);
	rig_expect(r, NOBODY, "GET", "/", NULL, 403, "AccessDenied");
}

static void pages_of_buckets_join_to_the_whole(void **state)
{
	static const struct rig_row bad[] = {
		{ANN, "GET", "/?max-buckets=0", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/?max-buckets=10001", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/?max-buckets=x", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/?continuation-token=nonsense!", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/?max-buckets=10000", NULL, NULL, 200, ""},
	};
	struct rig *r = *state;
	const char *target = "/?max-buckets=2&prefix=p";
	unsigned pages = 0, seen = 0;

	rig_table(r, bad);
	for (int i = 0; i < 5; i++)
		rig_expect(r, ANN, "PUT", arena_printf(r->arena, "/page-%d", i), NULL, 200, "");
	while (target) {
		struct ask q;
		struct span token;

		ask_begin(&q, r, ANN, "GET", target);
		ask_expect(&q, 200, "");
		seen += count(&q, "<Bucket>");
		assert_span_eq(ask_element(&q, "Prefix"), "p");
		token = ask_element(&q, "ContinuationToken");
		target = span_absent(token)
			? NULL
			: arena_printf(r->arena,
				  "/?max-buckets=2&prefix=p&continuation-token=%.*s",
				  SPAN_FMT(token));
		ask_end(&q);
		pages++;
	}
	assert_int_equal(pages, 3);
	assert_int_equal(seen, 5);
}

#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(names_are_judged_before_anything_else),
		T(a_bucket_is_made_again_by_its_owner_only),
		T(a_location_is_this_region_or_none),
		T(head_tells_the_region),
		T(a_bucket_is_deleted_when_it_is_empty),
		T(a_host_may_name_the_bucket),
		T(one_sees_ones_own_buckets),
		T(pages_of_buckets_join_to_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
