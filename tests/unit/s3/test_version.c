/* SPDX-License-Identifier: MIT */
/* Versions: which one is named, what is told of it, and of a delete marker in its place. */
#include "tests/unit/s3/rig.h"

#define UNKNOWN \
	"0000000000000001" \
	"0000000000000001"
#define HELLO_TAG "\"5d41402abc4b2a76b9719d911017c592\""

static void set_versioning(struct rig *r, enum meta_versioning how)
{
	struct caller ann = {
		.user_id = r->people[ANN].user.id, .tenant_id = r->people[ANN].user.tenant_id};
	struct meta_bucket b;
	struct err e;

	assert_int_equal(svc_bucket_find(r->svc, &ann, SPAN_LIT("tbl"), r->arena, &b, &e), 0);
	assert_int_equal(svc_bucket_set_versioning(r->svc, &b, how, &e), 0);
}

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	return 0;
}

/* The x-amz-version-id of the answer, "" for none; arena of the rig. */
static const char *version_of(
	struct rig *r, const char *method, const char *target, const char *body, int status)
{
	const char *id;
	struct ask q;

	ask_begin(&q, r, ANN, method, target);
	ask_body(&q, body);
	ask_send(&q);
	if (q.d.status != status)
		fail_msg("%s %s: %d", method, target, q.d.status);
	id = arena_strndup(r->arena, ask_response_header(&q, "x-amz-version-id"));
	ask_end(&q);
	return id;
}

static const char *at(struct rig *r, const char *id)
{
	return arena_printf(r->arena, "/tbl/key?versionId=%s", id);
}

static void assert_holds(struct rig *r, const char *target, const char *want)
{
	struct ask q;

	ask_begin(&q, r, ANN, "GET", target);
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response(&q), want);
	ask_end(&q);
}

static void nothing_is_told_where_versioning_never_was(void **state)
{
	struct rig *r = *state;

	assert_string_equal(version_of(r, "PUT", "/tbl/key", "one", 200), "");
	assert_string_equal(version_of(r, "GET", "/tbl/key", NULL, 200), "");
	assert_string_equal(version_of(r, "GET", "/tbl/key?versionId=null", NULL, 200), "null");
	assert_string_equal(version_of(r, "DELETE", "/tbl/key", NULL, 204), "");
	rig_expect(r, ANN, "GET", "/tbl/key?versionId=null", NULL, 404, "NoSuchVersion");
}

static void each_version_is_read_and_deleted_by_its_id(void **state)
{
	struct rig *r = *state;
	const char *first, *second;

	version_of(r, "PUT", "/tbl/key", "zero", 200);
	set_versioning(r, META_VERSIONING_ENABLED);
	assert_string_equal(version_of(r, "HEAD", "/tbl/key", NULL, 200), "null");
	first = version_of(r, "PUT", "/tbl/key", "one", 200);
	second = version_of(r, "PUT", "/tbl/key", "two", 200);
	assert_int_equal(strlen(first), VERSION_ID_LEN);
	assert_string_not_equal(first, second);
	assert_holds(r, "/tbl/key", "two");
	assert_holds(r, at(r, first), "one");
	assert_holds(r, at(r, "null"), "zero");
	assert_string_equal(version_of(r, "HEAD", at(r, first), NULL, 200), first);
	assert_string_equal(version_of(r, "DELETE", at(r, second), NULL, 204), second);
	assert_holds(r, "/tbl/key", "one");
	assert_string_equal(version_of(r, "DELETE", at(r, "null"), NULL, 204), "null");
	rig_expect(r, ANN, "GET", at(r, "null"), NULL, 404, "NoSuchVersion");
	assert_string_equal(version_of(r, "DELETE", at(r, UNKNOWN), NULL, 204), UNKNOWN);
}

static void suspended_writes_are_the_null_version(void **state)
{
	struct rig *r = *state;
	const char *first;

	set_versioning(r, META_VERSIONING_ENABLED);
	first = version_of(r, "PUT", "/tbl/key", "one", 200);
	set_versioning(r, META_VERSIONING_SUSPENDED);
	assert_string_equal(version_of(r, "PUT", "/tbl/key", "two", 200), "");
	assert_string_equal(version_of(r, "PUT", "/tbl/key", "three", 200), "");
	assert_string_equal(version_of(r, "GET", "/tbl/key", NULL, 200), "null");
	assert_holds(r, at(r, "null"), "three");
	assert_string_equal(version_of(r, "DELETE", "/tbl/key", NULL, 204), "null");
	rig_expect(r, ANN, "GET", at(r, "null"), NULL, 405, "MethodNotAllowed");
	assert_holds(r, at(r, first), "one");
}

static void a_delete_marker_is_told_in_headers(void **state)
{
	static const char *const readers[] = {"", "acl", "tagging", "retention", "legal-hold"};
	struct rig *r = *state;
	const char *marker, *second;
	struct ask q;

	set_versioning(r, META_VERSIONING_ENABLED);
	marker = version_of(r, "DELETE", "/tbl/key", NULL, 204);
	second = version_of(r, "DELETE", "/tbl/key", NULL, 204);
	assert_string_not_equal(marker, second);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		ask_begin(&q, r, ANN, "GET", arena_printf(r->arena, "/tbl/key?%s", readers[i]));
		ask_expect(&q, 404, "NoSuchKey");
		assert_span_eq(ask_response_header(&q, "x-amz-delete-marker"), "true");
		assert_span_eq(ask_response_header(&q, "x-amz-version-id"), second);
		assert_true(span_absent(ask_response_header(&q, "allow")));
		ask_end(&q);
		ask_begin(&q, r, ANN, "GET",
			arena_printf(r->arena, "%s&%s", at(r, marker), readers[i]));
		ask_expect(&q, 405, "MethodNotAllowed");
		assert_span_eq(ask_response_header(&q, "x-amz-delete-marker"), "true");
		assert_span_eq(ask_response_header(&q, "x-amz-version-id"), marker);
		assert_span_eq(ask_response_header(&q, "allow"), "DELETE");
		assert_false(span_absent(ask_response_header(&q, "last-modified")));
		assert_true(ask_has(&q, "<ResourceType>DeleteMarker</ResourceType>"));
		ask_end(&q);
	}
	version_of(r, "HEAD", at(r, marker), NULL, 405);
	ask_begin(&q, r, ANN, "DELETE", at(r, second));
	ask_expect(&q, 204, "");
	assert_span_eq(ask_response_header(&q, "x-amz-delete-marker"), "true");
	assert_span_eq(ask_response_header(&q, "x-amz-version-id"), second);
	ask_end(&q);
}

static void an_upload_becomes_a_version(void **state)
{
	struct rig *r = *state;
	struct ask q;
	const char *id;

	set_versioning(r, META_VERSIONING_ENABLED);
	ask_begin(&q, r, ANN, "POST", "/tbl/key?uploads");
	ask_expect(&q, 200, "");
	id = arena_strndup(r->arena, ask_element(&q, "UploadId"));
	ask_end(&q);
	rig_expect(r, ANN, "PUT",
		arena_printf(r->arena, "/tbl/key?partNumber=1&uploadId=%s", id), "hello", 200,
		"");
	id = version_of(r, "POST", arena_printf(r->arena, "/tbl/key?uploadId=%s", id),
		"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" HELLO_TAG
		"</ETag></Part></CompleteMultipartUpload>",
		200);
	assert_int_equal(strlen(id), VERSION_ID_LEN);
	assert_holds(r, at(r, id), "hello");
}

static void wrong_ids_are_refused(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl/key?versionId=", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?versionId=x", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "HEAD", "/tbl/key?versionId=x", NULL, NULL, 400, ""},
		{ANN, "DELETE", "/tbl/key?versionId=x", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?versionId=Null", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?tagging&versionId=x", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl/key?versionId=" UNKNOWN, NULL, NULL, 404, "NoSuchVersion"},
		{ANN, "GET", "/tbl/key?acl&versionId=" UNKNOWN, NULL, NULL, 404,
			"NoSuchVersion"},
		{ANN, "PUT", "/tbl/key?versionId=null", NULL, "x", 400, "InvalidArgument"},
		{ANN, "POST", "/tbl/key?uploads&versionId=null", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl/key?uploadId=x&versionId=null", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?versionId=x", NULL, NULL, 200, ""},
		{CLEO, "GET", "/tbl/key?versionId=x", NULL, NULL, 403, "AccessDenied"},
		{ANN, "GET", "/none/key?versionId=x", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "GET", "/tbl/key", NULL, NULL, 404, "NoSuchKey"},
	};

	rig_table((struct rig *)*state, rows);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_told_where_versioning_never_was),
		T(each_version_is_read_and_deleted_by_its_id),
		T(suspended_writes_are_the_null_version),
		T(a_delete_marker_is_told_in_headers),
		T(an_upload_becomes_a_version),
		T(wrong_ids_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
