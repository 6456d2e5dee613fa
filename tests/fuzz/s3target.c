/* SPDX-License-Identifier: MIT */
/* Host, path and domains: whatever comes in, what is accepted is a legal bucket and key. */
#include "model/names.h"
#include "s3/target.h"
#include "tests/fuzz/fuzz.h"

/* Input: host, line feed, domains, line feed, path. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct span path = span_of(p, n), host = SPAN_NULL, tenant, bucket;
	struct s3_domains domains = {.theirs = SPAN_LIT("acme.example"), .tenant = SPAN_LIT("tenant-0a1b2c3d")};
	struct s3_target t;

	span_cut(&path, '\n', &host);
	span_cut(&path, '\n', &domains.ours);
	if (s3_target_resolve(a, host, path, &domains, &t) == S3_OK) {
		MUST(t.kind == S3_SERVICE || name_bucket_legal(t.bucket));
		MUST(span_eq(t.explicit_bucket, t.bucket) ||
			(name_bucket_split(t.explicit_bucket, &tenant, &bucket) &&
				span_eq(bucket, t.bucket) && span_eq(tenant, domains.tenant)));
		MUST((t.kind == S3_OBJECT) == (t.key.n > 0));
		MUST(t.key.n <= NAME_KEY_MAX && span_is_utf8(t.key));
		MUST(span_find_byte(t.key, '\0') < 0);
	}
	arena_free(a);
	return 0;
}
