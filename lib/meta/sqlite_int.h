/* SPDX-License-Identifier: MIT */
/*
 * Inside the sqlite driver. Threads: callers read through a pool of connections and hand writes
 * to one writer thread, which is the only one to write, checkpoint or take the cross-process
 * lock. The database file itself is opened by SQLite alone: closing a descriptor of our own
 * would drop its locks.
 */
#ifndef MX_META_SQLITE_INT_H
#define MX_META_SQLITE_INT_H

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "base/reason.h"
#include "meta/meta.h"

/* ---- conn.c: connections, pragmas, statements ---- */

/* Columns that several statements share, in the order in which their readers expect them. */
#define TENANT_COLS \
	"t.id, t.pub, t.name, t.display_name, t.status, t.created_us, t.bytes, t.objects, " \
	"t.buckets, (SELECT group_concat(domain) FROM (SELECT domain FROM tenant_domain " \
	"WHERE tenant_id = t.id ORDER BY domain))"
#define USER_COLS \
	"u.id, u.tenant_id, u.name, u.display_name, u.email, u.canonical_id, u.role, " \
	"u.status, " \
	"u.password_hash, u.sessions_after_us, u.created_us"
#define KEY_COLS \
	"k.access_key, k.user_id, k.secret, k.status, k.expires_us, k.created_us, " \
	"k.description"
#define BUCKET_COLS \
	"b.id, b.tenant_id, coalesce(t.pub, ''), b.name, b.owner_id, b.location, " \
	"b.created_us, b.flags, " \
	"b.bytes, b.objects, b.versions"
#define OBJECT_COLS "key, vseq, gen, flags, size, mtime_us, etag, nparts, cksum, owner_id"
#define CURRENT_COLS "vseq, gen, size, flags, mtime_us, etag, nparts"
#define PART_COLS "no, pgen, off, size, mtime_us, md5, cksum"
#define GC_COLS "id, kind, due_us, tenant_pub, bucket, key, gen, part_no, part_gen"
/* The counters of each bucket, from its rows. With max() as the only one of its kind, SQLite takes the other
 * columns from the row that has it: the current one. */
#define COUNTED_OBJECTS \
	"SELECT bucket_id, sum(bytes) AS bytes, sum(live) AS objects, sum(n) AS versions " \
	"FROM (SELECT bucket_id, sum(size) AS bytes, count(*) AS n, (flags & 1) = 0 AS live, " \
	"max(vseq) FROM object GROUP BY bucket_id, key) GROUP BY bucket_id"
#define UPLOAD_COLS "key, gen, started_us, initiator_id, ctype, meta, ck_alg, ck_type"

enum stmt_id {
#define STMT(id, sql) ST_##id,
#include "meta/stmts.def"
#undef STMT
	ST_COUNT
};

struct conn {
	sqlite3 *db;
	bool memory;
	sqlite3_stmt *st[ST_COUNT]; /* prepared at first use, kept */
	struct conn *next;
};

enum conn_kind { CONN_WRITER, CONN_READER };
enum { CONN_BUSY_MS = 10000 }; /* how long a statement waits for a lock of SQLite's own */

/* path NULL: a database in memory. The pragmas are read back; err: ERR_IO on a mismatch. */
int conn_open(
	const char *path, enum conn_kind kind, struct conn **c_r, struct err *e) MX_MUST_CHECK;
void conn_close(struct conn *c); /* NULL is fine */
int conn_check_pragmas(sqlite3 *db, enum conn_kind kind, struct err *e) MX_MUST_CHECK;

struct bindv {
	enum { BIND_INT, BIND_BLOB, BIND_TEXT } type;
	int64_t i;
	struct span s; /* absent: NULL */
};
#define BI(v) ((struct bindv){.type = BIND_INT, .i = (int64_t)(v)})
#define BB(v) ((struct bindv){.type = BIND_BLOB, .s = (v)})
#define BT(v) ((struct bindv){.type = BIND_TEXT, .s = (v)})
#define BS(v) ((struct bindv){.type = BIND_TEXT, .s = span_str(v)})
#define BNULL ((struct bindv){.type = BIND_TEXT})
#define BINDS(...) \
	(const struct bindv[]){__VA_ARGS__}, \
		sizeof((const struct bindv[]){__VA_ARGS__}) / sizeof(struct bindv)
#define NO_BINDS NULL, 0

/* Runs a statement without rows to its end. */
int conn_run(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n,
	struct err *e) MX_MUST_CHECK;
/* Begins a query; then conn_step until *row_r is false (the statement is then reset), or
 * conn_done. */
int conn_query(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n,
	sqlite3_stmt **q_r, struct err *e) MX_MUST_CHECK;
int conn_step(struct conn *c, sqlite3_stmt *q, bool *row_r, struct err *e) MX_MUST_CHECK;
void conn_done(sqlite3_stmt *q);
/* The first row; conn_done must follow if *row_r is true. */
int conn_one(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n,
	sqlite3_stmt **q_r, bool *row_r, struct err *e) MX_MUST_CHECK;
/* The first row's first column, or `missing` if there is no row. */
int conn_int(struct conn *c, enum stmt_id id, const struct bindv *v, size_t n, int64_t missing,
	int64_t *v_r, struct err *e) MX_MUST_CHECK;
/* Plain SQL without rows, for schema and pragmas. */
int conn_exec(sqlite3 *db, const char *sql, struct err *e) MX_MUST_CHECK;
#define conn_fail(c, e, what) conn_fail_at((c)->db, (e), ERR_WHERE, (what))
int conn_fail_at(sqlite3 *db, struct err *e, const char *where, const char *what);

int64_t col_i64(sqlite3_stmt *q, int i);
uint64_t col_u64(sqlite3_stmt *q, int i);
uint32_t col_u32(sqlite3_stmt *q, int i);
struct span col_raw(sqlite3_stmt *q, int i); /* valid until the next step */
struct span col_span(sqlite3_stmt *q, int i, struct arena *a);
const char *col_cstr(sqlite3_stmt *q, int i, struct arena *a); /* "" for NULL */
/* Copies exactly n bytes; zeros if the column has another length. */
void col_bytes(sqlite3_stmt *q, int i, void *out, size_t n);
void col_checksum(sqlite3_stmt *q, int i, struct checksum *c_r);
/* Text into a fixed buffer, cut at its size. */
void col_text(sqlite3_stmt *q, int i, char *out, size_t size);

/* ---- schema.c ---- */

extern const char *const schema_steps[];
extern const unsigned schema_steps_count;
/* Brings the database to `count` steps. err: ERR_UNSUPPORTED when it has more. */
int schema_migrate(
	struct conn *c, const char *const *steps, unsigned count, struct err *e) MX_MUST_CHECK;

/* ---- xlock.c: the lock between processes and the page they share ---- */

struct shared_page {
	_Atomic uint64_t epoch;
	_Atomic uint32_t waiting; /* processes blocked on the lock */
	_Atomic uint32_t turn;    /* counts acquisitions */
};

struct xlock {
	int fd; /* -1: in memory, no other process */
	struct shared_page *page;
	uint32_t last_turn; /* turn after our last acquisition */
	unsigned fruitless; /* pauses in a row that nobody used */
};

int xlock_open(struct xlock *x, const char *dir,
	struct err *e) MX_MUST_CHECK; /* dir NULL: in memory */
void xlock_close(struct xlock *x);
int xlock_take(struct xlock *x, struct err *e) MX_MUST_CHECK;
/* Gives a waiting process its turn before the next take. */
void xlock_release(struct xlock *x);

/* ---- writer.c ---- */

/* What operations add to the counters. One that may still fail sums for itself and adds last. */
struct tally {
	int64_t bytes, objects, versions;
};
static inline void tally_add(struct tally *to, const struct tally *t)
{
	to->bytes += t->bytes;
	to->objects += t->objects;
	to->versions += t->versions;
}

/* A bucket as the running batch knows it; counters are summed here and written once at its end.
 */
struct tx_bucket {
	int64_t id, tenant_id;
	char tenant_pub[16];
	char name[64];
	enum meta_versioning versioning;
	bool locks;		       /* has Object Lock; */
	bool default_known;	       /* then, once asked for, what new versions get */
	struct lock_default retention;
	bool dead; /* deleted within this batch */
	struct tally sum;
};

/* The running transaction, as operations see it. */
struct tx {
	struct meta_sqlite *m;
	struct conn *c;
	struct arena *scratch; /* until the batch ends */
	int64_t now_us;
	struct tx_bucket *buckets;
	size_t n_buckets, cap_buckets;
};

/* Decides first, writes last; may run more than once. Failing undoes what it wrote. */
typedef int tx_fn(struct tx *tx, void *arg, struct err *e);

enum write_flags {
	WRITE_PLAIN = 0,
	WRITE_EPOCH = 1, /* bumps the epoch when it succeeds */
	WRITE_ALONE = 2  /* in a transaction of its own */
};

struct write_op {
	tx_fn *fn;
	void *arg;
	unsigned flags;
	int rc;
	struct err err;
	sem_t done;
	struct write_op *next;
};

struct writer {
	pthread_t thread;
	bool running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct write_op *head, **tail; /* guarded by lock */
	size_t queued;                 /* guarded by lock */
	bool stop;                     /* guarded by lock */
	struct conn *c;
	int wal_frames, ckpt_base; /* pages in the log; of them, seen by the last checkpoint */
	struct tx tx;
	_Atomic uint64_t commits, ops, failures, checkpoints;
};

void writer_init(struct meta_sqlite *m);
/* Ends the thread after what is queued. */
void writer_fini(struct meta_sqlite *m);
/* Opens and migrates the database (the caller holds the lock between processes), starts the
 * thread. */
int writer_start(struct meta_sqlite *m, struct err *e) MX_MUST_CHECK;
/* Runs fn in a transaction and returns after it is durable. */
int writer_do(struct meta_sqlite *m, tx_fn *fn, void *arg, unsigned flags,
	struct err *e) MX_MUST_CHECK;
/* err: ERR_NOT_FOUND/REASON_BUCKET. The pointer holds until the next tx_bucket_get. */
int tx_bucket_get(
	struct tx *tx, int64_t id, struct tx_bucket **b_r, struct err *e) MX_MUST_CHECK;
int tx_flush_counters(struct tx *tx, struct err *e) MX_MUST_CHECK;

/* ---- readers.c ---- */

enum { READERS_MAX = 8 };
struct readers {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct conn *idle; /* the last used first, its cache is warm */
	unsigned open;
};
void readers_init(struct readers *r);
void readers_fini(struct readers *r);
/* Frees the page caches of those that are idle. */
void readers_rest(struct readers *r);
/* A connection for this thread until reader_put; a thread holds at most one, and must not write
 * while it does. */
int reader_get(struct meta_sqlite *m, struct conn **c_r, struct err *e) MX_MUST_CHECK;
void reader_put(struct meta_sqlite *m, struct conn *c);
/* One snapshot for several statements; ended by reader_put. */
int reader_begin(struct conn *c, struct err *e) MX_MUST_CHECK;

/* ---- lease.c: blocks of generations, and who lives ---- */

struct lease {
	pthread_mutex_t lock;
	uint64_t next, end;   /* guarded by lock */
	_Atomic int64_t proc; /* our row and our byte in leases.lock; 0: none yet */
	int fd, probe_fd;     /* -1: in memory */
	int64_t crashed[16];  /* processes found dead and unclean at open */
	unsigned n_crashed;
};
void lease_init(struct lease *l);
int lease_open(struct meta_sqlite *m, const char *dir, struct err *e) MX_MUST_CHECK;
void lease_fini(struct lease *l);
/* Is the generation in a block of a process that lives? */
int lease_covers(struct meta_sqlite *m, struct conn *c, uint64_t gen, bool *covers_r,
	struct err *e) MX_MUST_CHECK;
/* Drops leases of dead processes, and exhausted ones older than before_us. */
int lease_expire(struct tx *tx, int64_t before_us, struct err *e) MX_MUST_CHECK;

/* ---- sqlite.c ---- */

struct meta_sqlite {
	struct meta base;
	struct meta_ops ops;
	struct meta_config cfg; /* path points to own memory */
	char *path;
	struct xlock xlock;
	struct writer writer;
	struct readers readers;
	pthread_mutex_t
		memory_lock; /* in memory: the one connection, shared by writer and readers */
	struct lease lease;
	_Atomic int64_t gc_last; /* the last row id given in gc */
};

static inline struct meta_sqlite *sq(struct meta *m)
{
	return (struct meta_sqlite *)m;
}

/* Each file brings its part of the vtable. */
void sqlite_ops_lease(struct meta_ops *o);
void sqlite_ops_admin(struct meta_ops *o);
void sqlite_ops_tenants(struct meta_ops *o);
void sqlite_ops_users(struct meta_ops *o);
void sqlite_ops_keys(struct meta_ops *o);
void sqlite_ops_buckets(struct meta_ops *o);
void sqlite_ops_configs(struct meta_ops *o);
void sqlite_ops_objects(struct meta_ops *o);
void sqlite_ops_extras(struct meta_ops *o);
void sqlite_ops_locks(struct meta_ops *o);
void sqlite_ops_listing(struct meta_ops *o);
void sqlite_ops_uploads(struct meta_ops *o);
void sqlite_ops_complete(struct meta_ops *o);
void sqlite_ops_gc(struct meta_ops *o);

/* ---- shared between the files of operations ---- */

void tenant_from_row(sqlite3_stmt *q, int i, struct arena *a,
	struct meta_tenant *t_r); /* TENANT_COLS at i */
void user_from_row(sqlite3_stmt *q, int i, struct arena *a, struct meta_user *u_r);
void part_from_row(sqlite3_stmt *q, struct meta_part *p_r);
/* tags and lock are left absent. */
void upload_from_row(sqlite3_stmt *q, struct arena *a, struct meta_upload *u_r);
/* key, meta and content type are left absent. */
void object_from_row(sqlite3_stmt *q, struct meta_object *o_r);

/* Bits of the stored flags that stay inside. What stands in object_ext: long metadata, tags, a lock; the row is there
 * if and only if one of them is. */
#define OBJECT_HAS_EXT 0x80000000u
#define OBJECT_HAS_TAGS 8u
#define OBJECT_HAS_LOCK 16u
#define OBJECT_EXTRAS (OBJECT_HAS_EXT | OBJECT_HAS_TAGS | OBJECT_HAS_LOCK)
/* A null version above which versions with ids may stand: the index object_buried finds it. Set when the first of
 * them comes, it stays. Any other null version is the newest of its key. */
#define OBJECT_BURIED 4u
#define OBJECT_PUBLIC ((uint32_t)(META_OBJECT_MARKER | META_OBJECT_HAS_ID))

/* A row of a key, mostly the current one, as far as a write must know it. */
struct current {
	bool exists;
	uint64_t vseq, gen, size;
	uint32_t flags;
	int64_t mtime_us;
	struct etag etag;
};
int current_get(struct conn *c, int64_t bucket_id, struct span key, struct current *cur_r,
	struct err *e) MX_MUST_CHECK;
/* The null version of a key whose current row is cur. */
int null_get(struct conn *c, int64_t bucket_id, struct span key, const struct current *cur,
	struct current *row_r, struct err *e) MX_MUST_CHECK;
/* The row that is meant, if it is an object. err: as object_set_tags. */
int object_find(struct conn *c, const struct meta_version_ref *ref, struct current *row_r,
	struct err *e) MX_MUST_CHECK;
/* For PUT and Complete: ERR_PRECONDITION, ERR_NOT_FOUND/REASON_KEY. */
int current_check(const struct current *cur, const struct write_conditions *c,
	struct err *e) MX_MUST_CHECK;
/* Makes o the newest of its key, whose current row is cur, as the bucket's versioning has it: row, garbage. Assigns
 * o->vseq, o->flags (but for META_OBJECT_MARKER) and o->mtime_us. */
int object_add(struct tx *tx, struct tx_bucket *b, const struct current *cur,
	struct meta_object *o, struct tally *sum, struct err *e) MX_MUST_CHECK;

/* ---- extras.c: what stands beside an object's row ---- */

/* The bits of OBJECT_EXTRAS that o needs. */
uint32_t extras_of(const struct meta_object *o);
/* Each for an object whose row has these flags; without bits of OBJECT_EXTRAS there is nothing to do. */
int extras_add(
	struct tx *tx, const struct meta_object *o, uint32_t flags, struct err *e) MX_MUST_CHECK;
int extras_get(struct conn *c, uint32_t flags, struct arena *a, struct meta_object *o,
	struct err *e) MX_MUST_CHECK;
/* One of them, OBJECT_HAS_TAGS or OBJECT_HAS_LOCK, of a version that stands; an empty value takes it away. */
int extras_set(struct tx *tx, const struct meta_version_ref *ref, const struct current *row,
	uint32_t bit, struct span value, struct err *e) MX_MUST_CHECK;
struct version_id extras_version(const struct current *row);
int extras_drop(struct tx *tx, uint64_t gen, uint32_t flags, struct err *e) MX_MUST_CHECK;

/* ---- locks.c ---- */

/* From here on the lock time passes: called before there can be a lock. */
int lock_time_begin(struct tx *tx, struct err *e) MX_MUST_CHECK;
/* Does the retention that an object is to get protect it at all? err: ERR_INVALID/REASON_LOCK_DATE */
int lock_check_date(struct tx *tx, const struct lock_retention *r, struct err *e) MX_MUST_CHECK;
/* The bucket's default retention, for an object that has none. */
int lock_apply_default(struct tx *tx, struct tx_bucket *b, struct meta_object *o,
	struct err *e) MX_MUST_CHECK;
int lock_permits_removal(struct tx *tx, const struct current *row, bool bypass,
	bool *permits_r, struct err *e) MX_MUST_CHECK;
/* ERR_DENIED/REASON_LOCKED */
int lock_refuse(struct err *e);

/* Adds a garbage row; g->id is ignored. */
int gc_insert(struct tx *tx, const struct meta_gc *g, struct err *e) MX_MUST_CHECK;
/* The same for a blob of bucket b, due after the configured grace. */
int gc_insert_blob(struct tx *tx, const struct tx_bucket *b, enum meta_gc_kind kind,
	struct span key, uint64_t gen, struct err *e) MX_MUST_CHECK;
int gc_insert_part(struct tx *tx, const struct tx_bucket *b, struct span key, uint64_t gen,
	const struct meta_part *p, struct err *e) MX_MUST_CHECK;
/* err: ERR_NOT_FOUND/REASON_UPLOAD. */
int upload_lookup(struct conn *c, int64_t bucket_id, struct span key, uint64_t gen,
	struct arena *a, struct meta_upload *u_r, struct err *e) MX_MUST_CHECK;
/* Rows of PART_COLS of a started query, up to limit; one more sets *more_r. */
int parts_collect(struct conn *c, sqlite3_stmt *q, unsigned limit, struct arena *a,
	struct meta_part **p_r, size_t *n_r, bool *more_r, struct err *e) MX_MUST_CHECK;

/* A growing array in an arena: room for one more element of `size` bytes. */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap, size_t size);

#endif
