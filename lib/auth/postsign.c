/* SPDX-License-Identifier: MIT */
#include "auth/postsign.h"

#include "auth/sigv4_int.h"
#include "codec/digest.h"
#include "codec/enc.h"

enum sigv4_fault postsign_parse_v4(
	struct arena *a, const struct postsign_v4 *f, const char *region, struct sigv4 *sig_r)
{
	*sig_r = (struct sigv4){.is_presigned = true, .text = ""};
	if (!span_eq_str(f->algorithm, "AWS4-HMAC-SHA256"))
		return sigv4_malformed(
			sig_r, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
	sig_r->signature = f->signature;
	return sigv4_take_scope(a, f->credential, f->date, region, sig_r);
}

bool postsign_verify_v4(struct span policy, const unsigned char key[32], struct span signature)
{
	unsigned char mac[32];
	char hex[65];

	digest_hmac_sha256(key, 32, policy.p, policy.n, mac);
	enc_hex(hex, mac, sizeof(mac));
	return span_eq_secret(span_of(hex, 64), signature);
}

bool postsign_verify_v2(struct span policy, struct span secret, struct span signature)
{
	unsigned char mac[20];
	char text[ENC_BASE64_LEN(sizeof(mac)) + 1];

	digest_hmac_sha1(secret.p, secret.n, policy.p, policy.n, mac);
	enc_base64(text, mac, sizeof(mac));
	return span_eq_secret(span_str(text), signature);
}
