/* SPDX-License-Identifier: MIT */
/*
 * CRC64NVME (NVM Express NVM command set, 64b CRC; reflected polynomial 9a6c9329ac4bc9b5).
 *
 * The table version takes eight bytes per step. The carry-less multiplication version folds: a
 * block of 128 bits is moved over D bits of message by multiplying its halves with x^D and
 * x^(D+64) modulo the polynomial, and added to the block found there. What is left, one block
 * that stands for the whole message, goes through the table. (Gopal et al., "Fast CRC
 * computation for generic polynomials using PCLMULQDQ instruction", 2009.)
 */
#include <pthread.h>
#include <string.h>

#include "codec/crc.h"
#include "codec/digest.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_PCLMUL 1
#else
#define HAVE_PCLMUL 0
#endif

static const uint64_t poly = UINT64_C(0x9a6c9329ac4bc9b5);

/* Filled once, constant afterwards. */
static uint64_t table[8][256];
static bool use_pclmul;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill_table(void)
{
	for (unsigned i = 0; i < 256; i++) {
		uint64_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (poly & -(v & 1));
		table[0][i] = v;
	}
	for (int slice = 1; slice < 8; slice++)
		for (unsigned i = 0; i < 256; i++)
			table[slice][i] =
				table[slice - 1][i] >> 8 ^ table[0][table[slice - 1][i] & 0xff];
}

static uint64_t load_le64(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* Without the inversions. */
static uint64_t by_table(uint64_t crc, const unsigned char *p, size_t n)
{
	for (; n >= 8; p += 8, n -= 8) {
		crc ^= load_le64(p);
		crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^
			table[5][crc >> 16 & 0xff] ^ table[4][crc >> 24 & 0xff] ^
			table[3][crc >> 32 & 0xff] ^ table[2][crc >> 40 & 0xff] ^
			table[1][crc >> 48 & 0xff] ^ table[0][crc >> 56];
	}
	while (n--)
		crc = crc >> 8 ^ table[0][(crc ^ *p++) & 0xff];
	return crc;
}

#if HAVE_PCLMUL

enum { LANES = 8, BLOCK = 16 };

/* fold[i] moves a block over i + 1 blocks: {x^(D+63), x^(D-1)}; a product of reflected halves
 * is one bit short, hence the exponents are one less than the text above says. */
static uint64_t fold[LANES][2];

static void fill_fold(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		fold[i][0] = crc_x_power(CRC_64NVME, (i + 1) * 128 + 63);
		fold[i][1] = crc_x_power(CRC_64NVME, (i + 1) * 128 - 1);
	}
}

#define PCLMUL_TARGET __attribute__((target("pclmul,avx")))

PCLMUL_TARGET static inline __m128i load(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

PCLMUL_TARGET static inline __m128i moved(__m128i block, __m128i by)
{
	return _mm_xor_si128(
		_mm_clmulepi64_si128(block, by, 0x00), _mm_clmulepi64_si128(block, by, 0x11));
}

/* Without the inversions; n >= LANES * BLOCK. */
PCLMUL_TARGET static uint64_t by_pclmul(uint64_t crc, const unsigned char *p, size_t n)
{
	__m128i lane[LANES], by = load(fold[LANES - 1]);
	unsigned char last[BLOCK];

	for (int i = 0; i < LANES; i++)
		lane[i] = load(p + BLOCK * i);
	lane[0] = _mm_xor_si128(lane[0], _mm_set_epi64x(0, (long long)crc));
	p += LANES * BLOCK;
	n -= LANES * BLOCK;
	for (; n >= LANES * BLOCK; p += LANES * BLOCK, n -= LANES * BLOCK) {
#pragma GCC unroll 8
		for (int i = 0; i < LANES; i++)
			lane[i] = _mm_xor_si128(moved(lane[i], by), load(p + BLOCK * i));
	}
	for (int i = 0; i < LANES - 1; i++)
		lane[LANES - 1] = _mm_xor_si128(
			lane[LANES - 1], moved(lane[i], load(fold[LANES - 2 - i])));
	for (by = load(fold[0]); n >= BLOCK; p += BLOCK, n -= BLOCK)
		lane[LANES - 1] = _mm_xor_si128(moved(lane[LANES - 1], by), load(p));
	_mm_storeu_si128((__m128i *)(void *)last, lane[LANES - 1]);
	return by_table(by_table(0, last, BLOCK), p, n);
}

#endif

static void setup(void)
{
	fill_table();
#if HAVE_PCLMUL
	fill_fold();
	use_pclmul = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("avx");
#endif
}

uint64_t digest_crc64nvme_table(uint64_t crc, const void *p, size_t n)
{
	pthread_once(&once, setup);
	return ~by_table(~crc, p, n);
}

uint64_t crc64nvme(uint64_t crc, const void *p, size_t n)
{
	pthread_once(&once, setup);
#if HAVE_PCLMUL
	if (use_pclmul && n >= LANES * BLOCK)
		return ~by_pclmul(~crc, p, n);
#endif
	return ~by_table(~crc, p, n);
}

const char *digest_crc64nvme_impl(void)
{
	pthread_once(&once, setup);
	return use_pclmul ? "pclmul" : "table";
}
