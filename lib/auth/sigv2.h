/* SPDX-License-Identifier: MIT */
/*
 * AWS Signature Version 2, in the Authorization header or in the query.
 * Source: S3 user guide, "Signing and authenticating REST requests".
 *
 * The string to sign has the path as it was sent. What it leaves open, or what a server between
 * has lost, is read in each way that makes a difference, and the one that verifies is what the
 * client meant. Neither the body nor most of the query is signed.
 */
#ifndef MX_AUTH_SIGV2_H
#define MX_AUTH_SIGV2_H

#include "auth/request.h"

enum sigv2_fault {
	SIGV2_OK,
	SIGV2_MALFORMED,   /* the header is not "AWS key:signature" */
	SIGV2_INCOMPLETE,  /* the query has not each of its three parameters once */
	SIGV2_NO_DATE,     /* neither x-amz-date nor Date, or unparsable, or before 1970 */
	SIGV2_BAD_EXPIRES, /* no number of seconds since 1970 */
	SIGV2_SKEWED,      /* over 15 minutes from now */
	SIGV2_EXPIRED,     /* signed in the query, and the time is over */
	SIGV2_MISMATCH     /* the signature is wrong */
};

struct sigv2 {
	bool is_presigned;
	struct span access_key, signature; /* base64 */
	struct span date;                  /* Date, x-amz-date or Expires, as it was sent */
	struct span line;                  /* what stands for it in the string to sign */
	int64_t at_us;                     /* signed at; of a presigned request, holds until */
};

struct sigv2_proof {
	struct span string_to_sign; /* arena */
	/* What was signed, where the request alone does not tell. */
	bool plus_is_literal;     /* a '+' of the query is a plus, not a space */
	const struct span *names; /* of each header, in the client's spelling; arena */
};

/* The headers of req are all that count, also those that came in the query. */
enum sigv2_fault sigv2_parse(
	const struct auth_request *req, int64_t now_us, struct sigv2 *sig_r) MX_MUST_CHECK;
enum sigv2_fault sigv2_parse_query(struct arena *a, const struct auth_request *req,
	int64_t now_us, struct sigv2 *sig_r) MX_MUST_CHECK;
/* SIGV2_OK or SIGV2_MISMATCH, in constant time. host_bucket: the bucket that the host names, or
 * absent. */
enum sigv2_fault sigv2_verify(struct arena *a, const struct auth_request *req,
	const struct sigv2 *sig, struct span host_bucket, struct span secret,
	struct sigv2_proof *proof_r) MX_MUST_CHECK;

/* Is a parameter of that name part of what is signed? */
bool sigv2_signs(struct span name);

/* For our own clients: the signature of a request as it stands, with `line` for its date. */
char *sigv2_sign(struct arena *a, const struct auth_request *req, struct span line,
	struct span host_bucket, struct span secret);

#endif
