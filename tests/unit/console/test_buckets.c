/* SPDX-License-Identifier: MIT */
#include "tests/unit/console/rig.h"

#include "base/log.h"

/* The names of the page joined by spaces, each as tenant-name/bucket for buckets of tenants. */
static const char *names(struct rig *r)
{
	const struct json *items = json_get(r->answer, "items");
	char *text = arena_strdup(r->a, "");

	for (size_t i = 0; i < json_len(items); i++) {
		const struct json *b = json_at(items, i);
		struct span tenant = rig_text(b, "tenantName"), name = rig_text(b, "name");

		text = arena_printf(r->a, "%s%s%.*s%s%.*s", text, i ? " " : "",
			SPAN_FMT(tenant), tenant.n ? "/" : "", SPAN_FMT(name));
	}
	return text;
}

static void fill(struct rig *r)
{
	rig_bucket(r, &r->root, "backups");
	rig_bucket(r, &r->root, "zebra");
	rig_bucket(r, &r->ann, "backups");
	rig_bucket(r, &r->boss, "books");
	rig_bucket(r, &r->bob, "backups");
}

static void everybody_sees_the_own_namespace_only(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	fill(&r);
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets", NULL), 200);
	assert_string_equal(names(&r), "Acme Inc/backups");
	assert_int_equal(rig_login(&r, "acme", "boss", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets", NULL), 200);
	assert_string_equal(names(&r), "Acme Inc/backups Acme Inc/books");
	assert_int_equal(rig_login(&r, "globex", "bob", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets", NULL), 200);
	assert_string_equal(names(&r), "Globex/backups");
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets", NULL), 200);
	assert_string_equal(names(&r), "backups zebra");
	rig_close(&r);
}

static void a_global_admin_may_name_another_namespace_and_nobody_else(void **state)
{
	struct rig r;
	const char *acme, *globex;

	(void)state;
	rig_open(&r);
	fill(&r);
	acme = arena_printf(r.a, "/api/v1/buckets?tenant=%s", r.acme.pub);
	globex = arena_printf(r.a, "/api/v1/buckets?tenant=%s", r.globex.pub);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", acme, NULL), 200);
	assert_string_equal(names(&r), "Acme Inc/backups Acme Inc/books");
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?tenant=global", NULL), 200);
	assert_string_equal(names(&r), "backups zebra");
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?tenant=all", NULL), 200);
	assert_string_equal(
		names(&r), "backups Acme Inc/backups Globex/backups Acme Inc/books zebra");
	assert_int_equal(
		rig_call(&r, "GET", "/api/v1/buckets?tenant=tenant-00000000", NULL), 400);

	assert_int_equal(rig_login(&r, "acme", "boss", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", acme, NULL), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?tenant=acme", NULL), 200);
	assert_string_equal(names(&r), "Acme Inc/backups Acme Inc/books");
	assert_int_equal(rig_call(&r, "GET", globex, NULL), 403);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?tenant=globex", NULL), 403);
	assert_code(&r, "Forbidden");
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?tenant=all", NULL), 403);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?tenant=global", NULL), 403);
	assert_int_equal(
		rig_call(&r, "GET", "/api/v1/buckets?tenant=tenant-00000000", NULL), 403);
	rig_close(&r);
}

static void a_bucket_shows_owner_time_and_usage(void **state)
{
	struct svc_put put = {.key = SPAN_LIT("k")};
	struct source_mem m;
	struct objmeta none = {0};
	struct svc_put_result res;
	struct meta_bucket b;
	const struct json *item;
	struct rig r;

	(void)state;
	rig_open(&r);
	b = rig_bucket(&r, &r.ann, "photos");
	put.bucket = &b;
	put.meta = &none;
	put.owner_id = r.ann.id;
	put.body = (struct svc_body){
		.src = source_mem_init(&m, SPAN_LIT("12345")), .length = 5, .max_bytes = 1024};
	assert_ok(&r, svc_object_put(r.svc, &put, r.a, &res, &r.e));
	assert_int_equal(rig_login(&r, "acme", "ann", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets", NULL), 200);
	item = json_at(json_get(r.answer, "items"), 0);
	assert_int_equal(rig_number(item, "objects"), 1);
	assert_int_equal(rig_number(item, "bytes"), 5);
	assert_span_eq(rig_text(item, "tenantId"), r.acme.pub);
	assert_span_eq(rig_text(json_get(item, "owner"), "id"), r.ann.canonical_id);
	assert_int_equal(rig_text(item, "createdAt").n, strlen("2026-11-23T08:49:37.000Z"));
	assert_true(json_is_null(json_get(r.answer, "nextCursor")));
	rig_close(&r);
}

static const char *walk(struct rig *r, const char *query)
{
	const char *all = "", *cursor = "";

	for (int page = 0; page < 20; page++) {
		const char *target = arena_printf(r->a, "/api/v1/buckets?%s%s%s", query,
			*cursor ? "&cursor=" : "", cursor);

		assert_int_equal(rig_call(r, "GET", target, NULL), 200);
		all = arena_printf(r->a, "%s[%s]", all, names(r));
		cursor = arena_strndup(r->a, rig_text(r->answer, "nextCursor"));
		if (!*cursor)
			return all;
	}
	fail_msg("the list does not end");
	return NULL;
}

static void pages_hold_every_bucket_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	fill(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_string_equal(walk(&r, "limit=1"), "[backups][zebra]");
	assert_string_equal(walk(&r, "tenant=all&limit=1"),
		"[backups][Acme Inc/backups][Globex/backups][Acme Inc/books][zebra]");
	assert_string_equal(walk(&r, "tenant=all&limit=2"),
		"[backups Acme Inc/backups][Globex/backups Acme Inc/books][zebra]");
	assert_string_equal(walk(&r, "tenant=all&limit=4"),
		"[backups Acme Inc/backups Globex/backups Acme Inc/books][zebra]");
	rig_close(&r);
}

static void cursors_are_checked(void **state)
{
	struct rig r;
	char *cursor;
	int status;

	(void)state;
	rig_open(&r);
	fill(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?limit=1", NULL), 200);
	cursor = arena_strndup(r.a, rig_text(r.answer, "nextCursor"));
	assert_true(strlen(cursor) > 8);
	/* of another list */
	status = rig_call(&r, "GET",
		arena_printf(r.a, "/api/v1/buckets?tenant=all&cursor=%s", cursor), NULL);
	assert_int_equal(status, 400);
	assert_code(&r, "InvalidCursor");
	for (size_t i = 0; cursor[i]; i++) {
		char *bent = arena_strdup(r.a, cursor);

		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		status = rig_call(
			&r, "GET", arena_printf(r.a, "/api/v1/buckets?cursor=%s", bent), NULL);
		assert_int_equal(status, 400);
	}
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?cursor=!", NULL), 400);
	rig_close(&r);
}

static void limits_are_checked(void **state)
{
	static const char *const bad[] = {"0", "1001", "-1", "x", "", "99999999999999999999"};
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *target = arena_printf(r.a, "/api/v1/buckets?limit=%s", bad[i]);

		assert_int_equal(rig_call(&r, "GET", target, NULL), 400);
		assert_code(&r, "InvalidParameter");
		assert_span_eq(rig_text(json_at(json_get(r.answer, "errors"), 0), "pointer"),
			"/limit");
	}
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?limit=1000", NULL), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/buckets?limit=%zz", NULL), 400);
	rig_close(&r);
}

static void broken_metadata_is_a_500(void **state)
{
	struct rig r;
	int status;

	(void)state;
	rig_open(&r);
	fill(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	for (unsigned n = 1;; n++) {
		meta_fault_arm(r.meta, n);
		status = rig_call(&r, "GET", "/api/v1/buckets?tenant=all", NULL);
		meta_fault_arm(r.meta, 0);
		if (status == 200)
			break;
		assert_int_equal(status, 500);
		assert_span_eq(
			http_double_get(&r.d, "Content-Type"), "application/problem+json");
		assert_true(n < 50);
	}
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_sees_the_own_namespace_only),
		cmocka_unit_test(a_global_admin_may_name_another_namespace_and_nobody_else),
		cmocka_unit_test(a_bucket_shows_owner_time_and_usage),
		cmocka_unit_test(pages_hold_every_bucket_once),
		cmocka_unit_test(cursors_are_checked),
		cmocka_unit_test(limits_are_checked),
		cmocka_unit_test(broken_metadata_is_a_500),
	};

	log_setup(LOG_WARN, LOG_TEXT, "test");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
