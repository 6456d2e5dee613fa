/* SPDX-License-Identifier: MIT */
/*
 * Tag sets of objects and buckets: what is legal, the form of the header x-amz-tagging, the stored
 * form. The order is the client's.
 */
#ifndef MX_MODEL_TAGS_H
#define MX_MODEL_TAGS_H

#include "base/arena.h"
#include "base/span.h"

enum {
	TAGS_OBJECT_MAX = 10,
	TAGS_BUCKET_MAX = 50,
	TAG_KEY_MAX = 128, /* characters, not bytes */
	TAG_VALUE_MAX = 256
};

struct tag {
	struct span key, value;
};
struct tags {
	struct tag *tag;
	size_t count;
};

enum tags_fault {
	TAGS_OK,
	TAGS_TOO_MANY,
	TAGS_KEY,      /* empty, too long, or a character that is not allowed */
	TAGS_VALUE,
	TAGS_DUPLICATE,
	TAGS_RESERVED  /* aws: of either case */
};
/* max: how many there may be. The first fault found; *at_r is then the index of its tag.
 * see: "Tag naming and usage conventions" and Tag in the S3 API reference. */
enum tags_fault tags_check(const struct tags *t, size_t max, size_t *at_r);

/* `key=value&key2=value2`, percent-encoded, '+' a space; a key alone has an empty value. Legality is
 * for tags_check. err: ERR_INVALID a bad escape or not UTF-8, ERR_LIMIT far too many. */
int tags_parse_header(
	struct arena *a, struct span header, struct tags *t_r, struct err *e) MX_MUST_CHECK;

/* Stored form of at most 255 tags: a version byte, their number, then of each two lengths and bytes.
 * "" when there are none. Lives in the arena. */
struct span tags_encode(struct arena *a, const struct tags *t);
/* Spans into blob. err: ERR_INTERNAL on a damaged blob. */
int tags_decode(
	struct arena *a, struct span blob, struct tags *t_r, struct err *e) MX_MUST_CHECK;
/* How many a stored form says that it holds, without looking at them. */
size_t tags_stored_count(struct span blob);

#endif
