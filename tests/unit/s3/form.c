/* SPDX-License-Identifier: MIT */
#include "tests/unit/s3/form.h"

#include "auth/sigv4.h"
#include "codec/digest.h"
#include "codec/enc.h"
#include "codec/timefmt.h"

struct maker {
	struct ask *q;
	const struct form *f;
	struct arena *a;
	struct buf body, conditions;
	const char *boundary, *credential;
	char date[TIMEFMT_MAX];
};

static void add_field(struct maker *m, struct span name, struct span value)
{
	struct span instead = span_str(m->f->instead), other;

	if (m->f->without && span_eq_str(name, m->f->without))
		return;
	if (instead.n && span_cut(&instead, '=', &other) && span_eq(other, name))
		value = instead;
	buf_printf(&m->body,
		"--%s\r\nContent-Disposition: form-data; name=\"%.*s\"\r\n\r\n%.*s\r\n",
		m->boundary, SPAN_FMT(name), SPAN_FMT(value));
}

static void add_condition(struct maker *m, struct span name, struct span value)
{
	if (m->conditions.n)
		buf_add_str(&m->conditions, ", ");
	buf_printf(&m->conditions, "{\"%.*s\": \"%.*s\"}", SPAN_FMT(name), SPAN_FMT(value));
}

static void add_fields(struct maker *m)
{
	struct span rest = span_str(m->f->fields ? m->f->fields : "key=key"), line, name;

	while (rest.n && span_cut(&rest, '\n', &line)) {
		assert_true(span_cut(&line, '=', &name));
		add_field(m, name, line);
		if (!span_starts(name, SPAN_LIT("x-ignore-")))
			add_condition(m, name, line);
	}
}

static struct span bucket_of(struct ask *q)
{
	struct span rest = span_from(q->d.req.path, 1), bucket;

	assert_true(span_cut(&rest, '/', &bucket));
	return bucket;
}

static struct span policy_of(struct maker *m)
{
	char until[TIMEFMT_MAX];
	const char *json = m->f->policy;
	char *text;

	timefmt_iso8601(until, m->q->rig->clock.fixed_us + INT64_C(3600) * 1000000);
	add_condition(m, SPAN_LIT("bucket"), bucket_of(m->q));
	if (m->f->signature == FORM_V4) {
		add_condition(m, SPAN_LIT("x-amz-algorithm"), SPAN_LIT("AWS4-HMAC-SHA256"));
		add_condition(m, SPAN_LIT("x-amz-credential"), span_str(m->credential));
		add_condition(m, SPAN_LIT("x-amz-date"), span_str(m->date));
	}
	if (!json)
		json = arena_printf(m->a, "{\"expiration\": \"%s\", \"conditions\": [%s]}",
			m->f->expiration ? m->f->expiration : until,
			m->f->conditions ? m->f->conditions : buf_span(&m->conditions).p);
	text = arena_alloc(m->a, ENC_BASE64_LEN(strlen(json)) + 1);
	enc_base64(text, json, strlen(json));
	return span_str(text);
}

static void sign_v4(struct maker *m, struct span policy)
{
	unsigned char key[32], mac[32];
	char hex[65];

	sigv4_signing_key(m->q->secret, span_head(span_str(m->date), 8),
		span_str(m->q->rig->cfg.region), SPAN_LIT("s3"), key);
	digest_hmac_sha256(key, sizeof(key), policy.p, policy.n, mac);
	enc_hex(hex, mac, sizeof(mac));
	add_field(m, SPAN_LIT("x-amz-algorithm"), SPAN_LIT("AWS4-HMAC-SHA256"));
	add_field(m, SPAN_LIT("x-amz-credential"), span_str(m->credential));
	add_field(m, SPAN_LIT("x-amz-date"), span_str(m->date));
	add_field(m, SPAN_LIT("x-amz-signature"), span_str(hex));
}

static void sign_v2(struct maker *m, struct span policy)
{
	unsigned char mac[20];
	char text[ENC_BASE64_LEN(sizeof(mac)) + 1];

	digest_hmac_sha1(m->q->secret.p, m->q->secret.n, policy.p, policy.n, mac);
	enc_base64(text, mac, sizeof(mac));
	add_field(m, SPAN_LIT("AWSAccessKeyId"), m->q->access_key);
	add_field(m, SPAN_LIT("signature"), span_str(text));
}

static void add_signature(struct maker *m)
{
	struct span policy;

	if (m->f->signature == FORM_UNSIGNED)
		return;
	policy = policy_of(m);
	add_field(m, SPAN_LIT("policy"), policy);
	if (m->f->signature == FORM_V4)
		sign_v4(m, policy);
	else
		sign_v2(m, policy);
}

static void add_file(struct maker *m)
{
	const struct form *f = m->f;

	if (!f->no_file)
		buf_printf(&m->body,
			"--%s\r\nContent-Disposition: form-data; name=\"file\"; "
			"filename=\"%s\"\r\nContent-Type: text/x-part\r\n\r\n%s\r\n",
			m->boundary, f->filename ? f->filename : "file.txt",
			f->file ? f->file : "hello");
	if (f->behind)
		buf_add_str(&m->body, f->behind);
	else
		buf_printf(&m->body, "--%s--\r\n", m->boundary);
}

void ask_form(struct ask *q, const struct form *f)
{
	struct maker m = {.q = q, .f = f, .a = q->d.arena};

	m.boundary = f->boundary ? f->boundary : "frontier";
	buf_init(&m.body, 1 << 20);
	buf_init(&m.conditions, 64 * 1024);
	timefmt_amz(m.date, q->rig->clock.fixed_us + q->skew_us);
	m.credential = arena_printf(m.a, "%.*s/%.8s/%s/s3/aws4_request",
		SPAN_FMT(q->access_key), m.date, q->region ? q->region : q->rig->cfg.region);
	if (span_absent(http_header_get(&q->d.req, "content-type")))
		ask_header(q, "content-type",
			arena_printf(m.a, "multipart/form-data; boundary=%s", m.boundary));
	add_fields(&m);
	add_signature(&m);
	add_file(&m);
	assert_true(buf_ok(&m.body));
	q->body = arena_dup(m.a, buf_span(&m.body));
	q->access_key = SPAN_NULL;
	buf_fini(&m.body);
	buf_fini(&m.conditions);
}
