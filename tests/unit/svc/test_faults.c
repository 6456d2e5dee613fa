/* SPDX-License-Identifier: MIT */
/*
 * Every call of the drivers fails once, the n-th for n = 1, 2, ...: whatever fails, the old
 * object stays whole or the new one is there, and collecting leaves one file per object.
 */
#include "base/log.h"
#include "tests/unit/svc/fixture.h"

enum { TRIES = 200 };

/* A use case that replaces or makes the object `k` of the content "new". */
typedef int use_case(struct fix *f);

struct outcome {
	bool reached; /* the call that was to fail */
	unsigned failures;
};

static int put_new(struct fix *f)
{
	return fix_put(f, "k", SPAN_LIT("new"));
}

static int multipart_new(struct fix *f)
{
	struct meta_upload u = {.key = SPAN_LIT("k"), .initiator_id = f->user.id};
	char id[SVC_UPLOAD_ID_LEN + 1];
	struct svc_part_put part = {.bucket = &f->bucket, .key = SPAN_LIT("k"), .no = 1};
	struct meta_complete_part listed = {.no = 1};
	struct svc_complete done = {
		.bucket = &f->bucket, .key = SPAN_LIT("k"), .parts = &listed, .count = 1};
	struct meta_complete_result result;
	struct svc_put_result out;
	struct source_mem m;

	u.checksum_type = CHECKSUM_FULL_OBJECT;
	if (svc_upload_create(f->s, &f->bucket, &u, id, &f->e) < 0)
		return -1;
	part.upload_id = done.upload_id = span_str(id);
	part.body = fix_body(&m, SPAN_LIT("new"));
	if (svc_part_put(f->s, &part, f->a, &out, &f->e) == 0) {
		memcpy(listed.md5, out.etag.md5, sizeof(listed.md5));
		if (svc_upload_complete(f->s, &done, f->a, &result, &f->e) == 0)
			return 0;
	}
	/* As a client does with what went wrong. */
	(void)!svc_upload_abort(f->s, &f->bucket, SPAN_LIT("k"), span_str(id), f->a, NULL);
	return -1;
}

static int delete_and_put(struct fix *f)
{
	struct meta_delete d = {.key = SPAN_LIT("k")};

	if (svc_object_delete(f->s, &f->bucket, &d, &f->e) < 0)
		return -1;
	return fix_put(f, "k", SPAN_LIT("new"));
}

static int copy_of(struct fix *f, enum checksum_alg alg)
{
	struct svc_put_result out;
	struct meta_object o;
	struct svc_reader *r;
	struct svc_body body;

	if (svc_object_open(f->s, &f->bucket, SPAN_LIT("from"), f->a, &o, &r, &f->e) < 0)
		return -1;
	svc_body_copy(&body, r, 0, o.size, f->a);
	body.alg = alg;
	return fix_put_body(f, "k", &body, &out);
}

static int copy_shared(struct fix *f)
{
	return copy_of(f, CHECKSUM_CRC64NVME);
}

static int copy_read_through(struct fix *f)
{
	return copy_of(f, CHECKSUM_SHA256);
}

/* Runs once with the n-th call of one driver failing. */
static void run_one(enum err_kind kind, use_case *run, bool in_store, unsigned nth,
	bool may_be_absent, struct outcome *out)
{
	struct fix f;
	struct span now;
	size_t objects = 2;
	uint64_t seen, removed;
	bool succeeded;

	fix_open(&f, kind);
	assert_ok(&f, fix_put(&f, "from", SPAN_LIT("new")));
	assert_ok(&f, fix_put(&f, "k", SPAN_LIT("old")));
	if (in_store)
		store_fault_arm(f.store, nth);
	else
		meta_fault_arm(f.meta, nth);
	succeeded = run(&f) == 0;
	out->failures += !succeeded;
	out->reached =
		(in_store ? store_fault_calls(f.store) : meta_fault_calls(f.meta)) >= nth;
	store_fault_arm(f.store, 0);
	meta_fault_arm(f.meta, 0);
	now = fix_get(&f, "k");
	if (succeeded)
		assert_same(now, SPAN_LIT("new"));
	else if (span_absent(now) && may_be_absent)
		objects = 1;
	else
		assert_same(now, SPAN_LIT("old"));
	/* An unknown outcome keeps its file until a scan of the next process; its generation is
	 * leased. */
	fix_collect(&f);
	fix_advance(&f, FIX_GRACE_S);
	assert_ok(&f, svc_orphan_scan(f.s, &seen, &removed, &f.e));
	if (kind != ERR_IO)
		assert_int_equal(fix_blobs(&f), objects);
	else
		assert_true(fix_blobs(&f) >= objects && fix_blobs(&f) <= objects + 1);
	if (!span_absent(now))
		assert_same(fix_get(&f, "k"), now);
	fix_close(&f);
}

static void run_all(use_case *run, bool may_be_absent)
{
	static const enum err_kind kinds[] = {ERR_FULL, ERR_IO};

	for (size_t k = 0; k < 2; k++)
		for (int in_store = 0; in_store < 2; in_store++) {
			struct outcome out = {.reached = true};
			unsigned nth = 1;

			for (; out.reached && nth < TRIES; nth++)
				run_one(kinds[k], run, in_store, nth, may_be_absent, &out);
			assert_true(nth < TRIES);
			assert_true(out.failures >= 1);
		}
}

static void a_put_survives_the_failure_of_any_call(void **state)
{
	(void)state;
	run_all(put_new, false);
}

static void a_multipart_upload_survives_the_failure_of_any_call(void **state)
{
	(void)state;
	run_all(multipart_new, false);
}

static void a_copy_survives_the_failure_of_any_call(void **state)
{
	(void)state;
	run_all(copy_shared, false);
	run_all(copy_read_through, false);
}

static void a_delete_and_a_put_survive_the_failure_of_any_call(void **state)
{
	(void)state;
	run_all(delete_and_put, true);
}

static void collection_survives_the_failure_of_any_call(void **state)
{
	(void)state;
	for (int in_store = 0; in_store < 2; in_store++)
		for (unsigned nth = 1; nth < 16; nth++) {
			struct fix f;
			uint64_t removed;

			fix_open(&f, ERR_IO);
			for (int i = 0; i < 5; i++)
				assert_ok(&f, fix_put(&f, "k", SPAN_LIT("x")));
			fix_advance(&f, FIX_GC_DELAY_S + 1);
			if (in_store)
				store_fault_arm(f.store, nth);
			else
				meta_fault_arm(f.meta, nth);
			(void)!svc_gc_run(f.s, &removed, &f.e);
			store_fault_arm(f.store, 0);
			meta_fault_arm(f.meta, 0);
			fix_collect(&f);
			assert_int_equal(fix_blobs(&f), 1);
			assert_same(fix_get(&f, "k"), SPAN_LIT("x"));
			fix_close(&f);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_put_survives_the_failure_of_any_call),
		cmocka_unit_test(a_multipart_upload_survives_the_failure_of_any_call),
		cmocka_unit_test(a_copy_survives_the_failure_of_any_call),
		cmocka_unit_test(a_delete_and_a_put_survive_the_failure_of_any_call),
		cmocka_unit_test(collection_survives_the_failure_of_any_call),
	};

	log_setup(LOG_ERROR, LOG_TEXT, "test");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
