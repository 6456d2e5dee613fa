/* SPDX-License-Identifier: MIT */
/* Tags of objects, by document and by header. */
#include "tests/unit/s3/rig.h"

#define SET(tags) "<Tagging><TagSet>" tags "</TagSet></Tagging>"
#define TAG(k, v) "<Tag><Key>" k "</Key><Value>" v "</Value></Tag>"
#define ENABLED "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl/key", "hello", 200, "");
	return 0;
}

/* What ?tagging tells, and what a read counts. */
static void assert_tags(
	struct rig *r, const char *target, const char *tagging, const char *count)
{
	struct ask q;

	ask_begin(&q, r, ANN, "GET",
		arena_printf(r->arena, "%s%stagging", target, strchr(target, '?') ? "&" : "?"));
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, arena_printf(r->arena, "<TagSet>%s</TagSet>", tagging)));
	ask_end(&q);
	ask_begin(&q, r, ANN, "HEAD", target);
	ask_expect(&q, 200, "");
	if (count)
		assert_span_eq(ask_response_header(&q, "x-amz-tagging-count"), count);
	else
		assert_true(span_absent(ask_response_header(&q, "x-amz-tagging-count")));
	ask_end(&q);
}

static void tags_are_put_got_and_deleted(void **state)
{
	struct rig *r = *state;

	assert_tags(r, "/tbl/key", "", NULL);
	rig_expect(
		r, ANN, "PUT", "/tbl/key?tagging", SET(TAG("a", "1") TAG("b c", "")), 200, "");
	assert_tags(r, "/tbl/key", TAG("a", "1") TAG("b c", ""), "2");
	rig_expect(
		r, ANN, "PUT", "/tbl/key?tagging", SET(TAG("d", "&amp;")), 400, "InvalidTag");
	rig_expect(r, ANN, "PUT", "/tbl/key?tagging", SET(TAG("d", "2")), 200, "");
	assert_tags(r, "/tbl/key", TAG("d", "2"), "1");
	rig_expect(r, ANN, "PUT", "/tbl/key?tagging", SET(""), 200, "");
	assert_tags(r, "/tbl/key", "", NULL);
	rig_expect(r, ANN, "PUT", "/tbl/key?tagging", SET(TAG("d", "2")), 200, "");
	rig_expect(r, ANN, "DELETE", "/tbl/key?tagging", NULL, 204, "");
	rig_expect(r, ANN, "DELETE", "/tbl/key?tagging", NULL, 204, "");
	assert_tags(r, "/tbl/key", "", NULL);
}

static void put_with(struct rig *r, const char *tagging, int status, const char *code)
{
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/tbl/key");
	ask_header(&q, "x-amz-tagging", tagging);
	ask_body(&q, "hello");
	ask_expect(&q, status, code);
	ask_end(&q);
}

static void a_put_brings_tags_and_another_takes_them_away(void **state)
{
	struct rig *r = *state;

	put_with(r, "a=1&b&c+d=%2B", 200, "");
	assert_tags(r, "/tbl/key", TAG("a", "1") TAG("b", "") TAG("c d", "+"), "3");
	put_with(r, "a=1&a=2", 400, "InvalidTag");
	put_with(r, "=1", 400, "InvalidTag");
	put_with(r, "aws:x=1", 400, "InvalidTag");
	put_with(r, "a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11", 400, "InvalidTag");
	put_with(r, "a=%", 400, "InvalidArgument");
	put_with(r, "a=%ff", 400, "InvalidArgument");
	assert_tags(r, "/tbl/key", TAG("a", "1") TAG("b", "") TAG("c d", "+"), "3");
	rig_expect(r, ANN, "PUT", "/tbl/key", "hello", 200, "");
	assert_tags(r, "/tbl/key", "", NULL);
}

static void wrong_documents_are_refused(void **state)
{
#define BAD(body, code) \
	{ \
		ANN, "PUT", "/tbl/key?tagging", NULL, body, 400, code \
	}
	static const struct rig_row rows[] = {
		BAD("", "MalformedXML"),
		BAD("{}", "MalformedXML"),
		BAD("<TagSet></TagSet>", "MalformedXML"),
		BAD("<Tagging></Tagging>", "MalformedXML"),
		BAD("<Tagging><TagSet/><TagSet/></Tagging>", "MalformedXML"),
		BAD(SET("<Tag><Key>a</Key></Tag>"), "MalformedXML"),
		BAD(SET("<Tag><Value>a</Value></Tag>"), "MalformedXML"),
		BAD(SET("<Tag><Key>a</Key><Key>b</Key></Tag>"), "MalformedXML"),
		BAD(SET("<Other/>"), "MalformedXML"),
		BAD(SET(TAG("", "v")), "InvalidTag"),
		BAD(SET(TAG("a", "v") TAG("a", "w")), "InvalidTag"),
		BAD(SET(TAG("AWS:a", "v")), "InvalidTag"),
		BAD(SET(TAG("a*", "v")), "InvalidTag"),
		{ANN, "PUT", "/tbl/none?tagging", NULL, SET(TAG("a", "v")), 404, "NoSuchKey"},
		{ANN, "DELETE", "/tbl/none?tagging", NULL, NULL, 404, "NoSuchKey"},
		{ANN, "POST", "/tbl/key?tagging", NULL, NULL, 405, "MethodNotAllowed"},
		{CLEO, "PUT", "/tbl/key?tagging", NULL, SET(TAG("a", "v")), 403,
			"AccessDenied"},
		{BEN, "GET", "/tbl/key?tagging", NULL, NULL, 404, "NoSuchBucket"},
	};

	rig_table((struct rig *)*state, rows);
	assert_tags(*state, "/tbl/key", "", NULL);
}

static const char *put_version(struct rig *r, const char *tagging)
{
	struct ask q;
	const char *id;

	ask_begin(&q, r, ANN, "PUT", "/tbl/key");
	ask_header(&q, "x-amz-tagging", tagging);
	ask_body(&q, "hello");
	ask_expect(&q, 200, "");
	id = arena_strndup(r->arena, ask_response_header(&q, "x-amz-version-id"));
	ask_end(&q);
	return id;
}

static void assert_names(
	struct rig *r, const char *method, const char *target, const char *body, const char *id)
{
	struct ask q;

	ask_begin(&q, r, ANN, method, target);
	ask_body(&q, body);
	ask_expect(&q, method[0] == 'D' ? 204 : 200, "");
	assert_span_eq(ask_response_header(&q, "x-amz-version-id"), id);
	ask_end(&q);
}

static void versions_are_named_and_never_deleted(void **state)
{
	struct rig *r = *state;
	const char *first, *second, *target;

	rig_expect(r, ANN, "PUT", "/tbl?versioning", ENABLED, 200, "");
	first = put_version(r, "n=1");
	second = put_version(r, "n=2");
	target = arena_printf(r->arena, "/tbl/key?versionId=%s", first);
	assert_tags(r, target, TAG("n", "1"), "1");
	assert_names(r, "PUT", arena_printf(r->arena, "/tbl/key?tagging&versionId=%s", first),
		SET(TAG("n", "3")), first);
	assert_names(r, "GET", arena_printf(r->arena, "/tbl/key?tagging&versionId=%s", first),
		NULL, first);
	assert_tags(r, target, TAG("n", "3"), "1");
	assert_tags(r, "/tbl/key", TAG("n", "2"), "1");
	assert_names(r, "DELETE",
		arena_printf(r->arena, "/tbl/key?tagging&versionId=%s", first), NULL, first);
	assert_tags(r, target, "", NULL);
	assert_names(r, "DELETE", "/tbl/key?tagging", NULL, second);
	assert_tags(r, "/tbl/key", "", NULL);
	assert_tags(r, "/tbl/key?versionId=null", "", NULL);
}

static void markers_have_none(void **state)
{
	struct rig *r = *state;
	const char *marker, *target;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl?versioning", ENABLED, 200, "");
	ask_begin(&q, r, ANN, "DELETE", "/tbl/key");
	ask_expect(&q, 204, "");
	marker = arena_strndup(r->arena, ask_response_header(&q, "x-amz-version-id"));
	ask_end(&q);
	target = arena_printf(r->arena, "/tbl/key?tagging&versionId=%s", marker);
	rig_expect(r, ANN, "GET", target, NULL, 405, "MethodNotAllowed");
	rig_expect(r, ANN, "PUT", target, SET(TAG("a", "1")), 405, "MethodNotAllowed");
	rig_expect(r, ANN, "DELETE", target, NULL, 405, "MethodNotAllowed");
	rig_expect(r, ANN, "PUT", "/tbl/key?tagging", SET(TAG("a", "1")), 404, "NoSuchKey");
}

static void an_upload_remembers_its_tags(void **state)
{
	static const char list[] = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
				   "<ETag>5d41402abc4b2a76b9719d911017c592</ETag></Part>"
				   "</CompleteMultipartUpload>";
	struct rig *r = *state;
	const char *id;
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/tbl/big?uploads");
	ask_header(&q, "x-amz-tagging", "of=create");
	ask_expect(&q, 200, "");
	id = arena_strndup(r->arena, ask_element(&q, "UploadId"));
	ask_end(&q);
	rig_expect(r, ANN, "PUT",
		arena_printf(r->arena, "/tbl/big?partNumber=1&uploadId=%s", id), "hello", 200,
		"");
	rig_expect(r, ANN, "POST", arena_printf(r->arena, "/tbl/big?uploadId=%s", id), list,
		200, "");
	assert_tags(r, "/tbl/big", TAG("of", "create"), "1");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tags_are_put_got_and_deleted),
		T(a_put_brings_tags_and_another_takes_them_away),
		T(wrong_documents_are_refused),
		T(versions_are_named_and_never_deleted),
		T(markers_have_none),
		T(an_upload_remembers_its_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
