/* SPDX-License-Identifier: MIT */
/*
 * Who calls and which bucket is meant: look-ups of every request, cached per process. An entry
 * holds only for the epoch that was read before it was loaded; a change of principals or
 * buckets by any process moves the epoch. What does not exist is not remembered.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/sigv4.h"
#include "base/log.h"
#include "model/names.h"
#include "svc/impl.h"

/* A value is one block: the struct, then its strings, reached by offset. */
struct packed {
	char *block;
	size_t size, at;
};

static void pack_begin(struct packed *k, size_t head, size_t text)
{
	k->size = head + text;
	k->at = head;
	k->block = calloc(1, k->size);
	if (!k->block)
		log_die("out of memory");
}

static const char *pack_text(struct packed *k, const char *text, size_t n)
{
	char *p = k->block + k->at;

	memcpy(p, text, n);
	p[n] = '\0';
	k->at += n + 1;
	return p;
}

static struct span pack_span(struct packed *k, struct span s)
{
	return span_of(pack_text(k, s.n ? s.p : "", s.n), s.n);
}

static const char *pack_str(struct packed *k, const char *s)
{
	return pack_text(k, s, strlen(s));
}

/* Who a copy out of the cache is for. */
struct copy_to {
	struct arena *a;
	void *out;
};

/* ---- principals --------------------------------------------------------------------- */

static void copy_principal(const void *value, void *ctx)
{
	const struct svc_principal *from = value;
	const struct copy_to *to = ctx;
	struct svc_principal *p = to->out;

	*p = *from;
	p->access_key = arena_dup(to->a, from->access_key);
	p->secret = arena_dup(to->a, from->secret);
	p->canonical_id = arena_strdup(to->a, from->canonical_id);
	p->display_name = arena_strdup(to->a, from->display_name);
	p->tenant_pub = arena_strdup(to->a, from->tenant_pub);
}

static void keep_principal(struct svc *s, const struct svc_principal *p)
{
	struct packed k;
	struct svc_principal *v;

	pack_begin(&k, sizeof(*v),
		p->access_key.n + p->secret.n + strlen(p->canonical_id) +
			strlen(p->display_name) + strlen(p->tenant_pub) + 5);
	v = (struct svc_principal *)(void *)k.block;
	*v = *p;
	v->access_key = pack_span(&k, p->access_key);
	v->secret = pack_span(&k, p->secret);
	v->canonical_id = pack_str(&k, p->canonical_id);
	v->display_name = pack_str(&k, p->display_name);
	v->tenant_pub = pack_str(&k, p->tenant_pub);
	cache_put(s->principals, p->access_key, p->epoch, k.block, k.size);
}

static int load_principal(struct svc *s, struct span access_key, struct arena *a,
	struct svc_principal *p_r, struct err *e)
{
	struct meta_principal m;
	struct span secret;

	if (s->meta->ops->principal_get(s->meta, access_key, a, &m, e) < 0)
		return -1;
	if (sealbox_unseal(s->sealbox, a, m.key.secret, access_key, &secret, e) < 0)
		return -1;
	*p_r = (struct svc_principal){
		.caller =
			{
				.user_id = m.user.id,
				.tenant_id = m.user.tenant_id,
				.role = m.user.role,
			},
		.access_key = arena_dup(a, access_key),
		.secret = secret,
		.canonical_id = arena_strdup(a, m.user.canonical_id),
		.display_name = m.user.display_name ? m.user.display_name : "",
		.tenant_pub = arena_strdup(a, m.tenant.pub),
		.key_status = m.key.status,
		.user_status = m.user.status,
		.tenant_status = m.user.tenant_id ? m.tenant.status : META_ACTIVE,
		.key_expires_us = m.key.expires_us,
	};
	return 0;
}

int svc_principal_get(struct svc *s, struct span access_key, struct arena *a,
	struct svc_principal *p_r, struct err *e)
{
	uint64_t epoch = s->meta->ops->epoch(s->meta);
	struct copy_to to = {a, p_r};

	if (!name_access_key_legal(access_key))
		return err_fail_why(
			e, ERR_NOT_FOUND, REASON_ACCESS_KEY, "no access key has that form");
	if (cache_get(s->principals, access_key, epoch, copy_principal, &to))
		return 0;
	if (load_principal(s, access_key, a, p_r, e) < 0)
		return -1;
	p_r->epoch = epoch;
	keep_principal(s, p_r);
	return 0;
}

const unsigned char *svc_signing_key(struct svc *s, struct svc_principal *p, struct span day)
{
	if (p->signing_day[0] && span_eq_str(day, p->signing_day))
		return p->signing_key;
	sigv4_signing_key(
		p->secret, day, span_str(s->cfg->region), SPAN_LIT("s3"), p->signing_key);
	if (day.n < sizeof(p->signing_day)) {
		memcpy(p->signing_day, day.p, day.n);
		p->signing_day[day.n] = '\0';
		keep_principal(s, p);
	}
	return p->signing_key;
}

int svc_principal_check(const struct svc *s, const struct svc_principal *p, struct err *e)
{
	if (p->tenant_status != META_ACTIVE)
		return err_fail_why(
			e, ERR_DENIED, REASON_SUSPENDED_TENANT, "tenant is suspended");
	if (p->user_status != META_ACTIVE)
		return err_fail_why(e, ERR_DENIED, REASON_SUSPENDED_USER, "user is suspended");
	if (p->key_status != META_ACTIVE)
		return err_fail_why(
			e, ERR_DENIED, REASON_KEY_DISABLED, "access key is disabled");
	if (p->key_expires_us && clock_now_us(s->clock) >= p->key_expires_us)
		return err_fail_why(
			e, ERR_DENIED, REASON_KEY_EXPIRED, "access key has expired");
	return 0;
}

/* ---- tenants ------------------------------------------------------------------------ */

static void copy_tenant(const void *value, void *ctx)
{
	const struct copy_to *to = ctx;

	memcpy(to->out, value, sizeof(struct tenant_brief));
}

static void keep_tenant(struct svc *s, struct span key, uint64_t epoch, const struct meta_tenant *t,
	struct tenant_brief *t_r)
{
	struct packed k;

	*t_r = (struct tenant_brief){.id = t->id, .status = t->status};
	memcpy(t_r->pub, t->pub, sizeof(t_r->pub));
	pack_begin(&k, sizeof(*t_r), 0);
	memcpy(k.block, t_r, sizeof(*t_r));
	cache_put(s->tenants, key, epoch, k.block, k.size);
}

int tenant_brief_get(struct svc *s, struct span pub_or_name, struct arena *a,
	struct tenant_brief *t_r, struct err *e)
{
	uint64_t epoch = s->meta->ops->epoch(s->meta);
	struct copy_to to = {a, t_r};
	struct meta_tenant t;

	if (cache_get(s->tenants, pub_or_name, epoch, copy_tenant, &to))
		return 0;
	if (s->meta->ops->tenant_find(s->meta, pub_or_name, a, &t, e) < 0)
		return -1;
	keep_tenant(s, pub_or_name, epoch, &t, t_r);
	return 0;
}

/* ---- domains of tenants ------------------------------------------------------------- */

/* A domain of nobody is remembered too, as a tenant with id 0: every request asks for its host. */
static int domain_get(struct svc *s, struct span domain, struct arena *a, struct tenant_brief *t_r,
	struct err *e)
{
	/* No tenant's name begins with a dot. */
	struct span key = span_str(arena_printf(a, ".%.*s", SPAN_FMT(domain)));
	uint64_t epoch = s->meta->ops->epoch(s->meta);
	struct copy_to to = {a, t_r};
	struct err why = {0};
	struct meta_tenant t = {0};

	if (cache_get(s->tenants, key, epoch, copy_tenant, &to))
		return 0;
	if (s->meta->ops->domain_find(s->meta, domain, a, &t, &why) < 0 &&
		why.kind != ERR_NOT_FOUND)
		return err_pass(e, &why);
	keep_tenant(s, key, epoch, &t, t_r);
	return 0;
}

int svc_domain_find(struct svc *s, struct span host, struct arena *a, struct span *domain_r,
	struct span *tenant_r, struct err *e)
{
	enum { LABELS_MAX = 16 };
	struct tenant_brief t;
	ptrdiff_t dot = 0;

	*domain_r = *tenant_r = SPAN_NULL;
	if (!name_domain_legal(host))
		return 0;
	for (int i = 0; i < LABELS_MAX && dot >= 0; i++) {
		if (domain_get(s, host, a, &t, e) < 0)
			return -1;
		if (t.id) {
			*domain_r = host;
			*tenant_r = span_str(arena_strdup(a, t.pub));
			return 0;
		}
		dot = span_find_byte(host, '.');
		host = span_from(host, (size_t)(dot + 1));
	}
	return 0;
}

int svc_anonymous(struct svc *s, struct caller *c_r, struct err *e)
{
	const char *name = s->cfg->anonymous_tenant;
	struct arena *a;
	struct tenant_brief t;
	struct err why = {0};
	int rc;

	*c_r = (struct caller){.anonymous = true, .role = META_ROLE_USER};
	if (!name || !*name)
		return 0;
	a = arena_new();
	rc = tenant_brief_get(s, span_str(name), a, &t, &why);
	arena_free(a);
	if (rc < 0 && why.kind != ERR_NOT_FOUND)
		return err_pass(e, &why);
	if (rc == 0 && t.status != META_ACTIVE)
		return err_fail_why(
			e, ERR_DENIED, REASON_SUSPENDED_TENANT, "tenant is suspended");
	/* A namespace that does not exist holds no bucket. */
	c_r->tenant_id = rc == 0 ? t.id : -1;
	return 0;
}

/* ---- buckets ------------------------------------------------------------------------ */

struct bucket_id_key {
	int64_t tenant_id;
	char name[NAME_BUCKET_MAX];
};

static void copy_bucket(const void *value, void *ctx)
{
	const struct meta_bucket *from = value;
	const struct copy_to *to = ctx;
	struct meta_bucket *b = to->out;

	*b = *from;
	b->name = arena_strdup(to->a, from->name);
	b->location = arena_strdup(to->a, from->location);
}

static void keep_bucket(
	struct svc *s, struct span key, uint64_t epoch, const struct meta_bucket *b)
{
	const char *location = b->location ? b->location : "";
	struct meta_bucket *v;
	struct packed k;

	pack_begin(&k, sizeof(*v), strlen(b->name) + strlen(location) + 2);
	v = (struct meta_bucket *)(void *)k.block;
	*v = *b;
	v->name = pack_str(&k, b->name);
	v->location = pack_str(&k, location);
	cache_put(s->buckets, key, epoch, k.block, k.size);
}

static int bucket_of(struct svc *s, int64_t tenant_id, struct span name, struct arena *a,
	struct meta_bucket *b_r, struct err *e)
{
	uint64_t epoch = s->meta->ops->epoch(s->meta);
	struct bucket_id_key k = {.tenant_id = tenant_id};
	struct span key = span_of(&k, offsetof(struct bucket_id_key, name) + name.n);
	struct copy_to to = {a, b_r};

	if (tenant_id < 0 || name.n < NAME_BUCKET_MIN || name.n > NAME_BUCKET_MAX)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_BUCKET, "no such bucket");
	memcpy(k.name, name.p, name.n);
	if (cache_get(s->buckets, key, epoch, copy_bucket, &to))
		return 0;
	if (s->meta->ops->bucket_get(s->meta, tenant_id, name, a, b_r, e) < 0)
		return -1;
	keep_bucket(s, key, epoch, b_r);
	return 0;
}

int svc_bucket_find(struct svc *s, const struct caller *c, struct span name, struct arena *a,
	struct meta_bucket *b_r, struct err *e)
{
	struct span tenant, bucket;
	struct tenant_brief t;
	struct err why = {0};

	if (!name_bucket_split(name, &tenant, &bucket))
		return bucket_of(s, c->tenant_id, name, a, b_r, e);
	if (span_eq_str(tenant, NAME_GLOBAL))
		return bucket_of(s, 0, bucket, a, b_r, e);
	if (tenant_brief_get(s, tenant, a, &t, &why) < 0) {
		if (why.kind == ERR_NOT_FOUND)
			return err_fail_why(e, ERR_NOT_FOUND, REASON_BUCKET, "no such tenant");
		return err_pass(e, &why);
	}
	return bucket_of(s, t.id, bucket, a, b_r, e);
}

/* ---- owners ------------------------------------------------------------------------- */

struct owner {
	const char *canonical_id, *display_name;
};

static void copy_owner(const void *value, void *ctx)
{
	const struct owner *from = value;
	const struct copy_to *to = ctx;
	struct owner *o = to->out;

	o->canonical_id = arena_strdup(to->a, from->canonical_id);
	o->display_name = arena_strdup(to->a, from->display_name);
}

static void keep_owner(struct svc *s, struct span key, uint64_t epoch, const struct owner *o)
{
	struct owner *v;
	struct packed k;

	pack_begin(&k, sizeof(*v), strlen(o->canonical_id) + strlen(o->display_name) + 2);
	v = (struct owner *)(void *)k.block;
	v->canonical_id = pack_str(&k, o->canonical_id);
	v->display_name = pack_str(&k, o->display_name);
	cache_put(s->owners, key, epoch, k.block, k.size);
}

int svc_owner_get(struct svc *s, int64_t user_id, struct arena *a, const char **canonical_id_r,
	const char **display_name_r, struct err *e)
{
	uint64_t epoch = s->meta->ops->epoch(s->meta);
	struct span key = span_of(&user_id, sizeof(user_id));
	struct owner o = {"", ""};
	struct copy_to to = {a, &o};
	struct err why = {0};
	struct meta_user u;

	if (!cache_get(s->owners, key, epoch, copy_owner, &to)) {
		if (s->meta->ops->user_get(s->meta, user_id, a, &u, &why) == 0) {
			o.canonical_id = arena_strdup(a, u.canonical_id);
			o.display_name = u.display_name ? u.display_name : "";
			keep_owner(s, key, epoch, &o);
		} else if (why.kind != ERR_NOT_FOUND) {
			return err_pass(e, &why);
		}
	}
	*canonical_id_r = o.canonical_id;
	*display_name_r = o.display_name;
	return 0;
}
