/* SPDX-License-Identifier: MIT */
/*
 * One SQLite connection: opened with our pragmas, which are read back because SQLite ignores
 * what it does not like; statements are prepared once and kept (preparing again halves the
 * rate).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "meta/sqlite_int.h"

static const char *const stmt_sql[ST_COUNT] = {
#define STMT(id, sql) [ST_##id] = sql,
#include "meta/stmts.def"
#undef STMT
};

struct pragma {
	const char *name, *writer,
		*reader; /* values as read back; NULL: not set for this kind */
};

static const struct pragma pragmas[] = {
	{"journal_mode", "wal", "wal"},
	{"synchronous", "2", "2"},
	{"wal_autocheckpoint", "0", "0"},
	{"journal_size_limit", "-1", "-1"},
	{"secure_delete", "0", "0"},
	{"mmap_size", "0", "0"},
	{"cache_size", "-65536", "-4096"},
	{"query_only", "0", "1"},
};

static enum err_kind kind_of(int code, int sys)
{
	switch (code & 0xff) {
	case SQLITE_CANTOPEN:
		return sys == EMFILE || sys == ENFILE ? ERR_BUSY : ERR_IO;
	case SQLITE_FULL:
		return ERR_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOMEM:
	case SQLITE_MISUSE:
	case SQLITE_CONSTRAINT:
	case SQLITE_RANGE:
		return ERR_INTERNAL;
	default:
		return ERR_IO;
	}
}

int conn_fail_at(sqlite3 *db, struct err *e, const char *where, const char *what)
{
	int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
	int sys = db && (code & 0xff) != SQLITE_CONSTRAINT ? sqlite3_system_errno(db) : 0;

	return err_set(e, kind_of(code, sys), 0, sys, where, "%s: %s (%d)", what,
		db ? sqlite3_errmsg(db) : "no memory", code);
}

int conn_exec(sqlite3 *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return conn_fail_at(db, e, ERR_WHERE, sql);
	return 0;
}

/* The one value that a pragma answers, into out. */
static int pragma_read(sqlite3 *db, const char *name, char *out, size_t size, struct err *e)
{
	char sql[64];
	sqlite3_stmt *q;
	int rc;

	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		return conn_fail_at(db, e, ERR_WHERE, sql);
	rc = sqlite3_step(q);
	out[0] = '\0';
	if (rc == SQLITE_ROW)
		snprintf(out, size, "%s", (const char *)sqlite3_column_text(q, 0));
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		conn_fail_at(db, e, ERR_WHERE, sql);
		sqlite3_finalize(q);
		return -1;
	}
	sqlite3_finalize(q);
	return 0;
}

int conn_check_pragmas(sqlite3 *db, enum conn_kind kind, struct err *e)
{
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
		const struct pragma *p = &pragmas[i];
		const char *want = kind == CONN_WRITER ? p->writer : p->reader;
		char got[32];

		if (pragma_read(db, p->name, got, sizeof(got), e) != 0)
			return -1;
		if (strcmp(got, want) != 0)
			return err_fail(e, ERR_IO, "pragma %s is %s, not %s: refusing to run",
				p->name, got, want);
	}
	return 0;
}

static int pragmas_set(sqlite3 *db, enum conn_kind kind, struct err *e)
{
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
		const struct pragma *p = &pragmas[i];
		char sql[64];

		snprintf(sql, sizeof(sql), "PRAGMA %s = %s", p->name,
			kind == CONN_WRITER ? p->writer : p->reader);
		if (conn_exec(db, sql, e) != 0)
			return -1;
	}
	return conn_check_pragmas(db, kind, e);
}

/* A new database gets mode 0600. O_EXCL: a file that exists must never be closed by us. */
static void create_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static void configure_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int setup(struct conn *c, enum conn_kind kind, struct err *e)
{
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_timeout(c->db, CONN_BUSY_MS);
	if (c->memory)
		return 0;
	if (sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK)
		return conn_fail(c, e, "no checkpoint on close");
	return pragmas_set(c->db, kind, e);
}

int conn_open(const char *path, enum conn_kind kind, struct conn **c_r, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return err_fail(e, ERR_INTERNAL, "no memory for a connection");
	pthread_once(&once, configure_library);
	c->memory = !path;
	if (path && kind == CONN_WRITER)
		create_private(path);
	if (sqlite3_open_v2(path ? path : ":memory:", &c->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK) {
		conn_fail(c, e, path ? path : ":memory:");
		conn_close(c);
		return -1;
	}
	if (setup(c, kind, e) != 0) {
		conn_close(c);
		return -1;
	}
	*c_r = c;
	return 0;
}

void conn_close(struct conn *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < ST_COUNT; i++)
		sqlite3_finalize(c->st[i]);
	if (c->db && sqlite3_close(c->db) != SQLITE_OK)
		log_error("metadata: closing a connection: %s", sqlite3_errmsg(c->db));
	free(c);
}

static int bind_one(sqlite3_stmt *q, int at, const struct bindv *v)
{
	switch (v->type) {
	case BIND_INT:
		return sqlite3_bind_int64(q, at, v->i);
	case BIND_BLOB:
		if (!v->s.p)
			return sqlite3_bind_null(q, at);
		return sqlite3_bind_blob64(q, at, v->s.p, v->s.n, SQLITE_STATIC);
	case BIND_TEXT:
		if (!v->s.p)
			return sqlite3_bind_null(q, at);
		return sqlite3_bind_text64(q, at, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
	}
	return SQLITE_MISUSE;
}

int conn_query(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n,
	sqlite3_stmt **q_r, struct err *e)
{
	sqlite3_stmt *q = c->st[id];

	if (!q) {
		if (sqlite3_prepare_v3(c->db, stmt_sql[id], -1, SQLITE_PREPARE_PERSISTENT, &q,
			    NULL) != SQLITE_OK)
			return conn_fail(c, e, stmt_sql[id]);
		c->st[id] = q;
	}
	for (size_t i = 0; i < n; i++)
		if (bind_one(q, (int)i + 1, &v[i]) != SQLITE_OK)
			return conn_fail(c, e, stmt_sql[id]);
	*q_r = q;
	return 0;
}

int conn_step(struct conn *c, sqlite3_stmt *q, bool *row_r, struct err *e)
{
	int rc = sqlite3_step(q);

	*row_r = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW)
		return 0;
	if (rc != SQLITE_DONE)
		conn_fail(c, e, sqlite3_sql(q));
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : -1;
}

void conn_done(sqlite3_stmt *q)
{
	sqlite3_reset(q);
}

int conn_one(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n,
	sqlite3_stmt **q_r, bool *row_r, struct err *e)
{
	*row_r = false;
	if (conn_query(c, id, v, n, q_r, e) != 0)
		return -1;
	return conn_step(c, *q_r, row_r, e);
}

int conn_run(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	if (conn_one(c, id, v, n, &q, &row, e) != 0)
		return -1;
	if (row)
		conn_done(q);
	return 0;
}

int conn_int(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n, int64_t missing,
	int64_t *v_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	*v_r = missing;
	if (conn_one(c, id, v, n, &q, &row, e) != 0)
		return -1;
	if (row) {
		*v_r = sqlite3_column_int64(q, 0);
		conn_done(q);
	}
	return 0;
}

int64_t col_i64(sqlite3_stmt *q, int i)
{
	return sqlite3_column_int64(q, i);
}

uint64_t col_u64(sqlite3_stmt *q, int i)
{
	return (uint64_t)sqlite3_column_int64(q, i);
}

uint32_t col_u32(sqlite3_stmt *q, int i)
{
	return (uint32_t)sqlite3_column_int64(q, i);
}

struct span col_raw(sqlite3_stmt *q, int i)
{
	const void *p;

	if (sqlite3_column_type(q, i) == SQLITE_NULL)
		return SPAN_NULL;
	p = sqlite3_column_blob(q, i);
	return span_of(p ? p : "", (size_t)sqlite3_column_bytes(q, i));
}

struct span col_span(sqlite3_stmt *q, int i, struct arena *a)
{
	return arena_dup(a, col_raw(q, i));
}

const char *col_cstr(sqlite3_stmt *q, int i, struct arena *a)
{
	return arena_strndup(a, col_raw(q, i));
}

void col_bytes(sqlite3_stmt *q, int i, void *out, size_t n)
{
	struct span s = col_raw(q, i);

	if (s.n == n && n > 0)
		memcpy(out, s.p, n);
	else
		memset(out, 0, n);
}

void col_checksum(sqlite3_stmt *q, int i, struct checksum *c_r)
{
	struct span s = col_raw(q, i);

	memset(c_r, 0, sizeof(*c_r));
	if (s.n > 0 && !checksum_from_blob(s, c_r))
		memset(c_r, 0, sizeof(*c_r));
}

void col_text(sqlite3_stmt *q, int i, char *out, size_t size)
{
	struct span s = span_head(col_raw(q, i), size - 1);

	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size)
{
	void *bigger;

	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	bigger = arena_calloc(a, *cap, size);
	if (n > 0)
		memcpy(bigger, array, n * size);
	return bigger;
}
