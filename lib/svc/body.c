/* SPDX-License-Identifier: MIT */
/*
 * A received body becomes a durable blob: read, hashed and written in one pass, then everything
 * the client claimed about it is verified, and only then is it committed. On any failure
 * nothing stays.
 */
#include <string.h>

#include "base/log.h"
#include "svc/impl.h"

#define COPY_STEP_BYTES ((uint64_t)64 << 20)

struct intake {
	const struct svc_body *body;
	struct store_writer *w;
	struct hasher *hash;
	uint64_t got, copied; /* read; of a copy, given to the store to be copied */
	bool ended;
};

struct store_loc object_loc(const struct meta_bucket *b, struct span key, uint64_t gen)
{
	return (struct store_loc){
		.tenant = span_str(b->tenant_pub),
		.bucket = span_str(b->name),
		.key = key,
		.gen = gen,
	};
}

struct store_loc part_loc(
	const struct meta_bucket *b, struct span key, uint64_t gen, uint32_t no, uint64_t pgen)
{
	struct store_loc loc = object_loc(b, key, gen);

	loc.part_no = no;
	loc.part_gen = pgen;
	return loc;
}

static int check_size(const struct intake *in, struct err *e)
{
	const struct svc_body *b = in->body;

	if (in->got > b->max_bytes)
		return err_fail_why(e, ERR_LIMIT, REASON_TOO_LARGE, "body over %llu bytes",
			(unsigned long long)b->max_bytes);
	if (b->length == UINT64_MAX)
		return 0;
	if (in->got > b->length)
		return err_fail_why(
			e, ERR_INCOMPLETE, REASON_SHORT_BODY, "body longer than announced");
	if (in->ended && in->got < b->length)
		return err_fail_why(e, ERR_INCOMPLETE, REASON_SHORT_BODY,
			"body of %llu bytes, announced were %llu", (unsigned long long)in->got,
			(unsigned long long)b->length);
	return 0;
}

static int report_progress(const struct intake *in, struct err *e)
{
	const struct svc_body *b = in->body;

	return b->progress ? b->progress(b->progress_ctx, e) : 0;
}

/* The bytes of a copy up to `end`, blob by blob: they stay where the store can share them. */
static int copy_up_to(struct intake *in, uint64_t end, struct err *e)
{
	while (in->copied < end) {
		uint64_t at = in->body->copied_from + in->copied, n = end - in->copied, left;
		struct piece p;

		if (reader_piece(in->body->copied, at, &p, e) < 0)
			return -1;
		left = p.off + p.size - at;
		n = left < n ? left : n;
		if (in->w->store->ops->copy_range(in->w, p.blob, at - p.off, n, e) < 0)
			return -1;
		in->copied += n;
	}
	return 0;
}

/* Sharing costs by the call: a copy waits until there is much of it. */
static int put_chunk(struct intake *in, const void *p, size_t n, struct err *e)
{
	if (!in->body->copied)
		return in->w->store->ops->write(in->w, p, n, e);
	return in->got - in->copied < COPY_STEP_BYTES ? 0 : copy_up_to(in, in->got, e);
}

/* Fills one buffer as far as the body goes, hashes and writes it. */
static int take_chunk(struct intake *in, struct err *e)
{
	size_t cap, have = 0, n;
	unsigned char *p = hasher_buffer(in->hash, &cap);

	while (have < cap) {
		if (source_read(in->body->src, p + have, cap - have, &n, e) < 0)
			return -1;
		in->ended = n == 0;
		if (in->ended)
			break;
		have += n;
		in->got += n;
		if (check_size(in, e) < 0)
			return -1;
	}
	if (have == 0)
		return 0;
	hasher_add(in->hash, have);
	if (put_chunk(in, p, have, e) < 0)
		return -1;
	return report_progress(in, e);
}

static void computed(const struct hasher *h, enum checksum_alg alg, struct checksum *c_r)
{
	memset(c_r, 0, sizeof(*c_r));
	c_r->alg = alg;
	c_r->type = CHECKSUM_FULL_OBJECT;
	hasher_get(h, checksum_digest(alg), c_r->value);
}

static bool same_value(const struct checksum *a, const struct checksum *b)
{
	return a->alg == b->alg &&
		memcmp(a->value, b->value, digest_len(checksum_digest(a->alg))) == 0;
}

static int verify_checksum(const struct svc_body *b, const struct checksum *real, struct err *e)
{
	struct checksum said;

	if (b->has_checksum && !same_value(&b->checksum, real))
		return err_fail_why(e, ERR_INVALID, REASON_DIGEST, "checksum differs");
	if (!b->trailer)
		return 0;
	memset(&said, 0, sizeof(said));
	if (b->trailer(b->trailer_ctx, &said, e) < 0)
		return -1;
	if (said.alg != CHECKSUM_NONE && !same_value(&said, real))
		return err_fail_why(
			e, ERR_INVALID, REASON_DIGEST, "checksum in the trailer differs");
	return 0;
}

static int verify(const struct intake *in, const struct checksum *asked, struct err *e)
{
	const struct svc_body *b = in->body;
	unsigned char sum[DIGEST_MAX_BYTES];

	hasher_get(in->hash, DIGEST_MD5, sum);
	if (b->has_md5 && memcmp(sum, b->md5, sizeof(b->md5)) != 0)
		return err_fail_why(e, ERR_INVALID, REASON_DIGEST, "Content-MD5 differs");
	if (b->has_sha256) {
		hasher_get(in->hash, DIGEST_SHA256, sum);
		if (memcmp(sum, b->sha256, sizeof(b->sha256)) != 0)
			return err_fail_why(
				e, ERR_INVALID, REASON_SHA256, "SHA-256 of the body differs");
	}
	return verify_checksum(b, asked, e);
}

/* The algorithm whose value the client gave or asked for; else the one that is kept. */
static enum checksum_alg asked_alg(const struct svc_body *b, enum checksum_alg keep)
{
	if (b->has_checksum)
		return b->checksum.alg;
	return b->alg == CHECKSUM_NONE ? keep : b->alg;
}

/* A blob that is copied whole, and that the algorithm wanted is known of, need not be read. */
static int take_blob(struct intake *in, enum checksum_alg keep, struct ingest *out,
	bool *taken_r, struct err *e)
{
	const struct svc_body *b = in->body;
	struct piece p;

	*taken_r = false;
	if (!b->copied || b->length == 0)
		return 0;
	if (reader_piece(b->copied, b->copied_from, &p, e) < 0)
		return -1;
	if (p.off != b->copied_from || p.size != b->length || p.checksum.alg != keep ||
		asked_alg(b, keep) != keep)
		return 0;
	while (in->copied < p.size) {
		uint64_t end = in->copied + COPY_STEP_BYTES;

		if (copy_up_to(in, end < p.size ? end : p.size, e) < 0 ||
			report_progress(in, e) < 0)
			return -1;
	}
	*out = (struct ingest){.size = p.size, .kept = p.checksum, .answer = p.checksum};
	memcpy(out->md5, p.md5, sizeof(out->md5));
	*taken_r = true;
	return 0;
}

static int take_all(
	struct intake *in, enum checksum_alg keep, struct ingest *out, struct err *e)
{
	while (!in->ended)
		if (take_chunk(in, e) < 0)
			return -1;
	if (check_size(in, e) < 0 || (in->body->copied && copy_up_to(in, in->got, e) < 0))
		return -1;
	hasher_finish(in->hash);
	out->size = in->got;
	hasher_get(in->hash, DIGEST_MD5, out->md5);
	computed(in->hash, keep, &out->kept);
	computed(in->hash, asked_alg(in->body, keep), &out->answer);
	return verify(in, &out->answer, e);
}

/* The place of a bucket that exists may be missing: it was collected while the bucket was made
 * anew. */
static int create_blob(struct svc *s, const struct store_loc *loc, uint64_t expected,
	struct store_writer **w_r, struct err *e)
{
	const struct store_ops *ops = s->store->ops;
	struct err first = {0};

	if (ops->create(s->store, loc, expected, w_r, &first) == 0)
		return 0;
	if (first.kind == ERR_NOT_FOUND) {
		if (ops->bucket_create(s->store, loc->tenant, loc->bucket, e) < 0)
			return -1;
		return ops->create(s->store, loc, expected, w_r, e);
	}
	return err_pass(e, &first);
}

/* Marks a blob that could not be removed for collection; the scan at the next start is the last
 * resort. */
static void discard_later(
	struct svc *s, const struct meta_bucket *b, const struct store_loc *loc)
{
	struct meta_gc g = {
		.kind = loc->part_no ? META_GC_PART : META_GC_OBJECT,
		.due_us = clock_now_us(s->clock),
		.tenant_pub = b->tenant_pub,
		.bucket = b->name,
		.key = loc->key,
		.gen = loc->gen,
		.part_no = loc->part_no,
		.part_gen = loc->part_gen,
	};
	struct err e = {0};

	if (s->meta->ops->gc_add(s->meta, &g, &e) == 0)
		return;
	atomic_store(&s->in_doubt, true);
	log_err(LOG_WARN, &e, "a blob of %s is left to the orphan scan", b->name);
}

static void discard_place(struct svc *s, const struct meta_bucket *b)
{
	struct meta_gc g = {
		.kind = META_GC_BUCKET,
		.due_us = clock_now_us(s->clock),
		.tenant_pub = b->tenant_pub,
		.bucket = b->name,
	};
	struct err e = {0};

	if (s->meta->ops->gc_add(s->meta, &g, &e) < 0)
		log_err(LOG_WARN, &e, "the directory of the deleted bucket %s stays", b->name);
}

void ingest_undo(struct svc *s, const struct meta_bucket *b, const struct store_loc *loc,
	const struct err *why)
{
	struct err e = {0};

	if (why->kind == ERR_IO) {
		atomic_store(&s->in_doubt, true);
		return;
	}
	if (s->store->ops->remove(s->store, loc, &e) < 0)
		discard_later(s, b, loc);
	/* Writing the blob may have made the place of a deleted bucket anew. */
	if (why->kind == ERR_NOT_FOUND && why->reason == REASON_BUCKET)
		discard_place(s, b);
}

static unsigned wanted_digests(const struct svc_body *b, enum checksum_alg keep)
{
	return 1u << DIGEST_MD5 | (b->has_sha256 ? 1u << DIGEST_SHA256 : 0) |
		1u << checksum_digest(keep) | 1u << checksum_digest(asked_alg(b, keep));
}

static int take(struct svc *s, struct intake *in, enum checksum_alg keep, struct ingest *out,
	struct err *e)
{
	bool taken;
	int rc;

	if (take_blob(in, keep, out, &taken, e) < 0)
		return -1;
	if (taken)
		return 0;
	in->hash = hasher_new(s->hashes, wanted_digests(in->body, keep), in->body->length);
	rc = take_all(in, keep, out, e);
	hasher_free(in->hash);
	return rc;
}

int ingest_blob(struct svc *s, const struct meta_bucket *b, const struct store_loc *loc,
	const struct svc_body *body, enum checksum_alg keep, struct ingest *out_r,
	struct err *e)
{
	struct intake in = {.body = body};
	struct store_tag tag = {.mtime_us = clock_now_us(s->clock)};

	if (body->length != UINT64_MAX && body->length > body->max_bytes)
		return err_fail_why(e, ERR_LIMIT, REASON_TOO_LARGE, "body over %llu bytes",
			(unsigned long long)body->max_bytes);
	if (create_blob(s, loc, body->length, &in.w, e) < 0)
		return -1;
	if (take(s, &in, keep, out_r, e) < 0) {
		s->store->ops->abort(in.w);
		return -1;
	}
	memcpy(tag.md5, out_r->md5, sizeof(tag.md5));
	if (s->store->ops->commit(in.w, &tag, e) < 0) {
		discard_later(s, b, loc);
		return -1;
	}
	return 0;
}
