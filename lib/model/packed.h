/* SPDX-License-Identifier: MIT */
/* The pieces of stored forms: a length as LEB128 (7 bits a byte, the lowest first), and bytes. */
#ifndef MX_MODEL_PACKED_H
#define MX_MODEL_PACKED_H

#include "base/span.h"

enum { PACKED_LEN_MAX = 10 }; /* bytes of a length */

/* Each returns what follows. */
unsigned char *packed_put_len(unsigned char *p, size_t n);
unsigned char *packed_put_bytes(unsigned char *p, struct span s);
/* The n lowest bytes of v, the lowest first. */
unsigned char *packed_put_le(unsigned char *p, uint64_t v, size_t n);
uint64_t packed_get_le(const char *p, size_t n);

/* Each consumes what it names; false when that is not there whole. */
bool packed_take_len(struct span *rest, size_t *n_r);
bool packed_take_bytes(struct span *rest, size_t n, struct span *s_r);

#endif
