/* SPDX-License-Identifier: MIT */
/* Stored forms are read as if they were hostile: a damaged one must not lead outside. */
#include "model/packed.h"

unsigned char *packed_put_len(unsigned char *p, size_t n)
{
	while (n >= 0x80) {
		*p++ = (unsigned char)(n | 0x80);
		n >>= 7;
	}
	*p++ = (unsigned char)n;
	return p;
}

unsigned char *packed_put_bytes(unsigned char *p, struct span s)
{
	if (s.n)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

unsigned char *packed_put_le(unsigned char *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++, v >>= 8)
		*p++ = (unsigned char)v;
	return p;
}

uint64_t packed_get_le(const char *p, size_t n)
{
	uint64_t v = 0;

	while (n > 0)
		v = v << 8 | (unsigned char)p[--n];
	return v;
}

bool packed_take_len(struct span *rest, size_t *n_r)
{
	size_t n = 0;

	for (unsigned shift = 0; shift < 63 && rest->n; shift += 7) {
		unsigned char c = (unsigned char)rest->p[0];

		*rest = span_from(*rest, 1);
		n |= (size_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*n_r = n;
			return true;
		}
	}
	return false;
}

bool packed_take_bytes(struct span *rest, size_t n, struct span *s_r)
{
	if (rest->n < n)
		return false;
	*s_r = span_head(*rest, n);
	*rest = span_from(*rest, n);
	return true;
}
