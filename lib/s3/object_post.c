/* SPDX-License-Identifier: MIT */
/*
 * PostObject: the file of a form is stored as PutObject stores a body. Its length is not known
 * before its end, where the policy's bounds are checked; nothing is stored when they do not
 * hold.
 */
#include "base/reason.h"
#include "s3/body.h"
#include "s3/form.h"
#include "s3/object.h"
#include "s3/version.h"

/* With the key behind it, below what a front server takes for a line of a response. */
enum { REDIRECT_MAX_BYTES = 4 * 1024 };

/* ---- the file ---- */

struct s3_post_file {
	struct source src;
	struct source *inner;
	uint64_t bytes, min_bytes;
};

static int file_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct s3_post_file *f = (struct s3_post_file *)(void *)src;

	if (source_read(f->inner, p, cap, n_r, e) < 0)
		return -1;
	f->bytes += *n_r;
	if (*n_r == 0 && f->bytes < f->min_bytes)
		return err_fail_why(e, ERR_INVALID, REASON_TOO_SMALL,
			"a file of %llu bytes, at least %llu are asked for",
			(unsigned long long)f->bytes, (unsigned long long)f->min_bytes);
	return 0;
}

static int open_file(struct s3_req *q, struct s3_object_post_in *in)
{
	const struct s3_form *form = q->form;
	struct s3_post_file *f = arena_new_of(q->call.arena, struct s3_post_file);
	uint64_t cap = q->call.op->body_cap;

	*f = (struct s3_post_file){
		.src = {file_read},
		.inner = formdata_file(form->data),
		.min_bytes = form->min_bytes,
	};
	in->file = f;
	in->put.body = (struct svc_body){
		.src = &f->src,
		.length = UINT64_MAX,
		.max_bytes = form->max_bytes < cap ? form->max_bytes : cap,
	};
	return s3_body_claims(q, &in->put.body);
}

int s3_object_post_parse(struct s3_req *q, struct s3_object_post_in *in)
{
	if (s3_fields_parse(q, &in->put.meta) < 0 || s3_extras_parse(q, &in->put.extras) < 0)
		return -1;
	return open_file(q, in);
}

static void add_number(struct s3_call *c, const char *name, uint64_t n)
{
	s3_fail_add(c, name, span_str(arena_printf(c->arena, "%llu", (unsigned long long)n)));
}

int s3_object_post_run(
	struct s3_call *c, const struct s3_object_post_in *in, struct s3_object_post_out *out)
{
	if (s3_object_put_run(c, &in->put, &out->put) == 0)
		return 0;
	if (c->fail.code == S3_EntityTooSmall) {
		add_number(c, "ProposedSize", in->file->bytes);
		add_number(c, "MinSizeAllowed", in->file->min_bytes);
	} else if (c->fail.code == S3_EntityTooLarge) {
		add_number(c, "MaxSizeAllowed", in->put.body.max_bytes);
	}
	return -1;
}

/* ---- the answer ---- */

/* An absolute URL of HTTP that a header can hold; otherwise it is as if it were not there. */
static bool is_web_address(struct span url)
{
	struct span rest;
	size_t scheme = span_eq_ci(span_head(url, 8), SPAN_LIT("https://")) ? 8
		: span_eq_ci(span_head(url, 7), SPAN_LIT("http://"))        ? 7
									    : 0;

	rest = span_from(url, scheme);
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] <= ' ' || rest.p[i] > '~')
			return false;
	return scheme > 0 && url.n <= REDIRECT_MAX_BYTES && rest.n > 0 &&
		!strchr("/?#:", rest.p[0]);
}

/* Absent: none is asked for. */
static struct span redirect_of(const struct s3_req *q)
{
	static const char *const names[] = {"success_action_redirect", "redirect"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct span url = s3_form_field(q, names[i]);

		if (is_web_address(url))
			return url;
	}
	return SPAN_NULL;
}

/* The URL with what was stored in its query, before its fragment. */
static struct span redirect_to(struct s3_req *q, struct span url, const struct etag *etag)
{
	ptrdiff_t hash = span_find_byte(url, '#');
	struct span base = hash < 0 ? url : span_head(url, (size_t)hash);
	char text[ETAG_TEXT_MAX];
	BUF_AUTO struct buf b;

	etag_format(text, etag);
	buf_init(&b, 64 * 1024);
	buf_add_span(&b, base);
	buf_add_str(&b, span_find_byte(base, '?') < 0 ? "?bucket=" : "&bucket=");
	uri_encode(&b, q->call.bucket_name, false);
	buf_add_str(&b, "&key=");
	uri_encode(&b, q->call.key, false);
	buf_add_str(&b, "&etag=");
	uri_encode(&b, span_str(text), false);
	buf_add_span(&b, span_from(url, base.n));
	return arena_dup(q->call.arena, buf_span(&b));
}

static int respond_created(struct s3_req *q, struct span where, const struct etag *etag)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	buf_init(&doc, S3_MAX_DOCUMENT);
	xmlw_init(&w, &doc);
	xmlw_open(&w, "PostResponse");
	xmlw_text(&w, "Location", where);
	xmlw_text(&w, "Bucket", q->call.bucket_name);
	xmlw_text(&w, "Key", q->call.key);
	s3_xml_etag(&w, etag);
	xmlw_close(&w);
	return s3_respond_xml(q, 201, &doc);
}

int s3_object_post_render(struct s3_req *q, const struct s3_object_post_out *out)
{
	const struct svc_put_result *put = &out->put.put;
	struct span status = s3_form_field(q, "success_action_status"),
		    redirect = redirect_of(q), where = s3_object_url(q);

	s3_add_etag(q, &put->etag);
	s3_add_version_made(q, &put->version);
	s3_add_checksum(q, &put->checksum, put->checksum.type);
	http_head_add(&q->head, "Location",
		span_absent(redirect) ? where : redirect_to(q, redirect, &put->etag));
	if (!span_absent(redirect))
		return s3_respond_empty(q, 303);
	if (span_eq_str(status, "201"))
		return respond_created(q, where, &put->etag);
	return s3_respond_empty(q, span_eq_str(status, "200") ? 200 : 204);
}
