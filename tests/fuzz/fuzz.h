/* SPDX-License-Identifier: MIT */
/* What fuzz targets share. A target feeds one parser and states what must hold for any input.
 */
#ifndef MX_TESTS_FUZZ_H
#define MX_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define MUST(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, \
				#cond); \
			abort(); \
		} \
	} while (0)

/* Takes a byte of control off the front; 0 when there is none. */
static inline uint8_t fuzz_byte(struct span *rest)
{
	uint8_t v = rest->n ? (uint8_t)rest->p[0] : 0;

	*rest = span_from(*rest, 1);
	return v;
}

#endif
