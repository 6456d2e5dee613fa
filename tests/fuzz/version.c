/* SPDX-License-Identifier: MIT */
/* Version ids: what is taken is written the same way. */
#include "model/version.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char text[VERSION_ID_LEN + 1];
	struct version_id v;

	if (version_id_parse(span_of(p, n), &v)) {
		version_id_format(text, &v);
		MUST(span_eq_str(span_of(p, n), text));
	}
	return 0;
}
