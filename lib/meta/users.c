/* SPDX-License-Identifier: MIT */
/* Users: unique by name within their tenant, and by canonical id everywhere. */
#include <stdio.h>

#include "meta/sqlite_int.h"

void user_from_row(sqlite3_stmt *q, int i, struct arena *a, struct meta_user *u_r)
{
	*u_r = (struct meta_user){
		.id = col_i64(q, i),
		.tenant_id = col_i64(q, i + 1),
		.name = col_cstr(q, i + 2, a),
		.display_name = col_cstr(q, i + 3, a),
		.email = col_cstr(q, i + 4, a),
		.role = (enum meta_role)col_i64(q, i + 6),
		.status = (enum meta_status)col_i64(q, i + 7),
		.password_hash = col_cstr(q, i + 8, a),
		.sessions_after_us = col_i64(q, i + 9),
		.created_us = col_i64(q, i + 10),
	};
	col_text(q, i + 5, u_r->canonical_id, sizeof(u_r->canonical_id));
}

static int missing(struct err *e)
{
	return err_fail_why(e, ERR_NOT_FOUND, REASON_USER, "no such user");
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- writes ---- */

static int check_name(
	struct tx *tx, int64_t tenant_id, const struct meta_user *u, struct err *e)
{
	int64_t taken;

	if (conn_int(tx->c, ST_USER_TAKEN, BINDS(BI(tenant_id), BS(u->name), BI(u->id)), 0,
		    &taken, e) != 0)
		return -1;
	if (taken != 0)
		return err_fail_why(e, ERR_EXISTS, REASON_USER, "user %s exists", u->name);
	return 0;
}

static int check_new(struct tx *tx, const struct meta_user *u, struct err *e)
{
	sqlite3_stmt *q;
	int64_t taken;
	bool row;

	if (u->tenant_id != 0) {
		if (conn_one(tx->c, ST_TENANT_PUB, BINDS(BI(u->tenant_id)), &q, &row, e) != 0)
			return -1;
		if (!row)
			return err_fail_why(e, ERR_NOT_FOUND, REASON_TENANT, "no such tenant");
		conn_done(q);
	}
	if (check_name(tx, u->tenant_id, u, e) != 0 ||
		conn_int(tx->c, ST_USER_CANONICAL_TAKEN, BINDS(BS(u->canonical_id)), 0, &taken,
			e) != 0)
		return -1;
	if (taken != 0)
		return err_fail_why(e, ERR_EXISTS, REASON_USER, "the canonical id is taken");
	return 0;
}

static int op_create(struct tx *tx, void *arg, struct err *e)
{
	struct meta_user *u = arg;

	u->id = 0;
	if (check_new(tx, u, e) != 0)
		return -1;
	if (u->created_us == 0)
		u->created_us = tx->now_us;
	if (conn_run(tx->c, ST_USER_ADD,
		    BINDS(BI(u->tenant_id), BS(u->name), BS(or_empty(u->display_name)),
			    BS(or_empty(u->email)), BS(u->canonical_id), BI(u->role),
			    BI(u->status), BS(or_empty(u->password_hash)),
			    BI(u->sessions_after_us), BI(u->created_us)),
		    e) != 0)
		return -1;
	u->id = sqlite3_last_insert_rowid(tx->c->db);
	return 0;
}

static int sq_user_create(struct meta *base, struct meta_user *u, struct err *e)
{
	return writer_do(sq(base), op_create, u, WRITE_EPOCH, e);
}

struct update {
	const struct meta_user *user;
	unsigned set;
};

static int op_update(struct tx *tx, void *arg, struct err *e)
{
	const struct update *in = arg;
	const struct meta_user *u = in->user;
	int64_t tenant_id;

	if (conn_int(tx->c, ST_USER_TENANT, BINDS(BI(u->id)), -1, &tenant_id, e) != 0)
		return -1;
	if (tenant_id < 0)
		return missing(e);
	if ((in->set & META_SET_NAME) && check_name(tx, tenant_id, u, e) != 0)
		return -1;
	return conn_run(tx->c, ST_USER_UPDATE,
		BINDS(BI(u->id), in->set & META_SET_NAME ? BS(u->name) : BNULL,
			in->set & META_SET_DISPLAY_NAME ? BS(or_empty(u->display_name)) : BNULL,
			in->set & META_SET_EMAIL ? BS(or_empty(u->email)) : BNULL,
			in->set & META_SET_ROLE ? BI(u->role) : BNULL,
			in->set & META_SET_STATUS ? BI(u->status) : BNULL,
			in->set & META_SET_PASSWORD ? BS(or_empty(u->password_hash)) : BNULL,
			BI(tx->now_us)),
		e);
}

static int sq_user_update(
	struct meta *base, const struct meta_user *u, unsigned set, struct err *e)
{
	struct update in = {u, set};

	return writer_do(sq(base), op_update, &in, WRITE_EPOCH, e);
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const int64_t *id = arg;
	int64_t owns;

	if (conn_int(tx->c, ST_USER_OWNS, BINDS(BI(*id)), 0, &owns, e) != 0)
		return -1;
	if (owns)
		return err_fail_why(e, ERR_EXISTS, REASON_IN_USE, "the user owns buckets");
	if (conn_run(tx->c, ST_KEY_DELETE_USER, BINDS(BI(*id)), e) != 0 ||
		conn_run(tx->c, ST_USER_DELETE, BINDS(BI(*id)), e) != 0)
		return -1;
	return sqlite3_changes(tx->c->db) == 1 ? 0 : missing(e);
}

static int sq_user_delete(struct meta *base, int64_t id, struct err *e)
{
	return writer_do(sq(base), op_delete, &id, WRITE_EPOCH, e);
}

/* ---- reads ---- */

static int find(struct meta_sqlite *m, enum stmt_id id, const struct bindv *v, size_t n,
	struct arena *a, struct meta_user *u_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;
	bool row;

	if (reader_get(m, &c, e) != 0)
		return -1;
	int rc = conn_one(c, id, v, n, &q, &row, e);
	if (rc == 0 && row) {
		user_from_row(q, 0, a, u_r);
		conn_done(q);
	} else if (rc == 0) {
		rc = missing(e);
	}
	reader_put(m, c);
	return rc;
}

static int sq_user_get(
	struct meta *base, int64_t id, struct arena *a, struct meta_user *u_r, struct err *e)
{
	return find(sq(base), ST_USER_GET, BINDS(BI(id)), a, u_r, e);
}

static int sq_user_find(struct meta *base, int64_t tenant_id, struct span name, struct arena *a,
	struct meta_user *u_r, struct err *e)
{
	return find(sq(base), ST_USER_FIND, BINDS(BI(tenant_id), BT(name)), a, u_r, e);
}

static int list(struct conn *c, int64_t tenant_id, const struct meta_page *page,
	struct arena *a, struct meta_user **u_r, size_t *n_r, struct err *e)
{
	const struct bindv v[] = {BI(page->after_id), BI(page->limit), BI(tenant_id)};
	enum stmt_id id = tenant_id < 0 ? ST_USER_LIST_ALL : ST_USER_LIST;
	struct meta_user *u = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	bool row;

	if (conn_query(c, id, v, tenant_id < 0 ? 2 : 3, &q, e) != 0)
		return -1;
	for (;;) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		u = arena_grow(a, u, n, &cap, sizeof(*u));
		user_from_row(q, 0, a, &u[n++]);
	}
	*u_r = u;
	*n_r = n;
	return 0;
}

static int sq_user_list(struct meta *base, int64_t tenant_id, const struct meta_page *page,
	struct arena *a, struct meta_user **u_r, size_t *n_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = list(c, tenant_id, page, a, u_r, n_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_users(struct meta_ops *o)
{
	o->user_create = sq_user_create;
	o->user_get = sq_user_get;
	o->user_find = sq_user_find;
	o->user_list = sq_user_list;
	o->user_update = sq_user_update;
	o->user_delete = sq_user_delete;
}
