/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>

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

/* A source that gives its bytes in pieces of 7,001, and may break at the end. */
struct pieces {
	struct source src;
	struct span rest;
	int breaks_with; /* ERR_NONE: it does not */
};

static int pieces_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct pieces *s = (struct pieces *)(void *)src;
	size_t n = s->rest.n < 7001 ? s->rest.n : 7001;

	if (n == 0 && s->breaks_with)
		return err_fail(e, (enum err_kind)s->breaks_with, "client gone");
	if (n > cap)
		n = cap;
	if (n)
		memcpy(p, s->rest.p, n);
	s->rest = span_from(s->rest, n);
	*n_r = n;
	return 0;
}

static struct svc_body pieces_body(
	struct pieces *s, struct span bytes, uint64_t length, int breaks_with)
{
	*s = (struct pieces){{pieces_read}, bytes, breaks_with};
	return (struct svc_body){
		.src = &s->src, .length = length, .max_bytes = (uint64_t)1 << 30};
}

static void a_put_object_is_read_back(void **state)
{
	struct fix *f = *state;
	struct objmeta_pair user = {SPAN_LIT("colour"), SPAN_LIT("red")};
	struct objmeta meta = {
		.content_type = SPAN_LIT("text/plain"), .user = &user, .user_count = 1};
	struct svc_put put = {.bucket = &f->bucket, .key = SPAN_LIT("a/b"), .meta = &meta};
	struct svc_put_result out;
	struct objmeta back;
	struct meta_object o;
	struct source_mem m;
	unsigned char sum[32];

	put.owner_id = f->user.id;
	put.body = fix_body(&m, SPAN_LIT("hello"));
	assert_ok(f, svc_object_put(f->s, &put, f->a, &out, &f->e));
	digest_of(DIGEST_MD5, "hello", 5, sum);
	assert_memory_equal(out.etag.md5, sum, 16);
	assert_int_equal(out.size, 5);
	digest_of(DIGEST_CRC64NVME, "hello", 5, sum);
	assert_int_equal(out.checksum.alg, CHECKSUM_CRC64NVME);
	assert_memory_equal(out.checksum.value, sum, 8);
	assert_ok(f, svc_object_head(f->s, &f->bucket, SPAN_LIT("a/b"), f->a, &o, &f->e));
	assert_span_eq(o.content_type, "text/plain");
	assert_int_equal(o.size, 5);
	assert_int_equal(o.owner_id, f->user.id);
	assert_true(checksum_eq(&o.checksum, &out.checksum));
	assert_true(etag_eq(&o.etag, &out.etag));
	assert_ok(f, objmeta_decode(f->a, o.meta, &back, &f->e));
	assert_int_equal(back.user_count, 1);
	assert_span_eq(back.user[0].value, "red");
	assert_same(fix_get(f, "a/b"), SPAN_LIT("hello"));
	assert_true(span_absent(fix_get(f, "a")));
	assert_int_equal(f->e.reason, REASON_KEY);
}

static void an_empty_object_is_an_object(void **state)
{
	struct fix *f = *state;

	assert_ok(f, fix_put(f, "empty", SPAN_LIT("")));
	assert_int_equal(fix_get(f, "empty").n, 0);
	assert_false(span_absent(fix_get(f, "empty")));
}

static void an_overwrite_replaces_and_frees_the_old_bytes(void **state)
{
	struct fix *f = *state;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("old")));
	assert_ok(f, fix_put(f, "k", SPAN_LIT("newer")));
	assert_same(fix_get(f, "k"), SPAN_LIT("newer"));
	assert_int_equal(fix_blobs(f), 2);
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 1);
	assert_same(fix_get(f, "k"), SPAN_LIT("newer"));
}

static void a_delete_removes_and_a_second_one_is_fine(void **state)
{
	struct fix *f = *state;
	struct meta_delete d = {.key = SPAN_LIT("k")};

	assert_ok(f, fix_put(f, "k", SPAN_LIT("x")));
	assert_ok(f, svc_object_delete(f->s, &f->bucket, &d, &f->e));
	assert_true(d.existed);
	assert_true(span_absent(fix_get(f, "k")));
	assert_ok(f, svc_object_delete(f->s, &f->bucket, &d, &f->e));
	assert_false(d.existed);
	fix_collect(f);
	assert_int_equal(fix_blobs(f), 0);
}

static void a_body_of_any_size_is_hashed_and_kept(void **state)
{
	static const size_t sizes[] = {1, 7000, 262143, 262144, 262145, 4194303, 4194304,
		4194305, 4456449, 9 * 1024 * 1024 + 17};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int known = 0; known < 2; known++) {
			struct span bytes = fix_bytes(f, sizes[i], (unsigned)i);
			struct pieces p;
			struct svc_body body =
				pieces_body(&p, bytes, known ? bytes.n : UINT64_MAX, ERR_NONE);
			struct svc_put_result out;
			unsigned char sum[32];

			body.alg = CHECKSUM_SHA1;
			assert_ok(f, fix_put_body(f, "big", &body, &out));
			assert_int_equal(out.size, bytes.n);
			digest_of(DIGEST_MD5, bytes.p, bytes.n, sum);
			assert_memory_equal(out.etag.md5, sum, 16);
			digest_of(DIGEST_SHA1, bytes.p, bytes.n, sum);
			assert_memory_equal(out.checksum.value, sum, 20);
			assert_same(fix_get(f, "big"), bytes);
		}
}

static void a_wrong_digest_stores_nothing(void **state)
{
	struct fix *f = *state;
	struct svc_put_result out;
	struct source_mem m;
	struct svc_body body;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("old")));
	body = fix_body(&m, SPAN_LIT("new"));
	body.has_md5 = true;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INVALID, REASON_DIGEST);
	body = fix_body(&m, SPAN_LIT("new"));
	body.has_sha256 = true;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INVALID, REASON_SHA256);
	body = fix_body(&m, SPAN_LIT("new"));
	body.has_checksum = true;
	body.checksum.alg = CHECKSUM_CRC32C;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INVALID, REASON_DIGEST);
	assert_same(fix_get(f, "k"), SPAN_LIT("old"));
	assert_int_equal(fix_blobs(f), 1);
}

static void right_digests_are_accepted(void **state)
{
	struct fix *f = *state;
	struct svc_put_result out;
	struct source_mem m;
	struct svc_body body = fix_body(&m, SPAN_LIT("new"));

	body.has_md5 = body.has_sha256 = body.has_checksum = true;
	body.checksum.alg = body.alg = CHECKSUM_CRC32;
	digest_of(DIGEST_MD5, "new", 3, body.md5);
	digest_of(DIGEST_SHA256, "new", 3, body.sha256);
	digest_of(DIGEST_CRC32, "new", 3, body.checksum.value);
	assert_ok(f, fix_put_body(f, "k", &body, &out));
	assert_true(checksum_eq(&out.checksum, &body.checksum));
}

static int trailer_says(void *ctx, struct checksum *c_r, struct err *e)
{
	(void)e;
	*c_r = *(const struct checksum *)ctx;
	return 0;
}

static int trailer_fails(void *ctx, struct checksum *c_r, struct err *e)
{
	(void)ctx;
	(void)c_r;
	return err_fail_why(e, ERR_INVALID, REASON_TRAILER_VALUE, "no base64");
}

static void the_trailer_is_asked_at_the_end_and_believed_only_when_right(void **state)
{
	struct fix *f = *state;
	struct checksum said = {.alg = CHECKSUM_SHA256};
	struct svc_put_result out;
	struct source_mem m;
	struct svc_body body = fix_body(&m, SPAN_LIT("new"));

	body.alg = CHECKSUM_SHA256;
	body.trailer = trailer_says;
	body.trailer_ctx = &said;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INVALID, REASON_DIGEST);
	digest_of(DIGEST_SHA256, "new", 3, said.value);
	body.src = source_mem_init(&m, SPAN_LIT("new"));
	assert_ok(f, fix_put_body(f, "k", &body, &out));
	body.src = source_mem_init(&m, SPAN_LIT("new"));
	body.trailer = trailer_fails;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INVALID, REASON_TRAILER_VALUE);
	assert_int_equal(fix_blobs(f), 1);
}

static void a_body_cut_off_or_too_long_stores_nothing(void **state)
{
	struct fix *f = *state;
	struct span bytes = fix_bytes(f, 5 << 20, 1);
	struct svc_put_result out;
	struct pieces p;
	struct svc_body body;

	body = pieces_body(&p, bytes, bytes.n + 1, ERR_NONE);
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INCOMPLETE, REASON_SHORT_BODY);
	body = pieces_body(&p, bytes, bytes.n - 1, ERR_NONE);
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INCOMPLETE, REASON_SHORT_BODY);
	body = pieces_body(&p, bytes, 0, ERR_NONE);
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INCOMPLETE, REASON_SHORT_BODY);
	body = pieces_body(&p, bytes, bytes.n, ERR_INCOMPLETE);
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_INCOMPLETE, REASON_NONE);
	assert_int_equal(fix_blobs(f), 0);
}

static void a_body_over_the_maximum_is_refused(void **state)
{
	struct fix *f = *state;
	struct span bytes = fix_bytes(f, 1000, 1);
	struct svc_put_result out;
	struct pieces p;
	struct svc_body body = pieces_body(&p, bytes, UINT64_MAX, ERR_NONE);

	body.max_bytes = 999;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_LIMIT, REASON_TOO_LARGE);
	body = pieces_body(&p, bytes, 1000, ERR_NONE);
	body.max_bytes = 999;
	assert_fails(f, fix_put_body(f, "k", &body, &out), ERR_LIMIT, REASON_TOO_LARGE);
	assert_int_equal(p.rest.n, 1000);
	assert_int_equal(fix_blobs(f), 0);
}

static int put_if(
	struct fix *f, const char *if_match, const char *if_none_match, struct source *src)
{
	struct write_conditions c = {
		.if_match = span_str(if_match), .if_none_match = span_str(if_none_match)};
	const struct objmeta none = {0};
	struct svc_put_result out;
	struct svc_put put = {
		.bucket = &f->bucket,
		.key = SPAN_LIT("k"),
		.body = {.src = src, .length = 3, .max_bytes = 100},
		.meta = &none,
		.conditions = &c,
		.owner_id = f->user.id,
	};

	return svc_object_put(f->s, &put, f->a, &out, &f->e);
}

static void a_condition_that_fails_is_told_before_the_body_is_read(void **state)
{
	struct fix *f = *state;
	struct source_mem m;

	assert_fails(f, put_if(f, "*", NULL, source_mem_init(&m, SPAN_LIT("new"))),
		ERR_NOT_FOUND, REASON_KEY);
	assert_ok(f, put_if(f, NULL, "*", source_mem_init(&m, SPAN_LIT("new"))));
	assert_fails(f, put_if(f, NULL, "*", source_mem_init(&m, SPAN_LIT("two"))),
		ERR_PRECONDITION, REASON_NONE);
	assert_int_equal(m.rest.n, 3);
	assert_fails(f,
		put_if(f, "\"00000000000000000000000000000000\"", NULL,
			source_mem_init(&m, SPAN_LIT("two"))),
		ERR_PRECONDITION, REASON_NONE);
	assert_ok(f, put_if(f, "*", NULL, source_mem_init(&m, SPAN_LIT("two"))));
	assert_same(fix_get(f, "k"), SPAN_LIT("two"));
}

static void a_reader_keeps_the_old_bytes_through_overwrite_and_collection(void **state)
{
	struct fix *f = *state;
	struct svc_reader *r;
	struct meta_object o;
	char p[8];
	size_t n;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("old")));
	assert_ok(f, svc_object_open(f->s, &f->bucket, SPAN_LIT("k"), f->a, &o, &r, &f->e));
	assert_ok(f, fix_put(f, "k", SPAN_LIT("newer")));
	fix_collect(f);
	assert_ok(f, svc_reader_read(r, p, sizeof(p), 0, &n, &f->e));
	assert_same(span_of(p, n), SPAN_LIT("old"));
	assert_ok(f, svc_reader_read(r, p, sizeof(p), 1, &n, &f->e));
	assert_same(span_of(p, n), SPAN_LIT("ld"));
	assert_ok(f, svc_reader_read(r, p, sizeof(p), 3, &n, &f->e));
	assert_int_equal(n, 0);
	assert_ok(f, svc_reader_read(r, p, sizeof(p), UINT64_MAX, &n, &f->e));
	assert_int_equal(n, 0);
}

static void a_lost_blob_is_an_error_of_the_disk_and_not_a_missing_key(void **state)
{
	struct fix *f = *state;
	struct meta_object o;
	struct store_loc loc;

	assert_ok(f, fix_put(f, "k", SPAN_LIT("old")));
	assert_ok(f, svc_object_head(f->s, &f->bucket, SPAN_LIT("k"), f->a, &o, &f->e));
	loc = object_loc(&f->bucket, SPAN_LIT("k"), o.gen);
	assert_ok(f, f->store->ops->remove(f->store, &loc, &f->e));
	assert_true(span_absent(fix_get(f, "k")));
	assert_int_equal(f->e.kind, ERR_IO);
}

/* A metadata whose first object_get is answered, and then the object is overwritten and
 * collected. */
struct hooked {
	struct meta base;
	struct meta_ops ops;
	struct fix *f;
	struct meta *real;
	int left;
};
static struct hooked *hooked; /* the vtable passes only the meta, which is ours */

static int hooked_object_get(struct meta *m, int64_t bucket_id, struct span key,
	struct arena *a, struct meta_object *o_r, struct err *e)
{
	struct meta *real = hooked->real;
	int rc = real->ops->object_get(real, bucket_id, key, a, o_r, e);

	(void)m;
	if (hooked->left-- > 0) {
		hooked->f->s->meta = real;
		assert_ok(hooked->f, fix_put(hooked->f, "k", SPAN_LIT("newer")));
		fix_collect(hooked->f);
		hooked->f->s->meta = &hooked->base;
	}
	return rc;
}

static void a_read_that_lost_the_race_with_overwrite_and_collection_looks_up_again(void **state)
{
	struct fix *f = *state;
	struct hooked h = {.f = f, .real = f->meta, .left = 1};

	assert_ok(f, fix_put(f, "k", SPAN_LIT("old")));
	h.ops = *f->meta->ops;
	h.ops.object_get = hooked_object_get;
	h.base.ops = &h.ops;
	hooked = &h;
	f->s->meta = &h.base;
	assert_same(fix_get(f, "k"), SPAN_LIT("newer"));
	f->s->meta = f->meta;
}

static void a_put_mends_the_place_of_its_bucket(void **state)
{
	struct fix *f = *state;

	assert_ok(f,
		f->store->ops->bucket_remove(
			f->store, SPAN_LIT(""), SPAN_LIT("photos"), &f->e));
	assert_ok(f, fix_put(f, "k", SPAN_LIT("x")));
	assert_same(fix_get(f, "k"), SPAN_LIT("x"));
}

static void a_put_into_a_bucket_deleted_meanwhile_leaves_nothing(void **state)
{
	struct fix *f = *state;

	assert_ok(f, svc_bucket_delete(f->s, &f->bucket, &f->e));
	fix_collect(f);
	assert_fails(f, fix_put(f, "k", SPAN_LIT("x")), ERR_NOT_FOUND, REASON_BUCKET);
	assert_int_equal(fix_blobs(f), 0);
	fix_collect(f);
	assert_fails(f,
		f->store->ops->create(f->store,
			&(struct store_loc){
				.bucket = SPAN_LIT("photos"), .key = SPAN_LIT("k"), .gen = 1},
			1, &(struct store_writer *){NULL}, &f->e),
		ERR_NOT_FOUND, REASON_NONE);
}

struct stream {
	struct fix *f;
	pthread_t thread;
	struct span bytes;
	char key[8];
	bool breaks;
	struct err e;
	int rc;
};

static void *stream_main(void *arg)
{
	struct stream *st = arg;
	struct pieces p;
	const struct objmeta none = {0};
	struct arena *a = arena_new();
	struct svc_put_result out;
	struct svc_put put = {
		.bucket = &st->f->bucket, .key = span_str(st->key), .meta = &none};

	put.owner_id = st->f->user.id;
	put.body =
		pieces_body(&p, st->bytes, st->bytes.n, st->breaks ? ERR_INCOMPLETE : ERR_NONE);
	st->rc = svc_object_put(st->f->s, &put, a, &out, &st->e);
	arena_free(a);
	return NULL;
}

static void many_large_bodies_at_one_time_do_not_mix(void **state)
{
	enum { STREAMS = HASH_STREAMS_MAX + 4 };
	struct fix *f = *state;
	struct stream *st = calloc(STREAMS, sizeof(*st));

	for (unsigned i = 0; i < STREAMS; i++) {
		st[i].f = f;
		st[i].bytes = fix_bytes(f, HASH_LARGE_BYTES + 1 + i * 1000, i);
		st[i].breaks = i % 5 == 4;
		snprintf(st[i].key, sizeof(st[i].key), "k%u", i);
		assert_int_equal(pthread_create(&st[i].thread, NULL, stream_main, &st[i]), 0);
	}
	for (unsigned i = 0; i < STREAMS; i++)
		pthread_join(st[i].thread, NULL);
	for (unsigned i = 0; i < STREAMS; i++) {
		unsigned char sum[32];
		struct meta_object o;

		assert_int_equal(st[i].rc, st[i].breaks ? -1 : 0);
		if (st[i].breaks)
			continue;
		digest_of(DIGEST_MD5, st[i].bytes.p, st[i].bytes.n, sum);
		assert_ok(f,
			svc_object_head(
				f->s, &f->bucket, span_str(st[i].key), f->a, &o, &f->e));
		assert_memory_equal(o.etag.md5, sum, 16);
		assert_same(fix_get(f, st[i].key), st[i].bytes);
	}
	free(st);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_fix, close_fix)
	const struct CMUnitTest tests[] = {
		T(a_put_object_is_read_back),
		T(an_empty_object_is_an_object),
		T(an_overwrite_replaces_and_frees_the_old_bytes),
		T(a_delete_removes_and_a_second_one_is_fine),
		T(a_body_of_any_size_is_hashed_and_kept),
		T(many_large_bodies_at_one_time_do_not_mix),
		T(a_wrong_digest_stores_nothing),
		T(right_digests_are_accepted),
		T(the_trailer_is_asked_at_the_end_and_believed_only_when_right),
		T(a_body_cut_off_or_too_long_stores_nothing),
		T(a_body_over_the_maximum_is_refused),
		T(a_condition_that_fails_is_told_before_the_body_is_read),
		T(a_reader_keeps_the_old_bytes_through_overwrite_and_collection),
		T(a_lost_blob_is_an_error_of_the_disk_and_not_a_missing_key),
		T(a_read_that_lost_the_race_with_overwrite_and_collection_looks_up_again),
		T(a_put_mends_the_place_of_its_bucket),
		T(a_put_into_a_bucket_deleted_meanwhile_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
