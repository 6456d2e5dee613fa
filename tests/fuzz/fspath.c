/* SPDX-License-Identifier: MIT */
/* Names found on disk, and keys of any bytes: what decodes is exact, what encodes comes back.
 */
#include "store/fspath.h"
#include "tests/fuzz/fuzz.h"

static const struct span bucket = SPAN_LIT("bkt");

static void check_path(struct span path)
{
	char key[NAME_KEY_MAX], again[FSPATH_FULL_MAX];
	struct store_loc loc = {.bucket = bucket};
	struct err e;

	if (!fspath_decode(path, key, &loc))
		return;
	MUST(loc.key.n >= 1 && loc.key.n <= NAME_KEY_MAX);
	MUST(fspath_encode(again, &loc, &e) == 0);
	MUST(span_eq(span_str(again + bucket.n + 1), path));
}

static void check_key(struct span key)
{
	char path[FSPATH_FULL_MAX], key_again[NAME_KEY_MAX];
	struct store_loc loc = {.bucket = bucket, .key = key, .gen = UINT64_MAX}, back;
	struct span below, rest, name;
	struct err e;

	if (fspath_encode(path, &loc, &e) != 0) {
		MUST(key.n == 0 || key.n > NAME_KEY_MAX);
		return;
	}
	rest = below = span_str(path + bucket.n + 1);
	MUST(below.n <= FSPATH_PLAIN_MAX);
	while (span_cut(&rest, '/', &name)) {
		MUST(name.n >= 1 && name.n <= FSPATH_NAME_MAX);
		MUST(!span_eq_str(name, ".") && !span_eq_str(name, ".."));
	}
	MUST(fspath_decode(below, key_again, &back) && span_eq(back.key, key));
	MUST(back.gen == loc.gen && back.part_no == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	check_path(span_of(p, n));
	check_key(span_of(p, n));
	return 0;
}
