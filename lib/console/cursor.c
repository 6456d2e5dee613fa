/* SPDX-License-Identifier: MIT */
/* Cursors of lists: base64url of an 8-byte authentication code and the name it continues after.
 */
#include "codec/digest.h"
#include "codec/enc.h"
#include "console/app.h"

enum { MAC_BYTES = 8, CURSOR_MAX_NAME = 1024 };

static void mac_of(const struct console *con, struct arena *a, struct span scope,
	struct span after, unsigned char mac[32])
{
	char *text = arena_alloc_raw(a, scope.n + 1 + after.n);

	memcpy(text, scope.p ? scope.p : "", scope.n);
	text[scope.n] = '\0';
	memcpy(text + scope.n + 1, after.p ? after.p : "", after.n);
	digest_hmac_sha256(
		con->cursor_key, sizeof(con->cursor_key), text, scope.n + 1 + after.n, mac);
}

const char *console_cursor_make(
	const struct console *con, struct arena *a, struct span scope, struct span after)
{
	unsigned char mac[32];
	char *raw = arena_alloc_raw(a, MAC_BYTES + after.n);
	char *text = arena_alloc_raw(a, ENC_BASE64_LEN(MAC_BYTES + after.n) + 1);

	mac_of(con, a, scope, after, mac);
	memcpy(raw, mac, MAC_BYTES);
	memcpy(raw + MAC_BYTES, after.p ? after.p : "", after.n);
	enc_base64url(text, raw, MAC_BYTES + after.n);
	return text;
}

bool console_cursor_read(const struct console *con, struct arena *a, struct span scope,
	struct span cursor, struct span *after_r)
{
	unsigned char mac[32];
	char *raw = arena_alloc_raw(a, MAC_BYTES + CURSOR_MAX_NAME);
	size_t n;

	if (!enc_unbase64url(cursor, raw, MAC_BYTES + CURSOR_MAX_NAME, &n) || n < MAC_BYTES)
		return false;
	*after_r = span_of(raw + MAC_BYTES, n - MAC_BYTES);
	mac_of(con, a, scope, *after_r, mac);
	return span_eq_secret(span_of(raw, MAC_BYTES), span_of(mac, MAC_BYTES));
}
