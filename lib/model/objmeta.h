/* SPDX-License-Identifier: MIT */
/*
 * What an object carries besides its bytes: system headers and user metadata, and their stored form.
 */
#ifndef MX_MODEL_OBJMETA_H
#define MX_MODEL_OBJMETA_H

#include "base/arena.h"
#include "base/span.h"

/* System headers that are stored and returned; Content-Type has a column of its own in metadata. */
enum objmeta_sys {
	OBJMETA_CACHE_CONTROL,
	OBJMETA_CONTENT_DISPOSITION,
	OBJMETA_CONTENT_ENCODING,
	OBJMETA_CONTENT_LANGUAGE,
	OBJMETA_EXPIRES,
	OBJMETA_WEBSITE_REDIRECT,
	OBJMETA_STORAGE_CLASS,
	OBJMETA_SYS_COUNT
};
enum { OBJMETA_USER_MAX_BYTES = 2048, OBJMETA_MAX_PAIRS = 256 };

struct objmeta_pair {
	struct span name; /* lower case, without "x-amz-meta-" */
	struct span value;
};

struct objmeta {
	struct span content_type; /* absent: binary/octet-stream is answered */
	struct span sys[OBJMETA_SYS_COUNT]; /* absent where not set */
	struct objmeta_pair *user;
	size_t user_count;
};

/* Header name as it is sent ("Cache-Control"). */
const char *objmeta_sys_header(enum objmeta_sys which);
/* Sum of the bytes of names and values of the user metadata, as S3 counts its 2 KiB. */
size_t objmeta_user_bytes(const struct objmeta *m);
/* Stored form without content_type: a version byte, then tag, lengths (LEB128), bytes. Empty blob
 * when there is nothing. Lives in the arena. */
struct span objmeta_encode(struct arena *a, const struct objmeta *m);
/* Fills sys and user (spans into blob) and leaves content_type alone. err: ERR_INTERNAL on a damaged blob. */
int objmeta_decode(struct arena *a, struct span blob, struct objmeta *m_r, struct err *e) MX_MUST_CHECK;

#endif
