/* SPDX-License-Identifier: MIT */
/* What the files of sigv4 share. */
#ifndef MX_AUTH_SIGV4_INT_H
#define MX_AUTH_SIGV4_INT_H

#include "auth/sigv4.h"

/* More names than a request may have headers would only cost time. */
enum { SIGV4_MAX_SIGNED = 200 };

/*
 * Where clients differ, or servers between have lost something, the reading that verifies is what
 * was meant:
 * SIGV4_RECODE_PATH  "%2F" of the path is signed as "/"; otherwise as it was sent. The same key.
 * SIGV4_PLUS_LITERAL  "+" of the query is signed as "%2B" and means it; otherwise as a space.
 * SIGV4_NAMES_REVERSED  of headers whose names read alike the last to arrive was signed first.
 */
enum { SIGV4_RECODE_PATH = 1, SIGV4_PLUS_LITERAL = 2, SIGV4_NAMES_REVERSED = 4 };
/* The readings that make a difference for this request, as a mask. */
unsigned sigv4_readings(const struct auth_request *req, struct span signed_headers);

/* The canonical request, without the parameter X-Amz-Signature, in the arena; absent when it is
 * too large to be a request of anybody. names: of each header, see below. */
struct span sigv4_canonical(struct arena *a, const struct auth_request *req,
	const struct span *names, unsigned reading, struct span signed_headers,
	struct span payload_hash);

/* ---- sigv4_parse.c: what the header and the query of a request have in common ---- */

/* Each sets s->text where it answers SIGV4_MALFORMED or SIGV4_SCOPE_DATE. */
enum sigv4_fault sigv4_malformed(struct sigv4 *s, const char *text);
enum sigv4_fault sigv4_take_credential(
	struct arena *a, struct span credential, const char *region, struct sigv4 *s);
/* s->at_us is set. */
enum sigv4_fault sigv4_check_day(struct arena *a, struct sigv4 *s);
/* s->payload_hash is set. */
enum sigv4_fault sigv4_take_payload(struct sigv4 *s);
enum sigv4_fault sigv4_check_signed_headers(
	struct arena *a, const struct auth_request *req, struct sigv4 *s);
bool sigv4_has_too_many_names(struct span signed_headers);

/* ---- sigv4_query.c ---- */

/* X-Amz-Credential and X-Amz-Date, of a query or a form: whose signature, where, and when. */
enum sigv4_fault sigv4_take_scope(struct arena *a, struct span credential, struct span date,
	const char *region, struct sigv4 *s);

/* ---- sigv4_names.c ---- */

/* Are there two names that read alike? */
bool sigv4_names_collide(struct span signed_headers);
/* The name of each header in the spelling of SignedHeaders, lower case; arena. */
const struct span *sigv4_names(struct arena *a, const struct auth_request *req,
	struct span signed_headers, unsigned reading);

#endif
