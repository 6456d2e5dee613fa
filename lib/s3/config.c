/* SPDX-License-Identifier: MIT */
/*
 * Configurations of a bucket. What is set is read, judged and written anew: the document that
 * is kept is the one that comes back, and holds nothing that was not understood.
 */
#include "s3/config.h"

#include "base/reason.h"
#include "model/cors.h"
#include "s3/body.h"
#include "s3/fields.h"
#include "s3/tagging.h"

struct s3_config {
	const char *query;
	enum meta_config_kind kind;
	const char *root;
	/* Judges what is below the root and writes it again. *is_default_r: it is as if none
	 * were set. */
	int (*read)(struct s3_req *q, const struct xml_node *root, struct xmlw *w,
		bool *is_default_r);
	int status; /* of a PUT */
	/* When none is set: an error, or for OK <root><child>text</child></root>; child NULL:
	 * an empty root. */
	enum s3_code unset;
	const char *child, *text;
};

/* ---- cors ---- */

static int fail_cors(struct s3_req *q, enum cors_fault fault, struct span at)
{
	static const char *const messages[] = {
		[CORS_BAD_METHOD] =
			"An AllowedMethod is none of GET, PUT, HEAD, POST, DELETE: ",
		[CORS_TWO_WILDCARDS] = "An origin or header has more than one wildcard: ",
		[CORS_WILDCARD] = "An ExposeHeader cannot have a wildcard: ",
		[CORS_ID_TOO_LONG] = "The ID of a rule is longer than 255 characters: ",
		[CORS_CONTROL] = "A value of a rule has a control character: ",
	};

	if (fault == CORS_MALFORMED)
		return s3_fail_xml(q);
	return s3_fail(&q->call, S3_InvalidRequest,
		arena_printf(q->call.arena, "%s%.*s", messages[fault], SPAN_FMT(at)));
}

static int read_cors(
	struct s3_req *q, const struct xml_node *root, struct xmlw *w, bool *is_default_r)
{
	struct cors c;
	struct span at;
	enum cors_fault fault = cors_read(q->call.arena, root, &c, &at);

	(void)is_default_r;
	if (fault != CORS_OK)
		return fail_cors(q, fault, at);
	cors_write(w, &c);
	return 0;
}

/* ---- tagging, requestPayment, accelerate ---- */

static int read_tagging(
	struct s3_req *q, const struct xml_node *root, struct xmlw *w, bool *is_default_r)
{
	struct tags t;

	if (s3_tags_parse_xml(&q->call, root, TAGS_BUCKET_MAX, &t) < 0)
		return -1;
	*is_default_r = t.count == 0;
	s3_xml_tags(w, &t);
	return 0;
}

/* The only child of the root, one of two words. */
static int read_word(struct s3_req *q, const struct xml_node *root, struct xmlw *w,
	const char *name, const char *const words[2])
{
	struct span text = xml_child_text(root, name);

	if (root->child_count != 1 || root->first_child->child_count ||
		!(span_eq_str(text, words[0]) || span_eq_str(text, words[1])))
		return s3_fail_xml(q);
	xmlw_text(w, name, text);
	return 0;
}

/* Who pays is the owner, or there is a document: no request has to read it. */
static int read_payment(
	struct s3_req *q, const struct xml_node *root, struct xmlw *w, bool *is_default_r)
{
	static const char *const payers[2] = {"BucketOwner", "Requester"};

	*is_default_r = span_eq_str(xml_child_text(root, "Payer"), payers[0]);
	return read_word(q, root, w, "Payer", payers);
}

static int read_accelerate(
	struct s3_req *q, const struct xml_node *root, struct xmlw *w, bool *is_default_r)
{
	static const char *const states[2] = {"Enabled", "Suspended"};

	(void)is_default_r;
	if (span_find_byte(span_str(q->call.bucket.name), '.') >= 0)
		return s3_fail(&q->call, S3_InvalidRequest,
			"A bucket with a dot in its name cannot be accelerated.");
	return read_word(q, root, w, "Status", states);
}

static const struct s3_config configs[] = {
	{"cors", META_CONFIG_CORS, "CORSConfiguration", read_cors, 200,
		S3_NoSuchCORSConfiguration, NULL, NULL},
	{"tagging", META_CONFIG_TAGGING, "Tagging", read_tagging, 204, S3_NoSuchTagSet, NULL,
		NULL},
	{"requestPayment", META_CONFIG_REQUEST_PAYMENT, "RequestPaymentConfiguration",
		read_payment, 200, S3_OK, "Payer", "BucketOwner"},
	{"accelerate", META_CONFIG_ACCELERATE, "AccelerateConfiguration", read_accelerate, 200,
		S3_OK, NULL, NULL},
};

static const struct s3_config *config_of(const struct s3_call *c)
{
	size_t i = 0;

	while (strcmp(configs[i].query, c->op->query) != 0)
		i++;
	return &configs[i];
}

/* ---- Put ---- */

int s3_config_put_parse(struct s3_req *q, struct s3_config_put_in *in)
{
	BUF_AUTO struct buf doc = {0};
	const struct xml_node *root;
	bool is_default = false;
	struct xmlw w;

	in->what = config_of(&q->call);
	if (s3_body_document(q, in->what->root, &root) < 0)
		return -1;
	s3_xml_begin(&w, &doc, in->what->root);
	if (in->what->read(q, root, &w, &is_default) < 0)
		return -1;
	xmlw_close(&w);
	if (doc.n > META_CONFIG_MAX_BYTES)
		return s3_fail(&q->call, S3_MaxMessageLengthExceeded, NULL);
	in->document = is_default ? SPAN_NULL : arena_dup(q->call.arena, buf_span(&doc));
	return 0;
}

int s3_config_put_run(
	struct s3_call *c, const struct s3_config_put_in *in, struct s3_config_put_out *out)
{
	struct err e;
	int rc = span_absent(in->document)
		? svc_bucket_config_delete(c->svc, &c->bucket, in->what->kind, &e)
		: svc_bucket_config_put(c->svc, &c->bucket, in->what->kind, in->document, &e);

	out->what = in->what;
	return rc < 0 ? s3_fail_err(c, &e) : 0;
}

int s3_config_put_render(struct s3_req *q, const struct s3_config_put_out *out)
{
	return s3_respond_empty(q, out->what->status);
}

/* ---- Get ---- */

int s3_config_get_parse(struct s3_req *q, struct s3_config_get_in *in)
{
	in->what = config_of(&q->call);
	return 0;
}

int s3_config_get_run(
	struct s3_call *c, const struct s3_config_get_in *in, struct s3_config_get_out *out)
{
	struct err e;

	out->what = in->what;
	if (svc_bucket_config_get(
		    c->svc, &c->bucket, in->what->kind, c->arena, &out->document, &e) == 0)
		return 0;
	if (e.reason != REASON_CONFIG)
		return s3_fail_err(c, &e);
	out->document = SPAN_NULL;
	if (in->what->unset == S3_OK)
		return 0;
	s3_fail(c, in->what->unset, NULL);
	s3_fail_add(c, "BucketName", c->bucket_name);
	return -1;
}

int s3_config_get_render(struct s3_req *q, const struct s3_config_get_out *out)
{
	BUF_AUTO struct buf doc = {0};
	struct xmlw w;

	if (span_absent(out->document)) {
		s3_xml_begin(&w, &doc, out->what->root);
		if (out->what->child)
			xmlw_str(&w, out->what->child, out->what->text);
		xmlw_close(&w);
	} else {
		buf_init(&doc, META_CONFIG_MAX_BYTES);
		buf_add_span(&doc, out->document);
	}
	return s3_respond_xml(q, 200, &doc);
}

/* ---- Delete ---- */

int s3_config_delete_parse(struct s3_req *q, struct s3_config_delete_in *in)
{
	in->what = config_of(&q->call);
	return 0;
}

int s3_config_delete_run(struct s3_call *c, const struct s3_config_delete_in *in,
	struct s3_config_delete_out *out)
{
	struct err e;

	(void)out;
	if (svc_bucket_config_delete(c->svc, &c->bucket, in->what->kind, &e) < 0)
		return s3_fail_err(c, &e);
	return 0;
}

int s3_config_delete_render(struct s3_req *q, const struct s3_config_delete_out *out)
{
	(void)out;
	return s3_respond_empty(q, 204);
}
