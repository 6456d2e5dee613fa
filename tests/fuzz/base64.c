/* SPDX-License-Identifier: MIT */
/* Base64 and hexadecimal: a text that decodes is the one text of its value. */
#include "codec/enc.h"
#include "tests/fuzz/fuzz.h"

enum { MAX = 4096 };

static void check_text(struct span s)
{
	unsigned char bytes[MAX];
	char text[2 * MAX + 1];
	size_t n;

	if (enc_unbase64(s, bytes, sizeof(bytes), &n)) {
		enc_base64(text, bytes, n);
		MUST(span_eq_str(s, text));
		MUST(n == 0 || !enc_unbase64(s, bytes, n - 1, &n));
	}
	if (enc_unbase64url(s, bytes, sizeof(bytes), &n)) {
		enc_base64url(text, bytes, n);
		MUST(span_eq_str(s, text));
	}
	if (enc_unhex(s, bytes, s.n / 2)) {
		enc_hex(text, bytes, s.n / 2);
		MUST(span_eq_ci(s, span_str(text)));
	}
}

static void check_bytes(struct span s)
{
	unsigned char back[MAX];
	char text[2 * MAX + 1];
	size_t n;

	enc_base64(text, s.p, s.n);
	MUST(strlen(text) == ENC_BASE64_LEN(s.n));
	MUST(enc_unbase64(span_str(text), back, s.n, &n) && span_eq(span_of(back, n), s));
	enc_base64url(text, s.p, s.n);
	MUST(enc_unbase64url(span_str(text), back, s.n, &n) && span_eq(span_of(back, n), s));
	enc_hex(text, s.p, s.n);
	MUST(enc_unhex(span_str(text), back, s.n) && span_eq(span_of(back, s.n), s));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n > MAX)
		return 0;
	check_text(span_of(p, n));
	check_bytes(span_of(p, n));
	return 0;
}
