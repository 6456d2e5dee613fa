/* SPDX-License-Identifier: MIT */
/*
 * Secrets at rest: AES-256-GCM under the installation's master key ({data_dir}/.maxiofs/master.key, 32
 * random bytes, mode 0600, made at first start). Sealed form: version byte, 12-byte nonce, text, tag.
 */
#ifndef MX_AUTH_SEALBOX_H
#define MX_AUTH_SEALBOX_H

#include "base/arena.h"
#include "base/span.h"

struct sealbox;

/* Reads the key file; makes it when it is missing and may_make. err: ERR_DENIED when others may
 * read it, ERR_INVALID wrong size, ERR_NOT_FOUND. */
int sealbox_open(const char *key_path, bool may_make, struct sealbox **box_r,
	struct err *e) MX_MUST_CHECK;
/* With a given key, for tests. */
struct sealbox *sealbox_with_key(const unsigned char key[32]);
void sealbox_free(struct sealbox *box); /* wipes; NULL is fine */
/* `bound` (e.g. the access key id) is authenticated with it: a sealed secret cannot be moved to another row. */
struct span sealbox_seal(const struct sealbox *box, struct arena *a, struct span plain, struct span bound);
/* err: ERR_INTERNAL wrong key, wrong binding or damaged. */
int sealbox_unseal(const struct sealbox *box, struct arena *a, struct span sealed, struct span bound,
	struct span *plain_r, struct err *e) MX_MUST_CHECK;
/* A subkey for another purpose ("jwt"), by HMAC-SHA256 of the label. */
void sealbox_derive(const struct sealbox *box, const char *label, unsigned char key[32]);

#endif
