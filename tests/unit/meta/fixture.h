/* SPDX-License-Identifier: MIT */
/* What the tests of lib/meta share: a database in memory or in a directory of its own, and rows
 * in it. */
#ifndef MX_TESTS_META_FIXTURE_H
#define MX_TESTS_META_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/reason.h"
#include "meta/meta.h"
#include "tests/unit/testing.h"

enum { FIX_GC_DELAY_US = 1000000 };
#define FIX_UPLOAD_MEMORY_US (7LL * 86400 * 1000000)
#define FIX_START_US 1700000000000000LL

struct fix {
	struct clock clock;
	char dir[64]; /* "" in memory */
	char path[128];
	struct meta *m;
	struct arena *a;
	struct err e;
	int64_t user_id, bucket_id; /* of fix_seed */
};

/* in_memory false: in a new directory. */
void fix_open(struct fix *f, bool in_memory);
/* Another handle on the same directory; NULL when it cannot be opened (f->e says why). */
struct meta *fix_open_again(struct fix *f, bool is_tool);
void fix_close(struct fix *f);
/* For cmocka: *state is a struct fix, in memory. */
int fix_setup_in_memory(void **state);
/* The same after fix_seed; _dir: in a new directory. */
int fix_setup_seeded(void **state);
int fix_setup_seeded_dir(void **state);
int fix_teardown(void **state);
/* A user and a bucket "bucket" of the global namespace. */
void fix_seed(struct fix *f);
int64_t fix_tenant(struct fix *f, const char *pub, const char *name);
int64_t fix_user(struct fix *f, int64_t tenant_id, const char *name);
int64_t fix_bucket(struct fix *f, int64_t tenant_id, int64_t owner_id, const char *name);
/* Puts an object; returns its generation. */
uint64_t fix_put(struct fix *f, int64_t bucket_id, const char *key, uint64_t size);
int fix_delete(struct fix *f, int64_t bucket_id, const char *key);
int fix_put_in(struct meta *m, int64_t bucket_id, struct span key, uint64_t size,
	uint64_t *gen_r, struct err *e);
struct etag fix_etag(uint64_t n);
/* No counter may differ from the rows. */
void fix_assert_counted(struct fix *f);
/* Of the seeded bucket. */
void fix_set_versioning(struct fix *f, enum meta_versioning how);
void fix_assert_counts(struct fix *f, uint64_t objects, uint64_t versions, uint64_t bytes);
/* All garbage that will ever fall due. */
size_t fix_garbage(struct fix *f, struct meta_gc **g_r);
void fix_advance(struct fix *f, int64_t us);

/* assert_* with the error's text when it fails. */
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
		assert_int_equal((f)->e.kind, (want_kind)); \
		assert_int_equal((f)->e.reason, (want_reason)); \
	} while (0)

#endif
