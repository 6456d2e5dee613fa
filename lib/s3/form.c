/* SPDX-License-Identifier: MIT */
/*
 * Reads a form's fields: gives the request its key and lets the fields that describe the object
 * act as headers. Of the headers that were sent with the form none describes the object.
 * Source: S3 API reference, "POST Object".
 */
#include "s3/form.h"

#include "model/names.h"
#include "s3/body.h"

enum { UNPROVEN_SHARE = 4 };
#define NAME_VARIABLE "${filename}"

static int fail_malformed(struct s3_req *q)
{
	return s3_fail(&q->call, S3_MalformedPOSTRequest, NULL);
}

/* ---- what must be there before anything is read ---- */

static int check_type(struct s3_req *q, struct span *boundary_r)
{
	if (formdata_boundary(q->call.arena, s3_header(q, "content-type"), boundary_r))
		return span_absent(*boundary_r) ? fail_malformed(q) : 0;
	s3_fail(&q->call, S3_PreconditionFailed, NULL);
	s3_fail_add(&q->call, "Condition",
		SPAN_LIT("Bucket POST must be of the enclosure-type multipart/form-data"));
	return -1;
}

/* A signature over the whole body could not be checked before the form is believed. */
static int check_no_other_signature(struct s3_req *q)
{
	if (s3_header(q, "authorization").n == 0 && !s3_query_has_v4(q) && !s3_query_has_v2(q))
		return 0;
	return s3_fail_argument(&q->call, "Authorization", SPAN_LIT(""),
		"A form is authenticated by its policy only.");
}

/* ---- fields ---- */

/* Some browsers send the whole path. */
static struct span last_component(struct span path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
		at--;
	return span_from(path, at);
}

/* False when it grows too large. */
static bool replace_variable(struct arena *a, struct span filename, struct span *value)
{
	struct span variable = SPAN_LIT(NAME_VARIABLE), rest = *value;
	BUF_AUTO struct buf out;
	ptrdiff_t at;

	buf_init(&out, FORMDATA_MAX_HEAD);
	while ((at = span_find(rest, variable)) >= 0) {
		buf_add_span(&out, span_head(rest, (size_t)at));
		buf_add_span(&out, filename);
		rest = span_from(rest, (size_t)at + variable.n);
	}
	if (rest.n == value->n)
		return true;
	buf_add_span(&out, rest);
	*value = arena_dup(a, buf_span(&out));
	return buf_ok(&out);
}

/* What the policy sees must be what is done: of two fields it could be either. */
static int check_unique(struct s3_req *q, struct span name)
{
	const struct s3_form *f = q->form;

	for (size_t i = 0; i < f->count && !postpolicy_is_ignored(name); i++)
		if (span_eq_ci(f->fields[i].name, name))
			return s3_fail_argument(&q->call, arena_strndup(q->call.arena, name),
				SPAN_LIT(""), "A form may hold each of its fields only once.");
	return 0;
}

static int take_fields(struct s3_req *q, struct s3_form *f)
{
	struct arena *a = q->call.arena;
	struct span filename = last_component(f->data->filename);

	f->fields = arena_array(a, struct postpolicy_field, f->data->field_count);
	for (size_t i = 0; i < f->data->field_count; i++) {
		struct postpolicy_field field = {
			f->data->fields[i].name, f->data->fields[i].value};

		if (!replace_variable(a, filename, &field.value))
			return s3_fail(&q->call, S3_MaxPostPreDataLengthExceeded, NULL);
		if (!span_is_utf8(field.name) || !span_is_utf8(field.value))
			return fail_malformed(q);
		if (check_unique(q, field.name) < 0)
			return -1;
		f->fields[f->count++] = field;
	}
	return 0;
}

struct span s3_form_field(const struct s3_req *q, const char *name)
{
	const struct s3_form *f = q->form;

	for (size_t i = 0; f && i < f->count; i++)
		if (span_eq_ci(f->fields[i].name, span_str(name)))
			return f->fields[i].value;
	return SPAN_NULL;
}

static int take_key(struct s3_req *q)
{
	struct span key = s3_form_field(q, "key");

	if (span_absent(key))
		return s3_fail_argument(&q->call, "key", SPAN_LIT(""),
			"Bucket POST must contain a field named 'key'.  If it is specified, "
			"please check the order of the fields.");
	q->call.key = key;
	if (key.n == 0)
		return s3_fail(&q->call, S3_UserKeyMustBeSpecified, NULL);
	if (key.n > NAME_KEY_MAX)
		return s3_fail(&q->call, S3_KeyTooLongError, NULL);
	if (span_find_byte(key, '\0') >= 0)
		return s3_fail_argument(
			&q->call, "key", key, "A key cannot hold the character NUL.");
	return 0;
}

/* ---- fields as headers ---- */

static const struct {
	struct span field, header; /* header absent: it acts as none */
} renamed[] = {
	{SPAN_LIT("acl"), SPAN_LIT("x-amz-acl")},
	{SPAN_LIT("x-amz-checksum-algorithm"), SPAN_LIT("x-amz-sdk-checksum-algorithm")},
	{SPAN_LIT("x-amz-algorithm"), {NULL, 0}},
	{SPAN_LIT("x-amz-credential"), {NULL, 0}},
	{SPAN_LIT("x-amz-date"), {NULL, 0}},
	{SPAN_LIT("x-amz-signature"), {NULL, 0}},
};
static const struct span kept[] = {SPAN_LIT("cache-control"), SPAN_LIT("content-disposition"),
	SPAN_LIT("content-encoding"), SPAN_LIT("content-language"), SPAN_LIT("content-md5"),
	SPAN_LIT("content-type"), SPAN_LIT("expires")};

/* Absent: of no header. */
static struct span header_of(struct span field)
{
	static const struct span amz = SPAN_LIT("x-amz-");

	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (span_eq_ci(field, renamed[i].field))
			return renamed[i].header;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (span_eq_ci(field, kept[i]))
			return kept[i];
	return span_eq_ci(span_head(field, amz.n), amz) ? field : SPAN_NULL;
}

static int add_headers(struct s3_req *q, const struct s3_form *f)
{
	struct http_header *h = arena_array(q->call.arena, struct http_header, f->count);
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct span name = header_of(f->fields[i].name);

		if (!span_absent(name))
			h[n++] = (struct http_header){name, f->fields[i].value};
	}
	return s3_headers_of_form(q, h, n);
}

/* ---- the stage ---- */

static int open_form(struct s3_req *q, struct span boundary, struct s3_form *f)
{
	struct source *src;
	struct err e;

	if (s3_body_begin(q, FORMDATA_MAX_HEAD + FORMDATA_MAX_TAIL, &src) < 0)
		return -1;
	if (formdata_open(q->call.arena, src, boundary, &f->data, &e) < 0)
		return s3_fail_err(&q->call, &e);
	return f->data->has_file
		? 0
		: s3_fail(&q->call, S3_IncorrectNumberOfFilesInPostRequest, NULL);
}

/* Until its fields are read nobody has proven who sends a form: such clients may hold a part of
 * the transfers only. */
static int open_in_turn(struct s3_req *q, struct span boundary, struct s3_form *f)
{
	unsigned most = (unsigned)svc_cfg(q->call.svc)->transfer_threads / UNPROVEN_SHARE;
	int rc = -1;

	if (atomic_fetch_add(&q->app->forms, 1) < (most ? most : 1))
		rc = open_form(q, boundary, f);
	else
		s3_fail(&q->call, S3_SlowDown, NULL);
	atomic_fetch_sub(&q->app->forms, 1);
	return rc;
}

int s3_form_read(struct s3_req *q)
{
	struct s3_form *f;
	struct span boundary;

	if (q->call.op != s3_op_get(S3_OP_POST_OBJECT))
		return 0;
	if (check_type(q, &boundary) < 0 || check_no_other_signature(q) < 0)
		return -1;
	q->form = f = arena_new_of(q->call.arena, struct s3_form);
	f->max_bytes = UINT64_MAX;
	if (open_in_turn(q, boundary, f) < 0 || take_fields(q, f) < 0 || take_key(q) < 0)
		return -1;
	return add_headers(q, f);
}
