/* SPDX-License-Identifier: MIT */
/* The order in which the directories of driver fs become durable, and who shares whose fsync.
 */
#include "tests/unit/testing.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "tests/unit/store/spy.h"
#include "tests/unit/store/workdir.h"

struct job {
	struct store *s;
	struct store_loc loc;
	int result;
	struct err e;
	atomic_bool done;
	pthread_t thread;
};

static void *do_put(void *arg)
{
	struct job *j = arg;

	j->result = put(j->s, &j->loc, SPAN_LIT("x"), &j->e);
	atomic_store(&j->done, true);
	return NULL;
}

static void start(struct job *j, struct store *s, const char *key, uint64_t gen)
{
	*j = (struct job){.s = s, .loc = loc_of(key, gen)};
	assert_int_equal(pthread_create(&j->thread, NULL, do_put, j), 0);
}

/* Until `*count` reached `least`. */
static void wait_for(struct spy *spy, const unsigned *count, unsigned least)
{
	pthread_mutex_lock(&spy->lock);
	while (*count < least)
		pthread_cond_wait(&spy->changed, &spy->lock);
	pthread_mutex_unlock(&spy->lock);
}

static void release(struct spy *spy, bool fail)
{
	pthread_mutex_lock(&spy->lock);
	spy->hold = false;
	spy->fail = fail;
	pthread_cond_broadcast(&spy->changed);
	pthread_mutex_unlock(&spy->lock);
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}

/* One writer makes "d" and hangs in the fsync of its entry; another has written d/y meanwhile.
 */
static void put_into_a_pending_directory(
	struct fixture *f, bool fail, struct job *maker, struct job *finder)
{
	f->spy.watched = inode_of(f, ROOT);
	f->spy.other_syncs = 0;
	f->spy.hold = true;
	start(maker, f->s, "d/x", 1);
	wait_for(&f->spy, &f->spy.holding, 1);
	start(finder, f->s, "d/y", 2);
	wait_for(&f->spy, &f->spy.other_syncs, 2); /* the file and d */
	nap();
	assert_false(atomic_load(&finder->done));
	release(&f->spy, fail);
	pthread_join(maker->thread, NULL);
	pthread_join(finder->thread, NULL);
}

static void nobody_is_served_below_a_pending_directory(void **state)
{
	struct fixture *f = *state;
	struct job maker, finder;

	put_into_a_pending_directory(f, false, &maker, &finder);
	assert_int_equal(maker.result, 0);
	assert_int_equal(finder.result, 0);
	assert_int_equal(fs_of(f->s)->dirs.pending_count, 0);
}

static void *do_make_place(void *arg)
{
	struct job *j = arg;

	j->result = j->s->ops->bucket_create(j->s, SPAN_NULL, BUCKET, &j->e);
	return NULL;
}

/* A place that was collected while its bucket was made anew is made by whoever writes first. */
static void nobody_is_served_in_a_pending_place(void **state)
{
	struct fixture *f = *state;
	struct job maker = {.s = f->s}, finder;
	struct err e;
	bool early;

	assert_int_equal(f->s->ops->bucket_remove(f->s, SPAN_NULL, BUCKET, &e), 0);
	f->spy.watched = inode_of(f, "objects");
	f->spy.other_syncs = 0;
	f->spy.hold = true;
	assert_int_equal(pthread_create(&maker.thread, NULL, do_make_place, &maker), 0);
	wait_for(&f->spy, &f->spy.holding, 1);
	start(&finder, f->s, "k", 1);
	wait_for(&f->spy, &f->spy.other_syncs, 2); /* the file and the place */
	nap();
	early = atomic_load(&finder.done);
	release(&f->spy, false);
	pthread_join(maker.thread, NULL);
	pthread_join(finder.thread, NULL);
	assert_false(early);
	assert_int_equal(maker.result, 0);
	assert_int_equal(finder.result, 0);
	assert_int_equal(fs_of(f->s)->dirs.pending_count, 0);
}

static void a_directory_that_failed_to_sync_fails_all_and_is_made_anew(void **state)
{
	struct fixture *f = *state;
	struct job maker, finder;
	struct store_loc again = loc_of("d/x", 3);
	unsigned files, dirs;

	put_into_a_pending_directory(f, true, &maker, &finder);
	assert_int_equal(maker.result, -1);
	assert_int_equal(maker.e.kind, ERR_IO);
	assert_int_equal(finder.result, -1);
	assert_int_equal(finder.e.kind, ERR_IO);
	workdir_count(f->dir, ROOT, &files, &dirs);
	assert_int_equal(files + dirs, 0);
	assert_int_equal(fs_of(f->s)->dirs.pending_count, 0);
	f->spy.fail = false;
	f->spy.watched_syncs = 0;
	must_put(f->s, &again);
	assert_int_equal(f->spy.watched_syncs, 1);
}

static void writers_of_one_directory_share_its_fsync(void **state)
{
	enum { WRITERS = 8 };
	struct fixture *f = *state;
	struct job first, more[WRITERS];
	char keys[WRITERS][8];

	f->spy.watched = inode_of(f, ROOT);
	f->spy.watched_syncs = 0;
	f->spy.hold = true;
	start(&first, f->s, "first", 100);
	wait_for(&f->spy, &f->spy.holding, 1);
	f->spy.other_syncs = 0;
	for (unsigned i = 0; i < WRITERS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%u", i);
		start(&more[i], f->s, keys[i], i);
	}
	wait_for(&f->spy, &f->spy.other_syncs, WRITERS);
	nap();
	release(&f->spy, false);
	pthread_join(first.thread, NULL);
	assert_int_equal(first.result, 0);
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(more[i].thread, NULL);
		assert_int_equal(more[i].result, 0);
	}
	/* One that began before they came does not count for them; one after it serves all. */
	assert_in_range(f->spy.watched_syncs, 2, 4);
	assert_int_equal(fs_of(f->s)->dirs.shared, WRITERS + 1 - f->spy.watched_syncs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, spy_setup, spy_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_served_below_a_pending_directory),
		TEST(nobody_is_served_in_a_pending_place),
		TEST(a_directory_that_failed_to_sync_fails_all_and_is_made_anew),
		TEST(writers_of_one_directory_share_its_fsync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
