/* SPDX-License-Identifier: MIT */
/* What the component tests of lib/svc share: a svc over drivers in memory, both behind fault
 * wrappers. */
#ifndef MX_TESTS_SVC_FIXTURE_H
#define MX_TESTS_SVC_FIXTURE_H

#include <stdlib.h>

#include "base/reason.h"
#include "svc/impl.h"
#include "tests/unit/testing.h"

enum { FIX_GC_DELAY_S = 60, FIX_GRACE_S = 3600 };
#define FIX_SECOND_US ((int64_t)1000000)
#define FIX_PART_BYTES ((size_t)5 << 20)

struct fix {
	struct clock clock; /* stands; begins at the host's time, which the memory store uses */
	struct cfg cfg;
	struct metrics *metrics;
	struct store *store; /* fault wrappers, owned by s */
	struct meta *meta;
	struct svc *s;
	struct arena *a;
	struct err e;
	struct meta_user user; /* a global user `ann` with the bucket `photos` */
	struct caller caller;
	struct meta_bucket bucket;
};

/* kind: what an armed fault fails with. */
void fix_open(struct fix *f, enum err_kind kind);
void fix_close(struct fix *f);
void fix_cfg(struct cfg *cfg);
void fix_advance(struct fix *f, int64_t seconds);

/* A body over bytes, of announced length, within 5 GiB. */
struct svc_body fix_body(struct source_mem *m, struct span bytes);
int fix_put_body(struct fix *f, const char *key, const struct svc_body *body,
	struct svc_put_result *out_r);
int fix_put(struct fix *f, const char *key, struct span bytes);
/* The whole object; absent when it cannot be had (f->e says why). */
struct span fix_get(struct fix *f, const char *key);
/* Deterministic bytes, in f's arena. */
struct span fix_bytes(struct fix *f, size_t n, unsigned seed);
size_t fix_blobs(struct fix *f);
/* Everything that can be collected: garbage once its delay is over. */
void fix_collect(struct fix *f);
struct meta_user fix_user(
	struct fix *f, int64_t tenant_id, const char *name, enum meta_role role);
struct caller fix_caller(const struct meta_user *u);

#define assert_ok(f, call) \
	do { \
		if ((call) != 0) \
			fail_msg("%s: %s (%s)", #call, err_kind_name((f)->e.kind), \
				(f)->e.text); \
	} while (0)
#define assert_fails(f, call, want_kind, want_reason) \
	do { \
		err_clear(&(f)->e); \
		assert_int_equal((call), -1); \
		if ((f)->e.kind != (want_kind)) \
			fail_msg("%s: %s (%s)", #call, err_kind_name((f)->e.kind), \
				(f)->e.text); \
		assert_int_equal((f)->e.reason, (want_reason)); \
	} while (0)
#define assert_same(got, want) \
	do { \
		struct span got_ = (got), want_ = (want); \
		assert_false(span_absent(got_)); \
		assert_int_equal(got_.n, want_.n); \
		assert_true(span_eq(got_, want_)); \
	} while (0)

#endif
