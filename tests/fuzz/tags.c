/* SPDX-License-Identifier: MIT */
/* Tags, from the header and as stored: what is read and legal is stored and comes back. */
#include "model/tags.h"
#include "tests/fuzz/fuzz.h"

static void round_trip(struct arena *a, const struct tags *t)
{
	struct span blob = tags_encode(a, t);
	struct tags again;
	struct err e;

	MUST(tags_stored_count(blob) == t->count);
	MUST(tags_decode(a, blob, &again, &e) == 0);
	MUST(again.count == t->count);
	for (size_t i = 0; i < t->count; i++) {
		MUST(span_eq(again.tag[i].key, t->tag[i].key));
		MUST(span_eq(again.tag[i].value, t->tag[i].value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span rest = span_of(p, n);
	bool stored = fuzz_byte(&rest) & 1;
	struct arena *a = arena_new();
	struct tags t;
	struct err e;
	size_t at;

	if (stored ? tags_decode(a, rest, &t, &e) == 0
		   : tags_parse_header(a, rest, &t, &e) == 0 &&
				tags_check(&t, TAGS_BUCKET_MAX, &at) == TAGS_OK)
		round_trip(a, &t);
	arena_free(a);
	return 0;
}
