/* SPDX-License-Identifier: MIT */
#include "tests/unit/svc/fixture.h"

struct upload {
	char id[SVC_UPLOAD_ID_LEN + 1];
	struct meta_complete_part parts[16];
	size_t count;
};

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

static void begin(struct fix *f, struct upload *u, const char *key, enum checksum_alg alg)
{
	struct meta_upload in = {
		.key = span_str(key),
		.initiator_id = f->user.id,
		.checksum_alg = alg,
		.checksum_type =
			checksum_default_type(alg == CHECKSUM_NONE ? CHECKSUM_CRC64NVME : alg),
	};

	memset(u, 0, sizeof(*u));
	assert_ok(f, svc_upload_create(f->s, &f->bucket, &in, u->id, &f->e));
	assert_int_equal(strlen(u->id), SVC_UPLOAD_ID_LEN);
}

static int part(struct fix *f, struct upload *u, const char *key, uint32_t no,
	struct svc_body body, struct svc_put_result *out)
{
	struct svc_part_put in = {
		.bucket = &f->bucket,
		.key = span_str(key),
		.upload_id = span_str(u->id),
		.no = no,
		.body = body,
	};

	return svc_part_put(f->s, &in, f->a, out, &f->e);
}

static void add(
	struct fix *f, struct upload *u, const char *key, uint32_t no, struct span bytes)
{
	struct svc_put_result out;
	struct source_mem m;

	assert_ok(f, part(f, u, key, no, fix_body(&m, bytes), &out));
	u->parts[u->count].no = no;
	memcpy(u->parts[u->count++].md5, out.etag.md5, 16);
}

static int complete(
	struct fix *f, struct upload *u, const char *key, struct meta_complete_result *out)
{
	struct svc_complete in = {
		.bucket = &f->bucket,
		.key = span_str(key),
		.upload_id = span_str(u->id),
		.parts = u->parts,
		.count = u->count,
	};

	return svc_upload_complete(f->s, &in, f->a, out, &f->e);
}

static void parts_become_one_object_and_are_read_as_one(void **state)
{
	struct fix *f = *state;
	struct span all = fix_bytes(f, 3 * FIX_PART_BYTES + 12345, 3);
	struct meta_complete_result out;
	struct upload u;
	unsigned char crc[32];
	struct svc_reader *r;
	struct meta_object o;
	char p[10];
	size_t n;

	begin(f, &u, "k", CHECKSUM_NONE);
	for (uint32_t i = 0; i < 4; i++)
		add(f, &u, "k", i * 10 + 1,
			span_head(span_from(all, i * FIX_PART_BYTES), FIX_PART_BYTES));
	assert_true(span_absent(fix_get(f, "k")));
	assert_ok(f, complete(f, &u, "k", &out));
	assert_int_equal(out.size, all.n);
	assert_int_equal(out.etag.nparts, 4);
	digest_of(DIGEST_CRC64NVME, all.p, all.n, crc);
	assert_int_equal(out.checksum.alg, CHECKSUM_CRC64NVME);
	assert_memory_equal(out.checksum.value, crc, 8);
	assert_same(fix_get(f, "k"), all);
	assert_ok(f, svc_object_open(f->s, &f->bucket, SPAN_LIT("k"), f->a, &o, &r, &f->e));
	assert_ok(f, svc_reader_read(r, p, 10, 3 * FIX_PART_BYTES - 4, &n, &f->e));
	assert_same(span_of(p, n), span_head(span_from(all, 3 * FIX_PART_BYTES - 4), 10));
	assert_ok(f, svc_reader_read(r, p, 10, 1, &n, &f->e));
	assert_same(span_of(p, n), span_head(span_from(all, 1), 10));
	assert_ok(f, svc_reader_read(r, p, 10, all.n - 3, &n, &f->e));
	assert_int_equal(n, 3);
}

static void a_repeated_complete_says_the_same(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result one, two;
	struct upload u;

	begin(f, &u, "k", CHECKSUM_NONE);
	add(f, &u, "k", 1, SPAN_LIT("only"));
	assert_ok(f, complete(f, &u, "k", &one));
	assert_ok(f, complete(f, &u, "k", &two));
	assert_true(two.repeated);
	assert_true(etag_eq(&one.etag, &two.etag));
}

static void an_uploaded_part_again_replaces_the_first(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result out;
	struct upload u;

	begin(f, &u, "k", CHECKSUM_NONE);
	add(f, &u, "k", 1, SPAN_LIT("first"));
	add(f, &u, "k", 1, SPAN_LIT("second"));
	u.count = 1;
	assert_fails(f, complete(f, &u, "k", &out), ERR_INVALID, REASON_PART);
	u.parts[0] = u.parts[1];
	assert_ok(f, complete(f, &u, "k", &out));
	assert_same(fix_get(f, "k"), SPAN_LIT("second"));
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 1);
}

static void a_failed_complete_leaves_upload_and_object_alone(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result out;
	struct upload u;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("before")));
	begin(f, &u, "k", CHECKSUM_NONE);
	add(f, &u, "k", 1, SPAN_LIT("small"));
	add(f, &u, "k", 2, SPAN_LIT("last"));
	assert_fails(f, complete(f, &u, "k", &out), ERR_INVALID, REASON_PART_TOO_SMALL);
	assert_same(fix_get(f, "k"), SPAN_LIT("before"));
	u.parts[0] = u.parts[1];
	u.count = 1;
	assert_ok(f, complete(f, &u, "k", &out));
	assert_same(fix_get(f, "k"), SPAN_LIT("last"));
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 1);
}

static void an_abort_frees_every_part(void **state)
{
	struct fix *f = *state;
	struct svc_put_result out;
	struct source_mem m;
	struct upload u;

	begin(f, &u, "k", CHECKSUM_NONE);
	add(f, &u, "k", 1, SPAN_LIT("one"));
	add(f, &u, "k", 2, SPAN_LIT("two"));
	assert_ok(f,
		svc_upload_abort(f->s, &f->bucket, SPAN_LIT("k"), span_str(u.id), f->a, &f->e));
	assert_fails(f, part(f, &u, "k", 3, fix_body(&m, SPAN_LIT("late")), &out),
		ERR_NOT_FOUND, REASON_UPLOAD);
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 0);
	assert_fails(f,
		svc_upload_abort(f->s, &f->bucket, SPAN_LIT("k"), span_str(u.id), f->a, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
}

/* Aborts its own upload when half of it was read. */
struct abort_source {
	struct source src;
	struct fix *f;
	struct upload *u;
	int left;
};

static int abort_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct abort_source *s = (struct abort_source *)(void *)src;

	(void)cap;
	(void)e;
	*n_r = 0;
	if (s->left-- == 0)
		return 0;
	assert_ok(s->f,
		svc_upload_abort(s->f->s, &s->f->bucket, SPAN_LIT("k"), span_str(s->u->id),
			s->f->a, &s->f->e));
	*(char *)p = 'x';
	*n_r = 1;
	return 0;
}

static void a_part_finished_after_the_abort_leaves_nothing(void **state)
{
	struct fix *f = *state;
	struct svc_put_result out;
	struct upload u;
	struct abort_source s = {{abort_read}, f, &u, 1};
	struct svc_body body = {.src = &s.src, .length = UINT64_MAX, .max_bytes = 100};

	begin(f, &u, "k", CHECKSUM_NONE);
	assert_fails(f, part(f, &u, "k", 1, body, &out), ERR_NOT_FOUND, REASON_UPLOAD);
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 0);
}

static void a_foreign_or_broken_upload_id_is_no_upload(void **state)
{
	struct fix *f = *state;
	struct meta_bucket other;
	struct meta_upload got;
	struct upload u;
	char id[SVC_UPLOAD_ID_LEN + 1];

	assert_ok(f,
		svc_bucket_create(f->s, &f->caller, SPAN_LIT("other"), SPAN_LIT(""), f->a,
			&other, &f->e));
	begin(f, &u, "k", CHECKSUM_NONE);
	assert_ok(f,
		svc_upload_get(
			f->s, &f->bucket, SPAN_LIT("k"), span_str(u.id), f->a, &got, &f->e));
	assert_fails(f,
		svc_upload_get(
			f->s, &f->bucket, SPAN_LIT("j"), span_str(u.id), f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	assert_fails(f,
		svc_upload_get(f->s, &other, SPAN_LIT("k"), span_str(u.id), f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	for (int i = 0; i < SVC_UPLOAD_ID_LEN; i++) {
		memcpy(id, u.id, sizeof(id));
		id[i] = id[i] == '0' ? '1' : '0';
		assert_fails(f,
			svc_upload_get(f->s, &f->bucket, SPAN_LIT("k"), span_str(id), f->a,
				&got, &f->e),
			ERR_NOT_FOUND, REASON_UPLOAD);
	}
	for (size_t n = 0; n < SVC_UPLOAD_ID_LEN; n++)
		assert_fails(f,
			svc_upload_get(f->s, &f->bucket, SPAN_LIT("k"), span_of(u.id, n), f->a,
				&got, &f->e),
			ERR_NOT_FOUND, REASON_UPLOAD);
	assert_fails(f,
		svc_upload_get(f->s, &f->bucket, SPAN_LIT("k"), SPAN_NULL, f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
}

static void a_part_keeps_the_upload_s_checksum_and_answers_the_client_s(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result done;
	struct svc_put_result out;
	struct source_mem m;
	struct svc_body body = fix_body(&m, SPAN_LIT("data"));
	struct upload u;
	unsigned char sum[32];

	begin(f, &u, "k", CHECKSUM_NONE);
	body.alg = CHECKSUM_SHA1;
	assert_ok(f, part(f, &u, "k", 1, body, &out));
	assert_int_equal(out.checksum.alg, CHECKSUM_SHA1);
	digest_of(DIGEST_SHA1, "data", 4, sum);
	assert_memory_equal(out.checksum.value, sum, 20);
	u.parts[0].no = 1;
	memcpy(u.parts[0].md5, out.etag.md5, 16);
	u.count = 1;
	assert_ok(f, complete(f, &u, "k", &done));
	digest_of(DIGEST_CRC64NVME, "data", 4, sum);
	assert_int_equal(done.checksum.alg, CHECKSUM_CRC64NVME);
	assert_memory_equal(done.checksum.value, sum, 8);
}

static void a_part_of_another_algorithm_than_its_upload_is_refused(void **state)
{
	struct fix *f = *state;
	struct svc_put_result out;
	struct source_mem m;
	struct svc_body body = fix_body(&m, SPAN_LIT("data"));
	struct upload u;

	begin(f, &u, "k", CHECKSUM_CRC32C);
	body.alg = CHECKSUM_SHA1;
	assert_fails(f, part(f, &u, "k", 1, body, &out), ERR_INVALID, REASON_NONE);
	body.alg = CHECKSUM_NONE;
	assert_ok(f, part(f, &u, "k", 1, body, &out));
	assert_int_equal(out.checksum.alg, CHECKSUM_CRC32C);
	assert_int_equal(fix_blobs(f), 1);
}

static void a_multipart_reader_survives_an_overwrite_within_the_delay(void **state)
{
	struct fix *f = *state;
	struct span all = fix_bytes(f, 2 * FIX_PART_BYTES, 3);
	struct meta_complete_result out;
	struct svc_reader *r;
	struct meta_object o;
	struct upload u;
	uint64_t removed;
	char p[10];
	size_t n;

	begin(f, &u, "k", CHECKSUM_NONE);
	add(f, &u, "k", 1, span_head(all, FIX_PART_BYTES));
	add(f, &u, "k", 2, span_from(all, FIX_PART_BYTES));
	assert_ok(f, complete(f, &u, "k", &out));
	assert_ok(f, svc_object_open(f->s, &f->bucket, SPAN_LIT("k"), f->a, &o, &r, &f->e));
	assert_ok(f, fix_put(f, "k", SPAN_LIT("new")));
	fix_advance(f, FIX_GC_DELAY_S - 1);
	assert_ok(f, svc_gc_run(f->s, &removed, &f->e));
	assert_int_equal(removed, 0);
	assert_ok(f, svc_reader_read(r, p, 10, FIX_PART_BYTES + 5, &n, &f->e));
	assert_same(span_of(p, n), span_head(span_from(all, FIX_PART_BYTES + 5), 10));
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 1);
}

static void a_bucket_with_only_an_upload_can_be_deleted_and_leaves_nothing(void **state)
{
	struct fix *f = *state;
	struct upload u;

	begin(f, &u, "k", CHECKSUM_NONE);
	add(f, &u, "k", 1, SPAN_LIT("one"));
	assert_ok(f, svc_bucket_delete(f->s, &f->bucket, &f->e));
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 0);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_fix, close_fix)
	const struct CMUnitTest tests[] = {
		T(parts_become_one_object_and_are_read_as_one),
		T(a_repeated_complete_says_the_same),
		T(an_uploaded_part_again_replaces_the_first),
		T(a_failed_complete_leaves_upload_and_object_alone),
		T(an_abort_frees_every_part),
		T(a_part_finished_after_the_abort_leaves_nothing),
		T(a_foreign_or_broken_upload_id_is_no_upload),
		T(a_part_keeps_the_upload_s_checksum_and_answers_the_client_s),
		T(a_part_of_another_algorithm_than_its_upload_is_refused),
		T(a_multipart_reader_survives_an_overwrite_within_the_delay),
		T(a_bucket_with_only_an_upload_can_be_deleted_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
