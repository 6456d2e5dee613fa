/* SPDX-License-Identifier: MIT */
/*
 * Driver mem: everything in memory, for tests. One lock; a blob that is removed lives on for
 * those who have it open. Callbacks of scan and note_list run unlocked over a snapshot.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/store.h"

enum { SLOTS = 1024 };

struct blob {
	struct blob *next;
	unsigned refs; /* under the lock */
	struct store_loc loc;
	struct store_tag tag;
	char *p;
	size_t n, cap;
	int64_t mtime_us;
	char names[]; /* tenant, bucket, key, which loc points into */
};

struct place {
	struct place *next;
	struct span tenant, bucket; /* owned */
	bool exists;                /* the bucket; a note may be there without it */
	struct span note;           /* owned; absent: none */
};

struct mem {
	struct store base;
	pthread_mutex_t lock;
	struct blob *blobs[SLOTS];
	struct place *places;
};

struct mem_writer {
	struct store_writer base;
	struct blob *blob;
};

struct mem_reader {
	struct store_reader base;
	struct blob *blob;
};

static void *checked(void *p)
{
	if (!p)
		log_die("out of memory");
	return p;
}

static struct mem *mem_of(struct store *s)
{
	return (struct mem *)s;
}

static struct span copy_span(struct span s)
{
	char *p = checked(malloc(s.n + 1));

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return span_of(p, s.n);
}

static struct blob *blob_new(const struct store_loc *loc)
{
	const struct span *from[] = {&loc->tenant, &loc->bucket, &loc->key};
	struct blob *b =
		checked(calloc(1, sizeof(*b) + loc->tenant.n + loc->bucket.n + loc->key.n));
	struct span *to[] = {&b->loc.tenant, &b->loc.bucket, &b->loc.key};
	char *at = b->names;

	b->loc = *loc;
	b->refs = 1;
	b->mtime_us = clock_now_us(&clock_system);
	for (int i = 0; i < 3; i++) {
		if (from[i]->n)
			memcpy(at, from[i]->p, from[i]->n);
		*to[i] = span_of(at, from[i]->n);
		at += from[i]->n;
	}
	if (!loc->tenant.n)
		b->loc.tenant = SPAN_NULL;
	return b;
}

/* With the lock held, or when nobody else knows it. */
static void blob_unref(struct blob *b)
{
	if (--b->refs)
		return;
	free(b->p);
	free(b);
}

static bool same_loc(const struct store_loc *a, const struct store_loc *b)
{
	return a->gen == b->gen && a->part_no == b->part_no &&
		(a->part_no == 0 || a->part_gen == b->part_gen) && span_eq(a->key, b->key) &&
		span_eq(a->bucket, b->bucket) && span_eq(a->tenant, b->tenant);
}

static struct blob **find_blob(struct mem *m, const struct store_loc *loc)
{
	uint64_t mix = loc->gen * 31 + loc->part_no + (loc->part_no ? loc->part_gen * 7 : 0);
	struct blob **at = &m->blobs[mix % SLOTS];

	while (*at && !same_loc(&(*at)->loc, loc))
		at = &(*at)->next;
	return at;
}

static struct place **find_place(struct mem *m, struct span tenant, struct span bucket)
{
	struct place **at = &m->places;

	while (*at && !(span_eq((*at)->tenant, tenant) && span_eq((*at)->bucket, bucket)))
		at = &(*at)->next;
	return at;
}

static struct place *need_place(struct mem *m, struct span tenant, struct span bucket)
{
	struct place **at = find_place(m, tenant, bucket);

	if (!*at) {
		*at = checked(calloc(1, sizeof(**at)));
		(*at)->tenant = copy_span(tenant);
		(*at)->bucket = copy_span(bucket);
	}
	return *at;
}

static void place_free(struct place *p)
{
	free((char *)(uintptr_t)p->tenant.p);
	free((char *)(uintptr_t)p->bucket.p);
	free((char *)(uintptr_t)p->note.p);
	free(p);
}

static void mem_free(struct store *s)
{
	struct mem *m = mem_of(s);

	for (int i = 0; i < SLOTS; i++)
		while (m->blobs[i]) {
			struct blob *b = m->blobs[i];

			m->blobs[i] = b->next;
			blob_unref(b);
		}
	while (m->places) {
		struct place *p = m->places;

		m->places = p->next;
		place_free(p);
	}
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static int mem_create(struct store *s, const struct store_loc *loc, uint64_t expected_bytes,
	struct store_writer **w_r, struct err *e)
{
	struct mem *m = mem_of(s);
	struct mem_writer *w;
	struct place *place;
	bool exists, taken;

	(void)expected_bytes;
	if (loc->key.n == 0)
		return err_fail(e, ERR_INVALID, "empty key");
	pthread_mutex_lock(&m->lock);
	place = *find_place(m, loc->tenant, loc->bucket);
	exists = place && place->exists;
	taken = *find_blob(m, loc) != NULL;
	pthread_mutex_unlock(&m->lock);
	if (!exists)
		return err_fail(e, ERR_NOT_FOUND, "no such bucket");
	if (taken)
		return err_fail(e, ERR_EXISTS, "the blob exists");
	w = checked(calloc(1, sizeof(*w)));
	w->base.store = s;
	w->blob = blob_new(loc);
	*w_r = &w->base;
	return 0;
}

static int mem_write(struct store_writer *w, const void *p, size_t n, struct err *e)
{
	struct blob *b = ((struct mem_writer *)w)->blob;

	(void)e;
	if (n == 0)
		return 0;
	if (b->cap - b->n < n) {
		b->cap = (b->n + n) * 2;
		b->p = checked(realloc(b->p, b->cap));
	}
	memcpy(b->p + b->n, p, n);
	b->n += n;
	return 0;
}

static int mem_copy_range(struct store_writer *w, struct store_reader *from, uint64_t off,
	uint64_t n, struct err *e)
{
	const struct blob *b = ((struct mem_reader *)from)->blob;

	if (n == 0)
		return 0;
	if (off > b->n || n > b->n - off)
		return err_fail(e, ERR_IO, "a blob ends before byte %llu",
			(unsigned long long)(off + n));
	return mem_write(w, b->p + off, (size_t)n, e);
}

static void mem_abort(struct store_writer *w)
{
	blob_unref(((struct mem_writer *)w)->blob);
	free(w);
}

static int mem_commit(struct store_writer *w, const struct store_tag *tag, struct err *e)
{
	struct mem *m = mem_of(w->store);
	struct blob *b = ((struct mem_writer *)w)->blob, **at;
	struct place *place;
	bool ok;

	if (tag)
		b->tag = *tag;
	pthread_mutex_lock(&m->lock);
	place = *find_place(m, b->loc.tenant, b->loc.bucket);
	at = find_blob(m, &b->loc);
	ok = place && place->exists && !*at;
	if (ok)
		*at = b;
	pthread_mutex_unlock(&m->lock);
	if (!ok) {
		mem_abort(w);
		return err_fail(e, ERR_IO, "the bucket went, or the blob came");
	}
	free(w);
	return 0;
}

static int mem_open(
	struct store *s, const struct store_loc *loc, struct store_reader **r_r, struct err *e)
{
	struct mem *m = mem_of(s);
	struct mem_reader *r;
	struct blob *b;

	pthread_mutex_lock(&m->lock);
	b = *find_blob(m, loc);
	if (b)
		b->refs++;
	pthread_mutex_unlock(&m->lock);
	if (!b)
		return err_fail(e, ERR_NOT_FOUND, "no such blob");
	r = checked(calloc(1, sizeof(*r)));
	r->base.store = s;
	r->blob = b;
	*r_r = &r->base;
	return 0;
}

static int mem_pread(
	struct store_reader *r, void *p, size_t n, uint64_t off, size_t *n_r, struct err *e)
{
	const struct blob *b = ((struct mem_reader *)r)->blob;
	size_t left = off < b->n ? b->n - (size_t)off : 0;

	(void)e;
	*n_r = n < left ? n : left;
	if (*n_r)
		memcpy(p, b->p + off, *n_r);
	return 0;
}

static int mem_fd(struct store_reader *r)
{
	(void)r;
	return -1;
}

static uint64_t mem_size(struct store_reader *r)
{
	return ((struct mem_reader *)r)->blob->n;
}

static void mem_close(struct store_reader *r)
{
	struct mem *m = mem_of(r->store);

	pthread_mutex_lock(&m->lock);
	blob_unref(((struct mem_reader *)r)->blob);
	pthread_mutex_unlock(&m->lock);
	free(r);
}

static int mem_remove(struct store *s, const struct store_loc *loc, struct err *e)
{
	struct mem *m = mem_of(s);
	struct blob **at, *b;

	(void)e;
	pthread_mutex_lock(&m->lock);
	at = find_blob(m, loc);
	b = *at;
	if (b) {
		*at = b->next;
		blob_unref(b);
	}
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static int mem_bucket_create(
	struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	struct mem *m = mem_of(s);

	(void)e;
	pthread_mutex_lock(&m->lock);
	need_place(m, tenant, bucket)->exists = true;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static bool holds_blobs(const struct mem *m, struct span tenant, struct span bucket)
{
	for (int i = 0; i < SLOTS; i++)
		for (const struct blob *b = m->blobs[i]; b; b = b->next)
			if (span_eq(b->loc.tenant, tenant) && span_eq(b->loc.bucket, bucket))
				return true;
	return false;
}

static int mem_bucket_remove(
	struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	struct mem *m = mem_of(s);
	struct place *place;
	bool full;

	pthread_mutex_lock(&m->lock);
	place = *find_place(m, tenant, bucket);
	full = holds_blobs(m, tenant, bucket);
	if (place && !full)
		place->exists = false;
	pthread_mutex_unlock(&m->lock);
	return full ? err_fail(e, ERR_EXISTS, "the bucket holds blobs") : 0;
}

/* References to all blobs; *n_r of them. */
static struct blob **snapshot_blobs(struct mem *m, size_t *n_r)
{
	struct blob **all;
	size_t n = 0;

	pthread_mutex_lock(&m->lock);
	for (int i = 0; i < SLOTS; i++)
		for (struct blob *b = m->blobs[i]; b; b = b->next)
			n++;
	all = checked(calloc(n + 1, sizeof(struct blob *)));
	n = 0;
	for (int i = 0; i < SLOTS; i++)
		for (struct blob *b = m->blobs[i]; b; b = b->next) {
			b->refs++;
			all[n++] = b;
		}
	pthread_mutex_unlock(&m->lock);
	*n_r = n;
	return all;
}

static int mem_scan(struct store *s, store_scan_fn *fn, void *ctx, struct err *e)
{
	struct mem *m = mem_of(s);
	struct blob **all;
	size_t n;
	int r = 0;

	all = snapshot_blobs(m, &n);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct store_found found = {
			.loc = all[i]->loc,
			.size_bytes = all[i]->n,
			.mtime_us = all[i]->mtime_us,
			.name = all[i]->loc.key,
		};

		r = fn(ctx, &found, e);
	}
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < n; i++)
		blob_unref(all[i]);
	pthread_mutex_unlock(&m->lock);
	free(all);
	return r;
}

static void set_note(struct place *p, struct span note)
{
	free((char *)(uintptr_t)p->note.p);
	p->note = note;
}

static int mem_note_put(struct store *s, struct span tenant, struct span bucket,
	struct span json, struct err *e)
{
	struct mem *m = mem_of(s);

	(void)e;
	pthread_mutex_lock(&m->lock);
	set_note(need_place(m, tenant, bucket), copy_span(json));
	pthread_mutex_unlock(&m->lock);
	return 0;
}

static int mem_note_get(struct store *s, struct span tenant, struct span bucket,
	struct arena *a, struct span *json_r, struct err *e)
{
	struct mem *m = mem_of(s);
	struct place *place;

	pthread_mutex_lock(&m->lock);
	place = *find_place(m, tenant, bucket);
	*json_r = place ? arena_dup(a, place->note) : SPAN_NULL;
	pthread_mutex_unlock(&m->lock);
	return span_absent(*json_r) ? err_fail(e, ERR_NOT_FOUND, "no such note") : 0;
}

static int mem_note_remove(
	struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	struct mem *m = mem_of(s);
	struct place *place;

	(void)e;
	pthread_mutex_lock(&m->lock);
	place = *find_place(m, tenant, bucket);
	if (place)
		set_note(place, SPAN_NULL);
	pthread_mutex_unlock(&m->lock);
	return 0;
}

/* Places are never freed before the store, so that walking them needs the lock for each step
 * only. */
static int mem_note_list(struct store *s,
	int (*fn)(void *ctx, struct span tenant, struct span bucket, struct err *e), void *ctx,
	struct err *e)
{
	struct mem *m = mem_of(s);
	struct place *place;
	int r = 0;

	pthread_mutex_lock(&m->lock);
	place = m->places;
	while (place && r == 0) {
		if (!span_absent(place->note)) {
			pthread_mutex_unlock(&m->lock);
			r = fn(ctx, place->tenant.n ? place->tenant : SPAN_NULL, place->bucket,
				e);
			pthread_mutex_lock(&m->lock);
		}
		place = place->next;
	}
	pthread_mutex_unlock(&m->lock);
	return r;
}

static int mem_nothing(struct store *s, struct err *e)
{
	(void)s;
	(void)e;
	return 0;
}

static int mem_usage(struct store *s, struct store_usage *u_r, struct err *e)
{
	(void)s;
	(void)e;
	memset(u_r, 0, sizeof(*u_r));
	return 0;
}

static const struct store_ops ops = {
	.name = "mem",
	.free = mem_free,
	.create = mem_create,
	.write = mem_write,
	.copy_range = mem_copy_range,
	.commit = mem_commit,
	.abort = mem_abort,
	.open = mem_open,
	.pread = mem_pread,
	.fd = mem_fd,
	.size = mem_size,
	.close = mem_close,
	.remove = mem_remove,
	.bucket_create = mem_bucket_create,
	.bucket_remove = mem_bucket_remove,
	.scan = mem_scan,
	.note_put = mem_note_put,
	.note_get = mem_note_get,
	.note_remove = mem_note_remove,
	.note_list = mem_note_list,
	.probe = mem_nothing,
	.usage = mem_usage,
	.settle = mem_nothing,
};

struct store *store_mem_new(void)
{
	struct mem *m = checked(calloc(1, sizeof(*m)));

	m->base.ops = &ops;
	pthread_mutex_init(&m->lock, NULL);
	return &m->base;
}
