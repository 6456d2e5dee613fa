/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648 section 4, strict, padded) and hexadecimal. */
#ifndef MX_CODEC_ENC_H
#define MX_CODEC_ENC_H

#include "base/arena.h"
#include "base/span.h"

/* out has 2*n + 1 bytes; lower case, NUL-terminated. */
void enc_hex(char *out, const void *p, size_t n);
/* All of s: exactly 2*n digits of either case. False on anything else. */
bool enc_unhex(struct span s, void *out, size_t n);
/* out has ENC_BASE64_LEN(n) + 1 bytes, NUL-terminated. */
#define ENC_BASE64_LEN(n) (((n) + 2) / 3 * 4)
void enc_base64(char *out, const void *p, size_t n);
/* Strict: correct padding, no white space, zero trailing bits. *n_r <= cap. False otherwise. */
bool enc_unbase64(struct span s, void *out, size_t cap, size_t *n_r);
/* Base64url without padding (RFC 4648 section 5); same rules. */
void enc_base64url(char *out, const void *p, size_t n);
bool enc_unbase64url(struct span s, void *out, size_t cap, size_t *n_r);

#endif
