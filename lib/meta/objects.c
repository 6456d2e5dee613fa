/* SPDX-License-Identifier: MIT */
/*
 * Objects: one row per version, the newest first; the first row of a key is the current one. A
 * write judges its conditions against that row inside the transaction, then replaces it.
 */
#include "meta/sqlite_int.h"

enum { INLINE_META_MAX = 300 };

/* ---- the current row ---- */

int current_get(struct conn *c, int64_t bucket_id, struct span key, struct current *cur_r,
	struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	*cur_r = (struct current){0};
	if (conn_one(c, ST_OBJECT_CURRENT, BINDS(BI(bucket_id), BB(key)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return 0;
	cur_r->exists = true;
	cur_r->vseq = col_u64(q, 0);
	cur_r->gen = col_u64(q, 1);
	cur_r->size = col_u64(q, 2);
	cur_r->flags = col_u32(q, 3);
	cur_r->mtime_us = col_i64(q, 4);
	col_bytes(q, 5, cur_r->etag.md5, sizeof(cur_r->etag.md5));
	cur_r->etag.nparts = col_u32(q, 6);
	conn_done(q);
	return 0;
}

int current_check(const struct current *cur, const struct write_conditions *c, struct err *e)
{
	if (!c)
		return 0;
	switch (write_conditions_check(c, cur->exists ? &cur->etag : NULL)) {
	case WRITE_PROCEED:
		return 0;
	case WRITE_PRECONDITION_FAILED:
		return err_fail(e, ERR_PRECONDITION, "a condition does not hold");
	case WRITE_NO_SUCH_KEY:
		return err_fail_why(e, ERR_NOT_FOUND, REASON_KEY, "If-Match on a missing key");
	}
	return err_fail(e, ERR_INTERNAL, "unknown verdict");
}

/* ---- rows ---- */

void object_from_row(sqlite3_stmt *q, struct meta_object *o_r)
{
	*o_r = (struct meta_object){
		.vseq = col_u64(q, 1),
		.gen = col_u64(q, 2),
		.flags = col_u32(q, 3) & ~OBJECT_HAS_EXT,
		.size = col_u64(q, 4),
		.mtime_us = col_i64(q, 5),
		.owner_id = col_i64(q, 9),
	};
	col_bytes(q, 6, o_r->etag.md5, sizeof(o_r->etag.md5));
	o_r->etag.nparts = col_u32(q, 7);
	col_checksum(q, 8, &o_r->checksum);
}

static int add_row(struct tx *tx, int64_t bucket_id, const struct meta_object *o, struct err *e)
{
	bool ext = o->content_type.n + o->meta.n > INLINE_META_MAX;
	uint32_t flags = (o->flags & ~OBJECT_HAS_EXT) | (ext ? OBJECT_HAS_EXT : 0);
	unsigned char blob[CHECKSUM_BLOB_MAX];
	size_t n = checksum_to_blob(&o->checksum, blob);

	if (ext &&
		conn_run(tx->c, ST_EXT_ADD, BINDS(BI(o->gen), BB(o->content_type), BB(o->meta)),
			e) != 0)
		return -1;
	return conn_run(tx->c, ST_OBJECT_ADD,
		BINDS(BI(bucket_id), BB(o->key), BI(o->vseq), BI(o->gen), BI(flags),
			BI(o->size), BI(o->mtime_us),
			BB(span_of(o->etag.md5, sizeof(o->etag.md5))), BI(o->etag.nparts),
			BB(n ? span_of(blob, n) : SPAN_NULL), BI(o->owner_id),
			BB(ext ? SPAN_NULL : o->content_type), BB(ext ? SPAN_NULL : o->meta)),
		e);
}

/* Removes the current row; its blob becomes garbage. */
static int drop_current(struct tx *tx, struct tx_bucket *b, struct span key,
	const struct current *cur, struct err *e)
{
	if (conn_run(tx->c, ST_OBJECT_DELETE, BINDS(BI(b->id), BB(key), BI(cur->vseq)), e) != 0)
		return -1;
	if ((cur->flags & OBJECT_HAS_EXT) &&
		conn_run(tx->c, ST_EXT_DELETE, BINDS(BI(cur->gen)), e) != 0)
		return -1;
	return gc_insert_blob(
		tx, b, cur->etag.nparts ? META_GC_PARTS : META_GC_OBJECT, key, cur->gen, e);
}

int object_replace(struct tx *tx, struct tx_bucket *b, const struct current *cur,
	struct meta_object *o, struct err *e)
{
	o->vseq = (uint64_t)tx->now_us;
	if (cur->exists && cur->vseq >= o->vseq)
		o->vseq = cur->vseq + 1;
	o->mtime_us = (int64_t)o->vseq;
	if (cur->exists && drop_current(tx, b, o->key, cur, e) != 0)
		return -1;
	if (add_row(tx, b->id, o, e) != 0)
		return -1;
	b->bytes += (int64_t)o->size - (cur->exists ? (int64_t)cur->size : 0);
	b->objects += cur->exists ? 0 : 1;
	return 0;
}

/* ---- put ---- */

struct put_op {
	const struct meta_object_put *in;
	struct meta_write_result *out;
};

static int op_put(struct tx *tx, void *arg, struct err *e)
{
	const struct put_op *op = arg;
	struct meta_object o = op->in->object;
	struct tx_bucket *b;
	struct current cur;

	if (tx_bucket_get(tx, op->in->bucket_id, &b, e) != 0 ||
		current_get(tx->c, b->id, o.key, &cur, e) != 0 ||
		current_check(&cur, op->in->conditions, e) != 0)
		return -1;
	if (object_replace(tx, b, &cur, &o, e) != 0)
		return -1;
	*op->out = (struct meta_write_result){o.vseq, o.mtime_us};
	return 0;
}

static int sq_object_put(struct meta *base, const struct meta_object_put *in,
	struct meta_write_result *out_r, struct err *e)
{
	struct put_op op = {in, out_r};

	if (in->object.key.n == 0)
		return err_fail(e, ERR_INVALID, "an empty key");
	return writer_do(sq(base), op_put, &op, WRITE_PLAIN, e);
}

/* ---- delete ---- */

struct delete_op {
	int64_t bucket_id;
	struct meta_delete *keys;
	size_t n;
};

static bool delete_allowed(const struct write_conditions *c, const struct current *cur)
{
	struct delete_target target = {.what = DELETE_TARGET_OBJECT,
		.etag = cur->etag,
		.size = cur->size,
		.mtime_us = cur->mtime_us};

	return !c || delete_conditions_check(c, &target) == WRITE_PROCEED;
}

/* Adds what went away to *freed. */
static int delete_one(struct tx *tx, struct tx_bucket *b, struct meta_delete *d,
	struct tx_bucket *freed, struct err *e)
{
	struct current cur;

	if (current_get(tx->c, b->id, d->key, &cur, e) != 0)
		return -1;
	d->existed = cur.exists;
	d->refused = cur.exists && !delete_allowed(d->conditions, &cur);
	if (!cur.exists || d->refused)
		return 0;
	freed->bytes += (int64_t)cur.size;
	freed->objects++;
	return drop_current(tx, b, d->key, &cur, e);
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const struct delete_op *op = arg;
	struct tx_bucket *b, freed = {0};

	if (tx_bucket_get(tx, op->bucket_id, &b, e) != 0)
		return -1;
	for (size_t i = 0; i < op->n; i++)
		if (delete_one(tx, b, &op->keys[i], &freed, e) != 0)
			return -1;
	/* Only now: what fails half-way must not have been counted. */
	b->bytes -= freed.bytes;
	b->objects -= freed.objects;
	return 0;
}

static int sq_object_delete_many(
	struct meta *base, int64_t bucket_id, struct meta_delete *keys, size_t n, struct err *e)
{
	struct delete_op op = {bucket_id, keys, n};

	return n > 0 ? writer_do(sq(base), op_delete, &op, WRITE_PLAIN, e) : 0;
}

static int sq_object_delete(struct meta *base, int64_t bucket_id, struct span key,
	const struct write_conditions *conditions, bool *existed_r, struct err *e)
{
	struct meta_delete d = {.key = key, .conditions = conditions};

	if (sq_object_delete_many(base, bucket_id, &d, 1, e) != 0)
		return -1;
	*existed_r = d.existed;
	return d.refused ? err_fail(e, ERR_PRECONDITION, "a condition does not hold") : 0;
}

/* ---- reads ---- */

/* Metadata that was too long for the row. */
static int get_ext(struct conn *c, struct arena *a, struct meta_object *o, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_one(c, ST_EXT_GET, BINDS(BI(o->gen)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return err_fail(e, ERR_IO, "metadata of generation %016llx is missing",
			(unsigned long long)o->gen);
	o->content_type = col_span(q, 0, a);
	o->meta = col_span(q, 1, a);
	conn_done(q);
	return 0;
}

static int get(struct conn *c, int64_t bucket_id, struct span key, struct arena *a,
	struct meta_object *o_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_one(c, ST_OBJECT_GET, BINDS(BI(bucket_id), BB(key)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_KEY, "no such key");
	object_from_row(q, o_r);
	o_r->key = col_span(q, 0, a);
	o_r->content_type = col_span(q, 10, a);
	o_r->meta = col_span(q, 11, a);
	bool ext = (col_u32(q, 3) & OBJECT_HAS_EXT) != 0;
	/* The statement is still open, so its snapshot still holds. */
	int rc = ext ? get_ext(c, a, o_r, e) : 0;
	conn_done(q);
	return rc;
}

static int sq_object_get(struct meta *base, int64_t bucket_id, struct span key, struct arena *a,
	struct meta_object *o_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = get(c, bucket_id, key, a, o_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_objects(struct meta_ops *o)
{
	o->object_put = sq_object_put;
	o->object_delete = sq_object_delete;
	o->object_delete_many = sq_object_delete_many;
	o->object_get = sq_object_get;
}
