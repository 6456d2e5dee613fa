/* SPDX-License-Identifier: MIT */
/* What is configured of a bucket: a document of each kind. Its flags say which there are, so
 * that nobody asks for one that is not. */
#include "meta/sqlite_int.h"

const char *meta_versioning_name(enum meta_versioning how)
{
	switch (how) {
	case META_VERSIONING_OFF:
		return "off";
	case META_VERSIONING_ENABLED:
		return "enabled";
	case META_VERSIONING_SUSPENDED:
		return "suspended";
	}
	return "unknown";
}

const char *meta_config_name(enum meta_config_kind kind)
{
	static const char *const names[META_CONFIG_COUNT] = {
#define X(id, number, name) [META_CONFIG_##id] = name,
		META_CONFIGS(X)
#undef X
	};

	return (unsigned)kind < META_CONFIG_COUNT ? names[kind] : "unknown";
}

struct config_in {
	int64_t id;
	enum meta_config_kind kind;
	struct span document;
};

static int set_flag(struct tx *tx, const struct config_in *in, bool is_set, struct err *e)
{
	uint32_t bit = 1u << (META_CONFIG_BIT + in->kind);

	return conn_run(tx->c, ST_BUCKET_SET_FLAGS,
		BINDS(BI(in->id), BI(bit), BI(is_set ? bit : 0)), e);
}

static int op_put(struct tx *tx, void *arg, struct err *e)
{
	const struct config_in *in = arg;
	bool is_lock = in->kind == META_CONFIG_OBJECT_LOCK;
	struct tx_bucket *b;

	if (tx_bucket_get(tx, in->id, &b, e) != 0)
		return -1;
	if (is_lock && b->versioning != META_VERSIONING_ENABLED)
		return err_fail_why(e, ERR_PRECONDITION, REASON_BUCKET_STATE,
			"Object Lock needs versioning");
	if (is_lock && lock_time_begin(tx, e) != 0)
		return -1;
	if (conn_run(tx->c, ST_CONFIG_PUT, BINDS(BI(in->id), BI(in->kind), BB(in->document)),
		    e) != 0 ||
		set_flag(tx, in, true, e) != 0)
		return -1;
	b->locks |= is_lock; /* for what follows in this batch */
	b->default_known &= !is_lock;
	return 0;
}

static int sq_config_put(struct meta *base, int64_t id, enum meta_config_kind kind,
	struct span document, struct err *e)
{
	struct config_in in = {id, kind, span_absent(document) ? SPAN_LIT("") : document};

	if (document.n > META_CONFIG_MAX_BYTES)
		return err_fail(e, ERR_LIMIT, "a configuration of %zu bytes", document.n);
	return writer_do(sq(base), op_put, &in, WRITE_EPOCH, e);
}

static int op_delete(struct tx *tx, void *arg, struct err *e)
{
	const struct config_in *in = arg;
	struct tx_bucket *b;

	if (tx_bucket_get(tx, in->id, &b, e) != 0 ||
		conn_run(tx->c, ST_CONFIG_DELETE, BINDS(BI(in->id), BI(in->kind)), e) != 0)
		return -1;
	return set_flag(tx, in, false, e);
}

static int sq_config_delete(
	struct meta *base, int64_t id, enum meta_config_kind kind, struct err *e)
{
	struct config_in in = {.id = id, .kind = kind};

	if (kind == META_CONFIG_OBJECT_LOCK)
		return err_fail_why(
			e, ERR_PRECONDITION, REASON_BUCKET_STATE, "Object Lock stays");
	return writer_do(sq(base), op_delete, &in, WRITE_EPOCH, e);
}

static int sq_config_get(struct meta *base, int64_t id, enum meta_config_kind kind,
	struct arena *a, struct span *document_r, struct err *e)
{
	struct conn *c;
	sqlite3_stmt *q;
	bool row;

	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = conn_one(c, ST_CONFIG_GET, BINDS(BI(id), BI(kind)), &q, &row, e);
	if (rc == 0 && row) {
		*document_r = col_span(q, 0, a);
		conn_done(q);
	} else if (rc == 0) {
		rc = err_fail_why(e, ERR_NOT_FOUND, REASON_CONFIG, "no %s configuration",
			meta_config_name(kind));
	}
	reader_put(sq(base), c);
	return rc;
}

void sqlite_ops_configs(struct meta_ops *o)
{
	o->bucket_config_get = sq_config_get;
	o->bucket_config_put = sq_config_put;
	o->bucket_config_delete = sq_config_delete;
}
