/* SPDX-License-Identifier: MIT */
/* One UTF-8 sequence at a time, for writers that must replace what is not UTF-8. */
#ifndef MX_CODEC_UTF8_H
#define MX_CODEC_UTF8_H

#include "base/span.h"

#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Bytes (1 to 4) of the well-formed sequence (RFC 3629) that s starts with; 0 if there is none. */
static inline size_t utf8_sequence(struct span s)
{
	unsigned char lead;
	size_t n;

	if (s.n == 0)
		return 0;
	lead = (unsigned char)s.p[0];
	n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	return s.n >= n && span_is_utf8(span_head(s, n)) ? n : 0;
}

#endif
