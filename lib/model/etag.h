/* SPDX-License-Identifier: MIT */
/* Entity tags and the conditions on them (RFC 9110 section 13, with S3's precedence). */
#ifndef MX_MODEL_ETAG_H
#define MX_MODEL_ETAG_H

#include "base/span.h"

enum { ETAG_TEXT_MAX = 48 }; /* quotes, 32 digits, "-10000", NUL */

struct etag {
	unsigned char md5[16];
	uint32_t nparts; /* 0: a plain object; else the count behind the dash */
};

/* `"0123...cdef"` or `"...-3"`, with the quotes, NUL-terminated. */
void etag_format(char out[ETAG_TEXT_MAX], const struct etag *t);
/* With or without quotes, all of s. */
bool etag_parse(struct span s, struct etag *t_r);
bool etag_eq(const struct etag *a, const struct etag *b);
/* A condition's value: `*`, or a list of quoted or bare tags (a W/ prefix is ignored): does t match? */
bool etag_list_matches(struct span list, const struct etag *t);

/* The four conditions of a read as received; absent spans when not sent. */
struct read_conditions {
	struct span if_match, if_none_match, if_modified_since, if_unmodified_since;
};
enum read_verdict { READ_PROCEED, READ_NOT_MODIFIED, READ_PRECONDITION_FAILED };
/* mtime_us is compared in whole seconds; unparsable dates and dates after now_us are ignored. */
enum read_verdict read_conditions_check(const struct read_conditions *c, const struct etag *t,
	int64_t mtime_us, int64_t now_us);

/* If-Range: is the representation still the one that the client has a piece of? Absent: yes. Only the
 * whole of its tag or its very Last-Modified says so (RFC 9110 section 13.1.5). */
bool if_range_holds(struct span if_range, const struct etag *t, int64_t mtime_us);

/* Conditions of a write (PUT, Complete, DELETE), evaluated inside the commit. */
struct write_conditions {
	struct span if_match, if_none_match; /* as received; absent when not sent */
	/* DELETE only */
	bool has_size, has_mtime;
	uint64_t size;
	int64_t mtime_s;
};
enum write_verdict { WRITE_PROCEED, WRITE_PRECONDITION_FAILED, WRITE_NO_SUCH_KEY };
/* current NULL: no object, or a delete marker. For PUT and CompleteMultipartUpload. */
enum write_verdict write_conditions_check(const struct write_conditions *c, const struct etag *current);

/* What a DELETE with conditions finds. Absent: nothing to compare, it goes through (204). A delete
 * marker passes `*` only. */
struct delete_target {
	enum { DELETE_TARGET_ABSENT, DELETE_TARGET_MARKER, DELETE_TARGET_OBJECT } what;
	struct etag etag; /* of an object, as size and mtime_us */
	uint64_t size;
	int64_t mtime_us;
};
enum write_verdict delete_conditions_check(const struct write_conditions *c,
	const struct delete_target *target);

static inline bool write_conditions_any(const struct write_conditions *c)
{
	return !span_absent(c->if_match) || !span_absent(c->if_none_match) || c->has_size || c->has_mtime;
}

#endif
