/* SPDX-License-Identifier: MIT */
/* x-amz-copy-source: what is accepted is a legal bucket and key, and was decoded once. */
#include "base/buf.h"
#include "codec/uri.h"
#include "model/names.h"
#include "s3/copy_source.h"
#include "tests/fuzz/fuzz.h"

/* Written as a client writes it, it means the same. */
static void check_again(struct arena *a, const struct s3_copy_source *s)
{
	char version[VERSION_ID_LEN + 1];
	struct s3_copy_source again;
	BUF_AUTO struct buf text;

	buf_init(&text, 8192);
	uri_encode(&text, s->bucket, true);
	buf_add_str(&text, "/");
	uri_encode(&text, s->key, true);
	version_id_format(version, &s->version);
	if (s->has_version)
		buf_printf(&text, "?versionId=%s", version);
	MUST(s3_copy_source_parse(a, buf_span(&text), &again) == NULL);
	MUST(span_eq(again.bucket, s->bucket) && span_eq(again.key, s->key));
	MUST(again.has_version == s->has_version && again.version.vseq == s->version.vseq &&
		again.version.gen == s->version.gen);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct s3_copy_source s;

	if (s3_copy_source_parse(a, span_of(p, n), &s) == NULL) {
		MUST(name_bucket_legal(s.bucket));
		MUST(s.key.n > 0 && s.key.n <= NAME_KEY_MAX && span_is_utf8(s.key));
		MUST(span_find_byte(s.key, '\0') < 0);
		check_again(a, &s);
	}
	arena_free(a);
	return 0;
}
