/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/io.h"
#include "fcgi/pool.h"

enum { REQUESTS = 2, TRANSFERS = 3, PATIENCE_MS = 20000 };

/* A piece of work that goes on until the test lets it. */
struct work {
	int fd;     /* readable from the start */
	bool enter; /* becomes a transfer before it holds */
	bool started, released, done;
	int entered;
	struct err e;
};

struct rig {
	struct pool *pool;
	struct metrics *metrics;
	unsigned threads; /* of the process, before the pool made any */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

static void serve(void *ctx, struct pool_worker *w, void *item)
{
	struct rig *r = ctx;
	struct work *k = item;
	int entered = k->enter ? pool_enter_transfer(w, &k->e) : 1;

	if (entered == 0) /* again: no second place is taken */
		entered = pool_enter_transfer(w, &k->e);
	memset(pool_output_buf(w), 0, OUTPUT_BUF_BYTES);
	arena_alloc(pool_arena(w), 1000);
	close(k->fd);
	pthread_mutex_lock(&r->lock);
	k->entered = entered;
	k->started = true;
	pthread_cond_broadcast(&r->changed);
	while (!k->released)
		pthread_cond_wait(&r->changed, &r->lock);
	k->done = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static unsigned threads(void)
{
	DIR *d = opendir("/proc/self/task");
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static bool threads_become(unsigned want)
{
	for (int ms = 0; ms < PATIENCE_MS && threads() != want; ms++)
		usleep(1000);
	return threads() == want;
}

static int setup(void **state)
{
	static const char *const words[] = {"x"};
	static const struct metrics_labels labels = {words, 1, words, 1};
	struct rig *r = calloc(1, sizeof(*r));
	const struct pool_config cfg = {
		.requests = REQUESTS,
		.transfers = TRANSFERS,
		.surplus_idle_s = 1,
		.serve = serve,
		.ctx = r,
		.metrics = metrics_new(&labels),
	};
	struct err e;

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	r->metrics = cfg.metrics;
	r->threads = threads();
	assert_int_equal(pool_new(&cfg, &r->pool, &e), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	pool_free(r->pool);
	assert_true(threads_become(r->threads));
	metrics_free(r->metrics);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return 0;
}

static void submit(struct rig *r, struct work *k)
{
	struct err e;

	k->fd = eventfd(1, EFD_CLOEXEC);
	assert_true(k->fd >= 0);
	assert_int_equal(pool_watch(r->pool, k->fd, k, true, &e), 0);
}

static bool await(struct rig *r, const bool *what, int ms)
{
	struct timespec until;
	bool is;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&r->lock);
	while (!*what && pthread_cond_timedwait(&r->changed, &r->lock, &until) == 0)
		;
	is = *what;
	pthread_mutex_unlock(&r->lock);
	return is;
}

static void release(struct rig *r, struct work *k)
{
	pthread_mutex_lock(&r->lock);
	k->released = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static void finish(struct rig *r, struct work *k, size_t n)
{
	for (size_t i = 0; i < n; i++)
		release(r, &k[i]);
	for (size_t i = 0; i < n; i++)
		assert_true(await(r, &k[i].done, PATIENCE_MS));
	while (pool_load(r->pool) > 0)
		usleep(1000);
	assert_int_equal(metrics_get(r->metrics, METRIC_TRANSFERS), 0);
}

static void no_more_requests_run_than_there_are_permits(void **state)
{
	struct rig *r = *state;
	struct work k[REQUESTS + 1] = {0};

	for (int i = 0; i < REQUESTS + 1; i++)
		submit(r, &k[i]);
	assert_true(await(r, &k[0].started, PATIENCE_MS));
	assert_true(await(r, &k[1].started, PATIENCE_MS));
	assert_false(await(r, &k[2].started, 100));
	assert_int_equal(pool_load(r->pool), REQUESTS);
	release(r, &k[0]);
	assert_true(await(r, &k[2].started, PATIENCE_MS));
	finish(r, k, REQUESTS + 1);
	assert_int_equal(pool_load(r->pool), 0);
}

static void a_transfer_gives_its_permit_to_the_next_request(void **state)
{
	struct rig *r = *state;
	struct work slow[TRANSFERS] = {0}, k = {0};

	for (int i = 0; i < TRANSFERS; i++) {
		slow[i].enter = true;
		submit(r, &slow[i]);
		assert_true(await(r, &slow[i].started, PATIENCE_MS));
		assert_int_equal(slow[i].entered, 0);
	}
	assert_int_equal(metrics_get(r->metrics, METRIC_TRANSFERS), TRANSFERS);
	submit(r, &k);
	assert_true(await(r, &k.started, PATIENCE_MS));
	assert_int_equal(pool_load(r->pool), TRANSFERS + 1);
	release(r, &k);
	finish(r, slow, TRANSFERS);
}

static void a_transfer_too_many_is_told_so_and_keeps_its_permit(void **state)
{
	struct rig *r = *state;
	struct work k[TRANSFERS + 1] = {0}, more[REQUESTS] = {0};

	for (int i = 0; i < TRANSFERS + 1; i++) {
		k[i].enter = true;
		submit(r, &k[i]);
		assert_true(await(r, &k[i].started, PATIENCE_MS));
	}
	assert_int_equal(k[TRANSFERS].entered, -1);
	assert_int_equal(k[TRANSFERS].e.kind, ERR_BUSY);
	submit(r, &more[0]);
	submit(r, &more[1]);
	assert_true(await(r, &more[0].started, PATIENCE_MS));
	assert_false(await(r, &more[1].started, 100));
	for (int i = 0; i < REQUESTS; i++)
		release(r, &more[i]);
	finish(r, k, TRANSFERS + 1);
}

/* Two items for one waiting thread: the second must not wait for the first to end. */
static void items_that_come_together_run_together(void **state)
{
	struct rig *r = *state;

	for (int round = 0; round < 50; round++) {
		struct work warm = {.released = true}, k[REQUESTS] = {0};

		submit(r, &warm);
		finish(r, &warm, 1);
		submit(r, &k[0]);
		submit(r, &k[1]);
		assert_true(await(r, &k[0].started, PATIENCE_MS));
		assert_true(await(r, &k[1].started, 5000));
		finish(r, k, REQUESTS);
	}
}

static void a_burst_makes_no_more_threads_than_permits(void **state)
{
	struct rig *r = *state;
	struct work *k = calloc(300, sizeof(*k));
	unsigned most = 0;

	for (int i = 0; i < 300; i++)
		k[i].released = true;
	for (int i = 0; i < 300; i++) {
		submit(r, &k[i]);
		if (threads() > most)
			most = threads();
	}
	finish(r, k, 300);
	assert_in_range(most, 1, r->threads + REQUESTS);
	free(k);
}

static void threads_of_transfers_end_when_they_are_no_longer_needed(void **state)
{
	struct rig *r = *state;
	struct work slow[TRANSFERS] = {0}, k[REQUESTS] = {0};

	for (int i = 0; i < TRANSFERS; i++) {
		slow[i].enter = true;
		submit(r, &slow[i]);
		assert_true(await(r, &slow[i].started, PATIENCE_MS));
	}
	for (int i = 0; i < REQUESTS; i++) {
		submit(r, &k[i]);
		assert_true(await(r, &k[i].started, PATIENCE_MS));
	}
	assert_int_equal(threads(), r->threads + REQUESTS + TRANSFERS);
	for (int i = 0; i < REQUESTS; i++)
		release(r, &k[i]);
	finish(r, slow, TRANSFERS);
	assert_true(threads_become(r->threads + REQUESTS));
}

static void *nothing(void *arg)
{
	return arg;
}

int main(void)
{
	pthread_t first; /* a sanitizer has a thread of its own from the first one on */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			no_more_requests_run_than_there_are_permits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_transfer_gives_its_permit_to_the_next_request, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_transfer_too_many_is_told_so_and_keeps_its_permit, setup, teardown),
		cmocka_unit_test_setup_teardown(
			items_that_come_together_run_together, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_burst_makes_no_more_threads_than_permits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			threads_of_transfers_end_when_they_are_no_longer_needed, setup,
			teardown),
	};

	assert_int_equal(pthread_create(&first, NULL, nothing, NULL), 0);
	pthread_join(first, NULL);
	alarm(120); /* a test that fails may leave work that nobody releases */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
