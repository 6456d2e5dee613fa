/* SPDX-License-Identifier: MIT */
/* On a real directory: open, clean and unclean ends, a tool beside a responder. */
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/svc/fixture.h"

struct dir {
	char path[64], data[80];
	struct cfg cfg;
	struct clock clock;
	struct arena *a;
	struct err e;
};

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int open_dir(void **state)
{
	struct dir *d = calloc(1, sizeof(*d));

	snprintf(d->path, sizeof(d->path), "/tmp/maxiofs-svc-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	snprintf(d->data, sizeof(d->data), "%s/data", d->path);
	fix_cfg(&d->cfg);
	d->cfg.data_dir = d->data;
	d->clock = clock_system;
	d->a = arena_new();
	*state = d;
	return 0;
}

static int close_dir(void **state)
{
	struct dir *d = *state;

	arena_free(d->a);
	nftw(d->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(d);
	return 0;
}

static struct svc *open_svc(struct dir *d, bool is_tool)
{
	struct svc *s;

	assert_ok(d, svc_open(&d->cfg, &d->clock, NULL, is_tool, &s, &d->e));
	return s;
}

static struct meta_bucket make_bucket(struct dir *d, struct svc *s)
{
	struct svc_new_user in = {.name = SPAN_LIT("ann")};
	struct meta_bucket b;
	struct meta_user u;
	struct caller c;

	assert_ok(d, svc_user_create(s, &in, d->a, &u, &d->e));
	c = fix_caller(&u);
	assert_ok(d, svc_bucket_create(s, &c, SPAN_LIT("photos"), SPAN_NULL, d->a, &b, &d->e));
	return b;
}

static int put(struct dir *d, struct svc *s, const struct meta_bucket *b, const char *key,
	struct span bytes)
{
	const struct objmeta none = {0};
	struct svc_put_result out;
	struct source_mem m;
	struct svc_put in = {
		.bucket = b, .key = span_str(key), .body = fix_body(&m, bytes), .meta = &none};

	in.owner_id = b->owner_id;
	return svc_object_put(s, &in, d->a, &out, &d->e);
}

static bool is_there(struct dir *d, struct svc *s, const struct meta_bucket *b, const char *key,
	struct span want)
{
	struct arena *a = arena_new();
	struct svc_reader *r;
	struct meta_object o;
	char p[64];
	size_t n = 0;
	bool same;

	same = svc_object_open(s, b, span_str(key), a, &o, &r, &d->e) == 0 &&
		svc_reader_read(r, p, sizeof(p), 0, &n, &d->e) == 0 &&
		span_eq(span_of(p, n), want);
	arena_free(a);
	return same;
}

static size_t files(struct svc *s)
{
	uint64_t seen, removed;
	struct err e;

	assert_int_equal(svc_orphan_scan(s, &seen, &removed, &e), 0);
	return seen - removed;
}

static void what_was_put_is_there_after_a_clean_end(void **state)
{
	struct dir *d = *state;
	struct svc *s = open_svc(d, false);
	struct meta_bucket b = make_bucket(d, s);
	struct stat st;

	assert_int_equal(stat(d->data, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_ok(d, put(d, s, &b, "a/../b", SPAN_LIT("bytes")));
	svc_close(s, true);
	s = open_svc(d, false);
	assert_true(svc_meta(s)->ops->was_clean(svc_meta(s)));
	assert_true(is_there(d, s, &b, "a/../b", SPAN_LIT("bytes")));
	svc_close(s, true);
}

/* In a process of its own, so that its locks end with it: what kill -9 leaves. */
static void crash_after_a_put(struct dir *d, struct meta_bucket *b)
{
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		struct svc *s = open_svc(d, false);
		struct store_loc loc;
		struct store_tag tag = {0};
		struct store_writer *w;
		uint64_t gen;

		*b = make_bucket(d, s);
		if (put(d, s, b, "kept", SPAN_LIT("bytes")) < 0)
			_exit(1);
		/* Died between the file and the row. */
		if (svc_meta(s)->ops->gen_next(svc_meta(s), &gen, &d->e) < 0)
			_exit(2);
		loc = object_loc(b, SPAN_LIT("orphan"), gen);
		if (svc_store(s)->ops->create(svc_store(s), &loc, 0, &w, &d->e) < 0 ||
			svc_store(s)->ops->commit(w, &tag, &d->e) < 0)
			_exit(3);
		b->name = NULL;
		b->location = NULL;
		_exit(write(ends[1], b, sizeof(*b)) == (ssize_t)sizeof(*b) ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(ends[0], b, sizeof(*b)), sizeof(*b));
	b->name = "photos";
	b->location = "";
	close(ends[0]);
	close(ends[1]);
}

static void a_crash_loses_nothing_and_its_orphans_go_after_the_grace(void **state)
{
	struct dir *d = *state;
	struct meta_bucket b;
	struct svc *s;

	crash_after_a_put(d, &b);
	s = open_svc(d, false);
	assert_false(svc_meta(s)->ops->was_clean(svc_meta(s)));
	assert_true(is_there(d, s, &b, "kept", SPAN_LIT("bytes")));
	assert_int_equal(files(s), 2);
	/* Not judged to the end yet: the next start must know. */
	svc_close(s, true);
	d->clock =
		clock_fixed(clock_now_us(&clock_system) + (FIX_GRACE_S + 60) * FIX_SECOND_US);
	s = open_svc(d, false);
	assert_false(svc_meta(s)->ops->was_clean(svc_meta(s)));
	assert_int_equal(files(s), 1);
	assert_true(is_there(d, s, &b, "kept", SPAN_LIT("bytes")));
	svc_close(s, true);
}

static void a_tool_works_beside_a_responder_which_sees_its_changes(void **state)
{
	struct dir *d = *state;
	struct svc *s = open_svc(d, false), *tool;
	struct meta_bucket b = make_bucket(d, s), found;
	struct caller c = {.user_id = b.owner_id};

	assert_ok(d, svc_bucket_find(s, &c, SPAN_LIT("photos"), d->a, &found, &d->e));
	tool = open_svc(d, true);
	assert_ok(d, svc_bucket_delete(tool, &b, &d->e));
	assert_fails(d, svc_bucket_find(s, &c, SPAN_LIT("photos"), d->a, &found, &d->e),
		ERR_NOT_FOUND, REASON_BUCKET);
	assert_ok(
		d, svc_bucket_create(tool, &c, SPAN_LIT("photos"), SPAN_NULL, d->a, &b, &d->e));
	svc_close(tool, true);
	assert_ok(d, svc_bucket_find(s, &c, SPAN_LIT("photos"), d->a, &found, &d->e));
	assert_int_equal(found.id, b.id);
	assert_ok(d, put(d, s, &found, "k", SPAN_LIT("x")));
	assert_ok(d, svc_ready(s, &d->e));
	svc_close(s, true);
}

static int64_t lock_time(struct dir *d, struct svc *s)
{
	struct meta_lock_time t;

	assert_ok(d, svc_meta(s)->ops->lock_time(svc_meta(s), &t, &d->e));
	assert_true(t.used);
	return t.now_us;
}

static void a_started_machine_is_believed_the_gap_that_is_set(void **state)
{
	struct svc_new_bucket in = {SPAN_LIT("worm"), SPAN_LIT(""), true};
	const int64_t day_s = 86400, start_us = 20000 * day_s * FIX_SECOND_US;
	struct dir *d = *state;
	struct meta_bucket b;
	struct caller c;

	d->clock = clock_fixed(start_us);
	struct svc *s = open_svc(d, false);
	c = (struct caller){.user_id = make_bucket(d, s).owner_id};
	assert_ok(d, svc_bucket_create_as(s, &c, &in, d->a, &b, &d->e));
	svc_close(s, true);
	d->cfg.lock_gap_s = 3 * day_s;
	d->clock.fixed_us += 10 * day_s * FIX_SECOND_US; /* the service was down */
	s = open_svc(d, false);
	assert_int_equal(lock_time(d, s), start_us + 10 * day_s * FIX_SECOND_US);
	svc_close(s, true);
	d->clock.fixed_us += 10 * day_s * FIX_SECOND_US; /* the machine was */
	d->clock.fixed_boot++;
	s = open_svc(d, false);
	assert_int_equal(lock_time(d, s), start_us + 13 * day_s * FIX_SECOND_US);
	svc_close(s, true);
}

static void a_data_directory_that_is_a_file_is_refused(void **state)
{
	struct dir *d = *state;
	FILE *f = fopen(d->data, "w");
	struct svc *s;

	assert_non_null(f);
	fclose(f);
	assert_fails(d, svc_open(&d->cfg, &d->clock, NULL, false, &s, &d->e), ERR_INVALID,
		REASON_NONE);
}

static void a_damaged_master_key_is_refused(void **state)
{
	struct dir *d = *state;
	struct svc *s = open_svc(d, false);
	char path[128];

	svc_close(s, true);
	snprintf(path, sizeof(path), "%s/.maxiofs/master.key", d->data);
	assert_int_equal(truncate(path, 5), 0);
	assert_fails(d, svc_open(&d->cfg, &d->clock, NULL, false, &s, &d->e), ERR_INVALID,
		REASON_NONE);
}

/* A restored database without its key, or with another's: no key is made, nothing sealed anew.
 */
static void a_missing_or_foreign_master_key_is_refused(void **state)
{
	struct dir *d = *state;
	char path[128], aside[128];
	struct svc *s = open_svc(d, false);
	FILE *f;

	make_bucket(d, s);
	svc_close(s, true);
	snprintf(path, sizeof(path), "%s/.maxiofs/master.key", d->data);
	snprintf(aside, sizeof(aside), "%s/master.key", d->path);
	assert_int_equal(rename(path, aside), 0);
	assert_fails(d, svc_open(&d->cfg, &d->clock, NULL, true, &s, &d->e), ERR_INVALID,
		REASON_NONE);
	assert_int_equal(access(path, F_OK), -1);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("another key of thirty-two bytes.", f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	assert_fails(d, svc_open(&d->cfg, &d->clock, NULL, true, &s, &d->e), ERR_INVALID,
		REASON_NONE);
	assert_int_equal(rename(aside, path), 0);
	svc_close(open_svc(d, true), true);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_dir, close_dir)
	const struct CMUnitTest tests[] = {
		T(what_was_put_is_there_after_a_clean_end),
		T(a_crash_loses_nothing_and_its_orphans_go_after_the_grace),
		T(a_tool_works_beside_a_responder_which_sees_its_changes),
		T(a_started_machine_is_believed_the_gap_that_is_set),
		T(a_data_directory_that_is_a_file_is_refused),
		T(a_damaged_master_key_is_refused),
		T(a_missing_or_foreign_master_key_is_refused),
	};

	log_setup(LOG_ERROR, LOG_TEXT, "test");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
