/* SPDX-License-Identifier: MIT */
/*
 * Who signed a form: the fields beside its policy, and a signature of either version over the
 * policy as it was sent.
 * Source: S3 API reference, "Authenticating Requests in Browser-Based Uploads Using POST".
 */
#ifndef MX_AUTH_POSTSIGN_H
#define MX_AUTH_POSTSIGN_H

#include "auth/sigv4.h"

/* The values of x-amz-algorithm, x-amz-credential, x-amz-date and x-amz-signature. */
struct postsign_v4 {
	struct span algorithm, credential, date, signature;
};
/* SIGV4_OK, SIGV4_MALFORMED, SIGV4_SCOPE_DATE or SIGV4_WRONG_REGION, with sig_r->text. How long
 * it is good is the policy's to say. */
enum sigv4_fault postsign_parse_v4(struct arena *a, const struct postsign_v4 *f,
	const char *region, struct sigv4 *sig_r) MX_MUST_CHECK;
/* Both in constant time. key: of sigv4_signing_key. */
bool postsign_verify_v4(
	struct span policy, const unsigned char key[32], struct span signature) MX_MUST_CHECK;
bool postsign_verify_v2(
	struct span policy, struct span secret, struct span signature) MX_MUST_CHECK;

#endif
