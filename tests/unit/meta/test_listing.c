/* SPDX-License-Identifier: MIT */
/* Listing, mostly against a naive model over random keys, prefixes, delimiters and markers. */
#include "tests/unit/meta/fixture.h"

static int setup(void **state)
{
	struct fix *f = malloc(sizeof(*f));

	fix_open(f, true);
	fix_seed(f);
	srand(20240601);
	*state = f;
	return 0;
}

static struct meta_list_result list(struct fix *f, const char *prefix, const char *delimiter,
	const char *after, unsigned limit)
{
	struct meta_list in = {.bucket_id = f->bucket_id,
		.prefix = span_str(prefix),
		.delimiter = span_str(delimiter),
		.after = span_str(after),
		.limit = limit};
	struct meta_list_result r;

	assert_ok(f, f->m->ops->object_list(f->m, &in, f->a, &r, &f->e));
	return r;
}

/* "k:key" and "p:prefix" joined by blanks. */
static const char *text(struct fix *f, const struct meta_list_result *r)
{
	const char *s = "";

	for (size_t i = 0; i < r->count; i++)
		s = arena_printf(f->a, "%s%s%c:%.*s", s, i ? " " : "",
			r->entries[i].is_prefix ? 'p' : 'k',
			SPAN_FMT(r->entries[i].object.key));
	return s;
}

static void assert_list(
	struct fix *f, struct meta_list_result r, const char *want, bool truncated)
{
	assert_string_equal(text(f, &r), want);
	assert_int_equal(r.truncated, truncated);
}

static void an_empty_bucket_lists_nothing(void **state)
{
	struct fix *f = *state;
	struct meta_list_result r = list(f, NULL, NULL, NULL, 1000);

	assert_list(f, r, "", false);
	assert_true(span_absent(r.last));
}

static void keys_and_groups_come_in_raw_byte_order(void **state)
{
	struct fix *f = *state;

	fix_put(f, f->bucket_id, "a+b", 1);
	fix_put(f, f->bucket_id, "a/b", 1);
	fix_put(f, f->bucket_id, "a/c", 1);
	fix_put(f, f->bucket_id, "a", 1);
	fix_put(f, f->bucket_id, "\xc3\xa9", 1);
	fix_put(f, f->bucket_id, "Z", 1);
	assert_list(
		f, list(f, "", "", "", 1000), "k:Z k:a k:a+b k:a/b k:a/c k:\xc3\xa9", false);
	assert_list(f, list(f, NULL, "/", NULL, 1000), "k:Z k:a k:a+b p:a/ k:\xc3\xa9", false);
	assert_list(f, list(f, "a/", "/", NULL, 1000), "k:a/b k:a/c", false);
	assert_list(f, list(f, "a", "/", NULL, 1000), "k:a k:a+b p:a/", false);
	assert_list(f, list(f, "zz", "/", NULL, 1000), "", false);
}

static void a_marker_that_is_a_group_skips_all_of_it(void **state)
{
	struct fix *f = *state;

	fix_put(f, f->bucket_id, "a/1", 1);
	fix_put(f, f->bucket_id, "a/2", 1);
	fix_put(f, f->bucket_id, "b", 1);
	assert_list(f, list(f, NULL, "/", "a/", 10), "k:b", false);
	assert_list(f, list(f, NULL, "/", "a/1", 10), "p:a/ k:b", false);
	assert_list(f, list(f, NULL, NULL, "a/", 10), "k:a/1 k:a/2 k:b", false);
	assert_list(f, list(f, NULL, "/", "a", 10), "p:a/ k:b", false);
	assert_list(f, list(f, "a/", "/", "a/", 10), "k:a/1 k:a/2", false);
	assert_list(f, list(f, NULL, "/", "b", 10), "", false);
	assert_list(f, list(f, "a/", NULL, "b", 10), "", false);
}

static void a_key_equal_to_the_prefix_stays_a_key(void **state)
{
	struct fix *f = *state;

	fix_put(f, f->bucket_id, "a/", 1);
	fix_put(f, f->bucket_id, "a//", 1);
	fix_put(f, f->bucket_id, "a/b", 1);
	assert_list(f, list(f, "a/", "/", NULL, 10), "k:a/ p:a// k:a/b", false);
}

static void a_page_says_whether_more_follows(void **state)
{
	struct fix *f = *state;

	fix_put(f, f->bucket_id, "a", 1);
	fix_put(f, f->bucket_id, "b/1", 1);
	fix_put(f, f->bucket_id, "b/2", 1);
	assert_list(f, list(f, NULL, "/", NULL, 0), "", false);
	assert_list(f, list(f, NULL, "/", NULL, 1), "k:a", true);
	assert_list(f, list(f, NULL, "/", NULL, 2), "k:a p:b/", false);
	assert_list(f, list(f, NULL, NULL, NULL, 2), "k:a k:b/1", true);
	assert_list(f, list(f, NULL, NULL, NULL, 3), "k:a k:b/1 k:b/2", false);
	struct meta_list_result r = list(f, NULL, "/", NULL, 2);
	assert_span_eq(r.last, "b/");
}

static void bytes_ff_at_the_end_of_a_group_do_not_lose_the_rest(void **state)
{
	struct fix *f = *state;

	fix_put(f, f->bucket_id, "a\xff", 1);
	fix_put(f, f->bucket_id, "a\xff\xff", 1);
	fix_put(f, f->bucket_id, "b", 1);
	fix_put(f, f->bucket_id, "\xff\xff", 1);
	assert_list(f, list(f, NULL, "\xff", NULL, 10), "p:a\xff k:b p:\xff", false);
	assert_list(f, list(f, NULL, "\xff", "\xff", 10), "", false);
}

static void listed_objects_carry_what_a_page_shows(void **state)
{
	struct fix *f = *state;
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {.key = SPAN_LIT("k"),
			.gen = 3,
			.size = 12,
			.etag = {.nparts = 4},
			.checksum = {.alg = CHECKSUM_SHA1},
			.content_type = SPAN_LIT("t"),
			.meta = SPAN_LIT("m"),
			.owner_id = 8}};
	struct meta_write_result w;

	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
	struct meta_list_result r = list(f, NULL, NULL, NULL, 10);
	const struct meta_object *o = &r.entries[0].object;
	assert_int_equal(o->size, 12);
	assert_int_equal(o->mtime_us, w.mtime_us);
	assert_int_equal(o->vseq, w.vseq);
	assert_int_equal(o->etag.nparts, 4);
	assert_int_equal(o->checksum.alg, CHECKSUM_SHA1);
	assert_int_equal(o->owner_id, 8);
	assert_true(span_absent(o->meta) && span_absent(o->content_type));
}

/* ---- the model ---- */

enum { MODEL_KEYS = 400 };
static const char alphabet[] = "ab/-\xff";

static struct span random_text(struct fix *f, size_t most)
{
	size_t n = (size_t)rand() % (most + 1);
	char *p = arena_alloc(f->a, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = alphabet[rand() % 5];
	return span_of(p, n);
}

static int by_bytes(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

struct model_entry {
	bool is_prefix;
	struct span key;
};

/* Every entry of a whole listing behind the marker, without looking at pages. */
static size_t model(
	const struct span *keys, size_t n, const struct meta_list *in, struct model_entry *out)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		struct span key = keys[i], entry = key;
		bool is_prefix = false;

		if (!span_starts(key, in->prefix))
			continue;
		if (!span_absent(in->after) && span_cmp(key, in->after) <= 0)
			continue;
		ptrdiff_t at = span_find(span_from(key, in->prefix.n), in->delimiter);
		if (in->delimiter.n > 0 && at >= 0) {
			is_prefix = true;
			entry = span_head(key, in->prefix.n + (size_t)at + in->delimiter.n);
			if (!span_absent(in->after) && span_eq(entry, in->after))
				continue;
		}
		if (count > 0 && is_prefix && out[count - 1].is_prefix &&
			span_eq(out[count - 1].key, entry))
			continue;
		out[count++] = (struct model_entry){is_prefix, entry};
	}
	return count;
}

static void compare_all_pages(
	struct fix *f, const struct span *keys, size_t n, struct meta_list in)
{
	static struct model_entry want[MODEL_KEYS];
	size_t total = model(keys, n, &in, want), seen = 0;
	struct meta_list_result r;

	do {
		assert_ok(f, f->m->ops->object_list(f->m, &in, f->a, &r, &f->e));
		assert_true(r.count <= in.limit);
		for (size_t i = 0; i < r.count; i++, seen++) {
			assert_true(seen < total);
			assert_int_equal(r.entries[i].is_prefix, want[seen].is_prefix);
			assert_true(span_eq(r.entries[i].object.key, want[seen].key));
		}
		assert_int_equal(r.truncated, seen < total);
		assert_true(!r.truncated || r.count == in.limit);
		in.after = r.last;
	} while (r.truncated);
	assert_int_equal(seen, total);
}

static void pages_agree_with_a_naive_model(void **state)
{
	struct fix *f = *state;
	static struct span keys[MODEL_KEYS];
	size_t n = 0;

	for (size_t i = 0; i < MODEL_KEYS; i++) {
		struct span key = random_text(f, 7);
		uint64_t gen;

		if (key.n == 0)
			continue;
		assert_ok(f, fix_put_in(f->m, f->bucket_id, key, 1, &gen, &f->e));
		keys[n++] = key;
	}
	qsort(keys, n, sizeof(keys[0]), by_bytes);
	size_t unique = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !span_eq(keys[i], keys[unique - 1]))
			keys[unique++] = keys[i];
	for (int round = 0; round < 3000; round++) {
		struct meta_list in = {
			.bucket_id = f->bucket_id,
			.prefix = rand() % 2 ? random_text(f, 3) : SPAN_NULL,
			.delimiter = rand() % 4 ? random_text(f, 2) : SPAN_NULL,
			.after = rand() % 2 ? random_text(f, 5) : SPAN_NULL,
			.limit = (unsigned)(rand() % 40) + 1,
		};
		if (!span_absent(in.after) && rand() % 2)
			in.after = keys[(size_t)rand() % unique];
		compare_all_pages(f, keys, unique, in);
	}
}

/* ---- uploads ---- */

static uint64_t begin(struct fix *f, const char *key)
{
	struct meta_upload u = {.key = span_str(key)};

	assert_ok(f, f->m->ops->gen_next(f->m, &u.gen, &f->e));
	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
	return u.gen;
}

static struct meta_list_uploads_result uploads(struct fix *f, const char *prefix,
	const char *delimiter, const char *key_marker, uint64_t upload_marker, unsigned limit)
{
	struct meta_list_uploads in = {.bucket_id = f->bucket_id,
		.prefix = span_str(prefix),
		.delimiter = span_str(delimiter),
		.key_marker = span_str(key_marker),
		.upload_marker = upload_marker,
		.limit = limit};
	struct meta_list_uploads_result r;

	assert_ok(f, f->m->ops->upload_list(f->m, &in, f->a, &r, &f->e));
	return r;
}

static void uploads_are_listed_by_key_then_initiation(void **state)
{
	struct fix *f = *state;
	uint64_t b1 = begin(f, "b"), a1 = begin(f, "a"), b2 = begin(f, "b"),
		 c1 = begin(f, "c/x");
	struct meta_list_uploads_result r = uploads(f, NULL, NULL, NULL, 0, 10);

	assert_int_equal(r.count, 4);
	assert_int_equal(r.entries[0].upload.gen, a1);
	assert_int_equal(r.entries[1].upload.gen, b1);
	assert_int_equal(r.entries[2].upload.gen, b2);
	assert_int_equal(r.entries[3].upload.gen, c1);
	r = uploads(f, NULL, NULL, "b", 0, 10);
	assert_int_equal(r.count, 1);
	r = uploads(f, NULL, NULL, "b", b1, 10);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.entries[0].upload.gen, b2);
	r = uploads(f, NULL, NULL, NULL, b1, 2);
	assert_int_equal(r.count, 2);
	assert_true(r.truncated);
	r = uploads(f, "c", "/", NULL, 0, 10);
	assert_int_equal(r.count, 1);
	assert_true(r.entries[0].is_prefix);
	assert_span_eq(r.entries[0].upload.key, "c/");
	r = uploads(f, NULL, "/", "c/", 0, 10);
	assert_int_equal(r.count, 0);
	assert_false(r.truncated);
	assert_int_equal(uploads(f, "b", NULL, NULL, 0, 10).count, 2);
	assert_int_equal(uploads(f, NULL, NULL, NULL, 0, 0).count, 0);
	assert_int_equal(list(f, NULL, NULL, NULL, 10).count, 0);
}

static void upload_pages_lose_and_repeat_nothing(void **state)
{
	struct fix *f = *state;
	const char *key = NULL;
	uint64_t marker = 0;
	size_t seen = 0;

	for (int i = 0; i < 60; i++) {
		char name[8];

		snprintf(name, sizeof(name), "k%d", i % 7);
		begin(f, name);
	}
	for (;;) {
		struct meta_list_uploads_result r = uploads(f, NULL, NULL, key, marker, 4);

		seen += r.count;
		if (!r.truncated)
			break;
		key = arena_strndup(f->a, r.entries[r.count - 1].upload.key);
		marker = r.entries[r.count - 1].upload.gen;
	}
	assert_int_equal(seen, 60);
}

enum { MODEL_UPLOADS = 150 };

struct model_upload {
	struct span key;
	uint64_t gen;
};

static int by_key_and_gen(const void *a, const void *b)
{
	const struct model_upload *x = a, *y = b;
	int c = span_cmp(x->key, y->key);

	return c ? c : (x->gen > y->gen) - (x->gen < y->gen);
}

static struct span group_of(const struct meta_list_uploads *in, struct span key)
{
	ptrdiff_t at = span_find(span_from(key, in->prefix.n), in->delimiter);

	return at < 0 ? SPAN_NULL : span_head(key, in->prefix.n + (size_t)at + in->delimiter.n);
}

static bool behind_markers(const struct meta_list_uploads *in, const struct model_upload *u)
{
	int c = span_absent(in->key_marker) ? 1 : span_cmp(u->key, in->key_marker);
	struct span group = group_of(in, u->key);

	if (!span_absent(group))
		return c > 0 && !span_eq(group, in->key_marker);
	return c > 0 || (c == 0 && in->upload_marker && u->gen > in->upload_marker);
}

/* Every entry behind the markers; a group has generation 0. */
static size_t model_uploads(const struct model_upload *all, size_t n,
	const struct meta_list_uploads *in, struct model_upload *out)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		struct span group = group_of(in, all[i].key);

		if (!span_starts(all[i].key, in->prefix) || !behind_markers(in, &all[i]))
			continue;
		if (span_absent(group))
			out[count++] = all[i];
		else if (!count || out[count - 1].gen || !span_eq(out[count - 1].key, group))
			out[count++] = (struct model_upload){group, 0};
	}
	return count;
}

static void compare_upload_pages(
	struct fix *f, const struct model_upload *all, size_t n, struct meta_list_uploads in)
{
	struct model_upload want[MODEL_UPLOADS];
	size_t total = model_uploads(all, n, &in, want), seen = 0;
	struct meta_list_uploads_result r;

	do {
		assert_ok(f, f->m->ops->upload_list(f->m, &in, f->a, &r, &f->e));
		assert_true(r.count <= in.limit);
		for (size_t i = 0; i < r.count; i++, seen++) {
			const struct meta_upload_entry *e = &r.entries[i];

			assert_true(seen < total);
			assert_true(span_eq(e->upload.key, want[seen].key));
			assert_int_equal(e->is_prefix ? 0 : e->upload.gen, want[seen].gen);
			in.key_marker = e->upload.key;
			in.upload_marker = e->is_prefix ? 0 : e->upload.gen;
		}
		assert_int_equal(r.truncated, seen < total);
	} while (r.truncated);
	assert_int_equal(seen, total);
}

static void upload_pages_agree_with_a_naive_model(void **state)
{
	struct fix *f = *state;
	struct model_upload all[MODEL_UPLOADS];
	size_t n = 0;

	while (n < MODEL_UPLOADS) {
		struct meta_upload u = {.key = random_text(f, 3)};

		if (u.key.n == 0)
			continue;
		assert_ok(f, f->m->ops->gen_next(f->m, &u.gen, &f->e));
		assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
		all[n++] = (struct model_upload){u.key, u.gen};
	}
	qsort(all, n, sizeof(all[0]), by_key_and_gen);
	for (int round = 0; round < 3000; round++) {
		const struct model_upload *at = &all[(size_t)rand() % n];
		struct meta_list_uploads in = {
			.bucket_id = f->bucket_id,
			.prefix = rand() % 2 ? random_text(f, 2) : SPAN_NULL,
			.delimiter = rand() % 4 ? random_text(f, 2) : SPAN_NULL,
			.key_marker = rand() % 2 ? random_text(f, 3) : SPAN_NULL,
			.limit = (unsigned)(rand() % 20) + 1,
		};

		if (rand() % 2) {
			in.key_marker = at->key;
			in.upload_marker = rand() % 2 ? at->gen : 0;
		}
		compare_upload_pages(f, all, n, in);
	}
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(an_empty_bucket_lists_nothing),
		T(keys_and_groups_come_in_raw_byte_order),
		T(a_marker_that_is_a_group_skips_all_of_it),
		T(a_key_equal_to_the_prefix_stays_a_key),
		T(a_page_says_whether_more_follows),
		T(bytes_ff_at_the_end_of_a_group_do_not_lose_the_rest),
		T(listed_objects_carry_what_a_page_shows),
		T(pages_agree_with_a_naive_model),
		T(uploads_are_listed_by_key_then_initiation),
		T(upload_pages_lose_and_repeat_nothing),
		T(upload_pages_agree_with_a_naive_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
