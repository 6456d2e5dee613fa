/* SPDX-License-Identifier: MIT */
/*
 * A set-associative table of fixed size: a key may live in WAYS slots of one set, and the slot
 * that failed longest ago gives way. The hash is keyed by a random value of this process, so
 * nobody can choose names that share a set.
 */
#include "console/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/rnd.h"
#include "codec/digest.h"

enum { SETS = 1024, WAYS = 4 };

struct slot {
	uint64_t hash; /* 0: free */
	int64_t failed_us;
	unsigned failures;
};

struct throttle {
	pthread_mutex_t lock;
	unsigned char key[32];
	struct slot slots[SETS][WAYS];
	uint64_t inside[THROTTLE_AT_ONCE]; /* hashes of addresses; 0: a free place */
};

struct throttle *throttle_new(void)
{
	struct throttle *t = calloc(1, sizeof(*t));

	if (!t)
		log_die("out of memory");
	pthread_mutex_init(&t->lock, NULL);
	rnd_bytes(t->key, sizeof(t->key));
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static void digest_network(struct span address, unsigned char out[32])
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr v6;

	if (address.n && address.n < sizeof(text))
		memcpy(text, address.p, address.n);
	if (inet_pton(AF_INET6, text, &v6) == 1 && !IN6_IS_ADDR_V4MAPPED(&v6))
		digest_of(DIGEST_SHA256, &v6, sizeof(v6) / 2, out);
	else
		digest_of(DIGEST_SHA256, address.p, address.n, out);
}

static uint64_t keyed_hash(const struct throttle *t, const unsigned char *p, size_t n)
{
	unsigned char mac[32];
	uint64_t hash;

	digest_hmac_sha256(t->key, sizeof(t->key), p, n, mac);
	memcpy(&hash, mac, sizeof(hash));
	return hash | 1;
}

struct throttle_key throttle_key(
	const struct throttle *t, struct span address, struct span tenant, struct span user)
{
	unsigned char digests[3 * 32];

	digest_network(address, digests);
	digest_of(DIGEST_SHA256, tenant.p, tenant.n, digests + 32);
	digest_of(DIGEST_SHA256, user.p, user.n, digests + 64);
	return (struct throttle_key){keyed_hash(t, digests, sizeof(digests))};
}

static struct slot *find(struct throttle *t, uint64_t hash)
{
	struct slot *set = t->slots[(hash >> 1) % SETS];

	for (int i = 0; i < WAYS; i++)
		if (set[i].hash == hash)
			return &set[i];
	return NULL;
}

static struct slot *make(struct throttle *t, uint64_t hash)
{
	struct slot *set = t->slots[(hash >> 1) % SETS], *oldest = &set[0];

	for (int i = 1; i < WAYS; i++)
		if (set[i].failed_us < oldest->failed_us)
			oldest = &set[i];
	*oldest = (struct slot){.hash = hash};
	return oldest;
}

static int64_t pause_us(unsigned failures)
{
	unsigned over = failures - THROTTLE_FREE_FAILURES;

	if (failures <= THROTTLE_FREE_FAILURES)
		return 0;
	if (over > 6)
		return (int64_t)THROTTLE_MAX_WAIT_S * 1000000;
	return ((int64_t)1 << (over - 1)) * 1000000;
}

static unsigned wait_s(const struct slot *s, int64_t now_us)
{
	int64_t left_us = s->failed_us + pause_us(s->failures) - now_us;

	if (left_us <= 0)
		return 0;
	left_us = (left_us + 999999) / 1000000;
	return left_us < THROTTLE_MAX_WAIT_S ? (unsigned)left_us : THROTTLE_MAX_WAIT_S;
}

unsigned throttle_admit(struct throttle *t, struct throttle_key k, int64_t now_us)
{
	struct slot *s;
	unsigned wait;

	pthread_mutex_lock(&t->lock);
	s = find(t, k.hash);
	if (!s)
		s = make(t, k.hash);
	if (now_us - s->failed_us > (int64_t)THROTTLE_FORGET_S * 1000000)
		s->failures = 0;
	wait = wait_s(s, now_us);
	if (wait == 0) {
		if (s->failures < THROTTLE_MAX_WAIT_S)
			s->failures++;
		s->failed_us = now_us;
	}
	pthread_mutex_unlock(&t->lock);
	return wait;
}

void throttle_succeeded(struct throttle *t, struct throttle_key k)
{
	struct slot *s;

	pthread_mutex_lock(&t->lock);
	s = find(t, k.hash);
	if (s)
		*s = (struct slot){0};
	pthread_mutex_unlock(&t->lock);
}

static uint64_t address_hash(const struct throttle *t, struct span address)
{
	unsigned char digest[32];

	digest_network(address, digest);
	return keyed_hash(t, digest, sizeof(digest));
}

bool throttle_enter(struct throttle *t, struct span address)
{
	uint64_t hash = address_hash(t, address), *place = NULL;
	unsigned here = 0;
	bool enters;

	pthread_mutex_lock(&t->lock);
	for (int i = 0; i < THROTTLE_AT_ONCE; i++) {
		if (t->inside[i] == hash)
			here++;
		else if (t->inside[i] == 0)
			place = &t->inside[i];
	}
	enters = place && here < THROTTLE_AT_ONCE_HERE;
	if (enters)
		*place = hash;
	pthread_mutex_unlock(&t->lock);
	return enters;
}

void throttle_leave(struct throttle *t, struct span address)
{
	uint64_t hash = address_hash(t, address);
	int i = 0;

	pthread_mutex_lock(&t->lock);
	while (i < THROTTLE_AT_ONCE && t->inside[i] != hash)
		i++;
	if (i < THROTTLE_AT_ONCE)
		t->inside[i] = 0;
	pthread_mutex_unlock(&t->lock);
}
