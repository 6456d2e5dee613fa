/* SPDX-License-Identifier: MIT */
/*
 * Garbage: blobs that metadata gave up are removed after their delay; the file first, then the
 * row, so a crash between both only repeats the removal. What cannot be removed now is put off
 * and does not stop the rest.
 */
#include <string.h>

#include "base/log.h"
#include "svc/impl.h"

enum { ROUND = 200, PART_PAGE = 500 };
#define RETRY_US ((int64_t)600 * 1000000)

struct round {
	struct svc *s;
	uint64_t removed;
	int64_t done[ROUND];
	size_t done_n, put_off;
	struct err first; /* what went wrong first */
};

static struct store_loc gc_loc(const struct meta_gc *g)
{
	return (struct store_loc){
		.tenant = span_str(g->tenant_pub),
		.bucket = span_str(g->bucket),
		.key = g->key,
		.gen = g->gen,
		.part_no = g->kind == META_GC_PART ? g->part_no : 0,
		.part_gen = g->kind == META_GC_PART ? g->part_gen : 0,
	};
}

static int remove_blob(struct round *r, const struct store_loc *loc, struct err *e)
{
	if (r->s->store->ops->remove(r->s->store, loc, e) < 0)
		return -1;
	r->removed++;
	return 0;
}

static int remove_parts(struct round *r, const struct meta_gc *g, struct err *e)
{
	struct store_loc loc = gc_loc(g);
	uint32_t after = 0;
	size_t n = PART_PAGE;
	int rc = 0;

	while (rc == 0 && n == PART_PAGE) {
		struct arena *a = arena_new();
		struct meta_part *p;

		rc = r->s->meta->ops->gc_parts(
			r->s->meta, g->gen, after, PART_PAGE, a, &p, &n, e);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			loc.part_no = after = p[i].no;
			loc.part_gen = p[i].pgen;
			rc = remove_blob(r, &loc, e);
		}
		arena_free(a);
	}
	return rc;
}

/* The place of a deleted bucket, unless a bucket of that name lives again. */
static int remove_place(struct round *r, const struct meta_gc *g, struct err *e)
{
	struct svc *s = r->s;
	struct arena *a = arena_new();
	struct tenant_brief t = {0};
	struct err why = {0};
	struct meta_bucket b;
	bool known = true;

	if (g->tenant_pub[0] && tenant_brief_get(s, span_str(g->tenant_pub), a, &t, &why) < 0)
		known = false;
	if (known &&
		s->meta->ops->bucket_get(s->meta, t.id, span_str(g->bucket), a, &b, &why) < 0)
		known = false;
	arena_free(a);
	if (known)
		return 0;
	if (why.kind != ERR_NOT_FOUND)
		return err_pass(e, &why);
	return s->store->ops->bucket_remove(
		s->store, span_str(g->tenant_pub), span_str(g->bucket), e);
}

static int collect(struct round *r, const struct meta_gc *g, struct err *e)
{
	struct store_loc loc = gc_loc(g);

	switch (g->kind) {
	case META_GC_OBJECT:
	case META_GC_PART:
		return remove_blob(r, &loc, e);
	case META_GC_PARTS:
		return remove_parts(r, g, e);
	case META_GC_BUCKET:
		return remove_place(r, g, e);
	}
	return err_fail(e, ERR_INTERNAL, "garbage of unknown kind %d", (int)g->kind);
}

/* What cannot be removed is put off, so that the same failures do not fill every round. */
static void take_one(struct round *r, const struct meta_gc *g)
{
	const struct meta_ops *ops = r->s->meta->ops;
	struct err e = {0};

	if (collect(r, g, &e) == 0) {
		r->done[r->done_n++] = g->id;
		return;
	}
	/* A directory that still holds younger garbage is no failure. */
	if (g->kind != META_GC_BUCKET || e.kind != ERR_EXISTS) {
		log_err(LOG_WARN, &e, "garbage of bucket %s", g->bucket);
		if (r->first.kind == ERR_NONE)
			r->first = e;
	}
	if (ops->gc_put_off(r->s->meta, g->id, clock_now_us(r->s->clock) + RETRY_US, &e) == 0)
		r->put_off++;
}

static int gc_round(struct svc *s, size_t *taken_r, uint64_t *removed_r, struct err *e)
{
	struct round r = {.s = s};
	struct arena *a = arena_new();
	struct meta_gc *g = NULL;
	size_t n = 0;
	int rc = s->meta->ops->gc_take(s->meta, clock_now_us(s->clock), ROUND, a, &g, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		take_one(&r, &g[i]);
	if (rc == 0 && r.done_n)
		rc = s->meta->ops->gc_done(s->meta, r.done, r.done_n, e);
	arena_free(a);
	metrics_add(s->metrics, METRIC_GC_REMOVED, (int64_t)r.removed);
	*removed_r += r.removed;
	*taken_r = r.done_n + r.put_off;
	if (rc < 0)
		return -1;
	return r.first.kind == ERR_NONE ? 0 : err_pass(e, &r.first);
}

int svc_gc_run(struct svc *s, uint64_t *removed_r, struct err *e)
{
	size_t taken = ROUND;
	int rc = 0;

	*removed_r = 0;
	while (rc == 0 && taken == ROUND && !background_wait(&s->background, 0))
		rc = gc_round(s, &taken, removed_r, e);
	return rc;
}
