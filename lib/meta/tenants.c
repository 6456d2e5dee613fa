/* SPDX-License-Identifier: MIT */
/* Tenants. Their usage counters are summed by the writer (writer.c). */
#include "meta/sqlite_int.h"

void tenant_from_row(sqlite3_stmt *q, int i, struct arena *a, struct meta_tenant *t_r)
{
	*t_r = (struct meta_tenant){
		.id = col_i64(q, i),
		.name = col_cstr(q, i + 2, a),
		.display_name = col_cstr(q, i + 3, a),
		.status = (enum meta_status)col_i64(q, i + 4),
		.created_us = col_i64(q, i + 5),
		.bytes = col_u64(q, i + 6),
		.objects = col_u64(q, i + 7),
		.buckets = col_u64(q, i + 8),
		.domains = col_cstr(q, i + 9, a),
	};
	col_text(q, i + 1, t_r->pub, sizeof(t_r->pub));
}

static int missing(struct err *e)
{
	return err_fail_why(e, ERR_NOT_FOUND, REASON_TENANT, "no such tenant");
}

/* ---- writes ---- */

/* A name must not be another's name or public id, nor the other way round: both find a tenant.
 */
static int check_free(
	struct tx *tx, const char *pub, const struct meta_tenant *t, struct err *e)
{
	int64_t taken;

	if (conn_int(tx->c, ST_TENANT_TAKEN, BINDS(BS(pub), BS(t->name), BI(t->id)), 0, &taken,
		    e) != 0)
		return -1;
	if (taken != 0)
		return err_fail_why(e, ERR_EXISTS, REASON_TENANT, "tenant %s exists", t->name);
	return 0;
}

static int op_create(struct tx *tx, void *arg, struct err *e)
{
	struct meta_tenant *t = arg;

	t->id = 0;
	if (check_free(tx, t->pub, t, e) != 0)
		return -1;
	if (t->created_us == 0)
		t->created_us = tx->now_us;
	if (conn_run(tx->c, ST_TENANT_ADD,
		    BINDS(BS(t->pub), BS(t->name), BS(t->display_name ? t->display_name : ""),
			    BI(t->status), BI(t->created_us)),
		    e) != 0)
		return -1;
	t->id = sqlite3_last_insert_rowid(tx->c->db);
	return 0;
}

static int sq_tenant_create(struct meta *base, struct meta_tenant *t, struct err *e)
{
	return writer_do(sq(base), op_create, t, WRITE_EPOCH, e);
}

/* ---- domains ---- */

static int check_domain_free(struct tx *tx, int64_t tenant_id, struct span domain, struct err *e)
{
	int64_t taken;

	if (conn_int(tx->c, ST_DOMAIN_TAKEN, BINDS(BI(tenant_id), BT(domain)), 0, &taken, e) != 0)
		return -1;
	return taken ? err_fail_why(e, ERR_EXISTS, REASON_DOMAIN,
			       "%.*s is, or is above or below, a domain of another tenant", SPAN_FMT(domain))
		     : 0;
}

static int set_domains(struct tx *tx, int64_t tenant_id, struct span domains, struct err *e)
{
	struct span one;

	if (conn_run(tx->c, ST_DOMAIN_DROP, BINDS(BI(tenant_id)), e) != 0)
		return -1;
	while (span_cut(&domains, ',', &one)) {
		one = span_trim(one);
		if (one.n && (check_domain_free(tx, tenant_id, one, e) != 0 ||
				     conn_run(tx->c, ST_DOMAIN_ADD, BINDS(BT(one), BI(tenant_id)), e) != 0))
			return -1;
	}
	return 0;
}

struct update {
	const struct meta_tenant *tenant;
	unsigned set;
};

static int op_update(struct tx *tx, void *arg, struct err *e)
{
	const struct update *in = arg;
	const struct meta_tenant *t = in->tenant;
	const char *display = t->display_name ? t->display_name : "";

	if ((in->set & META_SET_NAME) && check_free(tx, t->name, t, e) != 0)
		return -1;
	if (conn_run(tx->c, ST_TENANT_UPDATE,
		    BINDS(BI(t->id), in->set & META_SET_NAME ? BS(t->name) : BNULL,
			    in->set & META_SET_DISPLAY_NAME ? BS(display) : BNULL,
			    in->set & META_SET_STATUS ? BI(t->status) : BNULL),
		    e) != 0)
		return -1;
	if (sqlite3_changes(tx->c->db) != 1)
		return missing(e);
	return in->set & META_SET_DOMAINS ? set_domains(tx, t->id, span_str(t->domains), e) : 0;
}

static int sq_tenant_update(
	struct meta *base, const struct meta_tenant *t, unsigned set, struct err *e)
{
	struct update in = {t, set};

	return writer_do(sq(base), op_update, &in, WRITE_EPOCH, e);
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const int64_t *id = arg;
	int64_t in_use;

	if (conn_int(tx->c, ST_TENANT_IN_USE, BINDS(BI(*id)), 0, &in_use, e) != 0)
		return -1;
	if (in_use)
		return err_fail_why(
			e, ERR_EXISTS, REASON_IN_USE, "the tenant has users or buckets");
	if (set_domains(tx, *id, SPAN_NULL, e) != 0 ||
		conn_run(tx->c, ST_TENANT_DELETE, BINDS(BI(*id)), e) != 0)
		return -1;
	return sqlite3_changes(tx->c->db) == 1 ? 0 : missing(e);
}

static int sq_tenant_delete(struct meta *base, int64_t id, struct err *e)
{
	/* Id 0 is the global namespace, which has no row. */
	if (id == 0)
		return missing(e);
	return writer_do(sq(base), op_delete, &id, WRITE_EPOCH, e);
}

/* ---- reads ---- */

static int find(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n,
	struct arena *a, struct meta_tenant *t_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_one(c, id, v, n, &q, &row, e) != 0)
		return -1;
	if (!row)
		return missing(e);
	tenant_from_row(q, 0, a, t_r);
	conn_done(q);
	return 0;
}

static int sq_tenant_get(
	struct meta *base, int64_t id, struct arena *a, struct meta_tenant *t_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = find(c, ST_TENANT_GET, BINDS(BI(id)), a, t_r, e);
	reader_put(sq(base), c);
	return rc;
}

static int sq_tenant_find(struct meta *base, struct span pub_or_name, struct arena *a,
	struct meta_tenant *t_r, struct err *e)
{
	struct conn *c;
	struct err why;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = find(c, ST_TENANT_BY_PUB, BINDS(BT(pub_or_name)), a, t_r, &why);
	if (rc != 0 && why.kind == ERR_NOT_FOUND)
		rc = find(c, ST_TENANT_BY_NAME, BINDS(BT(pub_or_name)), a, t_r, &why);
	reader_put(sq(base), c);
	if (rc != 0 && e)
		*e = why;
	return rc;
}

static int sq_domain_find(struct meta *base, struct span domain, struct arena *a,
	struct meta_tenant *t_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = find(c, ST_TENANT_BY_DOMAIN, BINDS(BT(domain)), a, t_r, e);
	reader_put(sq(base), c);
	return rc;
}

static int list(struct conn *c, const struct meta_page *page, struct arena *a,
	struct meta_tenant **t_r, size_t *n_r, struct err *e)
{
	struct meta_tenant *t = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	bool row;

	if (conn_query(c, ST_TENANT_LIST, BINDS(BI(page->after_id), BI(page->limit)), &q, e) !=
		0)
		return -1;
	for (;;) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		t = arena_grow(a, t, n, &cap, sizeof(*t));
		tenant_from_row(q, 0, a, &t[n++]);
	}
	*t_r = t;
	*n_r = n;
	return 0;
}

static int sq_tenant_list(struct meta *base, const struct meta_page *page, struct arena *a,
	struct meta_tenant **t_r, size_t *n_r, struct err *e)
{
	struct conn *c;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = list(c, page, a, t_r, n_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_tenants(struct meta_ops *o)
{
	o->tenant_create = sq_tenant_create;
	o->tenant_get = sq_tenant_get;
	o->tenant_find = sq_tenant_find;
	o->domain_find = sq_domain_find;
	o->tenant_list = sq_tenant_list;
	o->tenant_update = sq_tenant_update;
	o->tenant_delete = sq_tenant_delete;
}
