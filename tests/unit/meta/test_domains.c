/* SPDX-License-Identifier: MIT */
/* Domains of tenants, settings and sessions. */
#include "tests/unit/meta/fixture.h"

static void assert_domains(struct fix *f, int64_t id, const char *domains, const char *want)
{
	struct meta_tenant t = {.id = id, .domains = domains}, got;

	assert_ok(f, f->m->ops->tenant_update(f->m, &t, META_SET_DOMAINS, &f->e));
	assert_ok(f, f->m->ops->tenant_get(f->m, id, f->a, &got, &f->e));
	assert_string_equal(got.domains, want);
}

static void a_domain_belongs_to_one_tenant(void **state)
{
	static const char *const taken[] = {"acme.example", "s3.acme.example", "example",
		"free.example,x.b.acme.example"};
	struct fix *f = *state;
	int64_t a = fix_tenant(f, "tenant-0000000a", "a"), b = fix_tenant(f, "tenant-0000000b", "b");
	struct meta_tenant t = {.id = b}, got;

	assert_domains(f, a, "z.example, acme.example,acme.example", "acme.example,z.example");
	assert_ok(f, f->m->ops->domain_find(f->m, SPAN_LIT("acme.example"), f->a, &got, &f->e));
	assert_int_equal(got.id, a);
	assert_fails(f, f->m->ops->domain_find(f->m, SPAN_LIT("example"), f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_TENANT);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		t.domains = taken[i];
		assert_fails(f, f->m->ops->tenant_update(f->m, &t, META_SET_DOMAINS, &f->e), ERR_EXISTS,
			REASON_DOMAIN);
	}
	assert_ok(f, f->m->ops->tenant_get(f->m, b, f->a, &got, &f->e));
	assert_string_equal(got.domains, "");
	assert_domains(f, b, "notacme.example", "notacme.example");
	assert_domains(f, a, "", "");
	assert_domains(f, b, "s3.acme.example", "s3.acme.example");
	assert_ok(f, f->m->ops->tenant_delete(f->m, b, &f->e));
	assert_domains(f, a, "acme.example", "acme.example");
}

static void settings_are_kept(void **state)
{
	struct fix *f = *state;
	struct span v;

	assert_fails(f, f->m->ops->setting_get(f->m, "x", f->a, &v, &f->e), ERR_NOT_FOUND, 0);
	assert_ok(f, f->m->ops->setting_put(f->m, "x", span_of("a\0b", 3), &f->e));
	assert_ok(f, f->m->ops->setting_put(f->m, "y", SPAN_NULL, &f->e));
	assert_ok(f, f->m->ops->setting_get(f->m, "x", f->a, &v, &f->e));
	assert_true(span_eq(v, span_of("a\0b", 3)));
	assert_ok(f, f->m->ops->setting_get(f->m, "y", f->a, &v, &f->e));
	assert_int_equal(v.n, 0);
}

static void revoked_sessions_are_forgotten_after_they_expire(void **state)
{
	struct fix *f = *state;
	bool revoked = true;

	assert_ok(f, f->m->ops->session_revoked(f->m, SPAN_LIT("j"), &revoked, &f->e));
	assert_false(revoked);
	assert_ok(f, f->m->ops->session_revoke(f->m, SPAN_LIT("j"), 100, &f->e));
	assert_ok(f, f->m->ops->session_revoke(f->m, SPAN_LIT("j"), 100, &f->e));
	assert_ok(f, f->m->ops->expire(f->m, 100, &f->e));
	assert_ok(f, f->m->ops->session_revoked(f->m, SPAN_LIT("j"), &revoked, &f->e));
	assert_true(revoked);
	assert_ok(f, f->m->ops->expire(f->m, 101, &f->e));
	assert_ok(f, f->m->ops->session_revoked(f->m, SPAN_LIT("j"), &revoked, &f->e));
	assert_false(revoked);
	assert_fails(f, f->m->ops->session_revoke(f->m, SPAN_NULL, 1, &f->e), ERR_INVALID, 0);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_in_memory, fix_teardown)
	const struct CMUnitTest tests[] = {
		T(a_domain_belongs_to_one_tenant),
		T(settings_are_kept),
		T(revoked_sessions_are_forgotten_after_they_expire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
