/* SPDX-License-Identifier: MIT */
/*
 * Polynomial arithmetic modulo the CRC polynomials: with both inversions, the CRC of A||B is
 * crc(A) * x^(8 * length of B) + crc(B).
 */
#include "codec/crc.h"

#include <pthread.h>

static const struct poly {
	uint64_t reflected, one; /* one: the polynomial 1, the highest bit */
} polys[CRC_KIND_COUNT] = {
	[CRC_32] = {0xedb88320, UINT64_C(1) << 31},
	[CRC_32C] = {0x82f63b78, UINT64_C(1) << 31},
	[CRC_64NVME] = {UINT64_C(0x9a6c9329ac4bc9b5), UINT64_C(1) << 63},
};

/* squares[kind][i] is x^(2^i); filled once, constant afterwards. */
static uint64_t squares[CRC_KIND_COUNT][67];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t multiply(const struct poly *p, uint64_t a, uint64_t b)
{
	uint64_t product = 0;

	for (uint64_t bit = p->one; bit; bit >>= 1) {
		product ^= b & -(uint64_t)((a & bit) != 0);
		b = b >> 1 ^ (p->reflected & -(b & 1));
	}
	return product;
}

static void fill_squares(void)
{
	for (int k = 0; k < CRC_KIND_COUNT; k++) {
		squares[k][0] = polys[k].one >> 1;
		for (int i = 1; i < 67; i++)
			squares[k][i] =
				multiply(&polys[k], squares[k][i - 1], squares[k][i - 1]);
	}
}

/* x^(n * 2^shift), shift at most 3. */
static uint64_t x_power(enum crc_kind kind, uint64_t n, int shift)
{
	uint64_t power = polys[kind].one;

	pthread_once(&once, fill_squares);
	for (int i = shift; n; n >>= 1, i++)
		if (n & 1)
			power = multiply(&polys[kind], power, squares[kind][i]);
	return power;
}

uint64_t crc_x_power(enum crc_kind kind, uint64_t n)
{
	return x_power(kind, n, 0);
}

uint64_t crc_combine(enum crc_kind kind, uint64_t a, uint64_t b, uint64_t len_b)
{
	return multiply(&polys[kind], a, x_power(kind, len_b, 3)) ^ b;
}
