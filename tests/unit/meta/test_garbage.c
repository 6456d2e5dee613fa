/* SPDX-License-Identifier: MIT */
/* Garbage in due order, leases of generations, which blobs are known, clean and unclean ends,
 * faults. */
#include <sys/wait.h>

#include "meta/sqlite_int.h"
#include "tests/unit/meta/fixture.h"

/* ---- garbage ---- */

static int add(struct fix *f, int64_t due_us, uint64_t gen)
{
	struct meta_gc g = {.kind = META_GC_PART,
		.due_us = due_us,
		.tenant_pub = "tenant-00000001",
		.bucket = "b",
		.key = SPAN_LIT("k"),
		.gen = gen,
		.part_no = 3,
		.part_gen = gen + 1};

	return f->m->ops->gc_add(f->m, &g, &f->e);
}

static void garbage_comes_oldest_first_and_stays_until_done(void **state)
{
	struct fix *f = *state;
	struct meta_gc *g;
	size_t n;

	assert_ok(f, add(f, 300, 30));
	assert_ok(f, add(f, 100, 10));
	assert_ok(f, add(f, 200, 20));
	for (int round = 0; round < 2; round++) {
		assert_ok(f, f->m->ops->gc_take(f->m, 200, 10, f->a, &g, &n, &f->e));
		assert_int_equal(n, 2);
		assert_int_equal(g[0].gen, 10);
		assert_int_equal(g[1].gen, 20);
	}
	assert_string_equal(g[0].tenant_pub, "tenant-00000001");
	assert_int_equal(g[0].part_no, 3);
	assert_int_equal(g[0].part_gen, 11);
	assert_ok(f, f->m->ops->gc_take(f->m, 300, 1, f->a, &g, &n, &f->e));
	assert_int_equal(n, 1);
	assert_ok(f, f->m->ops->gc_done(f->m, &g[0].id, 1, &f->e));
	assert_ok(f, f->m->ops->gc_done(f->m, &g[0].id, 1, &f->e));
	assert_int_equal(fix_garbage(f, &g), 2);
	assert_ok(f, f->m->ops->gc_done(f->m, NULL, 0, &f->e));
}

static void more_garbage_than_fits_a_microsecond_is_still_due_then(void **state)
{
	struct fix *f = *state;
	enum { N = 3000 };
	int64_t ids[N];
	size_t n, total = 0;
	struct meta_gc *g;

	for (uint64_t i = 0; i < N; i++)
		assert_ok(f, add(f, 500, i));
	assert_ok(f, add(f, 499, N));
	assert_ok(f, f->m->ops->gc_take(f->m, 498, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 0);
	assert_ok(f, f->m->ops->gc_take(f->m, 500, 5000, f->a, &g, &n, &f->e));
	assert_int_equal(n, N + 1);
	for (size_t i = 0; i < N; i++)
		ids[total++] = g[i].id;
	assert_ok(f, f->m->ops->gc_done(f->m, ids, total, &f->e));
	assert_int_equal(fix_garbage(f, &g), 1);
}

static void a_row_that_is_put_off_keeps_its_parts(void **state)
{
	struct fix *f = *state;
	struct meta_upload u = {.key = SPAN_LIT("u"), .gen = 50};
	struct meta_part p = {.no = 2, .pgen = 51}, *parts;
	struct meta_write_result w;
	struct meta_gc *g;
	size_t n;

	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
	assert_ok(f, f->m->ops->part_put(f->m, f->bucket_id, u.key, u.gen, &p, &w, &f->e));
	assert_ok(f, f->m->ops->upload_abort(f->m, f->bucket_id, u.key, u.gen, &f->e));
	assert_int_equal(fix_garbage(f, &g), 1);
	int64_t id = g[0].id, later = g[0].due_us + 1000;
	assert_ok(f, f->m->ops->gc_put_off(f->m, id, later, &f->e));
	assert_ok(f, f->m->ops->gc_put_off(f->m, id, later, &f->e));
	assert_ok(f, f->m->ops->gc_take(f->m, later - 1, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 0);
	assert_ok(f, f->m->ops->gc_take(f->m, later, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(g[0].kind, META_GC_PARTS);
	assert_int_equal(g[0].gen, 50);
	assert_span_eq(g[0].key, "u");
	assert_ok(f, f->m->ops->gc_parts(f->m, 50, 0, 10, f->a, &parts, &n, &f->e));
	assert_int_equal(n, 1);
}

static void absurd_due_times_are_held_within_bounds(void **state)
{
	struct fix *f = *state;
	struct meta_gc *g;
	size_t n;

	assert_ok(f, add(f, INT64_MIN, 1));
	assert_ok(f, add(f, INT64_MAX, 2));
	assert_ok(f, f->m->ops->gc_take(f->m, 0, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 1);
	assert_ok(f, f->m->ops->gc_take(f->m, INT64_MAX, 10, f->a, &g, &n, &f->e));
	assert_int_equal(n, 2);
}

/* ---- generations ---- */

static void generations_rise_and_carry_the_node(void **state)
{
	struct fix *f = *state;
	struct meta_config cfg = {.clock = &f->clock, .node = 4095};
	struct meta *m;
	uint64_t last = 0, gen;

	for (int i = 0; i < 70000; i++) {
		assert_ok(f, f->m->ops->gen_next(f->m, &gen, &f->e));
		assert_true(gen > last);
		last = gen;
	}
	assert_ok(f, meta_sqlite_open(&cfg, &m, &f->e));
	assert_ok(f, m->ops->gen_next(m, &gen, &f->e));
	assert_int_equal(gen >> 52, 4095);
	meta_free(m);
	cfg.node = 4096;
	assert_fails(f, meta_sqlite_open(&cfg, &m, &f->e), ERR_INVALID, 0);
}

static void two_handles_never_give_the_same_generation(void **state)
{
	struct fix *f = *state;
	struct meta *other = fix_open_again(f, true);
	uint64_t a, b, c;

	assert_non_null(other);
	assert_ok(f, f->m->ops->gen_next(f->m, &a, &f->e));
	assert_ok(f, other->ops->gen_next(other, &b, &f->e));
	assert_true((a >> 16) != (b >> 16));
	meta_free(other);
	other = fix_open_again(f, true);
	assert_ok(f, other->ops->gen_next(other, &c, &f->e));
	assert_true(c > b && (c >> 16) != (b >> 16));
	meta_free(other);
}

/* ---- known blobs ---- */

static bool known(struct fix *f, const char *bucket, const char *key, uint64_t gen, uint32_t no,
	uint64_t pgen)
{
	struct meta_blob b = {.bucket = span_str(bucket),
		.key = span_str(key),
		.gen = gen,
		.part_no = no,
		.part_gen = pgen};
	bool r = false;

	assert_ok(f, f->m->ops->blob_known(f->m, &b, &r, &f->e));
	return r;
}

/* Generations far from every lease. */
enum { FAR = 1 << 30 };

static void rows_account_for_their_blobs(void **state)
{
	struct fix *f = *state;
	struct meta_object_put in = {
		.bucket_id = f->bucket_id, .object = {.key = SPAN_LIT("k"), .gen = FAR + 1}};
	struct meta_upload u = {.key = SPAN_LIT("u"), .gen = FAR + 10};
	struct meta_part p = {.no = 2, .pgen = FAR + 11};
	struct meta_write_result w;
	struct meta_gc *g;

	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
	assert_true(known(f, "bucket", "k", FAR + 1, 0, 0));
	assert_false(known(f, "bucket", "k", FAR + 2, 0, 0));
	assert_false(known(f, "bucket", "l", FAR + 1, 0, 0));
	assert_false(known(f, "other", "k", FAR + 1, 0, 0));
	in.object.gen = FAR + 2;
	assert_ok(f, f->m->ops->object_put(f->m, &in, &w, &f->e));
	assert_true(known(f, "bucket", "k", FAR + 1, 0, 0));
	assert_int_equal(fix_garbage(f, &g), 1);
	assert_ok(f, f->m->ops->gc_done(f->m, &g[0].id, 1, &f->e));
	assert_false(known(f, "bucket", "k", FAR + 1, 0, 0));

	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
	assert_ok(f, f->m->ops->part_put(f->m, f->bucket_id, u.key, u.gen, &p, &w, &f->e));
	assert_true(known(f, "bucket", "u", FAR + 10, 2, FAR + 11));
	assert_false(known(f, "bucket", "u", FAR + 10, 3, FAR + 11));
	assert_false(known(f, "bucket", "u", FAR + 10, 2, FAR + 12));
	p.pgen = FAR + 12;
	assert_ok(f, f->m->ops->part_put(f->m, f->bucket_id, u.key, u.gen, &p, &w, &f->e));
	assert_true(known(f, "bucket", "u", FAR + 10, 2, FAR + 11));
	assert_ok(f, f->m->ops->upload_abort(f->m, f->bucket_id, u.key, u.gen, &f->e));
	assert_true(known(f, "bucket", "u", FAR + 10, 2, FAR + 12));
}

static void a_live_lease_accounts_for_blobs_in_flight(void **state)
{
	struct fix *f = *state;
	struct meta *other = fix_open_again(f, false);
	uint64_t mine, theirs;

	assert_ok(f, f->m->ops->gen_next(f->m, &mine, &f->e));
	assert_ok(f, other->ops->gen_next(other, &theirs, &f->e));
	assert_true(known(f, "bucket", "x", mine, 0, 0));
	assert_true(known(f, "bucket", "x", theirs, 0, 0));
	assert_true(known(f, "bucket", "x", FAR, 1, theirs));
	assert_ok(f, f->m->ops->expire(f->m, INT64_MAX, &f->e));
	assert_true(known(f, "bucket", "x", theirs, 0, 0));
	meta_free(other);
	assert_false(known(f, "bucket", "x", theirs, 0, 0));
	assert_ok(f, f->m->ops->expire(f->m, INT64_MAX, &f->e));
	assert_false(known(f, "bucket", "x", theirs, 0, 0));
	assert_true(known(f, "bucket", "x", mine, 0, 0));
}

/* Another process, about to commit the blob that is asked for and to die. */
struct dying {
	struct fix *f;
	struct meta *m;
	uint64_t gen;
};

/* Just before the lease is looked at, after the rows were. */
static int commit_and_die(unsigned what, void *ctx, void *stmt, void *sql)
{
	struct dying *d = ctx;
	struct meta_object_put in = {.bucket_id = d->f->bucket_id};
	struct meta_write_result w;

	(void)what;
	(void)stmt;
	if (!d->m || !strstr(sql, "FROM lease"))
		return 0;
	in.object = (struct meta_object){.key = SPAN_LIT("x"), .gen = d->gen};
	assert_ok(d->f, d->m->ops->object_put(d->m, &in, &w, &d->f->e));
	meta_free(d->m);
	d->m = NULL;
	return 0;
}

static void a_row_committed_by_a_process_that_dies_while_we_look_is_seen(void **state)
{
	struct fix *f = *state;
	struct dying d = {.f = f, .m = fix_open_again(f, false)};
	struct conn *c;

	assert_ok(f, d.m->ops->gen_next(d.m, &d.gen, &f->e));
	/* The connection given back last is taken first. */
	assert_ok(f, reader_get(sq(f->m), &c, &f->e));
	sqlite3_trace_v2(c->db, SQLITE_TRACE_STMT, commit_and_die, &d);
	reader_put(sq(f->m), c);
	assert_true(known(f, "bucket", "x", d.gen, 0, 0));
	assert_null(d.m);
	sqlite3_trace_v2(c->db, 0, NULL, NULL);
}

static void an_exhausted_lease_counts_until_it_expires(void **state)
{
	struct fix *f = *state;
	uint64_t first, gen;

	assert_ok(f, f->m->ops->gen_next(f->m, &first, &f->e));
	do
		assert_ok(f, f->m->ops->gen_next(f->m, &gen, &f->e));
	while (gen >> 16 == first >> 16);
	assert_true(known(f, "bucket", "x", first, 0, 0));
	assert_ok(f, f->m->ops->expire(f->m, FIX_START_US, &f->e));
	assert_true(known(f, "bucket", "x", first, 0, 0));
	assert_ok(f, f->m->ops->expire(f->m, FIX_START_US + 1, &f->e));
	assert_false(known(f, "bucket", "x", first, 0, 0));
	assert_true(known(f, "bucket", "x", gen, 0, 0));
}

/* ---- clean ends ---- */

static void only_a_marked_end_is_clean(void **state)
{
	struct fix *f = *state;

	assert_true(f->m->ops->was_clean(f->m));
	meta_free(f->m);
	f->m = fix_open_again(f, false);
	assert_false(f->m->ops->was_clean(f->m));
	assert_ok(f, f->m->ops->mark_clean(f->m, &f->e));
	meta_free(f->m);
	f->m = fix_open_again(f, false);
	assert_true(f->m->ops->was_clean(f->m));
}

static void a_live_process_is_no_crash_and_a_tool_does_not_count(void **state)
{
	struct fix *f = *state;
	struct meta *second = fix_open_again(f, false), *tool;
	uint64_t gen;

	assert_true(second->ops->was_clean(second));
	tool = fix_open_again(f, true);
	assert_ok(f, tool->ops->gen_next(tool, &gen, &f->e));
	meta_free(tool);
	assert_ok(f, second->ops->mark_clean(second, &f->e));
	meta_free(second);
	assert_ok(f, f->m->ops->mark_clean(f->m, &f->e));
	meta_free(f->m);
	f->m = fix_open_again(f, false);
	assert_true(f->m->ops->was_clean(f->m));
}

static void every_opener_hears_of_a_crash_until_one_ends_well(void **state)
{
	struct fix *f = *state;
	struct meta *a, *b;

	meta_free(f->m); /* without mark_clean: as good as a crash */
	a = fix_open_again(f, false);
	b = fix_open_again(f, false);
	assert_false(a->ops->was_clean(a));
	assert_false(b->ops->was_clean(b));
	assert_ok(f, a->ops->mark_clean(a, &f->e));
	meta_free(a);
	meta_free(b);
	f->m = fix_open_again(f, false);
	assert_false(f->m->ops->was_clean(f->m)); /* b */
}

static void a_killed_process_leaves_an_unclean_end(void **state)
{
	struct fix *f = *state;
	int status;

	assert_ok(f, f->m->ops->mark_clean(f->m, &f->e));
	meta_free(f->m);
	pid_t pid = fork();
	if (pid == 0) {
		struct meta *m = fix_open_again(f, false);

		if (m)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	f->m = fix_open_again(f, false);
	assert_false(f->m->ops->was_clean(f->m));
}

/* ---- the fault wrapper ---- */

static int two_calls(struct fix *f)
{
	struct meta_object o;
	uint64_t gen;

	if (fix_put_in(f->m, f->bucket_id, SPAN_LIT("k"), 1, &gen, &f->e) != 0)
		return -1;
	return f->m->ops->object_get(f->m, f->bucket_id, SPAN_LIT("k"), f->a, &o, &f->e);
}

static void the_fault_wrapper_fails_the_nth_call_once(void **state)
{
	struct fix *f = *state;
	struct meta_object o;
	unsigned n;

	f->m = meta_fault_new(f->m, ERR_FULL);
	assert_ok(f, two_calls(f));
	assert_int_equal(meta_fault_calls(f->m), 3);
	for (n = 1; n <= 3; n++) {
		meta_fault_arm(f->m, 0);
		assert_ok(f, fix_delete(f, f->bucket_id, "k"));
		meta_fault_arm(f->m, n);
		assert_fails(f, two_calls(f), ERR_FULL, 0);
		assert_int_equal(meta_fault_calls(f->m), n);
		if (n == 3)
			assert_ok(f,
				f->m->ops->object_get(
					f->m, f->bucket_id, SPAN_LIT("k"), f->a, &o, &f->e));
		else
			assert_fails(f,
				f->m->ops->object_get(
					f->m, f->bucket_id, SPAN_LIT("k"), f->a, &o, &f->e),
				ERR_NOT_FOUND, REASON_KEY);
	}
	/* Every operation is forwarded. */
	const void *const *op = (const void *const *)f->m->ops;
	for (size_t i = 0; i < sizeof(*f->m->ops) / sizeof(*op); i++)
		assert_non_null(op[i]);
}

int main(void)
{
#define M(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded, fix_teardown)
#define D(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded_dir, fix_teardown)
	static const struct CMUnitTest tests[] = {
		M(garbage_comes_oldest_first_and_stays_until_done),
		M(more_garbage_than_fits_a_microsecond_is_still_due_then),
		M(a_row_that_is_put_off_keeps_its_parts),
		M(absurd_due_times_are_held_within_bounds),
		M(generations_rise_and_carry_the_node),
		D(two_handles_never_give_the_same_generation),
		M(rows_account_for_their_blobs),
		D(a_live_lease_accounts_for_blobs_in_flight),
		D(a_row_committed_by_a_process_that_dies_while_we_look_is_seen),
		M(an_exhausted_lease_counts_until_it_expires),
		D(only_a_marked_end_is_clean),
		D(a_live_process_is_no_crash_and_a_tool_does_not_count),
		D(every_opener_hears_of_a_crash_until_one_ends_well),
		D(a_killed_process_leaves_an_unclean_end),
		M(the_fault_wrapper_fails_the_nth_call_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
