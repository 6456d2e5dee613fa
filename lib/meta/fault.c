/* SPDX-License-Identifier: MIT */
/* The fault wrapper: passes every call on, except the n-th fallible one, which fails untouched.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "meta/meta.h"

struct fault {
	struct meta base;
	struct meta *inner;
	enum err_kind kind;
	_Atomic unsigned calls, nth; /* nth 0: never */
};

static struct fault *self(struct meta *m)
{
	return (struct fault *)m;
}

static bool trips(struct fault *f, struct err *e)
{
	unsigned call = atomic_fetch_add(&f->calls, 1) + 1;

	if (call != atomic_load(&f->nth))
		return false;
	(void)err_fail(e, f->kind, "injected fault at call %u", call);
	return true;
}

static void fault_free(struct meta *m)
{
	meta_free(self(m)->inner);
	free(m);
}

static uint64_t fault_epoch(struct meta *m)
{
	struct meta *inner = self(m)->inner;

	return inner->ops->epoch(inner);
}

static bool fault_was_clean(struct meta *m)
{
	struct meta *inner = self(m)->inner;

	return inner->ops->was_clean(inner);
}

static void fault_stats(struct meta *m, struct meta_stats *s_r)
{
	struct meta *inner = self(m)->inner;

	inner->ops->stats(inner, s_r);
}

/* One forwarding function per operation: FORWARD(name, parameters behind m, arguments behind
 * m). */
#define P(...) , __VA_ARGS__
#define FORWARD(op, params, args) \
	static int fault_##op(struct meta *m params, struct err *e) \
	{ \
		struct fault *f = self(m); \
		return trips(f, e) ? -1 : f->inner->ops->op(f->inner args, e); \
	}
#include "meta/fault.def"
#undef FORWARD

#define FORWARD(op, params, args) .op = fault_##op,
static const struct meta_ops fault_ops = {
	.name = "fault",
	.free = fault_free,
	.epoch = fault_epoch,
	.was_clean = fault_was_clean,
	.stats = fault_stats,
#include "meta/fault.def"
};
#undef FORWARD
#undef P

struct meta *meta_fault_new(struct meta *inner, enum err_kind kind)
{
	struct fault *f = calloc(1, sizeof(*f));

	if (!f)
		log_die("out of memory");
	f->base.ops = &fault_ops;
	f->inner = inner;
	f->kind = kind;
	return &f->base;
}

void meta_fault_arm(struct meta *fault, unsigned nth)
{
	struct fault *f = self(fault);

	atomic_store(&f->calls, 0);
	atomic_store(&f->nth, nth);
}

unsigned meta_fault_calls(const struct meta *fault)
{
	return atomic_load(&((const struct fault *)fault)->calls);
}
