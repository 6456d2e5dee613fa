/* SPDX-License-Identifier: MIT */
/* Tags and what else stands beside the row of an object. */
#include "model/tags.h"
#include "tests/unit/meta/fixture.h"

/* `key=value&...` as stored. */
static struct span tags(struct fix *f, const char *text)
{
	struct tags t;

	assert_ok(f, tags_parse_header(f->a, span_str(text), &t, &f->e));
	return tags_encode(f->a, &t);
}

static struct version_id put(struct fix *f, const char *key, const char *tagging, size_t meta)
{
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {.key = span_str(key),
			.tags = tags(f, tagging),
			.meta = span_of(arena_alloc(f->a, meta + 1), meta)}};
	struct meta_write_result out;

	assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
	assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
	return out.version;
}

static int set_tags(struct fix *f, const char *key, const struct version_id *v,
	const char *tagging, struct version_id *v_r)
{
	struct meta_version_ref ref = {f->bucket_id, span_str(key), v};

	return f->m->ops->object_set_tags(f->m, &ref, tags(f, tagging), v_r, &f->e);
}

static void assert_tags(
	struct fix *f, const char *key, const struct version_id *v, const char *tagging)
{
	struct span want = tags(f, tagging);
	struct meta_object o;

	assert_ok(f,
		v ? f->m->ops->object_get_version(
			    f->m, f->bucket_id, span_str(key), v, f->a, &o, &f->e)
		  : f->m->ops->object_get(f->m, f->bucket_id, span_str(key), f->a, &o, &f->e));
	assert_int_equal(o.tags.n, want.n);
	assert_true(span_eq(o.tags, want));
}

static void tags_come_with_a_put_and_go_with_the_next(void **state)
{
	struct fix *f = *state;

	put(f, "k", "a=1&b", 0);
	assert_tags(f, "k", NULL, "a=1&b");
	put(f, "k", "", 0);
	assert_tags(f, "k", NULL, "");
	put(f, "k", "c=3", 1000); /* beside long metadata */
	assert_tags(f, "k", NULL, "c=3");
	assert_int_equal(fix_delete(f, f->bucket_id, "k"), 0);
}

static void tags_are_replaced_whole_and_nothing_else_changes(void **state)
{
	static const size_t metas[] = {0, 1000};
	struct fix *f = *state;
	struct meta_object before, after;
	struct version_id v;

	for (size_t i = 0; i < 2; i++) {
		put(f, "k", "", metas[i]);
		assert_ok(f,
			f->m->ops->object_get(
				f->m, f->bucket_id, SPAN_LIT("k"), f->a, &before, &f->e));
		fix_advance(f, 5000000);
		assert_ok(f, set_tags(f, "k", NULL, "a=1&b=2", &v));
		assert_true(version_id_is_null(&v));
		assert_ok(f, set_tags(f, "k", NULL, "c=3", &v));
		assert_tags(f, "k", NULL, "c=3");
		assert_ok(f, set_tags(f, "k", NULL, "", &v));
		assert_ok(f, set_tags(f, "k", NULL, "", &v));
		assert_tags(f, "k", NULL, "");
		assert_ok(f,
			f->m->ops->object_get(
				f->m, f->bucket_id, SPAN_LIT("k"), f->a, &after, &f->e));
		assert_int_equal(after.vseq, before.vseq);
		assert_int_equal(after.mtime_us, before.mtime_us);
		assert_int_equal(after.meta.n, metas[i]);
		assert_true(span_eq(after.meta, before.meta));
	}
	fix_assert_counted(f);
}

static void each_version_has_tags_of_its_own(void **state)
{
	struct fix *f = *state;
	struct version_id a, b, v, null_version = {0};

	put(f, "k", "n=0", 0);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	a = put(f, "k", "a=1", 0);
	b = put(f, "k", "", 0);
	assert_ok(f, set_tags(f, "k", &a, "a=2", &v));
	assert_memory_equal(&v, &a, sizeof(v));
	assert_ok(f, set_tags(f, "k", NULL, "b=1", &v));
	assert_memory_equal(&v, &b, sizeof(v));
	assert_tags(f, "k", &null_version, "n=0");
	assert_tags(f, "k", &a, "a=2");
	assert_tags(f, "k", &b, "b=1");
}

static void markers_and_what_is_missing_have_no_tags(void **state)
{
	struct fix *f = *state;
	struct meta_delete d = {.key = SPAN_LIT("k")};
	struct version_id v, unknown = {1, 1};

	assert_fails(f, set_tags(f, "k", NULL, "a", &v), ERR_NOT_FOUND, REASON_KEY);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	put(f, "k", "", 0);
	assert_fails(f, set_tags(f, "k", &unknown, "a", &v), ERR_NOT_FOUND, REASON_VERSION);
	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	assert_fails(f, set_tags(f, "k", NULL, "a", &v), ERR_NOT_FOUND, REASON_MARKER);
	assert_fails(
		f, set_tags(f, "k", &d.made, "a", &v), ERR_NOT_FOUND, REASON_MARKER_VERSION);
}

static void an_upload_remembers_them_for_its_object(void **state)
{
	struct fix *f = *state;
	struct meta_upload u = {.key = SPAN_LIT("k"), .tags = tags(f, "a=1")}, got;
	struct meta_part part = {.no = 1, .pgen = 77, .size = 3};
	struct meta_complete_part listed = {.no = 1};
	struct meta_complete c = {
		.bucket_id = f->bucket_id, .key = u.key, .parts = &listed, .count = 1};
	struct meta_complete_result done;
	struct meta_write_result w;

	assert_ok(f, f->m->ops->gen_next(f->m, &u.gen, &f->e));
	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
	assert_ok(
		f, f->m->ops->upload_get(f->m, f->bucket_id, u.key, u.gen, f->a, &got, &f->e));
	assert_true(span_eq(got.tags, u.tags));
	assert_ok(f, f->m->ops->part_put(f->m, f->bucket_id, u.key, u.gen, &part, &w, &f->e));
	c.gen = u.gen;
	assert_ok(f, f->m->ops->upload_complete(f->m, &c, &done, &f->e));
	assert_tags(f, "k", NULL, "a=1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fix_setup_seeded, fix_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(tags_come_with_a_put_and_go_with_the_next),
		TEST(tags_are_replaced_whole_and_nothing_else_changes),
		TEST(each_version_has_tags_of_its_own),
		TEST(markers_and_what_is_missing_have_no_tags),
		TEST(an_upload_remembers_them_for_its_object),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
