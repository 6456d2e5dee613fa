/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <string.h>

#include "model/cors.h"

static const struct xmlr_limits limits = {64 * 1024, 16, 10000};

static enum cors_fault read_text(
	struct arena *a, const char *text, struct cors *c_r, struct span *at_r)
{
	const struct xml_node *root;
	struct source_mem m;
	struct err e;

	assert_int_equal(
		xmlr_parse(a, source_mem_init(&m, span_str(text)), &limits, &root, &e), 0);
	return cors_read(a, root, c_r, at_r);
}

#define DOC(inner) "<CORSConfiguration>" inner "</CORSConfiguration>"
#define RULE(inner) "<CORSRule>" inner "</CORSRule>"
#define ORIGIN(text) "<AllowedOrigin>" text "</AllowedOrigin>"
#define METHOD(text) "<AllowedMethod>" text "</AllowedMethod>"
#define HEADER(text) "<AllowedHeader>" text "</AllowedHeader>"
#define EXPOSE(text) "<ExposeHeader>" text "</ExposeHeader>"
#define AGE(text) "<MaxAgeSeconds>" text "</MaxAgeSeconds>"
#define LEAST ORIGIN("a") METHOD("GET")

static void what_is_not_of_the_schema_or_not_legal_is_told(void **state)
{
	static const struct {
		const char *text;
		enum cors_fault fault;
		const char *at; /* NULL: absent */
	} rows[] = {
		{DOC(RULE(LEAST)), CORS_OK, NULL},
		{DOC(""), CORS_MALFORMED, NULL},
		{"<Other>" RULE(LEAST) "</Other>", CORS_MALFORMED, NULL},
		{DOC("<Rule>" LEAST "</Rule>"), CORS_MALFORMED, NULL},
		{DOC(RULE("")), CORS_MALFORMED, NULL},
		{DOC(RULE(ORIGIN("a"))), CORS_MALFORMED, NULL},
		{DOC(RULE(METHOD("GET"))), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST "<Other/>")), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST ORIGIN("<b/>"))), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST "<ID>a</ID><ID>b</ID>")), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST AGE("1") AGE("1"))), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST AGE("0"))), CORS_OK, NULL},
		{DOC(RULE(LEAST AGE("2147483647"))), CORS_OK, NULL},
		{DOC(RULE(LEAST AGE("2147483648"))), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST AGE("-1"))), CORS_MALFORMED, NULL},
		{DOC(RULE(LEAST AGE("1s"))), CORS_MALFORMED, NULL},
		{DOC(RULE(ORIGIN("a") METHOD("get"))), CORS_BAD_METHOD, "get"},
		{DOC(RULE(ORIGIN("a") METHOD("PATCH"))), CORS_BAD_METHOD, "PATCH"},
		{DOC(RULE(ORIGIN("a") METHOD(""))), CORS_BAD_METHOD, ""},
		{DOC(RULE(LEAST METHOD("OPTIONS"))), CORS_BAD_METHOD, "OPTIONS"},
		{DOC(RULE(LEAST ORIGIN("http://*.*"))), CORS_TWO_WILDCARDS, "http://*.*"},
		{DOC(RULE(LEAST ORIGIN("*a*"))), CORS_TWO_WILDCARDS, "*a*"},
		{DOC(RULE(LEAST HEADER("**"))), CORS_TWO_WILDCARDS, "**"},
		{DOC(RULE(LEAST HEADER("x-*"))), CORS_OK, NULL},
		{DOC(RULE(LEAST EXPOSE("x-*"))), CORS_WILDCARD, "x-*"},
		{DOC(RULE(LEAST EXPOSE("a&#13;&#10;b: c"))), CORS_CONTROL, "a\r\nb: c"},
		{DOC(RULE(LEAST ORIGIN("a&#10;"))), CORS_CONTROL, "a\n"},
		{DOC(RULE(LEAST HEADER("a\tb"))), CORS_CONTROL, "a\tb"},
		{DOC(RULE(LEAST "<ID>a\nb</ID>")), CORS_CONTROL, "a\nb"},
		{DOC(RULE(LEAST) RULE(ORIGIN("b") METHOD("x"))), CORS_BAD_METHOD, "x"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cors c;
		struct span at;
		enum cors_fault fault = read_text(a, rows[i].text, &c, &at);

		if (fault != rows[i].fault || span_absent(at) != !rows[i].at ||
			(rows[i].at && !span_eq_str(at, rows[i].at)))
			fail_msg("%s: %d at '%.*s'", rows[i].text, (int)fault, SPAN_FMT(at));
	}
	arena_free(a);
}

static const char *rules(struct arena *a, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = arena_printf(a, "%s%s", text, RULE(LEAST));
	return arena_printf(a, DOC("%s"), text);
}

static const char *with_id(struct arena *a, const char *character, size_t n)
{
	const char *id = "";

	for (size_t i = 0; i < n; i++)
		id = arena_printf(a, "%s%s", id, character);
	return arena_printf(a, DOC(RULE("<ID>%s</ID>" LEAST)), id);
}

static void rules_and_identifiers_are_bounded(void **state)
{
	struct arena *a = arena_new();
	struct cors c;
	struct span at;

	(void)state;
	assert_int_equal(read_text(a, rules(a, CORS_RULES_MAX), &c, &at), CORS_OK);
	assert_int_equal(c.count, CORS_RULES_MAX);
	assert_int_equal(read_text(a, rules(a, CORS_RULES_MAX + 1), &c, &at), CORS_MALFORMED);
	assert_int_equal(read_text(a, with_id(a, "x", CORS_ID_MAX), &c, &at), CORS_OK);
	assert_int_equal(read_text(a, with_id(a, "\xc3\xa9", CORS_ID_MAX), &c, &at), CORS_OK);
	assert_int_equal(
		read_text(a, with_id(a, "x", CORS_ID_MAX + 1), &c, &at), CORS_ID_TOO_LONG);
	arena_free(a);
}

static void what_was_read_is_written(void **state)
{
	static const char text[] = DOC(RULE("<ID>one</ID>" METHOD("GET") METHOD("DELETE")
			ORIGIN("http://*.a") ORIGIN("b") HEADER("*") EXPOSE("ETag")
				EXPOSE("x-b") AGE("3000")) RULE(METHOD("PUT") ORIGIN("*")));
	BUF_AUTO struct buf b = {0};
	struct arena *a = arena_new();
	struct cors c;
	struct span at;
	struct xmlw w;

	(void)state;
	assert_int_equal(read_text(a, text, &c, &at), CORS_OK);
	buf_init(&b, 4096);
	xmlw_init(&w, &b);
	xmlw_open(&w, "CORSConfiguration");
	cors_write(&w, &c);
	xmlw_close(&w);
	assert_true(span_find(buf_span(&b), span_str(text)) > 0);
	arena_free(a);
}

/* Rules 0 to 3 of all rows. */
static const char rule_text[] = DOC(RULE(ORIGIN("http://a.example") METHOD("GET") HEADER(
	"x-one")) RULE(ORIGIN("http://*.example") ORIGIN("https://c*") METHOD("GET")
		METHOD("PUT") HEADER("X-Amz-*") HEADER("*-end")) RULE(ORIGIN("ab*ba")
		METHOD("POST") HEADER("*")) RULE(ORIGIN("*") METHOD("HEAD")));

static void the_first_rule_that_allows_all_of_it_speaks(void **state)
{
	static const struct {
		const char *origin, *method, *headers; /* headers NULL: none are asked for */
		int rule;                              /* -1: none */
		const char *pattern;
	} rows[] = {
		{"http://a.example", "GET", NULL, 0, "http://a.example"},
		{"http://a.example", "GET", "", 0, "http://a.example"},
		{"http://a.example", "GET", "X-ONE", 0, "http://a.example"},
		{"http://a.example", "GET", "x-amz-date", 1, "http://*.example"},
		{"http://a.example", "GET", "x-one, x-amz-date", -1, NULL},
		{"http://a.example", "PUT", NULL, 1, "http://*.example"},
		{"http://A.example", "PUT", NULL, 1, "http://*.example"},
		{"HTTP://a.example", "PUT", NULL, -1, NULL},
		{"http://.example", "PUT", NULL, 1, "http://*.example"},
		{"http://a.example.org", "PUT", NULL, -1, NULL},
		{"https://c", "PUT", NULL, 1, "https://c*"},
		{"https://c.d:8080", "PUT", " x-amz-a ,, X-END-,the-END", -1, NULL},
		{"https://c.d:8080", "PUT", " x-amz-a ,, the-END,", 1, "https://c*"},
		{"ab", "POST", NULL, -1, NULL},
		{"aba", "POST", NULL, -1, NULL},
		{"abba", "POST", "anything, at all", 2, "ab*ba"},
		{"ab-ba", "POST", "anything", 2, "ab*ba"},
		{"null", "HEAD", NULL, 3, "*"},
		{"", "HEAD", NULL, 3, "*"},
		{"null", "HEAD", "x", -1, NULL},
		{"null", "DELETE", NULL, -1, NULL},
	};
	struct arena *a = arena_new();
	struct cors c;
	struct span at;

	(void)state;
	assert_int_equal(read_text(a, rule_text, &c, &at), CORS_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cors_ask ask = {span_str(rows[i].origin),
			cors_method_of(span_str(rows[i].method)), span_str(rows[i].headers)};
		struct span pattern;
		const struct cors_rule *rule = cors_match(&c, &ask, &pattern);

		if ((rule ? (int)(rule - c.rule) : -1) != rows[i].rule ||
			(rule && !span_eq_str(pattern, rows[i].pattern)))
			fail_msg("row %zu: rule %d, %.*s", i, rule ? (int)(rule - c.rule) : -1,
				SPAN_FMT(pattern));
	}
	arena_free(a);
}

static void lists_are_told_with_commas(void **state)
{
	struct arena *a = arena_new();
	struct cors_list names = cors_names(a, SPAN_LIT(" a,b ,, \t, c"));

	(void)state;
	assert_span_eq(cors_list_text(a, &names), "a, b, c");
	names = cors_names(a, SPAN_LIT(" ,"));
	assert_true(span_absent(cors_list_text(a, &names)));
	assert_span_eq(cors_methods_text(a, CORS_DELETE | CORS_GET), "GET, DELETE");
	assert_int_equal(cors_method_of(SPAN_LIT("PATCH")), 0);
	arena_free(a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_of_the_schema_or_not_legal_is_told),
		cmocka_unit_test(rules_and_identifiers_are_bounded),
		cmocka_unit_test(what_was_read_is_written),
		cmocka_unit_test(the_first_rule_that_allows_all_of_it_speaks),
		cmocka_unit_test(lists_are_told_with_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
