/* SPDX-License-Identifier: MIT */
/* XML out: escapes and balances. Writes into a buffer; the declaration comes first. */
#ifndef MX_CODEC_XMLW_H
#define MX_CODEC_XMLW_H

#include "base/buf.h"

enum { XMLW_MAX_DEPTH = 16 };
#define XMLW_S3_NS "http://s3.amazonaws.com/doc/2006-03-01/"

struct xmlw {
	struct buf *out;
	const char *open[XMLW_MAX_DEPTH];
	int depth;
};

/* Writes `<?xml version="1.0" encoding="UTF-8"?>` and a line feed. */
void xmlw_init(struct xmlw *w, struct buf *out);
/* Names are static strings. ns may be NULL. */
void xmlw_open(struct xmlw *w, const char *name);
void xmlw_open_ns(struct xmlw *w, const char *name, const char *ns);
void xmlw_close(struct xmlw *w);
/* <name>escaped text</name>; an absent span writes <name></name>. Control characters that XML 1.0
 * forbids become numeric references, as S3 does; CR, tab and LF too where a parser would fold them. */
void xmlw_text(struct xmlw *w, const char *name, struct span text);
void xmlw_str(struct xmlw *w, const char *name, const char *text);
void xmlw_u64(struct xmlw *w, const char *name, uint64_t v);
void xmlw_bool(struct xmlw *w, const char *name, bool v);
/* ISO 8601 with milliseconds. */
void xmlw_time(struct xmlw *w, const char *name, int64_t at_us);
/* An element with an attribute: opens it. "xsi:type" (Grantee) brings its namespace along. */
void xmlw_open_attr(struct xmlw *w, const char *name, const char *attr, struct span value);

#endif
