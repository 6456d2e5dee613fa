/* SPDX-License-Identifier: MIT */
/* Access keys, and the one read that resolves a request's caller. */
#include "meta/sqlite_int.h"

enum { KEY_COLS_N = 7, USER_COLS_N = 11 };

static void key_from_row(sqlite3_stmt *q, struct arena *a, struct meta_access_key *k_r)
{
	*k_r = (struct meta_access_key){
		.access_key = col_cstr(q, 0, a),
		.user_id = col_i64(q, 1),
		.secret = col_span(q, 2, a),
		.status = (enum meta_status)col_i64(q, 3),
		.expires_us = col_i64(q, 4),
		.created_us = col_i64(q, 5),
		.description = col_cstr(q, 6, a),
	};
}

static int missing(struct err *e)
{
	return err_fail_why(e, ERR_NOT_FOUND, REASON_ACCESS_KEY, "no such access key");
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- writes ---- */

static int op_create(struct tx *tx, void *arg, struct err *e)
{
	const struct meta_access_key *k = arg;
	int64_t taken, tenant;

	if (conn_int(tx->c, ST_USER_TENANT, BINDS(BI(k->user_id)), -1, &tenant, e) != 0 ||
		conn_int(tx->c, ST_KEY_TAKEN, BINDS(BS(k->access_key)), 0, &taken, e) != 0)
		return -1;
	if (tenant < 0)
		return err_fail_why(e, ERR_NOT_FOUND, REASON_USER, "no such user");
	if (taken)
		return err_fail_why(e, ERR_EXISTS, REASON_ACCESS_KEY, "the access key exists");
	return conn_run(tx->c, ST_KEY_ADD,
		BINDS(BS(k->access_key), BI(k->user_id),
			BB(span_absent(k->secret) ? SPAN_LIT("") : k->secret), BI(k->status),
			BI(k->expires_us), BI(k->created_us ? k->created_us : tx->now_us),
			BS(or_empty(k->description))),
		e);
}

static int sq_key_create(struct meta *base, const struct meta_access_key *k, struct err *e)
{
	struct meta_access_key copy = *k;

	return writer_do(sq(base), op_create, &copy, WRITE_EPOCH, e);
}

struct update {
	const struct meta_access_key *key;
	unsigned set;
};

static int op_update(struct tx *tx, void *arg, struct err *e)
{
	const struct update *in = arg;
	const struct meta_access_key *k = in->key;

	if (conn_run(tx->c, ST_KEY_UPDATE,
		    BINDS(BS(k->access_key), in->set & META_SET_STATUS ? BI(k->status) : BNULL,
			    in->set & META_SET_EXPIRES ? BI(k->expires_us) : BNULL,
			    in->set & META_SET_DESCRIPTION ? BS(or_empty(k->description))
							   : BNULL),
		    e) != 0)
		return -1;
	return sqlite3_changes(tx->c->db) == 1 ? 0 : missing(e);
}

static int sq_key_update(
	struct meta *base, const struct meta_access_key *k, unsigned set, struct err *e)
{
	struct update in = {k, set};

	return writer_do(sq(base), op_update, &in, WRITE_EPOCH, e);
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const struct span *key = arg;

	if (conn_run(tx->c, ST_KEY_DELETE, BINDS(BT(*key)), e) != 0)
		return -1;
	return sqlite3_changes(tx->c->db) == 1 ? 0 : missing(e);
}

static int sq_key_delete(struct meta *base, struct span access_key, struct err *e)
{
	return writer_do(sq(base), op_delete, &access_key, WRITE_EPOCH, e);
}

/* ---- reads ---- */

static int sq_key_get(struct meta *base, struct span access_key, struct arena *a,
	struct meta_access_key *k_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;
	bool row;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_one(c, ST_KEY_GET, BINDS(BT(access_key)), &q, &row, e);
	if (rc == 0 && row) {
		key_from_row(q, a, k_r);
		conn_done(q);
	} else if (rc == 0) {
		rc = missing(e);
	}
	reader_put(sq(base), c);
	return rc;
}

static int list(struct conn *c, int64_t user_id, struct arena *a, struct meta_access_key **k_r,
	size_t *n_r, struct err *e)
{
	const struct bindv user = BI(user_id);
	struct meta_access_key *k = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	bool row;

	if (conn_query(c, user_id < 0 ? ST_KEY_LIST_ALL : ST_KEY_LIST, &user,
		    user_id < 0 ? 0 : 1, &q, e) != 0)
		return -1;
	for (;;) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		k = arena_grow(a, k, n, &cap, sizeof(*k));
		key_from_row(q, a, &k[n++]);
	}
	*k_r = k;
	*n_r = n;
	return 0;
}

static int sq_key_list(struct meta *base, int64_t user_id, struct arena *a,
	struct meta_access_key **k_r, size_t *n_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = list(c, user_id, a, k_r, n_r, e);
	reader_put(sq(base), c);
	return rc;
}

static int sq_principal_get(struct meta *base, struct span access_key, struct arena *a,
	struct meta_principal *p_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;
	bool row;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_one(c, ST_PRINCIPAL_GET, BINDS(BT(access_key)), &q, &row, e);
	if (rc == 0 && row) {
		key_from_row(q, a, &p_r->key);
		user_from_row(q, KEY_COLS_N, a, &p_r->user);
		/* All NULL for the global namespace: id 0 and empty texts. */
		tenant_from_row(q, KEY_COLS_N + USER_COLS_N, a, &p_r->tenant);
		conn_done(q);
	} else if (rc == 0) {
		rc = missing(e);
	}
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_keys(struct meta_ops *o)
{
	o->key_create = sq_key_create;
	o->key_get = sq_key_get;
	o->key_list = sq_key_list;
	o->key_update = sq_key_update;
	o->key_delete = sq_key_delete;
	o->principal_get = sq_principal_get;
}
