/* SPDX-License-Identifier: MIT */
/* Percent-encoding (RFC 3986 section 2.1) as S3 and Signature V4 use it. */
#ifndef MX_CODEC_URI_H
#define MX_CODEC_URI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

/* Appends s with all but A-Z a-z 0-9 - . _ ~ as %XX (upper case); '/' too unless keep_slash. */
void uri_encode(struct buf *out, struct span s, bool keep_slash);
/* Decodes %XX once, '+' stays. err: ERR_INVALID on a bad escape. */
int uri_decode(struct arena *a, struct span s, struct span *out_r, struct err *e) MX_MUST_CHECK;
/* As uri_decode, but '+' is a space: names and values of a query. */
int uri_decode_query(struct arena *a, struct span s, struct span *out_r, struct err *e) MX_MUST_CHECK;

/* One decoded query parameter; value absent for `?name`, empty for `?name=`. */
struct uri_param {
	struct span name, value;
};
enum { URI_MAX_PARAMS = 256 };
/* Splits a raw query (without '?') at '&' in order; empty parts are skipped.
 * err: ERR_INVALID bad escape, ERR_LIMIT more than URI_MAX_PARAMS. */
int uri_parse_query(struct arena *a, struct span query, struct uri_param **params_r, size_t *n_r,
	struct err *e) MX_MUST_CHECK;
/* As uri_parse_query, but '+' stays. */
int uri_parse_query_literal(struct arena *a, struct span query, struct uri_param **params_r,
	size_t *n_r, struct err *e) MX_MUST_CHECK;

#endif
