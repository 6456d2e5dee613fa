/* SPDX-License-Identifier: MIT */
/* What is configured of buckets. */
#include "tests/unit/meta/fixture.h"

enum { MODEL_BUCKETS = 3, MODEL_OPS = 3000 };

static const char *const bucket_names[MODEL_BUCKETS] = {"b-0", "b-1", "b-2"};

static struct meta_bucket bucket(struct fix *f, const char *name)
{
	struct meta_bucket b;

	assert_ok(f, f->m->ops->bucket_get(f->m, 0, span_str(name), f->a, &b, &f->e));
	return b;
}

static void assert_document(
	struct fix *f, int64_t id, enum meta_config_kind kind, struct span want)
{
	struct span got;

	if (span_absent(want)) {
		assert_fails(f, f->m->ops->bucket_config_get(f->m, id, kind, f->a, &got, &f->e),
			ERR_NOT_FOUND, REASON_CONFIG);
		return;
	}
	assert_ok(f, f->m->ops->bucket_config_get(f->m, id, kind, f->a, &got, &f->e));
	assert_true(span_eq(got, want));
}

static void a_document_is_bytes(void **state)
{
	struct fix *f = *state;
	char *most = arena_alloc(f->a, META_CONFIG_MAX_BYTES + 1);
	const struct span documents[] = {SPAN_LIT("a\0b"), SPAN_LIT(""),
		span_of(most, META_CONFIG_MAX_BYTES), SPAN_NULL};

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		assert_ok(f,
			f->m->ops->bucket_config_put(
				f->m, f->bucket_id, META_CONFIG_CORS, documents[i], &f->e));
		assert_document(f, f->bucket_id, META_CONFIG_CORS,
			span_absent(documents[i]) ? SPAN_LIT("") : documents[i]);
	}
	assert_fails(f,
		f->m->ops->bucket_config_put(f->m, f->bucket_id, META_CONFIG_CORS,
			span_of(most, META_CONFIG_MAX_BYTES + 1), &f->e),
		ERR_LIMIT, REASON_NONE);
}

static void a_bucket_that_is_gone_has_no_configuration(void **state)
{
	struct fix *f = *state;
	int64_t id = f->bucket_id, again;

	assert_ok(f,
		f->m->ops->bucket_config_put(
			f->m, id, META_CONFIG_TAGGING, SPAN_LIT("old"), &f->e));
	assert_ok(f, f->m->ops->bucket_delete(f->m, id, 0, &f->e));
	assert_document(f, id, META_CONFIG_TAGGING, SPAN_NULL);
	assert_fails(f,
		f->m->ops->bucket_config_put(
			f->m, id, META_CONFIG_TAGGING, SPAN_LIT("new"), &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	assert_fails(f, f->m->ops->bucket_config_delete(f->m, id, META_CONFIG_TAGGING, &f->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	again = fix_bucket(f, 0, f->user_id, "bucket");
	assert_document(f, again, META_CONFIG_TAGGING, SPAN_NULL);
	assert_int_equal(bucket(f, "bucket").flags, 0);
}

static void every_change_moves_the_epoch(void **state)
{
	struct fix *f = *state;
	uint64_t before = f->m->ops->epoch(f->m), between;

	assert_ok(f,
		f->m->ops->bucket_config_put(
			f->m, f->bucket_id, META_CONFIG_CORS, SPAN_LIT("x"), &f->e));
	between = f->m->ops->epoch(f->m);
	assert_true(between > before);
	assert_ok(f,
		f->m->ops->bucket_config_delete(f->m, f->bucket_id, META_CONFIG_CORS, &f->e));
	assert_true(f->m->ops->epoch(f->m) > between);
}

/* ---- random operations against a model ---- */

struct model {
	int64_t ids[MODEL_BUCKETS];
	struct span documents[MODEL_BUCKETS][META_CONFIG_COUNT]; /* absent: not set */
};

/* These buckets have no versioning: Object Lock can neither come nor go. */
static void assert_no_lock(struct fix *f, int64_t id)
{
	assert_fails(f,
		f->m->ops->bucket_config_put(
			f->m, id, META_CONFIG_OBJECT_LOCK, SPAN_LIT("x"), &f->e),
		ERR_PRECONDITION, REASON_BUCKET_STATE);
	assert_fails(f,
		f->m->ops->bucket_config_delete(f->m, id, META_CONFIG_OBJECT_LOCK, &f->e),
		ERR_PRECONDITION, REASON_BUCKET_STATE);
}

static void random_step(struct fix *f, struct model *m, int step)
{
	int i = rand() % MODEL_BUCKETS;
	enum meta_config_kind kind = (enum meta_config_kind)(rand() % META_CONFIG_COUNT);
	struct span *document = &m->documents[i][kind];

	if (kind == META_CONFIG_OBJECT_LOCK) {
		assert_no_lock(f, m->ids[i]);
		return;
	}
	switch (rand() % 10) {
	case 0:
		assert_ok(f, f->m->ops->bucket_delete(f->m, m->ids[i], 0, &f->e));
		m->ids[i] = fix_bucket(f, 0, f->user_id, bucket_names[i]);
		memset(m->documents[i], 0, sizeof(m->documents[i]));
		break;
	case 1:
	case 2:
	case 3:
		assert_ok(f, f->m->ops->bucket_config_delete(f->m, m->ids[i], kind, &f->e));
		*document = SPAN_NULL;
		break;
	default:
		*document = span_str(arena_printf(f->a, "document %d", step));
		assert_ok(f,
			f->m->ops->bucket_config_put(f->m, m->ids[i], kind, *document, &f->e));
	}
}

static void flags_and_documents_agree_with_a_model(void **state)
{
	struct fix *f = *state;
	struct model m = {0};

	srand(20240603);
	for (int i = 0; i < MODEL_BUCKETS; i++)
		m.ids[i] = fix_bucket(f, 0, f->user_id, bucket_names[i]);
	/* Versioning shares the flags. */
	assert_ok(f,
		f->m->ops->bucket_set_versioning(
			f->m, f->bucket_id, META_VERSIONING_ENABLED, &f->e));
	for (int step = 0; step < MODEL_OPS; step++) {
		int i = rand() % MODEL_BUCKETS;

		random_step(f, &m, step);
		struct meta_bucket b = bucket(f, bucket_names[i]);
		for (int k = 0; k < META_CONFIG_COUNT; k++) {
			enum meta_config_kind kind = (enum meta_config_kind)k;

			assert_int_equal(
				meta_bucket_has(&b, kind), !span_absent(m.documents[i][k]));
			assert_document(f, m.ids[i], kind, m.documents[i][k]);
		}
	}
	assert_int_equal(bucket(f, "bucket").flags, META_VERSIONING_ENABLED);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded, fix_teardown)
	const struct CMUnitTest tests[] = {
		T(a_document_is_bytes),
		T(a_bucket_that_is_gone_has_no_configuration),
		T(every_change_moves_the_epoch),
		T(flags_and_documents_agree_with_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
