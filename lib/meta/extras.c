/* SPDX-License-Identifier: MIT */
/*
 * What stands beside an object's row, in object_ext: metadata that is too long for the row,
 * tags, a lock. Bits of the row's flags say what is there, so that an object without any costs
 * nothing.
 */
#include "meta/sqlite_int.h"

enum { INLINE_META_MAX = 300 };

uint32_t extras_of(const struct meta_object *o)
{
	uint32_t flags = 0;

	if (o->content_type.n + o->meta.n > INLINE_META_MAX)
		flags |= OBJECT_HAS_EXT;
	if (o->tags.n)
		flags |= OBJECT_HAS_TAGS;
	if (lock_any(&o->lock))
		flags |= OBJECT_HAS_LOCK;
	return flags;
}

int extras_add(struct tx *tx, const struct meta_object *o, uint32_t flags, struct err *e)
{
	bool is_long = (flags & OBJECT_HAS_EXT) != 0;
	unsigned char lock[LOCK_BLOB_MAX];

	if (!(flags & OBJECT_EXTRAS))
		return 0;
	return conn_run(tx->c, ST_EXT_ADD,
		BINDS(BI(o->gen), BB(is_long ? o->content_type : SPAN_NULL),
			BB(is_long ? o->meta : SPAN_NULL), BB(o->tags.n ? o->tags : SPAN_NULL),
			BB(lock_encode(&o->lock, lock))),
		e);
}

static int missing(uint64_t gen, struct err *e)
{
	return err_fail(e, ERR_IO, "metadata of generation %016llx is missing",
		(unsigned long long)gen);
}

int extras_get(
	struct conn *c, uint32_t flags, struct arena *a, struct meta_object *o, struct err *e)
{
	sqlite3_stmt *q;
	bool row;
	int rc = 0;

	if (!(flags & OBJECT_EXTRAS))
		return 0;
	if (conn_one(c, ST_EXT_GET, BINDS(BI(o->gen)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return missing(o->gen, e);
	if (flags & OBJECT_HAS_EXT) {
		o->content_type = col_span(q, 0, a);
		o->meta = col_span(q, 1, a);
	}
	if (flags & OBJECT_HAS_TAGS)
		o->tags = col_span(q, 2, a);
	if (flags & OBJECT_HAS_LOCK)
		rc = lock_decode(col_raw(q, 3), &o->lock, e);
	conn_done(q);
	return rc;
}

int extras_drop(struct tx *tx, uint64_t gen, uint32_t flags, struct err *e)
{
	if (!(flags & OBJECT_EXTRAS))
		return 0;
	return conn_run(tx->c, ST_EXT_DELETE, BINDS(BI(gen)), e);
}

/* ---- changes to a version that stands ---- */

/* Moves one bit of the flags to where there is something. */
static int set_flag(struct tx *tx, const struct meta_version_ref *ref,
	const struct current *row, uint32_t bit, bool on, struct err *e)
{
	uint32_t flags = on ? row->flags | bit : row->flags & ~bit;

	if (flags == row->flags)
		return 0;
	if (conn_run(tx->c, ST_OBJECT_SET_FLAGS,
		    BINDS(BI(ref->bucket_id), BB(ref->key), BI(row->vseq), BI(bit),
			    BI(on ? bit : 0)),
		    e) != 0)
		return -1;
	return flags & OBJECT_EXTRAS ? 0
				     : conn_run(tx->c, ST_EXT_DELETE, BINDS(BI(row->gen)), e);
}

struct version_id extras_version(const struct current *row)
{
	struct meta_object o = {.vseq = row->vseq, .gen = row->gen, .flags = row->flags};

	return meta_object_version(&o);
}

int extras_set(struct tx *tx, const struct meta_version_ref *ref, const struct current *row,
	uint32_t bit, struct span value, struct err *e)
{
	enum stmt_id st = bit == OBJECT_HAS_TAGS ? ST_EXT_SET_TAGS : ST_EXT_SET_LOCK;

	if (value.n == 0 && !(row->flags & bit))
		return 0;
	if (conn_run(tx->c, st, BINDS(BI(row->gen), BB(value.n ? value : SPAN_NULL)), e) != 0)
		return -1;
	return set_flag(tx, ref, row, bit, value.n > 0, e);
}

struct tags_op {
	const struct meta_version_ref *ref;
	struct span tags;
	struct version_id *version;
};

static int op_set_tags(struct tx *tx, void *arg, struct err *e)
{
	const struct tags_op *op = arg;
	struct tx_bucket *b;
	struct current row;

	if (tx_bucket_get(tx, op->ref->bucket_id, &b, e) != 0 ||
		object_find(tx->c, op->ref, &row, e) != 0)
		return -1;
	*op->version = extras_version(&row);
	return extras_set(tx, op->ref, &row, OBJECT_HAS_TAGS, op->tags, e);
}

static int sq_object_set_tags(struct meta *base, const struct meta_version_ref *ref,
	struct span tags, struct version_id *version_r, struct err *e)
{
	struct tags_op op = {ref, tags, version_r};

	return writer_do(sq(base), op_set_tags, &op, WRITE_PLAIN, e);
}

void sqlite_ops_extras(struct meta_ops *o)
{
	o->object_set_tags = sq_object_set_tags;
}
