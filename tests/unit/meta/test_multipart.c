/* SPDX-License-Identifier: MIT */
/* Multipart uploads: parts, Complete's judgement, its memory, and the manifest. */
#include "base/clock.h"
#include "codec/digest.h"
#include "tests/unit/meta/fixture.h"

enum { MIN_PART = 100 };

struct upload {
	struct meta_upload u;
	struct meta_complete_part list[16];
	struct meta_complete c;
};

static void begin_as(
	struct fix *f, struct upload *u, enum checksum_alg alg, enum checksum_type type)
{
	*u = (struct upload){.u = {
				     .key = SPAN_LIT("big"),
				     .initiator_id = 5,
				     .content_type = SPAN_LIT("video/x"),
				     .meta = SPAN_LIT("meta"),
				     .checksum_alg = alg,
				     .checksum_type = type,
			     }};
	assert_ok(f, f->m->ops->gen_next(f->m, &u->u.gen, &f->e));
	assert_ok(f, f->m->ops->upload_create(f->m, f->bucket_id, &u->u, &f->e));
	u->c = (struct meta_complete){.bucket_id = f->bucket_id,
		.key = u->u.key,
		.gen = u->u.gen,
		.parts = u->list,
		.min_part_bytes = MIN_PART};
}

static void begin(struct fix *f, struct upload *u)
{
	begin_as(f, u, CHECKSUM_NONE, CHECKSUM_FULL_OBJECT);
}

/* A part of size bytes of the letter c, with its true digests. */
static struct meta_part make_part(
	struct fix *f, uint32_t no, char c, size_t size, enum checksum_alg alg)
{
	struct meta_part p = {.no = no, .size = size, .checksum = {.alg = alg}};
	char *bytes = malloc(size + 1);

	memset(bytes, c, size + 1);
	digest_of(DIGEST_MD5, bytes, size, p.md5);
	if (alg != CHECKSUM_NONE)
		digest_of(checksum_digest(alg), bytes, size, p.checksum.value);
	free(bytes);
	assert_ok(f, f->m->ops->gen_next(f->m, &p.pgen, &f->e));
	return p;
}

static int put_part(struct fix *f, const struct upload *u, const struct meta_part *p)
{
	struct meta_write_result w;

	return f->m->ops->part_put(f->m, f->bucket_id, u->u.key, u->u.gen, p, &w, &f->e);
}

static void list_part(struct upload *u, const struct meta_part *p)
{
	struct meta_complete_part *l = &u->list[u->c.count++];

	l->no = p->no;
	memcpy(l->md5, p->md5, sizeof(l->md5));
}

static struct meta_part add_part(
	struct fix *f, struct upload *u, uint32_t no, char c, size_t size)
{
	enum checksum_alg alg = u->u.checksum_alg ? u->u.checksum_alg : CHECKSUM_CRC64NVME;
	struct meta_part p = make_part(f, no, c, size, alg);

	assert_ok(f, put_part(f, u, &p));
	list_part(u, &p);
	return p;
}

static int complete(struct fix *f, const struct upload *u, struct meta_complete_result *r)
{
	return f->m->ops->upload_complete(f->m, &u->c, r, &f->e);
}

static void complete_makes_one_object_of_its_parts(void **state)
{
	struct fix *f = *state;
	struct upload u;
	struct meta_complete_result r;
	struct meta_object o;
	struct meta_upload gone;
	unsigned char md5s[32], want[16], crc[8];
	char whole[150];

	begin(f, &u);
	struct meta_part a = add_part(f, &u, 3, 'a', 100), b = add_part(f, &u, 7, 'b', 50);
	assert_ok(f, complete(f, &u, &r));
	memcpy(md5s, a.md5, 16);
	memcpy(md5s + 16, b.md5, 16);
	digest_of(DIGEST_MD5, md5s, 32, want);
	assert_memory_equal(r.etag.md5, want, 16);
	assert_int_equal(r.etag.nparts, 2);
	assert_int_equal(r.size, 150);
	assert_false(r.repeated);
	memset(whole, 'a', 100);
	memset(whole + 100, 'b', 50);
	digest_of(DIGEST_CRC64NVME, whole, 150, crc);
	assert_int_equal(r.checksum.alg, CHECKSUM_CRC64NVME);
	assert_int_equal(r.checksum.type, CHECKSUM_FULL_OBJECT);
	assert_memory_equal(r.checksum.value, crc, 8);
	assert_ok(f, f->m->ops->object_get(f->m, f->bucket_id, u.u.key, f->a, &o, &f->e));
	assert_int_equal(o.gen, u.u.gen);
	assert_int_equal(o.owner_id, 5);
	assert_true(etag_eq(&o.etag, &r.etag));
	assert_span_eq(o.content_type, "video/x");
	assert_span_eq(o.meta, "meta");
	assert_fails(f,
		f->m->ops->upload_get(f->m, f->bucket_id, u.u.key, u.u.gen, f->a, &gone, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	fix_assert_counted(f);
}

static void the_manifest_gives_the_parts_of_a_range(void **state)
{
	struct fix *f = *state;
	struct upload u;
	struct meta_complete_result r;
	struct meta_part *p;
	size_t n;

	begin(f, &u);
	for (uint32_t i = 0; i < 10; i++)
		add_part(f, &u, i * 11 + 2, (char)('a' + i), 100);
	assert_ok(f, complete(f, &u, &r));
	for (uint64_t from = 0; from < 1000; from += 37) {
		uint64_t length = 250;

		assert_ok(f,
			f->m->ops->object_parts(
				f->m, u.u.gen, from, length, f->a, &p, &n, &f->e));
		assert_true(n >= 1);
		assert_true(p[0].off <= from && from < p[0].off + p[0].size);
		uint64_t end = from + length < 1000 ? from + length : 1000;
		assert_true(p[n - 1].off < end && end <= p[n - 1].off + p[n - 1].size);
		for (size_t i = 1; i < n; i++)
			assert_int_equal(p[i].off, p[i - 1].off + p[i - 1].size);
	}
	assert_ok(
		f, f->m->ops->object_parts(f->m, u.u.gen, 0, UINT64_MAX, f->a, &p, &n, &f->e));
	assert_int_equal(n, 10);
	assert_ok(f,
		f->m->ops->object_parts(f->m, u.u.gen, 5000, UINT64_MAX, f->a, &p, &n, &f->e));
	assert_int_equal(n, 0);
	assert_ok(f, f->m->ops->object_parts(f->m, 4711, 0, 10, f->a, &p, &n, &f->e));
	assert_int_equal(n, 0);
}

static void a_refused_complete_leaves_upload_and_object(void **state)
{
	struct fix *f = *state;
	struct upload u;
	struct meta_complete_result r;
	struct meta_part *parts;
	struct meta_object o;
	bool more;
	size_t n;
	uint64_t old = fix_put(f, f->bucket_id, "big", 1);

	begin(f, &u);
	add_part(f, &u, 1, 'a', 99);
	add_part(f, &u, 2, 'b', 100);
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_PART_TOO_SMALL);
	u.list[0].no = 2;
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_PART_ORDER);
	u.list[0].no = 1;
	u.list[1].no = 3;
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_PART);
	u.list[1].no = 2;
	u.list[1].md5[3] ^= 1;
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_PART);
	u.list[1].md5[3] ^= 1;
	u.c.count = 0;
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_PART);
	u.c.count = 2;
	u.c.min_part_bytes = 1;
	u.c.has_size = true;
	u.c.size = 198;
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_MP_SIZE);
	u.c.has_size = false;
	u.list[0].checksum.alg = CHECKSUM_CRC64NVME;
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_PART_CHECKSUM);
	u.list[0].checksum.alg = CHECKSUM_NONE;
	u.c.checksum = (struct checksum){.alg = CHECKSUM_CRC64NVME};
	assert_fails(f, complete(f, &u, &r), ERR_INVALID, REASON_DIGEST);
	u.c.checksum.alg = CHECKSUM_NONE;
	struct write_conditions none = {.if_none_match = SPAN_LIT("*")};
	u.c.conditions = &none;
	assert_fails(f, complete(f, &u, &r), ERR_PRECONDITION, 0);
	assert_ok(
		f, f->m->ops->part_list(f->m, u.u.gen, 0, 10, f->a, &parts, &n, &more, &f->e));
	assert_int_equal(n, 2);
	assert_ok(
		f, f->m->ops->object_get(f->m, f->bucket_id, SPAN_LIT("big"), f->a, &o, &f->e));
	assert_int_equal(o.gen, old);
	u.c.conditions = NULL;
	assert_ok(f, complete(f, &u, &r));
	fix_assert_counted(f);
}

static void checksums_are_combined_by_type(void **state)
{
	struct fix *f = *state;
	static const struct {
		enum checksum_alg alg;
		enum checksum_type type;
	} kinds[] = {
		{CHECKSUM_CRC32, CHECKSUM_FULL_OBJECT},
		{CHECKSUM_CRC32C, CHECKSUM_COMPOSITE},
		{CHECKSUM_SHA256, CHECKSUM_COMPOSITE},
	};
	char whole[300];

	memset(whole, 'a', 150);
	memset(whole + 150, 'b', 150);
	for (size_t i = 0; i < 3; i++) {
		unsigned char want[DIGEST_MAX_BYTES], cat[2 * DIGEST_MAX_BYTES];
		size_t len = digest_len(checksum_digest(kinds[i].alg));
		struct meta_complete_result r;
		struct upload u;

		begin_as(f, &u, kinds[i].alg, kinds[i].type);
		struct meta_part a = add_part(f, &u, 1, 'a', 150),
				 b = add_part(f, &u, 2, 'b', 150);
		memcpy(cat, a.checksum.value, len);
		memcpy(cat + len, b.checksum.value, len);
		if (kinds[i].type == CHECKSUM_FULL_OBJECT)
			digest_of(checksum_digest(kinds[i].alg), whole, 300, want);
		else
			digest_of(checksum_digest(kinds[i].alg), cat, 2 * len, want);
		u.list[0].checksum = a.checksum;
		u.c.checksum = (struct checksum){.alg = kinds[i].alg, .type = kinds[i].type};
		memcpy(u.c.checksum.value, want, len);
		assert_ok(f, complete(f, &u, &r));
		assert_int_equal(r.checksum.type, kinds[i].type);
		assert_int_equal(
			r.checksum.nparts, kinds[i].type == CHECKSUM_COMPOSITE ? 2 : 0);
		assert_memory_equal(r.checksum.value, want, len);
	}
}

static void a_repeated_complete_gives_the_same_answer_for_a_while(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result first, again;
	struct upload u;

	begin(f, &u);
	add_part(f, &u, 1, 'a', 100);
	add_part(f, &u, 2, 'b', 100);
	assert_ok(f, complete(f, &u, &first));
	fix_advance(f, FIX_UPLOAD_MEMORY_US);
	assert_ok(f, complete(f, &u, &again));
	assert_true(again.repeated);
	assert_true(etag_eq(&first.etag, &again.etag));
	assert_true(checksum_eq(&first.checksum, &again.checksum));
	assert_int_equal(first.vseq, again.vseq);
	assert_int_equal(first.size, again.size);
	u.c.count = 1;
	assert_fails(f, complete(f, &u, &again), ERR_NOT_FOUND, REASON_UPLOAD);
	u.c.count = 2;
	u.c.key = SPAN_LIT("other");
	assert_fails(f, complete(f, &u, &again), ERR_NOT_FOUND, REASON_UPLOAD);
	u.c.key = u.u.key;
	fix_advance(f, 1);
	assert_fails(f, complete(f, &u, &again), ERR_NOT_FOUND, REASON_UPLOAD);
	assert_ok(f, f->m->ops->expire(f->m, FIX_START_US + 1, &f->e));
	f->clock.fixed_us = FIX_START_US;
	assert_fails(f, complete(f, &u, &again), ERR_NOT_FOUND, REASON_UPLOAD);
}

static void unused_and_replaced_parts_become_garbage(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result r;
	struct meta_gc *g;
	struct upload u;

	begin(f, &u);
	struct meta_part old = add_part(f, &u, 1, 'a', 100);
	u.c.count = 0;
	add_part(f, &u, 1, 'x', 100);
	struct meta_part unused = make_part(f, 2, 'y', 10, CHECKSUM_NONE);
	assert_ok(f, put_part(f, &u, &unused));
	assert_ok(f, complete(f, &u, &r));
	assert_int_equal(fix_garbage(f, &g), 2);
	assert_int_equal(g[0].kind, META_GC_PART);
	assert_int_equal(g[0].gen, u.u.gen);
	assert_int_equal(g[0].part_no, 1);
	assert_int_equal(g[0].part_gen, old.pgen);
	assert_int_equal(g[1].part_no, 2);
	assert_int_equal(g[1].part_gen, unused.pgen);
	assert_string_equal(g[1].bucket, "bucket");
}

static void an_upload_of_another_key_or_bucket_is_unknown(void **state)
{
	struct fix *f = *state;
	int64_t other = fix_bucket(f, 0, 0, "other");
	struct meta_complete_result r;
	struct meta_write_result w;
	struct meta_upload got;
	struct upload u;

	begin(f, &u);
	struct meta_part p = add_part(f, &u, 1, 'a', 100);
	assert_fails(f,
		f->m->ops->upload_get(
			f->m, f->bucket_id, SPAN_LIT("x"), u.u.gen, f->a, &got, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	assert_fails(f, f->m->ops->part_put(f->m, other, u.u.key, u.u.gen, &p, &w, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	assert_fails(f, f->m->ops->upload_abort(f->m, other, u.u.key, u.u.gen, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	u.c.bucket_id = other;
	assert_fails(f, complete(f, &u, &r), ERR_NOT_FOUND, REASON_UPLOAD);
	u.c.bucket_id = 4711;
	assert_fails(f, complete(f, &u, &r), ERR_NOT_FOUND, REASON_BUCKET);
	assert_fails(f, f->m->ops->upload_create(f->m, 4711, &u.u, &f->e), ERR_NOT_FOUND,
		REASON_BUCKET);
	assert_ok(f,
		f->m->ops->upload_get(f->m, f->bucket_id, u.u.key, u.u.gen, f->a, &got, &f->e));
	assert_int_equal(got.initiator_id, 5);
	assert_int_equal(got.started_us, FIX_START_US);
	assert_span_eq(got.content_type, "video/x");
}

static void an_aborted_upload_takes_no_parts_and_is_collected(void **state)
{
	struct fix *f = *state;
	struct upload u;
	struct meta_part *parts;
	struct meta_gc *g;
	size_t n;

	begin(f, &u);
	struct meta_part a = add_part(f, &u, 1, 'a', 100);
	assert_ok(f, f->m->ops->upload_abort(f->m, f->bucket_id, u.u.key, u.u.gen, &f->e));
	assert_fails(f, put_part(f, &u, &a), ERR_NOT_FOUND, REASON_UPLOAD);
	assert_fails(f, f->m->ops->upload_abort(f->m, f->bucket_id, u.u.key, u.u.gen, &f->e),
		ERR_NOT_FOUND, REASON_UPLOAD);
	assert_int_equal(fix_garbage(f, &g), 1);
	assert_int_equal(g[0].kind, META_GC_PARTS);
	assert_ok(f, f->m->ops->gc_parts(f->m, g[0].gen, 0, 100, f->a, &parts, &n, &f->e));
	assert_int_equal(n, 1);
	assert_int_equal(parts[0].pgen, a.pgen);
	assert_ok(f, f->m->ops->gc_done(f->m, &g[0].id, 1, &f->e));
	assert_ok(f, f->m->ops->gc_parts(f->m, u.u.gen, 0, 100, f->a, &parts, &n, &f->e));
	assert_int_equal(n, 0);
	assert_int_equal(fix_garbage(f, &g), 0);
}

static void deleting_a_multipart_object_collects_its_parts(void **state)
{
	struct fix *f = *state;
	struct meta_complete_result r;
	struct meta_gc *g;
	struct upload u;

	begin(f, &u);
	add_part(f, &u, 1, 'a', 100);
	assert_ok(f, complete(f, &u, &r));
	fix_put(f, f->bucket_id, "big", 3);
	assert_int_equal(fix_garbage(f, &g), 1);
	assert_int_equal(g[0].kind, META_GC_PARTS);
	assert_int_equal(g[0].gen, u.u.gen);
	fix_assert_counted(f);
}

static void deleting_a_bucket_collects_its_unfinished_uploads(void **state)
{
	struct fix *f = *state;
	struct upload u, v;
	struct meta_gc *g;

	begin(f, &u);
	begin(f, &v);
	struct meta_part p = add_part(f, &u, 1, 'a', 100);
	assert_ok(f, f->m->ops->bucket_delete(f->m, f->bucket_id, 5, &f->e));
	assert_int_equal(fix_garbage(f, &g), 3);
	assert_int_equal(g[0].gen, u.u.gen);
	assert_int_equal(g[0].kind, META_GC_PARTS);
	assert_span_eq(g[0].key, "big");
	assert_int_equal(g[1].gen, v.u.gen);
	assert_int_equal(g[2].kind, META_GC_BUCKET);
	assert_fails(f, put_part(f, &u, &p), ERR_NOT_FOUND, REASON_UPLOAD);
}

static void parts_are_listed_in_pages(void **state)
{
	struct fix *f = *state;
	struct meta_part *p;
	struct upload u;
	bool more;
	size_t n;

	begin(f, &u);
	for (uint32_t i = 1; i <= 5; i++)
		add_part(f, &u, i * 2, 'a', i);
	assert_ok(f, f->m->ops->part_list(f->m, u.u.gen, 2, 3, f->a, &p, &n, &more, &f->e));
	assert_int_equal(n, 3);
	assert_true(more);
	assert_int_equal(p[0].no, 4);
	assert_int_equal(p[0].mtime_us, FIX_START_US);
	assert_int_equal(p[0].checksum.alg, CHECKSUM_CRC64NVME);
	assert_ok(f, f->m->ops->part_list(f->m, u.u.gen, 8, 3, f->a, &p, &n, &more, &f->e));
	assert_int_equal(n, 1);
	assert_false(more);
	assert_ok(f, f->m->ops->part_list(f->m, u.u.gen, 0, 0, f->a, &p, &n, &more, &f->e));
	assert_int_equal(n, 0);
	assert_false(more);
}

static void ten_thousand_parts_complete_in_one_breath(void **state)
{
	struct fix *f = *state;
	enum { N = 10000 };
	struct meta_complete_part *list = calloc(N, sizeof(*list));
	struct meta_complete_result r;
	struct upload u;

	begin(f, &u);
	struct meta_part p = make_part(f, 1, 'a', 100, CHECKSUM_CRC64NVME);
	for (uint32_t i = 0; i < N; i++) {
		p.no = i + 1;
		p.pgen++;
		assert_ok(f, put_part(f, &u, &p));
		list[i].no = p.no;
		memcpy(list[i].md5, p.md5, 16);
	}
	u.c.parts = list;
	u.c.count = N;
	int64_t t0 = clock_mono_us();
	assert_ok(f, complete(f, &u, &r));
	int64_t took = clock_mono_us() - t0;
	print_message("10,000 parts completed in %lld us\n", (long long)took);
	assert_int_equal(r.size, 100 * N);
	assert_true(took <
		3000000); /* measured: well below 300 ms; a loaded machine may be slower */
	free(list);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(complete_makes_one_object_of_its_parts),
		T(the_manifest_gives_the_parts_of_a_range),
		T(a_refused_complete_leaves_upload_and_object),
		T(checksums_are_combined_by_type),
		T(a_repeated_complete_gives_the_same_answer_for_a_while),
		T(unused_and_replaced_parts_become_garbage),
		T(an_upload_of_another_key_or_bucket_is_unknown),
		T(an_aborted_upload_takes_no_parts_and_is_collected),
		T(deleting_a_multipart_object_collects_its_parts),
		T(deleting_a_bucket_collects_its_unfinished_uploads),
		T(parts_are_listed_in_pages),
		T(ten_thousand_parts_complete_in_one_breath),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
