/* SPDX-License-Identifier: MIT */
/* Random bytes from the kernel; a failure ends the process, as no secret may be weak. */
#ifndef MX_BASE_RND_H
#define MX_BASE_RND_H

#include <stddef.h>
#include <stdint.h>

void rnd_bytes(void *out, size_t n);
uint64_t rnd_u64(void);
/* n characters of `alphabet` (at most 256 long), uniformly, and a NUL: out has n + 1 bytes. */
void rnd_text(char *out, size_t n, const char *alphabet);

#define RND_HEX "0123456789abcdef"
#define RND_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define RND_ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
/* Without characters that are read wrongly: for passwords that a person copies. */
#define RND_READABLE "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

#endif
