/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/reason.h"
#include "codec/formdata.h"

/* Hands out the bytes in two pieces, or in steps of one byte. */
struct pieces {
	struct source src;
	struct span rest;
	size_t first; /* of the first piece, 0: it was given */
	size_t step;
	bool ended, fails;
};

static int pieces_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct pieces *s = (struct pieces *)src;
	size_t n = s->first ? s->first : s->step;

	assert_false(s->ended);
	assert_true(cap > 0);
	n = n < cap ? n : cap;
	n = n < s->rest.n ? n : s->rest.n;
	if (n == 0 && s->fails)
		return err_fail(e, ERR_INCOMPLETE, "gone");
	if (n)
		memcpy(p, s->rest.p, n);
	s->rest = span_from(s->rest, n);
	s->first -= n < s->first ? n : s->first;
	s->ended = n == 0;
	*n_r = n;
	return 0;
}

/* What came of a form, as text: "name=value|name[filename]=value|file[filename]=content". */
struct outcome {
	struct buf text;
	int reason; /* -1: everything held */
	enum err_kind kind;
};

static void tell_name(struct buf *out, struct span name, struct span filename)
{
	if (out->n)
		buf_add_char(out, '|');
	buf_add_span(out, name);
	if (!span_absent(filename))
		buf_printf(out, "[%.*s]", SPAN_FMT(filename));
	buf_add_char(out, '=');
}

static int tell_file(
	const struct formdata *form, size_t read_size, struct buf *out, struct err *e)
{
	static char p[64 * 1024];
	struct source *src = formdata_file(form);
	size_t n;

	tell_name(out, SPAN_LIT("file"), form->filename);
	do {
		if (source_read(src, p, read_size, &n, e) < 0) {
			assert_int_equal(source_read(src, p, read_size, &n, NULL), -1);
			return -1;
		}
		buf_add(out, p, n);
	} while (n > 0);
	assert_int_equal(source_read(src, p, read_size, &n, e), 0);
	assert_int_equal(n, 0);
	return 0;
}

static int tell(struct arena *a, struct pieces *in, const char *boundary, size_t read_size,
	struct buf *out, struct err *e)
{
	const struct formdata *form;

	if (formdata_open(a, &in->src, span_str(boundary), &form, e) < 0)
		return -1;
	for (size_t i = 0; i < form->field_count; i++) {
		tell_name(out, form->fields[i].name, form->fields[i].filename);
		buf_add_span(out, form->fields[i].value);
	}
	return form->has_file ? tell_file(form, read_size, out, e) : 0;
}

static void read_form(
	struct pieces in, const char *boundary, size_t read_size, struct outcome *o)
{
	struct arena *a = arena_new();
	struct err e = {0};

	in.src.read = pieces_read;
	buf_init(&o->text, 1 << 20);
	o->reason = tell(a, &in, boundary, read_size, &o->text, &e) < 0 ? e.reason : -1;
	o->kind = e.kind;
	arena_free(a);
}

#define DISPOSITION "Content-Disposition: form-data; name="
#define KEY "--b\r\n" DISPOSITION "\"key\"\r\n\r\nk\r\n"
#define FILE_HEAD "--b\r\n" DISPOSITION "\"file\"; filename=\"f\"\r\n\r\n"
#define FORM(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct form_case {
	struct span body;
	const char *told; /* what was read of it, at least until it failed */
	int reason;
} cases[] = {
	{FORM(KEY FILE_HEAD "data\r\n--b--\r\n"), "key=k|file[f]=data", -1},
	{FORM(KEY FILE_HEAD "data\r\n--b--"), "key=k|file[f]=data", -1},
	{FORM(KEY FILE_HEAD "\r\n--b--\r\n"), "key=k|file[f]=", -1},
	{FORM("a preamble\r\n" KEY FILE_HEAD "d\r\n--b--\r\nan epilogue\r\n--b\r\n"),
		"key=k|file[f]=d", -1},
	{FORM("\r\n" KEY FILE_HEAD "d\r\n--b--"), "key=k|file[f]=d", -1},
	/* the file looks like boundaries and is none */
	{FORM(KEY FILE_HEAD "\r\n--\r\n-b\r\n--a--b\n--b\r\r\n--b--"),
		"key=k|file[f]=\r\n--\r\n-b\r\n--a--b\n--b\r", -1},
	{FORM(KEY FILE_HEAD "\r\r\n\r\n\r\n--b--"), "key=k|file[f]=\r\r\n\r\n", -1},
	/* fields behind the file, a second file too, are not looked at */
	{FORM(KEY FILE_HEAD "d\r\n" KEY FILE_HEAD "no\r\n--b--"), "key=k|file[f]=d", -1},
	{FORM(KEY FILE_HEAD "d\r\n--b\r\nnonsense\r\n--b--"), "key=k|file[f]=d", -1},
	/* without a file, or without anything */
	{FORM(KEY "--b--\r\n"), "key=k", -1},
	{FORM("--b--\r\n"), "", -1},
	/* padding behind a boundary; names of headers and parameters in any case */
	{FORM("--b \t \r\ncontent-DISPOSITION:form-data;NAME=\"key\"\r\n\r\nk\r\n--b "
	      "\r\n" DISPOSITION "\"FILE\"\r\n\r\nd\r\n--b--"),
		"key=k|file=d", -1},
	/* what browsers and older clients write for names */
	{FORM("--b\r\n" DISPOSITION
	      "\"a%22b%0d%0Ac%2\"; filename=\"C:\\dir\\a \\\"b\\\\;=.txt\"\r\n"
	      "Content-Type: text/plain\r\n\r\n\r\nv\r\n\r\n--b\r\n" DISPOSITION
	      "file; filename=a b;\r\n\r\nd\r\n--b--"),
		"a\"b\r\nc%2[C:\\dir\\a \"b\\;=.txt]=\r\nv\r\n|file[a b]=d", -1},
	{FORM("--b\r\n" DISPOSITION
	      "key ; other=\"a;b\"\r\nContent-Transfer-Encoding: BINARY\r\n\r\nk\r\n"
	      "--b\r\n" DISPOSITION "file; filename=\"\"\r\n\r\nd\r\n--b--"),
		"key=k|file[]=d", -1},
	/* malformed */
	{FORM(""), "", REASON_FORM},
	{FORM("key=k&file=data"), "", REASON_FORM},
	{FORM("x--b\r\n"), "", REASON_FORM},
	{FORM("--bX\r\n"), "", REASON_FORM},
	{FORM("--b \n"), "", REASON_FORM},
	{FORM("--b\n" DISPOSITION "key\n\nk\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\nContent-Type: text/plain\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "\"\"\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "\"a\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "\"a\"x\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "a; name=b\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "a\r\n" DISPOSITION "b\r\n\r\nv\r\n--b--"), "",
		REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "a; filename\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nv\r\n--b--"), "",
		REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "a\r\n folded\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION "a\r\nno header\r\n\r\nv\r\n--b--"), "", REASON_FORM},
	{FORM("--b\r\n" DISPOSITION
	      "file\r\nContent-Transfer-Encoding: base64\r\n\r\nZA==\r\n--b--"),
		"", REASON_FORM},
	/* cut off */
	{FORM(KEY), "", REASON_FORM},
	{FORM(KEY FILE_HEAD), "key=k|file[f]=", REASON_FORM},
	{FORM(KEY FILE_HEAD "data\r\n--"), "key=k|file[f]=data", REASON_FORM},
	{FORM(KEY FILE_HEAD "data\r\n--b"), "key=k|file[f]=data", REASON_FORM},
	{FORM(KEY FILE_HEAD "data\r\n--b\r\n"), "key=k|file[f]=data", REASON_FORM},
	{FORM(KEY FILE_HEAD "data\r\n--bX"), "key=k|file[f]=data", REASON_FORM},
	{FORM(KEY FILE_HEAD "data\r\n" KEY), "key=k|file[f]=data", REASON_FORM},
};

static void check_case(const struct form_case *c, struct pieces in, size_t read_size)
{
	struct outcome o;

	in.rest = c->body;
	read_form(in, "b", read_size, &o);
	assert_int_equal(o.reason, c->reason);
	if (c->reason == -1)
		assert_span_eq(buf_span(&o.text), c->told);
	else
		assert_true(span_starts(span_str(c->told), buf_span(&o.text)));
	buf_fini(&o.text);
}

static void every_case_split_at_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t first = 1; first <= cases[i].body.n; first++)
			check_case(&cases[i], (struct pieces){.first = first, .step = SIZE_MAX},
				4096);
		for (size_t read_size = 1; read_size < 9; read_size++)
			check_case(&cases[i], (struct pieces){.step = read_size}, read_size);
	}
}

/* Every beginning of a good form is cut off, or the client is gone. */
static void no_beginning_is_a_form(void **state)
{
	static const struct span whole = FORM(KEY FILE_HEAD "data\r\n--b--");
	struct outcome o;

	(void)state;
	for (size_t n = 0; n < whole.n; n++) {
		struct pieces in = {.rest = span_head(whole, n), .step = SIZE_MAX};

		read_form(in, "b", 4096, &o);
		assert_int_equal(o.reason, REASON_FORM);
		buf_fini(&o.text);
		in.fails = true;
		read_form(in, "b", 4096, &o);
		assert_int_equal(o.kind, ERR_INCOMPLETE);
		buf_fini(&o.text);
	}
}

static void large_files_pass_through(void **state)
{
	static const size_t sizes[] = {65535, 65536, 65537, 3 * 65536 + 5};
	BUF_AUTO struct buf body = {0};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_init(&body, 1 << 20);
		buf_add_str(&body, KEY FILE_HEAD);
		for (size_t k = 0; k < sizes[i]; k++)
			buf_add_char(&body, "\r\n--a"[k % 5]);
		buf_add_str(&body, "\r\n--b--");
		read_form((struct pieces){.rest = buf_span(&body), .step = SIZE_MAX}, "b",
			50000, &o);
		assert_int_equal(o.reason, -1);
		assert_int_equal(o.text.n, sizes[i] + strlen("key=k|file[f]="));
		assert_memory_equal(o.text.p + strlen("key=k|file[f]="),
			body.p + strlen(KEY FILE_HEAD), sizes[i]);
		buf_fini(&o.text);
		buf_fini(&body);
	}
}

/* KEY, then a field of n bytes, then the file. */
static int reason_with_field(size_t n)
{
	BUF_AUTO struct buf body = {0};
	struct outcome o;

	buf_init(&body, 1 << 20);
	buf_add_str(&body, KEY "--b\r\n" DISPOSITION "f\r\n\r\n");
	for (size_t i = 0; i < n; i++)
		buf_add_char(&body, 'v');
	buf_add_str(&body, "\r\n" FILE_HEAD "d\r\n--b--");
	read_form((struct pieces){.rest = buf_span(&body), .step = SIZE_MAX}, "b", 4096, &o);
	buf_fini(&o.text);
	return o.reason;
}

static void what_precedes_the_file_is_bounded(void **state)
{
	size_t rest =
		FORMDATA_MAX_HEAD - strlen(KEY "--b\r\n" DISPOSITION "f\r\n\r\n\r\n" FILE_HEAD);

	(void)state;
	assert_int_equal(reason_with_field(rest), -1);
	assert_int_equal(reason_with_field(rest + 1), REASON_FORM_FIELDS);
	assert_int_equal(reason_with_field(500000), REASON_FORM_FIELDS);
}

/* `before` so often, `middle`, then a byte so often, then an end. */
static int reason_of_repeated(
	const char *before, size_t times, const char *middle, size_t bytes, const char *end)
{
	BUF_AUTO struct buf body = {0};
	struct outcome o;

	buf_init(&body, 1 << 20);
	for (size_t i = 0; i < times; i++)
		buf_add_str(&body, before);
	buf_add_str(&body, middle);
	for (size_t i = 0; i < bytes; i++)
		buf_add_char(&body, ' ');
	buf_add_str(&body, end);
	read_form((struct pieces){.rest = buf_span(&body), .step = 999}, "b", 4096, &o);
	buf_fini(&o.text);
	return o.reason;
}

static void everything_else_is_bounded(void **state)
{
	static const size_t too_much = FORMDATA_MAX_TAIL, little = FORMDATA_MAX_TAIL / 2;
	static const char part[] = "--b\r\n" DISPOSITION "k\r\n\r\n\r\n";

	(void)state;
	assert_int_equal(
		reason_of_repeated(part, FORMDATA_MAX_FIELDS, FILE_HEAD "d\r\n--b--", 0, ""),
		-1);
	assert_int_equal(reason_of_repeated(
				 part, FORMDATA_MAX_FIELDS + 1, FILE_HEAD "d\r\n--b--", 0, ""),
		REASON_FORM_FIELDS);
	assert_int_equal(reason_of_repeated("", 0, "", FORMDATA_MAX_HEAD, "\r\n--b--"),
		REASON_FORM_FIELDS);
	assert_int_equal(reason_of_repeated("", 0, "--b", FORMDATA_MAX_HEAD, "\r\n"),
		REASON_FORM_FIELDS);
	assert_int_equal(reason_of_repeated(KEY, 1, FILE_HEAD "d\r\n--b--", little, ""), -1);
	assert_int_equal(
		reason_of_repeated(KEY, 1, FILE_HEAD "d\r\n--b--", too_much, ""), REASON_FORM);
	assert_int_equal(
		reason_of_repeated(KEY, 1, FILE_HEAD "d\r\n--b\r\n", little, "\r\n--b--"), -1);
	assert_int_equal(
		reason_of_repeated(KEY, 1, FILE_HEAD "d\r\n--b\r\n", too_much, "\r\n--b--"),
		REASON_FORM);
	assert_int_equal(
		reason_of_repeated(KEY, 1, FILE_HEAD "d\r\n--b", too_much, "\r\n--b--"),
		REASON_FORM);
}

#define SEVENTY "1234567890123456789012345678901234567890123456789012345678901234567890"

static void boundaries(void **state)
{
	static const struct {
		const char *type, *boundary; /* "": none that is legal; NULL: no form */
	} rows[] = {
		{"multipart/form-data; boundary=abc", "abc"},
		{"Multipart/Form-Data ;BOUNDARY=\"a b;=\" ; charset=utf-8", "a b;="},
		{"multipart/form-data; charset=utf-8; boundary=----x'()+_,-./:=?y",
			"----x'()+_,-./:=?y"},
		{"multipart/form-data;boundary=" SEVENTY, SEVENTY},
		{"multipart/form-data;boundary=" SEVENTY "1", ""},
		{"multipart/form-data", ""},
		{"multipart/form-data;", ""},
		{"multipart/form-data; boundary", ""},
		{"multipart/form-data; boundary=", ""},
		{"multipart/form-data; boundary=\"\"", ""},
		{"multipart/form-data; boundary=\"a ", ""},
		{"multipart/form-data; boundary=\"a \"", ""},
		{"multipart/form-data; boundary=a\x01", ""},
		{"multipart/form-data; boundary=\xc3\xa9", ""},
		{"multipart/form-data; boundary=a; boundary=b", ""},
		{"multipart/form-data-not; boundary=a", NULL},
		{"application/x-www-form-urlencoded; boundary=a", NULL},
		{"", NULL},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span b;

		assert_int_equal(formdata_boundary(a, span_str(rows[i].type), &b),
			rows[i].boundary != NULL);
		if (rows[i].boundary)
			assert_span_eq(b, rows[i].boundary);
		assert_int_equal(span_absent(b), !rows[i].boundary || !rows[i].boundary[0]);
	}
	assert_false(formdata_boundary(a, SPAN_NULL, &(struct span){NULL, 0}));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_split_at_every_byte),
		cmocka_unit_test(no_beginning_is_a_form),
		cmocka_unit_test(large_files_pass_through),
		cmocka_unit_test(what_precedes_the_file_is_bounded),
		cmocka_unit_test(everything_else_is_bounded),
		cmocka_unit_test(boundaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
