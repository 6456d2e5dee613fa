/* SPDX-License-Identifier: MIT */
/*
 * Cross-origin rules of a bucket: what a legal <CORSConfiguration> is, and which of its rules
 * speaks for a request. see: CORSConfiguration and CORSRule in the S3 API reference; the Fetch
 * standard, "HTTP extensions".
 */
#ifndef MX_MODEL_CORS_H
#define MX_MODEL_CORS_H

#include "codec/xmlr.h"
#include "codec/xmlw.h"

enum { CORS_RULES_MAX = 100, CORS_ID_MAX = 255 /* characters */ };

/* Bits of cors_rule.methods, in the order in which they are told. */
enum cors_method { CORS_GET = 1, CORS_PUT = 2, CORS_HEAD = 4, CORS_POST = 8, CORS_DELETE = 16 };

struct cors_list {
	struct span *item;
	size_t count;
};
struct cors_rule {
	struct span id; /* absent: none */
	unsigned methods;
	struct cors_list origins, headers,
		expose; /* the first two: patterns with at most one '*' */
	bool has_max_age;
	uint32_t max_age_s;
};
struct cors {
	struct cors_rule *rule;
	size_t count;
};

enum cors_fault {
	CORS_OK,
	CORS_MALFORMED,     /* not of the schema: an element missing, unknown or too many */
	CORS_BAD_METHOD,    /* none of the five, in upper case */
	CORS_TWO_WILDCARDS, /* in an origin or a header */
	CORS_WILDCARD,      /* in a header to expose */
	CORS_ID_TOO_LONG,
	CORS_CONTROL /* a control character in a value */
};
/* Spans are of the document. *at_r: the value at fault; absent for CORS_MALFORMED. */
enum cors_fault cors_read(
	struct arena *a, const struct xml_node *root, struct cors *c_r, struct span *at_r);
/* The children of the root, as cors_read takes them. */
void cors_write(struct xmlw *w, const struct cors *c);

/* A method's bit; 0 for any other word. */
unsigned cors_method_of(struct span word);

struct cors_ask {
	struct span origin;
	unsigned method;
	struct span headers; /* Access-Control-Request-Headers; absent: none are asked for */
};
/* The first rule that allows all of it, or NULL. *pattern_r: the origin's pattern of that rule.
 */
const struct cors_rule *cors_match(
	const struct cors *c, const struct cors_ask *ask, struct span *pattern_r);

/* "GET, PUT" */
struct span cors_methods_text(struct arena *a, unsigned methods);
/* Items joined by ", "; absent if there are none. */
struct span cors_list_text(struct arena *a, const struct cors_list *l);
/* The names of a comma-separated list, without blanks and empty ones; for cors_list_text. */
struct cors_list cors_names(struct arena *a, struct span text);

#endif
