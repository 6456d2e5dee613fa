/* SPDX-License-Identifier: MIT */
/*
 * Base64 and hexadecimal. Decoding is strict: one text per value, so that a text can be
 * compared instead of its value.
 */
#include "codec/enc.h"

struct alphabet {
	const char *digits;
	bool is_padded;
};

static const struct alphabet standard = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true};
static const struct alphabet url = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false};

void enc_hex(char *out, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *in = p;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[in[i] >> 4];
		*out++ = digits[in[i] & 15];
	}
	*out = '\0';
}

bool enc_unhex(struct span s, void *out, size_t n)
{
	unsigned char *to = out;

	if (s.n % 2 || s.n / 2 != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = span_hex_digit(s.p[2 * i]), lo = span_hex_digit(s.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		to[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

static void encode(const struct alphabet *abc, char *out, const unsigned char *p, size_t n)
{
	size_t i = 0;
	unsigned v;

	for (; n - i >= 3; i += 3) {
		v = (unsigned)p[i] << 16 | (unsigned)p[i + 1] << 8 | p[i + 2];
		*out++ = abc->digits[v >> 18];
		*out++ = abc->digits[v >> 12 & 63];
		*out++ = abc->digits[v >> 6 & 63];
		*out++ = abc->digits[v & 63];
	}
	if (n - i > 0) {
		v = (unsigned)p[i] << 16 | (n - i == 2 ? (unsigned)p[i + 1] << 8 : 0);
		*out++ = abc->digits[v >> 18];
		*out++ = abc->digits[v >> 12 & 63];
		if (n - i == 2)
			*out++ = abc->digits[v >> 6 & 63];
		else if (abc->is_padded)
			*out++ = '=';
		if (abc->is_padded)
			*out++ = '=';
	}
	*out = '\0';
}

static int digit_value(const struct alphabet *abc, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == abc->digits[62])
		return 62;
	if (c == abc->digits[63])
		return 63;
	return -1;
}

/* Takes the padding off; false where it is not what the length asks for. */
static bool strip_padding(const struct alphabet *abc, struct span *s)
{
	if (!abc->is_padded)
		return s->n % 4 != 1;
	if (s->n % 4)
		return false;
	for (int i = 0; i < 2 && s->n && s->p[s->n - 1] == '='; i++)
		s->n--;
	return true;
}

static bool decode(
	const struct alphabet *abc, struct span s, unsigned char *out, size_t cap, size_t *n_r)
{
	unsigned acc = 0;
	int bits = 0;
	size_t n = 0;

	if (!strip_padding(abc, &s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = digit_value(abc, s.p[i]);

		if (v < 0)
			return false;
		acc = (acc << 6 | (unsigned)v) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (n == cap)
			return false;
		out[n++] = (unsigned char)(acc >> bits);
	}
	if (acc & ((1U << bits) - 1))
		return false;
	*n_r = n;
	return true;
}

void enc_base64(char *out, const void *p, size_t n)
{
	encode(&standard, out, p, n);
}

bool enc_unbase64(struct span s, void *out, size_t cap, size_t *n_r)
{
	return decode(&standard, s, out, cap, n_r);
}

void enc_base64url(char *out, const void *p, size_t n)
{
	encode(&url, out, p, n);
}

bool enc_unbase64url(struct span s, void *out, size_t cap, size_t *n_r)
{
	return decode(&url, s, out, cap, n_r);
}
