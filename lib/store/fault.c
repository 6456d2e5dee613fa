/* SPDX-License-Identifier: MIT */
/* Wrapper fault: passes every call on, except the one it was armed for. Thread-safe. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/store.h"

struct fault {
	struct store base;
	struct store *inner;
	enum err_kind kind;
	atomic_uint nth, calls;
};

struct fault_writer {
	struct store_writer base;
	struct store_writer *inner;
};

struct fault_reader {
	struct store_reader base;
	struct store_reader *inner;
};

static struct fault *fault_of(struct store *s)
{
	return (struct fault *)s;
}

static struct store *inner_of(struct store *s)
{
	return fault_of(s)->inner;
}

static struct store_writer *inner_writer(struct store_writer *w)
{
	return ((struct fault_writer *)w)->inner;
}

static struct store_reader *inner_reader(struct store_reader *r)
{
	return ((struct fault_reader *)r)->inner;
}

/* Counts the call; -1 if it is the one to fail. */
static int strike(struct store *s, const char *what, struct err *e)
{
	struct fault *f = fault_of(s);
	unsigned call = atomic_fetch_add(&f->calls, 1) + 1;

	if (call != atomic_load(&f->nth))
		return 0;
	return err_fail(e, f->kind, "fault: call %u, %s", call, what);
}

static void fault_free(struct store *s)
{
	store_free(inner_of(s));
	free(s);
}

static void *wrapper_new(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		log_die("out of memory");
	return p;
}

static int fault_create(struct store *s, const struct store_loc *loc, uint64_t expected_bytes,
	struct store_writer **w_r, struct err *e)
{
	struct store_writer *inner;
	struct fault_writer *w;

	if (strike(s, "create", e) < 0 ||
		inner_of(s)->ops->create(inner_of(s), loc, expected_bytes, &inner, e) < 0)
		return -1;
	w = wrapper_new(sizeof(*w));
	w->base.store = s;
	w->inner = inner;
	*w_r = &w->base;
	return 0;
}

static int fault_write(struct store_writer *w, const void *p, size_t n, struct err *e)
{
	if (strike(w->store, "write", e) < 0)
		return -1;
	return inner_of(w->store)->ops->write(inner_writer(w), p, n, e);
}

static int fault_copy_range(struct store_writer *w, struct store_reader *from, uint64_t off,
	uint64_t n, struct err *e)
{
	if (strike(w->store, "copy_range", e) < 0)
		return -1;
	return inner_of(w->store)->ops->copy_range(
		inner_writer(w), inner_reader(from), off, n, e);
}

static void fault_abort(struct store_writer *w)
{
	inner_of(w->store)->ops->abort(inner_writer(w));
	free(w);
}

static int fault_commit(struct store_writer *w, const struct store_tag *tag, struct err *e)
{
	int r;

	if (strike(w->store, "commit", e) < 0) {
		fault_abort(w);
		return -1;
	}
	r = inner_of(w->store)->ops->commit(inner_writer(w), tag, e);
	free(w);
	return r;
}

static int fault_open(
	struct store *s, const struct store_loc *loc, struct store_reader **r_r, struct err *e)
{
	struct store_reader *inner;
	struct fault_reader *r;

	if (strike(s, "open", e) < 0 || inner_of(s)->ops->open(inner_of(s), loc, &inner, e) < 0)
		return -1;
	r = wrapper_new(sizeof(*r));
	r->base.store = s;
	r->inner = inner;
	*r_r = &r->base;
	return 0;
}

static int fault_pread(
	struct store_reader *r, void *p, size_t n, uint64_t off, size_t *n_r, struct err *e)
{
	if (strike(r->store, "pread", e) < 0)
		return -1;
	return inner_of(r->store)->ops->pread(inner_reader(r), p, n, off, n_r, e);
}

static int fault_fd(struct store_reader *r)
{
	return inner_of(r->store)->ops->fd(inner_reader(r));
}

static uint64_t fault_size(struct store_reader *r)
{
	return inner_of(r->store)->ops->size(inner_reader(r));
}

static void fault_close(struct store_reader *r)
{
	inner_of(r->store)->ops->close(inner_reader(r));
	free(r);
}

static int fault_remove(struct store *s, const struct store_loc *loc, struct err *e)
{
	return strike(s, "remove", e) < 0 ? -1 : inner_of(s)->ops->remove(inner_of(s), loc, e);
}

static int fault_bucket_create(
	struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	if (strike(s, "bucket_create", e) < 0)
		return -1;
	return inner_of(s)->ops->bucket_create(inner_of(s), tenant, bucket, e);
}

static int fault_bucket_remove(
	struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	if (strike(s, "bucket_remove", e) < 0)
		return -1;
	return inner_of(s)->ops->bucket_remove(inner_of(s), tenant, bucket, e);
}

static int fault_scan(struct store *s, store_scan_fn *fn, void *ctx, struct err *e)
{
	return strike(s, "scan", e) < 0 ? -1 : inner_of(s)->ops->scan(inner_of(s), fn, ctx, e);
}

static int fault_note_put(struct store *s, struct span tenant, struct span bucket,
	struct span json, struct err *e)
{
	if (strike(s, "note_put", e) < 0)
		return -1;
	return inner_of(s)->ops->note_put(inner_of(s), tenant, bucket, json, e);
}

static int fault_note_get(struct store *s, struct span tenant, struct span bucket,
	struct arena *a, struct span *json_r, struct err *e)
{
	if (strike(s, "note_get", e) < 0)
		return -1;
	return inner_of(s)->ops->note_get(inner_of(s), tenant, bucket, a, json_r, e);
}

static int fault_note_remove(
	struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	if (strike(s, "note_remove", e) < 0)
		return -1;
	return inner_of(s)->ops->note_remove(inner_of(s), tenant, bucket, e);
}

static int fault_note_list(struct store *s,
	int (*fn)(void *ctx, struct span tenant, struct span bucket, struct err *e), void *ctx,
	struct err *e)
{
	if (strike(s, "note_list", e) < 0)
		return -1;
	return inner_of(s)->ops->note_list(inner_of(s), fn, ctx, e);
}

static int fault_probe(struct store *s, struct err *e)
{
	return strike(s, "probe", e) < 0 ? -1 : inner_of(s)->ops->probe(inner_of(s), e);
}

static int fault_usage(struct store *s, struct store_usage *u_r, struct err *e)
{
	return strike(s, "usage", e) < 0 ? -1 : inner_of(s)->ops->usage(inner_of(s), u_r, e);
}

static int fault_settle(struct store *s, struct err *e)
{
	return strike(s, "settle", e) < 0 ? -1 : inner_of(s)->ops->settle(inner_of(s), e);
}

static const struct store_ops ops = {
	.name = "fault",
	.free = fault_free,
	.create = fault_create,
	.write = fault_write,
	.copy_range = fault_copy_range,
	.commit = fault_commit,
	.abort = fault_abort,
	.open = fault_open,
	.pread = fault_pread,
	.fd = fault_fd,
	.size = fault_size,
	.close = fault_close,
	.remove = fault_remove,
	.bucket_create = fault_bucket_create,
	.bucket_remove = fault_bucket_remove,
	.scan = fault_scan,
	.note_put = fault_note_put,
	.note_get = fault_note_get,
	.note_remove = fault_note_remove,
	.note_list = fault_note_list,
	.probe = fault_probe,
	.usage = fault_usage,
	.settle = fault_settle,
};

struct store *store_fault_new(struct store *inner, enum err_kind kind)
{
	struct fault *f = wrapper_new(sizeof(*f));

	f->base.ops = &ops;
	f->inner = inner;
	f->kind = kind;
	return &f->base;
}

void store_fault_arm(struct store *fault, unsigned nth)
{
	atomic_store(&fault_of(fault)->calls, 0);
	atomic_store(&fault_of(fault)->nth, nth);
}

unsigned store_fault_calls(const struct store *fault)
{
	return atomic_load(&((const struct fault *)fault)->calls);
}
