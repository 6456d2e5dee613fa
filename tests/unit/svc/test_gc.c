/* SPDX-License-Identifier: MIT */
/* Garbage, orphans, readable copies, the background thread. */
#include <sched.h>

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

/* A blob as a crashed process left it: no row, no lease. */
static void leave_blob(struct fix *f, uint64_t gen, uint32_t part_no)
{
	struct store_loc loc = {
		.bucket = SPAN_LIT("photos"),
		.key = SPAN_LIT("left"),
		.gen = gen,
		.part_no = part_no,
		.part_gen = part_no ? gen + 1 : 0,
	};
	struct store_tag tag = {0};
	struct store_writer *w;

	assert_ok(f, f->store->ops->create(f->store, &loc, 1, &w, &f->e));
	assert_ok(f, f->store->ops->write(w, "x", 1, &f->e));
	assert_ok(f, f->store->ops->commit(w, &tag, &f->e));
}

static const uint64_t unleased = UINT64_C(1) << 40;

static void garbage_waits_for_its_delay(void **state)
{
	struct fix *f = *state;
	uint64_t removed;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("1")));
	assert_ok(f, fix_put(f, "k", SPAN_LIT("2")));
	fix_advance(f, FIX_GC_DELAY_S - 1);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 0);
	fix_advance(f, 2);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 1);
	assert_int_equal(metrics_get(f->metrics, METRIC_GC_REMOVED), 1);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 0);
}

static void much_garbage_goes_in_one_call(void **state)
{
	struct fix *f = *state;
	uint64_t removed;

	for (int i = 0; i < 451; i++)
		assert_ok(f, fix_put(f, "k", SPAN_LIT("1")));
	fix_advance(f, FIX_GC_DELAY_S + 1);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 450);
	assert_int_equal(fix_blobs(f), 1);
}

static void a_blob_that_cannot_be_removed_is_put_off_and_stops_no_other(void **state)
{
	struct fix *f = *state;
	uint64_t removed;

	for (int i = 0; i < 4; i++)
		assert_ok(f, fix_put(f, "k", SPAN_LIT("1")));
	fix_advance(f, FIX_GC_DELAY_S + 1);
	store_fault_arm(f->store, 1);
	assert_fails(f, svc_gc_run(f->s, &removed, &f->e), ERR_BUSY, REASON_NONE);
	assert_int_equal(removed, 2);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 0);
	fix_advance(f, 601);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 1);
}

static void parts_that_cannot_be_removed_are_put_off_too(void **state)
{
	struct fix *f = *state;
	struct meta_upload u = {.key = SPAN_LIT("k"), .initiator_id = f->user.id};
	struct svc_part_put in = {.bucket = &f->bucket, .key = SPAN_LIT("k"), .no = 1};
	char id[SVC_UPLOAD_ID_LEN + 1];
	struct svc_put_result out;
	struct source_mem m;
	uint64_t removed;

	assert_ok(f, svc_upload_create(f->s, &f->bucket, &u, id, &f->e));
	in.upload_id = span_str(id);
	in.body = fix_body(&m, SPAN_LIT("part"));
	assert_ok(f, svc_part_put(f->s, &in, f->a, &out, &f->e));
	assert_ok(f, svc_upload_abort(f->s, &f->bucket, u.key, in.upload_id, f->a, &f->e));
	fix_advance(f, FIX_GC_DELAY_S + 1);
	store_fault_arm(f->store, 1);
	assert_fails(f, svc_gc_run(f->s, &removed, &f->e), ERR_BUSY, REASON_NONE);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 0);
	fix_advance(f, 601);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 1);
	assert_int_equal(fix_blobs(f), 0);
}

static void the_place_of_a_deleted_bucket_goes_unless_it_lives_again(void **state)
{
	struct fix *f = *state;

	assert_ok(f, svc_bucket_delete(f->s, &f->bucket, &f->e));
	assert_ok(f,
		svc_bucket_create(f->s, &f->caller, SPAN_LIT("photos"), SPAN_NULL, f->a,
			&f->bucket, &f->e));
	fix_collect(f);
	assert_ok(f, fix_put(f, "k", SPAN_LIT("1")));
	assert_same(fix_get(f, "k"), SPAN_LIT("1"));
}

static void the_scan_removes_old_orphans_only(void **state)
{
	struct fix *f = *state;
	uint64_t seen, removed;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("1")));
	leave_blob(f, unleased, 0);
	leave_blob(f, unleased + 10, 3);
	assert_ok(f, svc_orphan_scan(f->s, &seen, &removed, &f->e));
	assert_int_equal(seen, 3);
	assert_int_equal(removed, 0);
	fix_advance(f, FIX_GRACE_S + 60);
	assert_ok(f, svc_orphan_scan(f->s, &seen, &removed, &f->e));
	assert_int_equal(seen, 3);
	assert_int_equal(removed, 2);
	assert_int_equal(metrics_get(f->metrics, METRIC_ORPHANS_REMOVED), 2);
	assert_int_equal(fix_blobs(f), 1);
	assert_same(fix_get(f, "k"), SPAN_LIT("1"));
}

static void the_scan_spares_uploads_garbage_and_what_a_live_process_writes(void **state)
{
	struct fix *f = *state;
	struct meta_upload u = {.key = SPAN_LIT("k"), .initiator_id = f->user.id};
	struct svc_part_put in = {.bucket = &f->bucket, .key = SPAN_LIT("k"), .no = 1};
	char id[SVC_UPLOAD_ID_LEN + 1];
	struct svc_put_result out;
	struct source_mem m;
	uint64_t seen, removed, gen;

	assert_ok(f, svc_upload_create(f->s, &f->bucket, &u, id, &f->e));
	in.upload_id = span_str(id);
	in.body = fix_body(&m, SPAN_LIT("part"));
	assert_ok(f, svc_part_put(f->s, &in, f->a, &out, &f->e));
	assert_ok(f, fix_put(f, "o", SPAN_LIT("1")));
	assert_ok(f, fix_put(f, "o", SPAN_LIT("2")));
	assert_ok(f, f->meta->ops->gen_next(f->meta, &gen, &f->e));
	leave_blob(f, gen, 0);
	fix_advance(f, FIX_GRACE_S + 60);
	assert_ok(f, svc_orphan_scan(f->s, &seen, &removed, &f->e));
	assert_int_equal(seen, 4);
	assert_int_equal(removed, 0);
}

static void the_scan_spares_what_is_older_than_the_database(void **state)
{
	struct fix *f = *state;
	uint64_t seen, removed;

	leave_blob(f, unleased, 0);
	fix_advance(f, 7200);
	assert_ok(f,
		f->meta->ops->setting_put(f->meta, "installed_at",
			span_str(
				arena_printf(f->a, "%lld", (long long)clock_now_us(&f->clock))),
			&f->e));
	fix_advance(f, FIX_GRACE_S + 60);
	assert_ok(f, svc_orphan_scan(f->s, &seen, &removed, &f->e));
	assert_int_equal(removed, 0);
	assert_int_equal(fix_blobs(f), 1);
}

static struct span note(struct fix *f, const char *tenant, const char *bucket)
{
	struct span json = SPAN_NULL;

	if (f->store->ops->note_get(
		    f->store, span_str(tenant), span_str(bucket), f->a, &json, &f->e) < 0)
		return SPAN_NULL;
	return json;
}

static void a_bucket_has_a_readable_copy_while_it_lives(void **state)
{
	struct fix *f = *state;
	struct span json = note(f, "", "photos");

	assert_true(span_find(json, SPAN_LIT("\"name\":\"photos\"")) >= 0);
	assert_true(span_find(json, SPAN_LIT("\"tenant\":\"global\"")) >= 0);
	assert_true(span_find(json, span_str(f->user.canonical_id)) >= 0);
	assert_ok(f, svc_bucket_delete(f->s, &f->bucket, &f->e));
	assert_true(span_absent(note(f, "", "photos")));
}

static void the_refresh_mends_every_readable_copy(void **state)
{
	struct fix *f = *state;
	struct meta_tenant t;
	struct meta_user u;
	struct caller c;
	struct meta_bucket b;
	uint64_t written;

	assert_ok(f, svc_tenant_create(f->s, SPAN_LIT("acme"), SPAN_NULL, f->a, &t, &f->e));
	u = fix_user(f, t.id, "bob", META_ROLE_USER);
	c = fix_caller(&u);
	assert_ok(
		f, svc_bucket_create(f->s, &c, SPAN_LIT("photos"), SPAN_NULL, f->a, &b, &f->e));
	assert_ok(f, svc_bucket_notes_refresh(f->s, &written, &f->e));
	assert_int_equal(written, 0);
	assert_ok(f,
		f->store->ops->note_remove(f->store, SPAN_LIT(""), SPAN_LIT("photos"), &f->e));
	assert_ok(f,
		f->store->ops->note_put(
			f->store, span_str(t.pub), SPAN_LIT("photos"), SPAN_LIT("{}"), &f->e));
	assert_ok(f,
		f->store->ops->note_put(
			f->store, span_str(t.pub), SPAN_LIT("gone"), SPAN_LIT("{}"), &f->e));
	assert_ok(f,
		f->store->ops->note_put(f->store, SPAN_LIT("tenant-00000000"), SPAN_LIT("gone"),
			SPAN_LIT("{}"), &f->e));
	assert_ok(f, svc_bucket_notes_refresh(f->s, &written, &f->e));
	assert_int_equal(written, 4);
	assert_false(span_absent(note(f, "", "photos")));
	assert_true(note(f, t.pub, "photos").n > 2);
	assert_true(span_absent(note(f, t.pub, "gone")));
	assert_true(span_absent(note(f, "tenant-00000000", "gone")));
}

static void a_copy_that_cannot_be_written_fails_no_creation(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;

	/* bucket_create, note_get, note_put */
	store_fault_arm(f->store, 3);
	assert_ok(f,
		svc_bucket_create(
			f->s, &f->caller, SPAN_LIT("second"), SPAN_NULL, f->a, &b, &f->e));
	assert_true(span_absent(note(f, "", "second")));
}

static void the_background_thread_collects_and_stops_at_once(void **state)
{
	struct fix *f = *state;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("1")));
	assert_ok(f, fix_put(f, "k", SPAN_LIT("2")));
	fix_advance(f, FIX_GC_DELAY_S + 1);
	f->cfg.gc_interval_ms = 3600000;
	assert_ok(f, svc_background_start(f->s, &f->e));
	while (metrics_get(f->metrics, METRIC_GC_REMOVED) == 0)
		sched_yield();
	/* The teardown closes: it would hang for an hour if the thread were not woken. */
}

static void ready_says_what_is_wrong(void **state)
{
	struct fix *f = *state;

	assert_ok(f, svc_ready(f->s, &f->e));
	store_fault_arm(f->store, 1);
	fix_advance(f, 1);
	assert_fails(f, svc_ready(f->s, &f->e), ERR_BUSY, REASON_NONE);
	meta_fault_arm(f->meta, 1);
	fix_advance(f, 1);
	assert_fails(f, svc_ready(f->s, &f->e), ERR_BUSY, REASON_NONE);
	fix_advance(f, 1);
	assert_ok(f, svc_ready(f->s, &f->e));
}

static void many_questions_cost_one_probe_a_second(void **state)
{
	struct fix *f = *state;

	meta_fault_arm(f->meta, 0);
	store_fault_arm(f->store, 0);
	for (int i = 0; i < 100; i++)
		assert_ok(f, svc_ready(f->s, &f->e));
	assert_int_equal(meta_fault_calls(f->meta), 1);
	assert_int_equal(store_fault_calls(f->store), 1);
	/* What is wrong is told as often, and a clock that was set back stops nothing. */
	meta_fault_arm(f->meta, 1);
	fix_advance(f, -1);
	for (int i = 0; i < 100; i++)
		assert_fails(f, svc_ready(f->s, &f->e), ERR_BUSY, REASON_NONE);
	assert_int_equal(meta_fault_calls(f->meta), 1);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_fix, close_fix)
	const struct CMUnitTest tests[] = {
		T(garbage_waits_for_its_delay),
		T(much_garbage_goes_in_one_call),
		T(a_blob_that_cannot_be_removed_is_put_off_and_stops_no_other),
		T(parts_that_cannot_be_removed_are_put_off_too),
		T(the_place_of_a_deleted_bucket_goes_unless_it_lives_again),
		T(the_scan_removes_old_orphans_only),
		T(the_scan_spares_uploads_garbage_and_what_a_live_process_writes),
		T(the_scan_spares_what_is_older_than_the_database),
		T(a_bucket_has_a_readable_copy_while_it_lives),
		T(the_refresh_mends_every_readable_copy),
		T(a_copy_that_cannot_be_written_fails_no_creation),
		T(the_background_thread_collects_and_stops_at_once),
		T(ready_says_what_is_wrong),
		T(many_questions_cost_one_probe_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
