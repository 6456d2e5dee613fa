/* SPDX-License-Identifier: MIT */
/* DeleteObjects. */
#include "tests/unit/s3/rig.h"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/key", "hello", 200, "");
	return 0;
}

#define DELETE(inner) \
	"<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inner "</Delete>"
#define OBJECT(inner) "<Object>" inner "</Object>"

static void many_keys_are_deleted_each_with_its_fate(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl/two", "2", 200, "");
	ask_begin(&q, r, ANN, "POST", "/tbl?delete");
	ask_body(&q,
		DELETE(OBJECT("<Key>key</Key>") OBJECT("<Key>none &amp; none</Key>")
				OBJECT("<Key>two</Key><ETag>\"x\"</ETag>")
					OBJECT("<Key>key</Key>") OBJECT("<Key></Key>") OBJECT(
						"<Key>v</Key><VersionId>1</VersionId>")));
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q,
		"<Deleted><Key>key</Key></Deleted><Deleted><Key>none &amp; none</Key></Deleted>"
		"<Error><Key>two</Key><Code>PreconditionFailed</Code>"));
	assert_true(ask_has(&q,
		"</Error><Deleted><Key>key</Key></Deleted><Error><Key></Key>"
		"<Code>UserKeyMustBeSpecified</Code>"));
	assert_true(ask_has(
		&q, "<Error><Key>v</Key><VersionId>1</VersionId><Code>InvalidArgument</Code>"));
	ask_end(&q);
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 404, "NoSuchKey");
	rig_expect(r, ANN, "GET", "/tbl/two", NULL, 200, "");
}

static void keys_that_could_not_be_deleted_each_say_so(void **state)
{
	struct rig *r = *state;
	bool told = false;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl/two", "2", 200, "");
	/* Calls before the one that deletes refuse the whole request. */
	for (unsigned nth = 1; !told && nth < 20; nth++) {
		ask_begin(&q, r, ANN, "POST", "/tbl?delete");
		ask_body(&q,
			DELETE(OBJECT("<Key>key</Key>") OBJECT("<Key></Key>")
					OBJECT("<Key>two</Key>")));
		meta_fault_arm(r->meta, nth);
		ask_send(&q);
		meta_fault_arm(r->meta, 0);
		if (q.d.status == 200) {
			assert_true(ask_has(&q, "<Key>key</Key><Code>InternalError</Code>"));
			assert_true(ask_has(&q, "<Code>UserKeyMustBeSpecified</Code>"));
			assert_true(ask_has(&q, "<Key>two</Key><Code>InternalError</Code>"));
			told = true;
		}
		ask_end(&q);
	}
	assert_true(told);
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 200, "");
	rig_expect(r, ANN, "GET", "/tbl/two", NULL, 200, "");
}

/* The text of an element of the answer to a list of keys; arena of the rig. */
static const char *delete_element(struct rig *r, const char *objects, const char *name)
{
	const char *text;
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/tbl?delete");
	ask_body(&q, arena_printf(r->arena, DELETE("%s"), objects));
	ask_expect(&q, 200, "");
	text = arena_strndup(r->arena, ask_element(&q, name));
	ask_end(&q);
	return text;
}

static void markers_are_told_with_their_ids(void **state)
{
	struct rig *r = *state;
	const char *id, *object;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl?versioning",
		"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
		200, "");
	id = delete_element(r, OBJECT("<Key>key</Key>"), "DeleteMarkerVersionId");
	assert_int_equal(strlen(id), VERSION_ID_LEN);
	object = arena_printf(r->arena, OBJECT("<Key>key</Key><VersionId>%s</VersionId>"), id);
	ask_begin(&q, r, ANN, "POST", "/tbl?delete");
	ask_body(&q,
		arena_printf(r->arena,
			DELETE("%s%s" OBJECT("<Key>key</Key><VersionId>null</VersionId>")),
			object, object));
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q,
		arena_printf(r->arena,
			"<Deleted><Key>key</Key><VersionId>%s</VersionId><DeleteMarker>true"
			"</DeleteMarker><DeleteMarkerVersionId>%s</DeleteMarkerVersionId></"
			"Deleted>"
			"<Deleted><Key>key</Key><VersionId>%s</VersionId></Deleted>"
			"<Deleted><Key>key</Key><VersionId>null</VersionId></Deleted>",
			id, id, id)));
	ask_end(&q);
	rig_expect(r, ANN, "DELETE", "/tbl", NULL, 204, "");
}

static void conditions_of_a_key_are_of_its_version(void **state)
{
	struct rig *r = *state;

	rig_expect(r, ANN, "PUT", "/tbl?versioning",
		"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
		200, "");
	rig_expect(r, ANN, "PUT", "/tbl/key", "longer", 200, "");
	assert_string_equal(
		delete_element(r,
			OBJECT("<Key>key</Key><VersionId>null</VersionId><Size>6</Size>"),
			"Code"),
		"PreconditionFailed");
	assert_string_equal(
		delete_element(r,
			OBJECT("<Key>key</Key><LastModifiedTime>2025-11-23T00:00:00Z"
			       "</LastModifiedTime>"),
			"Code"),
		"PreconditionFailed");
	assert_string_equal(
		delete_element(r,
			OBJECT("<Key>key</Key><VersionId>null</VersionId><Size>5</Size>"
			       "<LastModifiedTime>2025-11-24T00:00:00Z</LastModifiedTime>"
			       "<ETag>5d41402abc4b2a76b9719d911017c592</ETag>"),
			"VersionId"),
		"null");
	rig_expect(r, ANN, "GET", "/tbl/key?versionId=null", NULL, 404, "NoSuchVersion");
	/* A marker is passed by "*" alone; what is not there has nothing to compare. */
	rig_expect(r, ANN, "DELETE", "/tbl/key", NULL, 204, "");
	assert_string_equal(delete_element(r, OBJECT("<Key>key</Key><ETag>x</ETag>"), "Code"),
		"PreconditionFailed");
	assert_string_equal(
		delete_element(r, OBJECT("<Key>key</Key><ETag>*</ETag>"), "DeleteMarker"),
		"true");
	assert_string_equal(
		delete_element(r, OBJECT("<Key>none</Key><ETag>x</ETag>"), "DeleteMarker"),
		"true");
}

static void quiet_tells_failures_only(void **state)
{
	struct ask q;

	ask_begin(&q, *state, ANN, "POST", "/tbl?delete");
	ask_body(&q,
		DELETE("<Quiet>true</Quiet>" OBJECT("<Key>key</Key>") OBJECT("<Key></Key>")));
	ask_expect(&q, 200, "");
	assert_false(ask_has(&q, "<Deleted>"));
	assert_true(ask_has(&q, "<Error>"));
	ask_end(&q);
}

static void wrong_lists_of_keys_are_refused(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "POST", "/tbl?delete", NULL, "", 400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL, DELETE(""), 400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL, DELETE(OBJECT("")), 400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL, "<Delete><Object>", 400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL,
			DELETE(OBJECT("<Key>k</Key><Etag>e</Etag>")), 400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL, DELETE(OBJECT("<Key>k</Key><Key>l</Key>")),
			400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL, "<Other>" OBJECT("<Key>k</Key>") "</Other>",
			400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL,
			DELETE("<Quiet>perhaps</Quiet>" OBJECT("<Key>k</Key>")), 400,
			"MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL, DELETE(OBJECT("<Key>k</Key><Size>x</Size>")),
			400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", NULL,
			"<!DOCTYPE a [<!ENTITY b \"c\">]>" DELETE(OBJECT("<Key>&b;</Key>")),
			400, "MalformedXML"},
		{ANN, "POST", "/tbl?delete", "content-md5: AAAAAAAAAAAAAAAAAAAAAA==",
			DELETE(OBJECT("<Key>key</Key>")), 400, "BadDigest"},
		{ANN, "POST", "/tbl?delete", "x-amz-checksum-crc32: AAAAAA==",
			DELETE(OBJECT("<Key>key</Key>")), 400, "BadDigest"},
		{CLEO, "POST", "/tbl?delete", NULL, DELETE(OBJECT("<Key>key</Key>")), 403,
			"AccessDenied"},
		{ANN, "GET", "/tbl/key", NULL, NULL, 200, ""},
	};

	rig_table((struct rig *)*state, rows);
}

static void at_most_a_thousand_keys(void **state)
{
	BUF_AUTO struct buf xml = {0};
	struct ask q;

	for (int n = 1000; n <= 1001; n++) {
		buf_init(&xml, 1 << 20);
		buf_add_str(&xml, "<Delete>");
		for (int i = 0; i < n; i++)
			buf_printf(&xml, "<Object><Key>k%d</Key></Object>", i);
		buf_add_str(&xml, "</Delete>");
		ask_begin(&q, *state, ANN, "POST", "/tbl?delete");
		q.body = buf_span(&xml);
		ask_expect(&q, n == 1000 ? 200 : 400, n == 1000 ? "" : "MalformedXML");
		ask_end(&q);
		buf_fini(&xml);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(many_keys_are_deleted_each_with_its_fate),
		T(keys_that_could_not_be_deleted_each_say_so),
		T(markers_are_told_with_their_ids),
		T(conditions_of_a_key_are_of_its_version),
		T(quiet_tells_failures_only),
		T(wrong_lists_of_keys_are_refused),
		T(at_most_a_thousand_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
