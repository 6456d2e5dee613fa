/* SPDX-License-Identifier: MIT */
/*
 * Buckets. Order of a creation: the directory (idempotent), the row (the switch), the readable
 * copy. The readable copy follows metadata: whoever changes a bucket looks afterwards at what
 * metadata says and makes the copy agree, so a lost race or a crash is mended by the next
 * change or the next start.
 */
#include <string.h>

#include "base/log.h"
#include "codec/json.h"
#include "model/names.h"
#include "svc/impl.h"

enum { NOTE_MAX_BYTES = 64 * 1024, PAGE = 500 };

/* ---- the readable copy -------------------------------------------------------------- */

static void note_configured(struct jsonw *w, const struct meta_bucket *b)
{
	jsonw_array(w, "configured");
	for (int kind = 0; kind < META_CONFIG_COUNT; kind++)
		if (meta_bucket_has(b, (enum meta_config_kind)kind))
			jsonw_str(w, NULL, meta_config_name((enum meta_config_kind)kind));
	jsonw_end_array(w);
}

static int note_text(struct svc *s, const struct meta_bucket *b, struct arena *a,
	struct span *json_r, struct err *e)
{
	const char *canonical_id, *display_name;
	BUF_AUTO struct buf out = {0};
	struct jsonw w;

	if (svc_owner_get(s, b->owner_id, a, &canonical_id, &display_name, e) < 0)
		return -1;
	buf_init(&out, NOTE_MAX_BYTES);
	jsonw_init(&w, &out);
	jsonw_object(&w, NULL);
	jsonw_i64(&w, "id", b->id);
	jsonw_str(&w, "name", b->name);
	jsonw_str(&w, "tenant", b->tenant_pub[0] ? b->tenant_pub : NAME_GLOBAL);
	jsonw_object(&w, "owner");
	jsonw_str(&w, "id", canonical_id);
	jsonw_str(&w, "name", display_name);
	jsonw_end_object(&w);
	jsonw_str(&w, "location", b->location ? b->location : "");
	jsonw_time(&w, "created", b->created_us);
	jsonw_str(&w, "versioning", meta_versioning_name(meta_bucket_versioning(b)));
	note_configured(&w, b);
	jsonw_u64(&w, "flags", b->flags);
	jsonw_end_object(&w);
	buf_add_char(&out, '\n');
	if (!buf_ok(&out))
		return err_fail(
			e, ERR_INTERNAL, "readable copy of bucket %s is too long", b->name);
	*json_r = arena_dup(a, buf_span(&out));
	return 0;
}

static int note_write(
	struct svc *s, const struct meta_bucket *b, bool *changed_r, struct err *e)
{
	const struct store_ops *ops = s->store->ops;
	struct span tenant = span_str(b->tenant_pub), name = span_str(b->name), want, have;
	struct arena *a = arena_new();
	struct err why = {0};
	int rc;

	*changed_r = false;
	rc = note_text(s, b, a, &want, &why);
	if (rc == 0) {
		bool same = ops->note_get(s->store, tenant, name, a, &have, &why) == 0 &&
			span_eq(want, have);

		if (!same) {
			rc = ops->note_put(s->store, tenant, name, want, &why);
			*changed_r = true;
		}
	}
	arena_free(a);
	return rc < 0 ? err_pass(e, &why) : 0;
}

int bucket_note_sync(struct svc *s, int64_t tenant_id, struct span tenant_pub, struct span name,
	bool *changed_r, struct err *e)
{
	struct arena *a = arena_new();
	struct err why = {0};
	struct meta_bucket b;
	int rc;

	if (s->meta->ops->bucket_get(s->meta, tenant_id, name, a, &b, &why) == 0) {
		rc = note_write(s, &b, changed_r, &why);
	} else if (why.kind == ERR_NOT_FOUND) {
		*changed_r = true;
		rc = s->store->ops->note_remove(s->store, tenant_pub, name, &why);
	} else {
		rc = -1;
	}
	arena_free(a);
	return rc < 0 ? err_pass(e, &why) : 0;
}

void bucket_note_follow(struct svc *s, const struct meta_bucket *b)
{
	struct err e = {0};
	bool changed;

	if (bucket_note_sync(s, b->tenant_id, span_str(b->tenant_pub), span_str(b->name),
		    &changed, &e) < 0)
		log_err(LOG_WARN, &e, "readable copy of bucket %s", b->name);
}

/* ---- create, delete, list ----------------------------------------------------------- */

/* Where the bucket goes: the caller's namespace, or the one named if it is his or he is a
 * global admin. */
static int target(struct svc *s, const struct caller *c, struct span name, struct arena *a,
	struct meta_bucket *b, struct err *e)
{
	struct span tenant, bucket;
	struct tenant_brief t = {0};
	struct meta_tenant full;

	if (!name_bucket_split(name, &tenant, &bucket)) {
		b->name = arena_strndup(a, name);
		b->tenant_id = c->tenant_id;
		if (b->tenant_id == 0)
			return 0;
		if (s->meta->ops->tenant_get(s->meta, b->tenant_id, a, &full, e) < 0)
			return -1;
		memcpy(b->tenant_pub, full.pub, sizeof(b->tenant_pub));
		return 0;
	}
	if (!span_eq_str(tenant, NAME_GLOBAL) && tenant_brief_get(s, tenant, a, &t, e) < 0) {
		if (e && e->kind != ERR_NOT_FOUND)
			return -1;
		t.id = -1;
	}
	if (t.id != c->tenant_id && c->role != META_ROLE_GLOBAL_ADMIN)
		return err_fail(e, ERR_DENIED, "a bucket of another namespace");
	if (t.id < 0)
		return err_fail_why(e, ERR_INVALID, REASON_BUCKET_NAME, "no such tenant");
	b->name = arena_strndup(a, bucket);
	b->tenant_id = t.id;
	memcpy(b->tenant_pub, t.pub, sizeof(b->tenant_pub));
	return 0;
}

int svc_bucket_create(struct svc *s, const struct caller *c, struct span name,
	struct span location, struct arena *a, struct meta_bucket *b_r, struct err *e)
{
	struct svc_new_bucket in = {.name = name, .location = location};

	return svc_bucket_create_as(s, c, &in, a, b_r, e);
}

int svc_bucket_create_as(struct svc *s, const struct caller *c, const struct svc_new_bucket *in,
	struct arena *a, struct meta_bucket *b_r, struct err *e)
{
	struct err why = {0};

	memset(b_r, 0, sizeof(*b_r));
	if (c->anonymous)
		return err_fail(e, ERR_DENIED, "anonymous callers own nothing");
	if (target(s, c, in->name, a, b_r, &why) < 0)
		return err_pass(e, &why);
	if (!name_bucket_legal(span_str(b_r->name)) ||
		name_bucket_reserved(span_str(b_r->name)))
		return err_fail_why(e, ERR_INVALID, REASON_BUCKET_NAME,
			"a bucket name has 3 to 63 of a-z 0-9 . -, a letter or digit at both "
			"ends");
	b_r->owner_id = c->user_id;
	b_r->location = arena_strndup(a, in->location);
	if (in->lock)
		b_r->flags = META_VERSIONING_ENABLED | META_BUCKET_LOCKS;
	b_r->created_us = clock_now_us(s->clock);
	if (s->store->ops->bucket_create(
		    s->store, span_str(b_r->tenant_pub), span_str(b_r->name), e) < 0 ||
		s->meta->ops->bucket_create(s->meta, b_r, e) < 0)
		return -1;
	bucket_note_follow(s, b_r);
	return 0;
}

int svc_bucket_update(struct svc *s, const struct meta_bucket *b, struct err *e)
{
	if (s->meta->ops->bucket_update(s->meta, b, e) < 0)
		return -1;
	bucket_note_follow(s, b);
	return 0;
}

int svc_bucket_set_versioning(
	struct svc *s, const struct meta_bucket *b, enum meta_versioning how, struct err *e)
{
	if (s->meta->ops->bucket_set_versioning(s->meta, b->id, how, e) < 0)
		return -1;
	bucket_note_follow(s, b);
	return 0;
}

int svc_bucket_delete(struct svc *s, const struct meta_bucket *b, struct err *e)
{
	int64_t due_us = clock_now_us(s->clock) + s->cfg->gc_delay_s * 1000000;

	if (s->meta->ops->bucket_delete(s->meta, b->id, due_us, e) < 0)
		return -1;
	bucket_note_follow(s, b);
	return 0;
}

int svc_bucket_list(struct svc *s, const struct caller *c, struct span prefix,
	struct span after, unsigned limit, struct arena *a, struct meta_bucket **b_r,
	size_t *n_r, struct err *e)
{
	int64_t owner_id = c->role == META_ROLE_USER ? c->user_id : -1;

	if (c->anonymous)
		return err_fail(e, ERR_DENIED, "anonymous callers own nothing");
	return s->meta->ops->bucket_list(
		s->meta, c->tenant_id, owner_id, prefix, after, limit, a, b_r, n_r, e);
}

/* ---- refresh ------------------------------------------------------------------------ */

static int refresh_namespace(struct svc *s, int64_t tenant_id, uint64_t *written, struct err *e)
{
	char last[NAME_BUCKET_MAX + 1];
	struct span after = SPAN_NULL;
	size_t n = PAGE;

	while (n == PAGE) {
		struct arena *a = arena_new();
		struct meta_bucket *b;
		int rc = s->meta->ops->bucket_list(
			s->meta, tenant_id, -1, SPAN_NULL, after, PAGE, a, &b, &n, e);

		for (size_t i = 0; rc == 0 && i < n; i++) {
			bool changed = false;

			rc = note_write(s, &b[i], &changed, e);
			*written += changed;
		}
		if (rc == 0 && n) {
			size_t len = strlen(b[n - 1].name);

			len = len < sizeof(last) ? len : sizeof(last) - 1;
			memcpy(last, b[n - 1].name, len);
			after = span_of(last, len);
		}
		arena_free(a);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int refresh_tenants(struct svc *s, uint64_t *written, struct err *e)
{
	struct meta_page page = {.limit = PAGE};
	size_t n = PAGE;

	while (n == PAGE) {
		struct arena *a = arena_new();
		struct meta_tenant *t;
		int rc = s->meta->ops->tenant_list(s->meta, &page, a, &t, &n, e);

		for (size_t i = 0; rc == 0 && i < n; i++) {
			page.after_id = t[i].id;
			rc = refresh_namespace(s, t[i].id, written, e);
		}
		arena_free(a);
		if (rc < 0)
			return -1;
	}
	return 0;
}

struct note_name {
	struct note_name *next;
	struct span tenant, bucket;
};
struct note_names {
	struct arena *a;
	struct note_name *first;
};

static int collect_note(void *ctx, struct span tenant, struct span bucket, struct err *e)
{
	struct note_names *names = ctx;
	struct note_name *n = arena_new_of(names->a, struct note_name);

	(void)e;
	n->tenant =
		arena_dup(names->a, span_eq_str(tenant, NAME_GLOBAL) ? SPAN_LIT("") : tenant);
	n->bucket = arena_dup(names->a, bucket);
	n->next = names->first;
	names->first = n;
	return 0;
}

/* Removes a readable copy whose bucket is gone. */
static int note_check(struct svc *s, const struct note_name *n, struct arena *a,
	uint64_t *written, struct err *e)
{
	struct tenant_brief t = {0};
	struct err why = {0};
	struct meta_bucket b;

	if (n->tenant.n && tenant_brief_get(s, n->tenant, a, &t, &why) < 0) {
		if (why.kind != ERR_NOT_FOUND)
			return err_pass(e, &why);
		t.id = -1;
	}
	if (t.id >= 0 && s->meta->ops->bucket_get(s->meta, t.id, n->bucket, a, &b, &why) == 0)
		return 0;
	if (why.kind != ERR_NOT_FOUND)
		return err_pass(e, &why);
	++*written;
	return s->store->ops->note_remove(s->store, n->tenant, n->bucket, e);
}

int svc_bucket_notes_refresh(struct svc *s, uint64_t *written_r, struct err *e)
{
	struct note_names names = {.a = arena_new()};
	uint64_t written = 0;
	int rc = refresh_namespace(s, 0, &written, e);

	if (rc == 0)
		rc = refresh_tenants(s, &written, e);
	if (rc == 0)
		rc = s->store->ops->note_list(s->store, collect_note, &names, e);
	for (const struct note_name *n = names.first; rc == 0 && n; n = n->next)
		rc = note_check(s, n, names.a, &written, e);
	arena_free(names.a);
	*written_r = written;
	return rc;
}
