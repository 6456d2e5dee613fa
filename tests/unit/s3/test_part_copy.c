/* SPDX-License-Identifier: MIT */
/* UploadPartCopy, and the bound of what one request copies. */
#include "tests/unit/s3/rig.h"

#define SOURCE "x-amz-copy-source: "

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/key", "hello", 200, "");
	return 0;
}

static void send(struct ask *q, struct rig *r, const char *target, const char *headers)
{
	struct rig_row row = {ANN, "PUT", target, headers, NULL, 200, ""};

	ask_begin_row(q, r, &row);
	ask_expect(q, 200, "");
}

/* ---- parts ---- */

static const char *begin_upload(struct rig *r, const char *headers)
{
	struct rig_row row = {ANN, "POST", "/tbl/big?uploads", headers, NULL, 200, ""};
	const char *id;
	struct ask q;

	ask_begin_row(&q, r, &row);
	ask_expect(&q, 200, "");
	id = arena_strndup(r->arena, ask_element(&q, "UploadId"));
	ask_end(&q);
	return id;
}

static void a_part_is_copied_with_the_uploads_checksum(void **state)
{
	struct rig *r = *state;
	const char *id = begin_upload(r, "x-amz-checksum-algorithm: CRC32");
	struct ask q;

	send(&q, r, arena_printf(r->arena, "/tbl/big?partNumber=1&uploadId=%s", id),
		SOURCE "/tbl/key\nx-amz-copy-source-range: bytes=1-3");
	assert_true(ask_has(&q, "<CopyPartResult xmlns="));
	assert_true(span_absent(ask_element(&q, "ChecksumType")));
	assert_span_eq(ask_element(&q, "ETag"), "&quot;3123059c1c816471780539f6b6b738dc&quot;");
	assert_span_eq(ask_element(&q, "ChecksumCRC32"), "PBHZAQ==");
	ask_end(&q);
}

static void a_range_of_a_part_lies_in_its_source(void **state)
{
	static const struct {
		const char *range;
		int status;
		const char *code;
	} rows[] = {
		{"bytes=0-4", 200, ""},
		{"bytes=4-4", 200, ""},
		{"bytes=0-5", 416, "InvalidRange"},
		{"bytes=5-5", 416, "InvalidRange"},
		{"bytes=3-2", 400, "InvalidArgument"},
		{"bytes=0-", 400, "InvalidArgument"},
		{"bytes=-1", 400, "InvalidArgument"},
		{"bytes=0-1,3-4", 400, "InvalidArgument"},
		{"0-1", 400, "InvalidArgument"},
		{"bytes 0-1", 400, "InvalidArgument"},
		{"bytes=0-99999999999999999999", 400, "InvalidArgument"},
		{"", 400, "InvalidArgument"},
	};
	struct rig *r = *state;
	const char *target = arena_printf(
		r->arena, "/tbl/big?partNumber=1&uploadId=%s", begin_upload(r, NULL));

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig_row row = {ANN, "PUT", target,
			arena_printf(r->arena, SOURCE "/tbl/key\nx-amz-copy-source-range: %s",
				rows[i].range),
			NULL, rows[i].status, rows[i].code};
		struct ask q;

		ask_begin_row(&q, r, &row);
		ask_expect(&q, row.status, row.code);
		ask_end(&q);
	}
}

static void a_part_copy_needs_an_upload_and_a_number(void **state)
{
	struct rig *r = *state;
	const char *id = begin_upload(r, NULL);
	const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/big?partNumber=1&uploadId=x", SOURCE "/tbl/key", NULL, 404,
			"NoSuchUpload"},
		{ANN, "PUT", arena_printf(r->arena, "/tbl/big?partNumber=0&uploadId=%s", id),
			SOURCE "/tbl/key", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", arena_printf(r->arena, "/tbl/big?partNumber=1&uploadId=%s", id),
			SOURCE "/tbl/none", NULL, 404, "NoSuchKey"},
		{ANN, "PUT", arena_printf(r->arena, "/tbl/big?partNumber=1&uploadId=%s", id),
			SOURCE "/tbl/key\nx-amz-copy-source-if-none-match: *", NULL, 412,
			"PreconditionFailed"},
	};

	rig_table(r, rows);
}

/* ---- bounds ---- */

/* /tbl/huge: one byte over 5 GiB, as far as metadata knows. */
static void make_huge(struct rig *r)
{
	struct caller c = {
		.user_id = r->people[ANN].user.id, .tenant_id = r->people[ANN].user.tenant_id};
	struct meta_object_put put = {.conditions = NULL};
	struct meta_write_result done;
	struct meta_bucket b;
	struct err e;

	rig_expect(r, ANN, "PUT", "/tbl/huge", "x", 200, "");
	assert_int_equal(svc_bucket_find(r->svc, &c, SPAN_LIT("tbl"), r->arena, &b, &e), 0);
	assert_int_equal(
		svc_object_head(r->svc, &b, SPAN_LIT("huge"), r->arena, &put.object, &e), 0);
	put.bucket_id = b.id;
	put.object.size = S3_CAP_OBJECT + 1;
	assert_int_equal(r->meta->ops->object_put(r->meta, &put, &done, &e), 0);
}

static void more_than_5_gib_are_not_copied_at_once(void **state)
{
	struct rig *r = *state;
	const char *part = arena_printf(
		r->arena, "/tbl/big?partNumber=1&uploadId=%s", begin_upload(r, NULL));

	make_huge(r);
	const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/c", SOURCE "/tbl/huge", NULL, 400, "InvalidRequest"},
		{ANN, "PUT", part, SOURCE "/tbl/huge", NULL, 400, "InvalidRequest"},
		{ANN, "PUT", part,
			SOURCE "/tbl/huge\nx-amz-copy-source-range: bytes=0-5368709120", NULL,
			400, "InvalidRequest"},
		{ANN, "PUT", part,
			SOURCE "/tbl/huge\nx-amz-copy-source-range: bytes=0-5368709121", NULL,
			416, "InvalidRange"},
		{ANN, "PUT", part, SOURCE "/tbl/huge\nx-amz-copy-source-range: bytes=0-0", NULL,
			200, ""},
	};

	rig_table(r, rows);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_part_is_copied_with_the_uploads_checksum),
		T(a_range_of_a_part_lies_in_its_source),
		T(a_part_copy_needs_an_upload_and_a_number),
		T(more_than_5_gib_are_not_copied_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
