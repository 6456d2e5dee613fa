/* SPDX-License-Identifier: MIT */
/*
 * Bounded maps from bytes to one block of memory. An entry is believed only while the epoch it
 * was loaded under is the shared one, so a change by any process holds for the next request.
 * When full, the oldest entry goes. Values may hold secrets: they are wiped before they are
 * freed.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "svc/impl.h"

#define HASH_NONFATAL_OOM 0
#define uthash_fatal(msg) log_die("uthash: %s", msg)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <uthash.h>

enum { SHARDS = 16 };

struct entry {
	UT_hash_handle hh;
	uint64_t epoch;
	void *value;
	size_t size, key_n;
	char key[];
};

struct shard {
	pthread_rwlock_t lock;
	struct entry *entries;
};

struct cache {
	size_t max_per_shard;
	struct shard shards[SHARDS];
};

struct cache *cache_new(size_t max_entries)
{
	struct cache *c = calloc(1, sizeof(*c));

	if (!c)
		log_die("out of memory");
	c->max_per_shard = max_entries / SHARDS ? max_entries / SHARDS : 1;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_rwlock_init(&c->shards[i].lock, NULL);
	return c;
}

static void entry_free(struct entry *en)
{
	explicit_bzero(en->value, en->size);
	free(en->value);
	free(en);
}

static void shard_drop(struct shard *sh, struct entry *en)
{
	HASH_DEL(sh->entries, en);
	entry_free(en);
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		while (c->shards[i].entries)
			shard_drop(&c->shards[i], c->shards[i].entries);
		pthread_rwlock_destroy(&c->shards[i].lock);
	}
	free(c);
}

/* FNV-1a; also what uthash gets, so that a key is hashed once. */
static unsigned key_hash(struct span key)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 16777619u;
	return h;
}

static struct entry *shard_find(struct shard *sh, struct span key, unsigned hash)
{
	struct entry *en;

	HASH_FIND_BYHASHVALUE(hh, sh->entries, key.p, key.n, hash, en);
	return en;
}

static struct shard *shard_of(struct cache *c, unsigned hash)
{
	return &c->shards[(hash >> 20) % SHARDS];
}

bool cache_get(struct cache *c, struct span key, uint64_t epoch,
	void (*copy)(const void *value, void *ctx), void *ctx)
{
	unsigned hash = key_hash(key);
	struct shard *sh = shard_of(c, hash);
	struct entry *en;
	bool hit;

	pthread_rwlock_rdlock(&sh->lock);
	en = shard_find(sh, key, hash);
	hit = en && en->epoch == epoch;
	if (hit)
		copy(en->value, ctx);
	pthread_rwlock_unlock(&sh->lock);
	return hit;
}

static struct entry *entry_new(struct span key, uint64_t epoch, void *value, size_t size)
{
	struct entry *en = malloc(sizeof(*en) + key.n);

	if (!en)
		log_die("out of memory");
	memset(en, 0, sizeof(*en));
	en->epoch = epoch;
	en->value = value;
	en->size = size;
	en->key_n = key.n;
	memcpy(en->key, key.p, key.n);
	return en;
}

void cache_put(struct cache *c, struct span key, uint64_t epoch, void *value, size_t size)
{
	struct entry *en = entry_new(key, epoch, value, size), *old;
	unsigned hash = key_hash(key);
	struct shard *sh = shard_of(c, hash);

	pthread_rwlock_wrlock(&sh->lock);
	old = shard_find(sh, key, hash);
	if (old)
		shard_drop(sh, old);
	if (HASH_COUNT(sh->entries) >= c->max_per_shard)
		shard_drop(sh, sh->entries);
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, sh->entries, en->key, en->key_n, hash, en);
	pthread_rwlock_unlock(&sh->lock);
}

size_t cache_count(struct cache *c)
{
	size_t n = 0;

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_rwlock_rdlock(&c->shards[i].lock);
		n += HASH_COUNT(c->shards[i].entries);
		pthread_rwlock_unlock(&c->shards[i].lock);
	}
	return n;
}
#pragma GCC diagnostic pop
