/* SPDX-License-Identifier: MIT */
/* Entity tags, lists of them and checksum values as clients send them. */
#include "model/etag.h"
#include "model/checksum.h"
#include "tests/fuzz/fuzz.h"

static void check_etag(struct span s)
{
	const struct etag zero = {.nparts = 0};
	char text[ETAG_TEXT_MAX];
	struct etag t, again;

	(void)etag_list_matches(s, &zero);
	if (!etag_parse(s, &t))
		return;
	etag_format(text, &t);
	MUST(etag_parse(span_str(text), &again) && etag_eq(&t, &again));
	MUST(etag_list_matches(s, &t));
}

static void check_checksum(struct span s, enum checksum_alg alg)
{
	unsigned char blob[CHECKSUM_BLOB_MAX];
	char text[CHECKSUM_TEXT_MAX];
	struct checksum c, again;

	if (checksum_parse(s, alg, &c)) {
		checksum_format(text, &c);
		MUST(span_eq_str(s, text));
	}
	if (checksum_from_blob(s, &c)) {
		size_t n = checksum_to_blob(&c, blob);

		MUST(span_eq(s, span_of(blob, n)));
		MUST(checksum_from_blob(span_of(blob, n), &again) && checksum_eq(&c, &again));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of(p, n);

	check_etag(s);
	for (int alg = CHECKSUM_NONE; alg < CHECKSUM_ALG_COUNT; alg++)
		check_checksum(s, (enum checksum_alg)alg);
	return 0;
}
