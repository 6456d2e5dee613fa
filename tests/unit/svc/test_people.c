/* SPDX-License-Identifier: MIT */
/* Directory, tenants, users, keys, login. */
#include "model/names.h"
#include "tests/unit/svc/fixture.h"

static int open_fix(void **state)
{
	*state = calloc(1, sizeof(struct fix));
	fix_open(*state, ERR_BUSY);
	return 0;
}

static int close_fix(void **state)
{
	fix_close(*state);
	free(*state);
	return 0;
}

static const char *make_key(struct fix *f, int64_t user_id, int64_t expires_us)
{
	const char *key, *secret;

	assert_ok(f,
		svc_key_create(f->s, user_id, SPAN_NULL, SPAN_NULL, SPAN_NULL, expires_us, f->a,
			&key, &secret, &f->e));
	return key;
}

static struct meta_tenant make_tenant(struct fix *f, const char *name)
{
	struct meta_tenant t;

	assert_ok(f, svc_tenant_create(f->s, span_str(name), SPAN_NULL, f->a, &t, &f->e));
	return t;
}

static void a_host_below_a_tenants_domain_means_his_namespace(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct span domain, tenant;

	for (int i = 0; i < 2; i++) { /* also when it was remembered that there is none */
		assert_ok(f, svc_domain_find(f->s, SPAN_LIT("b.acme.example"), f->a, &domain, &tenant, &f->e));
		assert_true(span_absent(domain) && span_absent(tenant));
	}
	t.domains = "Acme.example";
	assert_fails(f, svc_tenant_update(f->s, &t, META_SET_DOMAINS, &f->e), ERR_INVALID, REASON_NAME);
	t.domains = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q";
	assert_fails(f, svc_tenant_update(f->s, &t, META_SET_DOMAINS, &f->e), ERR_LIMIT, REASON_NONE);
	t.domains = "acme.example";
	assert_ok(f, svc_tenant_update(f->s, &t, META_SET_DOMAINS, &f->e));
	for (int i = 0; i < 2; i++) {
		assert_ok(f, svc_domain_find(f->s, SPAN_LIT("a.b.acme.example"), f->a, &domain, &tenant, &f->e));
		assert_span_eq(domain, "acme.example");
		assert_span_eq(tenant, t.pub);
	}
	assert_ok(f, svc_domain_find(f->s, SPAN_LIT("127.0.0.1"), f->a, &domain, &tenant, &f->e));
	assert_true(span_absent(domain));
}

static void an_access_key_leads_to_its_user_and_secret(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct meta_user u = fix_user(f, t.id, "bob", META_ROLE_TENANT_ADMIN);
	const char *key, *secret;
	struct svc_principal p;

	assert_ok(f,
		svc_key_create(f->s, u.id, SPAN_NULL, SPAN_NULL, SPAN_LIT("laptop"), 0, f->a,
			&key, &secret, &f->e));
	assert_int_equal(strlen(key), 20);
	assert_int_equal(strlen(secret), 40);
	for (int i = 0; i < 2; i++) { /* loaded, then from the cache */
		assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
		assert_span_eq(p.secret, secret);
		assert_int_equal(p.caller.user_id, u.id);
		assert_int_equal(p.caller.tenant_id, t.id);
		assert_int_equal(p.caller.role, META_ROLE_TENANT_ADMIN);
		assert_string_equal(p.canonical_id, u.canonical_id);
		assert_string_equal(p.tenant_pub, t.pub);
		assert_ok(f, svc_principal_check(f->s, &p, &f->e));
	}
	assert_int_equal(cache_count(f->s->principals), 1);
}

static void an_unknown_access_key_is_not_found_and_not_remembered(void **state)
{
	struct fix *f = *state;
	struct svc_principal p;

	assert_fails(f,
		svc_principal_get(f->s, SPAN_LIT("AKIAUNKNOWNUNKNOWN00"), f->a, &p, &f->e),
		ERR_NOT_FOUND, REASON_ACCESS_KEY);
	assert_fails(f, svc_principal_get(f->s, SPAN_LIT("x'--\n"), f->a, &p, &f->e),
		ERR_NOT_FOUND, REASON_ACCESS_KEY);
	assert_fails(f, svc_principal_get(f->s, SPAN_NULL, f->a, &p, &f->e), ERR_NOT_FOUND,
		REASON_ACCESS_KEY);
	assert_int_equal(cache_count(f->s->principals), 0);
}

static void what_changes_holds_for_the_next_request(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct meta_user u = fix_user(f, t.id, "bob", META_ROLE_USER);
	const char *key = make_key(f, u.id, 0);
	struct meta_access_key k;
	struct svc_principal p;

	assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
	assert_ok(f, f->meta->ops->key_get(f->meta, span_str(key), f->a, &k, &f->e));
	k.status = META_SUSPENDED;
	assert_ok(f, f->meta->ops->key_update(f->meta, &k, META_SET_STATUS, &f->e));
	assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
	assert_fails(f, svc_principal_check(f->s, &p, &f->e), ERR_DENIED, REASON_KEY_DISABLED);
	u.status = META_SUSPENDED;
	assert_ok(f, svc_user_update(f->s, &u, META_SET_STATUS, &f->e));
	assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
	assert_fails(
		f, svc_principal_check(f->s, &p, &f->e), ERR_DENIED, REASON_SUSPENDED_USER);
	t.status = META_SUSPENDED;
	assert_ok(f, svc_tenant_update(f->s, &t, META_SET_STATUS, &f->e));
	assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
	assert_fails(
		f, svc_principal_check(f->s, &p, &f->e), ERR_DENIED, REASON_SUSPENDED_TENANT);
	assert_ok(f, f->meta->ops->key_delete(f->meta, span_str(key), &f->e));
	assert_fails(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e), ERR_NOT_FOUND,
		REASON_ACCESS_KEY);
}

static void a_key_expires_by_the_clock(void **state)
{
	struct fix *f = *state;
	const char *key = make_key(f, f->user.id, clock_now_us(&f->clock) + 10 * FIX_SECOND_US);
	struct svc_principal p;

	assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
	assert_ok(f, svc_principal_check(f->s, &p, &f->e));
	fix_advance(f, 10);
	assert_ok(f, svc_principal_get(f->s, span_str(key), f->a, &p, &f->e));
	assert_fails(f, svc_principal_check(f->s, &p, &f->e), ERR_DENIED, REASON_KEY_EXPIRED);
}

static void a_given_pair_is_taken_and_a_taken_key_refused(void **state)
{
	struct fix *f = *state;
	const char *key, *secret;
	struct svc_principal p;

	assert_ok(f,
		svc_key_create(f->s, f->user.id, SPAN_LIT("MYACCESSKEY0000000AA"),
			SPAN_LIT("my/secret+of/mine0000000"), SPAN_NULL, 0, f->a, &key, &secret,
			&f->e));
	assert_ok(
		f, svc_principal_get(f->s, SPAN_LIT("MYACCESSKEY0000000AA"), f->a, &p, &f->e));
	assert_span_eq(p.secret, "my/secret+of/mine0000000");
	assert_fails(f,
		svc_key_create(f->s, f->user.id, SPAN_LIT("MYACCESSKEY0000000AA"), SPAN_NULL,
			SPAN_NULL, 0, f->a, &key, &secret, &f->e),
		ERR_EXISTS, REASON_ACCESS_KEY);
	assert_fails(f,
		svc_key_create(f->s, f->user.id, SPAN_LIT("short"), SPAN_NULL, SPAN_NULL, 0,
			f->a, &key, &secret, &f->e),
		ERR_INVALID, REASON_NAME);
	assert_fails(f,
		svc_key_create(f->s, f->user.id, SPAN_NULL, SPAN_LIT("with blank 000"),
			SPAN_NULL, 0, f->a, &key, &secret, &f->e),
		ERR_INVALID, REASON_PASSWORD);
}

static void two_tenants_have_each_their_bucket_of_one_name(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t1 = make_tenant(f, "acme"), t2 = make_tenant(f, "globex");
	struct meta_user u1 = fix_user(f, t1.id, "ann", META_ROLE_USER),
			 u2 = fix_user(f, t2.id, "ann", META_ROLE_USER);
	struct caller c1 = fix_caller(&u1), c2 = fix_caller(&u2),
		      global = {.role = META_ROLE_GLOBAL_ADMIN};
	struct meta_bucket b1, b2, b;
	struct span explicit_name;

	assert_fails(f, svc_bucket_find(f->s, &c1, SPAN_LIT("backups"), f->a, &b, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	assert_ok(f,
		svc_bucket_create(f->s, &c1, SPAN_LIT("backups"), SPAN_NULL, f->a, &b1, &f->e));
	assert_fails(f, svc_bucket_find(f->s, &c2, SPAN_LIT("backups"), f->a, &b, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	assert_ok(f,
		svc_bucket_create(f->s, &c2, SPAN_LIT("backups"), SPAN_NULL, f->a, &b2, &f->e));
	for (int i = 0; i < 2; i++) {
		assert_ok(f, svc_bucket_find(f->s, &c1, SPAN_LIT("backups"), f->a, &b, &f->e));
		assert_int_equal(b.id, b1.id);
		assert_string_equal(b.tenant_pub, t1.pub);
		assert_ok(f, svc_bucket_find(f->s, &c2, SPAN_LIT("backups"), f->a, &b, &f->e));
		assert_int_equal(b.id, b2.id);
	}
	assert_fails(f, svc_bucket_find(f->s, &global, SPAN_LIT("backups"), f->a, &b, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	explicit_name = span_str(arena_printf(f->a, "%s--backups", t2.pub));
	assert_ok(f, svc_bucket_find(f->s, &global, explicit_name, f->a, &b, &f->e));
	assert_int_equal(b.id, b2.id);
	assert_ok(f, svc_bucket_find(f->s, &c1, SPAN_LIT("global--photos"), f->a, &b, &f->e));
	assert_int_equal(b.id, f->bucket.id);
	assert_fails(f,
		svc_bucket_find(
			f->s, &c1, SPAN_LIT("tenant-00000000--backups"), f->a, &b, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
}

static void a_deleted_bucket_is_gone_for_the_next_request(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;

	assert_ok(f, svc_bucket_find(f->s, &f->caller, SPAN_LIT("photos"), f->a, &b, &f->e));
	assert_ok(f, svc_bucket_delete(f->s, &b, &f->e));
	assert_fails(f, svc_bucket_find(f->s, &f->caller, SPAN_LIT("photos"), f->a, &b, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
}

static void buckets_of_another_namespace_are_made_by_a_global_admin_only(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct meta_user admin = fix_user(f, 0, "root", META_ROLE_GLOBAL_ADMIN);
	struct meta_user member = fix_user(f, t.id, "bob", META_ROLE_USER);
	struct caller global = fix_caller(&admin), mine = fix_caller(&member);
	struct span name = span_str(arena_printf(f->a, "%s--shared", t.pub));
	struct meta_bucket b;

	assert_fails(f, svc_bucket_create(f->s, &f->caller, name, SPAN_NULL, f->a, &b, &f->e),
		ERR_DENIED, REASON_NONE);
	assert_fails(f,
		svc_bucket_create(
			f->s, &mine, SPAN_LIT("global--x11"), SPAN_NULL, f->a, &b, &f->e),
		ERR_DENIED, REASON_NONE);
	assert_fails(f,
		svc_bucket_create(f->s, &f->caller, SPAN_LIT("tenant-00000000--x11"), SPAN_NULL,
			f->a, &b, &f->e),
		ERR_DENIED, REASON_NONE);
	assert_fails(f,
		svc_bucket_create(f->s, &global, SPAN_LIT("tenant-00000000--x11"), SPAN_NULL,
			f->a, &b, &f->e),
		ERR_INVALID, REASON_BUCKET_NAME);
	assert_ok(f, svc_bucket_create(f->s, &global, name, SPAN_NULL, f->a, &b, &f->e));
	assert_int_equal(b.tenant_id, t.id);
	assert_string_equal(b.name, "shared");
	assert_string_equal(b.tenant_pub, t.pub);
	assert_ok(f, svc_bucket_find(f->s, &mine, SPAN_LIT("shared"), f->a, &b, &f->e));
	assert_fails(f,
		svc_bucket_create(f->s, &f->caller, SPAN_LIT("tenant-01234567"), SPAN_NULL,
			f->a, &b, &f->e),
		ERR_INVALID, REASON_BUCKET_NAME);
	assert_fails(f,
		svc_bucket_create(f->s, &f->caller, SPAN_LIT("No"), SPAN_NULL, f->a, &b, &f->e),
		ERR_INVALID, REASON_BUCKET_NAME);
	assert_fails(f,
		svc_bucket_create(f->s, &(struct caller){.anonymous = true}, SPAN_LIT("abc"),
			SPAN_NULL, f->a, &b, &f->e),
		ERR_DENIED, REASON_NONE);
}

static void an_existing_bucket_says_whose_it_is(void **state)
{
	struct fix *f = *state;
	struct meta_user other = fix_user(f, 0, "eve", META_ROLE_USER);
	struct caller c = fix_caller(&other);
	struct meta_bucket b;

	assert_fails(f,
		svc_bucket_create(
			f->s, &f->caller, SPAN_LIT("photos"), SPAN_NULL, f->a, &b, &f->e),
		ERR_EXISTS, REASON_BUCKET_OWNED);
	assert_int_equal(b.id, f->bucket.id);
	assert_fails(f,
		svc_bucket_create(f->s, &c, SPAN_LIT("photos"), SPAN_NULL, f->a, &b, &f->e),
		ERR_EXISTS, REASON_BUCKET_TAKEN);
}

static void a_list_shows_own_buckets_and_an_admin_all_of_his_namespace(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct meta_user u1 = fix_user(f, t.id, "bob", META_ROLE_USER),
			 u2 = fix_user(f, t.id, "cid", META_ROLE_TENANT_ADMIN);
	struct caller c1 = fix_caller(&u1), c2 = fix_caller(&u2),
		      anonymous = {.anonymous = true};
	struct meta_bucket b, *list;
	size_t n;

	assert_ok(
		f, svc_bucket_create(f->s, &c1, SPAN_LIT("bobs"), SPAN_NULL, f->a, &b, &f->e));
	assert_ok(
		f, svc_bucket_create(f->s, &c2, SPAN_LIT("cids"), SPAN_NULL, f->a, &b, &f->e));
	assert_ok(f,
		svc_bucket_list(f->s, &c1, SPAN_NULL, SPAN_NULL, 100, f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "bobs");
	assert_ok(f,
		svc_bucket_list(f->s, &c2, SPAN_NULL, SPAN_NULL, 100, f->a, &list, &n, &f->e));
	assert_int_equal(n, 2);
	assert_ok(f,
		svc_bucket_list(
			f->s, &f->caller, SPAN_NULL, SPAN_NULL, 100, f->a, &list, &n, &f->e));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "photos");
	assert_fails(f,
		svc_bucket_list(
			f->s, &anonymous, SPAN_NULL, SPAN_NULL, 100, f->a, &list, &n, &f->e),
		ERR_DENIED, REASON_NONE);
}

static void an_anonymous_caller_sees_the_configured_namespace(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct meta_bucket b;
	struct caller c;

	assert_ok(f, svc_anonymous(f->s, &c, &f->e));
	assert_true(c.anonymous);
	assert_int_equal(c.tenant_id, 0);
	f->cfg.anonymous_tenant = "acme";
	assert_ok(f, svc_anonymous(f->s, &c, &f->e));
	assert_int_equal(c.tenant_id, t.id);
	f->cfg.anonymous_tenant = "nobody";
	assert_ok(f, svc_anonymous(f->s, &c, &f->e));
	assert_fails(f, svc_bucket_find(f->s, &c, SPAN_LIT("photos"), f->a, &b, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	t.status = META_SUSPENDED;
	assert_ok(f, svc_tenant_update(f->s, &t, META_SET_STATUS, &f->e));
	f->cfg.anonymous_tenant = "acme";
	assert_fails(f, svc_anonymous(f->s, &c, &f->e), ERR_DENIED, REASON_SUSPENDED_TENANT);
}

static void an_owner_has_a_name_until_deleted(void **state)
{
	struct fix *f = *state;
	struct meta_user u = fix_user(f, 0, "eve", META_ROLE_USER);
	const char *id, *name;

	for (int i = 0; i < 2; i++) {
		assert_ok(f, svc_owner_get(f->s, u.id, f->a, &id, &name, &f->e));
		assert_string_equal(id, u.canonical_id);
		assert_string_equal(name, "eve");
	}
	assert_ok(f, f->meta->ops->user_delete(f->meta, u.id, &f->e));
	assert_ok(f, svc_owner_get(f->s, u.id, f->a, &id, &name, &f->e));
	assert_string_equal(id, "");
	assert_string_equal(name, "");
}

static void a_cache_stays_within_its_bound(void **state)
{
	struct cache *c = cache_new(64);

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t *v = malloc(sizeof(*v));

		*v = i;
		cache_put(c, span_of(&i, sizeof(i)), 7, v, sizeof(*v));
	}
	assert_true(cache_count(c) <= 64);
	assert_true(cache_count(c) >= 16);
	cache_free(c);
}

static void copy_u64(const void *value, void *ctx)
{
	memcpy(ctx, value, sizeof(uint64_t));
}

static void an_entry_holds_for_its_epoch_only(void **state)
{
	struct cache *c = cache_new(64);
	uint64_t *v = malloc(sizeof(*v)), got = 0;

	(void)state;
	*v = 42;
	cache_put(c, SPAN_LIT("k"), 7, v, sizeof(*v));
	assert_false(cache_get(c, SPAN_LIT("k"), 8, copy_u64, &got));
	assert_false(cache_get(c, SPAN_LIT("j"), 7, copy_u64, &got));
	assert_true(cache_get(c, SPAN_LIT("k"), 7, copy_u64, &got));
	assert_int_equal(got, 42);
	cache_free(c);
}

static void bad_names_and_roles_make_no_user(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct meta_user u;
	struct svc_new_user in = {.name = SPAN_LIT("no blanks")};

	assert_fails(f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_INVALID, REASON_NAME);
	in.name = SPAN_LIT("ann");
	assert_fails(f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_EXISTS, REASON_USER);
	in.name = SPAN_LIT("dan");
	in.email = SPAN_LIT("nowhere");
	assert_fails(f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_INVALID, REASON_NAME);
	in.email = SPAN_LIT("a@b\0c");
	assert_fails(f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_INVALID, REASON_NAME);
	in.email = SPAN_NULL;
	in.role = META_ROLE_TENANT_ADMIN;
	assert_fails(f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_INVALID, REASON_NONE);
	in.role = META_ROLE_GLOBAL_ADMIN;
	in.tenant_id = t.id;
	assert_fails(f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_INVALID, REASON_NONE);
	in.role = META_ROLE_USER;
	in.password = SPAN_LIT("short");
	assert_fails(
		f, svc_user_create(f->s, &in, f->a, &u, &f->e), ERR_INVALID, REASON_PASSWORD);
	in.password = SPAN_NULL;
	assert_ok(f, svc_user_create(f->s, &in, f->a, &u, &f->e));
	u.role = META_ROLE_GLOBAL_ADMIN;
	assert_fails(
		f, svc_user_update(f->s, &u, META_SET_ROLE, &f->e), ERR_INVALID, REASON_NONE);
}

static void tenants_have_ids_and_no_misleading_names(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");

	assert_true(name_tenant_id_legal(span_str(t.pub)));
	assert_string_equal(t.display_name, "acme");
	assert_fails(f, svc_tenant_create(f->s, SPAN_LIT("acme"), SPAN_NULL, f->a, &t, &f->e),
		ERR_EXISTS, REASON_TENANT);
	assert_fails(f, svc_tenant_create(f->s, SPAN_LIT("global"), SPAN_NULL, f->a, &t, &f->e),
		ERR_INVALID, REASON_NAME);
	assert_fails(f, svc_tenant_create(f->s, SPAN_LIT("all"), SPAN_NULL, f->a, &t, &f->e),
		ERR_INVALID, REASON_NAME);
	assert_fails(f,
		svc_tenant_create(
			f->s, SPAN_LIT("tenant-0123abcd"), SPAN_NULL, f->a, &t, &f->e),
		ERR_INVALID, REASON_NAME);
}

static void login_wants_the_right_tenant_user_password_and_standing(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t = make_tenant(f, "acme");
	struct svc_new_user in = {
		.tenant_id = t.id, .name = SPAN_LIT("bob"), .password = SPAN_LIT("secret-12")};
	struct span name = SPAN_LIT("bob"), right = SPAN_LIT("secret-12"),
		    acme = SPAN_LIT("acme");
	struct meta_user u, got;

	assert_ok(f, svc_user_create(f->s, &in, f->a, &u, &f->e));
	assert_ok(f, svc_login(f->s, acme, name, right, f->a, &got, &f->e));
	assert_int_equal(got.id, u.id);
	assert_ok(f, svc_login(f->s, span_str(t.pub), name, right, f->a, &got, &f->e));
	assert_fails(f, svc_login(f->s, SPAN_NULL, name, right, f->a, &got, &f->e), ERR_DENIED,
		REASON_NONE);
	assert_fails(f, svc_login(f->s, SPAN_LIT("nil"), name, right, f->a, &got, &f->e),
		ERR_DENIED, REASON_NONE);
	assert_fails(f, svc_login(f->s, acme, name, SPAN_LIT("secret-13"), f->a, &got, &f->e),
		ERR_DENIED, REASON_NONE);
	assert_fails(f, svc_login(f->s, acme, SPAN_LIT("eve"), right, f->a, &got, &f->e),
		ERR_DENIED, REASON_NONE);
	assert_fails(f,
		svc_login(f->s, SPAN_NULL, SPAN_LIT("ann"), SPAN_LIT(""), f->a, &got, &f->e),
		ERR_DENIED, REASON_NONE);
	fix_advance(f, 5);
	assert_ok(f, svc_user_set_password(f->s, u.id, SPAN_LIT("another-12"), f->a, &f->e));
	assert_fails(f, svc_login(f->s, acme, name, right, f->a, &got, &f->e), ERR_DENIED,
		REASON_NONE);
	assert_ok(f, svc_login(f->s, acme, name, SPAN_LIT("another-12"), f->a, &got, &f->e));
	assert_int_equal(got.sessions_after_us, clock_now_us(&f->clock));
	got.status = META_SUSPENDED;
	assert_ok(f, svc_user_update(f->s, &got, META_SET_STATUS, &f->e));
	assert_fails(f, svc_login(f->s, acme, name, SPAN_LIT("another-12"), f->a, &u, &f->e),
		ERR_DENIED, REASON_NONE);
	got.status = META_ACTIVE;
	assert_ok(f, svc_user_update(f->s, &got, META_SET_STATUS, &f->e));
	t.status = META_SUSPENDED;
	assert_ok(f, svc_tenant_update(f->s, &t, META_SET_STATUS, &f->e));
	assert_fails(f, svc_login(f->s, acme, name, SPAN_LIT("another-12"), f->a, &u, &f->e),
		ERR_DENIED, REASON_NONE);
}

static void the_first_start_makes_an_admin_once(void **state)
{
	struct fix *f = *state;
	struct svc_first_start first;
	struct svc_principal p;
	struct meta_user u;

	assert_ok(f, svc_first_start(f->s, SPAN_NULL, f->a, &first, &f->e));
	assert_false(first.made); /* there is ann */
	assert_ok(f, svc_bucket_delete(f->s, &f->bucket, &f->e));
	assert_ok(f, f->meta->ops->user_delete(f->meta, f->user.id, &f->e));
	assert_ok(f, svc_first_start(f->s, SPAN_NULL, f->a, &first, &f->e));
	assert_true(first.made);
	assert_int_equal(strlen(first.password), 20);
	assert_ok(f,
		svc_login(f->s, SPAN_NULL, span_str(first.user), span_str(first.password), f->a,
			&u, &f->e));
	assert_int_equal(u.role, META_ROLE_GLOBAL_ADMIN);
	assert_ok(f, svc_principal_get(f->s, span_str(first.access_key), f->a, &p, &f->e));
	assert_span_eq(p.secret, first.secret);
	assert_ok(f, svc_first_start(f->s, SPAN_NULL, f->a, &first, &f->e));
	assert_false(first.made);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_fix, close_fix)
	const struct CMUnitTest tests[] = {
		T(an_access_key_leads_to_its_user_and_secret),
		T(an_unknown_access_key_is_not_found_and_not_remembered),
		T(what_changes_holds_for_the_next_request),
		T(a_key_expires_by_the_clock),
		T(a_given_pair_is_taken_and_a_taken_key_refused),
		T(two_tenants_have_each_their_bucket_of_one_name),
		T(a_deleted_bucket_is_gone_for_the_next_request),
		T(buckets_of_another_namespace_are_made_by_a_global_admin_only),
		T(an_existing_bucket_says_whose_it_is),
		T(a_list_shows_own_buckets_and_an_admin_all_of_his_namespace),
		T(an_anonymous_caller_sees_the_configured_namespace),
		T(an_owner_has_a_name_until_deleted),
		cmocka_unit_test(a_cache_stays_within_its_bound),
		cmocka_unit_test(an_entry_holds_for_its_epoch_only),
		T(bad_names_and_roles_make_no_user),
		T(tenants_have_ids_and_no_misleading_names),
		T(a_host_below_a_tenants_domain_means_his_namespace),
		T(login_wants_the_right_tenant_user_password_and_standing),
		T(the_first_start_makes_an_admin_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
