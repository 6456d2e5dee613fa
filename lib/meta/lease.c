/* SPDX-License-Identifier: MIT */
/*
 * Generations: 12 bits node, 52 bits counter, leased in blocks so that a fresh one costs no
 * write. Every process has a row in proc and holds a lock on the byte of leases.lock with that
 * number for as long as it lives; so anybody can tell a live process's block from a dead one's,
 * and a process that crashed from one that ended well (its row says clean).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "meta/sqlite_int.h"

enum { BLOCK = 65536, NODE_SHIFT = 52, NODE_MAX = 4095 };

/* ---- who lives ---- */

static int open_lock_file(struct lease *l, const char *dir, struct err *e)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/leases.lock", dir) >= sizeof(path))
		return err_fail(e, ERR_INVALID, "the path of the database is too long");
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (l->fd < 0)
		return err_sys(e, errno, "%s", path);
	/* Another description, because a description does not see its own locks. */
	l->probe_fd = open(path, O_RDWR | O_CLOEXEC);
	if (l->probe_fd < 0)
		return err_sys(e, errno, "%s", path);
	return 0;
}

static int lock_byte(const struct lease *l, int64_t proc, struct err *e)
{
	struct flock fl = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = proc, .l_len = 1};

	if (l->fd >= 0 && fcntl(l->fd, F_OFD_SETLK, &fl) != 0)
		return err_sys(e, errno, "leases.lock");
	return 0;
}

static int proc_lives(const struct lease *l, int64_t proc, bool *lives_r, struct err *e)
{
	struct flock fl = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = proc, .l_len = 1};

	*lives_r = proc == l->proc;
	if (*lives_r || l->fd < 0)
		return 0;
	if (fcntl(l->probe_fd, F_OFD_GETLK, &fl) != 0)
		return err_sys(e, errno, "leases.lock");
	*lives_r = fl.l_type != F_UNLCK;
	return 0;
}

/* ---- the process's row ---- */

struct proc_row {
	int64_t id;
	bool is_tool, clean, lives;
};

/* All other processes that have a row. */
static int procs_get(struct tx *tx, struct proc_row **rows_r, size_t *n_r, struct err *e)
{
	struct proc_row *rows = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	bool row;

	if (conn_query(tx->c, ST_PROC_LIST, BINDS(BI(tx->m->lease.proc)), &q, e) != 0)
		return -1;
	for (;;) {
		if (conn_step(tx->c, q, &row, e) != 0)
			return -1;
		if (!row)
			break;
		rows = arena_grow(tx->scratch, rows, n, &cap, sizeof(*rows));
		rows[n] = (struct proc_row){.id = col_i64(q, 0),
			.is_tool = col_i64(q, 1) != 0,
			.clean = col_i64(q, 2) != 0};
		if (proc_lives(&tx->m->lease, rows[n].id, &rows[n].lives, e) != 0) {
			conn_done(q);
			return -1;
		}
		n++;
	}
	*rows_r = rows;
	*n_r = n;
	return 0;
}

static int drop_proc(struct tx *tx, int64_t id, struct err *e)
{
	if (conn_run(tx->c, ST_LEASE_DROP_PROC, BINDS(BI(id)), e) != 0)
		return -1;
	return conn_run(tx->c, ST_PROC_DELETE, BINDS(BI(id)), e);
}

/* Once: the row is made at open, for a tool when it first needs a generation. */
static int register_proc(struct tx *tx, struct err *e)
{
	struct lease *l = &tx->m->lease;

	if (l->proc != 0)
		return 0;
	if (conn_run(tx->c, ST_PROC_ADD, BINDS(BI(tx->m->cfg.is_tool), BI(tx->now_us)), e) != 0)
		return -1;
	int64_t id = sqlite3_last_insert_rowid(tx->c->db);
	if (lock_byte(l, id, e) != 0)
		return -1;
	l->proc = id;
	return 0;
}

static int op_register(struct tx *tx, void *arg, struct err *e)
{
	struct lease *l = &tx->m->lease;
	struct proc_row *rows;
	size_t n;

	(void)arg;
	if (procs_get(tx, &rows, &n, e) != 0)
		return -1;
	l->n_crashed = 0;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].lives || rows[i].is_tool || rows[i].clean)
			continue;
		if (l->n_crashed < sizeof(l->crashed) / sizeof(l->crashed[0]))
			l->crashed[l->n_crashed++] = rows[i].id;
		else if (drop_proc(tx, rows[i].id, e) != 0)
			return -1;
	}
	return register_proc(tx, e);
}

static int op_mark_clean(struct tx *tx, void *arg, struct err *e)
{
	struct lease *l = &tx->m->lease;

	(void)arg;
	for (unsigned i = 0; i < l->n_crashed; i++)
		if (drop_proc(tx, l->crashed[i], e) != 0)
			return -1;
	if (conn_run(tx->c, ST_LEASE_DROP_PROC, BINDS(BI(l->proc)), e) != 0)
		return -1;
	return conn_run(tx->c, ST_PROC_CLEAN, BINDS(BI(l->proc)), e);
}

void lease_init(struct lease *l)
{
	*l = (struct lease){.fd = -1, .probe_fd = -1};
	pthread_mutex_init(&l->lock, NULL);
}

int lease_open(struct meta_sqlite *m, const char *dir, struct err *e)
{
	struct lease *l = &m->lease;

	if (m->cfg.node > NODE_MAX)
		return err_fail(e, ERR_INVALID, "node %u is over %u", m->cfg.node, NODE_MAX);
	if (dir && open_lock_file(l, dir, e) != 0)
		return -1;
	if (m->cfg.is_tool)
		return 0;
	return writer_do(m, op_register, NULL, WRITE_EPOCH | WRITE_ALONE, e);
}

void lease_fini(struct lease *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->probe_fd >= 0)
		close(l->probe_fd);
	pthread_mutex_destroy(&l->lock);
}

/* ---- blocks ---- */

struct block {
	uint64_t lo, hi;
};

static int op_lease(struct tx *tx, void *arg, struct err *e)
{
	struct block *b = arg;
	const struct lease *l = &tx->m->lease;
	int64_t next, node = tx->m->cfg.node;

	if (register_proc(tx, e) != 0)
		return -1;
	if (conn_int(tx->c, ST_LEASE_NEXT, BINDS(BI(node)), BLOCK, &next, e) != 0)
		return -1;
	if (next + BLOCK >= (int64_t)1 << NODE_SHIFT)
		return err_fail(e, ERR_LIMIT, "no generations are left");
	b->lo = ((uint64_t)node << NODE_SHIFT) | (uint64_t)next;
	b->hi = b->lo + BLOCK;
	if (conn_run(tx->c, ST_LEASE_FULL, BINDS(BI(l->proc), BI(tx->now_us)), e) != 0 ||
		conn_run(tx->c, ST_LEASE_SET_NEXT, BINDS(BI(node), BI(next + BLOCK)), e) != 0)
		return -1;
	return conn_run(tx->c, ST_LEASE_ADD, BINDS(BI(b->lo), BI(b->hi), BI(l->proc)), e);
}

static int sq_gen_next(struct meta *base, uint64_t *gen_r, struct err *e)
{
	struct meta_sqlite *m = sq(base);
	struct lease *l = &m->lease;
	struct block b;
	int rc = 0;

	pthread_mutex_lock(&l->lock);
	if (l->next == l->end) {
		rc = writer_do(m, op_lease, &b, WRITE_ALONE, e);
		if (rc == 0) {
			l->next = b.lo;
			l->end = b.hi;
		}
	}
	if (rc == 0)
		*gen_r = l->next++;
	pthread_mutex_unlock(&l->lock);
	return rc;
}

int lease_covers(
	struct meta_sqlite *m, struct conn *c, uint64_t gen, bool *covers_r, struct err *e)
{
	sqlite3_stmt *q;
	bool row;

	*covers_r = false;
	if (conn_one(c, ST_LEASE_FIND, BINDS(BI(gen)), &q, &row, e) != 0)
		return -1;
	if (!row)
		return 0;
	int64_t proc = col_i64(q, 0);
	bool inside = (int64_t)gen < col_i64(q, 1);
	conn_done(q);
	return inside ? proc_lives(&m->lease, proc, covers_r, e) : 0;
}

int lease_expire(struct tx *tx, int64_t before_us, struct err *e)
{
	struct proc_row *rows;
	size_t n;

	if (conn_run(tx->c, ST_LEASE_DROP_OLD, BINDS(BI(before_us)), e) != 0 ||
		procs_get(tx, &rows, &n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].lives)
			continue;
		/* The row of one that crashed stays: it says so until somebody ends well. */
		if (rows[i].clean || rows[i].is_tool) {
			if (drop_proc(tx, rows[i].id, e) != 0)
				return -1;
		} else if (conn_run(tx->c, ST_LEASE_DROP_PROC, BINDS(BI(rows[i].id)), e) != 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- vtable ---- */

static bool sq_was_clean(struct meta *m)
{
	return sq(m)->lease.n_crashed == 0;
}

static int sq_mark_clean(struct meta *m, struct err *e)
{
	if (sq(m)->lease.proc == 0)
		return 0;
	return writer_do(sq(m), op_mark_clean, NULL, WRITE_PLAIN, e);
}

void sqlite_ops_lease(struct meta_ops *o)
{
	o->gen_next = sq_gen_next;
	o->was_clean = sq_was_clean;
	o->mark_clean = sq_mark_clean;
}
