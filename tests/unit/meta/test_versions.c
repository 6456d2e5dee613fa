/* SPDX-License-Identifier: MIT */
/* Versions: what writes and deletes leave in each state of a bucket. */
#include "tests/unit/meta/fixture.h"

static struct version_id put(struct fix *f, const char *key, uint64_t size)
{
	struct meta_object_put in = {
		.bucket_id = f->bucket_id, .object = {.key = span_str(key), .size = size}};
	struct meta_write_result out;

	assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
	in.object.etag = fix_etag(in.object.gen);
	assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
	return out.version;
}

static struct meta_delete del(struct fix *f, const char *key, const struct version_id *v)
{
	struct meta_delete d = {.key = span_str(key), .version = v, .owner_id = 5};

	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	return d;
}

static int get(
	struct fix *f, const char *key, const struct version_id *v, struct meta_object *o)
{
	return v ? f->m->ops->object_get_version(
			   f->m, f->bucket_id, span_str(key), v, f->a, o, &f->e)
		 : f->m->ops->object_get(f->m, f->bucket_id, span_str(key), f->a, o, &f->e);
}

static uint64_t size_of(struct fix *f, const char *key, const struct version_id *v)
{
	struct meta_object o;

	assert_ok(f, get(f, key, v, &o));
	return o.size;
}

static const struct version_id null_version = {0};

/* Deletes the keys from "prefix000000" on that no row is of: each gets a delete marker. */
static void hide(struct fix *f, const char *prefix, unsigned n)
{
	enum { BATCH = 1000 };
	struct meta_delete *d = arena_array(f->a, struct meta_delete, BATCH);

	for (unsigned i = 0; i < n; i++) {
		d[i % BATCH] = (struct meta_delete){
			.key = span_str(arena_printf(f->a, "%s%06u", prefix, i))};
		if (i % BATCH == BATCH - 1 || i == n - 1)
			assert_ok(f,
				f->m->ops->object_delete_many(
					f->m, f->bucket_id, d, i % BATCH + 1, &f->e));
	}
}

static void versioning_is_off_then_enabled_or_suspended_never_off_again(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;
	uint64_t epoch = f->m->ops->epoch(f->m);

	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("bucket"), f->a, &b, &f->e));
	assert_int_equal(meta_bucket_versioning(&b), META_VERSIONING_OFF);
	fix_set_versioning(f, META_VERSIONING_SUSPENDED);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	assert_int_equal(f->m->ops->epoch(f->m), epoch + 2);
	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("bucket"), f->a, &b, &f->e));
	assert_int_equal(meta_bucket_versioning(&b), META_VERSIONING_ENABLED);
	assert_fails(f,
		f->m->ops->bucket_set_versioning(
			f->m, f->bucket_id, META_VERSIONING_OFF, &f->e),
		ERR_INVALID, 0);
	assert_fails(f,
		f->m->ops->bucket_set_versioning(f->m, 99, META_VERSIONING_ENABLED, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
}

static void an_enabled_bucket_keeps_every_version(void **state)
{
	struct fix *f = *state;
	struct version_id v1, v2;
	struct meta_gc *g;

	assert_true(version_id_is_null(&(struct version_id){0}));
	put(f, "k", 1);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	v1 = put(f, "k", 10);
	v2 = put(f, "k", 100);
	assert_false(version_id_is_null(&v1));
	assert_true(v2.vseq > v1.vseq && v2.gen != v1.gen);
	assert_int_equal(size_of(f, "k", NULL), 100);
	assert_int_equal(size_of(f, "k", &v1), 10);
	assert_int_equal(size_of(f, "k", &v2), 100);
	assert_int_equal(size_of(f, "k", &null_version), 1);
	assert_int_equal(fix_garbage(f, &g), 0);
	fix_assert_counts(f, 1, 3, 111);
}

static void an_id_names_one_version_for_ever(void **state)
{
	struct fix *f = *state;
	struct version_id v, other;
	struct meta_object o;

	put(f, "n", 1);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	v = other = put(f, "k", 10);
	other.gen++;
	assert_fails(f, get(f, "k", &other, &o), ERR_NOT_FOUND, REASON_VERSION);
	assert_false(del(f, "k", &other).existed);
	assert_fails(f, get(f, "other", &v, &o), ERR_NOT_FOUND, REASON_VERSION);
	assert_fails(f, get(f, "k", &null_version, &o), ERR_NOT_FOUND, REASON_VERSION);
	/* The row of a null version is not found by its place. */
	assert_ok(f, get(f, "n", NULL, &o));
	other = (struct version_id){o.vseq, o.gen};
	assert_fails(f, get(f, "n", &other, &o), ERR_NOT_FOUND, REASON_VERSION);
	assert_false(del(f, "n", &other).existed);
	/* Gone, and then the clock is set back: the next version is another one. */
	assert_true(del(f, "k", &v).existed);
	other = put(f, "k", 1);
	assert_int_equal(other.vseq, v.vseq);
	assert_fails(f, get(f, "k", &v, &o), ERR_NOT_FOUND, REASON_VERSION);
}

static void a_delete_leaves_a_marker_and_removing_it_restores(void **state)
{
	struct fix *f = *state;
	struct version_id v;
	struct meta_delete first, second;
	struct meta_object o;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	v = put(f, "k", 7);
	first = del(f, "k", NULL);
	assert_true(first.marker && first.existed && first.made.vseq > v.vseq);
	assert_fails(f, get(f, "k", NULL, &o), ERR_NOT_FOUND, REASON_MARKER);
	assert_int_equal(o.vseq, first.made.vseq);
	assert_int_equal(o.flags, META_OBJECT_MARKER | META_OBJECT_HAS_ID);
	assert_int_equal(o.owner_id, 5);
	assert_fails(f, get(f, "k", &first.made, &o), ERR_NOT_FOUND, REASON_MARKER_VERSION);
	assert_int_equal(o.vseq, first.made.vseq);
	second = del(f, "k", NULL);
	assert_true(second.made.vseq > first.made.vseq);
	assert_true(del(f, "missing", NULL).marker);
	fix_assert_counts(f, 0, 4, 7);
	assert_int_equal(size_of(f, "k", &v), 7);
	assert_true(del(f, "k", &second.made).marker);
	assert_fails(f, get(f, "k", NULL, &o), ERR_NOT_FOUND, REASON_MARKER);
	assert_true(del(f, "k", &first.made).marker);
	assert_int_equal(size_of(f, "k", NULL), 7);
	fix_assert_counts(f, 1, 2, 7);
	first = del(f, "k", &v);
	assert_true(first.existed && !first.marker);
	assert_fails(f, get(f, "k", NULL, &o), ERR_NOT_FOUND, REASON_KEY);
	assert_false(del(f, "k", &v).existed);
	fix_assert_counts(f, 0, 1, 0);
}

static void a_suspended_bucket_replaces_the_null_version_only(void **state)
{
	struct fix *f = *state;
	struct version_id v;
	struct meta_delete d;
	struct meta_object o;
	struct meta_gc *g;

	put(f, "k", 1);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	v = put(f, "k", 10);
	fix_set_versioning(f, META_VERSIONING_SUSPENDED);
	d.made = put(f, "k", 100);
	assert_true(version_id_is_null(&d.made));
	assert_int_equal(fix_garbage(f, &g), 1);
	fix_assert_counts(f, 1, 2, 110);
	put(f, "k", 1000);
	fix_assert_counts(f, 1, 2, 1010);
	assert_int_equal(size_of(f, "k", &v), 10);
	d = del(f, "k", NULL);
	assert_true(d.marker && version_id_is_null(&d.made));
	fix_assert_counts(f, 0, 2, 10);
	assert_fails(f, get(f, "k", &null_version, &o), ERR_NOT_FOUND, REASON_MARKER_VERSION);
	del(f, "k", NULL);
	fix_assert_counts(f, 0, 2, 10);
	/* A null marker is buried like a null object. */
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	put(f, "k", 20);
	fix_set_versioning(f, META_VERSIONING_SUSPENDED);
	put(f, "k", 30);
	fix_assert_counts(f, 1, 3, 60);
	d = del(f, "k", &null_version);
	assert_true(d.existed && !d.marker);
	assert_int_equal(size_of(f, "k", NULL), 20);
	assert_false(del(f, "k", &null_version).existed);
	fix_assert_counts(f, 1, 2, 30);
	assert_int_equal(fix_garbage(f, &g), 4);
}

static void conditions_take_a_marker_for_no_object(void **state)
{
	struct fix *f = *state;
	struct write_conditions none = {.if_none_match = SPAN_LIT("*")},
				any = {.if_match = SPAN_LIT("*")},
				tag = {.if_match = SPAN_LIT(
					       "\"00000000000000000000000000000001\"")};
	struct meta_object_put in = {
		.bucket_id = f->bucket_id, .object = {.key = SPAN_LIT("k"), .gen = 1}};
	struct meta_delete d = {.key = SPAN_LIT("k"), .conditions = &tag};
	struct meta_write_result out;
	struct version_id v;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	v = put(f, "k", 1);
	in.conditions = &none;
	assert_fails(f, f->m->ops->object_put(f->m, &in, &out, &f->e), ERR_PRECONDITION, 0);
	assert_fails(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e),
		ERR_PRECONDITION, 0);
	d.version = &v;
	assert_fails(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e),
		ERR_PRECONDITION, 0);
	v = del(f, "k", NULL).made;
	in.conditions = &any;
	assert_fails(
		f, f->m->ops->object_put(f->m, &in, &out, &f->e), ERR_NOT_FOUND, REASON_KEY);
	d.version = NULL;
	assert_fails(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e),
		ERR_PRECONDITION, 0);
	d.conditions = &any;
	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	assert_true(d.marker);
	d.version = &v;
	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	in.conditions = &none;
	assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
	fix_assert_counts(f, 1, 3, 1);
}

static void a_bucket_with_a_marker_is_not_empty(void **state)
{
	struct fix *f = *state;
	struct meta_delete d;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	d = del(f, "k", NULL);
	assert_fails(f, f->m->ops->bucket_delete(f->m, f->bucket_id, 7, &f->e), ERR_EXISTS,
		REASON_BUCKET_NOT_EMPTY);
	del(f, "k", &d.made);
	assert_ok(f, f->m->ops->bucket_delete(f->m, f->bucket_id, 7, &f->e));
}

static void blobs_of_older_versions_are_no_orphans(void **state)
{
	struct fix *f = *state;
	struct meta_blob blob = {.bucket = SPAN_LIT("bucket"), .key = SPAN_LIT("k")};
	struct version_id v[4];
	bool known;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	for (size_t i = 0; i < 4; i++) {
		struct meta_object_put in = {.bucket_id = f->bucket_id,
			.object = {.key = SPAN_LIT("k"), .gen = 1000 + i}}; /* nobody's lease */
		struct meta_write_result out;

		assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
		v[i] = out.version;
		fix_advance(f, 1000);
	}
	for (size_t i = 0; i < 4; i++)
		for (int at = 0; at < 3; at++) {
			blob.gen = v[i].gen;
			blob.mtime_us = (const int64_t[]){0, (int64_t)v[i].vseq, INT64_MAX}[at];
			assert_ok(f, f->m->ops->blob_known(f->m, &blob, &known, &f->e));
			assert_true(known);
		}
	blob.gen = 999;
	assert_ok(f, f->m->ops->blob_known(f->m, &blob, &known, &f->e));
	assert_false(known);
}

static void many_versions_of_a_key_are_passed_over(void **state)
{
	struct fix *f = *state;
	struct meta_list in = {.bucket_id = f->bucket_id, .limit = 10};
	struct meta_list_result r;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	for (int i = 0; i < 50; i++) {
		put(f, "a", 1);
		put(f, "b", 1);
	}
	put(f, "a\001", 1);
	for (int i = 0; i < 30; i++)
		del(f, "c", NULL);
	assert_ok(f, f->m->ops->object_list(f->m, &in, f->a, &r, &f->e));
	assert_int_equal(r.count, 3);
	assert_span_eq(r.entries[0].object.key, "a");
	assert_span_eq(r.entries[1].object.key, "a\001");
	assert_span_eq(r.entries[2].object.key, "b");
	assert_false(r.truncated);
	in.limit = 3;
	assert_ok(f, f->m->ops->object_list(f->m, &in, f->a, &r, &f->e));
	assert_false(r.truncated); /* behind it are older versions and markers only */
}

/* All keys and groups of a listing, joined; *short_r: pages that were cut short. */
static const char *list_all(
	struct fix *f, const char *delimiter, unsigned limit, unsigned *short_r)
{
	struct meta_list in = {
		.bucket_id = f->bucket_id, .delimiter = span_str(delimiter), .limit = limit};
	struct meta_list_result r;
	const char *joined = "";

	*short_r = 0;
	do {
		assert_ok(f, f->m->ops->object_list(f->m, &in, f->a, &r, &f->e));
		for (size_t i = 0; i < r.count; i++)
			joined = arena_printf(
				f->a, "%s%.*s ", joined, SPAN_FMT(r.entries[i].object.key));
		assert_true(r.truncated || !r.cut_short);
		*short_r += r.cut_short;
		in.after = r.last;
	} while (r.truncated);
	return joined;
}

static void a_page_ends_early_among_very_many_markers(void **state)
{
	enum { MANY = 120000 };
	static const struct {
		const char *delimiter;
		unsigned limit;
		const char *want;
	} rows[] = {
		{NULL, 1000, "a h060000 i/1 i/2 z "},
		{NULL, 1, "a h060000 i/1 i/2 z "},
		{"/", 1000, "a h060000 i/ z "},
		{"0/", 2, "a h060000 i/1 i/2 z "},
		{"h", 2, "a h i/1 i/2 z "},
	};
	struct fix *f = *state;
	unsigned cut;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	hide(f, "h", MANY);
	for (const char *const *key =
			(const char *const[]){"a", "h060000", "i/1", "i/2", "z", NULL};
		*key; key++)
		put(f, *key, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *got = list_all(f, rows[i].delimiter, rows[i].limit, &cut);

		assert_string_equal(got, rows[i].want);
		assert_true(cut >= (rows[i].delimiter && *rows[i].delimiter == 'h' ? 1 : 2));
	}
}

/* Where each hidden key is a common prefix, too, a page cannot end early: what is below would
 * be lost. */
static void a_page_never_ends_where_a_group_would_be_lost(void **state)
{
	enum { MANY = 60000 };
	struct meta_delete *d;
	struct fix *f = *state;
	unsigned cut;

	fix_set_versioning(f, META_VERSIONING_ENABLED);
	d = arena_array(f->a, struct meta_delete, MANY);
	for (unsigned i = 0; i < MANY; i++)
		d[i].key = span_str(arena_printf(f->a, "d%06u/", i));
	assert_ok(f, f->m->ops->object_delete_many(f->m, f->bucket_id, d, MANY, &f->e));
	put(f, "d049999/x", 1);
	put(f, "d059999/x", 1);
	assert_string_equal(list_all(f, "/", 1000, &cut), "d049999/ d059999/ ");
	assert_int_equal(cut, 0);
	assert_string_equal(list_all(f, NULL, 1000, &cut), "d049999/x d059999/x ");
	assert_int_equal(cut, 1);
}

static void a_marker_that_was_deleted_meanwhile_loses_nothing(void **state)
{
	struct fix *f = *state;
	struct version_id v1, v2, v3;
	struct meta_list_versions in = {
		.bucket_id = f->bucket_id, .key_marker = SPAN_LIT("k"), .limit = 10};
	struct meta_list_result r;

	put(f, "k", 1);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	v1 = put(f, "k", 1);
	v2 = put(f, "k", 1);
	v3 = put(f, "k", 1);
	in.version_marker = &v3;
	assert_ok(f, f->m->ops->object_list_versions(f->m, &in, f->a, &r, &f->e));
	assert_int_equal(r.count, 3);
	assert_false(r.entries[0].is_latest);
	del(f, "k", &v3);
	assert_ok(f, f->m->ops->object_list_versions(f->m, &in, f->a, &r, &f->e));
	assert_int_equal(r.count, 3);
	assert_int_equal(r.entries[0].object.vseq, v2.vseq);
	assert_true(r.entries[0].is_latest);
	in.version_marker = &null_version;
	assert_ok(f, f->m->ops->object_list_versions(f->m, &in, f->a, &r, &f->e));
	assert_int_equal(r.count, 0);
	del(f, "k", &null_version);
	assert_ok(f, f->m->ops->object_list_versions(f->m, &in, f->a, &r, &f->e));
	assert_int_equal(r.count, 2); /* again, rather than lost */
	assert_int_equal(r.entries[1].object.vseq, v1.vseq);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(versioning_is_off_then_enabled_or_suspended_never_off_again),
		T(an_enabled_bucket_keeps_every_version),
		T(an_id_names_one_version_for_ever),
		T(a_delete_leaves_a_marker_and_removing_it_restores),
		T(a_suspended_bucket_replaces_the_null_version_only),
		T(conditions_take_a_marker_for_no_object),
		T(a_bucket_with_a_marker_is_not_empty),
		T(blobs_of_older_versions_are_no_orphans),
		T(many_versions_of_a_key_are_passed_over),
		T(a_page_ends_early_among_very_many_markers),
		T(a_page_never_ends_where_a_group_would_be_lost),
		T(a_marker_that_was_deleted_meanwhile_loses_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
