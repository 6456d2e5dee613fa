/* SPDX-License-Identifier: MIT */
/*
 * Garbage: blobs that no object names any more, each with the time it falls due and the place
 * where it lies. The row id is the due time with a running number behind it, so that rows lie
 * in the order in which they are taken, without another index.
 */
#include "meta/sqlite_int.h"

enum { ID_SHIFT = 10, GC_MAX = 1000 };
/* A microsecond with more rows than the running number has room for spills into the next ones.
 */
#define SPILL_US 10000000
#define DUE_MAX (INT64_MAX >> ID_SHIFT)

static int64_t clamp_due(int64_t due_us)
{
	if (due_us < 0)
		return 0;
	return due_us > DUE_MAX - SPILL_US ? DUE_MAX - SPILL_US : due_us;
}

/* ---- adding ---- */

int gc_insert(struct tx *tx, const struct meta_gc *g, struct err *e)
{
	int64_t due = clamp_due(g->due_us);
	int64_t id = due << ID_SHIFT, last = atomic_load(&tx->m->gc_last);

	if (last >= id && (last >> ID_SHIFT) <= due + SPILL_US / 2)
		id = last + 1;
	/* Another process may have given the same id: take the next free one. */
	for (;; id++) {
		if (conn_run(tx->c, ST_GC_ADD,
			    BINDS(BI(id), BI(due), BI(g->kind),
				    BS(g->tenant_pub ? g->tenant_pub : ""),
				    BS(g->bucket ? g->bucket : ""), BB(g->key), BI(g->gen),
				    BI(g->part_no), BI(g->part_gen)),
			    e) != 0)
			return -1;
		if (sqlite3_changes(tx->c->db) == 1)
			break;
	}
	atomic_store(&tx->m->gc_last, id);
	return 0;
}

int gc_insert_blob(struct tx *tx, const struct tx_bucket *b, enum meta_gc_kind kind,
	struct span key, uint64_t gen, struct err *e)
{
	struct meta_gc g = {.kind = kind,
		.due_us = tx->now_us + tx->m->cfg.gc_delay_us,
		.tenant_pub = b->tenant_pub,
		.bucket = b->name,
		.key = key,
		.gen = gen};

	return gc_insert(tx, &g, e);
}

int gc_insert_part(struct tx *tx, const struct tx_bucket *b, struct span key, uint64_t gen,
	const struct meta_part *p, struct err *e)
{
	struct meta_gc g = {.kind = META_GC_PART,
		.due_us = tx->now_us + tx->m->cfg.gc_delay_us,
		.tenant_pub = b->tenant_pub,
		.bucket = b->name,
		.key = key,
		.gen = gen,
		.part_no = p->no,
		.part_gen = p->pgen};

	return gc_insert(tx, &g, e);
}

static int op_add(struct tx *tx, void *arg, struct err *e)
{
	return gc_insert(tx, arg, e);
}

static int sq_gc_add(struct meta *base, const struct meta_gc *g, struct err *e)
{
	struct meta_gc copy = *g;

	return writer_do(sq(base), op_add, &copy, WRITE_PLAIN, e);
}

/* ---- taking ---- */

static void gc_from_row(sqlite3_stmt *q, struct arena *a, struct meta_gc *g_r)
{
	*g_r = (struct meta_gc){
		.id = col_i64(q, 0),
		.kind = (enum meta_gc_kind)col_i64(q, 1),
		.due_us = col_i64(q, 2),
		.tenant_pub = col_cstr(q, 3, a),
		.bucket = col_cstr(q, 4, a),
		.key = col_span(q, 5, a),
		.gen = col_u64(q, 6),
		.part_no = col_u32(q, 7),
		.part_gen = col_u64(q, 8),
	};
}

static int take(struct conn *c, int64_t now_us, unsigned limit, struct arena *a,
	struct meta_gc **g_r, size_t *n_r, struct err *e)
{
	int64_t before = (clamp_due(now_us) + SPILL_US) << ID_SHIFT;
	struct meta_gc *g = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	bool row;

	if (conn_query(c, ST_GC_TAKE, BINDS(BI(before), BI(now_us), BI(limit)), &q, e) != 0)
		return -1;
	for (;;) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		g = arena_grow(a, g, n, &cap, sizeof(*g));
		gc_from_row(q, a, &g[n++]);
	}
	*g_r = g;
	*n_r = n;
	return 0;
}

static int sq_gc_take(struct meta *base, int64_t now_us, unsigned limit, struct arena *a,
	struct meta_gc **g_r, size_t *n_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = take(c, now_us, limit, a, g_r, n_r, e);
	reader_put(sq(base), c);
	return rc;
}

/* ---- done ---- */

struct done_op {
	const int64_t *ids;
	size_t n;
};

/* *there_r false: another process was first. */
static int get_row(struct tx *tx, int64_t id, struct meta_gc *g_r, bool *there_r, struct err *e)
{
	sqlite3_stmt *q;

	if (conn_one(tx->c, ST_GC_GET, BINDS(BI(id)), &q, there_r, e) != 0)
		return -1;
	if (*there_r) {
		gc_from_row(q, tx->scratch, g_r);
		conn_done(q);
	}
	return 0;
}

static int done_one(struct tx *tx, int64_t id, struct err *e)
{
	struct meta_gc g;
	bool there;

	if (get_row(tx, id, &g, &there, e) != 0)
		return -1;
	if (!there)
		return 0;
	if (g.kind == META_GC_PARTS &&
		conn_run(tx->c, ST_PART_DELETE_ALL, BINDS(BI(g.gen)), e) != 0)
		return -1;
	return conn_run(tx->c, ST_GC_DELETE, BINDS(BI(id)), e);
}

static int op_done(struct tx *tx, void *arg, struct err *e)
{
	const struct done_op *op = arg;

	for (size_t i = 0; i < op->n; i++)
		if (done_one(tx, op->ids[i], e) != 0)
			return -1;
	return 0;
}

static int sq_gc_done(struct meta *base, const int64_t *ids, size_t n, struct err *e)
{
	while (n > 0) {
		struct done_op op = {ids, n < GC_MAX ? n : GC_MAX};

		if (writer_do(sq(base), op_done, &op, WRITE_PLAIN, e) != 0)
			return -1;
		ids += op.n;
		n -= op.n;
	}
	return 0;
}

/* ---- putting off ---- */

struct put_off_op {
	int64_t id, due_us;
};

static int op_put_off(struct tx *tx, void *arg, struct err *e)
{
	const struct put_off_op *op = arg;
	struct meta_gc g;
	bool there;

	if (get_row(tx, op->id, &g, &there, e) != 0)
		return -1;
	if (!there)
		return 0;
	g.due_us = op->due_us;
	if (conn_run(tx->c, ST_GC_DELETE, BINDS(BI(op->id)), e) != 0)
		return -1;
	return gc_insert(tx, &g, e);
}

static int sq_gc_put_off(struct meta *base, int64_t id, int64_t due_us, struct err *e)
{
	struct put_off_op op = {id, due_us};

	return writer_do(sq(base), op_put_off, &op, WRITE_PLAIN, e);
}

/* ---- the orphan scan's question ---- */

static int named_by_row(
	struct conn *c, const struct meta_blob *b, int64_t *hit_r, struct err *e)
{
	struct span pub = span_absent(b->tenant_pub) ? SPAN_LIT("") : b->tenant_pub;
	int64_t bucket_id;

	if (b->part_no != 0)
		return conn_int(c, ST_KNOWN_PART,
			BINDS(BI(b->gen), BI(b->part_no), BI(b->part_gen)), 0, hit_r, e);
	if (conn_int(c, ST_BUCKET_ID_AT, BINDS(BT(pub), BT(b->bucket)), 0, &bucket_id, e) != 0)
		return -1;
	/* A row follows its blob within moments: begin there, as a key may have very many
	 * versions. */
	if (conn_int(c, ST_KNOWN_OBJECT,
		    BINDS(BI(bucket_id), BB(b->key), BI(b->gen), BI(b->mtime_us)), 0, hit_r,
		    e) != 0)
		return -1;
	if (*hit_r || b->mtime_us <= 0)
		return 0;
	return conn_int(c, ST_KNOWN_OBJECT, BINDS(BI(bucket_id), BB(b->key), BI(b->gen), BI(0)),
		0, hit_r, e);
}

static int known(struct meta_sqlite *m, struct conn *c, const struct meta_blob *b,
	bool *known_r, struct err *e)
{
	bool part = b->part_no != 0;
	int64_t hit;

	*known_r = true;
	if (named_by_row(c, b, &hit, e) != 0)
		return -1;
	if (hit)
		return 0;
	/* Parts of a whole are in garbage as rows of part, found above. */
	if (conn_int(c, ST_KNOWN_GC,
		    BINDS(BI(b->gen), BI(part ? b->part_gen : 0),
			    BI(part ? META_GC_PART : META_GC_OBJECT)),
		    0, &hit, e) != 0)
		return -1;
	if (hit)
		return 0;
	return lease_covers(m, c, part ? b->part_gen : b->gen, known_r, e);
}

static int look(
	struct meta_sqlite *m, const struct meta_blob *blob, bool *known_r, struct err *e)
{
	struct conn *c;

	if (reader_get(m, &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = known(m, c, blob, known_r, e);
	reader_put(m, c);
	return rc;
}

static int sq_blob_known(
	struct meta *base, const struct meta_blob *blob, bool *known_r, struct err *e)
{
	if (look(sq(base), blob, known_r, e) != 0)
		return -1;
	/* Its process may have committed the row behind our snapshot and died before we asked
	 * whether it lives. Now that it is dead, a second snapshot has all it ever wrote. */
	return *known_r ? 0 : look(sq(base), blob, known_r, e);
}

void sqlite_ops_gc(struct meta_ops *o)
{
	o->gc_add = sq_gc_add;
	o->gc_take = sq_gc_take;
	o->gc_done = sq_gc_done;
	o->gc_put_off = sq_gc_put_off;
	o->blob_known = sq_blob_known;
}
