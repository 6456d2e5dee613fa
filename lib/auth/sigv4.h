/* SPDX-License-Identifier: MIT */
/*
 * AWS Signature Version 4, in the Authorization header or in the query ("presigned"), and the
 * signatures of streamed chunks.
 * Source: S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
 *
 * Signs what was received: REQUEST_URI byte for byte split at the first '?'. The canonical URI is the
 * path as sent when it is already canonical percent-encoding, else decoded once and encoded again.
 * Where clients differ ("%2F" in a path, "+" in a query) both readings are tried, and the one that
 * verifies says what the client meant. No Host header: Host must be signed all the same.
 */
#ifndef MX_AUTH_SIGV4_H
#define MX_AUTH_SIGV4_H

#include "auth/request.h"

enum sigv4_payload {
	SIGV4_PAYLOAD_HASH,	/* 64 hex digits: the SHA-256 of the body */
	SIGV4_UNSIGNED,		/* UNSIGNED-PAYLOAD */
	SIGV4_STREAM,		/* STREAMING-AWS4-HMAC-SHA256-PAYLOAD */
	SIGV4_STREAM_TRAILER,	/* ...-TRAILER */
	SIGV4_STREAM_UNSIGNED_TRAILER
};

enum sigv4_fault {
	SIGV4_OK,
	SIGV4_NOT_V4,		/* another scheme, or none of the form "scheme SP rest" */
	SIGV4_MALFORMED,	/* Credential, SignedHeaders, Signature, scope: text says which */
	SIGV4_WRONG_REGION,
	SIGV4_SCOPE_DATE,	/* the scope's day is not that of X-Amz-Date */
	SIGV4_NO_DATE,		/* neither x-amz-date nor Date, or unparsable, or before 1970 */
	SIGV4_SKEWED,		/* over 15 minutes from now */
	SIGV4_NO_PAYLOAD_HASH,	/* x-amz-content-sha256 absent */
	SIGV4_BAD_PAYLOAD_HASH, /* neither a hash nor a known token */
	SIGV4_NOT_YET,		/* presigned for a time over 15 minutes ahead */
	SIGV4_EXPIRED,		/* presigned, and the time is over */
	SIGV4_UNSIGNED_HEADER,	/* an x-amz-* header, or Host, that SignedHeaders does not name */
	SIGV4_MISMATCH		/* the signature is wrong */
};

/* What header or query say, parsed and checked as far as possible without a secret. Spans into the request
 * or the arena. */
struct sigv4 {
	bool is_presigned; /* in the query, or the policy of a form */
	struct span access_key, day, region, service;
	struct span signed_headers; /* as sent, ';'-separated */
	struct span signature;	    /* of the header: 64 hex digits */
	char amz_date[17];
	int64_t at_us;
	int64_t expires_s; /* of a presigned request, from at_us on */
	enum sigv4_payload payload;
	struct span payload_hash; /* the value of x-amz-content-sha256; of a presigned request UNSIGNED-PAYLOAD
				     unless it says another */
	/* For errors: what was wrong, in S3's words; unsigned header names, ", "-joined (arena). */
	const char *text;
	struct span detail;
};

/* Filled by sigv4_verify, for error bodies (StringToSign, CanonicalRequest) and chunk signatures. */
struct sigv4_proof {
	struct span canonical_request, string_to_sign; /* arena */
	unsigned char signing_key[32];
	/* What was signed, where the request alone does not tell. */
	bool plus_is_literal;	  /* a '+' of the query is a plus, not a space */
	const struct span *names; /* of each header, in the client's spelling; arena */
};

/* region: what the scope must name; now_us for the skew. Does not need to know the key. */
enum sigv4_fault sigv4_parse(struct arena *a, const struct auth_request *req, const char *region,
	int64_t now_us, struct sigv4 *sig_r) MX_MUST_CHECK;
/* As sigv4_parse, of the query: only signed headers count, and it expires. */
enum sigv4_fault sigv4_parse_query(struct arena *a, const struct auth_request *req, const char *region,
	int64_t now_us, struct sigv4 *sig_r) MX_MUST_CHECK;
/* SIGV4_OK or SIGV4_MISMATCH, in constant time. */
enum sigv4_fault sigv4_verify(struct arena *a, const struct auth_request *req, const struct sigv4 *sig,
	struct span secret, struct sigv4_proof *proof_r) MX_MUST_CHECK;

/* As sigv4_verify, with the signing key of sig's day, region and service. */
enum sigv4_fault sigv4_verify_key(struct arena *a, const struct auth_request *req, const struct sigv4 *sig,
	const unsigned char key[32], struct sigv4_proof *proof_r) MX_MUST_CHECK;

/* The running signature of a streamed body. Its functions fit struct awschunk_config. */
struct sigv4_chunks {
	unsigned char signing_key[32];
	char amz_date[17];
	char scope[128]; /* day/region/s3/aws4_request */
	char previous[65];
};
void sigv4_chunks_init(struct sigv4_chunks *c, const struct sigv4 *sig, const struct sigv4_proof *proof);
bool sigv4_chunks_check(void *chunks, const unsigned char sha256[32], struct span signature);
bool sigv4_chunks_check_trailer(void *chunks, const unsigned char sha256[32], struct span signature);

/* AWS4 key derivation: secret, day, region, service -> key. */
void sigv4_signing_key(struct span secret, struct span day, struct span region, struct span service,
	unsigned char key[32]);

/* Seconds that a presigned request may hold at most. */
enum { SIGV4_MAX_EXPIRES_S = 7 * 24 * 3600 };

/* For our own clients (load generator, tests): computes the Authorization value for a request whose
 * headers hold host, x-amz-date, x-amz-content-sha256 and all that is to be signed. */
char *sigv4_sign(struct arena *a, const struct auth_request *req, struct span access_key,
	struct span secret, struct span region);
/* The query that presigns a request, with all of its headers, host among them. */
struct sigv4_grant {
	struct span access_key, secret, region;
	const char *amz_date, *expires; /* as they are to be sent */
	struct span payload_hash;	/* that header or query name; absent: UNSIGNED-PAYLOAD */
};
char *sigv4_presign(struct arena *a, const struct auth_request *req, const struct sigv4_grant *g);

#endif
