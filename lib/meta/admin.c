/* SPDX-License-Identifier: MIT */
/* Upkeep: settings, revoked sessions, the probe, statistics, expiry and recount. */
#include "meta/sqlite_int.h"

struct setting {
	struct span name, value;
};

static int sq_setting_get(struct meta *base, const char *name, struct arena *a,
	struct span *value_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;
	bool row;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_one(c, ST_SETTING_GET, BINDS(BS(name)), &q, &row, e);
	if (rc == 0 && row) {
		*value_r = col_span(q, 0, a);
		conn_done(q);
	} else if (rc == 0) {
		rc = err_fail(e, ERR_NOT_FOUND, "no setting %s", name);
	}
	reader_put(sq(base), c);
	return rc;
}

static int op_setting_put(struct tx *tx, void *arg, struct err *e)
{
	const struct setting *s = arg;

	return conn_run(tx->c, ST_SETTING_PUT, BINDS(BT(s->name), BB(s->value)), e);
}

static int sq_setting_put(struct meta *base, const char *name, struct span value, struct err *e)
{
	struct setting s = {span_str(name), span_absent(value) ? SPAN_LIT("") : value};

	return writer_do(sq(base), op_setting_put, &s, WRITE_EPOCH, e);
}

struct session {
	struct span jti;
	int64_t expires_us;
};

static int op_session_revoke(struct tx *tx, void *arg, struct err *e)
{
	const struct session *s = arg;

	return conn_run(tx->c, ST_SESSION_REVOKE, BINDS(BB(s->jti), BI(s->expires_us)), e);
}

static int sq_session_revoke(
	struct meta *base, struct span jti, int64_t expires_us, struct err *e)
{
	struct session s = {jti, expires_us};

	if (jti.n == 0)
		return err_fail(e, ERR_INVALID, "a session without an id");
	return writer_do(sq(base), op_session_revoke, &s, WRITE_PLAIN, e);
}

static int sq_session_revoked(
	struct meta *base, struct span jti, bool *revoked_r, struct err *e)
{
	struct conn *c;
	int64_t hit;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_int(c, ST_SESSION_REVOKED, BINDS(BB(jti)), 0, &hit, e);
	*revoked_r = hit != 0;
	reader_put(sq(base), c);
	return rc;
}

static int op_probe(struct tx *tx, void *arg, struct err *e)
{
	(void)arg;
	return conn_run(tx->c, ST_PROBE_WRITE, BINDS(BI(tx->now_us)), e);
}

static int sq_probe(struct meta *base, struct err *e)
{
	struct conn *c;
	int64_t version;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_int(c, ST_PROBE_READ, NO_BINDS, 0, &version, e);
	reader_put(sq(base), c);
	return rc == 0 ? writer_do(sq(base), op_probe, NULL, WRITE_PLAIN, e) : rc;
}

static void sq_stats(struct meta *base, struct meta_stats *s_r)
{
	struct meta_sqlite *m = sq(base);
	struct writer *w = &m->writer;
	struct conn *c;
	int64_t n = 0;

	*s_r = (struct meta_stats){
		.commits = atomic_load(&w->commits),
		.ops = atomic_load(&w->ops),
		.failures = atomic_load(&w->failures),
		.checkpoints = atomic_load(&w->checkpoints),
	};
	pthread_mutex_lock(&w->lock);
	s_r->queue = w->queued;
	pthread_mutex_unlock(&w->lock);
	if (reader_get(m, &c, NULL) != 0)
		return;
	if (conn_int(c, ST_GC_COUNT, NO_BINDS, 0, &n, NULL) == 0)
		s_r->gc_rows = (uint64_t)n;
	reader_put(m, c);
}

/* ---- expiry ---- */

struct expiry {
	int64_t before_us;
	int gone;
};

static int op_expire_completed(struct tx *tx, void *arg, struct err *e)
{
	struct expiry *x = arg;

	if (conn_run(tx->c, ST_EXPIRE_COMPLETED, BINDS(BI(x->before_us)), e) != 0)
		return -1;
	x->gone = sqlite3_changes(tx->c->db);
	return 0;
}

static int op_expire(struct tx *tx, void *arg, struct err *e)
{
	const struct expiry *x = arg;

	if (conn_run(tx->c, ST_EXPIRE_SESSIONS, BINDS(BI(x->before_us)), e) != 0)
		return -1;
	return lease_expire(tx, x->before_us, e);
}

static int sq_expire(struct meta *base, int64_t before_us, struct err *e)
{
	struct expiry x = {.before_us = before_us};

	/* In slices, so that others are not kept waiting. */
	do
		if (writer_do(sq(base), op_expire_completed, &x, WRITE_PLAIN, e) != 0)
			return -1;
	while (x.gone > 0);
	return writer_do(sq(base), op_expire, &x, WRITE_PLAIN, e);
}

/* ---- recount ---- */

/* One kind of counted row: what is wrong, and how it is set right. */
struct recount_kind {
	enum stmt_id find, set;
	size_t values;
};

static const struct recount_kind recounts[] = {
	{ST_RECOUNT_BUCKETS, ST_RECOUNT_SET_BUCKET, 4},
	{ST_RECOUNT_TENANTS, ST_RECOUNT_SET_TENANT, 4},
};

/* Visits what differs; repairs it when `repair`. */
static int recount_kind(struct conn *c, const struct recount_kind *k, bool repair,
	uint64_t *wrong, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_query(c, k->find, NO_BINDS, &q, e) != 0)
		return -1;
	for (;;) {
		struct bindv v[4];

		if (conn_step(c, q, &row, e) != 0)
			return -1;
		if (!row)
			return 0;
		++*wrong;
		for (size_t i = 0; i < k->values; i++)
			v[i] = BI(col_i64(q, (int)i));
		if (repair && conn_run(c, k->set, v, k->values, e) != 0) {
			conn_done(q);
			return -1;
		}
	}
}

static int recount_all(struct conn *c, bool repair, uint64_t *wrong_r, struct err *e)
{
	*wrong_r = 0;
	for (size_t i = 0; i < sizeof(recounts) / sizeof(recounts[0]); i++)
		if (recount_kind(c, &recounts[i], repair, wrong_r, e) != 0)
			return -1;
	return 0;
}

static int op_recount(struct tx *tx, void *arg, struct err *e)
{
	return recount_all(tx->c, true, arg, e);
}

static int sq_recount(struct meta *base, bool repair, uint64_t *wrong_r, struct err *e)
{
	struct conn *c;

	if (repair)
		return writer_do(sq(base), op_recount, wrong_r, WRITE_ALONE, e);
	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = recount_all(c, false, wrong_r, e);
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_admin(struct meta_ops *o)
{
	o->probe = sq_probe;
	o->stats = sq_stats;
	o->setting_get = sq_setting_get;
	o->setting_put = sq_setting_put;
	o->session_revoke = sq_session_revoke;
	o->session_revoked = sq_session_revoked;
	o->expire = sq_expire;
	o->recount = sq_recount;
}
