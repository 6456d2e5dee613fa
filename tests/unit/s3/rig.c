/* SPDX-License-Identifier: MIT */
#include "tests/unit/s3/rig.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "codec/digest.h"
#include "codec/enc.h"
#include "codec/timefmt.h"

#define NOW_US ((int64_t)1763942400 * 1000000) /* 2025-11-24 */

/* ---- the rig ---- */

static void must(int rc, const struct err *e)
{
	if (rc < 0)
		fail_msg("%s: %s", e->where, e->text);
}

static void add_person(struct rig *r, enum who who, const char *tenant_pub, int64_t tenant_id,
	const char *name, enum meta_role role)
{
	struct person *p = &r->people[who];
	struct svc_new_user user = {
		.tenant_id = tenant_id,
		.name = span_str(name),
		.display_name = span_str(name),
		.email = SPAN_LIT(""),
		.role = role,
	};
	struct err e;

	must(svc_user_create(r->svc, &user, r->arena, &p->user, &e), &e);
	must(svc_key_create(r->svc, p->user.id, SPAN_NULL, SPAN_NULL, SPAN_LIT(""), 0, r->arena,
		     &p->access_key, &p->secret, &e),
		&e);
	p->tenant_pub = tenant_pub;
}

static void add_people(struct rig *r)
{
	struct meta_tenant north, south;
	struct svc_first_start first;
	struct err e;

	must(svc_first_start(r->svc, SPAN_LIT("a long password"), r->arena, &first, &e), &e);
	r->people[ROOT].access_key = first.access_key;
	r->people[ROOT].secret = first.secret;
	r->people[ROOT].tenant_pub = "";
	must(svc_tenant_create(
		     r->svc, SPAN_LIT("north"), SPAN_LIT("North"), r->arena, &north, &e),
		&e);
	must(svc_tenant_create(
		     r->svc, SPAN_LIT("south"), SPAN_LIT("South"), r->arena, &south, &e),
		&e);
	add_person(r, ANN, arena_strdup(r->arena, north.pub), north.id, "ann", META_ROLE_USER);
	add_person(r, BEN, arena_strdup(r->arena, south.pub), south.id, "ben", META_ROLE_USER);
	add_person(
		r, CLEO, arena_strdup(r->arena, north.pub), north.id, "cleo", META_ROLE_USER);
	add_person(r, BOSS, arena_strdup(r->arena, north.pub), north.id, "boss",
		META_ROLE_TENANT_ADMIN);
}

int rig_setup(void **state)
{
	static const unsigned char key[32] = {1, 2, 3};
	char *argv[] = {(char *)(uintptr_t) "test", NULL};
	char *env[] = {NULL};
	struct rig *r = calloc(1, sizeof(*r));
	struct meta_config mc = {.gc_delay_us = 1000000, .upload_memory_us = 1000000};
	struct err e;
	int rest;

	if (!r)
		return -1;
	log_setup(LOG_ERROR, LOG_TEXT, "test");
	r->log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_to_fd(r->log_fd);
	r->arena = arena_new();
	must(cfg_load(&r->cfg, 1, argv, env, &rest, &e), &e);
	r->cfg.domains = "s3.example.com,example.com";
	r->clock = clock_fixed(NOW_US);
	mc.clock = &r->clock;
	must(meta_sqlite_open(&mc, &r->meta, &e), &e);
	r->meta = meta_fault_new(r->meta, ERR_IO);
	r->store = store_fault_new(store_mem_new(), ERR_IO);
	r->metrics = metrics_new(s3_metrics_labels());
	r->svc = svc_new(&(struct svc_parts){
		.cfg = &r->cfg,
		.clock = &r->clock,
		.meta = r->meta,
		.store = r->store,
		.sealbox = sealbox_with_key(key),
		.metrics = r->metrics,
	});
	r->app = s3_app_new(r->svc);
	add_people(r);
	*state = r;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *r = *state;

	s3_app_free(r->app);
	svc_close(r->svc, true);
	metrics_free(r->metrics);
	cfg_fini(&r->cfg);
	arena_free(r->arena);
	log_to_fd(STDERR_FILENO);
	close(r->log_fd);
	free(r);
	return 0;
}

/* ---- a request ---- */

void ask_begin(
	struct ask *q, struct rig *r, enum who who, const char *method, const char *target)
{
	memset(q, 0, sizeof(*q));
	q->rig = r;
	q->who = who;
	http_double_init(&q->d, method, target);
	if (who != NOBODY) {
		q->access_key = span_str(r->people[who].access_key);
		q->secret = span_str(r->people[who].secret);
	}
}

void ask_header(struct ask *q, const char *name, const char *value)
{
	http_double_header(&q->d, name, value);
}

void ask_body(struct ask *q, const char *text)
{
	q->body = span_str(text);
}

void ask_begin_row(struct ask *q, struct rig *r, const struct rig_row *row)
{
	struct span rest = span_str(row->headers), line, name;

	ask_begin(q, r, row->who, row->method, row->target);
	while (span_cut(&rest, '\n', &line)) {
		assert_true(span_cut(&line, ':', &name));
		ask_header(q, arena_strndup(q->d.arena, name),
			arena_strndup(q->d.arena, span_trim(line)));
	}
	ask_body(q, row->body);
}

static const char *true_hash(struct ask *q)
{
	unsigned char raw[32];
	char hex[65];

	digest_of(DIGEST_SHA256, q->body.p ? q->body.p : "", q->body.n, raw);
	enc_hex(hex, raw, sizeof(raw));
	return arena_strdup(q->d.arena, hex);
}

static void auth_request_of(struct ask *q, struct auth_request *req)
{
	struct http_req *r = &q->d.req;
	struct auth_header *h =
		arena_array(q->d.arena, struct auth_header, r->header_count + 1);

	for (size_t i = 0; i < r->header_count; i++)
		h[i] = (struct auth_header){r->headers[i].name, r->headers[i].value};
	*req = (struct auth_request){r->method, r->path, r->query, h, r->header_count};
}

static void add_signature(struct ask *q)
{
	char date[TIMEFMT_MAX];
	struct auth_request req;

	timefmt_amz(date, q->rig->clock.fixed_us + q->skew_us);
	if (span_absent(http_header_get(&q->d.req, "x-amz-date")))
		ask_header(q, "x-amz-date", date);
	ask_header(q, "x-amz-content-sha256", q->sha256 ? q->sha256 : true_hash(q));
	auth_request_of(q, &req);
	ask_header(q, "authorization",
		sigv4_sign(q->d.arena, &req, q->access_key, q->secret,
			span_str(q->region ? q->region : q->rig->cfg.region)));
}

/* Signs what is there; once, so that ask_chunked can do it early. */
static void finish_headers(struct ask *q)
{
	if (q->finished)
		return;
	q->finished = true;
	if (span_absent(http_header_get(&q->d.req, "host")))
		ask_header(q, "host", q->host ? q->host : "localhost:8000");
	if (!span_absent(http_header_get(&q->d.req, "authorization")))
		return;
	if (!span_absent(q->access_key))
		add_signature(q);
	else if (q->sha256)
		ask_header(q, "x-amz-content-sha256", q->sha256);
}

void ask_send(struct ask *q)
{
	finish_headers(q);
	if (q->chunked) {
		ask_header(q, "transfer-encoding", "chunked");
		q->d.body.rest = q->body;
	} else if (q->no_length) {
		q->d.body.rest = q->body;
	} else if (!span_absent(q->body)) {
		http_double_body(&q->d, q->body);
	}
	http_double_run(&q->d, q->rig->app);
	assert_false(q->d.broken);
}

void ask_end(struct ask *q)
{
	http_double_fini(&q->d);
}

/* ---- the answer ---- */

struct span ask_response(const struct ask *q)
{
	return buf_span(&q->d.out);
}

bool ask_has(const struct ask *q, const char *text)
{
	return span_find(ask_response(q), span_str(text)) >= 0;
}

struct span ask_element(const struct ask *q, const char *name)
{
	struct span open = span_str(arena_printf(q->d.arena, "<%s>", name));
	struct span close = span_str(arena_printf(q->d.arena, "</%s>", name));
	struct span rest = ask_response(q);
	ptrdiff_t at = span_find(rest, open);

	if (at < 0)
		return SPAN_NULL;
	rest = span_from(rest, (size_t)at + open.n);
	at = span_find(rest, close);
	return at < 0 ? SPAN_NULL : span_head(rest, (size_t)at);
}

struct span ask_response_header(const struct ask *q, const char *name)
{
	return http_double_get(&q->d, name);
}

const char *ask_code(struct ask *q)
{
	struct span code;

	if (q->d.status < 300 || !ask_has(q, "<Error>"))
		return "";
	code = ask_element(q, "Code");
	return arena_strndup(q->d.arena, code);
}

/* ---- aws-chunked ---- */

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct chunker {
	struct ask *q;
	const struct chunking *how;
	struct buf out;
	unsigned char key[32];
	const char *date, *scope;
	char previous[65];
};

static void sign_text(struct chunker *k, const char *text)
{
	unsigned char mac[32];

	digest_hmac_sha256(k->key, sizeof(k->key), text, strlen(text), mac);
	enc_hex(k->previous, mac, sizeof(mac));
}

static char other_digit(char c)
{
	return c == '0' ? '1' : '0';
}

static void add_chunk(struct chunker *k, struct span data)
{
	struct arena *a = k->q->d.arena;
	unsigned char raw[32];
	char hash[65];

	buf_printf(&k->out, "%zx", data.n);
	if (k->how->kind != SIGV4_STREAM_UNSIGNED_TRAILER) {
		digest_of(DIGEST_SHA256, data.p ? data.p : "", data.n, raw);
		enc_hex(hash, raw, sizeof(raw));
		sign_text(k,
			arena_printf(a,
				"AWS4-HMAC-SHA256-PAYLOAD\n%s\n%s\n%s\n" EMPTY_SHA256 "\n%s",
				k->date, k->scope, k->previous, hash));
		buf_printf(&k->out, ";chunk-signature=%.63s%c", k->previous,
			k->how->spoil == SPOIL_CHUNK && data.n ? other_digit(k->previous[63])
							       : k->previous[63]);
	}
	buf_add_str(&k->out, "\r\n");
	buf_add_span(&k->out, data);
	if (data.n)
		buf_add_str(&k->out, "\r\n");
}

static void add_trailer(struct chunker *k)
{
	struct arena *a = k->q->d.arena;
	const char *line = arena_printf(a, "%s:%s\n",
		k->how->spoil == SPOIL_TRAILER_NAME ? "x-amz-checksum-sha1"
						    : k->how->trailer_name,
		k->how->trailer_value);
	unsigned char raw[32];
	char hash[65];

	buf_printf(&k->out, "%.*s\r\n", (int)strlen(line) - 1, line);
	if (k->how->kind != SIGV4_STREAM_TRAILER)
		return;
	digest_of(DIGEST_SHA256, line, strlen(line), raw);
	enc_hex(hash, raw, sizeof(raw));
	sign_text(k,
		arena_printf(a, "AWS4-HMAC-SHA256-TRAILER\n%s\n%s\n%s\n%s", k->date, k->scope,
			k->previous, hash));
	if (k->how->spoil == SPOIL_TRAILER_SIGNATURE)
		k->previous[0] = other_digit(k->previous[0]);
	buf_printf(&k->out, "x-amz-trailer-signature:%s\r\n", k->previous);
}

static void encode(struct chunker *k, struct span data)
{
	size_t n = k->how->chunk_bytes ? k->how->chunk_bytes : 64 * 1024;

	while (data.n) {
		add_chunk(k, span_head(data, n));
		data = span_from(data, n);
	}
	add_chunk(k, SPAN_LIT(""));
	if (k->how->trailer_value)
		add_trailer(k);
	buf_add_str(&k->out, "\r\n");
	if (k->how->spoil == SPOIL_TRUNCATE)
		k->out.n -= 10;
}

void ask_chunked(struct ask *q, const struct chunking *how, struct span data)
{
	static const char *const tokens[] = {
		[SIGV4_STREAM] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
		[SIGV4_STREAM_TRAILER] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
		[SIGV4_STREAM_UNSIGNED_TRAILER] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
	};
	struct chunker k = {.q = q, .how = how};
	struct span day, signature, auth;

	q->sha256 = tokens[how->kind];
	if (span_absent(http_header_get(&q->d.req, "x-amz-decoded-content-length")))
		ask_header(q, "x-amz-decoded-content-length",
			arena_printf(q->d.arena, "%zu", data.n));
	finish_headers(q);
	k.date = arena_strndup(q->d.arena, http_header_get(&q->d.req, "x-amz-date"));
	day = span_head(span_str(k.date), 8);
	k.scope = arena_printf(
		q->d.arena, "%.*s/%s/s3/aws4_request", SPAN_FMT(day), q->rig->cfg.region);
	sigv4_signing_key(q->secret, day, span_str(q->rig->cfg.region), SPAN_LIT("s3"), k.key);
	auth = http_header_get(&q->d.req, "authorization");
	signature = span_from(auth, auth.n - 64);
	memcpy(k.previous, signature.p, 64);
	buf_init(&k.out, 64 * 1024 * 1024);
	encode(&k, data);
	q->body = arena_dup(q->d.arena, buf_span(&k.out));
	buf_fini(&k.out);
}
