/* SPDX-License-Identifier: MIT */
/*
 * An object opened for reading. A plain object is one open blob, so an overwrite does not touch
 * it. A multipart object is the list of its parts, fetched in windows, and a few open part
 * blobs: memory does not grow with the object; superseded parts stay on disk for the garbage
 * delay.
 */
#include <string.h>

#include "svc/impl.h"

enum { OPEN_PARTS = 2 };
#define WINDOW_BYTES ((uint64_t)512 << 20)

struct open_part {
	struct store_reader *r;
	uint64_t pgen, used;
};

struct svc_reader {
	struct svc *s;
	struct meta_bucket bucket; /* names live in the opener's arena */
	struct span key;
	uint64_t gen, size;
	struct etag etag;
	struct checksum checksum;
	struct store_reader *blob; /* a plain object's */
	/* of a multipart object */
	struct arena *window;
	struct meta_part *parts;
	size_t part_count;
	uint64_t window_from, window_end, clock;
	struct open_part open[OPEN_PARTS];
};

static void reader_close(void *arg)
{
	struct svc_reader *r = arg;
	const struct store_ops *ops = r->s->store->ops;

	if (r->blob)
		ops->close(r->blob);
	for (size_t i = 0; i < OPEN_PARTS; i++)
		if (r->open[i].r)
			ops->close(r->open[i].r);
	arena_free(r->window);
}

static int load_window(struct svc_reader *r, uint64_t off, struct err *e)
{
	const struct meta_ops *ops = r->s->meta->ops;

	if (!r->window)
		r->window = arena_new();
	arena_reset(r->window);
	r->part_count = 0;
	r->window_end = r->window_from = 0;
	if (ops->object_parts(r->s->meta, r->gen, off, WINDOW_BYTES, r->window, &r->parts,
		    &r->part_count, e) < 0)
		return -1;
	if (r->part_count) {
		r->window_from = r->parts[0].off;
		r->window_end =
			r->parts[r->part_count - 1].off + r->parts[r->part_count - 1].size;
	}
	return 0;
}

/* The part that holds byte off < size. */
static int find_part(
	struct svc_reader *r, uint64_t off, const struct meta_part **p_r, struct err *e)
{
	size_t lo = 0, hi;

	if ((off < r->window_from || off >= r->window_end) && load_window(r, off, e) < 0)
		return -1;
	if (off < r->window_from || off >= r->window_end)
		return err_fail(
			e, ERR_NOT_FOUND, "no part holds byte %llu", (unsigned long long)off);
	hi = r->part_count - 1;
	while (lo < hi) {
		size_t mid = lo + (hi - lo + 1) / 2;

		if (r->parts[mid].off <= off)
			lo = mid;
		else
			hi = mid - 1;
	}
	*p_r = &r->parts[lo];
	if (off - r->parts[lo].off >= r->parts[lo].size)
		return err_fail(
			e, ERR_IO, "parts have a gap at byte %llu", (unsigned long long)off);
	return 0;
}

static int open_part(struct svc_reader *r, const struct meta_part *p,
	struct store_reader **sr_r, struct err *e)
{
	const struct store_ops *ops = r->s->store->ops;
	struct store_loc loc = part_loc(&r->bucket, r->key, r->gen, p->no, p->pgen);
	struct open_part *oldest = &r->open[0];

	for (size_t i = 0; i < OPEN_PARTS; i++) {
		if (r->open[i].r && r->open[i].pgen == p->pgen) {
			r->open[i].used = ++r->clock;
			*sr_r = r->open[i].r;
			return 0;
		}
		if (r->open[i].used < oldest->used)
			oldest = &r->open[i];
	}
	if (oldest->r)
		ops->close(oldest->r);
	oldest->r = NULL;
	if (ops->open(r->s->store, &loc, &oldest->r, e) < 0) {
		oldest->r = NULL;
		return -1;
	}
	oldest->pgen = p->pgen;
	oldest->used = ++r->clock;
	*sr_r = oldest->r;
	return 0;
}

static int read_part(
	struct svc_reader *r, void *p, size_t cap, uint64_t off, size_t *n_r, struct err *e)
{
	const struct meta_part *part;
	struct store_reader *sr;
	uint64_t left;

	if (find_part(r, off, &part, e) < 0 || open_part(r, part, &sr, e) < 0)
		return -1;
	left = part->size - (off - part->off);
	if (left < cap)
		cap = (size_t)left;
	return r->s->store->ops->pread(sr, p, cap, off - part->off, n_r, e);
}

static int read_some(
	struct svc_reader *r, void *p, size_t cap, uint64_t off, size_t *n_r, struct err *e)
{
	if (r->blob)
		return r->s->store->ops->pread(r->blob, p, cap, off, n_r, e);
	return read_part(r, p, cap, off, n_r, e);
}

/* What is missing behind an object's row is no object that is not there. */
static int missing_is_damage(struct err *e)
{
	if (e && e->kind == ERR_NOT_FOUND)
		e->kind = ERR_IO;
	return -1;
}

int svc_reader_read(
	struct svc_reader *r, void *p, size_t cap, uint64_t off, size_t *n_r, struct err *e)
{
	size_t got = 0, n;

	if (off >= r->size)
		cap = 0;
	else if (r->size - off < cap)
		cap = (size_t)(r->size - off);
	while (got < cap) {
		if (read_some(r, (char *)p + got, cap - got, off + got, &n, e) < 0)
			return missing_is_damage(e);
		if (n == 0)
			return err_fail(e, ERR_IO, "blob %016llx ends before byte %llu",
				(unsigned long long)r->gen, (unsigned long long)(off + got));
		got += n;
	}
	*n_r = got;
	return 0;
}

int reader_piece(struct svc_reader *r, uint64_t off, struct piece *p_r, struct err *e)
{
	const struct meta_part *part;

	if (r->blob) {
		*p_r = (struct piece){.size = r->size, .checksum = r->checksum, .blob = r->blob};
		memcpy(p_r->md5, r->etag.md5, sizeof(p_r->md5));
		return 0;
	}
	*p_r = (struct piece){.blob = NULL};
	if (find_part(r, off, &part, e) < 0 || open_part(r, part, &p_r->blob, e) < 0)
		return missing_is_damage(e);
	p_r->off = part->off;
	p_r->size = part->size;
	p_r->checksum = part->checksum;
	memcpy(p_r->md5, part->md5, sizeof(p_r->md5));
	return 0;
}

/* Opens what the first bytes need, so that a vanished blob shows before a response begins. */
static int open_first(struct svc_reader *r, const struct meta_object *o, struct err *e)
{
	struct store_loc loc = object_loc(&r->bucket, r->key, r->gen);
	const struct meta_part *part;
	struct store_reader *sr;

	if (!o->etag.nparts) {
		if (r->s->store->ops->open(r->s->store, &loc, &r->blob, e) == 0)
			return 0;
		r->blob = NULL;
		return -1;
	}
	if (o->size == 0)
		return 0;
	if (find_part(r, 0, &part, e) < 0)
		return -1;
	return open_part(r, part, &sr, e);
}

static int look_up_and_open(struct svc *s, const struct svc_version *v, struct arena *a,
	struct meta_object *o_r, struct svc_reader **r_r, struct err *e)
{
	struct svc_reader *r;

	if (svc_version_head(s, v, a, o_r, e) < 0)
		return -1;
	r = arena_new_of(a, struct svc_reader);
	r->s = s;
	r->bucket = *v->bucket;
	r->bucket.name = arena_strdup(a, v->bucket->name);
	r->key = o_r->key;
	r->gen = o_r->gen;
	r->size = o_r->size;
	r->etag = o_r->etag;
	r->checksum = o_r->checksum;
	arena_defer(a, reader_close, r);
	*r_r = r;
	return open_first(r, o_r, e);
}

/* The blob of what was looked up is not there. */
static bool is_vanished(const struct err *why, const struct meta_object *o)
{
	return why->kind == ERR_NOT_FOUND && o->gen != 0 && why->reason != REASON_MARKER &&
		why->reason != REASON_MARKER_VERSION;
}

int svc_version_open(struct svc *s, const struct svc_version *v, struct arena *a,
	struct meta_object *o_r, struct svc_reader **r_r, struct err *e)
{
	struct err why = {0};

	memset(o_r, 0, sizeof(*o_r));
	if (look_up_and_open(s, v, a, o_r, r_r, &why) == 0)
		return 0;
	if (!is_vanished(&why, o_r))
		return err_pass(e, &why);
	/* Overwritten and collected between look-up and open: what is there now? */
	memset(o_r, 0, sizeof(*o_r));
	if (look_up_and_open(s, v, a, o_r, r_r, &why) == 0)
		return 0;
	if (is_vanished(&why, o_r))
		return err_fail(e, ERR_IO, "blob %016llx of an object is missing",
			(unsigned long long)o_r->gen);
	return err_pass(e, &why);
}
