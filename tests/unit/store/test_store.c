/* SPDX-License-Identifier: MIT */
/* What every driver must do: each test runs over fs, over mem, and over the fault wrapper. */
#include "tests/unit/testing.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"
#include "tests/unit/store/workdir.h"

struct fixture {
	struct store *s;
	char *dir;
};

#define TENANT SPAN_LIT("tenant-0123abcd")
#define BUCKET SPAN_LIT("backups")

static struct store_loc loc_of(const char *key, uint64_t gen)
{
	return (struct store_loc){
		.tenant = TENANT, .bucket = BUCKET, .key = span_str(key), .gen = gen};
}

static int put(struct store *s, const struct store_loc *loc, struct span bytes, struct err *e)
{
	const struct store_tag tag = {.vseq = 1, .flags = 2, .nparts = 3, .mtime_us = 4};
	struct store_writer *w;

	if (s->ops->create(s, loc, bytes.n, &w, e) < 0)
		return -1;
	if (s->ops->write(w, bytes.p, bytes.n, e) < 0) {
		s->ops->abort(w);
		return -1;
	}
	return s->ops->commit(w, &tag, e);
}

static void must_put(struct store *s, const struct store_loc *loc, const char *text)
{
	struct err e;

	if (put(s, loc, span_str(text), &e) < 0)
		fail_msg("put: %s (%s)", e.text, e.where);
}

static bool holds(struct store *s, const struct store_loc *loc, const char *text)
{
	struct store_reader *r;
	char buf[64];
	size_t n;
	struct err e;
	bool same;

	if (s->ops->open(s, loc, &r, &e) < 0) {
		assert_int_equal(e.kind, ERR_NOT_FOUND);
		return false;
	}
	assert_int_equal(s->ops->pread(r, buf, sizeof(buf), 0, &n, &e), 0);
	same = span_eq_str(span_of(buf, n), text) && s->ops->size(r) == n;
	s->ops->close(r);
	return same;
}

static int setup(void **state, struct store *s, char *dir)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;

	f->s = s;
	f->dir = dir;
	assert_int_equal(s->ops->bucket_create(s, TENANT, BUCKET, &e), 0);
	*state = f;
	return 0;
}

static struct store *open_fs(char *dir)
{
	struct store *s;
	struct err e;

	assert_int_equal(store_fs_open(dir, &s, &e), 0);
	return s;
}

static int setup_fs(void **state)
{
	char *dir = workdir_new();

	return setup(state, open_fs(dir), dir);
}

static int setup_mem(void **state)
{
	return setup(state, store_mem_new(), NULL);
}

static int setup_fault(void **state)
{
	char *dir = workdir_new();

	return setup(state, store_fault_new(open_fs(dir), ERR_IO), dir);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_free(f->s);
	if (f->dir)
		workdir_free(f->dir);
	free(f);
	return 0;
}

static void a_committed_blob_reads_back(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("a", 1), empty = loc_of("empty", 2);
	struct store_reader *r;
	char buf[16];
	size_t n;
	struct err e;

	must_put(s, &a, "hello world");
	must_put(s, &empty, "");
	assert_true(holds(s, &empty, ""));
	assert_int_equal(s->ops->open(s, &a, &r, &e), 0);
	assert_int_equal(s->ops->size(r), 11);
	assert_int_equal(s->ops->pread(r, buf, 5, 6, &n, &e), 0);
	assert_memory_equal(buf, "world", 5);
	assert_int_equal(s->ops->pread(r, buf, 16, 6, &n, &e), 0);
	assert_int_equal(n, 5);
	assert_int_equal(s->ops->pread(r, buf, 16, 11, &n, &e), 0);
	assert_int_equal(n, 0);
	assert_int_equal(s->ops->pread(r, buf, 16, 1 << 20, &n, &e), 0);
	assert_int_equal(n, 0);
	s->ops->close(r);
}

static void keys_generations_and_parts_are_apart(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("a", 1), a2 = loc_of("a", 2), child = loc_of("a/b", 1);
	struct store_loc part = a, part2 = a, reupload = a;
	struct store_loc global = a;
	struct err e;

	part.part_no = part2.part_no = reupload.part_no = 1;
	part2.part_no = 2;
	reupload.part_gen = 9;
	global.tenant = SPAN_NULL;
	assert_int_equal(s->ops->bucket_create(s, SPAN_NULL, BUCKET, &e), 0);
	must_put(s, &a, "a");
	must_put(s, &a2, "a2");
	must_put(s, &child, "child");
	must_put(s, &part, "part");
	must_put(s, &part2, "part2");
	must_put(s, &reupload, "reupload");
	must_put(s, &global, "global");
	assert_true(holds(s, &a, "a") && holds(s, &a2, "a2") && holds(s, &child, "child"));
	assert_true(holds(s, &part, "part") && holds(s, &part2, "part2"));
	assert_true(holds(s, &reupload, "reupload") && holds(s, &global, "global"));
	assert_int_equal(s->ops->remove(s, &a, &e), 0);
	assert_false(holds(s, &a, "a"));
	assert_true(holds(s, &child, "child") && holds(s, &part, "part"));
}

static void a_blob_is_written_once(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("a/b/c", 1);
	struct err e;

	must_put(s, &a, "first");
	assert_int_equal(put(s, &a, SPAN_LIT("second"), &e), -1);
	assert_int_equal(e.kind, ERR_EXISTS);
	assert_true(holds(s, &a, "first"));
}

static void an_aborted_blob_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("deep/er/a", 1);
	struct store_writer *w;
	unsigned files, dirs;
	struct err e;

	assert_int_equal(f->s->ops->create(f->s, &a, UINT64_MAX, &w, &e), 0);
	assert_int_equal(f->s->ops->write(w, "xx", 2, &e), 0);
	f->s->ops->abort(w);
	assert_false(holds(f->s, &a, "xx"));
	if (f->dir) {
		workdir_count(f->dir, "objects/tenant-0123abcd/backups", &files, &dirs);
		assert_int_equal(files + dirs, 0);
	}
	must_put(f->s, &a, "yy");
	assert_true(holds(f->s, &a, "yy"));
}

static void a_missing_bucket_is_told(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	static const char *const keys[] = {"a", "a/b", "a/b/c"};
	struct err e;

	for (int i = 0; i < 3; i++) {
		struct store_loc loc = loc_of(keys[i], 1);

		loc.bucket = SPAN_LIT("missing");
		assert_int_equal(put(s, &loc, SPAN_LIT("x"), &e), -1);
		assert_int_equal(e.kind, ERR_NOT_FOUND);
		assert_false(holds(s, &loc, "x"));
		assert_int_equal(s->ops->remove(s, &loc, &e), 0);
		loc.tenant = SPAN_LIT("tenant-ffffffff");
		assert_int_equal(put(s, &loc, SPAN_LIT("x"), &e), -1);
		assert_int_equal(e.kind, ERR_NOT_FOUND);
	}
}

static void readers_outlive_a_removal(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("a", 1);
	struct store_reader *r;
	char buf[8];
	size_t n;
	struct err e;

	must_put(s, &a, "kept");
	assert_int_equal(s->ops->open(s, &a, &r, &e), 0);
	assert_int_equal(s->ops->remove(s, &a, &e), 0);
	assert_int_equal(s->ops->remove(s, &a, &e), 0);
	assert_false(holds(s, &a, "kept"));
	assert_int_equal(s->ops->pread(r, buf, 8, 0, &n, &e), 0);
	assert_span_eq(span_of(buf, n), "kept");
	s->ops->close(r);
}

static void a_bucket_goes_only_when_empty(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("x/y/a", 1);
	struct err e;

	must_put(s, &a, "a");
	assert_int_equal(s->ops->bucket_create(s, TENANT, BUCKET, &e), 0);
	assert_int_equal(s->ops->bucket_remove(s, TENANT, BUCKET, &e), -1);
	assert_int_equal(e.kind, ERR_EXISTS);
	assert_true(holds(s, &a, "a"));
	assert_int_equal(s->ops->remove(s, &a, &e), 0);
	assert_int_equal(s->ops->bucket_remove(s, TENANT, BUCKET, &e), 0);
	assert_int_equal(s->ops->bucket_remove(s, TENANT, BUCKET, &e), 0);
	assert_int_equal(put(s, &a, SPAN_LIT("x"), &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

struct seen {
	struct store *s;
	unsigned blobs, wrong;
	uint64_t gens, bytes;
	unsigned stop_at;
};

static int see(void *ctx, const struct store_found *found, struct err *e)
{
	struct seen *seen = ctx;

	seen->blobs++;
	seen->gens |= UINT64_C(1) << found->loc.gen;
	seen->bytes += found->size_bytes;
	seen->wrong +=
		found->damaged || !span_eq(found->loc.bucket, BUCKET) || found->mtime_us < 1;
	seen->wrong += found->loc.gen != 2 && !span_eq(found->loc.tenant, TENANT);
	seen->wrong += found->loc.gen == 2 && found->loc.tenant.n != 0;
	if (seen->blobs == seen->stop_at)
		return err_fail(e, ERR_BUSY, "enough");
	return seen->s ? seen->s->ops->remove(seen->s, &found->loc, e) : 0;
}

static void a_scan_finds_what_was_written(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("a", 1), b = loc_of("a/b//../c", 2), c = loc_of("a/", 3);
	struct seen seen = {.s = NULL};
	struct err e;

	b.tenant = SPAN_NULL;
	c.part_no = 10000;
	c.part_gen = UINT64_MAX;
	assert_int_equal(s->ops->scan(s, see, &seen, &e), 0);
	assert_int_equal(seen.blobs, 0);
	assert_int_equal(s->ops->bucket_create(s, SPAN_NULL, BUCKET, &e), 0);
	must_put(s, &a, "1");
	must_put(s, &b, "22");
	must_put(s, &c, "333");
	assert_int_equal(s->ops->scan(s, see, &seen, &e), 0);
	assert_int_equal(seen.blobs, 3);
	assert_int_equal(seen.gens, 1 << 1 | 1 << 2 | 1 << 3);
	assert_int_equal(seen.bytes, 6);
	assert_int_equal(seen.wrong, 0);
	seen = (struct seen){.stop_at = 2};
	assert_int_equal(s->ops->scan(s, see, &seen, &e), -1);
	assert_int_equal(e.kind, ERR_BUSY);
	assert_int_equal(seen.blobs, 2);
	/* the callback may remove what it is shown */
	seen = (struct seen){.s = s};
	assert_int_equal(s->ops->scan(s, see, &seen, &e), 0);
	assert_int_equal(seen.blobs, 3);
	assert_false(holds(s, &a, "1") || holds(s, &b, "22") || holds(s, &c, "333"));
}

static int list(void *ctx, struct span tenant, struct span bucket, struct err *e)
{
	(void)e;
	*(int *)ctx += tenant.n ? 10 : 1;
	assert_true(span_eq(bucket, BUCKET));
	return 0;
}

static void notes_are_kept_replaced_and_listed(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct arena *a = arena_new();
	struct span json;
	int sum = 0;
	struct err e;

	assert_int_equal(s->ops->note_list(s, list, &sum, &e), 0);
	assert_int_equal(sum, 0);
	assert_int_equal(s->ops->note_get(s, TENANT, BUCKET, a, &json, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(s->ops->note_remove(s, TENANT, BUCKET, &e), 0);
	assert_int_equal(s->ops->note_put(s, TENANT, BUCKET, SPAN_LIT("{}"), &e), 0);
	assert_int_equal(s->ops->note_put(s, TENANT, BUCKET, SPAN_LIT("{\"a\":1}"), &e), 0);
	assert_int_equal(s->ops->note_put(s, SPAN_NULL, BUCKET, SPAN_LIT("[]"), &e), 0);
	assert_int_equal(s->ops->note_get(s, TENANT, BUCKET, a, &json, &e), 0);
	assert_span_eq(json, "{\"a\":1}");
	assert_int_equal(s->ops->note_get(s, SPAN_NULL, BUCKET, a, &json, &e), 0);
	assert_span_eq(json, "[]");
	assert_int_equal(s->ops->note_list(s, list, &sum, &e), 0);
	assert_int_equal(sum, 11);
	assert_int_equal(s->ops->note_remove(s, TENANT, BUCKET, &e), 0);
	assert_int_equal(s->ops->note_get(s, TENANT, BUCKET, a, &json, &e), -1);
	sum = 0;
	assert_int_equal(s->ops->note_list(s, list, &sum, &e), 0);
	assert_int_equal(sum, 1);
	arena_free(a);
}

static void the_place_is_probed_and_measured(void **state)
{
	struct fixture *f = *state;
	struct store_usage u;
	unsigned files, dirs;
	struct err e;

	assert_int_equal(f->s->ops->probe(f->s, &e), 0);
	assert_int_equal(f->s->ops->settle(f->s, &e), 0);
	assert_int_equal(f->s->ops->usage(f->s, &u, &e), 0);
	assert_true(u.free_bytes <= u.total_bytes && u.free_inodes <= u.total_inodes);
	if (f->dir) {
		assert_true(u.total_bytes > 0);
		workdir_count(f->dir, ".maxiofs", &files, &dirs);
		assert_int_equal(files, 0);
	}
}

enum { THREADS = 8, ROUNDS = 60 };

struct worker {
	struct store *s;
	unsigned no, failures;
	pthread_t thread;
};

/* Writes, reads and removes below directories that all workers make and empty at once. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct err e;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct store_loc loc = loc_of(i % 2 ? "shared/dir/key" : "shared/key", 0);
		char text[32];

		loc.gen = (uint64_t)w->no << 32 | i;
		snprintf(text, sizeof(text), "%u-%u", w->no, i);
		if (put(w->s, &loc, span_str(text), &e) < 0) {
			fprintf(stderr, "put: %s (%s)\n", e.text, e.where);
			w->failures++;
		}
		w->failures += !holds(w->s, &loc, text);
		w->failures += w->s->ops->remove(w->s, &loc, &e) < 0;
	}
	return NULL;
}

static void writers_and_removers_race_without_harm(void **state)
{
	struct fixture *f = *state;
	struct worker workers[THREADS];
	unsigned files, dirs;

	for (unsigned i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.s = f->s, .no = i};
		assert_int_equal(
			pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failures, 0);
	}
	if (f->dir) {
		workdir_count(f->dir, "objects/tenant-0123abcd/backups", &files, &dirs);
		assert_int_equal(files, 0);
	}
}

/* Bytes [off, off + n) of one blob become another. */
static int copy(struct store *s, const struct store_loc *from, const struct store_loc *to,
	uint64_t off, uint64_t n, struct err *e)
{
	struct store_writer *w;
	struct store_reader *r;
	int rc;

	if (s->ops->open(s, from, &r, e) < 0)
		return -1;
	rc = s->ops->create(s, to, n, &w, e);
	if (rc == 0) {
		rc = s->ops->copy_range(w, r, off, n, e);
		if (rc == 0)
			rc = s->ops->commit(w, NULL, e);
		else
			s->ops->abort(w);
	}
	s->ops->close(r);
	return rc;
}

static void a_range_of_a_blob_is_copied(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc from = loc_of("from", 1), to = loc_of("to", 2), part = loc_of("to", 3);
	struct err e;

	part.part_no = 1;
	must_put(s, &from, "0123456789");
	assert_int_equal(copy(s, &from, &to, 0, 10, &e), 0);
	assert_true(holds(s, &to, "0123456789"));
	assert_int_equal(copy(s, &from, &part, 3, 4, &e), 0);
	assert_true(holds(s, &part, "3456"));
	part.part_no++;
	assert_int_equal(copy(s, &from, &part, 10, 0, &e), 0);
	assert_true(holds(s, &part, ""));
	part.part_no++;
	assert_int_equal(copy(s, &from, &part, 8, 3, &e), -1);
	assert_int_equal(e.kind, ERR_IO);
	assert_false(holds(s, &part, "89"));
}

/* What was written before stays before, over several steps of a driver. */
static void a_copy_of_many_bytes_follows_what_was_written(void **state)
{
	enum { BYTES = 66 << 20 };
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc from = loc_of("from", 1), to = loc_of("to", 2);
	struct store_writer *w;
	struct store_reader *r;
	char *bytes = malloc(BYTES + 2), *got = malloc(BYTES + 2);
	struct err e;
	size_t n;

	for (unsigned i = 0; i < BYTES + 2; i++)
		bytes[i] = (char)(i * 2654435761u >> 24);
	assert_int_equal(put(s, &from, span_of(bytes + 1, BYTES), &e), 0);
	assert_int_equal(s->ops->open(s, &from, &r, &e), 0);
	assert_int_equal(s->ops->create(s, &to, UINT64_MAX, &w, &e), 0);
	assert_int_equal(s->ops->write(w, bytes, 1, &e), 0);
	assert_int_equal(s->ops->copy_range(w, r, 0, BYTES, &e), 0);
	assert_int_equal(s->ops->write(w, bytes + BYTES + 1, 1, &e), 0);
	assert_int_equal(s->ops->commit(w, NULL, &e), 0);
	s->ops->close(r);
	assert_int_equal(s->ops->open(s, &to, &r, &e), 0);
	assert_int_equal(s->ops->pread(r, got, BYTES + 2, 0, &n, &e), 0);
	assert_int_equal(n, BYTES + 2);
	assert_memory_equal(got, bytes, BYTES + 2);
	s->ops->close(r);
	free(bytes);
	free(got);
}

/* One run of an operation with every kind of call; -1 at the first that fails. */
static int whole_life(struct store *s, uint64_t gen, struct err *e)
{
	struct store_loc loc = loc_of("a/b", gen), twin = loc_of("a/c", gen);
	struct store_reader *r;
	struct store_usage u;
	struct seen seen = {.s = NULL};
	struct arena *a = arena_new();
	struct span json;
	char buf[8];
	size_t n;
	int sum = 0, ret = -1;

	if (s->ops->bucket_create(s, TENANT, BUCKET, e) < 0 ||
		put(s, &loc, SPAN_LIT("life"), e) < 0 || s->ops->open(s, &loc, &r, e) < 0)
		goto out;
	ret = s->ops->pread(r, buf, sizeof(buf), 0, &n, e);
	s->ops->close(r);
	if (ret < 0 || copy(s, &loc, &twin, 1, 2, e) < 0 ||
		s->ops->scan(s, see, &seen, e) < 0 || s->ops->remove(s, &twin, e) < 0 ||
		s->ops->remove(s, &loc, e) < 0 ||
		s->ops->note_put(s, TENANT, BUCKET, SPAN_LIT("{}"), e) < 0 ||
		s->ops->note_get(s, TENANT, BUCKET, a, &json, e) < 0 ||
		s->ops->note_list(s, list, &sum, e) < 0 ||
		s->ops->note_remove(s, TENANT, BUCKET, e) < 0 || s->ops->probe(s, e) < 0 ||
		s->ops->usage(s, &u, e) < 0 || s->ops->settle(s, e) < 0 ||
		s->ops->bucket_remove(s, TENANT, BUCKET, e) < 0)
		ret = -1;
out:
	arena_free(a);
	return ret;
}

static void the_fault_wrapper_fails_each_call_once(void **state)
{
	enum { CALLS = 21 };
	struct store *s = store_fault_new(store_mem_new(), ERR_FULL);
	unsigned nth = 1;
	struct err e;

	(void)state;
	for (;; nth++) {
		store_fault_arm(s, nth);
		if (whole_life(s, nth, &e) == 0)
			break;
		assert_int_equal(e.kind, ERR_FULL);
		assert_int_equal(store_fault_calls(s), nth);
		assert_true(nth < 100);
		/* the calls after the failed one go through */
		store_fault_arm(s, 0);
		for (int i = 0; i < 2; i++) {
			struct store_loc left = loc_of(i ? "a/b" : "a/c", nth);

			assert_int_equal(s->ops->remove(s, &left, &e), 0);
		}
		assert_int_equal(whole_life(s, 60, &e), 0);
	}
	assert_int_equal(nth, CALLS + 1);
	assert_int_equal(store_fault_calls(s), CALLS);
	store_free(s);
}

static void a_failed_commit_leaves_no_blob(void **state)
{
	struct store *s = ((struct fixture *)*state)->s;
	struct store_loc a = loc_of("a/b", 1);
	struct err e;

	for (unsigned nth = 1; nth <= 3; nth++) {
		store_fault_arm(s, nth);
		assert_int_equal(put(s, &a, SPAN_LIT("x"), &e), -1);
		assert_false(holds(s, &a, "x"));
	}
	store_fault_arm(s, 0);
	must_put(s, &a, "x");
}

#define OVER(name, setup) \
	{ \
#name " (" #setup ")", name, setup, teardown, NULL \
	}
#define OVER_ALL(name) OVER(name, setup_fs), OVER(name, setup_mem), OVER(name, setup_fault)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OVER_ALL(a_committed_blob_reads_back),
		OVER_ALL(keys_generations_and_parts_are_apart),
		OVER_ALL(a_blob_is_written_once),
		OVER_ALL(an_aborted_blob_leaves_nothing),
		OVER_ALL(a_range_of_a_blob_is_copied),
		OVER_ALL(a_copy_of_many_bytes_follows_what_was_written),
		OVER_ALL(a_missing_bucket_is_told),
		OVER_ALL(readers_outlive_a_removal),
		OVER_ALL(a_bucket_goes_only_when_empty),
		OVER_ALL(a_scan_finds_what_was_written),
		OVER_ALL(notes_are_kept_replaced_and_listed),
		OVER_ALL(the_place_is_probed_and_measured),
		OVER_ALL(writers_and_removers_race_without_harm),
		cmocka_unit_test(the_fault_wrapper_fails_each_call_once),
		OVER(a_failed_commit_leaves_no_blob, setup_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
