/* SPDX-License-Identifier: MIT */
/* Random operations on versions: listing, look-up and counters agree with a naive model. */
#include "tests/unit/meta/fixture.h"

static int setup(void **state)
{
	struct fix *f = malloc(sizeof(*f));

	fix_open(f, true);
	fix_seed(f);
	srand(20240602);
	*state = f;
	return 0;
}

static const struct version_id null_version = {0};

enum { MODEL_ROWS = 2000, MODEL_OPS = 6000, MODEL_CHECK_EVERY = 20 };

struct model_row {
	struct span key;
	struct version_id id;
	uint64_t gen, size;
	bool marker;
};
/* By key, the newest first. */
struct model {
	struct model_row rows[MODEL_ROWS];
	size_t n;
	enum meta_versioning how;
};

static size_t model_first(const struct model *m, struct span key)
{
	size_t i = 0;

	while (i < m->n && span_cmp(m->rows[i].key, key) < 0)
		i++;
	return i;
}

static bool model_has(const struct model *m, size_t i, struct span key)
{
	return i < m->n && span_eq(m->rows[i].key, key);
}

/* The row of a version, or n. */
static size_t model_find(const struct model *m, struct span key, const struct version_id *v)
{
	for (size_t i = model_first(m, key); model_has(m, i, key); i++)
		if (m->rows[i].id.vseq == v->vseq && m->rows[i].id.gen == v->gen)
			return i;
	return m->n;
}

static void model_remove(struct model *m, size_t i)
{
	if (i < m->n)
		memmove(&m->rows[i], &m->rows[i + 1], (--m->n - i) * sizeof(m->rows[0]));
}

static void model_add(struct model *m, struct model_row row)
{
	if (version_id_is_null(&row.id))
		model_remove(m, model_find(m, row.key, &row.id));
	size_t i = model_first(m, row.key);
	assert_true(m->n < MODEL_ROWS);
	memmove(&m->rows[i + 1], &m->rows[i], (m->n++ - i) * sizeof(m->rows[0]));
	m->rows[i] = row;
}

static struct span random_key(struct fix *f)
{
	static const char alphabet[] = "ab/";
	char *p = arena_alloc(f->a, 4);
	size_t n = (size_t)rand() % 3 + 1;

	for (size_t i = 0; i < n; i++)
		p[i] = alphabet[rand() % 3];
	return span_of(p, n);
}

static void random_put(struct fix *f, struct model *m)
{
	struct meta_object_put in = {.bucket_id = f->bucket_id,
		.object = {.key = random_key(f), .size = (uint64_t)(rand() % 100)}};
	struct meta_write_result out;

	assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
	if (rand() % 4 == 0) { /* spills into object_ext */
		in.object.meta = span_of(arena_alloc(f->a, 400), 400);
	}
	assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
	assert_int_equal(!version_id_is_null(&out.version), m->how == META_VERSIONING_ENABLED);
	model_add(m,
		(struct model_row){
			in.object.key, out.version, in.object.gen, in.object.size, false});
}

static void random_delete(struct fix *f, struct model *m)
{
	struct meta_delete d = {.key = random_key(f)};

	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	assert_int_equal(d.existed, model_has(m, model_first(m, d.key), d.key));
	assert_int_equal(d.marker, m->how != META_VERSIONING_OFF);
	if (d.marker)
		model_add(m, (struct model_row){d.key, d.made, 0, 0, true});
	else
		model_remove(m, model_find(m, d.key, &null_version));
}

static void random_delete_version(struct fix *f, struct model *m)
{
	const struct model_row *row = &m->rows[(size_t)rand() % (m->n ? m->n : 1)];
	struct version_id v = rand() % 4 ? row->id : null_version;
	struct meta_delete d = {
		.key = m->n && rand() % 8 ? row->key : random_key(f), .version = &v};
	size_t at = model_find(m, d.key, &v);

	assert_ok(f, f->m->ops->object_delete(f->m, f->bucket_id, &d, &f->e));
	assert_int_equal(d.existed, at < m->n);
	assert_int_equal(d.marker, at < m->n && m->rows[at].marker);
	model_remove(m, at);
}

static void check_counts(struct fix *f, const struct model *m)
{
	uint64_t objects = 0, bytes = 0;

	for (size_t i = 0; i < m->n; i++) {
		bytes += m->rows[i].size;
		objects += !m->rows[i].marker &&
			(i == 0 || !span_eq(m->rows[i].key, m->rows[i - 1].key));
	}
	fix_assert_counts(f, objects, m->n, bytes);
}

static void check_look_ups(struct fix *f, const struct model *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct model_row *row = &m->rows[i];
		struct meta_object o;
		int rc = f->m->ops->object_get_version(
			f->m, f->bucket_id, row->key, &row->id, f->a, &o, &f->e);

		assert_int_equal(rc, row->marker ? -1 : 0);
		assert_int_equal(o.gen, row->gen);
		if (i > 0 && span_eq(row->key, m->rows[i - 1].key))
			continue;
		rc = f->m->ops->object_get(f->m, f->bucket_id, row->key, f->a, &o, &f->e);
		assert_int_equal(rc, row->marker ? -1 : 0);
		assert_int_equal(o.gen, row->gen);
	}
}

struct model_entry {
	struct span prefix; /* absent: a row */
	const struct model_row *row;
	bool latest;
};

static struct span group_of(struct span prefix, struct span delimiter, struct span key)
{
	ptrdiff_t at = delimiter.n ? span_find(span_from(key, prefix.n), delimiter) : -1;

	return at < 0 ? SPAN_NULL : span_head(key, prefix.n + (size_t)at + delimiter.n);
}

/* Every entry behind the key marker, and within its key behind row `within` (SIZE_MAX: none).
 */
static size_t model_list(const struct model *m, const struct meta_list_versions *in, bool all,
	size_t within, struct model_entry *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct model_row *row = &m->rows[i];
		bool latest = i == 0 || !span_eq(row->key, m->rows[i - 1].key);
		struct span group = group_of(in->prefix, in->delimiter, row->key);
		int c = span_absent(in->key_marker) ? 1 : span_cmp(row->key, in->key_marker);

		if (!span_starts(row->key, in->prefix) || (!all && (!latest || row->marker)))
			continue;
		if (c < 0 || (c == 0 && (within == SIZE_MAX || i <= within)))
			continue;
		if (span_absent(group)) {
			out[n++] = (struct model_entry){SPAN_NULL, row, latest};
			continue;
		}
		if (c == 0 || span_eq(group, in->key_marker))
			continue;
		if (n == 0 || !span_eq(out[n - 1].prefix, group) ||
			span_absent(out[n - 1].prefix))
			out[n++] = (struct model_entry){group, NULL, false};
	}
	return n;
}

static void assert_entry(const struct meta_list_entry *got, const struct model_entry *want)
{
	struct version_id v = meta_object_version(&got->object);

	assert_int_equal(got->is_prefix, !span_absent(want->prefix));
	if (got->is_prefix) {
		assert_true(span_eq(got->object.key, want->prefix));
		return;
	}
	assert_true(span_eq(got->object.key, want->row->key));
	assert_int_equal(v.vseq, want->row->id.vseq);
	assert_int_equal(got->object.gen, want->row->gen);
	assert_int_equal(got->is_latest, want->latest);
	assert_int_equal((got->object.flags & META_OBJECT_MARKER) != 0, want->row->marker);
}

static void check_version_pages(
	struct fix *f, const struct model *m, struct meta_list_versions in, size_t within)
{
	static struct model_entry want[MODEL_ROWS];
	size_t total = model_list(m, &in, true, within, want), seen = 0;
	struct meta_list_result r;
	struct version_id v;

	do {
		assert_ok(f, f->m->ops->object_list_versions(f->m, &in, f->a, &r, &f->e));
		assert_true(r.count <= in.limit);
		for (size_t i = 0; i < r.count; i++, seen++) {
			assert_true(seen < total);
			assert_entry(&r.entries[i], &want[seen]);
		}
		assert_int_equal(r.truncated, seen < total);
		if (r.count == 0)
			break;
		const struct meta_list_entry *last = &r.entries[r.count - 1];
		v = meta_object_version(&last->object);
		in.key_marker = r.last;
		in.version_marker = last->is_prefix ? NULL : &v;
	} while (r.truncated);
	assert_int_equal(seen, total);
}

static void check_object_pages(
	struct fix *f, const struct model *m, const struct meta_list_versions *in)
{
	static struct model_entry want[MODEL_ROWS];
	size_t total = model_list(m, in, false, SIZE_MAX, want), seen = 0;
	struct meta_list list = {
		in->bucket_id, in->prefix, in->delimiter, in->key_marker, in->limit};
	struct meta_list_result r;

	do {
		assert_ok(f, f->m->ops->object_list(f->m, &list, f->a, &r, &f->e));
		for (size_t i = 0; i < r.count; i++, seen++) {
			assert_true(seen < total);
			assert_entry(&r.entries[i], &want[seen]);
		}
		assert_int_equal(r.truncated, seen < total);
		list.after = r.last;
	} while (r.truncated);
	assert_int_equal(seen, total);
}

static void check_lists(struct fix *f, const struct model *m)
{
	for (int round = 0; round < 10; round++) {
		struct meta_list_versions in = {
			.bucket_id = f->bucket_id,
			.prefix = rand() % 3 ? SPAN_NULL : random_key(f),
			.delimiter = rand() % 2 ? SPAN_NULL : SPAN_LIT("/"),
			.key_marker = rand() % 2 ? SPAN_NULL : random_key(f),
			.limit = (unsigned)(rand() % 30) + 1,
		};
		size_t within = SIZE_MAX;

		check_object_pages(f, m, &in);
		if (m->n && rand() % 2) {
			within = (size_t)rand() % m->n;
			in.key_marker = m->rows[within].key;
			in.version_marker = &m->rows[within].id;
		}
		check_version_pages(f, m, in, within);
	}
}

static void random_operations_agree_with_a_naive_model(void **state)
{
	struct fix *f = *state;
	static struct model m;

	m = (struct model){.n = 0};
	for (int i = 0; i < MODEL_OPS; i++) {
		if (i > 200 && rand() % 40 == 0) {
			m.how = rand() % 2 ? META_VERSIONING_ENABLED
					   : META_VERSIONING_SUSPENDED;
			fix_set_versioning(f, m.how);
		}
		switch (rand() % 9) {
		case 0:
		case 1:
			random_delete(f, &m);
			break;
		case 2:
		case 3:
		case 4:
			random_delete_version(f, &m);
			break;
		default:
			random_put(f, &m);
		}
		fix_advance(f, rand() % 3 - 1);
		if (i % MODEL_CHECK_EVERY)
			continue;
		check_counts(f, &m);
		check_look_ups(f, &m);
		check_lists(f, &m);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			random_operations_agree_with_a_naive_model, setup, fix_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
