/* SPDX-License-Identifier: MIT */
/* CopyObject and UploadPartCopy. */
#include "model/tags.h"
#include "tests/unit/s3/rig.h"

#define HELLO_TAG "\"5d41402abc4b2a76b9719d911017c592\""
#define OTHER_TAG "\"00000000000000000000000000000000\""
#define PAST "Mon, 01 Jan 2001 00:00:00 GMT"
#define FUTURE "Fri, 01 Jan 2100 00:00:00 GMT"
#define SOURCE "x-amz-copy-source: "

static int setup(void **state)
{
	static const struct rig_row put = {ANN, "PUT", "/tbl/key",
		"content-type: text/x\ncache-control: c\nx-amz-meta-a: 1\n"
		"x-amz-website-redirect-location: /there\nx-amz-checksum-crc32: NhCmhg==",
		"hello", 200, ""};
	struct ask q;

	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/other", NULL, 200, "");
	ask_begin_row(&q, *state, &put);
	ask_expect(&q, 200, "");
	ask_end(&q);
	return 0;
}

static void send(struct ask *q, struct rig *r, const char *target, const char *headers)
{
	struct rig_row row = {ANN, "PUT", target, headers, NULL, 200, ""};

	ask_begin_row(q, r, &row);
	ask_expect(q, 200, "");
}

static void head_of(struct ask *q, struct rig *r, const char *target)
{
	struct rig_row row = {
		ANN, "HEAD", target, "x-amz-checksum-mode: ENABLED", NULL, 200, ""};

	ask_begin_row(q, r, &row);
	ask_expect(q, 200, "");
}

/* ---- the result ---- */

static void a_copy_has_bytes_metadata_and_checksum_of_its_source(void **state)
{
	struct rig *r = *state;
	struct ask q;

	send(&q, r, "/other/copy", SOURCE "/tbl/key\ncontent-type: ignored/x\nx-amz-meta-b: 2");
	assert_true(ask_has(&q, "<CopyObjectResult xmlns="));
	assert_span_eq(ask_element(&q, "ETag"), "&quot;5d41402abc4b2a76b9719d911017c592&quot;");
	assert_span_eq(ask_element(&q, "LastModified"), "2025-11-24T00:00:00.000Z");
	assert_span_eq(ask_element(&q, "ChecksumCRC32"), "NhCmhg==");
	assert_span_eq(ask_element(&q, "ChecksumType"), "FULL_OBJECT");
	assert_true(span_absent(ask_response_header(&q, "x-amz-copy-source-version-id")));
	assert_true(span_absent(ask_response_header(&q, "x-amz-version-id")));
	ask_end(&q);
	head_of(&q, r, "/other/copy");
	assert_span_eq(ask_response_header(&q, "etag"), HELLO_TAG);
	assert_span_eq(ask_response_header(&q, "content-type"), "text/x");
	assert_span_eq(ask_response_header(&q, "cache-control"), "c");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a"), "1");
	assert_true(span_absent(ask_response_header(&q, "x-amz-meta-b")));
	assert_true(span_absent(ask_response_header(&q, "x-amz-website-redirect-location")));
	assert_span_eq(ask_response_header(&q, "x-amz-checksum-crc32"), "NhCmhg==");
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/other/copy");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response(&q), "hello");
	ask_end(&q);
}

static void replacing_takes_the_requests_metadata_only(void **state)
{
	struct rig *r = *state;
	struct ask q;

	send(&q, r, "/tbl/copy",
		SOURCE "/tbl/key\nx-amz-metadata-directive: REPLACE\nx-amz-meta-b: 2\n"
		       "x-amz-website-redirect-location: /here\n"
		       "x-amz-checksum-algorithm: SHA256");
	assert_span_eq(ask_element(&q, "ChecksumSHA256"),
		"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
	ask_end(&q);
	head_of(&q, r, "/tbl/copy");
	assert_span_eq(ask_response_header(&q, "content-type"), "binary/octet-stream");
	assert_true(span_absent(ask_response_header(&q, "cache-control")));
	assert_true(span_absent(ask_response_header(&q, "x-amz-meta-a")));
	assert_span_eq(ask_response_header(&q, "x-amz-meta-b"), "2");
	assert_span_eq(ask_response_header(&q, "x-amz-website-redirect-location"), "/here");
	ask_end(&q);
}

static void a_redirect_can_be_set_while_metadata_is_copied(void **state)
{
	struct rig *r = *state;
	struct ask q;

	send(&q, r, "/tbl/key", SOURCE "/tbl/key\nx-amz-website-redirect-location: /new");
	ask_end(&q);
	head_of(&q, r, "/tbl/key");
	assert_span_eq(ask_response_header(&q, "x-amz-website-redirect-location"), "/new");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-a"), "1");
	ask_end(&q);
}

static void expect_tags(struct rig *r, const struct svc_version *v, const char *want)
{
	struct meta_object o;
	struct tags tags;
	struct err e;

	assert_int_equal(svc_version_head(r->svc, v, r->arena, &o, &e), 0);
	assert_int_equal(tags_decode(r->arena, o.tags, &tags, &e), 0);
	assert_int_equal(tags.count, want ? 1 : 0);
	if (want)
		assert_span_eq(tags.tag[0].key, want);
}

static void tags_follow_their_own_directive(void **state)
{
	struct rig *r = *state;
	struct caller c = {
		.user_id = r->people[ANN].user.id, .tenant_id = r->people[ANN].user.tenant_id};
	struct tag tag = {SPAN_LIT("kept"), SPAN_LIT("1")};
	struct tags tags = {&tag, 1};
	struct meta_bucket b;
	struct svc_version source = {&b, SPAN_LIT("key"), NULL},
			   copy = {&b, SPAN_LIT("copy"), NULL};
	struct version_id id;
	struct ask q;
	struct err e;

	assert_int_equal(svc_bucket_find(r->svc, &c, SPAN_LIT("tbl"), r->arena, &b, &e), 0);
	assert_int_equal(
		svc_version_set_tags(r->svc, &source, tags_encode(r->arena, &tags), &id, &e),
		0);
	send(&q, r, "/tbl/copy", SOURCE "/tbl/key\nx-amz-metadata-directive: REPLACE");
	ask_end(&q);
	expect_tags(r, &copy, "kept");
	send(&q, r, "/tbl/copy", SOURCE "/tbl/key\nx-amz-tagging: ignored=2");
	ask_end(&q);
	expect_tags(r, &copy, "kept");
	send(&q, r, "/tbl/copy", SOURCE "/tbl/key\nx-amz-tagging-directive: REPLACE");
	ask_end(&q);
	expect_tags(r, &copy, NULL);
	send(&q, r, "/tbl/copy",
		SOURCE "/tbl/key\nx-amz-tagging-directive: REPLACE\nx-amz-tagging: new=2");
	ask_end(&q);
	expect_tags(r, &copy, "new");
}

static void set_versioning(struct rig *r, const char *bucket)
{
	struct caller c = {
		.user_id = r->people[ANN].user.id, .tenant_id = r->people[ANN].user.tenant_id};
	struct meta_bucket b;
	struct err e;

	assert_int_equal(svc_bucket_find(r->svc, &c, span_str(bucket), r->arena, &b, &e), 0);
	assert_int_equal(svc_bucket_set_versioning(r->svc, &b, META_VERSIONING_ENABLED, &e), 0);
}

static void versions_of_both_ends_are_told(void **state)
{
	struct rig *r = *state;
	char first[VERSION_ID_LEN + 1];
	struct meta_object o;
	struct meta_bucket b;
	struct svc_version v = {.bucket = &b, .key = SPAN_LIT("key")};
	struct meta_delete d = {.key = SPAN_LIT("key")};
	struct version_id id;
	struct caller c = {
		.user_id = r->people[ANN].user.id, .tenant_id = r->people[ANN].user.tenant_id};
	struct ask q;
	struct err e;

	set_versioning(r, "tbl");
	assert_int_equal(svc_bucket_find(r->svc, &c, SPAN_LIT("tbl"), r->arena, &b, &e), 0);
	rig_expect(r, ANN, "PUT", "/tbl/key", "hello", 200, "");
	assert_int_equal(svc_version_head(r->svc, &v, r->arena, &o, &e), 0);
	id = meta_object_version(&o);
	version_id_format(first, &id);
	rig_expect(r, ANN, "PUT", "/tbl/key", "newer", 200, "");

	send(&q, r, "/other/old", arena_printf(r->arena, SOURCE "tbl/key?versionId=%s", first));
	assert_span_eq(ask_response_header(&q, "x-amz-copy-source-version-id"), first);
	assert_true(span_absent(ask_response_header(&q, "x-amz-version-id")));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/other/old");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response(&q), "hello");
	ask_end(&q);
	/* The object from before versioning is the null version. */
	send(&q, r, "/tbl/key", SOURCE "tbl/key?versionId=null");
	assert_span_eq(ask_response_header(&q, "x-amz-copy-source-version-id"), "null");
	assert_int_equal(ask_response_header(&q, "x-amz-version-id").n, VERSION_ID_LEN);
	ask_end(&q);

	assert_int_equal(svc_object_delete(r->svc, &b, &d, &e), 0);
	version_id_format(first, &d.made);
	const struct rig_row rows[] = {
		{ANN, "PUT", "/other/k", SOURCE "tbl/key", NULL, 404, "NoSuchKey"},
		{ANN, "PUT", "/other/k",
			arena_printf(r->arena, SOURCE "tbl/key?versionId=%s", first), NULL, 400,
			"InvalidRequest"},
		{ANN, "PUT", "/other/k",
			SOURCE "tbl/key?versionId=00000000000000010000000000000001", NULL, 404,
			"NoSuchVersion"},
	};

	rig_table(r, rows);
}

/* ---- refusals ---- */

static void a_source_must_be_named_and_be_there(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/c", SOURCE "", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "tbl", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/%zz", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/TBL/key", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key?versionId=x", NULL, 400,
			"InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\n" SOURCE "/tbl/key", NULL, 404,
			"NoSuchKey"}, /* joined: the key is "key,/tbl/key" */
		{ANN, "PUT", "/tbl/c", SOURCE "/nobucket/key", NULL, 404, "NoSuchBucket"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/none", NULL, 404, "NoSuchKey"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/k%2565y", NULL, 404, "NoSuchKey"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/k%65y", NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", SOURCE "tbl%2Fkey", NULL, 200, ""},
		{ANN, "PUT", "/tbl/c?partNumber=1", SOURCE "/tbl/key", NULL, 400,
			"InvalidArgument"},
		{ANN, "PUT", "/tbl/c?uploadId=x", SOURCE "/tbl/key", NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl/key", SOURCE "/tbl/key", NULL, 400, "InvalidArgument"},
		{ANN, "POST", "/tbl/key?uploads", SOURCE "/tbl/key", NULL, 400,
			"InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-copy-source-range: bytes=0-1",
			NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", "x-amz-copy-source-if-match: x", "", 400,
			"InvalidArgument"},
		{ANN, "PUT", "/tbl/c",
			SOURCE
			"/tbl/key\n"
			"x-amz-copy-source-server-side-encryption-customer-algorithm: AES256",
			NULL, 501, "NotImplemented"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-acl: public-read", NULL, 501,
			"NotImplemented"},
	};

	rig_table(*state, rows);
}

static void a_missing_source_is_named_in_the_error(void **state)
{
	static const struct rig_row key = {ANN, "PUT", "/tbl/c", SOURCE "/other/no%20key", NULL,
					    404, "NoSuchKey"},
				    bucket = {ANN, "PUT", "/tbl/c", SOURCE "/nobucket/k", NULL,
					    404, "NoSuchBucket"};
	struct ask q;

	ask_begin_row(&q, *state, &key);
	ask_expect(&q, 404, "NoSuchKey");
	assert_span_eq(ask_element(&q, "Key"), "no key");
	ask_end(&q);
	ask_begin_row(&q, *state, &bucket);
	ask_expect(&q, 404, "NoSuchBucket");
	assert_span_eq(ask_element(&q, "BucketName"), "nobucket");
	ask_end(&q);
}

static void directives_and_algorithms_are_words_of_a_list(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-metadata-directive: COPY", NULL,
			200, ""},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-metadata-directive: copy", NULL,
			400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-metadata-directive: ", NULL, 400,
			"InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-tagging-directive: REPLACE",
			NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-tagging-directive: MERGE", NULL,
			400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c",
			SOURCE
			"/tbl/key\nx-amz-tagging-directive: REPLACE\nx-amz-tagging: a=%zz",
			NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-checksum-algorithm: CRC16", NULL,
			400, "InvalidRequest"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-storage-class: GOLD", NULL, 400,
			"InvalidStorageClass"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-storage-class: GLACIER", NULL,
			501, "NotImplemented"},
		{ANN, "PUT", "/tbl/c",
			SOURCE "/tbl/key\nx-amz-website-redirect-location: nowhere", NULL, 400,
			"InvalidRedirectLocation"},
	};

	rig_table(*state, rows);
}

static void onto_itself_something_must_change(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/key", SOURCE "/tbl/key", NULL, 400, "InvalidRequest"},
		{ANN, "PUT", "/tbl/key", SOURCE "tbl/%6bey?versionId=null", NULL, 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/key", SOURCE "/tbl/key\nx-amz-metadata-directive: COPY",
			NULL, 400, "InvalidRequest"},
		{ANN, "PUT", "/tbl/key", SOURCE "/tbl/key\nx-amz-checksum-algorithm: CRC32",
			NULL, 400, "InvalidRequest"},
		{ANN, "PUT", "/tbl/key", SOURCE "/tbl/key\nx-amz-checksum-algorithm: SHA1",
			NULL, 200, ""},
		{ANN, "PUT", "/tbl/key", SOURCE "/tbl/key\nx-amz-storage-class: STANDARD", NULL,
			200, ""},
		{ANN, "PUT", "/tbl/key", SOURCE "/tbl/key\nx-amz-metadata-directive: REPLACE",
			NULL, 200, ""},
		{ANN, "PUT", "/other/key", SOURCE "/tbl/key", NULL, 200, ""},
	};

	rig_table(*state, rows);
}

static void conditions_on_the_source_fail_with_412(void **state)
{
#define WHEN(condition) SOURCE "/tbl/key\nx-amz-copy-source-if-" condition
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/c", WHEN("match: " HELLO_TAG), NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", WHEN("match: *"), NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", WHEN("match: " OTHER_TAG), NULL, 412,
			"PreconditionFailed"},
		{ANN, "PUT", "/tbl/c", WHEN("none-match: " HELLO_TAG), NULL, 412,
			"PreconditionFailed"},
		{ANN, "PUT", "/tbl/c", WHEN("none-match: " OTHER_TAG), NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", WHEN("modified-since: " PAST), NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", WHEN("modified-since: Mon, 24 Nov 2025 00:00:00 GMT"),
			NULL, 412, "PreconditionFailed"},
		{ANN, "PUT", "/tbl/c", WHEN("modified-since: " FUTURE), NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", WHEN("unmodified-since: " PAST), NULL, 412,
			"PreconditionFailed"},
		{ANN, "PUT", "/tbl/c", WHEN("unmodified-since: " FUTURE), NULL, 200, ""},
		{ANN, "PUT", "/tbl/c",
			WHEN("match: " HELLO_TAG
			     "\nx-amz-copy-source-if-unmodified-since: " PAST),
			NULL, 200, ""},
		{ANN, "PUT", "/tbl/c",
			WHEN("none-match: " HELLO_TAG
			     "\nx-amz-copy-source-if-modified-since: " PAST),
			NULL, 412, "PreconditionFailed"},
		{ANN, "PUT", "/tbl/c",
			WHEN("none-match: " OTHER_TAG
			     "\nx-amz-copy-source-if-unmodified-since: " PAST),
			NULL, 412, "PreconditionFailed"},
	};
#undef WHEN

	rig_table(*state, rows);
}

static void conditions_on_the_destination_are_those_of_a_put(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nif-match: *", NULL, 404, "NoSuchKey"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nif-none-match: *", NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nif-none-match: *", NULL, 412,
			"PreconditionFailed"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nif-match: " OTHER_TAG, NULL, 412,
			"PreconditionFailed"},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nif-match: " HELLO_TAG, NULL, 200, ""},
	};

	rig_table(*state, rows);
}

/* ---- authority ---- */

static void a_source_is_read_with_the_callers_rights(void **state)
{
	struct rig *r = *state;
	const char *north = r->people[ANN].tenant_pub;
	const char *owner = r->people[ANN].user.canonical_id;

	rig_expect(r, BEN, "PUT", "/bens", NULL, 200, "");
	rig_expect(r, CLEO, "PUT", "/cleos", NULL, 200, "");
	const struct rig_row rows[] = {
		{CLEO, "PUT", "/cleos/c", SOURCE "/tbl/key", NULL, 403, "AccessDenied"},
		{CLEO, "PUT", "/cleos/c", SOURCE "/tbl/none", NULL, 403, "AccessDenied"},
		{ANN, "PUT", "/cleos/c", SOURCE "/tbl/key", NULL, 403, "AccessDenied"},
		{BOSS, "PUT", "/cleos/c", SOURCE "/tbl/key", NULL, 200, ""},
		{BEN, "PUT", "/bens/c", SOURCE "/tbl/key", NULL, 404, "NoSuchBucket"},
		{BEN, "PUT", "/bens/c", arena_printf(r->arena, SOURCE "/%s--tbl/key", north),
			NULL, 404, "NoSuchBucket"},
		{ROOT, "PUT", arena_printf(r->arena, "/%s--bens/c", r->people[BEN].tenant_pub),
			arena_printf(r->arena, SOURCE "/%s--tbl/key", north), NULL, 200, ""},
		{NOBODY, "PUT", arena_printf(r->arena, "/%s--tbl/c", north), SOURCE "/tbl/key",
			NULL, 404, "NoSuchBucket"},
		{ANN, "PUT", "/tbl/c",
			arena_printf(r->arena,
				SOURCE "/tbl/key\nx-amz-source-expected-bucket-owner: %s",
				owner),
			NULL, 200, ""},
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/key\nx-amz-source-expected-bucket-owner: 1",
			NULL, 403, "AccessDenied"},
	};

	rig_table(r, rows);
}

/* ---- copies that take long ---- */

static void a_copy_is_a_transfer(void **state)
{
	static const struct rig_row row = {
		ANN, "PUT", "/tbl/c", SOURCE "/tbl/key", NULL, 200, ""};
	struct ask q;

	ask_begin_row(&q, *state, &row);
	ask_expect(&q, 200, "");
	assert_true(q.d.entered_transfer);
	ask_end(&q);
	ask_begin_row(&q, *state, &row);
	q.d.no_transfer = true;
	ask_expect(&q, 503, "SlowDown");
	ask_end(&q);
}

/* Read and hashed, as another checksum is wanted: some milliseconds at least. */
static void begin_long_copy(struct ask *q, struct rig *r)
{
	enum { BYTES = 24 << 20 };
	char *data = test_malloc(BYTES);

	memset(data, 'x', BYTES);
	ask_begin(q, r, ANN, "PUT", "/tbl/long");
	q->body = span_of(data, BYTES);
	q->sha256 = "UNSIGNED-PAYLOAD";
	ask_expect(q, 200, "");
	ask_end(q);
	test_free(data);
	ask_begin(q, r, ANN, "PUT", "/tbl/copy");
	ask_header(q, "x-amz-copy-source", "/tbl/long");
	ask_header(q, "x-amz-checksum-algorithm", "SHA256");
}

static void who_waits_for_long_gets_white_space_and_then_the_result(void **state)
{
	static const char begun[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n ";
	struct rig *r = *state;
	struct ask q;

	r->cfg.copy_notice_ms = 1;
	set_versioning(r, "tbl");
	begin_long_copy(&q, r);
	ask_expect(&q, 200, "");
	assert_int_equal(
		ask_response_header(&q, "x-amz-copy-source-version-id").n, VERSION_ID_LEN);
	assert_true(span_absent(ask_response_header(&q, "x-amz-version-id")));
	assert_true(span_starts(ask_response(&q), span_str(begun)));
	assert_true(q.d.flushed >= sizeof(begun) - 1);
	assert_span_eq(ask_response_header(&q, "content-type"), "application/xml");
	assert_true(span_absent(ask_response_header(&q, "content-length")));
	assert_int_equal(ask_element(&q, "ChecksumSHA256").n, 44);
	assert_int_equal(span_find(span_from(ask_response(&q), 10), SPAN_LIT("<?xml")), -1);
	ask_end(&q);
}

static void a_late_failure_is_told_behind_the_white_space(void **state)
{
	struct rig *r = *state;
	struct ask q;

	r->cfg.copy_notice_ms = 1;
	begin_long_copy(&q, r);
	store_fault_arm(r->store, 60); /* while bytes are copied */
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Code"), "InternalError");
	assert_true(q.d.flushed > 0);
	assert_false(q.d.aborted);
	ask_end(&q);
	store_fault_arm(r->store, 0);
	rig_expect(r, ANN, "GET", "/tbl/copy", NULL, 404, "NoSuchKey");
}

static void a_copy_ends_when_nobody_waits(void **state)
{
	struct rig *r = *state;
	struct ask q;

	r->cfg.copy_notice_ms = 1;
	begin_long_copy(&q, r);
	q.d.fail_write_after = 42;
	ask_send(&q);
	ask_end(&q);
	rig_expect(r, ANN, "GET", "/tbl/copy", NULL, 404, "NoSuchKey");
}

static void a_client_may_be_left_waiting(void **state)
{
	struct rig *r = *state;
	struct ask q;

	r->cfg.copy_notice_ms = 0;
	begin_long_copy(&q, r);
	ask_expect(&q, 200, "");
	assert_int_equal(q.d.flushed, 0);
	assert_true(ask_response_header(&q, "content-length").n > 0);
	ask_end(&q);
}

/* ---- hosts ---- */

static void a_bare_name_is_the_tenants_on_his_domain(void **state)
{
	struct rig *r = *state;
	struct meta_tenant t = {.id = r->people[ANN].user.tenant_id,
		.name = "north",
		.display_name = "North",
		.domains = "north.example"};
	struct ask q;
	struct err e;

	assert_int_equal(svc_tenant_update(r->svc, &t, META_SET_DOMAINS, &e), 0);
	ask_begin(&q, r, ROOT, "PUT", "/copy");
	q.host = "tbl.north.example";
	ask_header(&q, "x-amz-copy-source", "/tbl/key");
	ask_expect(&q, 200, "");
	ask_end(&q);
	ask_begin(&q, r, ROOT, "PUT",
		arena_printf(r->arena, "/%s--tbl/copy", r->people[ANN].tenant_pub));
	ask_header(&q, "x-amz-copy-source", "/tbl/key");
	ask_expect(&q, 404, "NoSuchBucket");
	ask_end(&q);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_copy_has_bytes_metadata_and_checksum_of_its_source),
		T(replacing_takes_the_requests_metadata_only),
		T(a_redirect_can_be_set_while_metadata_is_copied),
		T(tags_follow_their_own_directive),
		T(versions_of_both_ends_are_told),
		T(a_source_must_be_named_and_be_there),
		T(a_missing_source_is_named_in_the_error),
		T(directives_and_algorithms_are_words_of_a_list),
		T(onto_itself_something_must_change),
		T(conditions_on_the_source_fail_with_412),
		T(conditions_on_the_destination_are_those_of_a_put),
		T(a_source_is_read_with_the_callers_rights),
		T(a_copy_is_a_transfer),
		T(who_waits_for_long_gets_white_space_and_then_the_result),
		T(a_late_failure_is_told_behind_the_white_space),
		T(a_copy_ends_when_nobody_waits),
		T(a_client_may_be_left_waiting),
		T(a_bare_name_is_the_tenants_on_his_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
