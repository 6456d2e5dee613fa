/* SPDX-License-Identifier: MIT */
/* bcrypt by crypt_r(3); a check takes as long for a user that does not exist. */
#include "auth/password.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/log.h"
#include "base/reason.h"
#include "base/rnd.h"

enum { COST = 10, SALT_BYTES = 16 };

/* Of a random password that nobody knows: what a missing user's attempt is compared with. */
static const char dummy_hash[] = "$2b$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi";

static void crypt_free(void *data)
{
	OPENSSL_clear_free(data, sizeof(struct crypt_data));
}

/* crypt(3) in memory of the heap: its state has 32 KiB. */
static const char *run_crypt(
	struct span password, const char *setting, struct crypt_data **data_r)
{
	char text[PASSWORD_MAX + 1];
	struct crypt_data *data = OPENSSL_zalloc(sizeof(*data));
	const char *hash;

	if (!data)
		log_die("out of memory");
	memcpy(text, password.p, password.n);
	text[password.n] = '\0';
	hash = crypt_r(text, setting, data);
	OPENSSL_cleanse(text, sizeof(text));
	*data_r = data;
	return hash && hash[0] == '$' ? hash : NULL;
}

static bool usable(struct span password)
{
	return password.n > 0 && password.n <= PASSWORD_MAX &&
		span_find_byte(password, '\0') < 0;
}

int password_hash(struct arena *a, struct span password, const char **hash_r, struct err *e)
{
	char salt[SALT_BYTES], setting[CRYPT_GENSALT_OUTPUT_SIZE];
	struct crypt_data *data;
	const char *hash;

	if (!usable(password) || password.n < PASSWORD_MIN)
		return err_fail_why(e, ERR_INVALID, REASON_PASSWORD,
			"a password has %d to %d bytes and no NUL", PASSWORD_MIN, PASSWORD_MAX);
	rnd_bytes(salt, sizeof(salt));
	if (!crypt_gensalt_rn("$2b$", COST, salt, sizeof(salt), setting, sizeof(setting)))
		return err_sys(e, errno, "crypt_gensalt");
	hash = run_crypt(password, setting, &data);
	if (!hash) {
		crypt_free(data);
		return err_fail(e, ERR_INTERNAL, "crypt has no bcrypt");
	}
	*hash_r = arena_strdup(a, hash);
	crypt_free(data);
	return 0;
}

bool password_verify(struct span password, const char *hash)
{
	bool known = hash && *hash;
	const char *setting = known ? hash : dummy_hash;
	struct crypt_data *data;
	const char *got;
	bool same;

	if (!usable(password)) {
		password = SPAN_LIT("x");
		known = false;
	}
	got = run_crypt(password, setting, &data);
	same = got && span_eq_secret(span_str(got), span_str(setting));
	crypt_free(data);
	return known && same;
}
