/* SPDX-License-Identifier: MIT */
#include "tests/unit/svc/fixture.h"

enum { LARGE = 3 << 20, STORE_CALLS_OF_A_SHARED_COPY = 4 }; /* open, create, copy, commit */

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

/* Of the bytes [from, from + n) of `source`, n 0: of all; to `k`. */
struct copy {
	const char *source;
	uint64_t from, n;
	enum checksum_alg alg;
};

static int copy(struct fix *f, const struct copy *c, struct svc_put_result *out)
{
	struct meta_object o;
	struct svc_reader *r;
	struct svc_body body;

	if (svc_object_open(f->s, &f->bucket, span_str(c->source), f->a, &o, &r, &f->e) < 0)
		return -1;
	svc_body_copy(&body, r, c->from, c->n ? c->n : o.size, f->a);
	body.alg = c->alg == CHECKSUM_NONE ? o.checksum.alg : c->alg;
	return fix_put_body(f, "k", &body, out);
}

/* A multipart object of two parts: 5 MiB and 1 MiB. */
static struct span make_multipart(
	struct fix *f, const char *key, enum checksum_alg alg, bool spoil)
{
	struct meta_upload u = {.key = span_str(key),
		.initiator_id = f->user.id,
		.checksum_alg = alg,
		.checksum_type = checksum_default_type(alg)};
	struct span all = fix_bytes(f, FIX_PART_BYTES + (1 << 20), 7);
	char id[SVC_UPLOAD_ID_LEN + 1];
	struct meta_complete_part listed[2] = {{.no = 1}, {.no = 2}};
	struct meta_complete_result done;

	assert_ok(f, svc_upload_create(f->s, &f->bucket, &u, id, &f->e));
	for (uint32_t i = 0; i < 2; i++) {
		struct span bytes =
			i ? span_from(all, FIX_PART_BYTES) : span_head(all, FIX_PART_BYTES);
		struct svc_put_result out;
		struct source_mem m;
		struct svc_part_put in = {
			&f->bucket, span_str(key), span_str(id), i + 1, fix_body(&m, bytes)};

		assert_ok(f, svc_part_put(f->s, &in, f->a, &out, &f->e));
		memcpy(listed[i].md5, out.etag.md5, sizeof(listed[i].md5));
	}
	if (spoil) {
		struct meta_write_result w;
		struct meta_part *parts;
		bool more;
		size_t n;

		assert_ok(f,
			svc_upload_get(f->s, &f->bucket, u.key, span_str(id), f->a, &u, &f->e));
		assert_ok(f,
			f->meta->ops->part_list(
				f->meta, u.gen, 1, 1, f->a, &parts, &n, &more, &f->e));
		parts[0].checksum.value[0] ^= 1;
		assert_ok(f,
			f->meta->ops->part_put(
				f->meta, f->bucket.id, u.key, u.gen, parts, &w, &f->e));
	}
	struct svc_complete in = {.bucket = &f->bucket,
		.key = span_str(key),
		.upload_id = span_str(id),
		.parts = listed,
		.count = 2};

	assert_ok(f, svc_upload_complete(f->s, &in, f->a, &done, &f->e));
	return all;
}

/* ---- what is copied ---- */

static void a_plain_object_is_shared_with_its_digests(void **state)
{
	struct fix *f = *state;
	struct span bytes = fix_bytes(f, LARGE, 1);
	struct svc_put_result out, put;
	struct source_mem m;
	struct svc_body body = fix_body(&m, bytes);
	struct copy c = {.source = "source"};

	body.alg = CHECKSUM_SHA1;
	assert_ok(f, fix_put_body(f, "source", &body, &put));
	store_fault_arm(f->store, 0);
	assert_ok(f, copy(f, &c, &out));
	assert_int_equal(store_fault_calls(f->store), STORE_CALLS_OF_A_SHARED_COPY);
	assert_true(etag_eq(&out.etag, &put.etag));
	assert_true(checksum_eq(&out.checksum, &put.checksum));
	assert_int_equal(out.size, LARGE);
	assert_same(fix_get(f, "k"), bytes);
}

static void another_checksum_is_computed_on_the_way(void **state)
{
	struct fix *f = *state;
	struct span bytes = fix_bytes(f, LARGE, 1);
	struct svc_put_result out;
	struct copy c = {.source = "source", .alg = CHECKSUM_SHA256};
	unsigned char sum[DIGEST_MAX_BYTES];

	assert_ok(f, fix_put(f, "source", bytes));
	assert_ok(f, copy(f, &c, &out));
	digest_of(DIGEST_SHA256, bytes.p, bytes.n, sum);
	assert_int_equal(out.checksum.alg, CHECKSUM_SHA256);
	assert_memory_equal(out.checksum.value, sum, 32);
	assert_same(fix_get(f, "k"), bytes);
}

static void a_multipart_object_becomes_a_plain_one(void **state)
{
	struct fix *f = *state;
	struct span all = make_multipart(f, "source", CHECKSUM_SHA256, false);
	struct svc_put_result out;
	struct copy c = {.source = "source"};
	unsigned char sum[DIGEST_MAX_BYTES];

	assert_ok(f, copy(f, &c, &out));
	assert_int_equal(out.etag.nparts, 0);
	digest_of(DIGEST_MD5, all.p, all.n, sum);
	assert_memory_equal(out.etag.md5, sum, 16);
	digest_of(DIGEST_SHA256, all.p, all.n, sum);
	assert_int_equal(out.checksum.type, CHECKSUM_FULL_OBJECT);
	assert_memory_equal(out.checksum.value, sum, 32);
	assert_same(fix_get(f, "k"), all);
}

static void a_range_is_copied_wherever_it_lies(void **state)
{
	static const struct copy ranges[] = {
		{"source", 0, 1, CHECKSUM_NONE},
		{"source", 17, FIX_PART_BYTES, CHECKSUM_NONE},
		{"source", 0, FIX_PART_BYTES, CHECKSUM_NONE}, /* the first part: shared */
		{"source", FIX_PART_BYTES, 1 << 20, CHECKSUM_NONE},
		{"source", FIX_PART_BYTES - 1, 2, CHECKSUM_CRC32},
		{"source", FIX_PART_BYTES + 5, (1 << 20) - 5, CHECKSUM_NONE},
	};
	struct fix *f = *state;
	struct span all = make_multipart(f, "source", CHECKSUM_CRC32C, false);

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct span want = span_head(span_from(all, ranges[i].from), ranges[i].n);
		bool shared = i == 2 || i == 3;
		struct svc_put_result out;
		unsigned char sum[16];

		store_fault_arm(f->store, 0);
		assert_ok(f, copy(f, &ranges[i], &out));
		/* Opening the second part is one more. */
		assert_true(!shared ||
			store_fault_calls(f->store) <= STORE_CALLS_OF_A_SHARED_COPY + 1);
		digest_of(DIGEST_MD5, want.p, want.n, sum);
		assert_memory_equal(out.etag.md5, sum, 16);
		assert_same(fix_get(f, "k"), want);
	}
}

static void an_empty_object_is_copied(void **state)
{
	struct fix *f = *state;
	struct svc_put_result out;
	struct copy c = {.source = "source"};

	assert_ok(f, fix_put(f, "source", SPAN_LIT("")));
	assert_ok(f, copy(f, &c, &out));
	assert_int_equal(out.size, 0);
	assert_same(fix_get(f, "k"), SPAN_LIT(""));
}

static void a_copy_outlives_its_source(void **state)
{
	struct fix *f = *state;
	struct meta_delete d = {.key = SPAN_LIT("source")};
	struct svc_put_result out;
	struct copy c = {.source = "source"};

	assert_ok(f, fix_put(f, "source", SPAN_LIT("bytes")));
	assert_ok(f, copy(f, &c, &out));
	assert_ok(f, svc_object_delete(f->s, &f->bucket, &d, &f->e));
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 1);
	assert_same(fix_get(f, "k"), SPAN_LIT("bytes"));
}

/* ---- what is not ---- */

static void a_damaged_blob_is_not_copied(void **state)
{
	struct fix *f = *state;
	struct copy c = {.source = "source", .alg = CHECKSUM_SHA256};
	struct meta_write_result w;
	struct svc_put_result out;
	struct meta_object o;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("old")));
	assert_ok(f, fix_put(f, "source", SPAN_LIT("bytes")));
	assert_ok(f, svc_object_head(f->s, &f->bucket, SPAN_LIT("source"), f->a, &o, &f->e));
	o.checksum.value[3] ^= 1;
	struct meta_object_put put = {.bucket_id = f->bucket.id, .object = o};

	assert_ok(f, f->meta->ops->object_put(f->meta, &put, &w, &f->e));
	assert_fails(f, copy(f, &c, &out), ERR_IO, 0);
	assert_same(fix_get(f, "k"), SPAN_LIT("old"));
	assert_int_equal(fix_blobs(f), 2);
}

static void a_damaged_part_is_not_copied(void **state)
{
	struct fix *f = *state;
	struct copy c = {.source = "source"},
		    first = {.source = "source", .n = FIX_PART_BYTES + 3};
	struct svc_put_result out;

	make_multipart(f, "source", CHECKSUM_SHA1, true);
	assert_fails(f, copy(f, &c, &out), ERR_IO, 0);
	assert_true(span_absent(fix_get(f, "k")));
	/* What is read of it in part says nothing about the whole. */
	assert_ok(f, copy(f, &first, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fix, close_fix)
		TEST(a_plain_object_is_shared_with_its_digests),
		TEST(another_checksum_is_computed_on_the_way),
		TEST(a_multipart_object_becomes_a_plain_one),
		TEST(a_range_is_copied_wherever_it_lies),
		TEST(an_empty_object_is_copied),
		TEST(a_copy_outlives_its_source),
		TEST(a_damaged_blob_is_not_copied),
		TEST(a_damaged_part_is_not_copied),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
