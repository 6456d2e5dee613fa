/* SPDX-License-Identifier: MIT */
/* What is configured of a bucket: cached while it holds, whole whatever fails. */
#include "tests/unit/svc/fixture.h"

static int setup(void **state)
{
	struct fix *f = malloc(sizeof(*f));

	fix_open(f, ERR_IO);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fix_close(*state);
	free(*state);
	return 0;
}

/* As a request does: the bucket first. Absent when it is not set. */
static struct span configured(struct fix *f)
{
	struct meta_bucket b;
	struct span document = SPAN_NULL;

	assert_ok(f, svc_bucket_find(f->s, &f->caller, SPAN_LIT("photos"), f->a, &b, &f->e));
	if (svc_bucket_config_get(f->s, &b, META_CONFIG_CORS, f->a, &document, &f->e) == 0)
		return document;
	assert_int_equal(f->e.kind, ERR_NOT_FOUND);
	assert_int_equal(f->e.reason, REASON_CONFIG);
	return SPAN_NULL;
}

static int put(struct fix *f, const char *document)
{
	return svc_bucket_config_put(
		f->s, &f->bucket, META_CONFIG_CORS, span_str(document), &f->e);
}

static void what_is_not_set_and_what_is_known_cost_no_read(void **state)
{
	struct fix *f = *state;

	assert_true(span_absent(configured(f)));
	meta_fault_arm(f->meta, 0);
	assert_true(span_absent(configured(f)));
	assert_int_equal(meta_fault_calls(f->meta), 0);
	assert_ok(f, put(f, "one"));
	assert_same(configured(f), SPAN_LIT("one"));
	meta_fault_arm(f->meta, 0);
	assert_same(configured(f), SPAN_LIT("one"));
	assert_int_equal(meta_fault_calls(f->meta), 0);
}

static void a_change_holds_for_the_next_request(void **state)
{
	struct fix *f = *state;

	assert_ok(f, put(f, "one"));
	assert_same(configured(f), SPAN_LIT("one"));
	assert_ok(f, put(f, "two"));
	assert_same(configured(f), SPAN_LIT("two"));
	assert_ok(f, svc_bucket_config_delete(f->s, &f->bucket, META_CONFIG_CORS, &f->e));
	assert_true(span_absent(configured(f)));
}

/* A request that loaded the bucket before the configuration went away. */
static void a_bucket_known_from_before_shows_nothing_old(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;
	struct span document;

	assert_ok(f, put(f, "one"));
	assert_ok(f, svc_bucket_find(f->s, &f->caller, SPAN_LIT("photos"), f->a, &b, &f->e));
	assert_ok(f, svc_bucket_config_get(f->s, &b, META_CONFIG_CORS, f->a, &document, &f->e));
	assert_ok(f, svc_bucket_config_delete(f->s, &b, META_CONFIG_CORS, &f->e));
	assert_fails(f,
		svc_bucket_config_get(f->s, &b, META_CONFIG_CORS, f->a, &document, &f->e),
		ERR_NOT_FOUND, REASON_CONFIG);
}

static bool note_has(struct fix *f, const char *text)
{
	struct span json;

	assert_ok(f,
		f->store->ops->note_get(
			f->store, SPAN_LIT(""), SPAN_LIT("photos"), f->a, &json, &f->e));
	return span_find(json, span_str(text)) >= 0;
}

static void the_readable_copy_names_what_is_configured(void **state)
{
	struct fix *f = *state;

	assert_true(note_has(f, "\"configured\":[]"));
	assert_ok(f, put(f, "one"));
	assert_true(note_has(f, "\"configured\":[\"cors\"],\"flags\":256"));
	assert_ok(f, svc_bucket_config_delete(f->s, &f->bucket, META_CONFIG_CORS, &f->e));
	assert_true(note_has(f, "\"configured\":[],\"flags\":0"));
}

/* The n-th call of the metadata fails: the old one or the new one, and a failed readable copy
 * fails nothing. */
static void a_change_survives_the_failure_of_any_call(void **state)
{
	struct fix *f = *state;
	unsigned nth = 1, failures = 0;
	bool reached = true;

	for (; reached && nth < 20; nth++) {
		assert_ok(f, put(f, "old"));
		meta_fault_arm(f->meta, nth);
		bool succeeded = put(f, "new") == 0;
		reached = meta_fault_calls(f->meta) >= nth;
		meta_fault_arm(f->meta, 0);
		failures += !succeeded;
		assert_same(configured(f), succeeded ? SPAN_LIT("new") : SPAN_LIT("old"));
	}
	assert_true(nth < 20);
	assert_int_equal(failures, 1);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_not_set_and_what_is_known_cost_no_read),
		T(a_change_holds_for_the_next_request),
		T(a_bucket_known_from_before_shows_nothing_old),
		T(the_readable_copy_names_what_is_configured),
		T(a_change_survives_the_failure_of_any_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
