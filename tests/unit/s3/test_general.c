/* SPDX-License-Identifier: MIT */
/* Errors, authentication, authority, guarded headers: what holds for every operation. */
#include "tests/unit/s3/rig.h"

#include <stdio.h>

#include "base/log.h"

static void make_bucket(struct rig *r)
{
	rig_expect(r, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/key", "hello", 200, "");
}

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	make_bucket(*state);
	return 0;
}

/* ---- errors ---- */

static void an_error_names_itself_the_resource_and_the_request(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "GET", "/tbl/a%20%3C%26b");
	ask_expect(&q, 404, "NoSuchKey");
	assert_span_eq(ask_element(&q, "Resource"), "/tbl/a &lt;&amp;b");
	assert_span_eq(ask_element(&q, "Key"), "a &lt;&amp;b");
	assert_span_eq(ask_element(&q, "RequestId"), q.d.req.id);
	assert_span_eq(ask_response_header(&q, "x-amz-request-id"), q.d.req.id);
	assert_true(ask_response_header(&q, "x-amz-id-2").n > 0);
	assert_true(span_eq(ask_response_header(&q, "x-amz-id-2"), ask_element(&q, "HostId")));
	assert_span_eq(ask_response_header(&q, "content-type"), "application/xml");
	ask_end(&q);
}

static void every_answer_carries_the_ids_and_a_failed_head_no_body(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "GET", "/tbl/key");
	ask_expect(&q, 200, "");
	assert_true(ask_response_header(&q, "x-amz-request-id").n == 16);
	assert_true(ask_response_header(&q, "x-amz-id-2").n > 0);
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl/none");
	ask_expect(&q, 404, "");
	assert_int_equal(ask_response(&q).n, 0);
	assert_true(ask_response_header(&q, "x-amz-request-id").n == 16);
	ask_end(&q);
}

static void requests_that_s3_refuses_are_refused_alike(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/nobucket", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "GET", "/nobucket/key", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "DELETE", "/nobucket", NULL, NULL, 404, "NoSuchBucket"},
		{NOBODY, "GET", "/nobucket", NULL, NULL, 404, "NoSuchBucket"},
		{NOBODY, "DELETE", "/nobucket/key", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "GET", "/tbl/none", NULL, NULL, 404, "NoSuchKey"},
		{ANN, "GET", "/tbl/key?x-id=GetObject&unknown=1", NULL, NULL, 200, ""},
		{ANN, "PUT", "/tbl/key?partNumber=1", NULL, "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/key?uploadId=x", NULL, "x", 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?uploads", NULL, NULL, 400, "InvalidRequest"},
		{ANN, "GET", "/tbl/key?versions", NULL, NULL, 400, "InvalidRequest"},
		{ANN, "POST", "/", NULL, NULL, 405, "MethodNotAllowed"},
		{NOBODY, "POST", "/", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "PUT", "/", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "POST", "/tbl/key", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "PATCH", "/tbl/key", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "TRACE", "/tbl/key", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "GET", "/tbl/key", "x-amz-copy-source: /tbl/key", NULL, 400,
			"InvalidArgument"},
		{ANN, "DELETE", "/tbl/key", "x-amz-copy-source: /tbl/key", NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl/%ff", NULL, NULL, 400, "InvalidURI"},
		{ANN, "GET", "/tbl/%zz", NULL, NULL, 400, "InvalidURI"},
		{ANN, "GET", "/tbl?prefix=%ff", NULL, NULL, 400, "InvalidURI"},
		{ANN, "GET", "/tbl?prefix=%zz", NULL, NULL, 400, "InvalidURI"},
		{ANN, "PUT", "/tbl", NULL, "<Create", 400, "MalformedXML"},
		{ANN, "PUT", "/tbl", NULL, "<Wrong/>", 400, "MalformedXML"},
		{ANN, "DELETE", "/tbl/key?tagging&versionId=x", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "DELETE", "/tbl/key?tagging", NULL, NULL, 204, ""},
		{ANN, "GET", "/tbl/key", NULL, NULL, 200, ""},
	};
	struct rig *r = *state;

	rig_table(r, rows);
}

static void a_subresource_is_never_ignored(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/bare", NULL, NULL, 200, ""},
		{ANN, "DELETE", "/bare?location", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "DELETE", "/bare?uploads", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "DELETE", "/bare?uploadId=x", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "PUT", "/bare?delete", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "POST", "/bare?location", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "GET", "/bare", NULL, NULL, 200, ""},
		{ANN, "DELETE", "/tbl/key?uploads", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "DELETE", "/tbl/key?policy", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "PUT", "/tbl/key?uploads", NULL, "x", 405, "MethodNotAllowed"},
		{ANN, "PUT", "/tbl/key?lifecycle", NULL, "x", 405, "MethodNotAllowed"},
		{ANN, "GET", "/tbl/key?location", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "GET", "/tbl?acl&policy", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "DELETE", "/tbl/key?uploadId=x&acl", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?versionId=x&acl", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?partNumber=1", NULL, NULL, 206, ""},
	};
	struct rig *r = *state;

	rig_table(r, rows);
}

static void too_long_keys_and_headers_are_refused(void **state)
{
	struct rig *r = *state;
	char target[6 + 1026] = "/tbl/", big[8200];
	struct ask q;

	memset(target + 5, 'k', 1025);
	target[5 + 1024] = '\0';
	rig_expect(r, ANN, "PUT", target, "x", 200, "");
	target[5 + 1024] = 'k';
	target[5 + 1025] = '\0';
	rig_expect(r, ANN, "PUT", target, "x", 400, "KeyTooLongError");
	memset(big, 'h', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	ask_header(&q, "x-amz-meta-big", big);
	ask_expect(&q, 400, "RequestHeaderSectionTooLarge");
	ask_end(&q);
}

/* ---- authentication ---- */

static void authorizations_that_do_not_hold(void **state)
{
#define V4 "authorization: AWS4-HMAC-SHA256 "
	static const struct rig_row rows[] = {
		{NOBODY, "GET", "/", NULL, NULL, 403, "AccessDenied"},
		{NOBODY, "GET", "/", "authorization: ", NULL, 403, "AccessDenied"},
		{NOBODY, "GET", "/", "authorization: Bearer abc", NULL, 400, "InvalidArgument"},
		{NOBODY, "GET", "/", "authorization: nonsense", NULL, 400, "InvalidArgument"},
		{NOBODY, "GET", "/", "authorization: AWS x", NULL, 400, "InvalidArgument"},
		{NOBODY, "GET", "/", "authorization: AWS key:sig", NULL, 403, "AccessDenied"},
		{NOBODY, "GET", "/", V4 "nonsense", NULL, 400, "AuthorizationHeaderMalformed"},
		{NOBODY, "GET", "/", V4 "Credential=a/20251124/us-east-1/s3/aws4_request", NULL,
			400, "AuthorizationHeaderMalformed"},
		{NOBODY, "GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", NULL, NULL, 400,
			"AuthorizationQueryParametersError"},
		{NOBODY, "GET", "/?AWSAccessKeyId=a&Signature=b&Expires=1", NULL, NULL, 403,
			"AccessDenied"},
		{ANN, "GET", "/?X-Amz-Signature=a", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/", "x-amz-security-token: t", NULL, 400, "InvalidToken"},
		{NOBODY, "PUT", "/tbl/k",
			"x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD", NULL, 400,
			"InvalidRequest"},
	};

	rig_table(*state, rows);
}

static void a_wrong_secret_gets_the_strings_to_compare_but_no_secret(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	q.secret = SPAN_LIT("wrong");
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	assert_span_eq(ask_element(&q, "AWSAccessKeyId"), r->people[ANN].access_key);
	assert_true(
		span_starts(ask_element(&q, "StringToSign"), SPAN_LIT("AWS4-HMAC-SHA256\n")));
	assert_true(
		span_starts(ask_element(&q, "CanonicalRequest"), SPAN_LIT("GET\n/tbl/key\n")));
	assert_true(span_starts(
		ask_element(&q, "CanonicalRequestBytes"), SPAN_LIT("47 45 54 0a ")));
	assert_int_equal(ask_element(&q, "SignatureProvided").n, 64);
	assert_true(ask_element(&q, "StringToSignBytes").n > 0);
	assert_false(ask_has(&q, r->people[ANN].secret));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl/key");
	q.access_key = SPAN_LIT("AKIAUNKNOWNUNKNOWN00");
	ask_expect(&q, 403, "InvalidAccessKeyId");
	assert_span_eq(ask_element(&q, "AWSAccessKeyId"), "AKIAUNKNOWNUNKNOWN00");
	ask_end(&q);
}

static void a_wrong_region_is_told_the_right_one(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "GET", "/tbl/key");
	q.region = "eu-west-1";
	ask_expect(&q, 400, "AuthorizationHeaderMalformed");
	assert_span_eq(ask_element(&q, "Region"), "us-east-1");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl");
	q.region = "eu-west-1";
	ask_expect(&q, 400, "");
	assert_span_eq(ask_response_header(&q, "x-amz-bucket-region"), "us-east-1");
	ask_end(&q);
}

static void dates_far_from_now_are_refused(void **state)
{
	static const struct {
		int64_t skew_s;
		int status;
		const char *code;
	} rows[] = {
		{0, 200, ""},
		{-890, 200, ""},
		{890, 200, ""},
		{-910, 403, "RequestTimeTooSkewed"},
		{910, 403, "RequestTimeTooSkewed"},
		{(int64_t)7900 * 365 * 86400, 403, "RequestTimeTooSkewed"},
		{(int64_t)-60 * 366 * 86400, 403, "AccessDenied"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_begin(&q, *state, ANN, "GET", "/tbl/key");
		q.skew_us = rows[i].skew_s * 1000000;
		ask_expect(&q, rows[i].status, rows[i].code);
		if (strcmp(rows[i].code, "RequestTimeTooSkewed") == 0)
			assert_span_eq(ask_element(&q, "ServerTime"), "2025-11-24T00:00:00Z");
		ask_end(&q);
	}
}

static void an_amz_header_outside_the_signature_is_refused(void **state)
{
	struct rig *r = *state;
	struct ask q, twin;

	ask_begin(&twin, r, ANN, "GET", "/tbl/key");
	ask_send(&twin);
	ask_begin(&q, r, NOBODY, "GET", "/tbl/key");
	for (size_t i = 0; i < twin.d.req.header_count; i++)
		ask_header(&q, arena_strndup(q.d.arena, twin.d.req.headers[i].name),
			arena_strndup(q.d.arena, twin.d.req.headers[i].value));
	ask_header(&q, "x-amz-acl", "public-read");
	ask_expect(&q, 403, "AccessDenied");
	assert_span_eq(ask_element(&q, "HeadersNotSigned"), "x-amz-acl");
	ask_end(&q);
	ask_end(&twin);
}

static void payload_hashes_are_checked(void **state)
{
	static const struct {
		const char *sha256;
		int status;
		const char *code;
	} rows[] = {
		{"UNSIGNED-PAYLOAD", 200, ""},
		{"nonsense", 400, "InvalidArgument"},
		{"STREAMING-NONSENSE", 400, "InvalidArgument"},
		{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 400,
			"XAmzContentSHA256Mismatch"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_begin(&q, *state, ANN, "PUT", "/tbl/hashed");
		ask_body(&q, "not empty");
		q.sha256 = rows[i].sha256;
		ask_expect(&q, rows[i].status, rows[i].code);
		ask_end(&q);
	}
}

/* A body that nobody wants is still verified: the hash of a GET is a claim, too. */
static void the_hash_of_a_request_without_body_is_checked(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "GET", "/tbl/key");
	q.sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
	ask_expect(&q, 400, "XAmzContentSHA256Mismatch");
	ask_end(&q);
	rig_expect((struct rig *)*state, ANN, "GET", "/tbl/key", "a body", 200, "");
}

static void suspended_people_and_disabled_keys_are_refused(void **state)
{
	struct rig *r = *state;
	struct meta_access_key key;
	struct meta_user user;
	struct meta_tenant tenant;
	struct err e;

	assert_int_equal(r->meta->ops->key_get(r->meta, span_str(r->people[ANN].access_key),
				 r->arena, &key, &e),
		0);
	key.status = META_SUSPENDED;
	assert_int_equal(r->meta->ops->key_update(r->meta, &key, META_SET_STATUS, &e), 0);
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 403, "InvalidAccessKeyId");
	key.status = META_ACTIVE;
	key.expires_us = r->clock.fixed_us - 1;
	assert_int_equal(
		r->meta->ops->key_update(r->meta, &key, META_SET_STATUS | META_SET_EXPIRES, &e),
		0);
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 403, "InvalidAccessKeyId");
	key.expires_us = 0;
	assert_int_equal(r->meta->ops->key_update(r->meta, &key, META_SET_EXPIRES, &e), 0);
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 200, "");
	user = r->people[BEN].user;
	user.status = META_SUSPENDED;
	assert_int_equal(r->meta->ops->user_update(r->meta, &user, META_SET_STATUS, &e), 0);
	rig_expect(r, BEN, "GET", "/", NULL, 403, "InvalidAccessKeyId");
	assert_int_equal(r->meta->ops->tenant_find(r->meta, span_str(r->people[ANN].tenant_pub),
				 r->arena, &tenant, &e),
		0);
	tenant.status = META_SUSPENDED;
	assert_int_equal(r->meta->ops->tenant_update(r->meta, &tenant, META_SET_STATUS, &e), 0);
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 403, "AccessDenied");
}

/* ---- authority ---- */

static void owners_admins_and_strangers(void **state)
{
	struct rig *r = *state;
	const char *named = arena_printf(r->arena, "/%s--tbl/key", r->people[ANN].tenant_pub);

	rig_expect(r, BOSS, "GET", "/tbl/key", NULL, 200, "");
	rig_expect(r, CLEO, "GET", "/tbl/key", NULL, 403, "AccessDenied");
	rig_expect(r, BEN, "GET", "/tbl/key", NULL, 404, "NoSuchBucket");
	rig_expect(r, ROOT, "GET", "/tbl/key", NULL, 404, "NoSuchBucket");
	rig_expect(r, ANN, "GET", named, NULL, 200, "");
	rig_expect(r, ROOT, "GET", named, NULL, 200, "");
	rig_expect(r, BEN, "GET", named, NULL, 404, "NoSuchBucket");
	rig_expect(r, CLEO, "GET", named, NULL, 403, "AccessDenied");
}

static void anonymous_callers_see_missing_buckets_and_closed_ones(void **state)
{
	struct rig *r = *state;

	rig_expect(r, ROOT, "PUT", "/closed", NULL, 200, "");
	rig_expect(r, ROOT, "PUT", "/closed/key", "x", 200, "");
	rig_expect(r, NOBODY, "GET", "/closed/key", NULL, 403, "AccessDenied");
	rig_expect(r, NOBODY, "GET", "/closed/none", NULL, 403, "AccessDenied");
	rig_expect(r, NOBODY, "POST", "/closed/key?uploads", NULL, 403, "AccessDenied");
	rig_expect(r, NOBODY, "GET", "/tbl/key", NULL, 404, "NoSuchBucket");
	/* Nobody learns by leaving out the signature which buckets a tenant has. */
	rig_expect(r, NOBODY, "GET",
		arena_printf(r->arena, "/%s--tbl/key", r->people[ANN].tenant_pub), NULL, 404,
		"NoSuchBucket");
}

/* Byte for byte, except for what the client itself named. */
static void a_bucket_of_another_tenant_answers_like_a_missing_one(void **state)
{
	struct rig *r = *state;
	struct ask there, missing;

	ask_begin(&there, r, BEN, "GET",
		arena_printf(r->arena, "/%s--tbl/k", r->people[ANN].tenant_pub));
	ask_expect(&there, 404, "NoSuchBucket");
	ask_begin(&missing, r, BEN, "GET",
		arena_printf(r->arena, "/%s--xyz/k", r->people[ANN].tenant_pub));
	ask_expect(&missing, 404, "NoSuchBucket");
	assert_int_equal(ask_response(&there).n, ask_response(&missing).n);
	assert_int_equal(there.d.header_count, missing.d.header_count);
	ask_end(&there);
	ask_end(&missing);
}

static void the_expected_owner_must_be_the_owner(void **state)
{
	struct rig *r = *state;
	struct ask q;

	for (int right = 0; right < 2; right++) {
		ask_begin(&q, r, ANN, "GET", "/tbl/key");
		ask_header(&q, "x-amz-expected-bucket-owner",
			right ? r->people[ANN].user.canonical_id : "111122223333");
		ask_expect(&q, right ? 200 : 403, right ? "" : "AccessDenied");
		ask_end(&q);
	}
}

static void the_probes_are_exact_unsigned_paths_only(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, NOBODY, "GET", "/health", NULL, 200, "");
	rig_expect(r, NOBODY, "GET", "/ready", NULL, 200, "");
	rig_expect(r, NOBODY, "GET", "/health/key", NULL, 404, "NoSuchBucket");
	rig_expect(r, ANN, "GET", "/health", NULL, 404, "NoSuchBucket");
	rig_expect(r, ANN, "PUT", "/health", NULL, 200, "");
	rig_expect(r, ANN, "GET", "/health", NULL, 200, "");
	ask_begin(&q, r, NOBODY, "GET", "/metrics");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "{operation=\"CreateBucket\",code=\"OK\"} 2"));
	ask_end(&q);
}

/* ---- headers we must not ignore ---- */

static void headers_that_change_the_meaning_are_never_ignored(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/new", "x-amz-acl: private", NULL, 200, ""},
		{ANN, "PUT", "/new", "x-amz-acl: public-read", NULL, 501, "NotImplemented"},
		{ANN, "PUT", "/new", "x-amz-acl: nonsense", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/new", "x-amz-grant-read: id=x", NULL, 501, "NotImplemented"},
		{ANN, "PUT", "/new", "x-amz-bucket-object-lock-enabled: true", NULL, 409,
			"BucketAlreadyExists"},
		{ANN, "PUT", "/new", "x-amz-bucket-object-lock-enabled: maybe", NULL, 400,
			"InvalidArgument"},
		{ANN, "PUT", "/new", "x-amz-bucket-object-lock-enabled: false", NULL, 200, ""},
		{ANN, "PUT", "/new", "x-amz-object-ownership: ObjectWriter", NULL, 501,
			"NotImplemented"},
		{ANN, "PUT", "/new", "x-amz-object-ownership: nonsense", NULL, 400,
			"InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-acl: private", "x", 200, ""},
		{ANN, "PUT", "/tbl/k", "x-amz-acl: public-read", "x", 501, "NotImplemented"},
		{ANN, "PUT", "/tbl/k", "x-amz-acl: nonsense", "x", 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "x-amz-grant-full-control: id=x", "x", 501,
			"NotImplemented"},
		{ANN, "PUT", "/tbl/k", "x-amz-tagging: a=b", "x", 200, ""},
		{ANN, "PUT", "/tbl/k", "x-amz-object-lock-mode: GOVERNANCE", "x", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-object-lock-legal-hold: ON", "x", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-server-side-encryption: AES256", "x", 501,
			"NotImplemented"},
		{ANN, "GET", "/tbl/key", "x-amz-server-side-encryption-customer-key: x", NULL,
			501, "NotImplemented"},
		{ANN, "PUT", "/tbl/k", "x-amz-storage-class: STANDARD", "x", 200, ""},
		{ANN, "PUT", "/tbl/k", "x-amz-storage-class: GLACIER", "x", 501,
			"NotImplemented"},
		{ANN, "PUT", "/tbl/k", "x-amz-storage-class: nonsense", "x", 400,
			"InvalidStorageClass"},
		{ANN, "PUT", "/tbl/k", "x-amz-write-offset-bytes: 5", "x", 501,
			"NotImplemented"},
		{ANN, "POST", "/tbl/k?uploads", "x-amz-tagging: a=b", NULL, 200, ""},
		{ANN, "POST", "/tbl/k?uploads", "x-amz-acl: public-read", NULL, 501,
			"NotImplemented"},
		{ANN, "DELETE", "/tbl/k?uploadId=x", "x-amz-if-match-initiated-time: x", NULL,
			501, "NotImplemented"},
		/* not allowed comes before not implemented */
		{CLEO, "PUT", "/tbl/k", "x-amz-acl: public-read", "x", 403, "AccessDenied"},
	};

	rig_table(*state, rows);
}

/* ---- faults ---- */

static void a_failing_disk_or_database_is_a_500_and_leaves_the_old_object(void **state)
{
	struct rig *r = *state;
	struct ask q;

	for (unsigned nth = 1; nth < 40; nth++) {
		if (nth < 20)
			store_fault_arm(r->store, nth);
		else
			meta_fault_arm(r->meta, nth - 19);
		ask_begin(&q, r, ANN, "PUT", "/tbl/key");
		ask_body(&q, "hello");
		ask_send(&q);
		assert_true(q.d.status == 200 || q.d.status == 500);
		assert_true(q.d.status == 200 || ask_has(&q, "<Code>InternalError</Code>"));
		ask_end(&q);
		store_fault_arm(r->store, 0);
		meta_fault_arm(r->meta, 0);
		ask_begin(&q, r, ANN, "GET", "/tbl/key");
		ask_expect(&q, 200, "");
		assert_span_eq(ask_response(&q), "hello");
		ask_end(&q);
	}
}

static void too_many_transfers_say_slow_down(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "PUT", "/tbl/key");
	ask_body(&q, "other");
	q.d.no_transfer = true;
	ask_expect(&q, 503, "SlowDown");
	assert_int_equal(q.d.body_read, 0);
	ask_end(&q);
	ask_begin(&q, *state, ANN, "GET", "/tbl/key");
	q.d.no_transfer = true;
	ask_expect(&q, 200, "");
	ask_end(&q);
}

static void a_refused_request_does_not_have_its_body_read(void **state)
{
	static const struct rig_row rows[] = {
		{NOBODY, "PUT", "/tbl/k", NULL, "body", 404, "NoSuchBucket"},
		{CLEO, "PUT", "/tbl/k", NULL, "body", 403, "AccessDenied"},
		{ANN, "PUT", "/tbl/k", "if-match: \"abc\"", "body", 404, "NoSuchKey"},
		{ANN, "PUT", "/tbl/key", "if-none-match: *", "body", 412, "PreconditionFailed"},
		{ANN, "PUT", "/tbl/k", "content-md5: x", "body", 400, "InvalidDigest"},
		{ANN, "PUT", "/tbl/k?partNumber=1&uploadId=x", NULL, "body", 404,
			"NoSuchUpload"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ask q;

		ask_begin_row(&q, *state, &rows[i]);
		ask_expect(&q, rows[i].status, rows[i].code);
		assert_int_equal(q.d.body_read, 0);
		ask_end(&q);
	}
}

/* ---- audit ---- */

static void one_line_per_request_tells_who_what_and_how(void **state)
{
	static const char *const parts[] = {"\"id\":\"0123456789ABCDEF\"",
		"\"tenant\":\"tenant-", "\"operation\":\"PutObject\"", "\"bucket\":\"tbl\"",
		"\"status\":200", "\"code\":\"OK\"", "\"bytes_in\":5", "\"duration_us\":"};
	struct rig *r = *state;
	FILE *f = tmpfile();
	char line[4096];
	size_t n;

	assert_non_null(f);
	log_setup(LOG_INFO, LOG_JSON, "test");
	log_to_fd(fileno(f));
	rig_expect(r, ANN, "PUT", "/tbl/key?x-id=secret", "hello", 200, "");
	log_to_fd(r->log_fd);
	log_setup(LOG_ERROR, LOG_TEXT, "test");
	rewind(f);
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	assert_true(n > 0 && line[n - 1] == '\n');
	assert_int_equal(span_find_byte(span_of(line, n), '\n'), n - 1);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_true(span_find(span_of(line, n), span_str(parts[i])) > 0);
	assert_true(span_find(span_of(line, n), SPAN_LIT("secret")) < 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_error_names_itself_the_resource_and_the_request),
		T(every_answer_carries_the_ids_and_a_failed_head_no_body),
		T(requests_that_s3_refuses_are_refused_alike),
		T(a_subresource_is_never_ignored),
		T(too_long_keys_and_headers_are_refused),
		T(authorizations_that_do_not_hold),
		T(a_wrong_secret_gets_the_strings_to_compare_but_no_secret),
		T(a_wrong_region_is_told_the_right_one),
		T(dates_far_from_now_are_refused),
		T(an_amz_header_outside_the_signature_is_refused),
		T(payload_hashes_are_checked),
		T(the_hash_of_a_request_without_body_is_checked),
		T(suspended_people_and_disabled_keys_are_refused),
		T(owners_admins_and_strangers),
		T(anonymous_callers_see_missing_buckets_and_closed_ones),
		T(a_bucket_of_another_tenant_answers_like_a_missing_one),
		T(the_expected_owner_must_be_the_owner),
		T(the_probes_are_exact_unsigned_paths_only),
		T(headers_that_change_the_meaning_are_never_ignored),
		T(a_failing_disk_or_database_is_a_500_and_leaves_the_old_object),
		T(too_many_transfers_say_slow_down),
		T(a_refused_request_does_not_have_its_body_read),
		T(one_line_per_request_tells_who_what_and_how),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
