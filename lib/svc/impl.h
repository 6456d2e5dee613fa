/* SPDX-License-Identifier: MIT */
/* What the files of this folder share; nobody else includes it. */
#ifndef MX_SVC_IMPL_H
#define MX_SVC_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "svc/svc.h"

/* Hands an error on; e may be NULL. */
static inline int err_pass(struct err *e, const struct err *from)
{
	if (e)
		*e = *from;
	return -1;
}

/* ---- cache.c: bounded maps whose entries hold while the shared epoch stands --------- */

struct cache;

struct cache *cache_new(size_t max_entries);
void cache_free(struct cache *c); /* wipes all values */
/* Calls copy(value, ctx) under the lock and returns true when key is known as of `epoch`. */
bool cache_get(struct cache *c, struct span key, uint64_t epoch,
	void (*copy)(const void *value, void *ctx), void *ctx);
/* Takes over value, one malloc'ed block of `size` bytes. epoch: read before what it holds was
 * loaded. */
void cache_put(struct cache *c, struct span key, uint64_t epoch, void *value, size_t size);
size_t cache_count(struct cache *c);

/* ---- hasher.c: digests of a body; those of a large one beside reading and writing --- */

enum {
	HASH_SLOT_BYTES = 256 * 1024,
	HASH_RING = 3,
	HASH_STREAMS_MAX =
		32, /* rings at one time; further bodies are hashed where they are read */
	HASH_LARGE_BYTES = 4 * 1024 * 1024
};

struct hash_pool;
struct hasher;

struct hash_pool *hash_pool_new(unsigned threads); /* 0: always where they are read */
void hash_pool_free(struct hash_pool *p);

/* mask: of DIGEST_ bits. expected: UINT64_MAX when unknown. */
struct hasher *hasher_new(struct hash_pool *p, unsigned mask, uint64_t expected_bytes);
void hasher_free(struct hasher *h);
/* The next buffer to read into, *cap_r bytes large; waits until one is free. */
unsigned char *hasher_buffer(struct hasher *h, size_t *cap_r);
/* The buffer's first n bytes are hashed; they stay readable until the next hasher_buffer. */
void hasher_add(struct hasher *h, size_t n);
void hasher_finish(struct hasher *h);
void hasher_get(const struct hasher *h, enum digest_alg alg, unsigned char *out);

/* ---- body.c: what objects and parts share ------------------------------------------- */

struct ingest {
	uint64_t size;
	unsigned char md5[16];
	struct checksum kept;   /* of the algorithm that metadata keeps */
	struct checksum answer; /* of the one the client asked for; else the kept one */
};
/* keep: the algorithm to store. Streams the body into a fresh blob at loc, verifies it and
 * makes it durable with tag (md5 is filled in). On failure nothing stays. */
int ingest_blob(struct svc *s, const struct meta_bucket *b, const struct store_loc *loc,
	const struct svc_body *body, enum checksum_alg keep, struct ingest *out_r,
	struct err *e) MX_MUST_CHECK;
/* After a failed metadata write: removes the blob unless the outcome is unknown. why: that
 * failure. */
void ingest_undo(struct svc *s, const struct meta_bucket *b, const struct store_loc *loc,
	const struct err *why);

/* ---- reader.c: the blobs of an opened object ---------------------------------------- */

struct piece {
	uint64_t off, size; /* in the object */
	unsigned char md5[16];
	struct checksum checksum;
	struct store_reader *blob; /* open until others have been read */
};
/* The blob that holds byte off < size: all of a plain object, a part of another. */
int reader_piece(
	struct svc_reader *r, uint64_t off, struct piece *p_r, struct err *e) MX_MUST_CHECK;

/* ---- the process's state ------------------------------------------------------------ */

struct background {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, stop;
	int64_t told_offset_us; /* of the host's clock from the lock time, when it was last logged */
};

/* What the last probe of disk and database said. */
struct readiness {
	pthread_mutex_t lock;
	int64_t at_us; /* 0: never asked */
	struct err e;  /* kind ERR_NONE: ready */
};

struct svc {
	const struct cfg *cfg;
	const struct clock *clock;
	struct meta *meta;
	struct store *store;
	struct sealbox *sealbox;
	struct metrics *metrics;
	struct cache *principals, *buckets, *owners, *tenants, *configs;
	struct hash_pool *hashes;
	unsigned char upload_key[32];
	atomic_bool
		in_doubt; /* a blob of ours may be without an owner: the next start must scan */
	atomic_bool unscanned; /* an earlier process ended badly and its blobs were not yet all
				  judged */
	struct background background;
	struct readiness readiness;
};

void background_init(struct background *g);
void background_stop(struct svc *s);
/* Sleeps until `ms` passed or svc_close was called; true in that case. */
bool background_wait(struct background *g, int64_t ms);

struct store_loc object_loc(const struct meta_bucket *b, struct span key, uint64_t gen);
struct store_loc part_loc(
	const struct meta_bucket *b, struct span key, uint64_t gen, uint32_t no, uint64_t pgen);
/* Makes the bucket's readable copy say what metadata says, or removes it. */
int bucket_note_sync(struct svc *s, int64_t tenant_id, struct span tenant_pub, struct span name,
	bool *changed_r, struct err *e) MX_MUST_CHECK;
/* The same after a change, which is durable: a copy that could not be written is told, and
 * mended at the next start. */
void bucket_note_follow(struct svc *s, const struct meta_bucket *b);
/* A tenant by public id or name, cached. err: ERR_NOT_FOUND/REASON_TENANT. */
struct tenant_brief {
	int64_t id;
	enum meta_status status;
	char pub[16];
};
int tenant_brief_get(struct svc *s, struct span pub_or_name, struct arena *a,
	struct tenant_brief *t_r, struct err *e) MX_MUST_CHECK;

#endif
