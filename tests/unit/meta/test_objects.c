/* SPDX-License-Identifier: MIT */
/* Objects: what a write replaces, what it refuses, and what is counted. */
#include "tests/unit/meta/fixture.h"

static int get(struct fix *f, const char *key, struct meta_object *o)
{
	return f->m->ops->object_get(f->m, f->bucket_id, span_str(key), f->a, o, &f->e);
}

static void put_then_get_returns_every_field(void **state)
{
	struct fix *f = *state;
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {
			.key = span_of("a\0b", 3),
			.gen = 77,
			.flags = META_OBJECT_MARKER |
				META_OBJECT_HAS_ID, /* not the caller's to say */
			.size = 1ull << 41,
			.etag = {.md5 = "0123456789abcde", .nparts = 0},
			.content_type = SPAN_LIT("text/plain"),
			.checksum = {.alg = CHECKSUM_CRC32C, .value = {1, 2, 3, 4}},
			.meta = SPAN_LIT("\1meta"),
			.owner_id = 42,
		}};
	struct meta_write_result w;
	struct meta_object o;

	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
	assert_int_equal(w.mtime_us, FIX_START_US);
	assert_ok(f, f->m->ops->object_get(f->m, f->bucket_id, in.object.key, f->a, &o, &f->e));
	assert_true(span_eq(o.key, in.object.key));
	assert_int_equal(o.vseq, w.vseq);
	assert_int_equal(o.mtime_us, FIX_START_US);
	assert_int_equal(o.gen, 77);
	assert_int_equal(o.flags, 0);
	assert_int_equal(o.size, 1ull << 41);
	assert_true(etag_eq(&o.etag, &in.object.etag));
	assert_span_eq(o.content_type, "text/plain");
	assert_true(checksum_eq(&o.checksum, &in.object.checksum));
	assert_span_eq(o.meta, "\1meta");
	assert_int_equal(o.owner_id, 42);
}

static void absent_content_type_and_meta_stay_absent(void **state)
{
	struct fix *f = *state;
	struct meta_object o;

	fix_put(f, f->bucket_id, "k", 1);
	assert_ok(f, get(f, "k", &o));
	assert_true(span_absent(o.content_type));
	assert_true(span_absent(o.meta));
	assert_int_equal(o.checksum.alg, CHECKSUM_NONE);
}

static void long_metadata_is_kept_and_goes_with_the_object(void **state)
{
	struct fix *f = *state;
	char big[6000];
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {.key = SPAN_LIT("k"), .gen = 9, .meta = {big, sizeof(big)}}};
	struct meta_write_result w;
	struct meta_object o;

	memset(big, 'm', sizeof(big));
	in.object.content_type = span_of(big, 500);
	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
	assert_ok(f, get(f, "k", &o));
	assert_true(span_eq(o.meta, in.object.meta));
	assert_true(span_eq(o.content_type, in.object.content_type));
	assert_int_equal(o.flags, 0);
	in.object.gen = 10;
	in.object.meta = SPAN_LIT("short");
	in.object.content_type = SPAN_NULL;
	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
	assert_ok(f, get(f, "k", &o));
	assert_span_eq(o.meta, "short");
	/* The same generation again would collide with a row left behind. */
	in.object.gen = 9;
	in.object.meta = span_of(big, sizeof(big));
	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
}

static void missing_key_and_missing_bucket_are_told_apart(void **state)
{
	struct fix *f = *state;
	struct meta_object o;
	struct meta_delete d = {.key = SPAN_LIT("k"), .existed = true};
	uint64_t gen;

	assert_fails(f, get(f, "nope", &o), ERR_NOT_FOUND, REASON_KEY);
	assert_fails(f, fix_put_in(f->m, 4711, SPAN_LIT("k"), 1, &gen, &f->e), ERR_NOT_FOUND,
		REASON_BUCKET);
	assert_fails(f, f->m->ops->object_delete(f->m, 4711, &d, &f->e), ERR_NOT_FOUND,
		REASON_BUCKET);
	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	assert_false(d.existed);
	assert_fails(f, fix_put_in(f->m, f->bucket_id, SPAN_LIT(""), 1, &gen, &f->e),
		ERR_INVALID, 0);
}

static void overwrite_makes_the_old_blob_garbage_after_the_grace(void **state)
{
	struct fix *f = *state;
	uint64_t old = fix_put(f, f->bucket_id, "k", 10);
	struct meta_object o;
	struct meta_gc *g;
	size_t n;

	fix_advance(f, 5);
	uint64_t now = fix_put(f, f->bucket_id, "k", 20);
	assert_ok(f, get(f, "k", &o));
	assert_int_equal(o.gen, now);
	assert_int_equal(o.size, 20);
	assert_ok(f,
		f->m->ops->gc_take(
			f->m, FIX_START_US + 5 + FIX_GC_DELAY_US - 1, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 0);
	assert_ok(f,
		f->m->ops->gc_take(
			f->m, FIX_START_US + 5 + FIX_GC_DELAY_US, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(g[0].kind, META_GC_OBJECT);
	assert_int_equal(g[0].gen, old);
	assert_string_equal(g[0].bucket, "bucket");
	assert_string_equal(g[0].tenant_pub, "");
	assert_span_eq(g[0].key, "k");
}

static void vseq_rises_even_when_the_clock_stands_or_goes_back(void **state)
{
	struct fix *f = *state;
	struct meta_object a, b, c;

	fix_put(f, f->bucket_id, "k", 1);
	assert_ok(f, get(f, "k", &a));
	fix_put(f, f->bucket_id, "k", 1);
	assert_ok(f, get(f, "k", &b));
	fix_advance(f, -1000000);
	fix_put(f, f->bucket_id, "k", 1);
	assert_ok(f, get(f, "k", &c));
	assert_true(a.vseq < b.vseq && b.vseq < c.vseq);
}

static int put_if(struct fix *f, const char *key, const struct write_conditions *cond)
{
	struct meta_object_put in = {.bucket_id = f->bucket_id, .conditions = cond};
	struct meta_write_result w;

	in.object.key = span_str(key);
	assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
	return f->m->ops->object_put(f->m, &in, &w, &f->e);
}

static void write_conditions_are_judged_against_the_current_row(void **state)
{
	struct fix *f = *state;
	struct write_conditions none = {.if_none_match = SPAN_LIT("*")};
	struct write_conditions match = {.if_match = SPAN_LIT("*")};
	struct write_conditions other = {
		.if_match = SPAN_LIT("\"00000000000000000000000000000001\"")};
	char tag[ETAG_TEXT_MAX];
	struct meta_object o;

	assert_fails(f, put_if(f, "k", &match), ERR_NOT_FOUND, REASON_KEY);
	assert_ok(f, put_if(f, "k", &none));
	assert_fails(f, put_if(f, "k", &none), ERR_PRECONDITION, 0);
	assert_fails(f, put_if(f, "k", &other), ERR_PRECONDITION, 0);
	assert_ok(f, get(f, "k", &o));
	etag_format(tag, &o.etag);
	struct write_conditions exact = {.if_match = span_str(tag)};
	assert_ok(f, put_if(f, "k", &exact));
	fix_assert_counted(f);
}

static int delete_if(struct fix *f, const struct write_conditions *cond)
{
	struct meta_delete d = {.key = SPAN_LIT("k"), .conditions = cond};

	return f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e);
}

static void delete_conditions_compare_tag_size_and_second(void **state)
{
	struct fix *f = *state;
	struct write_conditions c = {
		.if_match = SPAN_LIT("\"00000000000000000000000000000001\"")};

	assert_ok(f, delete_if(f, &c));
	fix_put(f, f->bucket_id, "k", 10);
	assert_fails(f, delete_if(f, &c), ERR_PRECONDITION, 0);
	c = (struct write_conditions){.has_size = true, .size = 11};
	assert_fails(f, delete_if(f, &c), ERR_PRECONDITION, 0);
	c = (struct write_conditions){.has_mtime = true, .mtime_s = FIX_START_US / 1000000 + 1};
	assert_fails(f, delete_if(f, &c), ERR_PRECONDITION, 0);
	c = (struct write_conditions){.if_match = SPAN_LIT("*"),
		.has_size = true,
		.size = 10,
		.has_mtime = true,
		.mtime_s = FIX_START_US / 1000000};
	assert_ok(f, delete_if(f, &c));
	struct meta_object o;
	assert_fails(f, get(f, "k", &o), ERR_NOT_FOUND, REASON_KEY);
}

static void many_keys_go_in_one_commit_each_with_its_fate(void **state)
{
	struct fix *f = *state;
	struct write_conditions other = {.has_size = true, .size = 9};
	struct meta_delete keys[] = {{.key = SPAN_LIT("a")}, {.key = SPAN_LIT("missing")},
		{.key = SPAN_LIT("b"), .conditions = &other}, {.key = SPAN_LIT("a")},
		{.key = SPAN_LIT("c")}};
	struct meta_stats before, after;
	struct meta_object o;
	struct meta_gc *g;

	fix_put(f, f->bucket_id, "a", 1);
	fix_put(f, f->bucket_id, "b", 2);
	fix_put(f, f->bucket_id, "c", 3);
	f->m->ops->stats(f->m, &before);
	assert_ok(f, f->m->ops->object_delete_many(f->m, f->bucket_id, keys, 5, &f->e));
	f->m->ops->stats(f->m, &after);
	assert_int_equal(after.commits - before.commits, 1);
	assert_true(keys[0].existed && !keys[1].existed && keys[2].existed);
	assert_true(!keys[3].existed && keys[4].existed);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(keys[i].refused, i == 2);
	assert_ok(f, get(f, "b", &o));
	assert_fails(f, get(f, "a", &o), ERR_NOT_FOUND, REASON_KEY);
	assert_fails(f, get(f, "c", &o), ERR_NOT_FOUND, REASON_KEY);
	assert_int_equal(fix_garbage(f, &g), 2);
	assert_fails(f, f->m->ops->object_delete_many(f->m, 4711, keys, 5, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	assert_ok(f, f->m->ops->object_delete_many(f->m, f->bucket_id, NULL, 0, &f->e));
	fix_assert_counted(f);
}

static void counters_equal_a_recount_after_random_operations(void **state)
{
	struct fix *f = *state;
	int64_t t1 = fix_tenant(f, "tenant-00000001", "one"),
		t2 = fix_tenant(f, "tenant-00000002", "two");
	int64_t buckets[4] = {f->bucket_id, fix_bucket(f, t1, 0, "b1"),
		fix_bucket(f, t1, 0, "b2"), fix_bucket(f, t2, 0, "b1")};
	struct meta_bucket b;
	struct meta_tenant t;

	srand(7);
	for (int i = 0; i < 3000; i++) {
		char key[16];
		int64_t bucket = buckets[rand() % 4];

		snprintf(key, sizeof(key), "k%d", rand() % 50);
		if (rand() % 3)
			fix_put(f, bucket, key, (uint64_t)(rand() % 1000));
		else
			assert_ok(f, fix_delete(f, bucket, key));
	}
	fix_assert_counted(f);
	assert_ok(f, f->m->ops->bucket_get(f->m, t1, SPAN_LIT("b1"), f->a, &b, &f->e));
	assert_true(b.objects > 0 && b.bytes > 0);
	assert_ok(f, f->m->ops->tenant_get(f->m, t1, f->a, &t, &f->e));
	assert_true(t.objects > b.objects && t.buckets == 2);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(put_then_get_returns_every_field),
		T(absent_content_type_and_meta_stay_absent),
		T(long_metadata_is_kept_and_goes_with_the_object),
		T(missing_key_and_missing_bucket_are_told_apart),
		T(overwrite_makes_the_old_blob_garbage_after_the_grace),
		T(vseq_rises_even_when_the_clock_stands_or_goes_back),
		T(write_conditions_are_judged_against_the_current_row),
		T(delete_conditions_compare_tag_size_and_second),
		T(many_keys_go_in_one_commit_each_with_its_fate),
		T(counters_equal_a_recount_after_random_operations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
