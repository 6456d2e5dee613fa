/* SPDX-License-Identifier: MIT */
/* Percent-encoding and queries; any bytes must survive encoding and decoding. */
#include "codec/uri.h"
#include "tests/fuzz/fuzz.h"

static void check_round_trip(struct arena *a, struct span s, bool keep_slash)
{
	BUF_AUTO struct buf b;
	struct span back;
	struct err e;

	buf_init(&b, 3 * s.n);
	uri_encode(&b, s, keep_slash);
	MUST(buf_ok(&b));
	MUST(uri_decode(a, buf_span(&b), &back, &e) == 0 && span_eq(back, s));
	MUST(uri_decode_query(a, buf_span(&b), &back, &e) == 0 && span_eq(back, s));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct span s = span_of(p, n), out;
	struct uri_param *params;
	size_t count;
	struct err e;

	if (uri_decode(a, s, &out, &e) == 0)
		MUST(out.n <= s.n);
	if (uri_parse_query(a, s, &params, &count, &e) == 0) {
		MUST(count <= URI_MAX_PARAMS);
		for (size_t i = 0; i < count; i++)
			MUST(params[i].name.n + params[i].value.n <= s.n);
	}
	check_round_trip(a, s, true);
	check_round_trip(a, s, false);
	arena_free(a);
	return 0;
}
