/* SPDX-License-Identifier: MIT */
/*
 * The orphan scan: blobs that a crash left without a row. A blob goes only if no metadata and
 * no lease of a live process accounts for it, it is older than the grace, and it is not older
 * than the database itself: bytes put there before, or with a database that was lost, are not
 * ours to judge.
 */
#include <string.h>

#include "base/log.h"
#include "svc/impl.h"

enum { BATCH = 4096 };
/* Files carry the time of the kernel's last tick, at most 10 ms old; ours is exact. Without this much
 * patience an orphan of the first moments would pass for one from before the database, for ever. */
enum { FILE_TIME_LAG_US = 20 * 1000 };

struct orphan {
	struct orphan *next;
	struct store_loc loc;
};

struct scan_state {
	struct svc *s;
	struct arena *a;
	struct orphan *first;
	unsigned found;
	bool full;
	int64_t older_than_us, installed_us;
	uint64_t seen, removed, damaged, foreign;
};

static void remember(struct scan_state *st, const struct store_loc *loc)
{
	struct orphan *o = arena_new_of(st->a, struct orphan);

	o->loc = *loc;
	o->loc.tenant = arena_dup(st->a, loc->tenant);
	o->loc.bucket = arena_dup(st->a, loc->bucket);
	o->loc.key = arena_dup(st->a, loc->key);
	o->next = st->first;
	st->first = o;
	st->found++;
}

static int judge(void *ctx, const struct store_found *f, struct err *e)
{
	struct scan_state *st = ctx;
	struct svc *s = st->s;
	struct meta_blob blob = {
		.tenant_pub = f->loc.tenant,
		.bucket = f->loc.bucket,
		.key = f->loc.key,
		.gen = f->loc.gen,
		.part_no = f->loc.part_no,
		.part_gen = f->loc.part_gen,
		.mtime_us = f->mtime_us - FILE_TIME_LAG_US,
	};
	bool known;

	if (background_wait(&s->background, 0))
		return err_fail(e, ERR_BUSY, "the process is stopping");
	st->seen++;
	if (f->damaged) {
		st->damaged++;
		return 0;
	}
	if (f->mtime_us > st->older_than_us)
		return 0;
	if (s->meta->ops->blob_known(s->meta, &blob, &known, e) < 0)
		return -1;
	if (known)
		return 0;
	if (f->mtime_us < st->installed_us - FILE_TIME_LAG_US) {
		st->foreign++;
		return 0;
	}
	remember(st, &f->loc);
	st->full = st->found == BATCH;
	return st->full ? err_fail(e, ERR_BUSY, "batch is full") : 0;
}

static int remove_batch(struct scan_state *st, struct err *e)
{
	for (const struct orphan *o = st->first; o; o = o->next) {
		if (st->s->store->ops->remove(st->s->store, &o->loc, e) < 0)
			return -1;
		st->removed++;
	}
	return 0;
}

/* One walk; stops early at a full batch (full). */
static int walk(struct scan_state *st, struct err *e)
{
	struct err why = {0};
	int rc;

	st->a = arena_new();
	st->first = NULL;
	st->found = 0;
	st->full = false;
	st->seen = st->damaged = st->foreign = 0;
	rc = st->s->store->ops->scan(st->s->store, judge, st, &why);
	if (rc == 0 || st->full)
		rc = remove_batch(st, &why);
	arena_free(st->a);
	return rc < 0 ? err_pass(e, &why) : 0;
}

static int installed_at(struct svc *s, int64_t *at_us_r, struct err *e)
{
	struct arena *a = arena_new();
	struct err why = {0};
	struct span text;
	uint64_t v = 0;
	int rc = s->meta->ops->setting_get(s->meta, "installed_at", a, &text, &why);

	if (rc == 0 && !span_to_u64(text, &v))
		rc = err_fail(&why, ERR_INTERNAL, "setting installed_at is damaged");
	arena_free(a);
	*at_us_r = (int64_t)v;
	return rc < 0 ? err_pass(e, &why) : 0;
}

int svc_orphan_scan(struct svc *s, uint64_t *seen_r, uint64_t *removed_r, struct err *e)
{
	struct scan_state st = {.s = s};
	int rc;

	*seen_r = *removed_r = 0;
	if (installed_at(s, &st.installed_us, e) < 0)
		return -1;
	st.older_than_us = clock_now_us(s->clock) - s->cfg->orphan_grace_s * 1000000;
	do
		rc = walk(&st, e);
	while (rc == 0 && st.full);
	if (st.damaged)
		log_warn("orphan scan: %llu files whose name says nothing were left alone",
			(unsigned long long)st.damaged);
	if (st.foreign)
		log_warn("orphan scan: %llu files older than the database were left alone",
			(unsigned long long)st.foreign);
	metrics_add(s->metrics, METRIC_ORPHANS_REMOVED, (int64_t)st.removed);
	*seen_r = st.seen;
	*removed_r = st.removed;
	return rc;
}
