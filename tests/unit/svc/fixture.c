/* SPDX-License-Identifier: MIT */
#include "tests/unit/svc/fixture.h"

static const char *const no_operations[] = {"None"};
static const char *const no_codes[] = {"OK"};

void fix_cfg(struct cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->data_dir = "";
	cfg->region = "us-east-1";
	cfg->anonymous_tenant = "";
	cfg->gc_delay_s = FIX_GC_DELAY_S;
	cfg->orphan_grace_s = FIX_GRACE_S;
	cfg->gc_interval_ms = 10;
	cfg->upload_memory_days = 7;
	cfg->cache_entries = 1024;
}

struct caller fix_caller(const struct meta_user *u)
{
	return (struct caller){.user_id = u->id, .tenant_id = u->tenant_id, .role = u->role};
}

struct meta_user fix_user(
	struct fix *f, int64_t tenant_id, const char *name, enum meta_role role)
{
	struct svc_new_user in = {.tenant_id = tenant_id, .name = span_str(name), .role = role};
	struct meta_user u;

	assert_ok(f, svc_user_create(f->s, &in, f->a, &u, &f->e));
	return u;
}

void fix_open(struct fix *f, enum err_kind kind)
{
	const unsigned char key[32] = {1, 2, 3};
	struct metrics_labels labels = {no_operations, 1, no_codes, 1};
	struct svc_parts parts = {.cfg = &f->cfg, .clock = &f->clock};
	struct meta_config mc = {
		.clock = &f->clock, .gc_delay_us = FIX_GC_DELAY_S * FIX_SECOND_US};
	struct meta *m;

	memset(f, 0, sizeof(*f));
	f->clock = clock_fixed(clock_now_us(&clock_system));
	f->a = arena_new();
	f->metrics = metrics_new(&labels);
	fix_cfg(&f->cfg);
	mc.upload_memory_us = 7 * 86400 * FIX_SECOND_US;
	assert_ok(f, meta_sqlite_open(&mc, &m, &f->e));
	f->meta = parts.meta = meta_fault_new(m, kind);
	f->store = parts.store = store_fault_new(store_mem_new(), kind);
	parts.sealbox = sealbox_with_key(key);
	parts.metrics = f->metrics;
	f->s = svc_new(&parts);
	f->user = fix_user(f, 0, "ann", META_ROLE_USER);
	f->caller = fix_caller(&f->user);
	assert_ok(f,
		svc_bucket_create(f->s, &f->caller, SPAN_LIT("photos"), SPAN_LIT(""), f->a,
			&f->bucket, &f->e));
}

void fix_close(struct fix *f)
{
	arena_free(f->a); /* readers close with it */
	svc_close(f->s, true);
	metrics_free(f->metrics);
}

void fix_advance(struct fix *f, int64_t seconds)
{
	f->clock = clock_fixed(clock_now_us(&f->clock) + seconds * FIX_SECOND_US);
}

struct svc_body fix_body(struct source_mem *m, struct span bytes)
{
	return (struct svc_body){
		.src = source_mem_init(m, bytes),
		.length = bytes.n,
		.max_bytes = (uint64_t)5 << 30,
	};
}

int fix_put_body(struct fix *f, const char *key, const struct svc_body *body,
	struct svc_put_result *out_r)
{
	const struct objmeta none = {0};
	struct svc_put put = {
		.bucket = &f->bucket,
		.key = span_str(key),
		.body = *body,
		.meta = &none,
		.owner_id = f->user.id,
	};

	return svc_object_put(f->s, &put, f->a, out_r, &f->e);
}

int fix_put(struct fix *f, const char *key, struct span bytes)
{
	struct svc_put_result out;
	struct source_mem m;
	struct svc_body body = fix_body(&m, bytes);

	return fix_put_body(f, key, &body, &out);
}

struct span fix_get(struct fix *f, const char *key)
{
	struct arena *a = arena_new();
	struct svc_reader *r;
	struct meta_object o;
	struct span out = SPAN_NULL;
	size_t n = 1, at = 0;
	char *p;

	if (svc_object_open(f->s, &f->bucket, span_str(key), a, &o, &r, &f->e) < 0)
		goto end;
	p = arena_alloc_raw(f->a, o.size + 1);
	while (n) {
		/* An odd size, so that reads cross every boundary of parts and windows. */
		size_t cap = o.size - at < 1000003 ? o.size - at + 1 : 1000003;

		if (svc_reader_read(r, p + at, cap, at, &n, &f->e) < 0)
			goto end;
		at += n;
	}
	out = span_of(p, at);
end:
	arena_free(a);
	return out;
}

struct span fix_bytes(struct fix *f, size_t n, unsigned seed)
{
	char *p = arena_alloc_raw(f->a, n + 1);
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (char)(x >> 24);
	}
	return span_of(p, n);
}

static int count_one(void *ctx, const struct store_found *found, struct err *e)
{
	(void)found;
	(void)e;
	++*(size_t *)ctx;
	return 0;
}

size_t fix_blobs(struct fix *f)
{
	size_t n = 0;

	assert_ok(f, f->store->ops->scan(f->store, count_one, &n, &f->e));
	return n;
}

void fix_collect(struct fix *f)
{
	uint64_t removed;

	fix_advance(f, FIX_GC_DELAY_S + 1);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	fix_advance(f, 3600);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
}
