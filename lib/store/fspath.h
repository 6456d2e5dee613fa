/* SPDX-License-Identifier: MIT */
/*
 * Driver fs: the path of a blob below its bucket's directory, and back. Readable and exact: two
 * blobs never share a path, no blob's path is a directory of another's, and fspath_decode
 * accepts precisely what fspath_encode makes.
 *
 *   1. A key is split on '/'. Bytes below 0x20, 0x7F, '%' and bytes that are not UTF-8 become
 * %XX.
 *   2. An empty directory name becomes "%-"; one equal to "." or ".." gets its first dot
 * escaped.
 *   3. A name over FSPATH_CHUNK_MAX is cut between characters: "<chunk>%+", the rest below it.
 *   4. After FSPATH_LEVELS directories '/' becomes %2F.
 *   5. The leaf ends in "%@" and 16 hex digits of the generation; a part lies in the directory
 *      "<leaf>%p" as "<5 digits of its number>-<16 hex digits of its generation>".
 */
#ifndef MX_STORE_FSPATH_H
#define MX_STORE_FSPATH_H

#include "base/err.h"
#include "base/span.h"
#include "model/names.h"
#include "store/store.h"

enum {
	FSPATH_CHUNK_MAX = 230,
	FSPATH_LEVELS = 32,
	FSPATH_NAME_MAX = FSPATH_CHUNK_MAX + 2 + 16 + 2, /* longest component */
	FSPATH_PLAIN_MAX = 3129,                         /* longest path of a plain object */
	FSPATH_MAX = FSPATH_PLAIN_MAX + 2 + 1 + 5 + 1 + 16,
	/* "{tenant}/{bucket}/" in front of it, and a NUL: below PATH_MAX */
	FSPATH_FULL_MAX = NAME_TENANT_ID_LEN + 1 + NAME_BUCKET_MAX + 1 + FSPATH_MAX + 1
};

/* "{tenant}/{bucket}" or "{bucket}"; returns its length. err: ERR_INVALID for an illegal name
 * and for a global bucket that is named like a tenant. */
int fspath_bucket(char out[FSPATH_FULL_MAX], struct span tenant, struct span bucket,
	size_t *n_r, struct err *e) MX_MUST_CHECK;
/* "{tenant}/{bucket}/{path}", NUL-terminated. err: ERR_INVALID (as above; the key is empty or
 * over 1024 bytes; part_no over 10000). */
int fspath_encode(
	char out[FSPATH_FULL_MAX], const struct store_loc *loc, struct err *e) MX_MUST_CHECK;
/* path: below the bucket's directory. Fills key, gen, part_no and part_gen of *loc_r; the key
 * lies in key_buf. False if fspath_encode would not have made exactly this path. */
bool fspath_decode(struct span path, char key_buf[NAME_KEY_MAX], struct store_loc *loc_r);

#endif
