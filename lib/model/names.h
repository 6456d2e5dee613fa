/* SPDX-License-Identifier: MIT */
/* Names: what is legal, and how a bucket of another namespace is named explicitly. */
#ifndef MX_MODEL_NAMES_H
#define MX_MODEL_NAMES_H

#include "base/arena.h"
#include "base/span.h"

enum {
	NAME_KEY_MAX = 1024,	/* bytes of an object key */
	NAME_BUCKET_MIN = 3,
	NAME_BUCKET_MAX = 63,
	NAME_TENANT_ID_LEN = 15, /* "tenant-" and 8 hexadecimal digits */
	NAME_LOGIN_MAX = 64,
	NAME_DISPLAY_MAX = 128,
	NAME_EMAIL_MAX = 254,
	NAME_DOMAIN_MAX = 253,
	NAME_LABEL_MAX = 63
};
#define NAME_GLOBAL "global" /* the word for the global namespace where a tenant id is expected */
#define NAME_ALL "all"       /* the word for all namespaces in lists */

/* S3's rules ("Bucket naming rules"): 3-63 of a-z 0-9 . -, starting and ending alphanumeric, no
 * IPv4 address, no "..", ".-", "-.". */
bool name_bucket_legal(struct span name);
/* Names that may be looked up but never created: `tenant-XXXXXXXX`, `tenant-XXXXXXXX--*`,
 * `global--*`. */
bool name_bucket_reserved(struct span name);
/* "tenant-" + 8 lower-case hex digits. */
bool name_tenant_id_legal(struct span id);
/* Splits `{tenant-id}--{bucket}` or `global--{bucket}`; false when the name has no such form. */
bool name_bucket_split(struct span name, struct span *tenant_id_r, struct span *bucket_r);
/* A domain name: labels of a-z 0-9 - as RFC 1123 has them, at most 253 bytes; no IPv4 address. */
bool name_domain_legal(struct span name);
/* A login name: 1-64 of a-z A-Z 0-9 . _ - @ +, starting alphanumeric. */
bool name_login_legal(struct span name);
/* 1-128 characters of UTF-8 without control characters. */
bool name_display_legal(struct span name);
/* One '@' with something on both sides, no blanks or controls, at most 254 bytes. */
bool name_email_legal(struct span email);
/* 16-128 of A-Z a-z 0-9 and _ (AWS: \w+). */
bool name_access_key_legal(struct span key);

#endif
