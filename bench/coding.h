/* SPDX-License-Identifier: MIT */
/* How maxiofs-load sends a body: plainly, or in chunks as SDKs do, with what proves it. */
#ifndef MX_BENCH_CODING_H
#define MX_BENCH_CODING_H

#include "auth/sigv4.h"

enum coding {
	CODING_PLAIN,	 /* UNSIGNED-PAYLOAD */
	CODING_HASHED,	 /* the SHA-256 of the body is signed */
	CODING_UNSIGNED, /* aws-chunked, a CRC32 in the trailer */
	CODING_SIGNED,	 /* aws-chunked, every chunk signed */
	CODING_COUNT
};
enum { CODING_CHUNK = 1 << 20, CODING_HEADERS = 4 };

/* What all bodies of a run share: `size` bytes, one chunk over and over. */
struct coded {
	enum coding how;
	uint64_t size;
	const char *chunk; /* CODING_CHUNK bytes */
	char whole_sha256[65], chunk_sha256[65], rest_sha256[65], crc32[16];
	struct span secret;
};
/* CODING_COUNT: no such word. */
enum coding coding_named(const char *name);
void coded_init(struct coded *c);
/* The headers that are signed beside host and x-amz-date, sorted; returns how many. */
size_t coded_headers(const struct coded *c, struct arena *a, struct auth_header h_r[CODING_HEADERS]);
uint64_t coded_length(const struct coded *c);
/* auth, date: as sent. */
int coded_send(const struct coded *c, int fd, struct span auth, const char *date);

/* of load.c */
int send_all(int fd, const char *p, size_t n, int flags);

#endif
