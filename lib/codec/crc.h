/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic behind the CRCs, for digest.c and its tests. Polynomials are reflected: the bit
 * of x^0 is the highest. Every CRC here starts from and ends with an inversion.
 */
#ifndef MX_CODEC_CRC_H
#define MX_CODEC_CRC_H

#include <stddef.h>
#include <stdint.h>

enum crc_kind { CRC_32, CRC_32C, CRC_64NVME, CRC_KIND_COUNT };

/* The CRC of A||B, from those of A and B and the length of B. */
uint64_t crc_combine(enum crc_kind kind, uint64_t a, uint64_t b, uint64_t len_b);
/* x^n modulo the polynomial. */
uint64_t crc_x_power(enum crc_kind kind, uint64_t n);

/* The fastest implementation this processor has; crc is the running value, 0 at start. */
uint64_t crc64nvme(uint64_t crc, const void *p, size_t n);

#endif
