/* SPDX-License-Identifier: MIT */
/* The versioning of a bucket, and the list of all versions. */
#include <stdio.h>

#include "tests/unit/s3/rig.h"

#define STATUS(s) "<VersioningConfiguration><Status>" s "</Status></VersioningConfiguration>"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	return 0;
}

/* ---- the configuration ---- */

static void assert_status(struct rig *r, const char *want)
{
	struct ask q;

	ask_begin(&q, r, ANN, "GET", "/tbl?versioning");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<VersioningConfiguration xmlns="));
	if (want)
		assert_span_eq(ask_element(&q, "Status"), want);
	else
		assert_false(ask_has(&q, "Status"));
	ask_end(&q);
}

static void a_bucket_keeps_its_versioning(void **state)
{
	static const char *const words[] = {"Suspended", "Enabled", "Enabled", "Suspended"};
	struct rig *r = *state;

	assert_status(r, NULL);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		rig_expect(r, ANN, "PUT", "/tbl?versioning",
			arena_printf(r->arena, STATUS("%s"), words[i]), 200, "");
		assert_status(r, words[i]);
	}
}

static void wrong_configurations_are_refused(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl?versioning", NULL, "", 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL, "<Versioning", 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL, "<Versioning/>", 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL, STATUS("enabled"), 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL, STATUS("Disabled"), 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL, STATUS(""), 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL,
			"<VersioningConfiguration><Status>Enabled</Status>"
			"<Status>Suspended</Status></VersioningConfiguration>",
			400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL,
			"<VersioningConfiguration><Status>Enabled</Status>"
			"<MFADelete>Enabled</MFADelete></VersioningConfiguration>",
			400, "MalformedXML"},
		{ANN, "PUT", "/tbl?versioning", NULL, "<VersioningConfiguration/>", 400,
			"IllegalVersioningConfigurationException"},
		{ANN, "PUT", "/tbl?versioning", NULL,
			"<VersioningConfiguration><Status>Enabled</Status>"
			"<MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
			501, "NotImplemented"},
		{ANN, "PUT", "/tbl?versioning", NULL,
			"<VersioningConfiguration><Status>Enabled</Status>"
			"<MfaDelete>On</MfaDelete></VersioningConfiguration>",
			400, "MalformedXML"},
		{ANN, "DELETE", "/tbl?versioning", NULL, NULL, 405, "MethodNotAllowed"},
		{CLEO, "PUT", "/tbl?versioning", NULL, STATUS("Enabled"), 403, "AccessDenied"},
	};

	rig_table((struct rig *)*state, rows);
	assert_status(*state, NULL);
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl?versioning",
		"<VersioningConfiguration><MfaDelete>Disabled</MfaDelete>"
		"<Status>Enabled</Status></VersioningConfiguration>",
		200, "");
	assert_status(*state, "Enabled");
}

/* ---- the list of versions ---- */

/* a: put, put; b/1: put before versioning, deleted; b/2: put; c: put, put while suspended. */
static void make_versions(struct rig *r)
{
	static const char enabled[] = STATUS("Enabled");

	rig_expect(r, ANN, "PUT", "/tbl/b/1", "old", 200, "");
	rig_expect(r, ANN, "PUT", "/tbl?versioning", enabled, 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/a", "1", 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/a", "22", 200, "");
	rig_expect(r, ANN, "DELETE", "/tbl/b/1", NULL, 204, "");
	rig_expect(r, ANN, "PUT", "/tbl/b/2", "2", 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/c", "1", 200, "");
	rig_expect(r, ANN, "PUT", "/tbl?versioning", STATUS("Suspended"), 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/c", "null", 200, "");
}

/* One element's text behind *rest, which it moves. */
static struct span next_text(struct span *rest, const char *name)
{
	char open[64];
	ptrdiff_t at;

	snprintf(open, sizeof(open), "<%s>", name);
	at = span_find(*rest, span_str(open));
	if (at < 0)
		return SPAN_NULL;
	*rest = span_from(*rest, (size_t)at + strlen(open));
	return span_head(*rest, (size_t)span_find_byte(*rest, '<'));
}

struct page {
	const char
		*text; /* as "a* a -b/1* [b/]": '-' a marker, '*' the latest, (null) its id */
	const char *key_marker, *id_marker;
	bool more;
};

static void add_entry(struct buf *out, struct span entry, bool is_marker)
{
	struct span key = next_text(&entry, "Key"), id = next_text(&entry, "VersionId"),
		    latest = next_text(&entry, "IsLatest");

	buf_printf(out, "%s%.*s%s%s ", is_marker ? "-" : "", SPAN_FMT(key),
		span_eq_str(id, "null") ? "(null)" : "",
		span_eq_str(latest, "true") ? "*" : "");
	assert_true(is_marker == span_absent(next_text(&entry, "Size")));
}

/* Entries as the document has them, each up to the end of its element. */
static void read_entries(struct span doc, struct buf *out)
{
	for (;;) {
		ptrdiff_t version = span_find(doc, SPAN_LIT("<Version>")),
			  marker = span_find(doc, SPAN_LIT("<DeleteMarker>")), end;
		bool is_marker = version < 0 || (marker >= 0 && marker < version);

		if (version < 0 && marker < 0)
			break;
		doc = span_from(doc, (size_t)(is_marker ? marker : version));
		end = span_find(
			doc, is_marker ? SPAN_LIT("</DeleteMarker>") : SPAN_LIT("</Version>"));
		add_entry(out, span_head(doc, (size_t)end), is_marker);
		doc = span_from(doc, (size_t)end);
	}
}

static struct page list(struct rig *r, const char *query)
{
	struct page page = {0};
	struct span rest, group;
	BUF_AUTO struct buf out;
	struct ask q;

	buf_init(&out, 1 << 16);
	ask_begin(&q, r, ANN, "GET", arena_printf(r->arena, "/tbl?versions&%s", query));
	ask_expect(&q, 200, "");
	read_entries(ask_response(&q), &out);
	rest = ask_response(&q);
	while (!span_absent(next_text(&rest, "CommonPrefixes"))) {
		group = next_text(&rest, "Prefix");
		buf_printf(&out, "[%.*s] ", SPAN_FMT(group));
	}
	page.text = arena_strndup(r->arena, buf_span(&out));
	page.more = span_eq_str(ask_element(&q, "IsTruncated"), "true");
	page.key_marker = arena_strndup(r->arena, ask_element(&q, "NextKeyMarker"));
	page.id_marker = arena_strndup(r->arena, ask_element(&q, "NextVersionIdMarker"));
	ask_end(&q);
	return page;
}

static void versions_come_by_key_the_newest_first(void **state)
{
	static const struct {
		const char *query, *want;
	} rows[] = {
		{"", "a* a -b/1* b/1(null) b/2* c(null)* c "},
		{"prefix=b/", "-b/1* b/1(null) b/2* "},
		{"delimiter=/", "a* a c(null)* c [b/] "},
		{"delimiter=/&prefix=b/", "-b/1* b/1(null) b/2* "},
		{"key-marker=a", "-b/1* b/1(null) b/2* c(null)* c "},
		{"delimiter=/&key-marker=b/", "c(null)* c "},
		{"key-marker=b/1&version-id-marker=null", "b/2* c(null)* c "},
		{"key-marker=c&version-id-marker=null", "c "},
		{"key-marker=zzz", ""},
		{"max-keys=0", ""},
		{"max-keys=3", "a* a -b/1* "},
		{"prefix=none", ""},
	};

	make_versions(*state);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = list(*state, rows[i].query).text;

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].query, got);
	}
}

static void pages_join_to_the_whole(void **state)
{
	static const char *const queries[] = {"", "delimiter=/", "prefix=b"};
	struct rig *r = *state;

	make_versions(r);
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		for (unsigned size = 1; size <= 8; size++) {
			struct page page = {.more = true, .key_marker = "", .id_marker = ""};
			const char *whole = list(r, queries[i]).text, *joined = "";

			while (page.more) {
				page = list(r,
					arena_printf(r->arena,
						"%s&max-keys=%u&key-marker=%s%s%s", queries[i],
						size, page.key_marker,
						page.id_marker[0] ? "&version-id-marker=" : "",
						page.id_marker));
				joined = arena_printf(r->arena, "%s%s", joined, page.text);
			}
			/* Groups stand behind the keys of their page. */
			if (i == 1)
				assert_int_equal(strlen(joined), strlen(whole));
			else
				assert_string_equal(joined, whole);
		}
}

static void the_list_echoes_what_was_asked(void **state)
{
	struct rig *r = *state;
	struct ask q;

	make_versions(r);
	ask_begin(&q, r, ANN, "GET", "/tbl?versions");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<ListVersionsResult xmlns="));
	assert_true(ask_has(&q, "<Name>tbl</Name><Prefix></Prefix><KeyMarker></KeyMarker>"));
	assert_true(ask_has(&q, "<VersionIdMarker></VersionIdMarker><MaxKeys>1000</MaxKeys>"));
	assert_true(ask_has(&q, "<IsTruncated>false</IsTruncated>"));
	assert_false(ask_has(&q, "Delimiter>"));
	assert_false(ask_has(&q, "NextKeyMarker"));
	assert_true(ask_has(&q, "<DisplayName>ann</DisplayName>"));
	assert_true(ask_has(&q, "<StorageClass>STANDARD</StorageClass>"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET",
		"/tbl?versions&encoding-type=url&prefix=a%20%2B&delimiter=%2B/&key-marker=a%0A"
		"&version-id-marker=null&max-keys=5000");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<Prefix>a%20%2B</Prefix><KeyMarker>a%0A</KeyMarker>"));
	assert_true(ask_has(&q, "<VersionIdMarker>null</VersionIdMarker>"));
	assert_true(ask_has(&q, "<Delimiter>%2B/</Delimiter>"));
	assert_true(ask_has(&q, "<EncodingType>url</EncodingType>"));
	assert_true(ask_has(&q, "<MaxKeys>1000</MaxKeys>"));
	ask_end(&q);
}

/* Keys that a delete marker hides, more than one page looks at. */
static void hide_many(struct rig *r)
{
	enum { MANY = 60000 };
	const struct caller ann = {
		.user_id = r->people[ANN].user.id, .tenant_id = r->people[ANN].user.tenant_id};
	struct meta_delete *d = arena_array(r->arena, struct meta_delete, MANY);
	struct meta_bucket b;
	struct err e;

	assert_int_equal(svc_bucket_find(r->svc, &ann, SPAN_LIT("tbl"), r->arena, &b, &e), 0);
	for (unsigned i = 0; i < MANY; i++)
		d[i].key = span_str(arena_printf(r->arena, "h%06u", i));
	assert_int_equal(svc_objects_delete(r->svc, &b, d, MANY, &e), 0);
}

static void a_page_that_ends_early_tells_where_to_go_on(void **state)
{
	static const char *const kinds[][3] = {{"", "NextMarker", "marker"},
		{"list-type=2&", "NextContinuationToken", "continuation-token"}};
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl?versioning", STATUS("Enabled"), 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/last", "x", 200, "");
	hide_many(r);
	for (size_t i = 0; i < 2; i++) {
		const char *next;

		ask_begin(&q, r, ANN, "GET", arena_printf(r->arena, "/tbl?%s", kinds[i][0]));
		ask_expect(&q, 200, "");
		assert_true(ask_has(&q, "<IsTruncated>true</IsTruncated>"));
		assert_false(ask_has(&q, "<Contents>"));
		next = arena_strndup(r->arena, ask_element(&q, kinds[i][1]));
		assert_true(next[0]);
		ask_end(&q);
		ask_begin(&q, r, ANN, "GET",
			arena_printf(r->arena, "/tbl?%s%s=%s", kinds[i][0], kinds[i][2], next));
		ask_expect(&q, 200, "");
		assert_true(ask_has(&q, "<IsTruncated>false</IsTruncated>"));
		assert_true(ask_has(&q, "<Key>last</Key>"));
		ask_end(&q);
	}
}

static void wrong_markers_are_refused(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl?versions&version-id-marker=null", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?versions&key-marker=&version-id-marker=null", NULL, NULL,
			400, "InvalidArgument"},
		{ANN, "GET", "/tbl?versions&key-marker=a&version-id-marker=", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?versions&key-marker=a&version-id-marker=x", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?versions&max-keys=-1", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl?versions&max-keys=x", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl?versions&encoding-type=x", NULL, NULL, 400,
			"InvalidArgument"},
		{CLEO, "GET", "/tbl?versions", NULL, NULL, 403, "AccessDenied"},
		{ANN, "GET", "/nobucket?versions", NULL, NULL, 404, "NoSuchBucket"},
	};

	rig_table((struct rig *)*state, rows);
}

static void a_bucket_with_versions_is_not_empty(void **state)
{
	struct rig *r = *state;

	rig_expect(r, ANN, "PUT", "/tbl?versioning", STATUS("Enabled"), 200, "");
	rig_expect(r, ANN, "DELETE", "/tbl/only-a-marker", NULL, 204, "");
	rig_expect(r, ANN, "DELETE", "/tbl", NULL, 409, "BucketNotEmpty");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_bucket_keeps_its_versioning),
		T(wrong_configurations_are_refused),
		T(versions_come_by_key_the_newest_first),
		T(pages_join_to_the_whole),
		T(the_list_echoes_what_was_asked),
		T(a_page_that_ends_early_tells_where_to_go_on),
		T(wrong_markers_are_refused),
		T(a_bucket_with_versions_is_not_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
