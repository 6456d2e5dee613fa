/* SPDX-License-Identifier: MIT */
/*
 * Digests of a body. A small body is hashed where it is read. A large one gets a ring of
 * buffers: MD5, the slowest digest, runs in a thread of a small pool while the request's own
 * thread reads, writes and computes the faster digests. Rings are bounded in number and size,
 * so memory is flat.
 *
 * Invariants: slots [tail, head) of a ring belong to the pool, the others to the request's
 * thread. A hasher is in the pool's queue or in a worker's hands at most once.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "svc/impl.h"

enum { WORKERS_MAX = 16, WORKER_STACK_BYTES = 256 * 1024 };

struct hasher {
	struct hash_pool *pool;
	struct digest_set *md5, *rest; /* rest NULL when only MD5 is wanted */
	unsigned char *slots;
	size_t slot_bytes;
	uint64_t seen;
	/* of a ring; under the pool's lock */
	bool ring, busy;
	unsigned head, tail; /* counts of slots given and taken */
	size_t len[HASH_RING];
	pthread_cond_t moved;
	struct hasher *next;
};

struct hash_pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct hasher *first, *last;
	unsigned rings, started, wanted;
	bool stop;
	pthread_t workers[WORKERS_MAX];
};

static void enqueue(struct hash_pool *p, struct hasher *h)
{
	h->next = NULL;
	if (p->last)
		p->last->next = h;
	else
		p->first = h;
	p->last = h;
}

static struct hasher *dequeue(struct hash_pool *p)
{
	struct hasher *h = p->first;

	p->first = h->next;
	if (!p->first)
		p->last = NULL;
	return h;
}

/* One slot at a time, so that streams share the workers evenly. */
static void *worker(void *arg)
{
	struct hash_pool *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct hasher *h;
		unsigned slot;

		while (!p->first && !p->stop)
			pthread_cond_wait(&p->work, &p->lock);
		if (!p->first)
			break;
		h = dequeue(p);
		slot = h->tail % HASH_RING;
		pthread_mutex_unlock(&p->lock);
		digest_update(h->md5, h->slots + (size_t)slot * h->slot_bytes, h->len[slot]);
		pthread_mutex_lock(&p->lock);
		h->tail++;
		if (h->tail != h->head)
			enqueue(p, h);
		else
			h->busy = false;
		pthread_cond_signal(&h->moved);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct hash_pool *hash_pool_new(unsigned threads)
{
	struct hash_pool *p = calloc(1, sizeof(*p));

	if (!p)
		log_die("out of memory");
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->wanted = threads < WORKERS_MAX ? threads : WORKERS_MAX;
	return p;
}

/* Under the lock. Workers come with the first large bodies; false when there can be none. */
static bool have_worker(struct hash_pool *p)
{
	pthread_attr_t attr;
	sigset_t all, old;

	if (p->started == p->wanted)
		return p->started > 0;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WORKER_STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&p->workers[p->started], &attr, worker, p) == 0)
		p->started++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return p->started > 0;
}

void hash_pool_free(struct hash_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->started; i++)
		pthread_join(p->workers[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void slots_alloc(struct hasher *h, size_t count)
{
	free(h->slots);
	h->slots = malloc(count * h->slot_bytes);
	if (!h->slots)
		log_die("out of memory");
}

static void make_ring(struct hasher *h)
{
	struct hash_pool *p = h->pool;

	pthread_mutex_lock(&p->lock);
	if (p->rings < HASH_STREAMS_MAX && have_worker(p)) {
		p->rings++;
		h->ring = true;
	}
	pthread_mutex_unlock(&p->lock);
	if (h->ring)
		slots_alloc(h, HASH_RING);
}

struct hasher *hasher_new(struct hash_pool *p, unsigned mask, uint64_t expected_bytes)
{
	struct hasher *h = calloc(1, sizeof(*h));
	unsigned rest = mask & ~(1u << DIGEST_MD5);

	if (!h)
		log_die("out of memory");
	h->pool = p;
	h->md5 = digest_new(1u << DIGEST_MD5);
	h->rest = rest ? digest_new(rest) : NULL;
	pthread_cond_init(&h->moved, NULL);
	/* One byte more than expected, so that the body's end is seen without a second buffer.
	 */
	h->slot_bytes =
		expected_bytes < HASH_SLOT_BYTES ? (size_t)expected_bytes + 1 : HASH_SLOT_BYTES;
	if (expected_bytes != UINT64_MAX && expected_bytes > HASH_LARGE_BYTES)
		make_ring(h);
	if (!h->ring)
		slots_alloc(h, 1);
	return h;
}

/* Waits until no worker holds h; drop: what is not yet hashed never will be. */
static void ring_settle(struct hasher *h, bool drop)
{
	struct hash_pool *p = h->pool;

	pthread_mutex_lock(&p->lock);
	if (drop && h->head - h->tail > 1)
		h->head = h->tail + 1;
	while (h->busy)
		pthread_cond_wait(&h->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	if (h->ring) {
		ring_settle(h, true);
		pthread_mutex_lock(&h->pool->lock);
		h->pool->rings--;
		pthread_mutex_unlock(&h->pool->lock);
	}
	pthread_cond_destroy(&h->moved);
	digest_free(h->md5);
	digest_free(h->rest);
	free(h->slots);
	free(h);
}

unsigned char *hasher_buffer(struct hasher *h, size_t *cap_r)
{
	unsigned slot;

	if (!h->ring && h->seen > HASH_LARGE_BYTES)
		make_ring(h);
	*cap_r = h->slot_bytes;
	if (!h->ring)
		return h->slots;
	pthread_mutex_lock(&h->pool->lock);
	while (h->head - h->tail == HASH_RING)
		pthread_cond_wait(&h->moved, &h->pool->lock);
	slot = h->head % HASH_RING;
	pthread_mutex_unlock(&h->pool->lock);
	return h->slots + (size_t)slot * h->slot_bytes;
}

static void ring_push(struct hasher *h, size_t n)
{
	struct hash_pool *p = h->pool;

	pthread_mutex_lock(&p->lock);
	h->len[h->head % HASH_RING] = n;
	h->head++;
	if (!h->busy) {
		h->busy = true;
		enqueue(p, h);
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
}

void hasher_add(struct hasher *h, size_t n)
{
	const unsigned char *at = h->slots;

	if (h->ring) {
		at += (size_t)(h->head % HASH_RING) * h->slot_bytes;
		ring_push(h, n);
	} else {
		digest_update(h->md5, at, n);
	}
	if (h->rest)
		digest_update(h->rest, at, n);
	h->seen += n;
}

void hasher_finish(struct hasher *h)
{
	if (h->ring)
		ring_settle(h, false);
	digest_finish(h->md5);
	if (h->rest)
		digest_finish(h->rest);
}

void hasher_get(const struct hasher *h, enum digest_alg alg, unsigned char *out)
{
	digest_get(alg == DIGEST_MD5 ? h->md5 : h->rest, alg, out);
}
