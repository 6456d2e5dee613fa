/* SPDX-License-Identifier: MIT */
/*
 * Metadata: one vtable; driver `sqlite` ({data_dir}/.maxiofs/maxiofs.db, or in memory for tests) and
 * wrapper `fault` (tests). No SQL above this folder. Every function is thread-safe. A writing function
 * returns 0 only after its transaction is durable (group commit: one writer thread per process);
 * ERR_IO from one means "outcome unknown": the caller answers 500 and keeps all files.
 *
 * Strings in results live in the arena passed in. Times are microseconds since 1970 UTC.
 */
#ifndef MX_META_META_H
#define MX_META_META_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"
#include "model/checksum.h"
#include "model/etag.h"
#include "model/lock.h"
#include "model/version.h"

/* ---- principals and buckets ------------------------------------------------------------------ */

enum meta_status { META_ACTIVE = 0, META_SUSPENDED = 1 };
enum meta_role { META_ROLE_USER = 0, META_ROLE_TENANT_ADMIN = 1, META_ROLE_GLOBAL_ADMIN = 2, META_ROLE_COUNT };

/* What an update writes: the members named. All others stay as the database has them, whatever the
 * caller read before, so that two changes at one time do not undo each other. */
enum meta_set {
	META_SET_NAME = 1,
	META_SET_DISPLAY_NAME = 2,
	META_SET_EMAIL = 4,
	META_SET_ROLE = 8,
	META_SET_STATUS = 16,
	META_SET_PASSWORD = 32,
	META_SET_EXPIRES = 64,
	META_SET_DESCRIPTION = 128,
	META_SET_DOMAINS = 256
};

/* id 0 in a tenant_id means the global namespace. Row ids are never reused. */
struct meta_tenant {
	int64_t id;
	char pub[16]; /* "tenant-XXXXXXXX" */
	const char *name; /* unique, a login name by its form */
	const char *display_name;
	const char *domains; /* his own, sorted, ','-separated; "" if none */
	enum meta_status status;
	int64_t created_us;
	uint64_t bytes, objects, buckets; /* usage; on reads only */
};

struct meta_user {
	int64_t id;
	int64_t tenant_id;
	const char *name;	  /* unique within its tenant */
	const char *display_name;
	const char *email;	  /* "" if none */
	char canonical_id[65];	  /* 64 hex digits, unique */
	enum meta_role role;
	enum meta_status status;
	const char *password_hash; /* crypt(5) string; "" : no console login */
	int64_t sessions_after_us; /* of the last change that voided all sessions; never twice the same */
	int64_t created_us;
};

struct meta_access_key {
	const char *access_key; /* globally unique */
	int64_t user_id;
	struct span secret; /* sealed by lib/auth/sealbox; opaque here */
	enum meta_status status;
	int64_t expires_us; /* 0: never */
	int64_t created_us;
	const char *description;
};

struct meta_bucket {
	int64_t id;
	int64_t tenant_id;
	char tenant_pub[16]; /* "" for the global namespace */
	const char *name;
	int64_t owner_id;    /* user */
	const char *location; /* the LocationConstraint as given; "" if none */
	int64_t created_us;
	uint32_t flags;      /* bits 0 and 1: meta_bucket_versioning; from META_CONFIG_BIT on: what is
			      * configured; the others are reserved */
	/* usage, on reads only: of all versions; keys whose current version is an object; versions and markers */
	uint64_t bytes, objects, versions;
};

/* What a write and a delete in the bucket do. Once enabled it can be suspended, never undone. */
enum meta_versioning {
	META_VERSIONING_OFF = 0,
	META_VERSIONING_ENABLED = 1,  /* every write makes a version of its own */
	META_VERSIONING_SUSPENDED = 2 /* every write replaces the null version */
};
enum { META_BUCKET_VERSIONING = 3 }; /* of the flags */
static inline enum meta_versioning meta_bucket_versioning(const struct meta_bucket *b)
{
	return (enum meta_versioning)(b->flags & META_BUCKET_VERSIONING);
}
/* "off", "enabled", "suspended"; "unknown" for what a damaged row may hold. */
const char *meta_versioning_name(enum meta_versioning how);

/* What can be configured of a bucket: one document of each kind, opaque here. The numbers are stored. */
#define META_CONFIGS(X) \
	X(CORS, 0, "cors") \
	X(TAGGING, 1, "tagging") \
	X(REQUEST_PAYMENT, 2, "request-payment") \
	X(ACCELERATE, 3, "accelerate") \
	X(OBJECT_LOCK, 4, "object-lock")
enum meta_config_kind {
#define X(id, number, name) META_CONFIG_##id = (number),
	META_CONFIGS(X)
#undef X
	META_CONFIG_COUNT
};
const char *meta_config_name(enum meta_config_kind kind);
enum { META_CONFIG_BIT = 8, META_CONFIG_MAX_BYTES = 128 * 1024 };
/* Known without a read: the bucket's flags say it. */
static inline bool meta_bucket_has(const struct meta_bucket *b, enum meta_config_kind kind)
{
	return (b->flags >> (META_CONFIG_BIT + kind) & 1) != 0;
}

/* Object Lock, the default retention as stored (lock_default_encode): once there it stays, and versioning stays
 * enabled. */
enum { META_BUCKET_LOCKS = 1 << (META_CONFIG_BIT + META_CONFIG_OBJECT_LOCK) };

/* An access key resolved in one read: what a request needs to know about its caller. */
struct meta_principal {
	struct meta_access_key key;
	struct meta_user user;
	struct meta_tenant tenant; /* id 0 and empty for a user of the global namespace */
};

/* Pages of administration lists: by id, after `after_id`, at most `limit`. */
struct meta_page {
	int64_t after_id;
	unsigned limit; /* 1-1000 */
};

/* ---- objects ----------------------------------------------------------------------------------- */

enum meta_object_flags {
	META_OBJECT_MARKER = 1, /* a delete marker: no blob, gen 0 */
	META_OBJECT_HAS_ID = 2	/* written while versioning was enabled; without it: the null version */
};

struct meta_object {
	struct span key;
	uint64_t vseq;	 /* assigned at commit: max(now, previous + 1); the newest is the current one */
	uint64_t gen;	 /* names the blob */
	uint32_t flags;	 /* META_OBJECT_; assigned at commit */
	uint64_t size;
	int64_t mtime_us; /* = vseq's time at commit */
	struct etag etag;
	struct span content_type; /* absent: none given */
	struct checksum checksum;
	struct span meta; /* objmeta_encode */
	struct span tags; /* tags_encode */
	struct lock lock;
	int64_t owner_id; /* the writer */
};
static inline struct version_id meta_object_version(const struct meta_object *o)
{
	return o->flags & META_OBJECT_HAS_ID ? (struct version_id){o->vseq, o->gen} : (struct version_id){0};
}

struct meta_part {
	uint32_t no;
	uint64_t pgen;
	uint64_t off;  /* of the part in the object; 0 in lists of an upload */
	uint64_t size;
	int64_t mtime_us;
	unsigned char md5[16];
	struct checksum checksum;
};

struct meta_upload {
	struct span key;
	uint64_t gen; /* the upload id names it */
	int64_t started_us;
	int64_t initiator_id;
	struct span content_type;
	struct span meta;
	struct span tags; /* of the object to be, as its lock */
	struct lock lock;
	enum checksum_alg checksum_alg; /* NONE: the client chose none (CRC64NVME is kept) */
	enum checksum_type checksum_type;
};

/* Input of an object write. The bucket is named by id: if its row is gone by commit time the write
 * fails with ERR_NOT_FOUND/REASON_BUCKET. */
struct meta_object_put {
	int64_t bucket_id;
	struct meta_object object; /* vseq, flags and mtime_us are assigned; without a retention the bucket's default */
	const struct write_conditions *conditions; /* NULL: none */
};
struct meta_write_result {
	uint64_t vseq;
	int64_t mtime_us;
	struct version_id version; /* null unless the bucket's versioning is enabled */
};

/* A delete, and what became of it. Without a version: the current one goes, or, where the bucket has been
 * versioned, a delete marker comes to stand above it. With one: that goes for good. */
struct meta_delete {
	struct span key;
	const struct version_id *version;	   /* NULL: none named */
	const struct write_conditions *conditions; /* NULL: none; judged by what is named */
	int64_t owner_id;			   /* of a marker */
	bool bypass;				   /* may, and wants to, pass a lock of GOVERNANCE */
	/* filled in */
	bool existed; /* what was named: an object, a marker */
	bool refused; /* a condition does not hold: nothing changed */
	bool locked;  /* its lock does not permit it: nothing changed */
	bool marker;  /* one was made, or what went was one */
	struct version_id made; /* the marker's that was made */
};

/* What changes of a version's lock. */
struct meta_lock_change {
	const struct lock_retention *retention; /* NULL: stays */
	enum lock_hold hold;			/* UNSET: stays */
	bool bypass;				/* may, and wants to, pass GOVERNANCE */
};
struct meta_lock_time {
	bool used; /* else no lock ever asked for it, and the rest says nothing */
	int64_t now_us, wall_us; /* the lock time, and the host's clock beside it */
};

/* A version that is changed where it stands; its date and ETag stay. */
struct meta_version_ref {
	int64_t bucket_id;
	struct span key;
	const struct version_id *version; /* NULL: the current one */
};

/* A part as listed by CompleteMultipartUpload. */
struct meta_complete_part {
	uint32_t no;
	unsigned char md5[16];
	struct checksum checksum; /* alg NONE: not given */
};
struct meta_complete {
	int64_t bucket_id;
	struct span key;
	uint64_t gen;
	const struct meta_complete_part *parts;
	size_t count;
	uint64_t min_part_bytes; /* of every part but the last: 5 MiB */
	bool has_size;		 /* x-amz-mp-object-size */
	uint64_t size;
	struct checksum checksum; /* the client's value for the whole; alg NONE: not given */
	const struct write_conditions *conditions;
};
struct meta_complete_result {
	uint64_t vseq;
	int64_t mtime_us;
	uint64_t size;
	struct etag etag;
	struct checksum checksum;
	struct version_id version; /* null unless the bucket's versioning is enabled */
	bool repeated; /* it had been completed before with the same list */
};

/* ---- listing ----------------------------------------------------------------------------------- */

struct meta_list {
	int64_t bucket_id;
	struct span prefix, delimiter; /* empty or absent: none */
	struct span after;	/* exclusive; if it ends in the delimiter behind the prefix and equals a common
				 * prefix, that whole group is skipped. Absent: from the beginning */
	unsigned limit;		/* 0-1000: keys and common prefixes together */
};
struct meta_list_entry {
	bool is_prefix;		   /* then only object.key is set: the common prefix */
	bool is_latest;		   /* of its key; always so in object_list */
	struct meta_object object; /* meta, tags and lock are absent; content_type too */
};
struct meta_list_result {
	struct meta_list_entry *entries;
	size_t count;
	bool truncated;
	struct span last; /* where to go on: key or prefix of the last entry; absent when there is none */
	bool cut_short;	  /* the page ends early, as it has passed over so many rows; last is the last of them */
};

struct meta_list_versions {
	int64_t bucket_id;
	struct span prefix, delimiter; /* as above */
	struct span key_marker;	       /* as `after` above: all versions of the key are left out, too */
	const struct version_id *version_marker; /* NULL: none; else older versions of key_marker follow */
	unsigned limit;
};

struct meta_list_uploads {
	int64_t bucket_id;
	struct span prefix, delimiter;
	struct span key_marker;	 /* absent: from the beginning */
	uint64_t upload_marker;	 /* 0: none; else entries of key_marker with a greater gen follow too */
	unsigned limit;
};
struct meta_upload_entry {
	bool is_prefix; /* then only upload.key is set */
	struct meta_upload upload; /* tags and lock are absent */
};
struct meta_list_uploads_result {
	struct meta_upload_entry *entries; /* by key, then initiation */
	size_t count;
	bool truncated;
};

/* ---- garbage ------------------------------------------------------------------------------------ */

enum meta_gc_kind {
	META_GC_OBJECT, /* a plain object's blob */
	META_GC_PARTS,	/* a multipart object or upload: every part listed in its rows */
	META_GC_PART,	/* one part's blob */
	META_GC_BUCKET	/* the place of a deleted bucket */
};
struct meta_gc {
	int64_t id;
	enum meta_gc_kind kind;
	int64_t due_us;
	const char *tenant_pub; /* "" for global */
	const char *bucket;
	struct span key;
	uint64_t gen;
	uint32_t part_no;  /* META_GC_PART */
	uint64_t part_gen;
};

/* A blob as the orphan scan finds it: place and generations. */
struct meta_blob {
	struct span tenant_pub; /* absent or empty for global */
	struct span bucket, key;
	uint64_t gen;
	uint32_t part_no; /* 0: a plain object's; else part_gen names the part */
	uint64_t part_gen;
	int64_t mtime_us; /* of the blob, as a hint where to look first; 0: none */
};

struct meta_stats {
	uint64_t commits, ops, failures; /* transactions, operations in them, failed commits */
	uint64_t checkpoints;
	uint64_t queue; /* waiting now */
	uint64_t gc_rows;
};

struct meta;

struct meta_ops {
	const char *name;
	void (*free)(struct meta *m);

	/* A number that changes when principals, buckets or settings change in any process; read on every
	 * request (shared memory, no system call). */
	uint64_t (*epoch)(struct meta *m);
	/* Did every process but tools that ended before we opened end with mark_clean? (Those alive do not
	 * count.) The orphan scan asks. A crash is forgotten when one who was told of it marks its own end:
	 * so mark_clean only at an orderly shutdown, and not before the scan has run. */
	bool (*was_clean)(struct meta *m);
	int (*mark_clean)(struct meta *m, struct err *e);
	/* A fresh generation, unique for ever; from a leased block, so almost always without a write. */
	int (*gen_next)(struct meta *m, uint64_t *gen_r, struct err *e);
	/* Is a read and a write possible? For /ready. */
	int (*probe)(struct meta *m, struct err *e);
	void (*stats)(struct meta *m, struct meta_stats *s_r);
	/* Small installation-wide values: "installed_at", "jwt_key_id". err: ERR_NOT_FOUND. */
	int (*setting_get)(struct meta *m, const char *name, struct arena *a, struct span *value_r, struct err *e);
	int (*setting_put)(struct meta *m, const char *name, struct span value, struct err *e);

	/* tenants: create fills id (err ERR_EXISTS/REASON_TENANT name or pub taken) */
	int (*tenant_create)(struct meta *m, struct meta_tenant *t, struct err *e);
	int (*tenant_get)(struct meta *m, int64_t id, struct arena *a, struct meta_tenant *t_r, struct err *e);
	/* by public id or by name */
	int (*tenant_find)(struct meta *m, struct span pub_or_name, struct arena *a, struct meta_tenant *t_r,
		struct err *e);
	int (*tenant_list)(struct meta *m, const struct meta_page *page, struct arena *a,
		struct meta_tenant **t_r, size_t *n_r, struct err *e);
	/* whose domain it is, exactly */
	int (*domain_find)(struct meta *m, struct span domain, struct arena *a, struct meta_tenant *t_r,
		struct err *e);
	/* by id; set: of META_SET_ NAME, DISPLAY_NAME, STATUS, DOMAINS (legal names, all of them anew; err
	 * ERR_EXISTS/REASON_DOMAIN) */
	int (*tenant_update)(struct meta *m, const struct meta_tenant *t, unsigned set, struct err *e);
	/* err: ERR_EXISTS/REASON_IN_USE while it has users or buckets */
	int (*tenant_delete)(struct meta *m, int64_t id, struct err *e);

	/* fills id; err: ERR_EXISTS/REASON_USER (name or canonical id), ERR_NOT_FOUND/REASON_TENANT */
	int (*user_create)(struct meta *m, struct meta_user *u, struct err *e);
	int (*user_get)(struct meta *m, int64_t id, struct arena *a, struct meta_user *u_r, struct err *e);
	int (*user_find)(struct meta *m, int64_t tenant_id, struct span name, struct arena *a,
		struct meta_user *u_r, struct err *e);
	/* tenant_id -1: of all tenants */
	int (*user_list)(struct meta *m, int64_t tenant_id, const struct meta_page *page, struct arena *a,
		struct meta_user **u_r, size_t *n_r, struct err *e);
	/* by id; set: of META_SET_ NAME, DISPLAY_NAME, EMAIL, ROLE, STATUS, PASSWORD. A password, and another
	 * role or status, move sessions_after_us. */
	int (*user_update)(struct meta *m, const struct meta_user *u, unsigned set, struct err *e);
	/* its keys go too; err: ERR_EXISTS/REASON_IN_USE while it owns buckets */
	int (*user_delete)(struct meta *m, int64_t id, struct err *e);

	/* err: ERR_EXISTS/REASON_ACCESS_KEY, ERR_NOT_FOUND/REASON_USER */
	int (*key_create)(struct meta *m, const struct meta_access_key *k, struct err *e);
	/* err: ERR_NOT_FOUND/REASON_ACCESS_KEY */
	int (*key_get)(struct meta *m, struct span access_key, struct arena *a, struct meta_access_key *k_r,
		struct err *e);
	int (*key_list)(struct meta *m, int64_t user_id, struct arena *a, struct meta_access_key **k_r,
		size_t *n_r, struct err *e); /* user_id -1: all, at most 1000 */
	/* set: of META_SET_ STATUS, EXPIRES, DESCRIPTION */
	int (*key_update)(struct meta *m, const struct meta_access_key *k, unsigned set, struct err *e);
	int (*key_delete)(struct meta *m, struct span access_key, struct err *e);
	int (*principal_get)(struct meta *m, struct span access_key, struct arena *a,
		struct meta_principal *p_r, struct err *e);

	/* jti of revoked sessions, forgotten after they expire */
	int (*session_revoke)(struct meta *m, struct span jti, int64_t expires_us, struct err *e);
	int (*session_revoked)(struct meta *m, struct span jti, bool *revoked_r, struct err *e);

	/* buckets: create fills id and created_us. err: ERR_EXISTS with REASON_BUCKET_OWNED or
	 * REASON_BUCKET_TAKEN (b then holds the existing row's id and owner); ERR_NOT_FOUND with
	 * REASON_TENANT or REASON_USER when tenant or owner (unless 0) do not exist */
	int (*bucket_create)(struct meta *m, struct meta_bucket *b, struct err *e);
	int (*bucket_get)(struct meta *m, int64_t tenant_id, struct span name, struct arena *a,
		struct meta_bucket *b_r, struct err *e);
	/* by name, after `after` (absent: begin), names with `prefix`. tenant_id -1: of all tenants, ordered
	 * by (name, tenant), and `after` may then be "NAME/TENANT-ID" to go on within a name;
	 * owner_id -1: of any owner */
	int (*bucket_list)(struct meta *m, int64_t tenant_id, int64_t owner_id, struct span prefix,
		struct span after, unsigned limit, struct arena *a, struct meta_bucket **b_r, size_t *n_r,
		struct err *e);
	/* owner_id by id. err: ERR_NOT_FOUND with REASON_BUCKET or REASON_USER (new owner) */
	int (*bucket_update)(struct meta *m, const struct meta_bucket *b, struct err *e);
	/* From the next commit on. how: not OFF. err: ERR_NOT_FOUND/REASON_BUCKET, ERR_PRECONDITION/
	 * REASON_BUCKET_STATE (SUSPENDED with Object Lock) */
	int (*bucket_set_versioning)(struct meta *m, int64_t id, enum meta_versioning how, struct err *e);
	/* The document of a kind. err: ERR_NOT_FOUND/REASON_CONFIG */
	int (*bucket_config_get)(struct meta *m, int64_t id, enum meta_config_kind kind, struct arena *a,
		struct span *document_r, struct err *e);
	/* Sets or replaces it. err: ERR_NOT_FOUND/REASON_BUCKET, ERR_LIMIT over META_CONFIG_MAX_BYTES,
	 * ERR_PRECONDITION/REASON_BUCKET_STATE (OBJECT_LOCK without versioning) */
	int (*bucket_config_put)(struct meta *m, int64_t id, enum meta_config_kind kind, struct span document,
		struct err *e);
	/* One that is not set is fine. err: ERR_NOT_FOUND/REASON_BUCKET, ERR_PRECONDITION/REASON_BUCKET_STATE
	 * (OBJECT_LOCK, which stays) */
	int (*bucket_config_delete)(struct meta *m, int64_t id, enum meta_config_kind kind, struct err *e);
	/* Only if it holds no version and no marker (err ERR_EXISTS/REASON_BUCKET_NOT_EMPTY); unfinished uploads go to
	 * garbage with it. due_us: when its garbage may be collected. */
	int (*bucket_delete)(struct meta *m, int64_t id, int64_t due_us, struct err *e);

	/* objects; err: ERR_NOT_FOUND/REASON_BUCKET, ERR_PRECONDITION, ERR_NOT_FOUND/REASON_KEY (If-Match).
	 * For conditions a delete marker is no object. A blob that is replaced goes to garbage, due now +
	 * gc_delay. */
	int (*object_put)(struct meta *m, const struct meta_object_put *in, struct meta_write_result *out_r,
		struct err *e);
	/* The current object. err: ERR_NOT_FOUND/REASON_KEY, or REASON_MARKER (then *o_r is the marker). */
	int (*object_get)(struct meta *m, int64_t bucket_id, struct span key, struct arena *a,
		struct meta_object *o_r, struct err *e);
	/* That version. err: ERR_NOT_FOUND/REASON_VERSION, or REASON_MARKER_VERSION (then *o_r is the marker). */
	int (*object_get_version)(struct meta *m, int64_t bucket_id, struct span key,
		const struct version_id *version, struct arena *a, struct meta_object *o_r, struct err *e);
	/* Replaces all tags (tags_encode; empty: none). err: ERR_NOT_FOUND with REASON_KEY or REASON_MARKER or, of
	 * a named version, REASON_VERSION or REASON_MARKER_VERSION. */
	int (*object_set_tags)(struct meta *m, const struct meta_version_ref *ref, struct span tags,
		struct version_id *version_r, struct err *e);
	/* Parts of a multipart object (part_list finds them by number) that overlap [from, from + length) or are empty and begin there, by
	 * offset. */
	int (*object_parts)(struct meta *m, uint64_t gen, uint64_t from, uint64_t length, struct arena *a,
		struct meta_part **p_r, size_t *n_r, struct err *e);
	/* err: as above; ERR_INVALID with REASON_NO_LOCK (a bucket without Object Lock) or REASON_LOCK_DATE (by the
	 * lock time it has passed), ERR_DENIED/REASON_LOCKED */
	int (*object_set_lock)(struct meta *m, const struct meta_version_ref *ref,
		const struct meta_lock_change *change, struct version_id *version_r, struct err *e);
	/* The time that locks go by (model/locktime.h), if any ever did; remembered when it is due. */
	int (*lock_time)(struct meta *m, struct meta_lock_time *out_r, struct err *e);
	/* A missing key or version is fine (d->existed is false). err: ERR_PRECONDITION (d->refused),
	 * ERR_DENIED/REASON_LOCKED (d->locked). */
	int (*object_delete)(struct meta *m, int64_t bucket_id, struct meta_delete *d, struct err *e);
	/* All in order, in one transaction; one that is missing or refused hinders no other. When it
	 * fails, nothing was deleted. err: ERR_NOT_FOUND/REASON_BUCKET. */
	int (*object_delete_many)(struct meta *m, int64_t bucket_id, struct meta_delete *keys, size_t n,
		struct err *e);
	/* Current objects only. */
	int (*object_list)(struct meta *m, const struct meta_list *in, struct arena *a,
		struct meta_list_result *out_r, struct err *e);
	/* All versions and markers, by key, the newest first. */
	int (*object_list_versions)(struct meta *m, const struct meta_list_versions *in, struct arena *a,
		struct meta_list_result *out_r, struct err *e);

	/* multipart; err: ERR_NOT_FOUND/REASON_UPLOAD for an unknown upload or one of another bucket or key */
	int (*upload_create)(struct meta *m, int64_t bucket_id, const struct meta_upload *u, struct err *e);
	int (*upload_get)(struct meta *m, int64_t bucket_id, struct span key, uint64_t gen, struct arena *a,
		struct meta_upload *u_r, struct err *e);
	int (*upload_list)(struct meta *m, const struct meta_list_uploads *in, struct arena *a,
		struct meta_list_uploads_result *out_r, struct err *e);
	/* Adds or replaces a part (mtime_us is assigned); the replaced one goes to garbage. */
	int (*part_put)(struct meta *m, int64_t bucket_id, struct span key, uint64_t gen,
		const struct meta_part *p, struct meta_write_result *out_r, struct err *e);
	int (*part_list)(struct meta *m, uint64_t gen, uint32_t after_no, unsigned limit, struct arena *a,
		struct meta_part **p_r, size_t *n_r, bool *truncated_r, struct err *e);
	/* One transaction, no byte copied. err: ERR_INVALID with REASON_PART, REASON_PART_ORDER,
	 * REASON_PART_TOO_SMALL, REASON_PART_CHECKSUM, REASON_MP_SIZE, REASON_DIGEST; the upload stays. */
	int (*upload_complete)(struct meta *m, const struct meta_complete *in,
		struct meta_complete_result *out_r, struct err *e);
	int (*upload_abort)(struct meta *m, int64_t bucket_id, struct span key, uint64_t gen, struct err *e);

	/* garbage due by now_us, oldest first, at most limit; stays until gc_done */
	int (*gc_take)(struct meta *m, int64_t now_us, unsigned limit, struct arena *a, struct meta_gc **g_r,
		size_t *n_r, struct err *e);
	/* Part blobs of a META_GC_PARTS row (its part rows are kept until gc_done). */
	int (*gc_parts)(struct meta *m, uint64_t gen, uint32_t after_no, unsigned limit, struct arena *a,
		struct meta_part **p_r, size_t *n_r, struct err *e);
	int (*gc_done)(struct meta *m, const int64_t *ids, size_t n, struct err *e);
	/* Makes a row due at due_us, with all it stands for. One that is gone is fine. */
	int (*gc_put_off)(struct meta *m, int64_t id, int64_t due_us, struct err *e);
	/* Puts a blob without metadata into garbage (a failed upload whose removal failed). */
	int (*gc_add)(struct meta *m, const struct meta_gc *g, struct err *e);
	/* For the orphan scan: does any row (object, part, garbage) or a live process's lease of its
	 * generation account for this blob? */
	int (*blob_known)(struct meta *m, const struct meta_blob *blob, bool *known_r, struct err *e);
	/* Forgets completed uploads, revoked sessions and dead leases older than before_us. */
	int (*expire)(struct meta *m, int64_t before_us, struct err *e);
	/* Recomputes usage counters from the rows and says how many differed. For tests and the tool. */
	int (*recount)(struct meta *m, bool repair, uint64_t *wrong_r, struct err *e);
};

struct meta {
	const struct meta_ops *ops;
};

struct meta_config {
	const char *path;	   /* database file; NULL: in memory (tests) */
	const struct clock *clock; /* not owned */
	int64_t gc_delay_us;	   /* grace of superseded blobs */
	int64_t lock_gap_us;	   /* what is believed of the time between two boots, for the lock time */
	int64_t upload_memory_us;  /* how long completed uploads are remembered */
	uint16_t node;		   /* in the high 12 bits of every generation; 0 on one machine */
	bool is_tool;		   /* a short-lived administration process: no checkpoints at close */
};

/* Opens, makes or migrates the schema. err: ERR_UNSUPPORTED a newer schema, ERR_IO a pragma that did
 * not take, a damaged file. */
int meta_sqlite_open(const struct meta_config *cfg, struct meta **m_r, struct err *e) MX_MUST_CHECK;

/* As store_fault_*: fails the n-th call of `inner` before it does anything. */
struct meta *meta_fault_new(struct meta *inner, enum err_kind kind);
void meta_fault_arm(struct meta *fault, unsigned nth);
unsigned meta_fault_calls(const struct meta *fault);

static inline void meta_free(struct meta *m)
{
	if (m)
		m->ops->free(m);
}

#endif
