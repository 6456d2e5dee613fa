/* SPDX-License-Identifier: MIT */
/* What only driver fs does: the layout on disk, its notes, and its strictness. */
#include "tests/unit/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"
#include "tests/unit/store/hostile.h"
#include "tests/unit/store/spy.h"
#include "tests/unit/store/workdir.h"

static void files_lie_where_a_person_expects_them(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("photos/2024/a.jpg", 0x18c2f3e4d5a),
			 part = loc_of("big", 9);
	struct err e;

	part.part_no = 3;
	part.part_gen = 77;
	must_put(f->s, &a);
	must_put(f->s, &part);
	assert_int_equal(f->s->ops->note_put(f->s, SPAN_NULL, BUCKET, SPAN_LIT("{}"), &e), 0);
	assert_int_equal(
		workdir_mode(f->dir, ROOT "/photos/2024/a.jpg%@0000018c2f3e4d5a"), 0644);
	assert_int_equal(
		workdir_mode(f->dir, ROOT "/big%@0000000000000009%p/00003-000000000000004d"),
		0644);
	assert_int_equal(workdir_mode(f->dir, ROOT "/photos"), 0755);
	assert_int_equal(workdir_mode(f->dir, ".maxiofs"), 0700);
	assert_int_equal(workdir_mode(f->dir, ".maxiofs/buckets/global"), 0700);
	assert_int_equal(workdir_mode(f->dir, ".maxiofs/buckets/global/backups.json"), 0600);
}

static void the_tag_reads_back(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1);
	struct store_reader *r;
	struct store_tag tag;
	struct err e;

	must_put(f->s, &a);
	assert_int_equal(f->s->ops->open(f->s, &a, &r, &e), 0);
	if (store_fs_read_tag(r, &tag, &e) < 0) {
		assert_int_equal(e.kind, ERR_NOT_FOUND); /* no extended attributes here */
	} else {
		assert_true(tag.vseq == UINT64_MAX - 1 && tag.flags == 2 && tag.nparts == 3);
		assert_true(tag.mtime_us == -4);
		assert_memory_equal(tag.md5, "0123456789abcde", 16);
	}
	f->s->ops->close(r);
}

static void tags_are_small_and_damage_is_seen(void **state)
{
	struct store_tag tag = {.vseq = 7}, back;
	unsigned char blob[FS_TAG_MAX];
	size_t n = fs_tag_encode(&tag, blob);

	(void)state;
	assert_true(n <= 60);
	assert_true(fs_tag_decode(blob, n, &back));
	assert_int_equal(back.vseq, 7);
	assert_false(fs_tag_decode(blob, n - 1, &back));
	blob[0] = 9;
	assert_false(fs_tag_decode(blob, n, &back));
}

static int no_tags(struct fssys *sys, int fd, const void *p, size_t n)
{
	(void)sys;
	(void)fd;
	(void)p;
	(void)n;
	errno = ENOTSUP;
	return -1;
}

static void a_file_system_without_attributes_is_fine(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("a", 1), b = loc_of("b", 2);
	struct store_reader *r;
	struct store_tag tag;
	struct err e;

	f->spy.sys.set_tag = no_tags;
	must_put(f->s, &a);
	must_put(f->s, &b);
	assert_true(fs_of(f->s)->untagged);
	assert_int_equal(f->s->ops->open(f->s, &b, &r, &e), 0);
	assert_int_equal(store_fs_read_tag(r, &tag, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	f->s->ops->close(r);
}

static void removing_the_last_blob_empties_its_directories(void **state)
{
	struct fixture *f = *state;
	struct store_loc a = loc_of("x/y/z/a", 1), b = loc_of("x/b", 2),
			 part = loc_of("x/y/p", 3);
	unsigned files, dirs;
	struct err e;

	part.part_no = 1;
	must_put(f->s, &a);
	must_put(f->s, &b);
	must_put(f->s, &part);
	assert_int_equal(f->s->ops->remove(f->s, &a, &e), 0);
	workdir_count(f->dir, ROOT, &files, &dirs);
	assert_int_equal(files, 2);
	assert_int_equal(dirs, 3); /* x, x/y and the part's */
	assert_int_equal(f->s->ops->remove(f->s, &part, &e), 0);
	assert_int_equal(f->s->ops->remove(f->s, &b, &e), 0);
	workdir_count(f->dir, ROOT, &files, &dirs);
	assert_int_equal(files + dirs, 0);
	assert_int_equal(workdir_mode(f->dir, ROOT), 0755);
}

static void symbolic_links_are_never_followed(void **state)
{
	struct fixture *f = *state;
	char *outside = path_in(f, "outside"), *link = path_in(f, ROOT "/link");
	char *leaf = path_in(f, ROOT "/leaf%@0000000000000001");
	struct store_loc below = loc_of("link/a", 1), at = loc_of("leaf", 1);
	struct store_reader *r;
	unsigned files, dirs;
	struct err e;

	assert_int_equal(mkdir(outside, 0755), 0);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(symlink("/etc/passwd", leaf), 0);
	assert_int_equal(put(f->s, &below, SPAN_LIT("x"), &e), -1);
	assert_int_equal(e.kind, ERR_IO);
	assert_int_equal(f->s->ops->open(f->s, &below, &r, &e), -1);
	assert_int_equal(f->s->ops->open(f->s, &at, &r, &e), -1);
	assert_int_equal(e.kind, ERR_IO);
	assert_int_equal(put(f->s, &at, SPAN_LIT("x"), &e), -1);
	assert_int_equal(e.kind, ERR_EXISTS);
	assert_int_equal(f->s->ops->remove(f->s, &below, &e), -1);
	workdir_count(f->dir, "outside", &files, &dirs);
	assert_int_equal(files + dirs, 0);
	free(outside);
	free(link);
	free(leaf);
}

static void opening_by_steps_is_as_strict(void **state)
{
	struct fixture *f = *state;
	char *link = path_in(f, ROOT "/link"), *leaf = path_in(f, ROOT "/leaf");
	struct store_loc a = loc_of("x/y/a", 1);
	int fd, dir_fd = open(f->dir, O_RDONLY | O_DIRECTORY);

	assert_int_equal(symlink("x", link), 0);
	assert_int_equal(symlink("x/y/a%@0000000000000001", leaf), 0);
	must_put(f->s, &a);
	fd = fssys_open_walk(dir_fd, ROOT "/x/y/a%@0000000000000001", O_RDONLY, 0);
	assert_true(fd >= 0);
	close(fd);
	fd = fssys_open_walk(dir_fd, ROOT "/x/new", O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(
		fssys_open_walk(dir_fd, ROOT "/link/y/a%@0000000000000001", O_RDONLY, 0), -1);
	assert_int_equal(fssys_open_walk(dir_fd, ROOT "/leaf", O_RDONLY, 0), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(fssys_open_walk(dir_fd, "objects/../objects", O_RDONLY, 0), -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fssys_open_walk(dir_fd, "/etc/passwd", O_RDONLY, 0), -1);
	assert_int_equal(fssys_open_walk(dir_fd, "", O_RDONLY, 0), -1);
	assert_int_equal(fssys_open_walk(dir_fd, "missing/x", O_RDONLY, 0), -1);
	assert_int_equal(errno, ENOENT);
	close(dir_fd);
	free(link);
	free(leaf);
}

struct census {
	struct span *keys;
	size_t n, found, damaged, strange;
};

static int by_bytes(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static int count_found(void *ctx, const struct store_found *found, struct err *e)
{
	struct census *c = ctx;

	(void)e;
	if (found->damaged) {
		c->damaged++;
		assert_true(found->name.n > 0 && span_absent(found->loc.key));
		return 0;
	}
	c->found++;
	if (c->keys && !bsearch(&found->loc.key, c->keys, c->n, sizeof(*c->keys), by_bytes))
		c->strange++;
	return 0;
}

static void hostile_keys_live_on_a_real_file_system(void **state)
{
	enum { KEYS = 2000 };
	struct fixture *f = *state;
	struct hostile h = {.seed = 99};
	struct arena *a = arena_new();
	struct census c = {.n = KEYS};
	unsigned files, dirs;
	struct err e;

	f->spy.lazy = true;
	c.keys = arena_array(a, struct span, KEYS);
	for (uint64_t i = 0; i < KEYS; i++) {
		char key[NAME_KEY_MAX];
		struct store_loc loc = loc_of("", i);

		loc.key = c.keys[i] = arena_dup(a, span_of(key, hostile_key(&h, key)));
		loc.part_no = (uint32_t)(i % 5 ? 0 : i % 10000 + 1);
		must_put(f->s, &loc);
	}
	qsort(c.keys, KEYS, sizeof(*c.keys), by_bytes);
	assert_int_equal(f->s->ops->scan(f->s, count_found, &c, &e), 0);
	assert_int_equal(c.found, KEYS);
	assert_int_equal(c.strange + c.damaged, 0);
	h = (struct hostile){.seed = 99};
	for (uint64_t i = 0; i < KEYS; i++) {
		char key[NAME_KEY_MAX];
		struct store_loc loc = loc_of("", i);
		struct store_reader *r;

		loc.key = span_of(key, hostile_key(&h, key));
		loc.part_no = (uint32_t)(i % 5 ? 0 : i % 10000 + 1);
		assert_int_equal(f->s->ops->open(f->s, &loc, &r, &e), 0);
		f->s->ops->close(r);
		assert_int_equal(f->s->ops->remove(f->s, &loc, &e), 0);
	}
	workdir_count(f->dir, ROOT, &files, &dirs);
	assert_int_equal(files + dirs, 0);
	arena_free(a);
}

static void a_scan_reports_what_it_cannot_read(void **state)
{
	static const char *const made[] = {ROOT "/README", ROOT "/a%@xyz",
		"objects/UPPER/a%@0000000000000001", "objects/stray"};
	struct fixture *f = *state;
	struct census c = {.keys = NULL};
	struct store_loc a = loc_of("d/a", 1);
	char *path = path_in(f, "objects/UPPER");
	struct err e;

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
	must_put(f->s, &a);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		path = path_in(f, made[i]);
		close(open(path, O_WRONLY | O_CREAT, 0644));
		free(path);
	}
	path = path_in(f, ROOT "/loop");
	assert_int_equal(symlink(".", path), 0);
	free(path);
	assert_int_equal(f->s->ops->scan(f->s, count_found, &c, &e), 0);
	assert_int_equal(c.found, 1);
	assert_int_equal(c.damaged, 3); /* README, a%@xyz, loop; not what lies in no bucket */
}

static void a_deep_tree_of_strangers_does_not_exhaust_a_scan(void **state)
{
	struct fixture *f = *state;
	struct census c = {.keys = NULL};
	char *path = path_in(f, ROOT);
	int at = open(path, O_RDONLY | O_DIRECTORY);
	struct err e;

	free(path);
	for (int i = 0; i < 300; i++) {
		int next;

		assert_int_equal(mkdirat(at, "d", 0755), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(f->s->ops->scan(f->s, count_found, &c, &e), 0);
	assert_int_equal(c.damaged, 1);
}

static void a_large_blob_is_written_back_as_it_grows(void **state)
{
	enum { CHUNK = 1 << 20, CHUNKS = 20 };
	struct fixture *f = *state;
	struct store_loc a = loc_of("large", 1);
	char *chunk = malloc(CHUNK), *back = malloc(CHUNK);
	struct store_writer *w;
	struct store_reader *r;
	size_t n;
	struct err e;

	f->spy.lazy = true;
	assert_int_equal(f->s->ops->create(f->s, &a, (uint64_t)CHUNK * CHUNKS, &w, &e), 0);
	for (int i = 0; i < CHUNKS; i++)
		assert_int_equal(
			f->s->ops->write(w, memset(chunk, 'a' + i, CHUNK), CHUNK, &e), 0);
	assert_int_equal(f->s->ops->commit(w, NULL, &e), 0);
	assert_int_equal(f->s->ops->open(f->s, &a, &r, &e), 0);
	assert_true(f->s->ops->size(r) == (uint64_t)CHUNK * CHUNKS && f->s->ops->fd(r) >= 0);
	for (int i = 0; i < CHUNKS; i++) {
		assert_int_equal(
			f->s->ops->pread(r, back, CHUNK, (uint64_t)i * CHUNK, &n, &e), 0);
		assert_int_equal(n, CHUNK);
		assert_memory_equal(back, memset(chunk, 'a' + i, CHUNK), CHUNK);
	}
	f->s->ops->close(r);
	free(chunk);
	free(back);
}

static void opening_says_what_is_wrong(void **state)
{
	struct fixture *f = *state;
	char *missing = path_in(f, "missing"), *other = path_in(f, "other"), *link;
	struct store *s;
	struct err e;

	assert_int_equal(store_fs_open(missing, &s, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_int_equal(mkdir(other, 0755), 0);
	link = path_in(f, "other/objects");
	assert_int_equal(symlink(f->dir, link), 0);
	assert_int_equal(store_fs_open(other, &s, &e), -1);
	free(missing);
	free(other);
	free(link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, spy_setup, spy_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_lie_where_a_person_expects_them),
		TEST(the_tag_reads_back),
		TEST(tags_are_small_and_damage_is_seen),
		TEST(a_file_system_without_attributes_is_fine),
		TEST(removing_the_last_blob_empties_its_directories),
		TEST(symbolic_links_are_never_followed),
		TEST(opening_by_steps_is_as_strict),
		TEST(hostile_keys_live_on_a_real_file_system),
		TEST(a_scan_reports_what_it_cannot_read),
		TEST(a_deep_tree_of_strangers_does_not_exhaust_a_scan),
		TEST(a_large_blob_is_written_back_as_it_grows),
		TEST(opening_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
