/* SPDX-License-Identifier: MIT */
/*
 * Unfinished multipart uploads and their parts. Parts are rows by (generation, number) from the
 * start, so completing one is a matter of giving them offsets (complete.c).
 */
#include "meta/sqlite_int.h"

/* ---- rows ---- */

void part_from_row(sqlite3_stmt *q, struct meta_part *p_r)
{
	*p_r = (struct meta_part){
		.no = col_u32(q, 0),
		.pgen = col_u64(q, 1),
		.off = col_u64(q, 2),
		.size = col_u64(q, 3),
		.mtime_us = col_i64(q, 4),
	};
	col_bytes(q, 5, p_r->md5, sizeof(p_r->md5));
	col_checksum(q, 6, &p_r->checksum);
}

void upload_from_row(sqlite3_stmt *q, struct arena *a, struct meta_upload *u_r)
{
	*u_r = (struct meta_upload){
		.key = col_span(q, 0, a),
		.gen = col_u64(q, 1),
		.started_us = col_i64(q, 2),
		.initiator_id = col_i64(q, 3),
		.content_type = col_span(q, 4, a),
		.meta = col_span(q, 5, a),
		.checksum_alg = (enum checksum_alg)col_i64(q, 6),
		.checksum_type = (enum checksum_type)col_i64(q, 7),
	};
}

static int missing(struct err *e)
{
	return err_fail_why(e, ERR_NOT_FOUND, REASON_UPLOAD, "no such upload");
}

int upload_lookup(struct conn *c, int64_t bucket_id, struct span key, uint64_t gen,
	struct arena *a, struct meta_upload *u_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_one(c, ST_UPLOAD_GET, BINDS(BI(bucket_id), BB(key), BI(gen)), &q, &row, e) !=
		0)
		return -1;
	if (!row)
		return missing(e);
	upload_from_row(q, a, u_r);
	u_r->tags = col_span(q, 8, a);
	int rc = lock_decode(col_raw(q, 9), &u_r->lock, e);
	conn_done(q);
	return rc;
}

static int upload_check(
	struct conn *c, int64_t bucket_id, struct span key, uint64_t gen, struct err *e)
{
	int64_t there;

	if (conn_int(c, ST_UPLOAD_EXISTS, BINDS(BI(bucket_id), BB(key), BI(gen)), 0, &there,
		    e) != 0)
		return -1;
	return there ? 0 : missing(e);
}

/* ---- create, get, abort ---- */

struct create_op {
	int64_t bucket_id;
	const struct meta_upload *u;
};

static int op_create(struct tx *tx, void *arg, struct err *e)
{
	const struct create_op *op = arg;
	const struct meta_upload *u = op->u;
	unsigned char lock[LOCK_BLOB_MAX];
	struct tx_bucket *b;

	if (tx_bucket_get(tx, op->bucket_id, &b, e) != 0)
		return -1;
	return conn_run(tx->c, ST_UPLOAD_ADD,
		BINDS(BI(b->id), BB(u->key), BI(u->gen),
			BI(u->started_us ? u->started_us : tx->now_us), BI(u->initiator_id),
			BB(u->content_type), BB(u->meta), BI(u->checksum_alg),
			BI(u->checksum_type), BB(u->tags.n ? u->tags : SPAN_NULL),
			BB(lock_encode(&u->lock, lock))),
		e);
}

static int sq_upload_create(
	struct meta *base, int64_t bucket_id, const struct meta_upload *u, struct err *e)
{
	struct create_op op = {bucket_id, u};

	if (u->key.n == 0)
		return err_fail(e, ERR_INVALID, "an empty key");
	return writer_do(sq(base), op_create, &op, WRITE_PLAIN, e);
}

static int sq_upload_get(struct meta *base, int64_t bucket_id, struct span key, uint64_t gen,
	struct arena *a, struct meta_upload *u_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = upload_lookup(c, bucket_id, key, gen, a, u_r, e);
	reader_put(sq(base), c);
	return rc;
}

struct upload_ref {
	int64_t bucket_id;
	struct span key;
	uint64_t gen;
};

static int op_abort(struct tx *tx, void *arg, struct err *e)
{
	const struct upload_ref *u = arg;
	struct tx_bucket *b;

	if (upload_check(tx->c, u->bucket_id, u->key, u->gen, e) != 0 ||
		tx_bucket_get(tx, u->bucket_id, &b, e) != 0)
		return -1;
	if (conn_run(tx->c, ST_UPLOAD_DELETE, BINDS(BI(b->id), BB(u->key), BI(u->gen)), e) != 0)
		return -1;
	return gc_insert_blob(tx, b, META_GC_PARTS, u->key, u->gen, e);
}

static int sq_upload_abort(
	struct meta *base, int64_t bucket_id, struct span key, uint64_t gen, struct err *e)
{
	struct upload_ref u = {bucket_id, key, gen};

	return writer_do(sq(base), op_abort, &u, WRITE_PLAIN, e);
}

/* ---- parts ---- */

struct part_op {
	struct upload_ref u;
	const struct meta_part *p;
	struct meta_write_result *out;
};

/* The part that had this number before becomes garbage. */
static int retire_part(
	struct tx *tx, const struct tx_bucket *b, const struct part_op *op, struct err *e)
{
	struct meta_part old;
	sqlite3_stmt *q;
	bool row;

	if (conn_one(tx->c, ST_PART_GET, BINDS(BI(op->u.gen), BI(op->p->no)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return 0;
	part_from_row(q, &old);
	conn_done(q);
	return gc_insert_part(tx, b, op->u.key, op->u.gen, &old, e);
}

static int op_part_put(struct tx *tx, void *arg, struct err *e)
{
	const struct part_op *op = arg;
	const struct meta_part *p = op->p;
	unsigned char blob[CHECKSUM_BLOB_MAX];
	size_t n = checksum_to_blob(&p->checksum, blob);
	struct tx_bucket *b;

	if (upload_check(tx->c, op->u.bucket_id, op->u.key, op->u.gen, e) != 0 ||
		tx_bucket_get(tx, op->u.bucket_id, &b, e) != 0 ||
		retire_part(tx, b, op, e) != 0)
		return -1;
	if (conn_run(tx->c, ST_PART_PUT,
		    BINDS(BI(op->u.gen), BI(p->no), BI(p->pgen), BI(p->size), BI(tx->now_us),
			    BB(span_of(p->md5, sizeof(p->md5))),
			    BB(n ? span_of(blob, n) : SPAN_NULL)),
		    e) != 0)
		return -1;
	*op->out = (struct meta_write_result){
		.vseq = (uint64_t)tx->now_us, .mtime_us = tx->now_us};
	return 0;
}

static int sq_part_put(struct meta *base, int64_t bucket_id, struct span key, uint64_t gen,
	const struct meta_part *p, struct meta_write_result *out_r, struct err *e)
{
	struct part_op op = {{bucket_id, key, gen}, p, out_r};

	return writer_do(sq(base), op_part_put, &op, WRITE_PLAIN, e);
}

int parts_collect(struct conn *c, sqlite3_stmt *q, unsigned limit, struct arena *a,
	struct meta_part **p_r, size_t *n_r, bool *more_r, struct err *e)
{
	struct meta_part *p = NULL;
	size_t n = 0, cap = 0;
	bool row;

	*more_r = false;
	for (;;) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		if (n == limit) {
			*more_r = true;
			conn_done(q);
			break;
		}
		p = arena_grow(a, p, n, &cap, sizeof(*p));
		part_from_row(q, &p[n++]);
	}
	*p_r = p;
	*n_r = n;
	return 0;
}

static int sq_part_list(struct meta *base, uint64_t gen, uint32_t after_no, unsigned limit,
	struct arena *a, struct meta_part **p_r, size_t *n_r, bool *truncated_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;

	*p_r = NULL;
	*n_r = 0;
	*truncated_r = false;
	if (limit == 0)
		return 0;
	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_query(c, ST_PART_LIST, BINDS(BI(gen), BI(after_no)), &q, e);
	if (rc == 0)
		rc = parts_collect(c, q, limit, a, p_r, n_r, truncated_r, e);
	reader_put(sq(base), c);
	return rc;
}

static int sq_gc_parts(struct meta *base, uint64_t gen, uint32_t after_no, unsigned limit,
	struct arena *a, struct meta_part **p_r, size_t *n_r, struct err *e)
{
	bool more;

	return sq_part_list(base, gen, after_no, limit, a, p_r, n_r, &more, e);
}

/* ---- the manifest of a completed object ---- */

/* Offsets rise with the numbers: bisects for the last part that begins at or before `from`. */
static int seek_part(struct conn *c, uint64_t gen, uint64_t from, int64_t *no_r, struct err *e)
{
	int64_t lo = 0, hi;

	if (conn_int(c, ST_PART_LAST_NO, BINDS(BI(gen)), 0, &hi, e) != 0)
		return -1;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo + 1) / 2;
		sqlite3_stmt *q;
		bool row;

		if (conn_one(c, ST_PART_FROM, BINDS(BI(gen), BI(mid)), &q, &row, e) != 0)
			return -1;
		bool before = row && col_u64(q, 1) <= from;
		if (before)
			lo = col_i64(q, 0);
		else
			hi = mid - 1;
		if (row)
			conn_done(q);
	}
	*no_r = lo;
	return 0;
}

static int manifest(struct conn *c, uint64_t gen, uint64_t from, uint64_t end, struct arena *a,
	struct meta_part **p_r, size_t *n_r, struct err *e)
{
	struct meta_part *p = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	int64_t no;
	bool row;

	if (seek_part(c, gen, from, &no, e) != 0 ||
		conn_query(c, ST_PART_LIST, BINDS(BI(gen), BI(no - 1)), &q, e) != 0)
		return -1;
	for (;;) {
		struct meta_part one;

		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		part_from_row(q, &one);
		if (one.off >= end) {
			conn_done(q);
			break;
		}
		if (one.off < from && one.off + one.size <= from)
			continue;
		p = arena_grow(a, p, n, &cap, sizeof(*p));
		p[n++] = one;
	}
	*p_r = p;
	*n_r = n;
	return 0;
}

static int sq_object_parts(struct meta *base, uint64_t gen, uint64_t from, uint64_t length,
	struct arena *a, struct meta_part **p_r, size_t *n_r, struct err *e)
{
	uint64_t end = length > UINT64_MAX - from ? UINT64_MAX : from + length;
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = manifest(c, gen, from, end, a, p_r, n_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_uploads(struct meta_ops *o)
{
	o->upload_create = sq_upload_create;
	o->upload_get = sq_upload_get;
	o->upload_abort = sq_upload_abort;
	o->part_put = sq_part_put;
	o->part_list = sq_part_list;
	o->gc_parts = sq_gc_parts;
	o->object_parts = sq_object_parts;
}
