/* SPDX-License-Identifier: MIT */
/*
 * Object Lock inside the transaction: what a version's lock permits is decided where the
 * version is removed or its lock changed, by the lock time, which is remembered here.
 */
#include "meta/sqlite_int.h"
#include "model/locktime.h"

#define SETTING "lock_time"

/* ---- the lock time ---- */

static int time_get(struct tx *tx, struct locktime *t_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	*t_r = (struct locktime){0};
	if (conn_one(tx->c, ST_SETTING_GET, BINDS(BS(SETTING)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return 0;
	int rc = locktime_decode(col_raw(q, 0), t_r, e);
	conn_done(q);
	return rc;
}

static int time_read(struct tx *tx, struct locktime *t, int64_t *now_us_r, struct err *e)
{
	const struct meta_config *cfg = &tx->m->cfg;
	unsigned char blob[LOCKTIME_BLOB];
	struct locktime_host host;
	bool changed;

	locktime_host_read(cfg->clock, cfg->lock_gap_us, &host);
	*now_us_r = locktime_read(t, &host, &changed);
	if (!changed)
		return 0;
	locktime_encode(t, blob);
	return conn_run(
		tx->c, ST_SETTING_PUT, BINDS(BS(SETTING), BB(span_of(blob, sizeof(blob)))), e);
}

static int lock_now(struct tx *tx, int64_t *now_us_r, struct err *e)
{
	struct locktime t;

	return time_get(tx, &t, e) != 0 ? -1 : time_read(tx, &t, now_us_r, e);
}

int lock_time_begin(struct tx *tx, struct err *e)
{
	int64_t now_us;

	return lock_now(tx, &now_us, e);
}

static int op_lock_time(struct tx *tx, void *arg, struct err *e)
{
	struct meta_lock_time *out = arg;
	struct locktime t;

	*out = (struct meta_lock_time){0};
	if (time_get(tx, &t, e) != 0)
		return -1;
	if (t.boot[0] == '\0')
		return 0;
	out->used = true;
	out->wall_us = clock_now_us(tx->m->cfg.clock);
	return time_read(tx, &t, &out->now_us, e);
}

static int sq_lock_time(struct meta *base, struct meta_lock_time *out_r, struct err *e)
{
	return writer_do(sq(base), op_lock_time, out_r, WRITE_PLAIN, e);
}

/* ---- what versions get, and what they permit ---- */

static int check_date(const struct lock_retention *r, int64_t now_us, struct err *e)
{
	if (r->mode == LOCK_NONE || r->until_us > now_us)
		return 0;
	return err_fail_why(
		e, ERR_INVALID, REASON_LOCK_DATE, "the date has passed by the lock time");
}

int lock_check_date(struct tx *tx, const struct lock_retention *r, struct err *e)
{
	int64_t now_us;

	if (r->mode == LOCK_NONE)
		return 0;
	return lock_now(tx, &now_us, e) != 0 ? -1 : check_date(r, now_us, e);
}

static int load_default(struct tx *tx, struct tx_bucket *b, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (b->default_known)
		return 0;
	if (conn_one(tx->c, ST_CONFIG_GET, BINDS(BI(b->id), BI(META_CONFIG_OBJECT_LOCK)), &q,
		    &row, e) != 0)
		return -1;
	if (!row)
		return err_fail(
			e, ERR_IO, "the lock configuration of bucket %s is missing", b->name);
	int rc = lock_default_decode(col_raw(q, 0), &b->retention, e);
	conn_done(q);
	b->default_known = rc == 0;
	return rc;
}

/* Counts from the later of the two clocks: where the lock time has yet to catch up with the
 * host's, what counts from it would be over too soon. */
int lock_apply_default(struct tx *tx, struct tx_bucket *b, struct meta_object *o, struct err *e)
{
	int64_t now_us;

	if (!b->locks || (o->flags & META_OBJECT_MARKER) || o->lock.retention.mode != LOCK_NONE)
		return 0;
	if (load_default(tx, b, e) != 0)
		return -1;
	if (b->retention.mode == LOCK_NONE)
		return 0;
	if (lock_now(tx, &now_us, e) != 0)
		return -1;
	lock_default_apply(
		&b->retention, now_us > tx->now_us ? now_us : tx->now_us, &o->lock.retention);
	return 0;
}

static int lock_get(struct tx *tx, const struct current *row, struct lock *l_r, struct err *e)
{
	sqlite3_stmt *q;
	bool there;

	*l_r = (struct lock){0};
	if (!(row->flags & OBJECT_HAS_LOCK))
		return 0;
	if (conn_one(tx->c, ST_EXT_LOCK, BINDS(BI(row->gen)), &q, &there, e) != 0)
		return -1;
	if (!there)
		return err_fail(e, ERR_IO, "the lock of generation %016llx is missing",
			(unsigned long long)row->gen);
	int rc = lock_decode(col_raw(q, 0), l_r, e);
	conn_done(q);
	return rc;
}

int lock_permits_removal(
	struct tx *tx, const struct current *row, bool bypass, bool *permits_r, struct err *e)
{
	struct lock_ask ask = {.bypass = bypass};
	struct lock l;

	*permits_r = true;
	if (!row->exists || !(row->flags & OBJECT_HAS_LOCK))
		return 0;
	if (lock_get(tx, row, &l, e) != 0 || lock_now(tx, &ask.at_us, e) != 0)
		return -1;
	*permits_r = lock_permits(&l, &ask);
	return 0;
}

int lock_refuse(struct err *e)
{
	return err_fail_why(e, ERR_DENIED, REASON_LOCKED, "the version is locked");
}

/* ---- changes ---- */

struct lock_op {
	const struct meta_version_ref *ref;
	const struct meta_lock_change *change;
	struct version_id *version;
};

static int change(
	struct tx *tx, const struct meta_lock_change *ch, struct lock *l, struct err *e)
{
	struct lock_ask ask = {.to = ch->retention, .bypass = ch->bypass};

	if (ch->hold != LOCK_HOLD_UNSET)
		l->hold = ch->hold;
	if (!ch->retention)
		return 0;
	if (lock_now(tx, &ask.at_us, e) != 0)
		return -1;
	if (!lock_permits(l, &ask))
		return lock_refuse(e);
	if (check_date(ch->retention, ask.at_us, e) != 0)
		return -1;
	l->retention = *ch->retention;
	return 0;
}

static int op_set_lock(struct tx *tx, void *arg, struct err *e)
{
	const struct lock_op *op = arg;
	unsigned char blob[LOCK_BLOB_MAX];
	struct tx_bucket *b;
	struct current row;
	struct lock l;

	if (tx_bucket_get(tx, op->ref->bucket_id, &b, e) != 0 ||
		object_find(tx->c, op->ref, &row, e) != 0)
		return -1;
	if (!b->locks)
		return err_fail_why(e, ERR_INVALID, REASON_NO_LOCK, "the bucket has no lock");
	if (lock_get(tx, &row, &l, e) != 0 || change(tx, op->change, &l, e) != 0)
		return -1;
	*op->version = extras_version(&row);
	return extras_set(tx, op->ref, &row, OBJECT_HAS_LOCK, lock_encode(&l, blob), e);
}

static int sq_object_set_lock(struct meta *base, const struct meta_version_ref *ref,
	const struct meta_lock_change *change, struct version_id *version_r, struct err *e)
{
	struct lock_op op = {ref, change, version_r};

	return writer_do(sq(base), op_set_lock, &op, WRITE_PLAIN, e);
}

void sqlite_ops_locks(struct meta_ops *o)
{
	o->object_set_lock = sq_object_set_lock;
	o->lock_time = sq_lock_time;
}
