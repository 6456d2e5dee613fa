/* SPDX-License-Identifier: MIT */
/*
 * Objects: one row per version, the newest first; the first row of a key is the current one. A
 * write judges its conditions against that row inside the transaction. Which row it then
 * replaces, if any, is a matter of the bucket's versioning at that moment.
 */
#include "meta/sqlite_int.h"

/* ---- rows as a write must know them ---- */

static int row_get(struct conn *c, enum stmt_id st, const struct bindv *v, size_t n,
	struct current *row_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	*row_r = (struct current){0};
	if (conn_one(c, st, v, n, &q, &row, e) != 0)
		return -1;
	if (!row)
		return 0;
	row_r->exists = true;
	row_r->vseq = col_u64(q, 0);
	row_r->gen = col_u64(q, 1);
	row_r->size = col_u64(q, 2);
	row_r->flags = col_u32(q, 3);
	row_r->mtime_us = col_i64(q, 4);
	col_bytes(q, 5, row_r->etag.md5, sizeof(row_r->etag.md5));
	row_r->etag.nparts = col_u32(q, 6);
	conn_done(q);
	return 0;
}

int current_get(struct conn *c, int64_t bucket_id, struct span key, struct current *cur_r,
	struct err *e)
{
	return row_get(c, ST_OBJECT_CURRENT, BINDS(BI(bucket_id), BB(key)), cur_r, e);
}

static bool is_object(const struct current *row)
{
	return row->exists && !(row->flags & META_OBJECT_MARKER);
}

static bool is_null_version(const struct current *row)
{
	return row->exists && !(row->flags & META_OBJECT_HAS_ID);
}

int null_get(struct conn *c, int64_t bucket_id, struct span key, const struct current *cur,
	struct current *row_r, struct err *e)
{
	if (!cur->exists || is_null_version(cur)) {
		*row_r = *cur;
		return 0;
	}
	return row_get(c, ST_OBJECT_BURIED, BINDS(BI(bucket_id), BB(key)), row_r, e);
}

static int version_get(struct conn *c, int64_t bucket_id, struct span key,
	const struct version_id *v, const struct current *cur, struct current *row_r,
	struct err *e)
{
	if (version_id_is_null(v))
		return null_get(c, bucket_id, key, cur, row_r, e);
	if (row_get(c, ST_OBJECT_AT, BINDS(BI(bucket_id), BB(key), BI(v->vseq)), row_r, e) != 0)
		return -1;
	row_r->exists = row_r->exists && !is_null_version(row_r) && row_r->gen == v->gen;
	return 0;
}

int object_find(struct conn *c, const struct meta_version_ref *ref, struct current *row_r,
	struct err *e)
{
	struct current cur;

	if (current_get(c, ref->bucket_id, ref->key, &cur, e) != 0)
		return -1;
	*row_r = cur;
	if (ref->version &&
		version_get(c, ref->bucket_id, ref->key, ref->version, &cur, row_r, e) != 0)
		return -1;
	if (!row_r->exists)
		return err_fail_why(e, ERR_NOT_FOUND,
			ref->version ? REASON_VERSION : REASON_KEY, "no such version");
	if (!is_object(row_r))
		return err_fail_why(e, ERR_NOT_FOUND,
			ref->version ? REASON_MARKER_VERSION : REASON_MARKER,
			"a delete marker");
	return 0;
}

int current_check(const struct current *cur, const struct write_conditions *c, struct err *e)
{
	if (!c)
		return 0;
	switch (write_conditions_check(c, is_object(cur) ? &cur->etag : NULL)) {
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
		.flags = col_u32(q, 3) & OBJECT_PUBLIC,
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
	uint32_t flags = o->flags | extras_of(o);
	bool ext = (flags & OBJECT_HAS_EXT) != 0;
	unsigned char blob[CHECKSUM_BLOB_MAX];
	size_t n = checksum_to_blob(&o->checksum, blob);

	if (extras_add(tx, o, flags, e) != 0)
		return -1;
	return conn_run(tx->c, ST_OBJECT_ADD,
		BINDS(BI(bucket_id), BB(o->key), BI(o->vseq), BI(o->gen), BI(flags),
			BI(o->size), BI(o->mtime_us),
			BB(span_of(o->etag.md5, sizeof(o->etag.md5))), BI(o->etag.nparts),
			BB(n ? span_of(blob, n) : SPAN_NULL), BI(o->owner_id),
			BB(ext ? SPAN_NULL : o->content_type), BB(ext ? SPAN_NULL : o->meta)),
		e);
}

/* Removes a row; its blob becomes garbage. */
static int drop_row(struct tx *tx, const struct tx_bucket *b, struct span key,
	const struct current *row, struct err *e)
{
	if (conn_run(tx->c, ST_OBJECT_DELETE, BINDS(BI(b->id), BB(key), BI(row->vseq)), e) != 0)
		return -1;
	if (row->flags & META_OBJECT_MARKER)
		return 0;
	if (extras_drop(tx, row->gen, row->flags, e) != 0)
		return -1;
	return gc_insert_blob(
		tx, b, row->etag.nparts ? META_GC_PARTS : META_GC_OBJECT, key, row->gen, e);
}

/* Makes room for a new row above cur: what it replaces goes (*old_r), what it hides stays. */
static int make_room(struct tx *tx, const struct tx_bucket *b, struct span key,
	const struct current *cur, struct current *old_r, struct err *e)
{
	bool permitted;

	*old_r = (struct current){0};
	if (b->versioning == META_VERSIONING_ENABLED) {
		if (!is_null_version(cur) || (cur->flags & OBJECT_BURIED))
			return 0;
		return conn_run(
			tx->c, ST_OBJECT_BURY, BINDS(BI(b->id), BB(key), BI(cur->vseq)), e);
	}
	if (null_get(tx->c, b->id, key, cur, old_r, e) != 0 ||
		lock_permits_removal(tx, old_r, false, &permitted, e) != 0)
		return -1;
	if (!permitted) /* never so: a bucket with locks keeps every version */
		return lock_refuse(e);
	return old_r->exists ? drop_row(tx, b, key, old_r, e) : 0;
}

int object_add(struct tx *tx, struct tx_bucket *b, const struct current *cur,
	struct meta_object *o, struct tally *sum, struct err *e)
{
	struct current old;

	o->vseq = (uint64_t)tx->now_us;
	if (cur->exists && cur->vseq >= o->vseq)
		o->vseq = cur->vseq + 1;
	o->mtime_us = (int64_t)o->vseq;
	o->flags &= META_OBJECT_MARKER;
	if (b->versioning == META_VERSIONING_ENABLED)
		o->flags |= META_OBJECT_HAS_ID;
	if (lock_apply_default(tx, b, o, e) != 0 ||
		make_room(tx, b, o->key, cur, &old, e) != 0 || add_row(tx, b->id, o, e) != 0)
		return -1;
	sum->bytes += (int64_t)o->size - (int64_t)old.size;
	sum->objects += !(o->flags & META_OBJECT_MARKER) - is_object(cur);
	sum->versions += 1 - old.exists;
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
	struct tally sum = {0};
	struct tx_bucket *b;
	struct current cur;

	o.flags = 0;
	if (tx_bucket_get(tx, op->in->bucket_id, &b, e) != 0 ||
		current_get(tx->c, b->id, o.key, &cur, e) != 0 ||
		current_check(&cur, op->in->conditions, e) != 0 ||
		lock_check_date(tx, &o.lock.retention, e) != 0 ||
		object_add(tx, b, &cur, &o, &sum, e) != 0)
		return -1;
	tally_add(&b->sum, &sum);
	*op->out = (struct meta_write_result){o.vseq, o.mtime_us, meta_object_version(&o)};
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

static bool delete_allowed(const struct write_conditions *c, const struct current *row)
{
	struct delete_target target = {
		.what = is_object(row) ? DELETE_TARGET_OBJECT : DELETE_TARGET_MARKER,
		.etag = row->etag,
		.size = row->size,
		.mtime_us = row->mtime_us,
	};

	return !c || !row->exists || delete_conditions_check(c, &target) == WRITE_PROCEED;
}

static int add_marker(struct tx *tx, struct tx_bucket *b, struct meta_delete *d,
	const struct current *cur, struct tally *sum, struct err *e)
{
	struct meta_object o = {
		.key = d->key, .flags = META_OBJECT_MARKER, .owner_id = d->owner_id};

	if (object_add(tx, b, cur, &o, sum, e) != 0)
		return -1;
	d->marker = true;
	d->made = meta_object_version(&o);
	return 0;
}

/* When the newest goes, the one before is current again. */
static int remove_row(struct tx *tx, const struct tx_bucket *b, struct span key,
	const struct current *cur, const struct current *row, struct tally *sum, struct err *e)
{
	struct current next = *cur;

	if (drop_row(tx, b, key, row, e) != 0)
		return -1;
	if (row->vseq == cur->vseq)
		next.exists = false;
	if (!next.exists && b->versioning != META_VERSIONING_OFF &&
		current_get(tx->c, b->id, key, &next, e) != 0)
		return -1;
	sum->bytes -= (int64_t)row->size;
	sum->objects += is_object(&next) - is_object(cur);
	sum->versions--;
	return 0;
}

static int delete_one(struct tx *tx, struct tx_bucket *b, struct meta_delete *d,
	struct tally *sum, struct err *e)
{
	struct current cur, row;
	bool permitted;

	if (current_get(tx->c, b->id, d->key, &cur, e) != 0)
		return -1;
	row = cur;
	if (d->version && version_get(tx->c, b->id, d->key, d->version, &cur, &row, e) != 0)
		return -1;
	d->existed = row.exists;
	d->refused = !delete_allowed(d->conditions, &row);
	d->marker = d->locked = false;
	if (d->refused)
		return 0;
	if (!d->version && b->versioning != META_VERSIONING_OFF)
		return add_marker(tx, b, d, &cur, sum, e);
	if (lock_permits_removal(tx, &row, d->bypass, &permitted, e) != 0)
		return -1;
	d->locked = !permitted;
	if (d->locked)
		return 0;
	d->marker = row.exists && !is_object(&row);
	return row.exists ? remove_row(tx, b, d->key, &cur, &row, sum, e) : 0;
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const struct delete_op *op = arg;
	struct tally sum = {0};
	struct tx_bucket *b;

	if (tx_bucket_get(tx, op->bucket_id, &b, e) != 0)
		return -1;
	for (size_t i = 0; i < op->n; i++)
		if (delete_one(tx, b, &op->keys[i], &sum, e) != 0)
			return -1;
	tally_add(&b->sum, &sum);
	return 0;
}

static int sq_object_delete_many(
	struct meta *base, int64_t bucket_id, struct meta_delete *keys, size_t n, struct err *e)
{
	struct delete_op op = {bucket_id, keys, n};

	return n > 0 ? writer_do(sq(base), op_delete, &op, WRITE_PLAIN, e) : 0;
}

static int sq_object_delete(
	struct meta *base, int64_t bucket_id, struct meta_delete *d, struct err *e)
{
	if (sq_object_delete_many(base, bucket_id, d, 1, e) != 0)
		return -1;
	if (d->locked)
		return lock_refuse(e);
	return d->refused ? err_fail(e, ERR_PRECONDITION, "a condition does not hold") : 0;
}

/* ---- reads ---- */

/* The row of an open query, which it ends. */
static int take_object(struct conn *c, sqlite3_stmt *q, struct arena *a,
	struct meta_object *o_r, struct err *e)
{
	object_from_row(q, o_r);
	o_r->key = col_span(q, 0, a);
	o_r->content_type = col_span(q, 10, a);
	o_r->meta = col_span(q, 11, a);
	/* The statement is still open, so its snapshot still holds. */
	int rc = extras_get(c, col_u32(q, 3), a, o_r, e);
	conn_done(q);
	return rc;
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
	if (take_object(c, q, a, o_r, e) != 0)
		return -1;
	if (o_r->flags & META_OBJECT_MARKER)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_MARKER, "a delete marker");
	return 0;
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

struct version_in {
	int64_t bucket_id;
	struct span key;
	const struct version_id *version;
};

static int get_version(struct conn *c, const struct version_in *in, struct arena *a,
	struct meta_object *o_r, struct err *e)
{
	struct current cur, row = {0};
	sqlite3_stmt *q;
	bool there = false;

	if (current_get(c, in->bucket_id, in->key, &cur, e) != 0 ||
		version_get(c, in->bucket_id, in->key, in->version, &cur, &row, e) != 0)
		return -1;
	if (row.exists &&
		conn_one(c, ST_OBJECT_GET_AT,
			BINDS(BI(in->bucket_id), BB(in->key), BI(row.vseq)), &q, &there,
			e) != 0)
		return -1;
	if (!there)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_VERSION, "no such version");
	if (take_object(c, q, a, o_r, e) != 0)
		return -1;
	if (o_r->flags & META_OBJECT_MARKER)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_MARKER_VERSION,
			"the version is a delete marker");
	return 0;
}

static int sq_object_get_version(struct meta *base, int64_t bucket_id, struct span key,
	const struct version_id *version, struct arena *a, struct meta_object *o_r,
	struct err *e)
{
	struct version_in in = {bucket_id, key, version};
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = get_version(c, &in, a, o_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_objects(struct meta_ops *o)
{
	o->object_put = sq_object_put;
	o->object_delete = sq_object_delete;
	o->object_delete_many = sq_object_delete_many;
	o->object_get = sq_object_get;
	o->object_get_version = sq_object_get_version;
}
