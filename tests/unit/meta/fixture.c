/* SPDX-License-Identifier: MIT */
#include "tests/unit/meta/fixture.h"

#include <dirent.h>

static struct meta_config config(struct fix *f, bool is_tool)
{
	return (struct meta_config){
		.path = f->dir[0] ? f->path : NULL,
		.clock = &f->clock,
		.gc_delay_us = FIX_GC_DELAY_US,
		.lock_gap_us = 7LL * 86400 * 1000000,
		.upload_memory_us = FIX_UPLOAD_MEMORY_US,
		.is_tool = is_tool,
	};
}

struct meta *fix_open_again(struct fix *f, bool is_tool)
{
	struct meta_config cfg = config(f, is_tool);
	struct meta *m = NULL;

	return meta_sqlite_open(&cfg, &m, &f->e) == 0 ? m : NULL;
}

void fix_open(struct fix *f, bool in_memory)
{
	*f = (struct fix){.clock = clock_fixed(FIX_START_US)};
	f->a = arena_new();
	if (!in_memory) {
		snprintf(f->dir, sizeof(f->dir), "/tmp/mx-meta-XXXXXX");
		assert_non_null(mkdtemp(f->dir));
		snprintf(f->path, sizeof(f->path), "%s/maxiofs.db", f->dir);
	}
	f->m = fix_open_again(f, false);
	if (!f->m)
		fail_msg("open: %s", f->e.text);
}

static void remove_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	char path[512];

	while (d && (de = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		if (de->d_name[0] != '.')
			unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

void fix_close(struct fix *f)
{
	meta_free(f->m);
	arena_free(f->a);
	if (f->dir[0])
		remove_dir(f->dir);
}

static struct fix *setup(void **state, bool in_memory)
{
	struct fix *f = malloc(sizeof(*f));

	fix_open(f, in_memory);
	*state = f;
	return f;
}

int fix_setup_in_memory(void **state)
{
	setup(state, true);
	return 0;
}

int fix_setup_seeded(void **state)
{
	fix_seed(setup(state, true));
	return 0;
}

int fix_setup_seeded_dir(void **state)
{
	fix_seed(setup(state, false));
	return 0;
}

int fix_teardown(void **state)
{
	fix_close(*state);
	free(*state);
	return 0;
}

int64_t fix_tenant(struct fix *f, const char *pub, const char *name)
{
	struct meta_tenant t = {.name = name, .display_name = name};

	snprintf(t.pub, sizeof(t.pub), "%s", pub);
	assert_ok(f, f->m->ops->tenant_create(f->m, &t, &f->e));
	return t.id;
}

int64_t fix_user(struct fix *f, int64_t tenant_id, const char *name)
{
	struct meta_user u = {.tenant_id = tenant_id,
		.name = name,
		.display_name = name,
		.email = "",
		.password_hash = ""};

	snprintf(u.canonical_id, sizeof(u.canonical_id), "%020lld%s", (long long)tenant_id,
		name);
	assert_ok(f, f->m->ops->user_create(f->m, &u, &f->e));
	return u.id;
}

int64_t fix_bucket(struct fix *f, int64_t tenant_id, int64_t owner_id, const char *name)
{
	struct meta_bucket b = {
		.tenant_id = tenant_id, .owner_id = owner_id, .name = name, .location = ""};

	assert_ok(f, f->m->ops->bucket_create(f->m, &b, &f->e));
	return b.id;
}

void fix_seed(struct fix *f)
{
	f->user_id = fix_user(f, 0, "root");
	f->bucket_id = fix_bucket(f, 0, f->user_id, "bucket");
}

struct etag fix_etag(uint64_t n)
{
	struct etag t = {.nparts = 0};

	memcpy(t.md5, &n, sizeof(n));
	return t;
}

int fix_put_in(struct meta *m, int64_t bucket_id, struct span key, uint64_t size,
	uint64_t *gen_r, struct err *e)
{
	struct meta_object_put in = {
		.bucket_id = bucket_id, .object = {.key = key, .size = size}};
	struct meta_write_result out;

	if (m->ops->gen_next(m, &in.object.gen, e) != 0)
		return -1;
	*gen_r = in.object.gen;
	in.object.etag = fix_etag(in.object.gen);
	return m->ops->object_put(m, &in, &out, e);
}

uint64_t fix_put(struct fix *f, int64_t bucket_id, const char *key, uint64_t size)
{
	uint64_t gen;

	assert_ok(f, fix_put_in(f->m, bucket_id, span_str(key), size, &gen, &f->e));
	return gen;
}

int fix_delete(struct fix *f, int64_t bucket_id, const char *key)
{
	struct meta_delete d = {.key = span_str(key)};

	return f->m->ops->object_delete(f->m, bucket_id, &d, &f->e);
}

void fix_assert_counted(struct fix *f)
{
	uint64_t wrong = 99;

	assert_ok(f, f->m->ops->recount(f->m, false, &wrong, &f->e));
	assert_int_equal(wrong, 0);
}

void fix_set_versioning(struct fix *f, enum meta_versioning how)
{
	assert_ok(f, f->m->ops->bucket_set_versioning(f->m, f->bucket_id, how, &f->e));
}

void fix_assert_counts(struct fix *f, uint64_t objects, uint64_t versions, uint64_t bytes)
{
	struct meta_bucket b;

	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("bucket"), f->a, &b, &f->e));
	assert_int_equal(b.objects, objects);
	assert_int_equal(b.versions, versions);
	assert_int_equal(b.bytes, bytes);
	fix_assert_counted(f);
}

size_t fix_garbage(struct fix *f, struct meta_gc **g_r)
{
	size_t n;

	assert_ok(f, f->m->ops->gc_take(f->m, INT64_MAX / 4096, 1000, f->a, g_r, &n, &f->e));
	return n;
}

void fix_advance(struct fix *f, int64_t us)
{
	f->clock.fixed_us += us;
}
