/* SPDX-License-Identifier: MIT */
/* GetObjectAttributes and RestoreObject. */
#include "tests/unit/s3/rig.h"

#define WANT "x-amz-object-attributes: "
#define DAYS(n) "<RestoreRequest><Days>" n "</Days></RestoreRequest>"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/key", "hello", 200, "");
	return 0;
}

static void attributes_are_told_by_name(void **state)
{
	static const char all[] = WANT "ETag,Checksum,ObjectParts,StorageClass,ObjectSize";
	static const struct rig_row row = {
		ANN, "GET", "/tbl/key?attributes", all, NULL, 200, ""};
	struct ask q;

	ask_begin_row(&q, *state, &row);
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "ETag"), "5d41402abc4b2a76b9719d911017c592");
	assert_span_eq(ask_element(&q, "ObjectSize"), "5");
	assert_span_eq(ask_element(&q, "StorageClass"), "STANDARD");
	assert_span_eq(ask_element(&q, "ChecksumType"), "FULL_OBJECT");
	assert_false(ask_has(&q, "ObjectParts"));
	assert_span_eq(
		ask_response_header(&q, "last-modified"), "Mon, 24 Nov 2025 00:00:00 GMT");
	ask_end(&q);
}

/* One part, as the smallest multipart object has. */
static void make_multipart(struct rig *r)
{
	struct ask q;
	const char *id;

	ask_begin(&q, r, ANN, "POST", "/tbl/multi?uploads");
	ask_expect(&q, 200, "");
	id = arena_strndup(r->arena, ask_element(&q, "UploadId"));
	ask_end(&q);
	rig_expect(r, ANN, "PUT",
		arena_printf(r->arena, "/tbl/multi?partNumber=9&uploadId=%s", id), "hello", 200,
		"");
	rig_expect(r, ANN, "POST", arena_printf(r->arena, "/tbl/multi?uploadId=%s", id),
		"<CompleteMultipartUpload><Part><PartNumber>9</PartNumber>"
		"<ETag>5d41402abc4b2a76b9719d911017c592</ETag></Part></"
		"CompleteMultipartUpload>",
		200, "");
}

static void parts_are_told_of_what_was_uploaded_in_parts(void **state)
{
	static const struct {
		const char *headers, *count, *last; /* last NULL: no part */
	} rows[] = {
		{WANT "ObjectParts", "1000", "9"},
		{WANT "ObjectParts\nx-amz-max-parts: 1", "1", "9"},
		{WANT "ObjectParts\nx-amz-max-parts: 0", "0", NULL},
		{WANT "ObjectParts\nx-amz-part-number-marker: 9", "1000", NULL},
	};
	struct rig *r = *state;

	make_multipart(r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig_row row = {
			ANN, "GET", "/tbl/multi?attributes", rows[i].headers, NULL, 200, ""};
		struct ask q;

		ask_begin_row(&q, r, &row);
		ask_expect(&q, 200, "");
		assert_span_eq(ask_element(&q, "PartsCount"), "1");
		assert_span_eq(ask_element(&q, "MaxParts"), rows[i].count);
		assert_span_eq(ask_element(&q, "IsTruncated"), "false");
		if (rows[i].last)
			assert_span_eq(ask_element(&q, "NextPartNumberMarker"), rows[i].last);
		assert_int_equal(ask_has(&q, "<Part>"), rows[i].last != NULL);
		ask_end(&q);
	}
}

static void what_cannot_be_answered_is_refused(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl/key?attributes", NULL, NULL, 400, "InvalidRequest"},
		{ANN, "GET", "/tbl/key?attributes", WANT "", NULL, 400, "InvalidRequest"},
		{ANN, "GET", "/tbl/key?attributes", WANT "Owner", NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl/key?attributes", WANT "ETag\nx-amz-max-parts: x", NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl/none?attributes", WANT "ETag", NULL, 404, "NoSuchKey"},
		{ANN, "GET", "/tbl/key?attributes&versionId=x", WANT "ETag", NULL, 400,
			"InvalidArgument"},
		{CLEO, "GET", "/tbl/key?attributes", WANT "ETag", NULL, 403, "AccessDenied"},
		{ANN, "PUT", "/tbl/key?attributes", NULL, "x", 405, "MethodNotAllowed"},
		{ANN, "POST", "/tbl/key?restore", NULL, DAYS("1"), 403, "InvalidObjectState"},
		{ANN, "POST", "/tbl/key?restore&versionId=null", NULL, DAYS("1"), 403,
			"InvalidObjectState"},
		{ANN, "POST", "/tbl/none?restore", NULL, DAYS("1"), 404, "NoSuchKey"},
		{ANN, "POST", "/tbl/key?restore", NULL, DAYS("x"), 400, "MalformedXML"},
		{ANN, "POST", "/tbl/key?restore", NULL, "", 400, "MalformedXML"},
		{ANN, "POST", "/tbl/key?restore", NULL, "<Other/>", 400, "MalformedXML"},
		{ANN, "DELETE", "/tbl/key?restore", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "GET", "/tbl/key", NULL, NULL, 200, ""},
	};

	rig_table(*state, rows);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(attributes_are_told_by_name),
		T(parts_are_told_of_what_was_uploaded_in_parts),
		T(what_cannot_be_answered_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
