/* SPDX-License-Identifier: MIT */
/* What the files of sigv4 share. */
#ifndef MX_AUTH_SIGV4_INT_H
#define MX_AUTH_SIGV4_INT_H

#include "auth/sigv4.h"

/* More names than a request may have headers would only cost time. */
enum { SIGV4_MAX_SIGNED = 200 };

/*
 * Where clients differ, each reading names the same key and parameters:
 * SIGV4_RECODE_PATH  "%2F" of the path is signed as "/"; otherwise as it was sent.
 * SIGV4_PLUS_LITERAL  "+" of the query is signed as "%2B"; otherwise as the space it means.
 */
enum { SIGV4_RECODE_PATH = 1, SIGV4_PLUS_LITERAL = 2 };
/* The readings that make a difference for this request, as a mask. */
unsigned sigv4_readings(const struct auth_request *req);

/* The canonical request, in the arena; absent when it is too large to be a request of anybody.
 */
struct span sigv4_canonical(struct arena *a, const struct auth_request *req, unsigned reading,
	struct span signed_headers, struct span payload_hash);

/* Equal without regard to case, and '_' like '-'. */
bool sigv4_same_name(struct span a, struct span b);

#endif
