/* SPDX-License-Identifier: MIT */
/* Object metadata as stored: damage is refused, what decodes encodes to the same meaning. */
#include "model/objmeta.h"
#include "tests/fuzz/fuzz.h"

static void check_same(const struct objmeta *a, const struct objmeta *b)
{
	for (int i = 0; i < OBJMETA_SYS_COUNT; i++) {
		MUST(span_absent(a->sys[i]) == span_absent(b->sys[i]));
		MUST(span_eq(a->sys[i], b->sys[i]));
	}
	MUST(a->user_count == b->user_count);
	for (size_t i = 0; i < a->user_count; i++) {
		MUST(span_eq(a->user[i].name, b->user[i].name));
		MUST(span_eq(a->user[i].value, b->user[i].value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct objmeta m, again;
	struct err e;

	if (objmeta_decode(a, span_of(p, n), &m, &e) == 0) {
		MUST(objmeta_user_bytes(&m) <= n);
		MUST(objmeta_decode(a, objmeta_encode(a, &m), &again, &e) == 0);
		check_same(&m, &again);
	}
	arena_free(a);
	return 0;
}
