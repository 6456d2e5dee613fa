/* SPDX-License-Identifier: MIT */
/* Host, path and domains: whatever comes in, what is accepted is a legal bucket and key. */
#include "model/names.h"
#include "s3/target.h"
#include "tests/fuzz/fuzz.h"

/* Input: host, line feed, domains, line feed, path. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct span path = span_of(p, n), host = SPAN_NULL, domains = SPAN_NULL;
	struct s3_target t;

	span_cut(&path, '\n', &host);
	span_cut(&path, '\n', &domains);
	if (s3_target_resolve(a, host, path, domains, &t) == S3_OK) {
		MUST(t.kind == S3_SERVICE || name_bucket_legal(t.bucket));
		MUST((t.kind == S3_OBJECT) == (t.key.n > 0));
		MUST(t.key.n <= NAME_KEY_MAX && span_is_utf8(t.key));
		MUST(span_find_byte(t.key, '\0') < 0);
	}
	arena_free(a);
	return 0;
}
