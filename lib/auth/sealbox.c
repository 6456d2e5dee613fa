/* SPDX-License-Identifier: MIT */
/*
 * AES-256-GCM by libcrypto. The key file is made whole under another name and linked, so that
 * of two processes that start at once one makes it and both read it.
 */
#include "auth/sealbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/fio.h"
#include "base/log.h"
#include "base/rnd.h"
#include "codec/digest.h"

enum { KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16, VERSION = 1, HEAD = 1 + NONCE_BYTES };

struct sealbox {
	unsigned char key[KEY_BYTES];
};

struct sealbox *sealbox_with_key(const unsigned char key[32])
{
	struct sealbox *box = OPENSSL_zalloc(sizeof(*box));

	if (!box)
		log_die("out of memory");
	memcpy(box->key, key, KEY_BYTES);
	return box;
}

void sealbox_free(struct sealbox *box)
{
	OPENSSL_clear_free(box, sizeof(*box));
}

/* Two processes may start at once: the one that comes second reads the first one's key. */
static int make_key_file(const char *path, struct err *e)
{
	unsigned char key[KEY_BYTES];
	char tmp[4096];
	int rc;

	if (snprintf(tmp, sizeof(tmp), "%s.%016llx", path, (unsigned long long)rnd_u64()) >=
		(int)sizeof(tmp))
		return err_fail(e, ERR_LIMIT, "path too long");
	rnd_bytes(key, sizeof(key));
	rc = fio_replace_file(AT_FDCWD, tmp, span_of(key, sizeof(key)), 0600, e);
	OPENSSL_cleanse(key, sizeof(key));
	if (rc < 0)
		return -1;
	rc = link(tmp, path);
	if (rc < 0 && errno != EEXIST)
		rc = err_sys(e, errno, "link %s", path);
	else
		rc = 0;
	unlink(tmp);
	return rc;
}

static int read_key_file(int fd, const char *path, struct sealbox **box_r, struct err *e)
{
	unsigned char key[KEY_BYTES + 1];
	struct stat st;
	size_t got;

	if (fstat(fd, &st) < 0)
		return err_sys(e, errno, "stat %s", path);
	if (st.st_mode & 077)
		return err_fail(
			e, ERR_DENIED, "%s must have mode 0600: others may read it", path);
	if (fio_pread_full(fd, key, sizeof(key), 0, &got, e) < 0)
		return -1;
	if (got != KEY_BYTES)
		return err_fail(e, ERR_INVALID, "%s must hold %d bytes", path, KEY_BYTES);
	*box_r = sealbox_with_key(key);
	OPENSSL_cleanse(key, sizeof(key));
	return 0;
}

int sealbox_open(const char *key_path, bool may_make, struct sealbox **box_r, struct err *e)
{
	FIO_AUTO_CLOSE int fd = open(key_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char dir[4096];
	char *slash;

	if (fd < 0 && errno == ENOENT && may_make) {
		if (make_key_file(key_path, e) < 0)
			return -1;
		snprintf(dir, sizeof(dir), "%s", key_path);
		slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
		if (fio_sync_dir(AT_FDCWD, slash ? dir : ".", e) < 0)
			return -1;
		fd = open(key_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0)
		return err_sys(e, errno, "open %s", key_path);
	return read_key_file(fd, key_path, box_r, e);
}

static EVP_CIPHER_CTX *cipher_new(void)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!ctx)
		log_die("out of memory");
	return ctx;
}

struct span sealbox_seal(
	const struct sealbox *box, struct arena *a, struct span plain, struct span bound)
{
	EVP_CIPHER_CTX *ctx = cipher_new();
	unsigned char *out = arena_alloc(a, HEAD + plain.n + TAG_BYTES);
	int n = 0;

	out[0] = VERSION;
	rnd_bytes(out + 1, NONCE_BYTES);
	if (EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, box->key, out + 1) != 1 ||
		EVP_EncryptUpdate(
			ctx, NULL, &n, (const unsigned char *)bound.p, (int)bound.n) != 1 ||
		EVP_EncryptUpdate(ctx, out + HEAD, &n, (const unsigned char *)plain.p,
			(int)plain.n) != 1 ||
		EVP_EncryptFinal_ex(ctx, out + HEAD + n, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(
			ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + HEAD + plain.n) != 1)
		log_die("AES-256-GCM is not available");
	EVP_CIPHER_CTX_free(ctx);
	return span_of(out, HEAD + plain.n + TAG_BYTES);
}

int sealbox_unseal(const struct sealbox *box, struct arena *a, struct span sealed,
	struct span bound, struct span *plain_r, struct err *e)
{
	const unsigned char *in = (const unsigned char *)sealed.p;
	unsigned char tag[TAG_BYTES], *out;
	EVP_CIPHER_CTX *ctx;
	size_t text_n;
	int n = 0;
	bool ok;

	if (sealed.n < HEAD + TAG_BYTES || in[0] != VERSION)
		return err_fail(e, ERR_INTERNAL, "a sealed secret is damaged");
	text_n = sealed.n - HEAD - TAG_BYTES;
	out = arena_alloc(a, text_n + 1);
	memcpy(tag, in + HEAD + text_n, TAG_BYTES);
	ctx = cipher_new();
	ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, box->key, in + 1) == 1 &&
		EVP_DecryptUpdate(
			ctx, NULL, &n, (const unsigned char *)bound.p, (int)bound.n) == 1 &&
		EVP_DecryptUpdate(ctx, out, &n, in + HEAD, (int)text_n) == 1 &&
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1 &&
		EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		OPENSSL_cleanse(out, text_n);
		return err_fail(
			e, ERR_INTERNAL, "a sealed secret does not open: another master key?");
	}
	*plain_r = span_of(out, text_n);
	return 0;
}

void sealbox_derive(const struct sealbox *box, const char *label, unsigned char key[32])
{
	digest_hmac_sha256(box->key, KEY_BYTES, label, strlen(label), key);
}
