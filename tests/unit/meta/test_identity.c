/* SPDX-License-Identifier: MIT */
/* Tenants, users, access keys and buckets. */
#include "meta/sqlite_int.h"
#include "tests/unit/meta/fixture.h"

static uint64_t epoch(struct fix *f)
{
	return f->m->ops->epoch(f->m);
}

/* ---- tenants ---- */

static void a_tenant_is_found_by_public_id_and_by_name(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = {
		.pub = "tenant-0000000a", .name = "acme", .display_name = "Acme Ltd"};
	struct meta_tenant got;

	assert_ok(f, f->m->ops->tenant_create(f->m, &t, &f->e));
	assert_true(t.id > 0);
	assert_ok(f, f->m->ops->tenant_find(f->m, SPAN_LIT("acme"), f->a, &got, &f->e));
	assert_int_equal(got.id, t.id);
	assert_ok(f,
		f->m->ops->tenant_find(f->m, SPAN_LIT("tenant-0000000a"), f->a, &got, &f->e));
	assert_int_equal(got.id, t.id);
	assert_ok(f, f->m->ops->tenant_get(f->m, t.id, f->a, &got, &f->e));
	assert_string_equal(got.pub, "tenant-0000000a");
	assert_string_equal(got.display_name, "Acme Ltd");
	assert_int_equal(got.created_us, FIX_START_US);
	assert_int_equal(got.buckets, 0);
	assert_fails(f, f->m->ops->tenant_find(f->m, SPAN_LIT("nobody"), f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_TENANT);
	assert_fails(f, f->m->ops->tenant_get(f->m, 99, f->a, &got, &f->e), ERR_NOT_FOUND,
		REASON_TENANT);
}

static void tenant_names_and_ids_share_one_namespace(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = {.pub = "tenant-0000000b", .name = "acme"};

	fix_tenant(f, "tenant-0000000a", "acme");
	assert_fails(f, f->m->ops->tenant_create(f->m, &t, &f->e), ERR_EXISTS, REASON_TENANT);
	t = (struct meta_tenant){.pub = "tenant-0000000a", .name = "other"};
	assert_fails(f, f->m->ops->tenant_create(f->m, &t, &f->e), ERR_EXISTS, REASON_TENANT);
	t = (struct meta_tenant){.pub = "tenant-0000000b", .name = "tenant-0000000a"};
	assert_fails(f, f->m->ops->tenant_create(f->m, &t, &f->e), ERR_EXISTS, REASON_TENANT);
}

static void a_tenant_update_keeps_names_unique(void **state)
{
	struct fix *f = *state;
	int64_t a = fix_tenant(f, "tenant-0000000a", "a");
	struct meta_tenant t = {
		.id = a, .name = "renamed", .display_name = "d", .status = META_SUSPENDED};
	struct meta_tenant got;

	fix_tenant(f, "tenant-0000000b", "b");
	assert_ok(f,
		f->m->ops->tenant_update(f->m, &t,
			META_SET_NAME | META_SET_DISPLAY_NAME | META_SET_STATUS, &f->e));
	assert_ok(f, f->m->ops->tenant_get(f->m, a, f->a, &got, &f->e));
	assert_string_equal(got.name, "renamed");
	assert_int_equal(got.status, META_SUSPENDED);
	t.name = "b";
	t.status = META_ACTIVE;
	assert_fails(f, f->m->ops->tenant_update(f->m, &t, META_SET_NAME, &f->e), ERR_EXISTS,
		REASON_TENANT);
	t.display_name = "e";
	assert_ok(f, f->m->ops->tenant_update(f->m, &t, META_SET_DISPLAY_NAME, &f->e));
	assert_ok(f, f->m->ops->tenant_get(f->m, a, f->a, &got, &f->e));
	assert_string_equal(got.name, "renamed");
	assert_string_equal(got.display_name, "e");
	assert_int_equal(got.status, META_SUSPENDED);
	t = (struct meta_tenant){.id = 99, .name = "x", .display_name = ""};
	assert_fails(f, f->m->ops->tenant_update(f->m, &t, META_SET_NAME, &f->e), ERR_NOT_FOUND,
		REASON_TENANT);
}

static void a_tenant_in_use_stays(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-0000000a", "a"), u = fix_user(f, t, "u");
	int64_t b;

	assert_fails(f, f->m->ops->tenant_delete(f->m, t, &f->e), ERR_EXISTS, REASON_IN_USE);
	b = fix_bucket(f, t, 0, "bbb");
	assert_ok(f, f->m->ops->user_delete(f->m, u, &f->e));
	assert_fails(f, f->m->ops->tenant_delete(f->m, t, &f->e), ERR_EXISTS, REASON_IN_USE);
	assert_ok(f, f->m->ops->bucket_delete(f->m, b, 0, &f->e));
	assert_ok(f, f->m->ops->tenant_delete(f->m, t, &f->e));
	assert_fails(f, f->m->ops->tenant_delete(f->m, t, &f->e), ERR_NOT_FOUND, REASON_TENANT);
	assert_fails(f, f->m->ops->tenant_delete(f->m, 0, &f->e), ERR_NOT_FOUND, REASON_TENANT);
	assert_true(fix_tenant(f, "tenant-0000000a", "a") > t);
}

static void tenants_are_listed_in_pages(void **state)
{
	struct fix *f = *state;
	struct meta_page page = {.limit = 4};
	struct meta_tenant *t;
	size_t n, total = 0;

	for (int i = 0; i < 10; i++) {
		char pub[16], name[16];

		snprintf(pub, sizeof(pub), "tenant-%08x", i);
		snprintf(name, sizeof(name), "t%d", i);
		fix_tenant(f, pub, name);
	}
	do {
		assert_ok(f, f->m->ops->tenant_list(f->m, &page, f->a, &t, &n, &f->e));
		total += n;
		if (n > 0)
			page.after_id = t[n - 1].id;
	} while (n > 0);
	assert_int_equal(total, 10);
}

/* ---- users ---- */

static void user_names_are_unique_per_tenant(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-0000000a", "a");
	struct meta_user u = {.name = "bob", .canonical_id = "zz"}, got;

	fix_user(f, 0, "bob");
	fix_user(f, t, "bob");
	assert_fails(f, f->m->ops->user_create(f->m, &u, &f->e), ERR_EXISTS, REASON_USER);
	u.tenant_id = 99;
	assert_fails(f, f->m->ops->user_create(f->m, &u, &f->e), ERR_NOT_FOUND, REASON_TENANT);
	assert_ok(f, f->m->ops->user_find(f->m, t, SPAN_LIT("bob"), f->a, &got, &f->e));
	assert_int_equal(got.tenant_id, t);
	u = (struct meta_user){.name = "eve"};
	memcpy(u.canonical_id, got.canonical_id, sizeof(u.canonical_id));
	assert_fails(f, f->m->ops->user_create(f->m, &u, &f->e), ERR_EXISTS, REASON_USER);
	assert_fails(f, f->m->ops->user_find(f->m, t, SPAN_LIT("eve"), f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_USER);
}

static void a_user_update_changes_what_may_change(void **state)
{
	struct fix *f = *state;
	int64_t id = fix_user(f, 0, "bob");
	struct meta_user u, got;

	fix_user(f, 0, "eve");
	assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &u, &f->e));
	u.display_name = "Bob";
	u.email = "bob@example.org";
	u.role = META_ROLE_GLOBAL_ADMIN;
	u.status = META_SUSPENDED;
	u.password_hash = "$2b$x";
	assert_ok(f,
		f->m->ops->user_update(f->m, &u,
			META_SET_DISPLAY_NAME | META_SET_EMAIL | META_SET_ROLE |
				META_SET_STATUS | META_SET_PASSWORD,
			&f->e));
	assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &got, &f->e));
	assert_string_equal(got.display_name, "Bob");
	assert_string_equal(got.email, "bob@example.org");
	assert_string_equal(got.password_hash, "$2b$x");
	assert_string_equal(got.canonical_id, u.canonical_id);
	assert_int_equal(got.role, META_ROLE_GLOBAL_ADMIN);
	assert_int_equal(got.status, META_SUSPENDED);
	u.name = "eve";
	assert_fails(f, f->m->ops->user_update(f->m, &u, META_SET_NAME, &f->e), ERR_EXISTS,
		REASON_USER);
	u.id = 99;
	assert_fails(f, f->m->ops->user_update(f->m, &u, META_SET_NAME, &f->e), ERR_NOT_FOUND,
		REASON_USER);
	assert_fails(f, f->m->ops->user_get(f->m, 99, f->a, &got, &f->e), ERR_NOT_FOUND,
		REASON_USER);
}

/* Two people change one user, each from what was read before the other wrote. */
static void an_update_leaves_what_it_does_not_name(void **state)
{
	struct fix *f = *state;
	int64_t id = fix_user(f, 0, "bob");
	struct meta_user stale, u;

	assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &stale, &f->e));
	u = stale;
	u.status = META_SUSPENDED;
	u.password_hash = "$2b$new";
	assert_ok(f,
		f->m->ops->user_update(f->m, &u, META_SET_STATUS | META_SET_PASSWORD, &f->e));
	stale.email = "bob@example.org";
	assert_ok(f, f->m->ops->user_update(f->m, &stale, META_SET_EMAIL, &f->e));
	assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &u, &f->e));
	assert_string_equal(u.email, "bob@example.org");
	assert_string_equal(u.password_hash, "$2b$new");
	assert_int_equal(u.status, META_SUSPENDED);
}

static void password_role_and_status_void_the_sessions(void **state)
{
	static const unsigned voiding[] = {META_SET_PASSWORD, META_SET_ROLE, META_SET_STATUS};
	struct fix *f = *state;
	int64_t id = fix_user(f, 0, "bob"), before;
	struct meta_user u;

	assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &u, &f->e));
	assert_ok(f, f->m->ops->user_update(f->m, &u, META_SET_ROLE | META_SET_STATUS, &f->e));
	before = u.sessions_after_us;
	assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &u, &f->e));
	assert_int_equal(u.sessions_after_us, before);
	u.password_hash = "$2b$x";
	u.role = META_ROLE_GLOBAL_ADMIN;
	u.status = META_SUSPENDED;
	for (size_t i = 0; i < sizeof(voiding) / sizeof(voiding[0]); i++) {
		assert_ok(f, f->m->ops->user_update(f->m, &u, voiding[i], &f->e));
		before = u.sessions_after_us;
		assert_ok(f, f->m->ops->user_get(f->m, id, f->a, &u, &f->e));
		assert_true(u.sessions_after_us > before);
		u.role = META_ROLE_GLOBAL_ADMIN;
		u.status = META_SUSPENDED;
	}
}

static void users_are_listed_by_tenant_or_all(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-0000000a", "a");
	struct meta_page page = {.limit = 100};
	struct meta_user *u;
	size_t n;

	fix_user(f, 0, "a");
	fix_user(f, t, "b");
	fix_user(f, t, "c");
	assert_ok(f, f->m->ops->user_list(f->m, -1, &page, f->a, &u, &n, &f->e));
	assert_int_equal(n, 3);
	assert_ok(f, f->m->ops->user_list(f->m, t, &page, f->a, &u, &n, &f->e));
	assert_int_equal(n, 2);
	assert_string_equal(u[1].name, "c");
	page.after_id = u[0].id;
	assert_ok(f, f->m->ops->user_list(f->m, t, &page, f->a, &u, &n, &f->e));
	assert_int_equal(n, 1);
	assert_ok(f, f->m->ops->user_list(f->m, 0, &page, f->a, &u, &n, &f->e));
	assert_int_equal(n, 0);
}

/* ---- keys ---- */

static int make_key(struct fix *f, const char *key, int64_t user_id)
{
	struct meta_access_key k = {.access_key = key,
		.user_id = user_id,
		.secret = span_of("s\0s", 3),
		.expires_us = 9,
		.description = "d"};

	return f->m->ops->key_create(f->m, &k, &f->e);
}

static void deleting_a_user_deletes_his_keys_but_not_an_owner(void **state)
{
	struct fix *f = *state;
	int64_t u = fix_user(f, 0, "bob"), b = fix_bucket(f, 0, u, "bbb");
	struct meta_access_key k;

	assert_ok(f, make_key(f, "AKIA1", u));
	assert_fails(f, f->m->ops->user_delete(f->m, u, &f->e), ERR_EXISTS, REASON_IN_USE);
	assert_ok(f, f->m->ops->key_get(f->m, SPAN_LIT("AKIA1"), f->a, &k, &f->e));
	assert_ok(f, f->m->ops->bucket_delete(f->m, b, 0, &f->e));
	assert_ok(f, f->m->ops->user_delete(f->m, u, &f->e));
	assert_fails(f, f->m->ops->key_get(f->m, SPAN_LIT("AKIA1"), f->a, &k, &f->e),
		ERR_NOT_FOUND, REASON_ACCESS_KEY);
	assert_fails(f, f->m->ops->user_delete(f->m, u, &f->e), ERR_NOT_FOUND, REASON_USER);
}

static void keys_are_unique_and_need_their_user(void **state)
{
	struct fix *f = *state;
	int64_t u = fix_user(f, 0, "bob"), v = fix_user(f, 0, "eve");
	struct meta_access_key k, *list;
	size_t n;

	assert_ok(f, make_key(f, "AKIA1", u));
	assert_fails(f, make_key(f, "AKIA1", v), ERR_EXISTS, REASON_ACCESS_KEY);
	assert_fails(f, make_key(f, "AKIA2", 99), ERR_NOT_FOUND, REASON_USER);
	assert_ok(f, make_key(f, "AKIA3", v));
	assert_ok(f, f->m->ops->key_get(f->m, SPAN_LIT("AKIA1"), f->a, &k, &f->e));
	assert_true(span_eq(k.secret, span_of("s\0s", 3)));
	assert_int_equal(k.expires_us, 9);
	k.status = META_SUSPENDED;
	k.expires_us = 0;
	k.description = "new";
	assert_ok(f,
		f->m->ops->key_update(f->m, &k,
			META_SET_STATUS | META_SET_EXPIRES | META_SET_DESCRIPTION, &f->e));
	k.status = META_ACTIVE;
	assert_ok(f, f->m->ops->key_update(f->m, &k, META_SET_EXPIRES, &f->e));
	assert_ok(f, f->m->ops->key_list(f->m, u, f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].status, META_SUSPENDED);
	assert_string_equal(list[0].description, "new");
	assert_ok(f, f->m->ops->key_list(f->m, -1, f->a, &list, &n, &f->e));
	assert_int_equal(n, 2);
	assert_ok(f, f->m->ops->key_delete(f->m, SPAN_LIT("AKIA1"), &f->e));
	assert_fails(f, f->m->ops->key_delete(f->m, SPAN_LIT("AKIA1"), &f->e), ERR_NOT_FOUND,
		REASON_ACCESS_KEY);
	assert_fails(f, f->m->ops->key_update(f->m, &k, META_SET_STATUS, &f->e), ERR_NOT_FOUND,
		REASON_ACCESS_KEY);
}

static void a_principal_is_key_user_and_tenant(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-0000000a", "acme");
	int64_t u = fix_user(f, t, "bob"), g = fix_user(f, 0, "root");
	struct meta_principal p;

	assert_ok(f, make_key(f, "AKIA1", u));
	assert_ok(f, make_key(f, "AKIA2", g));
	assert_ok(f, f->m->ops->principal_get(f->m, SPAN_LIT("AKIA1"), f->a, &p, &f->e));
	assert_string_equal(p.key.access_key, "AKIA1");
	assert_string_equal(p.user.name, "bob");
	assert_string_equal(p.tenant.pub, "tenant-0000000a");
	assert_string_equal(p.tenant.name, "acme");
	assert_ok(f, f->m->ops->principal_get(f->m, SPAN_LIT("AKIA2"), f->a, &p, &f->e));
	assert_int_equal(p.user.id, g);
	assert_int_equal(p.tenant.id, 0);
	assert_string_equal(p.tenant.pub, "");
	assert_string_equal(p.tenant.name, "");
	assert_fails(f, f->m->ops->principal_get(f->m, SPAN_LIT("AKIA"), f->a, &p, &f->e),
		ERR_NOT_FOUND, REASON_ACCESS_KEY);
}

/* ---- buckets ---- */

static void the_same_bucket_name_lives_in_every_tenant(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-0000000a", "acme");
	int64_t a = fix_bucket(f, 0, 0, "backups"), b = fix_bucket(f, t, 0, "backups");
	struct meta_bucket got;

	assert_int_not_equal(a, b);
	fix_put(f, b, "k", 3);
	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("backups"), f->a, &got, &f->e));
	assert_int_equal(got.id, a);
	assert_int_equal(got.objects, 0);
	assert_string_equal(got.tenant_pub, "");
	assert_ok(f, f->m->ops->bucket_get(f->m, t, SPAN_LIT("backups"), f->a, &got, &f->e));
	assert_int_equal(got.id, b);
	assert_int_equal(got.bytes, 3);
	assert_string_equal(got.tenant_pub, "tenant-0000000a");
	assert_fails(f, f->m->ops->bucket_get(f->m, 99, SPAN_LIT("backups"), f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
}

static void an_existing_bucket_says_whose_it_is(void **state)
{
	struct fix *f = *state;
	int64_t u = fix_user(f, 0, "bob"), v = fix_user(f, 0, "eve"),
		id = fix_bucket(f, 0, u, "bbb");
	struct meta_bucket b = {.owner_id = u, .name = "bbb"};

	assert_fails(
		f, f->m->ops->bucket_create(f->m, &b, &f->e), ERR_EXISTS, REASON_BUCKET_OWNED);
	assert_int_equal(b.id, id);
	b = (struct meta_bucket){.owner_id = v, .name = "bbb"};
	assert_fails(
		f, f->m->ops->bucket_create(f->m, &b, &f->e), ERR_EXISTS, REASON_BUCKET_TAKEN);
	assert_int_equal(b.id, id);
	assert_int_equal(b.owner_id, u);
	b = (struct meta_bucket){.owner_id = 99, .name = "ccc"};
	assert_fails(f, f->m->ops->bucket_create(f->m, &b, &f->e), ERR_NOT_FOUND, REASON_USER);
	b = (struct meta_bucket){.tenant_id = 99, .name = "ccc"};
	assert_fails(
		f, f->m->ops->bucket_create(f->m, &b, &f->e), ERR_NOT_FOUND, REASON_TENANT);
}

static void a_bucket_update_moves_ownership(void **state)
{
	struct fix *f = *state;
	int64_t u = fix_user(f, 0, "bob");
	struct meta_bucket b = {.id = fix_bucket(f, 0, 0, "bbb"), .owner_id = u, .flags = 2},
			   got;

	assert_ok(f, f->m->ops->bucket_update(f->m, &b, &f->e));
	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("bbb"), f->a, &got, &f->e));
	assert_int_equal(got.owner_id, u);
	assert_int_equal(got.flags, 0); /* versioning has a way of its own */
	b.owner_id = 99;
	assert_fails(f, f->m->ops->bucket_update(f->m, &b, &f->e), ERR_NOT_FOUND, REASON_USER);
	b = (struct meta_bucket){.id = 99};
	assert_fails(
		f, f->m->ops->bucket_update(f->m, &b, &f->e), ERR_NOT_FOUND, REASON_BUCKET);
}

static void a_bucket_with_objects_stays(void **state)
{
	struct fix *f = *state;
	int64_t b = fix_bucket(f, fix_tenant(f, "tenant-0000000a", "a"), 0, "bbb");
	struct meta_gc *g;

	fix_put(f, b, "k", 1);
	assert_fails(f, f->m->ops->bucket_delete(f->m, b, 7, &f->e), ERR_EXISTS,
		REASON_BUCKET_NOT_EMPTY);
	assert_ok(f, fix_delete(f, b, "k"));
	assert_ok(f, f->m->ops->bucket_delete(f->m, b, 7, &f->e));
	assert_fails(
		f, f->m->ops->bucket_delete(f->m, b, 7, &f->e), ERR_NOT_FOUND, REASON_BUCKET);
	assert_int_equal(fix_garbage(f, &g), 2);
	assert_int_equal(g[0].kind, META_GC_BUCKET);
	assert_int_equal(g[0].due_us, 7);
	assert_string_equal(g[0].tenant_pub, "tenant-0000000a");
	assert_string_equal(g[0].bucket, "bbb");
	assert_int_equal(g[1].kind, META_GC_OBJECT);
	fix_assert_counted(f);
}

static size_t list(struct fix *f, int64_t tenant, int64_t owner, const char *prefix,
	const char *after, unsigned limit, struct meta_bucket **b)
{
	size_t n;

	assert_ok(f,
		f->m->ops->bucket_list(f->m, tenant, owner, span_str(prefix), span_str(after),
			limit, f->a, b, &n, &f->e));
	return n;
}

static void buckets_are_listed_by_name_prefix_owner_and_page(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-0000000a", "a"), u = fix_user(f, 0, "u");
	struct meta_bucket *b;

	fix_bucket(f, 0, 0, "ccc");
	fix_bucket(f, 0, u, "abc");
	fix_bucket(f, 0, 0, "abd");
	fix_bucket(f, t, 0, "abc");
	assert_int_equal(list(f, 0, -1, NULL, NULL, 10, &b), 3);
	assert_string_equal(b[0].name, "abc");
	assert_string_equal(b[2].name, "ccc");
	assert_int_equal(list(f, 0, -1, "ab", NULL, 10, &b), 2);
	assert_int_equal(list(f, 0, u, NULL, NULL, 10, &b), 1);
	assert_int_equal(list(f, 0, -1, NULL, "abc", 1, &b), 1);
	assert_string_equal(b[0].name, "abd");
	assert_int_equal(list(f, 0, -1, NULL, NULL, 0, &b), 0);
	assert_int_equal(list(f, -1, -1, NULL, NULL, 10, &b), 4);
	assert_int_equal(b[0].tenant_id, 0);
	assert_int_equal(b[1].tenant_id, t);
	assert_int_equal(list(f, -1, -1, NULL, "abc", 10, &b), 2);
	assert_int_equal(list(f, -1, -1, NULL, "abc/0", 10, &b), 3);
	assert_int_equal(b[0].tenant_id, t);
}

/* ---- indexes, epoch ---- */

static int steps_of(struct fix *f, enum stmt_id id)
{
	return sqlite3_stmt_status(sq(f->m)->writer.c->st[id], SQLITE_STMTSTATUS_VM_STEP, 1);
}

static void a_late_page_of_buckets_costs_no_more_than_the_first(void **state)
{
	static const enum stmt_id ids[] = {ST_BUCKET_LIST, ST_BUCKET_LIST_ALL};
	struct fix *f = *state;
	struct meta_bucket *b;
	char name[16];
	size_t n;

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "bucket-%03d", i);
		fix_bucket(f, 0, 0, name);
	}
	for (int64_t i = 0; i < 2; i++) {
		assert_ok(f,
			f->m->ops->bucket_list(
				f->m, -i, -1, SPAN_NULL, SPAN_NULL, 10, f->a, &b, &n, &f->e));
		int first = steps_of(f, ids[i]);
		assert_ok(f,
			f->m->ops->bucket_list(f->m, -i, -1, SPAN_NULL, SPAN_LIT("bucket-900"),
				10, f->a, &b, &n, &f->e));
		assert_int_equal(n, 10);
		assert_string_equal(b[0].name, "bucket-901");
		assert_true(steps_of(f, ids[i]) < 2 * first);
	}
}

static void a_few_buckets_among_many_are_found_at_once(void **state)
{
	struct fix *f = *state;
	int64_t ann = fix_user(f, 0, "ann");
	struct meta_bucket *b;
	char name[16];
	size_t n;

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "bucket-%03d", i);
		fix_bucket(f, 0, i % 500 == 499 ? ann : 0, name);
	}
	assert_ok(f,
		f->m->ops->bucket_list(
			f->m, 0, ann, SPAN_NULL, SPAN_NULL, 10, f->a, &b, &n, &f->e));
	assert_int_equal(n, 2);
	assert_string_equal(b[1].name, "bucket-999");
	assert_true(steps_of(f, ST_BUCKET_LIST_OWNED) < 200);
}

static void the_epoch_moves_with_principals_buckets_and_settings_only(void **state)
{
	struct fix *f = *state;
	uint64_t e0 = epoch(f), gen;
	int64_t b;

	b = fix_bucket(f, 0, fix_user(f, fix_tenant(f, "tenant-0000000a", "a"), "u"), "bbb");
	assert_int_equal(epoch(f), e0 + 3);
	fix_put(f, b, "k", 1);
	assert_ok(f, f->m->ops->probe(f->m, &f->e));
	assert_int_equal(epoch(f), e0 + 3);
	assert_ok(f, f->m->ops->setting_put(f->m, "s", SPAN_LIT("v"), &f->e));
	assert_int_equal(epoch(f), e0 + 4);
	assert_fails(
		f, f->m->ops->tenant_delete(f->m, 99, &f->e), ERR_NOT_FOUND, REASON_TENANT);
	assert_int_equal(epoch(f), e0 + 4);
	assert_ok(f, f->m->ops->gen_next(f->m, &gen, &f->e));
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_in_memory, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(a_tenant_is_found_by_public_id_and_by_name),
		T(tenant_names_and_ids_share_one_namespace),
		T(a_tenant_update_keeps_names_unique),
		T(a_tenant_in_use_stays),
		T(tenants_are_listed_in_pages),
		T(user_names_are_unique_per_tenant),
		T(a_user_update_changes_what_may_change),
		T(an_update_leaves_what_it_does_not_name),
		T(password_role_and_status_void_the_sessions),
		T(users_are_listed_by_tenant_or_all),
		T(deleting_a_user_deletes_his_keys_but_not_an_owner),
		T(keys_are_unique_and_need_their_user),
		T(a_principal_is_key_user_and_tenant),
		T(the_same_bucket_name_lives_in_every_tenant),
		T(an_existing_bucket_says_whose_it_is),
		T(a_bucket_update_moves_ownership),
		T(a_bucket_with_objects_stays),
		T(buckets_are_listed_by_name_prefix_owner_and_page),
		T(a_late_page_of_buckets_costs_no_more_than_the_first),
		T(a_few_buckets_among_many_are_found_at_once),
		T(the_epoch_moves_with_principals_buckets_and_settings_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
