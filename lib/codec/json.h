/* SPDX-License-Identifier: MIT */
/*
 * JSON: reading with json-c in strict mode (UTF-8 checked, depth and size bounded, no trailing
 * bytes, duplicate names and NULs refused) and a writer into a buffer that escapes and balances.
 */
#ifndef MX_CODEC_JSON_H
#define MX_CODEC_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

enum { JSON_MAX_DEPTH = 32, JSON_MAX_BYTES = 1024 * 1024 };

struct json; /* an opaque value of the document, owned by the arena */

/* err: ERR_INVALID malformed, ERR_LIMIT a bound passed. */
int json_parse(struct arena *a, struct span text, const struct json **root_r, struct err *e) MX_MUST_CHECK;
bool json_is_object(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_null(const struct json *v); /* also for NULL */
/* Member of an object, NULL if absent. */
const struct json *json_get(const struct json *object, const char *name);
/* The i-th member of an object, in the order of the text; false behind the last and for no object. */
bool json_member(const struct json *object, size_t i, struct span *name_r, const struct json **value_r);
/* True and the value when v is a string (bytes live as long as the arena), integer (strictly
 * inside the range of int64_t) or boolean. */
bool json_str(const struct json *v, struct span *out_r);
bool json_i64(const struct json *v, int64_t *out_r);
bool json_bool(const struct json *v, bool *out_r);
size_t json_len(const struct json *array);
const struct json *json_at(const struct json *array, size_t i);

struct jsonw {
	struct buf *out;
	unsigned depth;
	bool need_comma;
};

void jsonw_init(struct jsonw *w, struct buf *out);
/* name NULL inside arrays and for the root. Strings that are not UTF-8 get U+FFFD for bad bytes. */
void jsonw_object(struct jsonw *w, const char *name);
void jsonw_end_object(struct jsonw *w);
void jsonw_array(struct jsonw *w, const char *name);
void jsonw_end_array(struct jsonw *w);
void jsonw_span(struct jsonw *w, const char *name, struct span v); /* absent: null */
void jsonw_str(struct jsonw *w, const char *name, const char *v);  /* NULL: null */
void jsonw_i64(struct jsonw *w, const char *name, int64_t v);
void jsonw_u64(struct jsonw *w, const char *name, uint64_t v);
void jsonw_bool(struct jsonw *w, const char *name, bool v);
void jsonw_null(struct jsonw *w, const char *name);
/* RFC 3339 in UTC. */
void jsonw_time(struct jsonw *w, const char *name, int64_t at_us);

#endif
