/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/fspath.h"
#include "tests/unit/store/hostile.h"

enum { KEYS = 200000, BUCKET_PREFIX = 4 /* "bkt/" */ };

static const struct span bucket = SPAN_LIT("bkt");

static const char *path_of(const char *key, char out[FSPATH_FULL_MAX])
{
	struct store_loc loc = {.bucket = bucket, .key = span_str(key), .gen = 0x18c2f3e4d5a};
	struct err e;

	assert_int_equal(fspath_encode(out, &loc, &e), 0);
	return out + BUCKET_PREFIX;
}

static void keys_become_readable_paths(void **state)
{
	static const char *const cases[][2] = {
		{"photos/2024/a.jpg", "photos/2024/a.jpg%@0000018c2f3e4d5a"},
		{"a/", "a/%@0000018c2f3e4d5a"},
		{"x//y", "x/%-/y%@0000018c2f3e4d5a"},
		{"/", "%-/%@0000018c2f3e4d5a"},
		{"../..", "%2E./..%@0000018c2f3e4d5a"},
		{"./.", "%2E/.%@0000018c2f3e4d5a"},
		{".../a", ".../a%@0000018c2f3e4d5a"},
		{"\n\x7f%", "%0A%7F%25%@0000018c2f3e4d5a"},
		{"\xc3\xa4\xff", "\xc3\xa4%FF%@0000018c2f3e4d5a"},
	};
	char path[FSPATH_FULL_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(path_of(cases[i][0], path), cases[i][1]);
}

static void places_are_tenant_and_bucket(void **state)
{
	struct store_loc loc = {.tenant = SPAN_LIT("tenant-0123abcd"),
		.bucket = bucket,
		.key = SPAN_LIT("k"),
		.gen = 1,
		.part_no = 7,
		.part_gen = 255};
	char path[FSPATH_FULL_MAX];
	struct err e;

	(void)state;
	assert_int_equal(fspath_encode(path, &loc, &e), 0);
	assert_string_equal(
		path, "tenant-0123abcd/bkt/k%@0000000000000001%p/00007-00000000000000ff");
}

static void refuses(struct span tenant, struct span name, size_t key_n, uint32_t part_no)
{
	static const char key[NAME_KEY_MAX + 1] = {0};
	struct store_loc loc = {.tenant = tenant,
		.bucket = name,
		.key = span_of(key, key_n),
		.part_no = part_no};
	char path[FSPATH_FULL_MAX];
	struct err e;

	assert_int_equal(fspath_encode(path, &loc, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
}

static void illegal_places_and_keys_are_refused(void **state)
{
	(void)state;
	refuses(SPAN_NULL, SPAN_LIT(".."), 1, 0);
	refuses(SPAN_NULL, SPAN_LIT("a/b"), 1, 0);
	refuses(SPAN_NULL, SPAN_LIT(""), 1, 0);
	refuses(SPAN_NULL, SPAN_LIT("tenant-0123abcd"), 1, 0);
	refuses(SPAN_LIT(".."), bucket, 1, 0);
	refuses(SPAN_LIT("tenant-0123ABCD"), bucket, 1, 0);
	refuses(SPAN_NULL, bucket, 0, 0);
	refuses(SPAN_NULL, bucket, NAME_KEY_MAX + 1, 0);
	refuses(SPAN_NULL, bucket, 1, 10001);
}

static void check_limits(struct span path)
{
	struct span rest = path, name;
	unsigned depth = 0;

	assert_true(path.n <= FSPATH_MAX);
	while (span_cut(&rest, '/', &name)) {
		assert_in_range(name.n, 1, FSPATH_NAME_MAX);
		assert_false(span_eq_str(name, "."));
		assert_false(span_eq_str(name, ".."));
		depth++;
	}
	assert_in_range(depth, 1, FSPATH_LEVELS + 1 + 16 + 1);
	for (size_t i = 0; i < path.n; i++)
		assert_true((unsigned char)path.p[i] >= 0x20 && path.p[i] != 0x7f);
	assert_true(span_is_utf8(path));
}

static void check_round_trip(const struct store_loc *loc, struct span path)
{
	char key[NAME_KEY_MAX];
	struct store_loc back;

	assert_true(fspath_decode(path, key, &back));
	assert_true(span_eq(back.key, loc->key));
	assert_true(back.gen == loc->gen && back.part_no == loc->part_no);
	assert_true(back.part_gen == (loc->part_no ? loc->part_gen : 0));
}

static uint64_t hash_more(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Hashes of the path and of its directories; returns that of the path. */
static uint64_t hash_path(struct span path, uint64_t *dirs, size_t *n)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '/')
			dirs[(*n)++] = hash;
		hash = hash_more(hash, path.p[i]);
	}
	return hash;
}

static void random_loc(
	struct hostile *h, uint64_t gen, char key[NAME_KEY_MAX], struct store_loc *loc_r)
{
	*loc_r = (struct store_loc){.bucket = bucket, .gen = gen};
	loc_r->key = span_of(key, hostile_key(h, key));
	if (hostile_random(h, 4) == 0) {
		loc_r->part_no = (uint32_t)(1 + hostile_random(h, 10000));
		loc_r->part_gen = hostile_random(h, UINT64_C(1) << 40);
	}
}

static void hostile_keys_round_trip_and_never_collide(void **state)
{
	struct hostile h = {.seed = 20261123};
	uint64_t *files = calloc(KEYS, sizeof(*files));
	uint64_t *dirs = calloc((size_t)KEYS * 64, sizeof(*dirs));
	char key[NAME_KEY_MAX], path[FSPATH_FULL_MAX];
	size_t ndirs = 0, longest = 0;
	struct store_loc loc;
	struct err e;

	(void)state;
	for (size_t i = 0; i < KEYS; i++) {
		struct span below;

		random_loc(&h, i, key, &loc);
		assert_int_equal(fspath_encode(path, &loc, &e), 0);
		below = span_str(path + BUCKET_PREFIX);
		check_limits(below);
		check_round_trip(&loc, below);
		files[i] = hash_path(below, dirs, &ndirs);
		if (below.n > longest)
			longest = below.n;
	}
	qsort(files, KEYS, sizeof(*files), by_hash);
	for (size_t i = 1; i < KEYS; i++)
		assert_true(files[i] != files[i - 1]);
	for (size_t i = 0; i < ndirs; i++)
		assert_null(bsearch(&dirs[i], files, KEYS, sizeof(*files), by_hash));
	assert_true(longest > 3000);
	free(files);
	free(dirs);
}

static void different_keys_of_one_generation_differ(void **state)
{
	struct hostile h = {.seed = 77};
	char a[NAME_KEY_MAX], b[NAME_KEY_MAX], pa[FSPATH_FULL_MAX], pb[FSPATH_FULL_MAX];
	struct store_loc la, lb;
	struct err e;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		random_loc(&h, 1, a, &la);
		random_loc(&h, 1, b, &lb);
		la.part_no = lb.part_no = 0;
		assert_int_equal(fspath_encode(pa, &la, &e), 0);
		assert_int_equal(fspath_encode(pb, &lb, &e), 0);
		assert_int_equal(strcmp(pa, pb) == 0, span_eq(la.key, lb.key));
	}
}

static void the_longest_paths_fit(void **state)
{
	static const char *const units[] = {"\x01", "/", "a/", "./", "../", "\xff/", ".", "a",
		"\xf0\x9f\x98\x80", "%", "\x01\x01/"};
	char key[NAME_KEY_MAX], path[FSPATH_FULL_MAX];
	struct store_loc loc = {.bucket = bucket, .gen = UINT64_MAX};
	size_t longest = 0;
	struct err e;

	(void)state;
	for (size_t u = 0; u < sizeof(units) / sizeof(*units); u++) {
		size_t n = strlen(units[u]);

		for (size_t i = 0; i < sizeof(key); i++)
			key[i] = units[u][i % n];
		loc.key = span_of(key, sizeof(key));
		assert_int_equal(fspath_encode(path, &loc, &e), 0);
		check_limits(span_str(path + BUCKET_PREFIX));
		if (strlen(path) - BUCKET_PREFIX > longest)
			longest = strlen(path) - BUCKET_PREFIX;
	}
	assert_int_equal(longest, FSPATH_PLAIN_MAX);
	assert_true(FSPATH_FULL_MAX < 4096);
}

static void names_we_never_make_are_refused(void **state)
{
	static const char *const bad[] = {"", "a", "a%@", "a%@000000000000000",
		"%@0000000000000001", "a%@000000000000000G", "a%@000000000000000A",
		"a%@00000000000000001", "./a%@0000000000000001", "../a%@0000000000000001",
		"/a%@0000000000000001", "a//b%@0000000000000001", "%2E%2E/a%@0000000000000001",
		"%2e/a%@0000000000000001", "%61%@0000000000000001", "a%2Fb%@0000000000000001",
		"a%0a%@0000000000000001", "a%+/b%@0000000000000001", "a%-/b%@0000000000000001",
		"a%p/b%@0000000000000001", "a%@0000000000000001/b%@0000000000000001",
		"a\n%@0000000000000001", "a\xff%@0000000000000001", "a%@0000000000000001%p",
		"a%@0000000000000001%p/", "a%@0000000000000001%p/1-0000000000000001",
		"a%@0000000000000001%p/00000-0000000000000001",
		"a%@0000000000000001%p/10001-0000000000000001",
		"a%@0000000000000001/00001-0000000000000001", "a%p/00001-0000000000000001",
		"a%@0000000000000001%q/00001-0000000000000001",
		"a%@0000000000000001%p/00001-000000000000000g", "%@%@0000000000000001",
		"%-%@0000000000000001", "%+%@0000000000000001", "a%@0000000000000001.tmp"};
	char key[NAME_KEY_MAX], huge[FSPATH_MAX + 100];
	struct store_loc loc;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (fspath_decode(span_str(bad[i]), key, &loc))
			fail_msg("%s was accepted", bad[i]);
	memset(huge, 'a', sizeof(huge));
	memcpy(huge + sizeof(huge) - 18, "%@0000000000000001", 18);
	assert_false(fspath_decode(span_of(huge, sizeof(huge)), key, &loc));
	assert_false(fspath_decode(span_of(huge + 1200, sizeof(huge) - 1200), key, &loc));
}

static void damaged_paths_are_refused_or_exact(void **state)
{
	struct hostile h = {.seed = 4711};
	char key[NAME_KEY_MAX], path[FSPATH_FULL_MAX], again[FSPATH_FULL_MAX];
	struct store_loc loc, back;
	unsigned accepted = 0;
	struct err e;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		char *exact;
		size_t n;

		random_loc(&h, (uint64_t)i, key, &loc);
		assert_int_equal(fspath_encode(path, &loc, &e), 0);
		n = strlen(path) - BUCKET_PREFIX;
		path[BUCKET_PREFIX + hostile_random(&h, n)] =
			"%/.@p+-0aF\n"[hostile_random(&h, 11)];
		exact = malloc(n); /* no byte behind the end for a sanitizer to miss */
		memcpy(exact, path + BUCKET_PREFIX, n);
		if (fspath_decode(span_of(exact, n), key, &back)) {
			accepted++;
			back.tenant = SPAN_NULL;
			back.bucket = bucket;
			assert_int_equal(fspath_encode(again, &back, &e), 0);
			assert_string_equal(again, path);
		}
		free(exact);
	}
	assert_true(accepted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_become_readable_paths),
		cmocka_unit_test(places_are_tenant_and_bucket),
		cmocka_unit_test(illegal_places_and_keys_are_refused),
		cmocka_unit_test(hostile_keys_round_trip_and_never_collide),
		cmocka_unit_test(different_keys_of_one_generation_differ),
		cmocka_unit_test(the_longest_paths_fit),
		cmocka_unit_test(names_we_never_make_are_refused),
		cmocka_unit_test(damaged_paths_are_refused_or_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
