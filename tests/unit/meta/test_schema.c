/* SPDX-License-Identifier: MIT */
/* Migrations, pragmas that must take, damaged files, and writes that the disk refuses. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "meta/sqlite_int.h"
#include "tests/unit/meta/fixture.h"

static int64_t query(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q;
	int64_t v = -1;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return v;
}

/* ---- migrations ---- */

static const char *const steps[] = {
	"CREATE TABLE a(x INTEGER); INSERT INTO a VALUES(41)",
	"ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1",
	"CREATE TABLE b(z INTEGER)",
	"CREATE TABLE b(z INTEGER)",
};

static void an_older_schema_is_brought_up_step_by_step(void **state)
{
	struct fix *f = *state;
	struct conn *c;

	assert_ok(f, conn_open(NULL, CONN_WRITER, &c, &f->e));
	assert_ok(f, schema_migrate(c, steps, 1, &f->e));
	assert_int_equal(query(c->db, "SELECT version FROM schema_version"), 1);
	assert_ok(f, schema_migrate(c, steps, 3, &f->e));
	assert_int_equal(query(c->db, "SELECT version FROM schema_version"), 3);
	assert_int_equal(query(c->db, "SELECT y FROM a"), 42);
	assert_ok(f, schema_migrate(c, steps, 3, &f->e));
	conn_close(c);
}

/* What the first schema held is there after every later step. */
static void a_database_of_the_first_schema_is_taken_over(void **state)
{
	struct fix *f = *state;
	char path[sizeof(f->dir) + 16];
	struct meta_config cfg = {.path = path, .clock = &f->clock, .is_tool = true};
	struct conn *c;
	struct meta *m;
	struct meta_bucket *b;
	size_t n;

	snprintf(path, sizeof(path), "%s/first.db", f->dir);
	assert_ok(f, conn_open(path, CONN_WRITER, &c, &f->e));
	assert_ok(f, schema_migrate(c, schema_steps, 1, &f->e));
	assert_ok(f,
		conn_exec(c->db,
			"INSERT INTO bucket(tenant_id, name, owner_id, location, created_us, "
			"flags) "
			"VALUES(0, 'old', 7, '', 1, 0)",
			&f->e));
	conn_close(c);
	assert_ok(f, meta_sqlite_open(&cfg, &m, &f->e));
	assert_ok(
		f, m->ops->bucket_list(m, 0, 7, SPAN_NULL, SPAN_NULL, 10, f->a, &b, &n, &f->e));
	assert_int_equal(n, 1);
	assert_string_equal(b[0].name, "old");
	meta_free(m);
	assert_ok(f, conn_open(path, CONN_READER, &c, &f->e));
	assert_int_equal(
		query(c->db, "SELECT version FROM schema_version"), schema_steps_count);
	conn_close(c);
}

/* What was there before versions counts as one each, and is found as the null version. */
static void objects_from_before_versions_are_their_only_ones(void **state)
{
	struct fix *f = *state;
	const struct version_id null_version = {0};
	struct meta_bucket b;
	struct meta_object o;
	struct conn *c;

	meta_free(f->m);
	f->m = NULL;
	assert_int_equal(unlink(f->path), 0);
	assert_ok(f, conn_open(f->path, CONN_WRITER, &c, &f->e));
	assert_ok(f, schema_migrate(c, schema_steps, 3, &f->e));
	assert_ok(f,
		conn_exec(c->db,
			"INSERT INTO bucket(tenant_id, name, owner_id, location, created_us, "
			"flags, bytes, objects) VALUES(0, 'old', 0, '', 1, 0, 7, 1);"
			"INSERT INTO object VALUES(1, x'6b', 5, 9, 0, 7, 5, "
			"zeroblob(16), 0, NULL, 0, NULL, NULL);"
			"INSERT INTO completed VALUES(9, 1, x'6b', x'00', zeroblob(16), 1, "
			"NULL, 5, 5, 7, 5)",
			&f->e));
	conn_close(c);
	f->m = fix_open_again(f, false);
	assert_non_null(f->m);
	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("old"), f->a, &b, &f->e));
	assert_int_equal(b.versions, 1);
	assert_int_equal(meta_bucket_versioning(&b), META_VERSIONING_OFF);
	assert_ok(f,
		f->m->ops->object_get_version(
			f->m, b.id, SPAN_LIT("k"), &null_version, f->a, &o, &f->e));
	assert_int_equal(o.gen, 9);
	fix_assert_counted(f);
}

static void a_step_that_fails_changes_nothing(void **state)
{
	struct fix *f = *state;
	struct conn *c;

	assert_ok(f, conn_open(NULL, CONN_WRITER, &c, &f->e));
	assert_ok(f, schema_migrate(c, steps, 1, &f->e));
	assert_int_equal(schema_migrate(c, steps, 4, &f->e), -1);
	assert_int_equal(query(c->db, "SELECT version FROM schema_version"), 1);
	assert_int_equal(
		query(c->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
	conn_close(c);
}

static void a_newer_schema_is_refused(void **state)
{
	struct fix *f = *state;
	sqlite3 *db;

	meta_free(f->m);
	f->m = NULL;
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE schema_version SET version = version + 1",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_null(fix_open_again(f, false));
	assert_int_equal(f->e.kind, ERR_UNSUPPORTED);
}

/* ---- opening ---- */

static void a_pragma_that_did_not_take_is_refused(void **state)
{
	struct fix *f = *state;
	struct conn *c;

	assert_ok(f, conn_open(f->path, CONN_WRITER, &c, &f->e));
	assert_ok(f, conn_check_pragmas(c->db, CONN_WRITER, &f->e));
	assert_ok(f, conn_exec(c->db, "PRAGMA synchronous = NORMAL", &f->e));
	assert_fails(f, conn_check_pragmas(c->db, CONN_WRITER, &f->e), ERR_IO, 0);
	assert_non_null(strstr(f->e.text, "synchronous"));
	assert_ok(f,
		conn_exec(c->db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000",
			&f->e));
	assert_fails(f, conn_check_pragmas(c->db, CONN_WRITER, &f->e), ERR_IO, 0);
	conn_close(c);
}

static void a_reader_cannot_write(void **state)
{
	struct fix *f = *state;
	struct conn *c;

	assert_ok(f, conn_open(f->path, CONN_READER, &c, &f->e));
	assert_int_equal(conn_exec(c->db, "DELETE FROM bucket", &f->e), -1);
	conn_close(c);
}

static void a_damaged_file_is_an_error(void **state)
{
	struct fix *f = *state;
	char wal[256];
	FILE *file;

	meta_free(f->m);
	f->m = NULL;
	snprintf(wal, sizeof(wal), "%s-wal", f->path); /* it would repair the pages it holds */
	assert_int_equal(unlink(wal), 0);
	file = fopen(f->path, "w");
	for (int i = 0; i < 2000; i++)
		fputs("not a database ", file);
	fclose(file);
	assert_null(fix_open_again(f, false));
	assert_int_equal(f->e.kind, ERR_IO);
}

static void a_missing_directory_is_an_error(void **state)
{
	struct fix *f = *state;
	struct meta_config cfg = {.path = "/nonexistent/maxiofs.db", .clock = &f->clock};
	struct meta *m;

	assert_fails(f, meta_sqlite_open(&cfg, &m, &f->e), ERR_NOT_FOUND, 0);
}

static void the_files_are_private(void **state)
{
	static const char *const names[] = {"maxiofs.db", "maxiofs.db-wal", "maxiofs.db-shm",
		"meta.lock", "meta.shm", "leases.lock"};
	struct fix *f = *state;
	struct stat st;
	char path[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* ---- the disk says no ---- */

static void limit_file_size(rlim_t bytes)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

/* On a full disk a delete must still find room. */
static void log_and_database_have_room_from_the_start(void **state)
{
	struct fix *f = *state;
	char wal[256];
	struct stat st;

	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size >= 16 << 20);
	assert_true(st.st_blocks * 512 >= 16 << 20);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 4 << 20);
	fix_put(f, f->bucket_id, "k", 1);
	meta_free(f->m);
	f->m = fix_open_again(f, false);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 4 << 20);
}

static void a_failed_commit_is_an_error_and_the_next_one_works(void **state)
{
	struct fix *f = *state;
	char wal[256];
	struct stat st;
	struct meta_object o;
	struct meta_stats s;
	uint64_t gen;
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);

	fix_put(f, f->bucket_id, "before", 1);
	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(stat(wal, &st), 0);
	/* The log has its room from the start; its used part must not grow past this. */
	limit_file_size(300000);
	int rc = 0;
	char key[32];
	for (int i = 0; i < 200 && rc == 0; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		rc = fix_put_in(f->m, f->bucket_id, span_str(key), 1, &gen, &f->e);
	}
	limit_file_size(RLIM_INFINITY);
	assert_int_equal(rc, -1);
	assert_int_equal(f->e.kind, ERR_IO);
	signal(SIGXFSZ, old);
	f->m->ops->stats(f->m, &s);
	assert_int_equal(s.failures, 1);
	assert_ok(f,
		f->m->ops->object_get(f->m, f->bucket_id, SPAN_LIT("before"), f->a, &o, &f->e));
	fix_put(f, f->bucket_id, "after", 1);
	assert_ok(f,
		f->m->ops->object_get(f->m, f->bucket_id, SPAN_LIT("after"), f->a, &o, &f->e));
	fix_assert_counted(f);
}

static void without_descriptors_a_read_says_try_again(void **state)
{
	struct fix *f = *state;
	struct meta_object o;
	struct rlimit r, few;
	int fd = dup(0);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	few = (struct rlimit){(rlim_t)fd, r.rlim_max};
	close(fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	int rc = f->m->ops->object_get(f->m, f->bucket_id, SPAN_LIT("k"), f->a, &o, &f->e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(f->e.kind, ERR_BUSY);
	assert_fails(f,
		f->m->ops->object_get(f->m, f->bucket_id, SPAN_LIT("k"), f->a, &o, &f->e),
		ERR_NOT_FOUND, REASON_KEY);
}

/* An operation that writes, then fails: nothing of it may stay, all else of its batch must. */
static int op_write_then_fail(struct tx *tx, void *arg, struct err *e)
{
	struct setting_arg {
		struct span name;
	} *s = arg;

	if (conn_run(tx->c, ST_SETTING_PUT, BINDS(BT(s->name), BB(SPAN_LIT("v"))), e) != 0)
		return -1;
	return err_fail(e, ERR_QUOTA, "changed my mind");
}

static void *fail_many(void *arg)
{
	struct fix *f = arg;
	struct span name = SPAN_LIT("undone");
	struct err e;

	for (int i = 0; i < 200; i++) {
		assert_int_equal(
			writer_do(sq(f->m), op_write_then_fail, &name, WRITE_PLAIN, &e), -1);
		assert_int_equal(e.kind, ERR_QUOTA);
	}
	return NULL;
}

static void *put_many(void *arg)
{
	struct fix *f = arg;
	struct err e;
	char name[32];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(f->m->ops->setting_put(f->m, name, SPAN_LIT("v"), &e), 0);
	}
	return NULL;
}

static void an_operation_that_fails_is_undone_alone(void **state)
{
	struct fix *f = *state;
	pthread_t t[6];
	struct span v;
	char name[32];

	for (int i = 0; i < 6; i++)
		assert_int_equal(
			pthread_create(&t[i], NULL, i % 2 ? fail_many : put_many, f), 0);
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	assert_fails(
		f, f->m->ops->setting_get(f->m, "undone", f->a, &v, &f->e), ERR_NOT_FOUND, 0);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_ok(f, f->m->ops->setting_get(f->m, name, f->a, &v, &f->e));
	}
}

static void wrong_counters_are_found_and_repaired(void **state)
{
	struct fix *f = *state;
	int64_t t = fix_tenant(f, "tenant-00000001", "t");
	uint64_t wrong;
	sqlite3 *db;

	fix_put(f, fix_bucket(f, t, 0, "bbb"), "k", 5);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	assert_int_equal(
		sqlite3_exec(db, "UPDATE bucket SET bytes = 9; UPDATE tenant SET buckets = 7",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_ok(f, f->m->ops->recount(f->m, false, &wrong, &f->e));
	assert_int_equal(wrong, 3);
	assert_ok(f, f->m->ops->recount(f->m, true, &wrong, &f->e));
	assert_int_equal(wrong, 3);
	fix_assert_counted(f);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded_dir, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(an_older_schema_is_brought_up_step_by_step),
		T(a_database_of_the_first_schema_is_taken_over),
		T(objects_from_before_versions_are_their_only_ones),
		T(a_step_that_fails_changes_nothing),
		T(a_newer_schema_is_refused),
		T(a_pragma_that_did_not_take_is_refused),
		T(a_reader_cannot_write),
		T(a_damaged_file_is_an_error),
		T(a_missing_directory_is_an_error),
		T(the_files_are_private),
		T(log_and_database_have_room_from_the_start),
		T(a_failed_commit_is_an_error_and_the_next_one_works),
		T(without_descriptors_a_read_says_try_again),
		T(an_operation_that_fails_is_undone_alone),
		T(wrong_counters_are_found_and_repaired),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
