/* SPDX-License-Identifier: MIT */
/*
 * The writer: one thread takes everything that is queued (up to BATCH_MAX) into one
 * transaction, so that one fsync pays for many. An operation that fails is undone alone, by a
 * savepoint. Callers wake only after COMMIT; when COMMIT fails nobody knows what is on disk, so
 * each of them gets ERR_IO and the connection is opened anew.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "meta/sqlite_int.h"

enum {
	BATCH_MAX = 1000,
	CHECKPOINT_PAGES = 4000,
	RESTART_PAGES = 4 * CHECKPOINT_PAGES,
	LOG_BYTES = 18 << 20,   /* what CHECKPOINT_PAGES take, and a large transaction */
	GROWTH_BYTES = 4 << 20, /* of the database */
	RESTART_WAIT_MS = 50,   /* for readers that hold the log; all writers wait meanwhile */
	REST_AFTER_S = 10
};

static int on_wal(void *arg, sqlite3 *db, const char *schema, int frames)
{
	struct writer *w = arg;

	(void)db;
	(void)schema;
	w->wal_frames = frames;
	return SQLITE_OK;
}

static int open_connection(struct meta_sqlite *m, struct err *e)
{
	struct writer *w = &m->writer;
	int step = GROWTH_BYTES;

	if (conn_open(m->cfg.path, CONN_WRITER, &w->c, e) != 0)
		return -1;
	if (!w->c->memory) {
		(void)sqlite3_file_control(w->c->db, NULL, SQLITE_FCNTL_CHUNK_SIZE, &step);
		/* After the pragmas: setting wal_autocheckpoint removes the hook. */
		sqlite3_wal_hook(w->c->db, on_wal, w);
	}
	w->ckpt_base = 0;
	return 0;
}

/* ---- counters and buckets of the batch ---- */

static struct tx_bucket *bucket_cached(struct tx *tx, int64_t id)
{
	for (size_t i = 0; i < tx->n_buckets; i++)
		if (tx->buckets[i].id == id && !tx->buckets[i].dead)
			return &tx->buckets[i];
	return NULL;
}

int tx_bucket_get(struct tx *tx, int64_t id, struct tx_bucket **b_r, struct err *e)
{
	sqlite3_stmt *q;
	struct tx_bucket *b = bucket_cached(tx, id);
	bool row;

	*b_r = b;
	if (b)
		return 0;
	if (conn_one(tx->c, ST_BUCKET_PLACE, BINDS(BI(id)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return err_fail_why(
			e, ERR_NOT_FOUND, REASON_BUCKET, "bucket %lld is gone", (long long)id);
	tx->buckets = arena_grow(tx->scratch, tx->buckets, tx->n_buckets, &tx->cap_buckets,
		sizeof(*tx->buckets));
	b = &tx->buckets[tx->n_buckets++];
	*b = (struct tx_bucket){.id = id,
		.tenant_id = col_i64(q, 0),
		.versioning = (enum meta_versioning)(col_u32(q, 3) & META_BUCKET_VERSIONING),
		.locks = (col_u32(q, 3) & META_BUCKET_LOCKS) != 0};
	col_text(q, 1, b->tenant_pub, sizeof(b->tenant_pub));
	col_text(q, 2, b->name, sizeof(b->name));
	conn_done(q);
	*b_r = b;
	return 0;
}

/* Sums what bucket i and all later ones of its tenant add, taking it from them. */
static int flush_tenant(struct tx *tx, size_t i, struct err *e)
{
	int64_t tenant_id = tx->buckets[i].tenant_id;
	struct tally sum = {0};

	for (; i < tx->n_buckets; i++) {
		struct tx_bucket *b = &tx->buckets[i];

		if (b->tenant_id != tenant_id)
			continue;
		tally_add(&sum, &b->sum);
		b->sum = (struct tally){0};
	}
	return conn_run(tx->c, ST_TENANT_COUNT,
		BINDS(BI(tenant_id), BI(sum.bytes), BI(sum.objects)), e);
}

static bool counts(const struct tx_bucket *b)
{
	return b->sum.bytes != 0 || b->sum.objects != 0 || b->sum.versions != 0;
}

int tx_flush_counters(struct tx *tx, struct err *e)
{
	for (size_t i = 0; i < tx->n_buckets; i++) {
		struct tx_bucket *b = &tx->buckets[i];

		if (!counts(b) || b->dead)
			continue;
		if (conn_run(tx->c, ST_BUCKET_COUNT,
			    BINDS(BI(b->id), BI(b->sum.bytes), BI(b->sum.objects),
				    BI(b->sum.versions)),
			    e) != 0)
			return -1;
	}
	for (size_t i = 0; i < tx->n_buckets; i++) {
		struct tx_bucket *b = &tx->buckets[i];

		if (b->tenant_id != 0 && counts(b) && flush_tenant(tx, i, e) != 0)
			return -1;
		b->sum = (struct tally){0};
	}
	return 0;
}

/* ---- one batch ---- */

/* An operation within a batch. -1: the whole transaction is lost. */
static int run_in_savepoint(struct tx *tx, struct write_op *op, struct err *e)
{
	if (conn_run(tx->c, ST_SAVEPOINT, NO_BINDS, e) != 0)
		return -1;
	op->rc = op->fn(tx, op->arg, &op->err);
	if (op->rc != 0 && sqlite3_get_autocommit(tx->c->db))
		return err_fail(e, ERR_IO, "transaction lost: %s", op->err.text);
	if (op->rc != 0 && conn_run(tx->c, ST_ROLLBACK_TO, NO_BINDS, e) != 0)
		return -1;
	return conn_run(tx->c, ST_RELEASE, NO_BINDS, e);
}

/* Runs all operations. *wrote_r: is there anything to commit? */
static int run_batch(struct tx *tx, struct write_op *batch, bool *wrote_r, struct err *e)
{
	*wrote_r = false;
	if (!batch->next) {
		batch->rc = batch->fn(tx, batch->arg, &batch->err);
		*wrote_r = batch->rc == 0;
		if (batch->rc != 0)
			return 0;
	} else {
		for (struct write_op *op = batch; op; op = op->next) {
			if (run_in_savepoint(tx, op, e) != 0)
				return -1;
			*wrote_r |= op->rc == 0;
		}
	}
	return tx_flush_counters(tx, e);
}

static void roll_back(struct conn *c)
{
	if (!sqlite3_get_autocommit(c->db) && conn_run(c, ST_ROLLBACK, NO_BINDS, NULL) != 0)
		log_error("metadata: rollback: %s", sqlite3_errmsg(c->db));
}

/* Every operation that had succeeded fails with what ended the transaction. */
static void fail_batch(struct write_op *batch, const struct err *why)
{
	for (struct write_op *op = batch; op; op = op->next)
		if (op->rc == 0) {
			op->rc = -1;
			op->err = *why;
		}
}

static void reopen(struct meta_sqlite *m)
{
	struct err e;

	conn_close(m->writer.c);
	m->writer.c = NULL;
	if (open_connection(m, &e) != 0)
		log_err(LOG_ERROR, &e, "metadata: opening the database anew");
}

/* The transaction failed: before COMMIT was tried nothing of it is on disk; after it, nobody
 * knows. */
static void abandon(
	struct meta_sqlite *m, struct write_op *batch, bool tried, const struct err *why)
{
	struct err e = *why;

	if (tried) {
		err_set(&e, ERR_IO, 0, why->sys, why->where,
			"commit failed, outcome unknown: %.120s", why->text);
	}
	log_err(LOG_ERROR, &e, "metadata: a transaction failed");
	atomic_fetch_add(&m->writer.failures, 1);
	roll_back(m->writer.c);
	fail_batch(batch, &e);
	if (!m->writer.c->memory)
		reopen(m);
}

static bool any_epoch(const struct write_op *batch)
{
	for (const struct write_op *op = batch; op; op = op->next)
		if (op->rc == 0 && (op->flags & WRITE_EPOCH))
			return true;
	return false;
}

/* Under the lock between processes. */
static void transact(struct meta_sqlite *m, struct write_op *batch)
{
	struct writer *w = &m->writer;
	struct err e;
	bool wrote;

	if (conn_run(w->c, ST_BEGIN_IMMEDIATE, NO_BINDS, &e) != 0) {
		fail_batch(batch, &e);
		if (e.kind == ERR_IO && !w->c->memory)
			reopen(m);
		return;
	}
	w->tx.c = w->c;
	w->tx.now_us = clock_now_us(m->cfg.clock);
	if (run_batch(&w->tx, batch, &wrote, &e) != 0) {
		abandon(m, batch, false, &e);
		return;
	}
	if (!wrote) {
		roll_back(w->c);
		return;
	}
	if (conn_run(w->c, ST_COMMIT, NO_BINDS, &e) != 0) {
		abandon(m, batch, true, &e);
		return;
	}
	atomic_fetch_add(&w->commits, 1);
	if (any_epoch(batch))
		atomic_fetch_add(&m->xlock.page->epoch, 1);
}

static void reset_tx(struct tx *tx)
{
	tx->buckets = NULL;
	tx->n_buckets = tx->cap_buckets = 0;
	arena_reset(tx->scratch);
}

static void wake_all(struct write_op *batch)
{
	while (batch) {
		struct write_op *op = batch;

		batch = op->next; /* op is gone once its caller runs */
		sem_post(&op->done);
	}
}

/* The only place that checkpoints: SQLite 3.40 can damage the log when two connections do. */
static void checkpoint(struct meta_sqlite *m, bool force)
{
	struct writer *w = &m->writer;
	int log_pages, done;

	if (w->c->memory)
		return;
	if (w->wal_frames < w->ckpt_base)
		w->ckpt_base = 0;
	if (!force && w->wal_frames - w->ckpt_base < CHECKPOINT_PAGES)
		return;
	int mode = w->wal_frames >= RESTART_PAGES ? SQLITE_CHECKPOINT_RESTART
						  : SQLITE_CHECKPOINT_PASSIVE;
	sqlite3_busy_timeout(w->c->db, RESTART_WAIT_MS);
	int rc = sqlite3_wal_checkpoint_v2(w->c->db, NULL, mode, &log_pages, &done);
	sqlite3_busy_timeout(w->c->db, CONN_BUSY_MS);
	if (rc != SQLITE_OK)
		log_warn("metadata: checkpoint: %s", sqlite3_errmsg(w->c->db));
	w->ckpt_base = w->wal_frames;
	atomic_fetch_add(&w->checkpoints, 1);
}

static void run_one_batch(struct meta_sqlite *m, struct write_op *batch)
{
	struct writer *w = &m->writer;
	struct err e;

	if (!w->c && open_connection(m, &e) != 0) {
		fail_batch(batch, &e);
		wake_all(batch);
		return;
	}
	if (xlock_take(&m->xlock, &e) != 0) {
		fail_batch(batch, &e);
		wake_all(batch);
		return;
	}
	if (w->c->memory)
		pthread_mutex_lock(&m->memory_lock);
	transact(m, batch);
	reset_tx(&w->tx);
	if (!w->c || !w->c->memory) {
		wake_all(batch);
		if (w->c)
			checkpoint(m, false);
	} else {
		pthread_mutex_unlock(&m->memory_lock);
		wake_all(batch);
	}
	xlock_release(&m->xlock);
}

/* ---- the queue ---- */

/* Cuts the next batch off the queue: up to BATCH_MAX operations, or one that wants to be alone.
 */
static struct write_op *take_batch(struct writer *w)
{
	struct write_op *first = w->head, *last = first;
	size_t n = 1;

	while (!(first->flags & WRITE_ALONE) && last->next && n < BATCH_MAX &&
		!(last->next->flags & WRITE_ALONE)) {
		last = last->next;
		n++;
	}
	w->head = last->next;
	if (!w->head)
		w->tail = &w->head;
	last->next = NULL;
	w->queued -= n;
	atomic_fetch_add(&w->ops, n);
	return first;
}

/* Nothing was written for a while: the page caches of all connections at rest go back to the
 * system, which keeps the same pages itself. Locked, but for that time. */
static void rest(struct meta_sqlite *m)
{
	struct writer *w = &m->writer;

	pthread_mutex_unlock(&w->lock);
	if (w->c && !w->c->memory)
		sqlite3_db_release_memory(w->c->db);
	readers_rest(&m->readers);
	malloc_trim(0);
	pthread_mutex_lock(&w->lock);
}

/* Waits for work; false when there will be none. Locked. */
static bool await_work(struct meta_sqlite *m)
{
	struct writer *w = &m->writer;
	struct timespec until;

	while (!w->head && !w->stop) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += REST_AFTER_S;
		if (pthread_cond_timedwait(&w->wake, &w->lock, &until) == ETIMEDOUT && !w->head)
			rest(m);
	}
	return w->head != NULL;
}

static void *writer_main(void *arg)
{
	struct meta_sqlite *m = arg;
	struct writer *w = &m->writer;

	pthread_mutex_lock(&w->lock);
	while (await_work(m)) {
		struct write_op *batch = take_batch(w);
		pthread_mutex_unlock(&w->lock);
		run_one_batch(m, batch);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int writer_do(struct meta_sqlite *m, tx_fn *fn, void *arg, unsigned flags, struct err *e)
{
	struct writer *w = &m->writer;
	struct write_op op = {.fn = fn, .arg = arg, .flags = flags};

	sem_init(&op.done, 0, 0);
	pthread_mutex_lock(&w->lock);
	bool was_empty = !w->head;
	*w->tail = &op;
	w->tail = &op.next;
	w->queued++;
	if (was_empty)
		pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	while (sem_wait(&op.done) != 0 && errno == EINTR)
		;
	sem_destroy(&op.done);
	if (op.rc != 0 && e)
		*e = op.err;
	return op.rc;
}

void writer_init(struct meta_sqlite *m)
{
	struct writer *w = &m->writer;

	pthread_condattr_t attr;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	w->tail = &w->head;
	w->tx.m = m;
	w->tx.scratch = arena_new();
}

/* Zeros behind what the log holds, up to its usual size; nobody else may write it meanwhile.
 * Zeros are no frames (SQLite file format, section 4.2). Blocks that are only reserved would
 * not do: their first write changes the file system's own data, and ext4 does not tell
 * fdatasync when that failed. */
static int grow_log(sqlite3 *db)
{
	static const char zeros[64 * 1024]; /* SQLite writes less than 128 KiB at a time */
	sqlite3_file *log = NULL;
	sqlite3_int64 at;
	int rc = sqlite3_file_control(db, NULL, SQLITE_FCNTL_JOURNAL_POINTER, &log);

	if (rc != SQLITE_OK || !log->pMethods)
		return rc;
	rc = log->pMethods->xFileSize(log, &at);
	for (; rc == SQLITE_OK && at < LOG_BYTES; at += (sqlite3_int64)sizeof(zeros))
		rc = log->pMethods->xWrite(log, zeros, sizeof(zeros), at);
	return rc == SQLITE_OK ? log->pMethods->xSync(log, SQLITE_SYNC_FULL) : rc;
}

/* On a full disk deletes must go on: the log, which is never truncated, has its usual size from
 * the start, and the database grows in steps. Where that fails we do without. It is faster,
 * too: a commit that grows the log costs several times one that writes into it. */
static void reserve_room(struct meta_sqlite *m)
{
	struct writer *w = &m->writer;
	int rc;

	if (w->c->memory || m->cfg.is_tool)
		return;
	rc = grow_log(w->c->db);
	if (rc != SQLITE_OK)
		log_warn("metadata: no room kept for a full disk: %s", sqlite3_errstr(rc));
	/* Also: what a crash left in the log goes to the database. */
	checkpoint(m, true);
}

int writer_start(struct meta_sqlite *m, struct err *e)
{
	struct writer *w = &m->writer;
	sigset_t all, old;

	if (open_connection(m, e) != 0)
		return -1;
	if (schema_migrate(w->c, schema_steps, schema_steps_count, e) != 0)
		return -1;
	reserve_room(m);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&w->thread, NULL, writer_main, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return err_sys(e, rc, "the writer thread");
	w->running = true;
	return 0;
}

static void end_thread(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->running = false;
}

void writer_fini(struct meta_sqlite *m)
{
	struct writer *w = &m->writer;

	if (w->running) {
		end_thread(w);
		if (w->c && !m->cfg.is_tool && xlock_take(&m->xlock, NULL) == 0) {
			checkpoint(m, true);
			xlock_release(&m->xlock);
		}
	}
	conn_close(w->c);
	arena_free(w->tx.scratch);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
}
