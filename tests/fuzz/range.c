/* SPDX-License-Identifier: MIT */
/* Range headers. One byte of control: the size of the object, as a power of two less one. */
#include "codec/range.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span header = span_of(p, n);
	unsigned bits = fuzz_byte(&header) % 65;
	uint64_t size = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	uint64_t first, length, last;

	switch (range_resolve(header, size, &first, &length)) {
	case RANGE_PART:
		MUST(length > 0 && first < size && length <= size - first);
		break;
	case RANGE_WHOLE:
		MUST(size == 0);
		break;
	case RANGE_IGNORED:
	case RANGE_UNSATISFIABLE:
		break;
	}
	if (range_parse_copy(header, &first, &last)) {
		MUST(first <= last);
		MUST(range_resolve(header, UINT64_MAX, &first, &length) != RANGE_IGNORED);
	}
	return 0;
}
