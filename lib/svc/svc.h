/* SPDX-License-Identifier: MIT */
/*
 * Use cases without HTTP or XML. `struct svc` is one process's whole state: settings, metadata,
 * store, secrets, caches, metrics; made by a main, passed explicitly, thread-safe.
 */
#ifndef MX_SVC_SVC_H
#define MX_SVC_SVC_H

#include "auth/authz.h"
#include "auth/sealbox.h"
#include "base/reason.h"
#include "base/source.h"
#include "cfg/cfg.h"
#include "meta/meta.h"
#include "model/objmeta.h"
#include "store/store.h"
#include "svc/metrics.h"

struct svc;

struct svc_parts {
	const struct cfg *cfg;
	const struct clock *clock;
	struct meta *meta; /* all three are owned by the svc from here on */
	struct store *store;
	struct sealbox *sealbox;
	struct metrics *metrics; /* not owned; may be NULL */
};
/* For mains: opens everything below cfg->data_dir (made with mode 0750 if missing). is_tool as
 * in struct meta_config. Tools run as root become the owner of the data directory first. */
int svc_open(const struct cfg *cfg, const struct clock *clock, struct metrics *metrics,
	bool is_tool, struct svc **s_r, struct err *e) MX_MUST_CHECK;
/* What svc_open does first: a process of root becomes the owner of the directory. */
int svc_become_owner(const char *data_dir, struct err *e) MX_MUST_CHECK;
/* For tests: from drivers in memory. */
struct svc *svc_new(const struct svc_parts *parts);
/* clean: everything was drained; leaves the clean-shutdown marker. NULL is fine. */
void svc_close(struct svc *s, bool clean);

const struct cfg *svc_cfg(const struct svc *s);
const struct clock *svc_clock(const struct svc *s);
struct meta *svc_meta(const struct svc *s);
struct store *svc_store(const struct svc *s);
const struct sealbox *svc_sealbox(const struct svc *s);
struct metrics *svc_metrics(const struct svc *s);

/* ---- svc/directory.c: who calls, which bucket is meant; cached until the shared epoch moves
 */

struct svc_principal {
	struct caller caller;
	struct span access_key, secret;          /* arena */
	const char *canonical_id, *display_name; /* arena */
	const char *tenant_pub;                  /* "" for global */
	enum meta_status key_status, user_status, tenant_status;
	int64_t key_expires_us;
	uint64_t epoch; /* as of which all this holds */
	char signing_day[9]; /* of signing_key; "" before the first use */
	unsigned char signing_key[32];
};
/* Resolves without judging. err: ERR_NOT_FOUND/REASON_ACCESS_KEY. */
int svc_principal_get(struct svc *s, struct span access_key, struct arena *a,
	struct svc_principal *p_r, struct err *e) MX_MUST_CHECK;
/* The key of Signature V4 for a day (8 digits) in this region; made once and then cached with p. */
const unsigned char *svc_signing_key(struct svc *s, struct svc_principal *p, struct span day);
/* ERR_DENIED with REASON_KEY_DISABLED, REASON_KEY_EXPIRED, REASON_SUSPENDED_USER or
 * REASON_SUSPENDED_TENANT; 0 when the principal may act. */
int svc_principal_check(
	const struct svc *s, const struct svc_principal *p, struct err *e) MX_MUST_CHECK;
/* The caller of an unsigned request: namespace of cfg anonymous_tenant, or global. */
int svc_anonymous(struct svc *s, struct caller *c_r, struct err *e) MX_MUST_CHECK;

/* The tenant's domain that a host (lower case, without port) is or stands below, and that tenant's public id;
 * both absent if there is none. */
int svc_domain_find(struct svc *s, struct span host, struct arena *a, struct span *domain_r,
	struct span *tenant_r, struct err *e) MX_MUST_CHECK;

/* Finds the bucket a name means for this caller: `{tenant-id}--{bucket}` or `global--{bucket}`
 * anywhere, else the caller's namespace. usage counters may be stale. err:
 * ERR_NOT_FOUND/REASON_BUCKET. */
int svc_bucket_find(struct svc *s, const struct caller *c, struct span name, struct arena *a,
	struct meta_bucket *b_r, struct err *e) MX_MUST_CHECK;
/* Canonical id and display name of a user, cached. A deleted user: empty strings. */
int svc_owner_get(struct svc *s, int64_t user_id, struct arena *a, const char **canonical_id_r,
	const char **display_name_r, struct err *e) MX_MUST_CHECK;

/* ---- svc/bucket.c ------------------------------------------------------------------- */

/* In the caller's namespace (or the explicit one for a global admin), owned by him. Makes row,
 * directory and readable copy. err: ERR_INVALID/REASON_BUCKET_NAME, ERR_EXISTS with
 * REASON_BUCKET_OWNED or _TAKEN. */
int svc_bucket_create(struct svc *s, const struct caller *c, struct span name,
	struct span location, struct arena *a, struct meta_bucket *b_r,
	struct err *e) MX_MUST_CHECK;
/* The same, with what else can be asked of a new bucket. */
struct svc_new_bucket {
	struct span name, location;
	bool lock; /* with Object Lock, and so with versioning */
};
int svc_bucket_create_as(struct svc *s, const struct caller *c, const struct svc_new_bucket *in,
	struct arena *a, struct meta_bucket *b_r, struct err *e) MX_MUST_CHECK;
/* The owner, by id; the readable copy follows. */
int svc_bucket_update(struct svc *s, const struct meta_bucket *b, struct err *e) MX_MUST_CHECK;
/* From the next commit on, in every process; the readable copy follows. how: not OFF. */
int svc_bucket_set_versioning(struct svc *s, const struct meta_bucket *b,
	enum meta_versioning how, struct err *e) MX_MUST_CHECK;
int svc_bucket_delete(struct svc *s, const struct meta_bucket *b, struct err *e) MX_MUST_CHECK;
/* The buckets a caller may see in ListBuckets: his own; all of the namespace for an admin. */
int svc_bucket_list(struct svc *s, const struct caller *c, struct span prefix,
	struct span after, unsigned limit, struct arena *a, struct meta_bucket **b_r,
	size_t *n_r, struct err *e) MX_MUST_CHECK;
/* Rewrites every readable copy that differs from the metadata, removes those of no bucket; at
 * start. */
int svc_bucket_notes_refresh(struct svc *s, uint64_t *written_r, struct err *e) MX_MUST_CHECK;

/* ---- svc/config.c: what is configured of a bucket -------------------------------------- */

/* A document as it was put, cached. One that the bucket's flags do not show costs no read. err:
 * ERR_NOT_FOUND/REASON_CONFIG. */
int svc_bucket_config_get(struct svc *s, const struct meta_bucket *b,
	enum meta_config_kind kind, struct arena *a, struct span *document_r,
	struct err *e) MX_MUST_CHECK;
/* Both hold from the next request on, in every process; the readable copy follows. err: as in meta.h. */
int svc_bucket_config_put(struct svc *s, const struct meta_bucket *b,
	enum meta_config_kind kind, struct span document, struct err *e) MX_MUST_CHECK;
int svc_bucket_config_delete(struct svc *s, const struct meta_bucket *b,
	enum meta_config_kind kind, struct err *e) MX_MUST_CHECK;

/* ---- svc/object.c ------------------------------------------------------------------- */

/* What a received body must prove before anything is committed. */
struct svc_body {
	struct source *src;
	uint64_t length;    /* UINT64_MAX: unknown */
	uint64_t max_bytes; /* ERR_LIMIT/REASON_TOO_LARGE past it */
	bool has_md5, has_sha256;
	unsigned char md5[16];    /* Content-MD5 */
	unsigned char sha256[32]; /* x-amz-content-sha256 */
	enum checksum_alg alg;    /* to compute; NONE means CRC64NVME */
	bool has_checksum;        /* `checksum` is what the client says it is */
	struct checksum checksum;
	/* When set, asked once after the last byte: the trailer's value. */
	int (*trailer)(void *ctx, struct checksum *c_r, struct err *e);
	void *trailer_ctx;
	/* Of a copy (svc_body_copy): where the bytes are, so that the store may share them. */
	struct svc_reader *copied;
	uint64_t copied_from;
	/* When set, asked again and again while bytes come in; fails to give up. */
	int (*progress)(void *ctx, struct err *e);
	void *progress_ctx;
};

struct svc_put {
	const struct meta_bucket *bucket;
	struct span key;
	struct svc_body body;
	const struct objmeta *meta;
	struct span tags; /* tags_encode; absent: none */
	struct lock lock; /* without a retention the bucket's default is applied */
	const struct write_conditions *conditions; /* NULL: none */
	int64_t owner_id;
};
struct svc_put_result {
	struct etag etag;
	struct checksum checksum;
	uint64_t size, vseq;
	int64_t mtime_us;
	struct version_id version; /* null unless the bucket's versioning is enabled */
};
/* Durable when it returns 0. Conditions that already fail are refused before the body is read.
 * err: ERR_INVALID with REASON_DIGEST, REASON_SHA256 or a chunk reason; ERR_INCOMPLETE;
 * ERR_LIMIT; ERR_PRECONDITION; ERR_NOT_FOUND; nothing is stored then. */
int svc_object_put(struct svc *s, const struct svc_put *in, struct arena *a,
	struct svc_put_result *out_r, struct err *e) MX_MUST_CHECK;

/* An object opened for reading: its metadata and its bytes, a snapshot that survives
 * overwrites. */
struct svc_reader;
/* What is to be read: a version of a key, or the current one. */
struct svc_version {
	const struct meta_bucket *bucket;
	struct span key;
	const struct version_id *version; /* NULL: the current one */
};
/* err: ERR_NOT_FOUND with REASON_KEY or, of a named version, REASON_VERSION; a delete marker is
 * REASON_MARKER or REASON_MARKER_VERSION, and then in *o_r. */
int svc_version_head(struct svc *s, const struct svc_version *v, struct arena *a,
	struct meta_object *o_r, struct err *e) MX_MUST_CHECK;
/* Closed with the arena. err: as above. */
int svc_version_open(struct svc *s, const struct svc_version *v, struct arena *a,
	struct meta_object *o_r, struct svc_reader **r_r, struct err *e) MX_MUST_CHECK;
/* Both of the current version. */
int svc_object_head(struct svc *s, const struct meta_bucket *b, struct span key,
	struct arena *a, struct meta_object *o_r, struct err *e) MX_MUST_CHECK;
int svc_object_open(struct svc *s, const struct meta_bucket *b, struct span key,
	struct arena *a, struct meta_object *o_r, struct svc_reader **r_r,
	struct err *e) MX_MUST_CHECK;
/* Up to cap bytes at off (parts of a multipart object are joined); 0 only at the object's end.
 * A blob shorter than its metadata says is ERR_IO. */
int svc_reader_read(struct svc_reader *r, void *p, size_t cap, uint64_t off, size_t *n_r,
	struct err *e) MX_MUST_CHECK;

/* Replaces all its tags (tags_encode; empty: none). err: as svc_version_head. */
int svc_version_set_tags(struct svc *s, const struct svc_version *v, struct span tags,
	struct version_id *version_r, struct err *e) MX_MUST_CHECK;

/* Retention, legal hold. err: as svc_version_head, ERR_INVALID with REASON_NO_LOCK or
 * REASON_LOCK_DATE, ERR_DENIED/REASON_LOCKED. */
int svc_version_set_lock(struct svc *s, const struct svc_version *v,
	const struct meta_lock_change *change, struct version_id *version_r,
	struct err *e) MX_MUST_CHECK;

/* What became of it is in *d. err: ERR_PRECONDITION, ERR_DENIED/REASON_LOCKED. */
int svc_object_delete(struct svc *s, const struct meta_bucket *b, struct meta_delete *d,
	struct err *e) MX_MUST_CHECK;
/* All in one commit; what became of each key is in it. When it fails, nothing was deleted. */
int svc_objects_delete(struct svc *s, const struct meta_bucket *b, struct meta_delete *keys,
	size_t n, struct err *e) MX_MUST_CHECK;
/* Listing needs nothing of its own: object_list and object_list_versions through svc_meta. */

/* ---- svc/copy.c --------------------------------------------------------------------- */

/* Makes *b_r a body of bytes [from, from + n) of an object, which the store copies. What is exactly one
 * blob has the digests it is known by; anything else is read for them, and whatever of it is a whole
 * blob must still have the checksum it was stored with (ERR_IO). r outlives the body. */
void svc_body_copy(struct svc_body *b_r, struct svc_reader *r, uint64_t from, uint64_t n,
	struct arena *a);

/* ---- svc/multipart.c ---------------------------------------------------------------- */

enum { SVC_UPLOAD_ID_LEN = 48 };
/* An upload id is opaque text naming bucket and generation, authenticated (HMAC under a key of
 * this installation), so that ids of another bucket or key never pass. */
int svc_upload_create(struct svc *s, const struct meta_bucket *b, const struct meta_upload *u,
	char id_r[SVC_UPLOAD_ID_LEN + 1], struct err *e) MX_MUST_CHECK;
/* err: ERR_NOT_FOUND/REASON_UPLOAD for a malformed or foreign id as well. */
int svc_upload_get(struct svc *s, const struct meta_bucket *b, struct span key, struct span id,
	struct arena *a, struct meta_upload *u_r, struct err *e) MX_MUST_CHECK;
void svc_upload_id(
	struct svc *s, int64_t bucket_id, uint64_t gen, char id_r[SVC_UPLOAD_ID_LEN + 1]);
bool svc_upload_id_parse(struct svc *s, int64_t bucket_id, struct span id, uint64_t *gen_r);

struct svc_part_put {
	const struct meta_bucket *bucket;
	struct span key, upload_id;
	uint32_t no; /* 1-10000, checked by the caller */
	struct svc_body body;
};
int svc_part_put(struct svc *s, const struct svc_part_put *in, struct arena *a,
	struct svc_put_result *out_r, struct err *e) MX_MUST_CHECK;
struct svc_complete {
	const struct meta_bucket *bucket;
	struct span key, upload_id;
	const struct meta_complete_part *parts;
	size_t count;
	bool has_size;
	uint64_t size;
	struct checksum checksum; /* alg NONE: not given */
	const struct write_conditions *conditions;
};
int svc_upload_complete(struct svc *s, const struct svc_complete *in, struct arena *a,
	struct meta_complete_result *out_r, struct err *e) MX_MUST_CHECK;
int svc_upload_abort(struct svc *s, const struct meta_bucket *b, struct span key,
	struct span id, struct arena *a, struct err *e) MX_MUST_CHECK;

/* ---- svc/people.c: tenants, users, access keys, for tools and console --------------- */

struct svc_new_user {
	int64_t tenant_id;
	struct span name, display_name, email, password; /* password absent: no console login */
	enum meta_role role;
};
/* err: ERR_INVALID/REASON_NAME, REASON_PASSWORD; ERR_EXISTS/REASON_USER. A global admin has
 * tenant 0, a tenant admin a tenant. */
int svc_user_create(struct svc *s, const struct svc_new_user *in, struct arena *a,
	struct meta_user *u_r, struct err *e) MX_MUST_CHECK;
/* As user_update of meta; all of *u is checked as at creation. Another role or status voids the
 * user's sessions. */
int svc_user_update(
	struct svc *s, const struct meta_user *u, unsigned set, struct err *e) MX_MUST_CHECK;
/* Also voids the user's sessions. */
int svc_user_set_password(struct svc *s, int64_t user_id, struct span password, struct arena *a,
	struct err *e) MX_MUST_CHECK;
/* Makes the public id. */
int svc_tenant_create(struct svc *s, struct span name, struct span display_name,
	struct arena *a, struct meta_tenant *t_r, struct err *e) MX_MUST_CHECK;
/* As tenant_update of meta; all of *t is checked as at creation. */
int svc_tenant_update(
	struct svc *s, const struct meta_tenant *t, unsigned set, struct err *e) MX_MUST_CHECK;
/* access_key and secret absent: random ones (20 upper-case characters, 40 of base64's
 * alphabet). The secret comes back in secret_r only here. */
int svc_key_create(struct svc *s, int64_t user_id, struct span access_key, struct span secret,
	struct span description, int64_t expires_us, struct arena *a, const char **access_key_r,
	const char **secret_r, struct err *e) MX_MUST_CHECK;
/* As key_update of meta; the description is checked as at creation. */
int svc_key_update(struct svc *s, const struct meta_access_key *k, unsigned set,
	struct err *e) MX_MUST_CHECK;
/* First start: when there is no user at all, makes the global admin `admin` with the given
 * password (absent: a random one of 20 readable characters) and a first access key. made_r
 * false: there were users. */
struct svc_first_start {
	bool made;
	const char *user, *password, *access_key, *secret; /* arena */
};
int svc_first_start(struct svc *s, struct span password, struct arena *a,
	struct svc_first_start *out_r, struct err *e) MX_MUST_CHECK;

/* Checks name (`user` of the global namespace, or `user` with the tenant's name or id) and
 * password in equal time whether the user exists or not. err: ERR_DENIED. */
int svc_login(struct svc *s, struct span tenant, struct span user, struct span password,
	struct arena *a, struct meta_user *u_r, struct err *e) MX_MUST_CHECK;

/* ---- svc/gc.c ----------------------------------------------------------------------- */

/* One round of collecting due garbage; *removed_r counts files. */
int svc_gc_run(struct svc *s, uint64_t *removed_r, struct err *e) MX_MUST_CHECK;
/* Removes every blob that no metadata names and that is older than cfg orphan_grace_s. */
int svc_orphan_scan(
	struct svc *s, uint64_t *seen_r, uint64_t *removed_r, struct err *e) MX_MUST_CHECK;
/* The background thread of s3.fcgi: recovery after an unclean end (orphan scan), then gc rounds
 * and expiry. svc_close stops it. */
int svc_background_start(struct svc *s, struct err *e) MX_MUST_CHECK;

/* Can requests be served? For /ready: the reason is in *e. */
int svc_ready(struct svc *s, struct err *e) MX_MUST_CHECK;
/* Brings the gauges of metadata and disk up to date; the background thread does it each round,
 * a process without one before it writes its metrics. */
void svc_gauges_refresh(struct svc *s);

#endif
