/* SPDX-License-Identifier: MIT */
/* Domains of tenants. */
#include "tests/unit/meta/fixture.h"

static int setup(void **state)
{
	struct fix *f = malloc(sizeof(*f));

	fix_open(f, true);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fix_close(*state);
	free(*state);
	return 0;
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_domain_belongs_to_one_tenant, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
