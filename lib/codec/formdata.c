/* SPDX-License-Identifier: MIT */
/*
 * The reader of forms. What stands before the file stays in the buffer, and the fields are
 * spans into it; from the file on, the rest of the buffer is a window over the stream.
 *
 * Invariants: at <= clear <= end once the file has begun, and no delimiter begins in [at,
 * clear); nothing is allocated by a number that the client sent; after a failure every read
 * fails.
 */
#include "codec/formdata.h"

#include "base/reason.h"
#include "base/scan.h"

enum { WINDOW = 64 * 1024, HEAD_END = FORMDATA_MAX_HEAD + 2 };

enum state { IN_HEAD, IN_FILE, AT_END, FAILED };

struct reader {
	struct formdata form;
	struct source src;
	struct arena *arena;
	struct source *in;
	struct span delimiter; /* CRLF, "--", boundary */
	struct formdata_field *fields;
	enum state state;
	bool in_ended;
	size_t at, end;     /* the unread part of buf */
	size_t base, clear; /* where the window begins; how far it is known to be content */
	size_t tail;        /* bytes read behind the file */
	char buf[HEAD_END + WINDOW];
};

static int malformed(struct err *e, const char *what)
{
	return err_fail_why(e, ERR_INVALID, REASON_FORM, "form: %s", what);
}

static int too_large(struct err *e)
{
	return err_fail_why(e, ERR_LIMIT, REASON_FORM_FIELDS, "form: too much before the file");
}

/* ---- parameters of a header ---- */

enum taken { TAKEN_BAD, TAKEN_NONE, TAKEN_ONE };

/* What browsers write for a quote, CR and LF (RFC 7578, section 2; the Fetch standard). */
static bool browser_escape(struct span s, char *c_r)
{
	static const struct {
		struct span text;
		char c;
	} escapes[] = {
		{SPAN_LIT("%22"), '"'}, {SPAN_LIT("%0D"), '\r'}, {SPAN_LIT("%0A"), '\n'}};

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (span_eq_ci(span_head(s, 3), escapes[i].text)) {
			*c_r = escapes[i].c;
			return true;
		}
	return false;
}

/* A backslash escapes a quote and itself only: there are paths with single ones. */
static bool is_escaped(struct span s)
{
	return s.n >= 2 && s.p[0] == '\\' && (s.p[1] == '"' || s.p[1] == '\\');
}

static struct span unescape(struct arena *a, struct span raw)
{
	char *out = arena_alloc_raw(a, raw.n + 1), *to = out;

	while (raw.n > 0) {
		size_t n = 1;

		*to = raw.p[0];
		if (is_escaped(raw)) {
			*to = raw.p[1];
			n = 2;
		} else if (browser_escape(raw, to)) {
			n = 3;
		}
		to++;
		raw = span_from(raw, n);
	}
	return span_of(out, (size_t)(to - out));
}

/* Behind the opening quote, through the closing one. */
static bool take_quoted(struct arena *a, struct scan *s, struct span *value_r)
{
	for (size_t i = 0; i < s->rest.n; i++) {
		if (is_escaped(span_from(s->rest, i))) {
			i++;
		} else if (s->rest.p[i] == '"') {
			*value_r = unescape(a, span_head(s->rest, i));
			s->rest = span_from(s->rest, i + 1);
			return true;
		}
	}
	return false;
}

static void take_token(struct scan *s, struct span *value_r)
{
	ptrdiff_t n = span_find_byte(s->rest, ';');

	*value_r = n < 0 ? s->rest : span_head(s->rest, (size_t)n);
	s->rest = span_from(s->rest, value_r->n);
	*value_r = span_trim(*value_r);
}

/* Takes "; name=value" off. */
static enum taken take_param(
	struct arena *a, struct scan *s, struct span *name_r, struct span *value_r)
{
	scan_blanks(s);
	if (scan_end(s))
		return TAKEN_NONE;
	if (!scan_char(s, ';'))
		return TAKEN_BAD;
	scan_blanks(s);
	if (scan_end(s))
		return TAKEN_NONE;
	if (!scan_until(s, '=', name_r) || !scan_char(s, '='))
		return TAKEN_BAD;
	*name_r = span_trim(*name_r);
	scan_blanks(s);
	if (!scan_char(s, '"'))
		take_token(s, value_r);
	else if (!take_quoted(a, s, value_r))
		return TAKEN_BAD;
	return TAKEN_ONE;
}

struct wanted {
	const char *name;
	struct span value; /* absent: not found yet */
};

/* False when they are malformed, or one that is wanted is there twice. */
static bool take_params(struct arena *a, struct scan *s, struct wanted *wanted, size_t n)
{
	struct span name, value;
	enum taken taken;

	while ((taken = take_param(a, s, &name, &value)) == TAKEN_ONE)
		for (size_t i = 0; i < n; i++) {
			if (!span_eq_ci(name, span_str(wanted[i].name)))
				continue;
			if (!span_absent(wanted[i].value))
				return false;
			wanted[i].value = value;
		}
	return taken == TAKEN_NONE;
}

/* The value of a header up to its parameters. */
static struct span take_word(struct scan *s)
{
	struct span word;

	take_token(s, &word);
	return word;
}

static bool is_boundary(struct span b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] < ' ' || b.p[i] > '~')
			return false;
	return b.n > 0 && b.n <= FORMDATA_MAX_BOUNDARY && b.p[b.n - 1] != ' ';
}

bool formdata_boundary(struct arena *a, struct span content_type, struct span *boundary_r)
{
	struct scan s = scan_of(content_type);
	struct wanted boundary = {"boundary", SPAN_NULL};

	*boundary_r = SPAN_NULL;
	if (!span_eq_ci(take_word(&s), SPAN_LIT("multipart/form-data")))
		return false;
	if (take_params(a, &s, &boundary, 1) && is_boundary(boundary.value))
		*boundary_r = boundary.value;
	return true;
}

/* ---- the buffer ---- */

static struct span unread(const struct reader *r)
{
	return span_of(r->buf + r->at, r->end - r->at);
}

/* Reads at least one byte more; the end of the stream is a fault here. */
static int fill(struct reader *r, struct err *e)
{
	size_t n;

	if (r->state != IN_HEAD) {
		memmove(r->buf + r->base, r->buf + r->at, r->end - r->at);
		r->end -= r->at - r->base;
		r->clear = r->at = r->base;
	}
	if (!r->in_ended) {
		if (source_read(r->in, r->buf + r->end, sizeof(r->buf) - r->end, &n, e) < 0)
			return -1;
		r->in_ended = n == 0;
		r->end += n;
	}
	return r->in_ended ? malformed(e, "cut off") : 0;
}

/* At least n bytes are unread. */
static int need(struct reader *r, size_t n, struct err *e)
{
	if (r->state == IN_HEAD && r->at + n > HEAD_END)
		return too_large(e);
	while (unread(r).n < n)
		if (fill(r, e) < 0)
			return -1;
	return 0;
}

/* In the head: through the next occurrence of the needle. */
static int take_until(
	struct reader *r, struct span needle, struct span *before_r, struct err *e)
{
	size_t from = r->at;

	for (;;) {
		size_t end = r->end < HEAD_END ? r->end : HEAD_END;
		ptrdiff_t i = span_find(span_of(r->buf + from, end - from), needle);

		if (i >= 0) {
			*before_r = span_of(r->buf + r->at, from + (size_t)i - r->at);
			r->at = from + (size_t)i + needle.n;
			return 0;
		}
		if (end == HEAD_END)
			return too_large(e);
		if (end - from >= needle.n)
			from = end - needle.n + 1;
		if (fill(r, e) < 0)
			return -1;
	}
}

/* What stands behind a delimiter: "--" closes the form, padding and CRLF begin a part. */
static int end_delimiter(struct reader *r, bool *closed_r, struct err *e)
{
	for (;;) {
		struct scan s;

		if (need(r, 2, e) < 0)
			return -1;
		s = scan_of(span_head(unread(r), 2));
		*closed_r = scan_lit(&s, "--");
		if (*closed_r || scan_lit(&s, "\r\n")) {
			r->at += 2;
			return 0;
		}
		if (!scan_char(&s, ' ') && !scan_char(&s, '\t'))
			return malformed(e, "a boundary that goes on");
		r->at++;
		if (r->state != IN_HEAD && ++r->tail > FORMDATA_MAX_TAIL)
			return malformed(e, "too much behind the file");
	}
}

/* ---- before the file ---- */

static bool starts_ci(struct span s, struct span prefix)
{
	return span_eq_ci(span_head(s, prefix.n), prefix);
}

static int take_disposition(
	struct reader *r, struct span text, struct formdata_field *field, struct err *e)
{
	struct scan s = scan_of(text);
	struct wanted wanted[] = {{"name", SPAN_NULL}, {"filename", SPAN_NULL}};

	if (!span_absent(field->name))
		return malformed(e, "two dispositions of a part");
	if (!span_eq_ci(span_trim(take_word(&s)), SPAN_LIT("form-data")) ||
		!take_params(r->arena, &s, wanted, 2) || wanted[0].value.n == 0)
		return malformed(e, "bad Content-Disposition");
	field->name = wanted[0].value;
	field->filename = wanted[1].value;
	return 0;
}

/* RFC 7578, section 4.7: deprecated, and only what changes nothing can be taken. */
static bool is_plain(struct span encoding)
{
	return span_eq_ci(encoding, SPAN_LIT("binary")) ||
		span_eq_ci(encoding, SPAN_LIT("8bit")) ||
		span_eq_ci(encoding, SPAN_LIT("7bit"));
}

static int take_part_header(
	struct reader *r, struct span line, struct formdata_field *field, struct err *e)
{
	static const struct span disposition = SPAN_LIT("content-disposition:"),
				 encoding = SPAN_LIT("content-transfer-encoding:");

	if (span_find_byte(line, ':') <= 0 || line.p[0] == ' ' || line.p[0] == '\t')
		return malformed(e, "bad header of a part");
	if (starts_ci(line, disposition))
		return take_disposition(r, span_from(line, disposition.n), field, e);
	if (starts_ci(line, encoding) && !is_plain(span_trim(span_from(line, encoding.n))))
		return malformed(e, "encoded part");
	return 0;
}

static int take_part_head(struct reader *r, struct formdata_field *field, struct err *e)
{
	struct span line;

	*field = (struct formdata_field){.name = SPAN_NULL};
	for (;;) {
		if (take_until(r, SPAN_LIT("\r\n"), &line, e) < 0)
			return -1;
		if (line.n == 0)
			break;
		if (take_part_header(r, line, field, e) < 0)
			return -1;
	}
	return span_absent(field->name) ? malformed(e, "part without a name") : 0;
}

static void begin_file(struct reader *r, struct span filename)
{
	r->form.has_file = true;
	r->form.filename = filename;
	r->state = IN_FILE;
	r->base = r->clear = r->at;
}

/* One part; *closed_r: it was the last one. */
static int take_part(struct reader *r, bool *closed_r, struct err *e)
{
	struct formdata_field *field = &r->fields[r->form.field_count];

	if (take_part_head(r, field, e) < 0)
		return -1;
	if (span_eq_ci(field->name, SPAN_LIT("file"))) {
		begin_file(r, field->filename);
		return 0;
	}
	if (take_until(r, r->delimiter, &field->value, e) < 0)
		return -1;
	if (++r->form.field_count > FORMDATA_MAX_FIELDS)
		return too_large(e);
	return end_delimiter(r, closed_r, e);
}

static int take_head(struct reader *r, struct err *e)
{
	struct span preamble;
	bool closed;

	/* The first delimiter may have no line before it. */
	memcpy(r->buf, "\r\n", 2);
	r->end = 2;
	if (take_until(r, r->delimiter, &preamble, e) < 0 || end_delimiter(r, &closed, e) < 0)
		return -1;
	while (!closed && r->state == IN_HEAD)
		if (take_part(r, &closed, e) < 0)
			return -1;
	return 0;
}

/* ---- the file and what stands behind it ---- */

/* Looks for the next delimiter: afterwards [at, clear) is content, and when that is nothing,
 * the delimiter stands at `at`. */
static int look_ahead(struct reader *r, struct err *e)
{
	for (;;) {
		ptrdiff_t i = span_find(unread(r), r->delimiter);

		if (i >= 0) {
			r->clear = r->at + (size_t)i;
			return 0;
		}
		if (unread(r).n >= r->delimiter.n) {
			r->clear = r->end - r->delimiter.n + 1;
			return 0;
		}
		if (fill(r, e) < 0)
			return -1;
	}
}

static int pass(struct reader *r, size_t n, struct err *e)
{
	r->at += n;
	r->tail += n;
	return r->tail > FORMDATA_MAX_TAIL ? malformed(e, "too much behind the file") : 0;
}

/* At a delimiter: through the closing one. */
static int pass_parts(struct reader *r, struct err *e)
{
	bool closed;

	for (;;) {
		if (pass(r, r->delimiter.n, e) < 0 || end_delimiter(r, &closed, e) < 0)
			return -1;
		if (closed)
			return 0;
		do {
			if (look_ahead(r, e) < 0 || pass(r, r->clear - r->at, e) < 0)
				return -1;
		} while (!span_starts(unread(r), r->delimiter));
	}
}

static int pass_epilogue(struct reader *r, struct err *e)
{
	size_t n;

	for (;;) {
		if (pass(r, unread(r).n, e) < 0)
			return -1;
		if (r->in_ended)
			return 0;
		if (source_read(r->in, r->buf + r->base, WINDOW, &n, e) < 0)
			return -1;
		r->in_ended = n == 0;
		r->at = r->base;
		r->end = r->base + n;
	}
}

static int read_file(struct reader *r, char *p, size_t cap, size_t *n_r, struct err *e)
{
	if (r->at == r->clear && look_ahead(r, e) < 0)
		return -1;
	if (r->at == r->clear) {
		if (pass_parts(r, e) < 0 || pass_epilogue(r, e) < 0)
			return -1;
		r->state = AT_END;
		return 0;
	}
	*n_r = cap < r->clear - r->at ? cap : r->clear - r->at;
	memcpy(p, r->buf + r->at, *n_r);
	r->at += *n_r;
	return 0;
}

static struct reader *reader_of(struct source *src)
{
	return (struct reader *)(void *)((char *)src - offsetof(struct reader, src));
}

static int file_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct reader *r = reader_of(src);

	*n_r = 0;
	if (r->state == AT_END)
		return 0;
	if (r->state == FAILED)
		return malformed(e, "read on after a failure");
	if (read_file(r, p, cap, n_r, e) == 0)
		return 0;
	r->state = FAILED;
	return -1;
}

int formdata_open(struct arena *a, struct source *in, struct span boundary,
	const struct formdata **form_r, struct err *e)
{
	struct reader *r = arena_alloc_raw(a, sizeof(*r));

	memset(r, 0, offsetof(struct reader, buf));
	r->src.read = file_read;
	r->arena = a;
	r->in = in;
	r->delimiter = span_str(arena_printf(a, "\r\n--%.*s", SPAN_FMT(boundary)));
	r->fields = arena_array(a, struct formdata_field, FORMDATA_MAX_FIELDS + 1);
	r->form.fields = r->fields;
	*form_r = &r->form;
	return take_head(r, e);
}

struct source *formdata_file(const struct formdata *form)
{
	struct reader *r = (struct reader *)(uintptr_t)form;

	return &r->src;
}
