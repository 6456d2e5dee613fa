/* SPDX-License-Identifier: MIT */
/* Group commit by many threads, several processes on one database, and kills under load. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "meta/sqlite_int.h"
#include "tests/unit/meta/fixture.h"

/* ---- threads ---- */

enum { THREADS = 64, OPS = 30 };

struct worker {
	struct fix *f;
	int no, failed;
};

static void *put_and_read_back(void *arg)
{
	struct worker *w = arg;
	struct meta *m = w->f->m;
	struct arena *a = arena_new();

	for (int i = 0; i < OPS; i++) {
		struct meta_object o;
		struct err e;
		char key[32];
		uint64_t gen;

		snprintf(key, sizeof(key), "w%d-%d", w->no, i);
		if (fix_put_in(m, w->f->bucket_id, span_str(key), 10, &gen, &e) != 0 ||
			m->ops->object_get(m, w->f->bucket_id, span_str(key), a, &o, &e) != 0 ||
			o.gen != gen)
			w->failed++;
	}
	arena_free(a);
	return NULL;
}

static void many_threads_share_commits(void **state)
{
	struct fix *f = *state;
	struct worker w[THREADS];
	pthread_t t[THREADS];
	struct meta_stats before, after;
	struct meta_bucket b;

	f->m->ops->stats(f->m, &before);
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){f, i, 0};
		assert_int_equal(pthread_create(&t[i], NULL, put_and_read_back, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(w[i].failed, 0);
	}
	f->m->ops->stats(f->m, &after);
	assert_true(after.ops - before.ops >= THREADS * OPS);
	assert_true((after.commits - before.commits) * 2 < after.ops - before.ops);
	assert_int_equal(after.queue, 0);
	assert_int_equal(after.failures, 0);
	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("bucket"), f->a, &b, &f->e));
	assert_int_equal(b.objects, THREADS * OPS);
	assert_int_equal(b.bytes, THREADS * OPS * 10);
	fix_assert_counted(f);
}

static void *put_if_absent(void *arg)
{
	struct worker *w = arg;
	struct write_conditions none = {.if_none_match = SPAN_LIT("*")};
	struct meta_object_put in = {.bucket_id = w->f->bucket_id,
		.object = {.key = SPAN_LIT("one"), .gen = (uint64_t)w->no + 1},
		.conditions = &none};
	struct meta_write_result out;
	struct err e;

	w->failed = w->f->m->ops->object_put(w->f->m, &in, &out, &e) != 0;
	return NULL;
}

static void of_many_creations_exactly_one_wins(void **state)
{
	struct fix *f = *state;
	struct worker w[THREADS];
	pthread_t t[THREADS];
	int won = 0;

	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){f, i, 0};
		assert_int_equal(pthread_create(&t[i], NULL, put_if_absent, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		won += !w[i].failed;
	}
	assert_int_equal(won, 1);
	fix_assert_counted(f);
}

static void the_log_is_checkpointed_by_the_writer(void **state)
{
	struct fix *f = *state;
	struct meta_stats s;
	char big[8000];

	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 1500; i++) {
		struct meta_object_put in = {.bucket_id = f->bucket_id,
			.object = {.key = SPAN_LIT("k"), .meta = {big, sizeof(big)}}};
		struct meta_write_result out;

		assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
		assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
	}
	f->m->ops->stats(f->m, &s);
	assert_true(s.checkpoints >= 1);
	fix_assert_counted(f);
}

/* A reader that holds the log (a recount of many objects) must not stop the writers of every
 * process, who wait for the lock under which checkpoints are made. */
static void a_long_read_does_not_hold_up_writers(void **state)
{
	enum { META_BYTES = 400 * 1024, PUTS = 220 };
	struct fix *f = *state;
	struct conn *reader;
	int64_t worst = 0, rows;
	char *big = malloc(META_BYTES);

	memset(big, 'x', META_BYTES);
	assert_ok(f, conn_open(f->path, CONN_READER, &reader, &f->e));
	assert_ok(f, conn_exec(reader->db, "BEGIN", &f->e));
	assert_ok(f, conn_int(reader, ST_GC_COUNT, NO_BINDS, 0, &rows, &f->e));
	for (int i = 0; i < PUTS; i++) {
		struct meta_object_put in = {.bucket_id = f->bucket_id,
			.object = {.key = SPAN_LIT("k"), .meta = {big, META_BYTES}}};
		struct meta_write_result out;
		int64_t t0 = clock_mono_us(), took;

		assert_ok(f, f->m->ops->gen_next(f->m, &in.object.gen, &f->e));
		assert_ok(f, f->m->ops->object_put(f->m, &in, &out, &f->e));
		took = clock_mono_us() - t0;
		worst = took > worst ? took : worst;
	}
	print_message("beside a long read: at most %lld us\n", (long long)worst);
	assert_true(worst < 3000000);
	conn_close(reader);
	free(big);
}

/* ---- processes ---- */

static void wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

enum { WRITERS = 4, STARVED_US = 5000000 };

struct writer_part {
	struct meta *m;
	int64_t bucket_id;
	const char *prefix;
	int no, count, failed;
};

static void *write_part(void *arg)
{
	struct writer_part *w = arg;

	for (int i = 0; i < w->count && !w->failed; i++) {
		int64_t t0 = clock_mono_us();
		struct err e;
		char key[48];
		uint64_t gen;

		snprintf(key, sizeof(key), "%s%d-%d", w->prefix, w->no, i);
		if (fix_put_in(w->m, w->bucket_id, span_str(key), 1, &gen, &e) != 0)
			w->failed = 3;
		else if (clock_mono_us() - t0 > STARVED_US)
			w->failed = 4;
	}
	return NULL;
}

/* In a child: no cmocka, exit codes only. */
static int write_many(struct fix *f, const char *prefix, int count)
{
	struct meta *m = fix_open_again(f, false);
	struct writer_part w[WRITERS];
	pthread_t t[WRITERS];
	int failed = 0;

	if (!m)
		return 2;
	for (int i = 0; i < WRITERS; i++) {
		w[i] = (struct writer_part){m, f->bucket_id, prefix, i, count / WRITERS, 0};
		if (pthread_create(&t[i], NULL, write_part, &w[i]) != 0)
			return 2;
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(t[i], NULL);
		failed = w[i].failed ? w[i].failed : failed;
	}
	meta_free(m);
	return failed;
}

static void two_processes_write_and_neither_starves(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;
	pid_t pid[2];
	int64_t t0, took[2];

	meta_free(f->m); /* children must not inherit a handle */
	t0 = clock_mono_us();
	for (int i = 0; i < 2; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(write_many(f, i ? "a" : "b", 2000));
	}
	for (int i = 0; i < 2; i++) {
		wait_for(pid[i]);
		took[i] = clock_mono_us() - t0;
	}
	print_message("2,000 writes in each of two processes: %lld ms, %lld ms\n",
		(long long)(took[0] / 1000), (long long)(took[1] / 1000));
	f->m = fix_open_again(f, false);
	assert_non_null(f->m);
	assert_ok(f, f->m->ops->bucket_get(f->m, 0, SPAN_LIT("bucket"), f->a, &b, &f->e));
	assert_int_equal(b.objects, 4000);
	fix_assert_counted(f);
}

/* One process that writes without a pause must let another in at once. */
static void a_busy_process_lets_another_in(void **state)
{
	struct fix *f = *state;
	int64_t worst = 0;
	uint64_t gen;

	meta_free(f->m);
	pid_t pid = fork();
	if (pid == 0)
		_exit(write_many(f, "busy", 1000000));
	f->m = fix_open_again(f, false);
	for (int i = 0; i < 100; i++) {
		int64_t t0 = clock_mono_us();

		assert_ok(f, fix_put_in(f->m, f->bucket_id, SPAN_LIT("k"), 1, &gen, &f->e));
		int64_t took = clock_mono_us() - t0;
		worst = took > worst ? took : worst;
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	print_message("beside a busy process: at most %lld us\n", (long long)worst);
	assert_true(worst < 2000000);
	fix_assert_counted(f);
}

static void the_epoch_is_seen_by_another_process(void **state)
{
	struct fix *f = *state;
	int to_child[2], to_parent[2];
	char c;

	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
	meta_free(f->m);
	f->m = NULL;
	pid_t pid = fork();
	if (pid == 0) {
		struct meta *m = fix_open_again(f, false);
		struct meta_bucket b;
		uint64_t before = m ? m->ops->epoch(m) : 0;

		if (!m || write(to_parent[1], "r", 1) != 1 || read(to_child[0], &c, 1) != 1)
			_exit(2);
		if (m->ops->epoch(m) == before)
			_exit(3);
		if (m->ops->bucket_get(m, 0, SPAN_LIT("fresh"), f->a, &b, &f->e) != 0)
			_exit(4);
		_exit(0);
	}
	assert_int_equal(read(to_parent[0], &c, 1), 1);
	f->m = fix_open_again(f, false);
	fix_bucket(f, 0, 0, "fresh");
	assert_int_equal(write(to_child[1], "g", 1), 1);
	wait_for(pid);
	close(to_child[0]);
	close(to_child[1]);
	close(to_parent[0]);
	close(to_parent[1]);
}

/* ---- kills ---- */

enum { KILL_THREADS = 8 };

struct killed {
	struct fix *f;
	struct meta *m;
	int fd, no, round;
};

/* Puts for ever; tells the parent the number of each put that was acknowledged. */
static void *put_and_tell(void *arg)
{
	struct killed *k = arg;

	for (int i = 0;; i++) {
		int told[2] = {k->no, i};
		struct err e;
		char key[48];
		uint64_t gen;

		snprintf(key, sizeof(key), "r%d-t%d-%d", k->round, k->no, i);
		if (fix_put_in(k->m, k->f->bucket_id, span_str(key), 7, &gen, &e) != 0)
			_exit(3);
		if (write(k->fd, told, sizeof(told)) != (ssize_t)sizeof(told))
			_exit(4);
	}
	return NULL;
}

static void child_main(struct fix *f, int fd, int round)
{
	struct killed k[KILL_THREADS];
	struct meta *m = fix_open_again(f, false);
	pthread_t t;

	if (!m)
		_exit(2);
	for (int i = 0; i < KILL_THREADS; i++) {
		k[i] = (struct killed){f, m, fd, i, round};
		if (pthread_create(&t, NULL, put_and_tell, &k[i]) != 0)
			_exit(2);
	}
	for (;;)
		pause();
}

/* Lets a child put until `most` were acknowledged, kills it; acked[t] = how many of thread t.
 */
static int run_and_kill(struct fix *f, int round, int most, int acked[KILL_THREADS])
{
	int fd[2], told[2], n = 0;

	memset(acked, 0, KILL_THREADS * sizeof(acked[0]));
	assert_int_equal(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[0]);
		child_main(f, fd[1], round);
	}
	close(fd[1]);
	while (read(fd[0], told, sizeof(told)) == (ssize_t)sizeof(told)) {
		acked[told[0]] = told[1] + 1;
		if (++n == most)
			kill(pid, SIGKILL);
	}
	close(fd[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return n;
}

static void acknowledged_rows_survive_kills_under_load(void **state)
{
	struct fix *f = *state;
	int acked[KILL_THREADS], total = 0;

	meta_free(f->m);
	f->m = NULL;
	for (int round = 0; round < 20; round++) {
		total += run_and_kill(f, round, 20 + 37 * round, acked);
		f->m = fix_open_again(f, false);
		assert_non_null(f->m);
		assert_false(f->m->ops->was_clean(f->m));
		for (int t = 0; t < KILL_THREADS; t++)
			for (int i = 0; i < acked[t]; i++) {
				struct meta_object o;
				char key[48];

				snprintf(key, sizeof(key), "r%d-t%d-%d", round, t, i);
				assert_ok(f,
					f->m->ops->object_get(f->m, f->bucket_id, span_str(key),
						f->a, &o, &f->e));
			}
		fix_assert_counted(f);
		meta_free(f->m);
		f->m = NULL;
	}
	assert_true(total > 20 * 20);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup_seeded_dir, fix_teardown)
	static const struct CMUnitTest tests[] = {
		T(many_threads_share_commits),
		T(of_many_creations_exactly_one_wins),
		T(the_log_is_checkpointed_by_the_writer),
		T(a_long_read_does_not_hold_up_writers),
		T(two_processes_write_and_neither_starves),
		T(a_busy_process_lets_another_in),
		T(the_epoch_is_seen_by_another_process),
		T(acknowledged_rows_survive_kills_under_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
