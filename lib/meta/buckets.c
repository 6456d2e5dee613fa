/* SPDX-License-Identifier: MIT */
/* Buckets: named within a tenant (0: the global namespace). */
#include "base/scan.h"
#include "meta/sqlite_int.h"

static void bucket_from_row(sqlite3_stmt *q, struct arena *a, struct meta_bucket *b_r)
{
	*b_r = (struct meta_bucket){
		.id = col_i64(q, 0),
		.tenant_id = col_i64(q, 1),
		.name = col_cstr(q, 3, a),
		.owner_id = col_i64(q, 4),
		.location = col_cstr(q, 5, a),
		.created_us = col_i64(q, 6),
		.flags = col_u32(q, 7),
		.bytes = col_u64(q, 8),
		.objects = col_u64(q, 9),
		.versions = col_u64(q, 10),
	};
	col_text(q, 2, b_r->tenant_pub, sizeof(b_r->tenant_pub));
}

static int missing(struct err *e)
{
	return err_fail_why(e, ERR_NOT_FOUND, REASON_BUCKET, "no such bucket");
}

/* ---- create and update ---- */

static int check_owner(struct tx *tx, int64_t owner_id, struct err *e)
{
	int64_t tenant;

	if (owner_id == 0)
		return 0;
	if (conn_int(tx->c, ST_USER_TENANT, BINDS(BI(owner_id)), -1, &tenant, e) != 0)
		return -1;
	if (tenant < 0)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_USER, "no such user");
	return 0;
}

/* Fills the public id; a tenant that is gone is an error. */
static int fill_tenant(struct tx *tx, struct meta_bucket *b, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	b->tenant_pub[0] = '\0';
	if (b->tenant_id == 0)
		return 0;
	if (conn_one(tx->c, ST_TENANT_PUB, BINDS(BI(b->tenant_id)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_TENANT, "no such tenant");
	col_text(q, 0, b->tenant_pub, sizeof(b->tenant_pub));
	conn_done(q);
	return 0;
}

static int check_free(struct tx *tx, struct meta_bucket *b, struct err *e)
{
	int64_t asking = b->owner_id;
	sqlite3_stmt *q;
	bool row;

	if (conn_one(tx->c, ST_BUCKET_OF_NAME, BINDS(BI(b->tenant_id), BS(b->name)), &q, &row,
		    e) != 0)
		return -1;
	if (!row)
		return 0;
	b->id = col_i64(q, 0);
	b->owner_id = col_i64(q, 1);
	conn_done(q);
	return err_fail_why(e, ERR_EXISTS,
		b->owner_id == asking ? REASON_BUCKET_OWNED : REASON_BUCKET_TAKEN,
		"bucket %s exists", b->name);
}

/* Object Lock without a default retention. */
static int add_lock(struct tx *tx, struct meta_bucket *b, struct err *e)
{
	static const struct lock_default none = {0};
	unsigned char blob[LOCK_BLOB_MAX];

	if (meta_bucket_versioning(b) != META_VERSIONING_ENABLED)
		return err_fail_why(e, ERR_PRECONDITION, REASON_BUCKET_STATE,
			"Object Lock needs versioning");
	if (lock_time_begin(tx, e) != 0)
		return -1;
	return conn_run(tx->c, ST_CONFIG_PUT,
		BINDS(BI(b->id), BI(META_CONFIG_OBJECT_LOCK),
			BB(lock_default_encode(&none, blob))),
		e);
}

static int op_create(struct tx *tx, void *arg, struct err *e)
{
	struct meta_bucket *b = arg;

	if (fill_tenant(tx, b, e) != 0 || check_free(tx, b, e) != 0 ||
		check_owner(tx, b->owner_id, e) != 0)
		return -1;
	b->created_us = tx->now_us;
	if (conn_run(tx->c, ST_BUCKET_ADD,
		    BINDS(BI(b->tenant_id), BS(b->name), BI(b->owner_id),
			    BS(b->location ? b->location : ""), BI(b->created_us),
			    BI(b->flags)),
		    e) != 0)
		return -1;
	b->id = sqlite3_last_insert_rowid(tx->c->db);
	if ((b->flags & META_BUCKET_LOCKS) && add_lock(tx, b, e) != 0)
		return -1;
	return conn_run(tx->c, ST_TENANT_COUNT_BUCKETS, BINDS(BI(b->tenant_id), BI(1)), e);
}

static int sq_bucket_create(struct meta *base, struct meta_bucket *b, struct err *e)
{
	return writer_do(sq(base), op_create, b, WRITE_EPOCH, e);
}

static int op_update(struct tx *tx, void *arg, struct err *e)
{
	const struct meta_bucket *b = arg;

	if (check_owner(tx, b->owner_id, e) != 0 ||
		conn_run(tx->c, ST_BUCKET_UPDATE, BINDS(BI(b->id), BI(b->owner_id)), e) != 0)
		return -1;
	return sqlite3_changes(tx->c->db) == 1 ? 0 : missing(e);
}

static int sq_bucket_update(struct meta *base, const struct meta_bucket *b, struct err *e)
{
	struct meta_bucket copy = *b;

	return writer_do(sq(base), op_update, &copy, WRITE_EPOCH, e);
}

struct versioning_in {
	int64_t id;
	enum meta_versioning how;
};

static int op_set_versioning(struct tx *tx, void *arg, struct err *e)
{
	const struct versioning_in *in = arg;
	struct tx_bucket *b;

	if (tx_bucket_get(tx, in->id, &b, e) != 0)
		return -1;
	if (b->locks && in->how != META_VERSIONING_ENABLED)
		return err_fail_why(e, ERR_PRECONDITION, REASON_BUCKET_STATE,
			"a bucket with Object Lock keeps its versioning");
	if (conn_run(tx->c, ST_BUCKET_SET_FLAGS,
		    BINDS(BI(in->id), BI(META_BUCKET_VERSIONING), BI(in->how)), e) != 0)
		return -1;
	b->versioning = in->how; /* for what follows in this batch */
	return 0;
}

static int sq_bucket_set_versioning(
	struct meta *base, int64_t id, enum meta_versioning how, struct err *e)
{
	struct versioning_in in = {id, how};

	if (how == META_VERSIONING_OFF)
		return err_fail(e, ERR_INVALID, "versioning cannot be undone");
	return writer_do(sq(base), op_set_versioning, &in, WRITE_EPOCH, e);
}

/* ---- delete ---- */

struct delete_in {
	int64_t id, due_us;
};

/* Unfinished uploads: their parts are found by generation when the garbage is taken. */
static int drop_uploads(struct tx *tx, const struct meta_gc *place, int64_t id, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_query(tx->c, ST_BUCKET_UPLOADS, BINDS(BI(id)), &q, e) != 0)
		return -1;
	for (;;) {
		struct meta_gc g = *place;

		if (conn_step(tx->c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		g.kind = META_GC_PARTS;
		g.key = col_raw(q, 0);
		g.gen = col_u64(q, 1);
		if (gc_insert(tx, &g, e) != 0) {
			conn_done(q);
			return -1;
		}
	}
	return conn_run(tx->c, ST_BUCKET_DROP_UPLOADS, BINDS(BI(id)), e);
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const struct delete_in *in = arg;
	struct tx_bucket *b;
	int64_t holds;

	if (tx_bucket_get(tx, in->id, &b, e) != 0 ||
		conn_int(tx->c, ST_BUCKET_HOLDS, BINDS(BI(in->id)), 0, &holds, e) != 0)
		return -1;
	if (holds)
		return err_fail_why(e, ERR_EXISTS, REASON_BUCKET_NOT_EMPTY,
			"bucket %s is not empty", b->name);
	struct meta_gc place = {.kind = META_GC_BUCKET,
		.due_us = in->due_us,
		.tenant_pub = b->tenant_pub,
		.bucket = b->name};
	if (drop_uploads(tx, &place, in->id, e) != 0 || gc_insert(tx, &place, e) != 0 ||
		conn_run(tx->c, ST_CONFIG_DELETE_ALL, BINDS(BI(in->id)), e) != 0 ||
		conn_run(tx->c, ST_BUCKET_DELETE, BINDS(BI(in->id)), e) != 0 ||
		conn_run(tx->c, ST_TENANT_COUNT_BUCKETS, BINDS(BI(b->tenant_id), BI(-1)), e) !=
			0)
		return -1;
	b->dead = true;
	return 0;
}

static int sq_bucket_delete(struct meta *base, int64_t id, int64_t due_us, struct err *e)
{
	struct delete_in in = {id, due_us};

	return writer_do(sq(base), op_delete, &in, WRITE_EPOCH, e);
}

/* ---- reads ---- */

static int sq_bucket_get(struct meta *base, int64_t tenant_id, struct span name,
	struct arena *a, struct meta_bucket *b_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;
	bool row;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_one(c, ST_BUCKET_GET, BINDS(BI(tenant_id), BT(name)), &q, &row, e);
	if (rc == 0 && row) {
		bucket_from_row(q, a, b_r);
		conn_done(q);
	} else if (rc == 0) {
		rc = missing(e);
	}
	reader_put(sq(base), c);
	return rc;
}

struct list_in {
	int64_t tenant_id, owner_id;
	struct span prefix, after;
	unsigned limit;
};

/* "NAME/TENANT-ID" goes on within a name; a plain name goes on behind all of its tenants. */
static int64_t cut_tenant(struct span *after)
{
	ptrdiff_t slash = span_find_byte(*after, '/');
	uint64_t id;

	if (slash < 0 || !span_to_u64(span_from(*after, (size_t)slash + 1), &id) ||
		id > INT64_MAX)
		return INT64_MAX;
	*after = span_head(*after, (size_t)slash);
	return (int64_t)id;
}

static int list(struct conn *c, struct list_in in, struct arena *a, struct meta_bucket **b_r,
	size_t *n_r, struct err *e)
{
	bool all = in.tenant_id < 0;
	int64_t third = all ? cut_tenant(&in.after) : in.tenant_id;
	struct span from = span_absent(in.prefix) ? SPAN_LIT("") : in.prefix;
	struct span after = span_absent(in.after) ? SPAN_LIT("") : in.after;
	struct meta_bucket *b = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	bool row;

	/* The one bound that the index is searched with. */
	if (span_cmp(after, from) > 0)
		from = after;
	const struct bindv v[] = {BT(from), BT(after), BI(third), BI(in.owner_id)};
	enum stmt_id id = in.owner_id < 0 ? ST_BUCKET_LIST : ST_BUCKET_LIST_OWNED;
	if (all)
		id = ST_BUCKET_LIST_ALL;
	if (conn_query(c, id, v, id == ST_BUCKET_LIST ? 3 : 4, &q, e) != 0)
		return -1;
	while (n < in.limit) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row || !span_starts(col_raw(q, 3), in.prefix))
			break;
		b = arena_grow(a, b, n, &cap, sizeof(*b));
		bucket_from_row(q, a, &b[n++]);
	}
	conn_done(q);
	*b_r = b;
	*n_r = n;
	return 0;
}

static int sq_bucket_list(struct meta *base, int64_t tenant_id, int64_t owner_id,
	struct span prefix, struct span after, unsigned limit, struct arena *a,
	struct meta_bucket **b_r, size_t *n_r, struct err *e)
{
	struct list_in in = {tenant_id, owner_id, prefix, after, limit};
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = list(c, in, a, b_r, n_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_buckets(struct meta_ops *o)
{
	o->bucket_create = sq_bucket_create;
	o->bucket_get = sq_bucket_get;
	o->bucket_list = sq_bucket_list;
	o->bucket_update = sq_bucket_update;
	o->bucket_set_versioning = sq_bucket_set_versioning;
	o->bucket_delete = sq_bucket_delete;
}
