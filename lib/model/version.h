/* SPDX-License-Identifier: MIT */
/* Version ids as clients see them: opaque text that names one version of a key for ever. */
#ifndef MX_MODEL_VERSION_H
#define MX_MODEL_VERSION_H

#include <stdint.h>

#include "base/span.h"

enum { VERSION_ID_LEN = 32 };

/* vseq finds the version; gen makes sure that it is still the same one. All zeros: the null version, that of a
 * write without versioning. A delete marker has no bytes, so its gen is 0. */
struct version_id {
	uint64_t vseq, gen;
};

static inline bool version_id_is_null(const struct version_id *v)
{
	return v->vseq == 0;
}

/* 32 lower-case hexadecimal digits, or "null"; NUL-terminated. */
void version_id_format(char out[VERSION_ID_LEN + 1], const struct version_id *v);
/* All of s, exactly as version_id_format writes it. */
bool version_id_parse(struct span s, struct version_id *v_r);

#endif
