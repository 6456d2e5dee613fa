/* SPDX-License-Identifier: MIT */
/* maxiofs-digests: how fast one core computes what uploads need, in GB/s. Prints one JSON object. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/rnd.h"
#include "codec/digest.h"

enum { BLOCK = 256 * 1024, RUN_US = 500 * 1000 };

/* Of this process, so that whoever else is busy does not count. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double speed(void (*run)(void *ctx, const void *p, size_t n), void *ctx, const void *block)
{
	int64_t began = cpu_us(), took;
	uint64_t bytes = 0;

	do {
		for (int i = 0; i < 16; i++)
			run(ctx, block, BLOCK);
		bytes += 16 * BLOCK;
		took = cpu_us() - began;
	} while (took < RUN_US);
	return (double)bytes / (double)took / 1e3;
}

static void update(void *ctx, const void *p, size_t n)
{
	digest_update(ctx, p, n);
}

static void update_table(void *ctx, const void *p, size_t n)
{
	*(uint64_t *)ctx = digest_crc64nvme_table(*(uint64_t *)ctx, p, n);
}

int main(void)
{
	static const char *const names[DIGEST_COUNT] = {
		"md5", "sha1", "sha256", "crc32", "crc32c", "crc64nvme"};
	char *block = malloc(BLOCK);
	uint64_t crc = 0;

	if (!block)
		log_die("out of memory");
	rnd_bytes(block, BLOCK);
	printf("{");
	for (int i = 0; i < DIGEST_COUNT; i++) {
		struct digest_set *d = digest_new(1u << i);

		printf("\"%s\":%.2f,", names[i], speed(update, d, block));
		digest_free(d);
	}
	printf("\"crc64nvme_table\":%.2f,\"crc64nvme_by\":\"%s\"}\n", speed(update_table, &crc, block),
		digest_crc64nvme_impl());
	free(block);
	return 0;
}
