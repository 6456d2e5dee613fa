/* SPDX-License-Identifier: MIT */
/* Object Lock inside the commit, and by the clock that cannot be set. */
#include "tests/unit/meta/fixture.h"

#define DAY ((int64_t)86400 * 1000000)
#define GAP (7 * DAY) /* of the fixture */

static void set_default(struct fix *f, const struct lock_default *d)
{
	unsigned char blob[LOCK_BLOB_MAX];

	assert_ok(f,
		f->m->ops->bucket_config_put(f->m, f->bucket_id, META_CONFIG_OBJECT_LOCK,
			lock_default_encode(d, blob), &f->e));
}

static int setup(void **state)
{
	static const struct lock_default none = {0};
	struct fix *f = malloc(sizeof(*f));

	fix_open(f, true);
	fix_seed(f);
	fix_set_versioning(f, META_VERSIONING_ENABLED);
	set_default(f, &none);
	*state = f;
	return 0;
}

static struct version_id put(struct fix *f, const char *key, const struct lock *l)
{
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {.key = span_str(key), .size = 1, .lock = *l}};
	struct meta_write_result out;

	assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
	assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
	return out.version;
}

static int del(struct fix *f, const char *key, const struct version_id *v, bool bypass)
{
	struct meta_delete d = {.key = span_str(key), .version = v, .bypass = bypass};
	int rc = f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e);

	assert_int_equal(d.locked, rc < 0 && f->e.reason == REASON_LOCKED);
	return rc;
}

static int retain(struct fix *f, const struct version_id *v, enum lock_mode mode,
	int64_t until_us, bool bypass)
{
	struct meta_version_ref ref = {f->bucket_id, SPAN_LIT("k"), v};
	struct lock_retention r = {mode, until_us};
	struct meta_lock_change ch = {.retention = &r, .bypass = bypass};
	struct version_id got;

	return f->m->ops->object_set_lock(f->m, &ref, &ch, &got, &f->e);
}

static int hold(struct fix *f, const struct version_id *v, enum lock_hold on)
{
	struct meta_version_ref ref = {f->bucket_id, SPAN_LIT("k"), v};
	struct meta_lock_change ch = {.hold = on};
	struct version_id got;

	return f->m->ops->object_set_lock(f->m, &ref, &ch, &got, &f->e);
}

static struct lock lock_of(struct fix *f, const char *key, const struct version_id *v)
{
	struct meta_object o;

	assert_ok(f,
		f->m->ops->object_get_version(
			f->m, f->bucket_id, span_str(key), v, f->a, &o, &f->e));
	return o.lock;
}

#define assert_locked(f, call) assert_fails(f, call, ERR_DENIED, REASON_LOCKED)

static void a_locked_version_stays_and_markers_come_and_go(void **state)
{
	struct fix *f = *state;
	struct lock l = {{LOCK_COMPLIANCE, FIX_START_US + DAY}, LOCK_HOLD_UNSET};
	struct version_id v = put(f, "k", &l);
	struct meta_delete marker = {.key = SPAN_LIT("k")};

	assert_locked(f, del(f, "k", &v, false));
	assert_locked(f, del(f, "k", &v, true));
	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &marker, &f->e));
	assert_locked(f, del(f, "k", &v, true));
	assert_ok(f, del(f, "k", &marker.made, false));
	assert_fails(f, f->m->ops->bucket_delete(f->m, f->bucket_id, 0, &f->e), ERR_EXISTS,
		REASON_BUCKET_NOT_EMPTY);
	fix_assert_counts(f, 1, 1, 1);
	fix_advance(f, DAY);
	assert_ok(f, del(f, "k", &v, false));
	fix_assert_counts(f, 0, 0, 0);
}

static void each_of_many_has_its_own_fate(void **state)
{
	struct fix *f = *state;
	struct lock governed = {{LOCK_GOVERNANCE, FIX_START_US + DAY}, LOCK_HOLD_UNSET},
		    held = {.hold = LOCK_HOLD_ON}, free_ = {.hold = LOCK_HOLD_OFF};
	struct version_id a = put(f, "a", &governed), b = put(f, "b", &held),
			  c = put(f, "c", &free_);
	struct meta_delete d[] = {{.key = SPAN_LIT("a"), .version = &a},
		{.key = SPAN_LIT("b"), .version = &b, .bypass = true},
		{.key = SPAN_LIT("c"), .version = &c},
		{.key = SPAN_LIT("a"), .version = &a, .bypass = true}};

	assert_ok(f, f->m->ops->object_delete_many(f->m, f->bucket_id, d, 4, &f->e));
	assert_true(d[0].locked && d[1].locked && !d[2].locked && !d[3].locked);
	fix_assert_counts(f, 1, 1, 1);
}

static void retention_is_extended_and_only_so_shortened(void **state)
{
	struct fix *f = *state;
	struct lock none = {0};
	struct version_id v = put(f, "k", &none);
	int64_t until = FIX_START_US + 10 * DAY;

	assert_ok(f, retain(f, NULL, LOCK_GOVERNANCE, until, false));
	assert_ok(f, retain(f, &v, LOCK_GOVERNANCE, until + DAY, false));
	assert_locked(f, retain(f, &v, LOCK_GOVERNANCE, until, false));
	assert_locked(f, retain(f, &v, LOCK_COMPLIANCE, until + 2 * DAY, false));
	assert_locked(f, retain(f, &v, LOCK_NONE, 0, false));
	assert_ok(f, retain(f, &v, LOCK_GOVERNANCE, until, true));
	assert_ok(f, hold(f, &v, LOCK_HOLD_ON));
	assert_int_equal(lock_of(f, "k", &v).retention.until_us, until);
	assert_ok(f, retain(f, &v, LOCK_NONE, 0, true));
	assert_int_equal(lock_of(f, "k", &v).hold, LOCK_HOLD_ON);
	assert_locked(f, del(f, "k", &v, true));
	assert_ok(f, retain(f, &v, LOCK_COMPLIANCE, until, false));
	assert_locked(f, retain(f, &v, LOCK_COMPLIANCE, until - 1000, true));
	assert_locked(f, retain(f, &v, LOCK_NONE, 0, true));
	assert_ok(f, hold(f, &v, LOCK_HOLD_OFF));
	assert_locked(f, del(f, "k", &v, true));
	assert_int_equal(lock_of(f, "k", &v).retention.mode, LOCK_COMPLIANCE);
}

static void defaults_come_with_every_kind_of_write(void **state)
{
	static const struct lock_default days = {LOCK_GOVERNANCE, false, 3};
	struct fix *f = *state;
	struct lock none = {0}, own = {{LOCK_COMPLIANCE, FIX_START_US + 1000}, LOCK_HOLD_OFF},
		    held = {.hold = LOCK_HOLD_ON}, got;
	struct version_id before = put(f, "k", &none), v;
	struct meta_upload u = {.key = SPAN_LIT("k")};
	struct meta_part part = {.no = 1, .pgen = 77};
	struct meta_complete_part listed = {.no = 1};
	struct meta_complete c = {
		.bucket_id = f->bucket_id, .key = u.key, .parts = &listed, .count = 1};
	struct meta_complete_result done;
	struct meta_write_result w;

	assert_ok(f, f->m->ops->gen_next(f->m, &u.gen, &f->e));
	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
	set_default(f, &days);
	v = put(f, "k", &none);
	got = lock_of(f, "k", &v);
	assert_int_equal(got.retention.mode, LOCK_GOVERNANCE);
	assert_int_equal(got.retention.until_us, FIX_START_US + 3 * DAY);
	v = put(f, "k", &held);
	got = lock_of(f, "k", &v);
	assert_int_equal(got.retention.mode, LOCK_GOVERNANCE);
	assert_int_equal(got.hold, LOCK_HOLD_ON);
	v = put(f, "k", &own);
	got = lock_of(f, "k", &v);
	assert_int_equal(got.retention.mode, LOCK_COMPLIANCE);
	assert_int_equal(got.retention.until_us, FIX_START_US + 1000);
	assert_int_equal(lock_of(f, "k", &before).retention.mode, LOCK_NONE);
	assert_ok(f, f->m->ops->part_put(f->m, f->bucket_id, u.key, u.gen, &part, &w, &f->e));
	c.gen = u.gen;
	fix_advance(f, DAY);
	assert_ok(f, f->m->ops->upload_complete(f->m, &c, &done, &f->e));
	got = lock_of(f, "k", &done.version);
	assert_int_equal(got.retention.until_us, FIX_START_US + 4 * DAY);
	struct meta_delete marker = {.key = SPAN_LIT("k")};
	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &marker, &f->e));
	assert_ok(f, del(f, "k", &marker.made, false));
}

static void an_upload_remembers_its_lock(void **state)
{
	struct fix *f = *state;
	struct meta_upload u = {.key = SPAN_LIT("k"),
				   .lock = {{LOCK_COMPLIANCE, FIX_START_US + DAY},
					   LOCK_HOLD_ON}},
			   got;

	assert_ok(f, f->m->ops->gen_next(f->m, &u.gen, &f->e));
	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u, &f->e));
	assert_ok(
		f, f->m->ops->upload_get(f->m, f->bucket_id, u.key, u.gen, f->a, &got, &f->e));
	assert_int_equal(got.lock.retention.mode, LOCK_COMPLIANCE);
	assert_int_equal(got.lock.retention.until_us, FIX_START_US + DAY);
	assert_int_equal(got.lock.hold, LOCK_HOLD_ON);
}

static void a_bucket_with_locks_keeps_them_and_its_versioning(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b = {.name = "worm",
				   .flags = META_VERSIONING_ENABLED | META_BUCKET_LOCKS},
			   wrong = {.name = "wrong", .flags = META_BUCKET_LOCKS};
	struct lock none = {0};
	struct span document;

	put(f, "k", &none);
	assert_fails(f,
		f->m->ops->bucket_set_versioning(
			f->m, f->bucket_id, META_VERSIONING_SUSPENDED, &f->e),
		ERR_PRECONDITION, REASON_BUCKET_STATE);
	assert_ok(f,
		f->m->ops->bucket_set_versioning(
			f->m, f->bucket_id, META_VERSIONING_ENABLED, &f->e));
	assert_fails(f,
		f->m->ops->bucket_config_delete(
			f->m, f->bucket_id, META_CONFIG_OBJECT_LOCK, &f->e),
		ERR_PRECONDITION, REASON_BUCKET_STATE);
	assert_fails(f, f->m->ops->bucket_create(f->m, &wrong, &f->e), ERR_PRECONDITION,
		REASON_BUCKET_STATE);
	assert_ok(f, f->m->ops->bucket_create(f->m, &b, &f->e));
	assert_ok(f,
		f->m->ops->bucket_config_get(
			f->m, b.id, META_CONFIG_OBJECT_LOCK, f->a, &document, &f->e));
	f->bucket_id = fix_bucket(f, 0, 0, "plain");
	put(f, "k", &none);
	assert_fails(f, hold(f, NULL, LOCK_HOLD_ON), ERR_INVALID, REASON_NO_LOCK);
}

/* ---- the clock ---- */

static void set_clock(struct fix *f, int64_t by_us)
{
	f->clock.fixed_us += by_us;
	f->clock.fixed_set_us += by_us;
}

static void setting_the_clock_unlocks_nothing(void **state)
{
	static const struct lock_default day = {LOCK_COMPLIANCE, false, 1};
	struct fix *f = *state;
	struct lock none = {0};
	struct meta_lock_time t;
	struct version_id v;

	set_default(f, &day);
	v = put(f, "k", &none);
	set_clock(f, 3650 * DAY);
	assert_locked(f, del(f, "k", &v, false));
	assert_ok(f, f->m->ops->lock_time(f->m, &t, &f->e));
	assert_true(t.used);
	assert_int_equal(t.wall_us - t.now_us, 3650 * DAY);
	set_clock(f, -7300 * DAY);
	assert_locked(f, del(f, "k", &v, false));
	struct version_id late = put(f, "k", &none); /* its day counts from the true time */
	assert_int_equal(lock_of(f, "k", &late).retention.until_us, FIX_START_US + DAY);
	fix_advance(f, DAY - 1000);
	assert_locked(f, del(f, "k", &v, false));
	fix_advance(f, 1000);
	assert_ok(f, del(f, "k", &v, false));
}

static void what_would_protect_nothing_is_refused(void **state)
{
	struct fix *f = *state;
	struct lock none = {0}, over = {{LOCK_COMPLIANCE, FIX_START_US}, LOCK_HOLD_UNSET};
	struct version_id v = put(f, "k", &none);
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {.key = SPAN_LIT("k"), .gen = 4711, .size = 1, .lock = over}};
	struct meta_write_result out;

	set_clock(f, -DAY); /* to which the date is in the future */
	assert_fails(f, f->m->ops->object_put(f->m, &in, &out, &f->e), ERR_INVALID,
		REASON_LOCK_DATE);
	assert_fails(f, retain(f, &v, LOCK_COMPLIANCE, FIX_START_US, false), ERR_INVALID,
		REASON_LOCK_DATE);
	assert_ok(f, retain(f, &v, LOCK_COMPLIANCE, FIX_START_US + 1000, false));
	assert_locked(f, del(f, "k", &v, false));
}

static void time_passes_from_the_first_lock_on(void **state)
{
	struct fix *f = *state;
	struct lock l = {{LOCK_COMPLIANCE, FIX_START_US + DAY}, LOCK_HOLD_UNSET};
	struct version_id v = put(f, "k", &l);
	struct meta_lock_time t;

	set_clock(f, 3650 * DAY); /* before anything asked for the time */
	assert_locked(f, del(f, "k", &v, false));
	fix_close(f);
	fix_open(f, true);
	assert_ok(f, f->m->ops->lock_time(f->m, &t, &f->e));
	assert_false(t.used);
}

static void a_restarted_machine_goes_on_with_what_is_remembered(void **state)
{
	struct fix f;
	struct lock l = {{LOCK_COMPLIANCE, FIX_START_US + 30 * DAY}, LOCK_HOLD_UNSET};
	struct version_id v;

	(void)state;
	fix_open(&f, false);
	fix_seed(&f);
	fix_set_versioning(&f, META_VERSIONING_ENABLED);
	set_default(&f, &(struct lock_default){0});
	v = put(&f, "k", &l);
	assert_locked(&f, del(&f, "k", &v, false));
	for (int i = 0; i < 4;
		i++) { /* each start is believed a gap, however far the clock is set */
		meta_free(f.m);
		set_clock(&f, 3650 * DAY);
		f.clock.fixed_boot++;
		f.m = fix_open_again(&f, false);
		assert_locked(&f, del(&f, "k", &v, false));
	}
	fix_advance(&f, 30 * DAY - 4 * GAP);
	assert_ok(&f, del(&f, "k", &v, false));
	fix_close(&f);
}

static void a_default_is_not_over_when_the_lock_time_catches_up(void **state)
{
	static const struct lock_default day = {LOCK_COMPLIANCE, false, 1};
	struct lock none = {0};
	struct version_id v;
	struct fix f;

	(void)state;
	fix_open(&f, false);
	fix_seed(&f);
	fix_set_versioning(&f, META_VERSIONING_ENABLED);
	set_default(&f, &day);
	for (int i = 0; i < 6; i++) { /* off for five gaps, then started again and again */
		meta_free(f.m);
		set_clock(&f, i == 0 ? 5 * GAP : 0);
		f.clock.fixed_boot++;
		f.m = fix_open_again(&f, false);
		if (i == 0)
			v = put(&f, "k", &none);
		assert_locked(&f, del(&f, "k", &v, false));
	}
	assert_int_equal(
		lock_of(&f, "k", &v).retention.until_us, FIX_START_US + 5 * GAP + DAY);
	fix_advance(&f, DAY);
	assert_ok(&f, del(&f, "k", &v, false));
	fix_close(&f);
}

/* ---- against a model ---- */

enum { VERSIONS = 24, STEPS = 6000 };

struct model_version {
	bool there;
	struct version_id id;
	struct lock lock;
};

/* The rule anew, as the S3 user guide words it. */
static bool may(const struct lock *l, bool deletes, const struct lock_retention *to,
	bool bypass, int64_t now_us)
{
	bool over = l->retention.mode == LOCK_NONE || l->retention.until_us <= now_us;

	if (deletes && l->hold == LOCK_HOLD_ON)
		return false;
	if (over || (l->retention.mode == LOCK_GOVERNANCE && bypass))
		return true;
	return !deletes && to->mode == l->retention.mode &&
		to->until_us >= l->retention.until_us;
}

static struct lock_retention random_retention(int64_t now_us)
{
	struct lock_retention r = {(enum lock_mode)(rand() % LOCK_MODE_COUNT), 0};

	if (r.mode != LOCK_NONE)
		r.until_us = now_us + (rand() % 40 + 1) * 1000000LL;
	return r;
}

static void random_step(struct fix *f, struct model_version *m, int64_t now_us)
{
	struct lock_retention to = random_retention(now_us);
	bool bypass = rand() % 2, permitted;

	if (!m->there) {
		m->lock = (struct lock){to, (enum lock_hold)(rand() % LOCK_HOLD_COUNT)};
		m->id = put(f, "k", &m->lock);
		m->there = true;
		return;
	}
	switch (rand() % 3) {
	case 0:
		m->lock.hold = rand() % 2 ? LOCK_HOLD_ON : LOCK_HOLD_OFF;
		assert_ok(f, hold(f, &m->id, m->lock.hold));
		return;
	case 1:
		permitted = may(&m->lock, false, &to, bypass, now_us);
		assert_int_equal(
			retain(f, &m->id, to.mode, to.until_us, bypass), permitted ? 0 : -1);
		if (permitted)
			m->lock.retention = to;
		return;
	default:
		permitted = may(&m->lock, true, NULL, bypass, now_us);
		assert_int_equal(del(f, "k", &m->id, bypass), permitted ? 0 : -1);
		m->there = !permitted;
	}
}

static void random_operations_agree_with_a_naive_model(void **state)
{
	struct fix *f = *state;
	struct model_version m[VERSIONS] = {0};
	int64_t now_us = FIX_START_US;

	srand(20240604);
	for (int i = 0; i < STEPS; i++) {
		int64_t us = (rand() % 3) * 1000000LL;
		int at = rand() % VERSIONS;

		fix_advance(f, us);
		now_us += us;
		if (rand() % 10 == 0)
			set_clock(f, (rand() % 2000 - 1000) * DAY);
		random_step(f, &m[at], now_us);
		if (!m[at].there)
			continue;
		struct lock got = lock_of(f, "k", &m[at].id);
		assert_int_equal(got.hold, m[at].lock.hold);
		assert_int_equal(got.retention.mode, m[at].lock.retention.mode);
		assert_int_equal(got.retention.until_us, m[at].lock.retention.until_us);
	}
	fix_assert_counted(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fix_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_locked_version_stays_and_markers_come_and_go),
		TEST(each_of_many_has_its_own_fate),
		TEST(retention_is_extended_and_only_so_shortened),
		TEST(defaults_come_with_every_kind_of_write),
		TEST(an_upload_remembers_its_lock),
		TEST(a_bucket_with_locks_keeps_them_and_its_versioning),
		TEST(what_would_protect_nothing_is_refused),
		TEST(time_passes_from_the_first_lock_on),
		TEST(setting_the_clock_unlocks_nothing),
		cmocka_unit_test(a_restarted_machine_goes_on_with_what_is_remembered),
		cmocka_unit_test(a_default_is_not_over_when_the_lock_time_catches_up),
		TEST(random_operations_agree_with_a_naive_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
