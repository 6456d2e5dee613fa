/* SPDX-License-Identifier: MIT */
/* Driver fs on a directory of the test's own, over system calls that a test can watch. */
#ifndef MX_TESTS_STORE_SPY_H
#define MX_TESTS_STORE_SPY_H

#include <pthread.h>
#include <sys/stat.h>

#include "store/fs.h"

#define BUCKET SPAN_LIT("backups")
#define ROOT "objects/backups"

/* System calls as they are, except that fsync of one inode can be held up, counted and failed.
 */
struct spy {
	struct fssys sys, real;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	ino_t watched;
	unsigned watched_syncs, other_syncs, holding;
	bool hold, fail, lazy; /* lazy: no fsync at all, for tests of something else */
};

struct fixture {
	struct spy spy;
	struct store *s;
	char *dir;
};

int spy_setup(void **state);
int spy_teardown(void **state);

struct store_loc loc_of(const char *key, uint64_t gen);
int put(struct store *s, const struct store_loc *loc, struct span bytes, struct err *e);
void must_put(struct store *s, const struct store_loc *loc);
/* Malloced path of sub below the directory. */
char *path_in(struct fixture *f, const char *sub);
ino_t inode_of(struct fixture *f, const char *sub);

#endif
