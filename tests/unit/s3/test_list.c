/* SPDX-License-Identifier: MIT */
/* Listing of objects: order, groups, pages, echoes, encoding. */
#include "tests/unit/s3/rig.h"

static const char *const keys[] = {"a%2B", "a/b", "a/b/c", "asdf", "boo/bar", "boo/baz/xyzzy",
	"cquux/thud", "foo", "foo/", "foo/x", "z%0A%01", "%C3%A9"};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static int setup(void **state)
{
	struct rig *r;

	if (rig_setup(state) < 0)
		return -1;
	r = *state;
	rig_expect(r, ANN, "PUT", "/tbl", NULL, 200, "");
	for (int i = KEYS - 1; i >= 0; i--)
		rig_expect(r, ANN, "PUT", arena_printf(r->arena, "/tbl/%s", keys[i]), "x", 200,
			"");
	return 0;
}

/* Keys, then common prefixes in [], separated by spaces; '!' when truncated. */
static const char *list(struct rig *r, const char *query)
{
	BUF_AUTO struct buf out;
	struct ask q;
	struct span rest;
	const char *text;
	ptrdiff_t at;

	buf_init(&out, 1 << 20);
	ask_begin(
		&q, r, ANN, "GET", arena_printf(r->arena, "/tbl?encoding-type=url&%s", query));
	ask_expect(&q, 200, "");
	rest = ask_response(&q);
	while ((at = span_find(rest, SPAN_LIT("<Key>"))) >= 0) {
		rest = span_from(rest, (size_t)at + 5);
		buf_add_span(&out, span_head(rest, (size_t)span_find_byte(rest, '<')));
		buf_add_char(&out, ' ');
	}
	rest = ask_response(&q);
	while ((at = span_find(rest, SPAN_LIT("<CommonPrefixes><Prefix>"))) >= 0) {
		rest = span_from(rest, (size_t)at + 24);
		buf_printf(&out, "[%.*s] ", (int)span_find_byte(rest, '<'), rest.p);
	}
	if (ask_has(&q, "<IsTruncated>true</IsTruncated>"))
		buf_add_char(&out, '!');
	else
		assert_true(ask_has(&q, "<IsTruncated>false</IsTruncated>"));
	text = arena_strndup(r->arena, buf_span(&out));
	ask_end(&q);
	return text;
}

static void keys_and_groups_come_in_byte_order(void **state)
{
	static const struct {
		const char *query, *want;
	} rows[] = {
		{"",
			"a%2B a/b a/b/c asdf boo/bar boo/baz/xyzzy cquux/thud foo foo/ foo/x "
			"z%0A%01 %C3%A9 "},
		{"delimiter=/", "a%2B asdf foo z%0A%01 %C3%A9 [a/] [boo/] [cquux/] [foo/] "},
		{"delimiter=/&prefix=boo/", "boo/bar [boo/baz/] "},
		{"delimiter=/&prefix=foo/", "foo/ foo/x "},
		{"delimiter=/&prefix=foo", "foo [foo/] "},
		{"delimiter=/&prefix=a/b", "a/b [a/b/] "},
		{"delimiter=o&prefix=b", "[bo] "},
		{"delimiter=oo", "a%2B a/b a/b/c asdf cquux/thud z%0A%01 %C3%A9 [boo] [foo] "},
		{"prefix=none", ""},
		{"prefix=z%0A", "z%0A%01 "},
		{"max-keys=2", "a%2B a/b !"},
		{"max-keys=0", ""},
		{"max-keys=12",
			"a%2B a/b a/b/c asdf boo/bar boo/baz/xyzzy cquux/thud foo foo/ foo/x "
			"z%0A%01 %C3%A9 "},
		{"marker=foo", "foo/ foo/x z%0A%01 %C3%A9 "},
		{"marker=fop", "z%0A%01 %C3%A9 "},
		{"marker=%F4%80%80%80", ""},
		{"delimiter=/&marker=a/", "asdf foo z%0A%01 %C3%A9 [boo/] [cquux/] [foo/] "},
		{"delimiter=/&max-keys=2", "a%2B [a/] !"},
		{"delimiter=/&max-keys=1&marker=a%2B", "[a/] !"},
		{"list-type=2&start-after=cquux/thud", "foo foo/ foo/x z%0A%01 %C3%A9 "},
		{"list-type=2&continuation-token=",
			"a%2B a/b a/b/c asdf boo/bar boo/baz/xyzzy cquux/thud foo foo/ "
			"foo/x z%0A%01 %C3%A9 "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = list(*state, rows[i].query);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].query, got);
	}
}

/* Every page size gives the whole listing, no key twice, none lost. */
static void pages_join_to_the_whole(void **state)
{
	static const char *const queries[] = {"", "delimiter=/", "prefix=b&delimiter=/"};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		for (unsigned size = 1; size <= KEYS + 1; size++) {
			unsigned seen = 0;
			const char *token = "";

			do {
				struct ask q;
				struct span n;
				uint64_t count;

				ask_begin(&q, r, ANN, "GET",
					arena_printf(r->arena,
						"/tbl?list-type=2&max-keys=%u&%s&%s%s", size,
						queries[i],
						token[0] ? "continuation-token=" : "", token));
				ask_expect(&q, 200, "");
				assert_true(span_to_u64(ask_element(&q, "KeyCount"), &count));
				assert_true(count <= size);
				seen += (unsigned)count;
				n = ask_element(&q, "NextContinuationToken");
				token = span_absent(n) ? "" : arena_strndup(r->arena, n);
				ask_end(&q);
			} while (token[0]);
			assert_int_equal(seen, i == 0 ? KEYS : i == 1 ? 9 : 1);
		}
}

static void v1_echoes_what_was_asked(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "GET", "/tbl");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<Name>tbl</Name>"));
	assert_true(ask_has(&q, "<Prefix></Prefix>"));
	assert_true(ask_has(&q, "<Marker></Marker>"));
	assert_true(ask_has(&q, "<MaxKeys>1000</MaxKeys>"));
	assert_false(ask_has(&q, "Delimiter"));
	assert_false(ask_has(&q, "EncodingType"));
	assert_false(ask_has(&q, "NextMarker"));
	assert_true(ask_has(&q, "<Owner><ID>"));
	assert_true(ask_has(&q, "<DisplayName>ann</DisplayName>"));
	assert_true(ask_has(&q, "<Key>z\n&#x1;</Key>"));
	assert_true(ask_has(&q, "<StorageClass>STANDARD</StorageClass>"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET",
		"/tbl?prefix=b%2Bo%20/"
		"&delimiter=%2F&marker=b%0Ao&max-keys=5000&encoding-type=url");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<Prefix>b%2Bo%20/</Prefix>"));
	assert_true(ask_has(&q, "<Marker>b%0Ao</Marker>"));
	assert_true(ask_has(&q, "<Delimiter>/</Delimiter>"));
	assert_true(ask_has(&q, "<EncodingType>url</EncodingType>"));
	assert_true(ask_has(&q, "<MaxKeys>1000</MaxKeys>"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl?delimiter=/&max-keys=2");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<NextMarker>a/</NextMarker>"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl?max-keys=2");
	ask_expect(&q, 200, "");
	assert_false(ask_has(&q, "NextMarker"));
	ask_end(&q);
}

static void v2_echoes_what_was_asked(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "GET", "/tbl?list-type=2");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<KeyCount>12</KeyCount>"));
	assert_false(ask_has(&q, "Marker"));
	assert_false(ask_has(&q, "Owner"));
	assert_false(ask_has(&q, "StartAfter"));
	assert_false(ask_has(&q, "ContinuationToken"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET",
		"/tbl?list-type=2&start-after=&continuation-token=&fetch-owner=true");
	ask_expect(&q, 200, "");
	assert_true(ask_has(&q, "<StartAfter></StartAfter>"));
	assert_true(ask_has(&q, "<ContinuationToken></ContinuationToken>"));
	assert_true(ask_has(&q, "<Owner><ID>"));
	ask_end(&q);
}

static void an_entry_equals_head(void **state)
{
	struct rig *r = *state;
	struct ask q;

	r->clock.fixed_us += 345678;
	rig_expect(r, ANN, "PUT", "/tbl/asdf", "x", 200, "");
	ask_begin(&q, r, ANN, "GET", "/tbl?list-type=2&prefix=asdf");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "ETag"), "&quot;9dd4e461268c8034f5c8564e155c67a6&quot;");
	assert_span_eq(ask_element(&q, "Size"), "1");
	assert_span_eq(ask_element(&q, "LastModified"), "2025-11-24T00:00:00.000Z");
	ask_end(&q);
	ask_begin(&q, r, ANN, "HEAD", "/tbl/asdf");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "etag"), "\"9dd4e461268c8034f5c8564e155c67a6\"");
	assert_span_eq(ask_response_header(&q, "content-length"), "1");
	assert_span_eq(
		ask_response_header(&q, "last-modified"), "Mon, 24 Nov 2025 00:00:00 GMT");
	ask_end(&q);
}

static void a_token_wins_over_start_after(void **state)
{
	struct rig *r = *state;
	struct ask q;
	const char *token;

	ask_begin(&q, r, ANN, "GET", "/tbl?list-type=2&max-keys=7");
	ask_expect(&q, 200, "");
	token = arena_strndup(r->arena, ask_element(&q, "NextContinuationToken"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET",
		arena_printf(r->arena,
			"/tbl?list-type=2&max-keys=1&start-after=a&continuation-token=%s",
			token));
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Key"), "foo");
	assert_span_eq(ask_element(&q, "ContinuationToken"), token);
	assert_span_eq(ask_element(&q, "StartAfter"), "a");
	ask_end(&q);
}

static void wrong_arguments_are_refused(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl?max-keys=x", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl?max-keys=-1", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl?max-keys=99999999999999999999999", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?max-keys=", NULL, NULL, 200, ""},
		{ANN, "GET", "/tbl?encoding-type=base64", NULL, NULL, 400, "InvalidArgument"},
		{ANN, "GET", "/tbl?list-type=2&continuation-token=x", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?list-type=2&continuation-token=1", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/tbl?list-type=2&continuation-token=1_w", NULL, NULL, 400,
			"InvalidArgument"},
		{ANN, "GET", "/nobucket?list-type=2", NULL, NULL, 404, "NoSuchBucket"},
	};

	rig_table((struct rig *)*state, rows);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(keys_and_groups_come_in_byte_order),
		T(pages_join_to_the_whole),
		T(v1_echoes_what_was_asked),
		T(v2_echoes_what_was_asked),
		T(an_entry_equals_head),
		T(a_token_wins_over_start_after),
		T(wrong_arguments_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
