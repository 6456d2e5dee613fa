/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "base/buf.h"
#include "codec/xmlr.h"
#include "codec/xmlw.h"

static struct arena *a;
static const struct xmlr_limits limits = {64 * 1024, 8, 100};

static int setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* Hands out one byte per read, then fails if told to. */
struct dribble {
	struct source src;
	struct span rest;
	bool fails;
};

static int dribble_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct dribble *d = (struct dribble *)src;

	(void)cap;
	if (d->rest.n == 0 && d->fails)
		return err_fail(e, ERR_INCOMPLETE, "gone");
	*n_r = d->rest.n > 0;
	if (*n_r)
		memcpy(p, d->rest.p, 1);
	d->rest = span_from(d->rest, 1);
	return 0;
}

static int parse_within(struct span text, const struct xmlr_limits *l,
	const struct xml_node **root_r, struct err *e)
{
	struct source_mem m;

	return xmlr_parse(a, source_mem_init(&m, text), l, root_r, e);
}

static const struct xml_node *parse(const char *text)
{
	const struct xml_node *root = NULL;
	struct err e;

	assert_int_equal(parse_within(span_str(text), &limits, &root, &e), 0);
	assert_non_null(root);
	return root;
}

static void assert_refused(struct span text, const struct xmlr_limits *l, enum err_kind kind)
{
	const struct xml_node *root;
	struct err e;

	assert_int_equal(parse_within(text, l, &root, &e), -1);
	assert_int_equal(e.kind, kind);
}

static void a_tree_is_built_in_order(void **state)
{
	const struct xml_node *root =
		parse("<?xml version=\"1.0\"?>\n<Delete>\n <Object><Key>a</Key>"
		      "</Object><Quiet>true</Quiet>"
		      "<Object><Key>b</Key></Object></Delete>\n");
	const struct xml_node *object = xml_child(root, "Object");

	(void)state;
	assert_span_eq(root->name, "Delete");
	assert_int_equal(root->child_count, 3);
	assert_span_eq(xml_child_text(object, "Key"), "a");
	object = xml_next_same(object);
	assert_span_eq(xml_child_text(object, "Key"), "b");
	assert_null(xml_next_same(object));
	assert_span_eq(xml_child_text(root, "Quiet"), "true");
	assert_true(span_absent(xml_child_text(root, "Nothing")));
	assert_false(xml_has_only(root, "Object|Quiet"));
	assert_false(xml_has_only(xml_child(root, "Object"), "Quiet|Ke"));
	assert_true(xml_has_only(xml_child(root, "Object"), "Quiet|Key"));
	assert_true(xml_has_only(xml_child(root, "Quiet"), "Key"));
	assert_null(xml_child(NULL, "x"));
	assert_null(xml_next_same(NULL));
	assert_true(span_absent(xml_child_text(NULL, "x")));
}

static void text_is_that_directly_inside(void **state)
{
	const struct xml_node *root =
		parse("<a>x<b>y</b>&lt;<!-- no --><![CDATA[<c>]]><b/>&#233;</a>");

	(void)state;
	assert_span_eq(root->text, "x<<c>\xc3\xa9");
	assert_span_eq(root->first_child->text, "y");
	assert_false(span_absent(root->first_child->next->text));
	assert_int_equal(root->first_child->next->text.n, 0);
}

static void namespaces_and_prefixes_are_ignored(void **state)
{
	const struct xml_node *root =
		parse("<s:Tagging xmlns:s=\"http://x/\" xmlns=\"http://y/\">"
		      "<TagSet/><s:More s:kind=\"k&amp;\" plain=\"p\"/></s:Tagging>");
	const struct xml_node *more = xml_child(root, "More");

	(void)state;
	assert_span_eq(root->name, "Tagging");
	assert_null(root->first_attr);
	assert_non_null(xml_child(root, "TagSet"));
	assert_span_eq(xml_attr_value(more, "kind"), "k&");
	assert_span_eq(xml_attr_value(more, "plain"), "p");
	assert_true(span_absent(xml_attr_value(more, "other")));
	assert_true(span_absent(xml_attr_value(NULL, "kind")));
}

static void other_encodings_become_utf8(void **state)
{
	const struct xml_node *root;
	struct err e;

	(void)state;
	root = parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>");
	assert_span_eq(root->text, "\xc3\xa4");
	assert_int_equal(parse_within(SPAN_LIT("\xff\xfe<\0a\0/\0>\0"), &limits, &root, &e), 0);
	assert_span_eq(root->name, "a");
	assert_refused(
		SPAN_LIT("<?xml version='1.0' encoding='x-no'?><a/>"), &limits, ERR_INVALID);
}

static void what_is_not_well_formed_is_refused(void **state)
{
	static const struct span bad[] = {{"", 0}, {" ", 1}, {"x", 1}, {"<a>", 3},
		{"<a></b>", 7}, {"<a/><b/>", 8}, {"<a/>x", 5}, {"<a>\0</a>", 8},
		{"<a>&x;</a>", 10}, {"<a>&#0;</a>", 11}, {"<a>\xff</a>", 8}, {"<a>\x01</a>", 8},
		{"<a b=1/>", 8}, {"<a b='1' b='2'/>", 16}, {"<a>]]></a>", 10},
		{"<a><b></a></b>", 14}, {"{}", 2}, {"<a", 2}, {"</a>", 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(bad[i], &limits, ERR_INVALID);
}

static void doctypes_and_entities_are_refused(void **state)
{
	(void)state;
	assert_refused(SPAN_LIT("<!DOCTYPE a><a/>"), &limits, ERR_INVALID);
	assert_refused(SPAN_LIT("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"), &limits,
		ERR_INVALID);
	assert_refused(
		SPAN_LIT("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
		&limits, ERR_INVALID);
	assert_refused(SPAN_LIT("<!DOCTYPE a [<!ENTITY x \"xxxx\"><!ENTITY y "
				"\"&x;&x;&x;\">]><a>&y;</a>"),
		&limits, ERR_INVALID);
}

static void add_nested(struct buf *b, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_add_str(b, "<d>");
	for (int i = 0; i < depth; i++)
		buf_add_str(b, "</d>");
}

static void depth_is_bounded(void **state)
{
	const struct xmlr_limits generous = {1 << 20, 1000, 1000};
	BUF_AUTO struct buf b;

	(void)state;
	buf_init(&b, 100000);
	add_nested(&b, 8);
	(void)parse(buf_span(&b).p);
	buf_clear(&b);
	add_nested(&b, 9);
	assert_refused(buf_span(&b), &limits, ERR_LIMIT);
	buf_clear(&b);
	add_nested(&b, XMLR_MAX_DEPTH + 1);
	assert_refused(buf_span(&b), &generous, ERR_LIMIT);
}

static void elements_and_attributes_are_bounded(void **state)
{
	BUF_AUTO struct buf b;

	(void)state;
	buf_init(&b, 100000);
	buf_add_str(&b, "<a>");
	for (int i = 0; i < 99; i++)
		buf_add_str(&b, "<b/>");
	buf_add_str(&b, "</a>");
	assert_int_equal(parse(buf_span(&b).p)->child_count, 99);
	b.n -= 4;
	buf_add_str(&b, "<b/></a>");
	assert_refused(buf_span(&b), &limits, ERR_LIMIT);
	buf_clear(&b);
	buf_add_str(&b, "<a");
	for (int i = 0; i < XMLR_MAX_ATTRS; i++)
		buf_printf(&b, " a%d=''", i);
	buf_add_str(&b, "/>");
	(void)parse(buf_span(&b).p);
	b.n -= 2;
	buf_add_str(&b, " z=''/>");
	assert_refused(buf_span(&b), &limits, ERR_LIMIT);
}

static void bytes_are_bounded(void **state)
{
	const struct xmlr_limits tight = {10, 8, 100};

	(void)state;
	assert_refused(SPAN_LIT("<a>456</a> "), &tight, ERR_LIMIT);
	assert_refused(SPAN_LIT("<a>456</a>"), &(struct xmlr_limits){9, 8, 100}, ERR_LIMIT);
	const struct xml_node *root;
	struct err e;

	assert_int_equal(parse_within(SPAN_LIT("<a>456</a>"), &tight, &root, &e), 0);
}

static void long_texts_arrive_whole(void **state)
{
	const struct xmlr_limits generous = {1 << 20, 8, 100};
	const struct xml_node *root;
	BUF_AUTO struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_add_str(&b, "<a><b>");
	for (int i = 0; i < 100000; i++)
		buf_add_str(&b, "&lt;x");
	buf_add_str(&b, "</b></a>");
	assert_int_equal(parse_within(buf_span(&b), &generous, &root, &e), 0);
	assert_int_equal(root->first_child->text.n, 200000);
	assert_memory_equal(root->first_child->text.p + 199998, "<x", 2);
}

static void slow_sources_give_the_same_tree_and_failures_pass(void **state)
{
	struct dribble d = {{dribble_read}, SPAN_LIT("<a><b>t\xc3\xa4&amp;</b></a>"), false};
	const struct xml_node *root;
	struct err e;

	(void)state;
	assert_int_equal(xmlr_parse(a, &d.src, &limits, &root, &e), 0);
	assert_span_eq(xml_child_text(root, "b"), "t\xc3\xa4&");
	d = (struct dribble){{dribble_read}, SPAN_LIT("<a><b>"), true};
	assert_int_equal(xmlr_parse(a, &d.src, &limits, &root, &e), -1);
	assert_int_equal(e.kind, ERR_INCOMPLETE);
}

static void the_writer_balances_and_formats(void **state)
{
	BUF_AUTO struct buf b;
	struct xmlw w;

	(void)state;
	buf_init(&b, 4096);
	xmlw_init(&w, &b);
	xmlw_open_ns(&w, "R", XMLW_S3_NS);
	xmlw_str(&w, "S", "a<b>&\"c'");
	xmlw_text(&w, "E", SPAN_NULL);
	xmlw_u64(&w, "N", UINT64_MAX);
	xmlw_bool(&w, "T", true);
	xmlw_bool(&w, "F", false);
	xmlw_time(&w, "W", 1000);
	xmlw_open_ns(&w, "P", NULL);
	xmlw_close(&w);
	xmlw_open_attr(&w, "Grantee", "xsi:type", SPAN_LIT("Group"));
	xmlw_close(&w);
	xmlw_open_attr(&w, "Q", "k", SPAN_LIT("\"\t<"));
	xmlw_close(&w);
	xmlw_close(&w);
	assert_int_equal(w.depth, 0);
	assert_span_eq(buf_span(&b),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<R xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
		"<S>a&lt;b&gt;&amp;&quot;c'</S><E></E><N>18446744073709551615</N><T>true</"
		"T><F>false</F>"
		"<W>1970-01-01T00:00:00.001Z</W><P></P>"
		"<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		"xsi:type=\"Group\">"
		"</Grantee><Q k=\"&quot;&#x9;&lt;\"></Q></R>");
}

static void characters_that_xml_forbids_become_references(void **state)
{
	BUF_AUTO struct buf b;
	struct xmlw w;

	(void)state;
	buf_init(&b, 4096);
	xmlw_init(&w, &b);
	buf_clear(&b);
	xmlw_text(
		&w, "K", SPAN_LIT("\0\x01\x1f\x7f\t\n\r\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"));
	assert_span_eq(buf_span(&b),
		"<K>&#x0;&#x1;&#x1f;\x7f\t\n&#xd;&#xfffe;&#xffff;\xef\xbf\xbd</K>");
	buf_clear(&b);
	xmlw_text(&w, "K", SPAN_LIT("a\xff\xc3z\xe2\x82\xf0\x9f\x98\x80\xed\xa0\x80\xc3"));
	assert_span_eq(buf_span(&b),
		"<K>a\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80"
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd</K>");
}

static void what_was_written_reads_back(void **state)
{
	const struct span text = SPAN_LIT(" <&>\"'\t\r\n\r\n]]> \xf0\x9f\x98\x80 ");
	const struct xml_node *root;
	BUF_AUTO struct buf b;
	struct xmlw w;

	(void)state;
	buf_init(&b, 4096);
	xmlw_init(&w, &b);
	xmlw_open_attr(&w, "a", "v", text);
	xmlw_text(&w, "b", text);
	xmlw_close(&w);
	root = parse(buf_span(&b).p);
	assert_true(span_eq(xml_child_text(root, "b"), text));
	assert_true(span_eq(xml_attr_value(root, "v"), text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_built_in_order),
		cmocka_unit_test(text_is_that_directly_inside),
		cmocka_unit_test(namespaces_and_prefixes_are_ignored),
		cmocka_unit_test(other_encodings_become_utf8),
		cmocka_unit_test(what_is_not_well_formed_is_refused),
		cmocka_unit_test(doctypes_and_entities_are_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(elements_and_attributes_are_bounded),
		cmocka_unit_test(bytes_are_bounded),
		cmocka_unit_test(long_texts_arrive_whole),
		cmocka_unit_test(slow_sources_give_the_same_tree_and_failures_pass),
		cmocka_unit_test(the_writer_balances_and_formats),
		cmocka_unit_test(characters_that_xml_forbids_become_references),
		cmocka_unit_test(what_was_written_reads_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
