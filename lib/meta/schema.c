/* SPDX-License-Identifier: MIT */
/*
 * The schema, as steps that are only ever appended: a database at version N has had the first
 * N. Keys are BLOBs (raw byte order). There is no is_latest flag: the first row of a key,
 * newest first, is the current one. Row ids that leave the process are AUTOINCREMENT: never
 * reused. A step may run beside an older process that still drains: it takes nothing away that
 * statements of before name.
 */
#include "meta/sqlite_int.h"

static const char step_1[] =
	"CREATE TABLE setting(name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) STRICT, "
	"WITHOUT ROWID;"
	"CREATE TABLE probe(id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL) STRICT;"
	"CREATE TABLE proc(id INTEGER PRIMARY KEY AUTOINCREMENT, is_tool INTEGER NOT NULL, "
	"  clean INTEGER NOT NULL, started_us INTEGER NOT NULL) STRICT;"
	"CREATE TABLE gen_block(node INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;"
	/* full_us: when the block was used up; 0: still in use */
	"CREATE TABLE lease(lo INTEGER PRIMARY KEY, hi INTEGER NOT NULL, proc INTEGER NOT "
	"NULL, "
	"  full_us INTEGER NOT NULL) STRICT;"
	"CREATE TABLE revoked(jti BLOB PRIMARY KEY NOT NULL, expires_us INTEGER NOT NULL) "
	"  STRICT, WITHOUT ROWID;"
	"CREATE TABLE tenant(id INTEGER PRIMARY KEY AUTOINCREMENT, pub TEXT NOT NULL UNIQUE, "
	"  name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, status INTEGER NOT NULL, "
	"  created_us INTEGER NOT NULL, bytes INTEGER NOT NULL DEFAULT 0, "
	"  objects INTEGER NOT NULL DEFAULT 0, buckets INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE TABLE user(id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id INTEGER NOT NULL, "
	"  name TEXT NOT NULL, display_name TEXT NOT NULL, email TEXT NOT NULL, "
	"  canonical_id TEXT NOT NULL UNIQUE, role INTEGER NOT NULL, status INTEGER NOT NULL, "
	"  password_hash TEXT NOT NULL, sessions_after_us INTEGER NOT NULL, created_us INTEGER "
	"NOT NULL, "
	"  UNIQUE(tenant_id, name)) STRICT;"
	"CREATE TABLE access_key(access_key TEXT PRIMARY KEY NOT NULL, user_id INTEGER NOT "
	"NULL, "
	"  secret BLOB NOT NULL, status INTEGER NOT NULL, expires_us INTEGER NOT NULL, "
	"  created_us INTEGER NOT NULL, description TEXT NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE INDEX access_key_user ON access_key(user_id);"
	"CREATE TABLE bucket(id INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id INTEGER NOT NULL, "
	"  name TEXT NOT NULL, owner_id INTEGER NOT NULL, location TEXT NOT NULL, "
	"  created_us INTEGER NOT NULL, flags INTEGER NOT NULL, bytes INTEGER NOT NULL DEFAULT "
	"0, "
	"  objects INTEGER NOT NULL DEFAULT 0, UNIQUE(tenant_id, name)) STRICT;"
	"CREATE INDEX bucket_name ON bucket(name, tenant_id);"
	"CREATE INDEX bucket_owner ON bucket(owner_id);"
	"CREATE TABLE object(bucket_id INTEGER NOT NULL, key BLOB NOT NULL, vseq INTEGER NOT "
	"NULL, "
	"  gen INTEGER NOT NULL, flags INTEGER NOT NULL, size INTEGER NOT NULL, mtime_us "
	"INTEGER NOT NULL, "
	"  etag BLOB NOT NULL, nparts INTEGER NOT NULL, cksum BLOB, owner_id INTEGER NOT NULL, "
	"ctype BLOB, "
	"  meta BLOB, PRIMARY KEY(bucket_id, key, vseq DESC)) STRICT, WITHOUT ROWID;"
	/* what is too long for an object's row (they spill at about 1000 bytes) */
	"CREATE TABLE object_ext(gen INTEGER PRIMARY KEY, ctype BLOB, meta BLOB, tags BLOB, "
	"lock BLOB) STRICT;"
	"CREATE TABLE part(gen INTEGER NOT NULL, no INTEGER NOT NULL, pgen INTEGER NOT NULL, "
	"  off INTEGER NOT NULL, size INTEGER NOT NULL, mtime_us INTEGER NOT NULL, md5 BLOB "
	"NOT NULL, "
	"  cksum BLOB, PRIMARY KEY(gen, no)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE upload(bucket_id INTEGER NOT NULL, key BLOB NOT NULL, gen INTEGER NOT "
	"NULL, "
	"  started_us INTEGER NOT NULL, initiator_id INTEGER NOT NULL, ctype BLOB, meta BLOB, "
	"  ck_alg INTEGER NOT NULL, ck_type INTEGER NOT NULL, PRIMARY KEY(bucket_id, key, "
	"gen)) "
	"  STRICT, WITHOUT ROWID;"
	/* completed uploads, for a repeated CompleteMultipartUpload */
	"CREATE TABLE completed(gen INTEGER PRIMARY KEY, bucket_id INTEGER NOT NULL, key BLOB "
	"NOT NULL, "
	"  list BLOB NOT NULL, etag BLOB NOT NULL, nparts INTEGER NOT NULL, cksum BLOB, "
	"  vseq INTEGER NOT NULL, mtime_us INTEGER NOT NULL, size INTEGER NOT NULL, "
	"  done_us INTEGER NOT NULL) STRICT;"
	"CREATE INDEX completed_done ON completed(done_us);"
	/* tenant and bucket by name, because their rows may be gone */
	"CREATE TABLE gc(id INTEGER PRIMARY KEY, due_us INTEGER NOT NULL, kind INTEGER NOT "
	"NULL, "
	"  tenant_pub TEXT NOT NULL, bucket TEXT NOT NULL, key BLOB, gen INTEGER NOT NULL, "
	"  part_no INTEGER NOT NULL, part_gen INTEGER NOT NULL) STRICT;"
	"CREATE INDEX gc_gen ON gc(gen);";

static const char step_2[] =
	"CREATE TABLE tenant_domain(domain TEXT PRIMARY KEY NOT NULL, tenant_id INTEGER NOT NULL) "
	"  STRICT, WITHOUT ROWID;"
	"CREATE INDEX tenant_domain_tenant ON tenant_domain(tenant_id);";

static const char step_3[] =
	/* the buckets of one owner in the order of ListBuckets */
	"DROP INDEX bucket_owner;"
	"CREATE INDEX bucket_owner ON bucket(owner_id, tenant_id, name);";

/* Versions. What was written before has no flags: null versions, each the only one of its key.
 */
static const char step_4[] =
	"ALTER TABLE bucket ADD COLUMN versions INTEGER NOT NULL DEFAULT 0;"
	"UPDATE bucket SET versions = objects;"
	"ALTER TABLE completed ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;"
	/* null versions below others: OBJECT_BURIED */
	"CREATE INDEX object_buried ON object(bucket_id, key) WHERE (flags & 4) != 0;";

/* flags of the bucket tell which kinds there are. */
static const char step_5[] =
	"CREATE TABLE bucket_config(bucket_id INTEGER NOT NULL, kind INTEGER NOT NULL, "
	"  document BLOB NOT NULL, PRIMARY KEY(bucket_id, kind)) STRICT, WITHOUT ROWID;";

static const char step_6[] =
	"ALTER TABLE upload ADD COLUMN tags BLOB;"
	"ALTER TABLE upload ADD COLUMN lock BLOB;";

const char *const schema_steps[] = {step_1, step_2, step_3, step_4, step_5, step_6};
const unsigned schema_steps_count = sizeof(schema_steps) / sizeof(schema_steps[0]);

/* 0 for an empty database. */
static int version_get(sqlite3 *db, unsigned *version_r, struct err *e)
{
	static const char sql[] = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND "
				  "name = 'schema_version'";
	sqlite3_stmt *q;
	int rc;

	*version_r = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		return conn_fail_at(db, e, ERR_WHERE, "schema version");
	rc = sqlite3_step(q);
	int there = rc == SQLITE_ROW ? sqlite3_column_int(q, 0) : 0;
	sqlite3_finalize(q);
	if (rc != SQLITE_ROW)
		return conn_fail_at(db, e, ERR_WHERE, "schema version");
	if (!there)
		return 0;
	if (sqlite3_prepare_v2(db, "SELECT version FROM schema_version", -1, &q, NULL) !=
		SQLITE_OK)
		return conn_fail_at(db, e, ERR_WHERE, "schema version");
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*version_r = (unsigned)sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	if (rc != SQLITE_ROW)
		return err_fail(e, ERR_IO, "the schema's version is missing");
	return 0;
}

static int version_set(sqlite3 *db, unsigned version, struct err *e)
{
	char *sql = sqlite3_mprintf(
		"CREATE TABLE IF NOT EXISTS schema_version(version INTEGER NOT NULL) STRICT;"
		"DELETE FROM schema_version;"
		"INSERT INTO schema_version(version) VALUES(%u)",
		version);
	int rc;

	if (!sql)
		return err_fail(e, ERR_INTERNAL, "no memory");
	rc = conn_exec(db, sql, e);
	sqlite3_free(sql);
	return rc;
}

static int apply(
	sqlite3 *db, const char *const *steps, unsigned from, unsigned count, struct err *e)
{
	for (unsigned i = from; i < count; i++)
		if (conn_exec(db, steps[i], e) != 0)
			return -1;
	return version_set(db, count, e);
}

int schema_migrate(struct conn *c, const char *const *steps, unsigned count, struct err *e)
{
	unsigned version;

	if (version_get(c->db, &version, e) != 0)
		return -1;
	if (version > count)
		return err_fail(e, ERR_UNSUPPORTED,
			"the database has schema %u; this program knows up to %u", version,
			count);
	if (version == count)
		return 0;
	if (conn_exec(c->db, "BEGIN IMMEDIATE", e) != 0)
		return -1;
	if (apply(c->db, steps, version, count, e) != 0 || conn_exec(c->db, "COMMIT", e) != 0) {
		(void)!conn_exec(c->db, "ROLLBACK", NULL);
		return -1;
	}
	return 0;
}
