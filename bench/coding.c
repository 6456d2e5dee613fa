/* SPDX-License-Identifier: MIT */
#include "bench/coding.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "codec/digest.h"
#include "codec/enc.h"

#define REGION "us-east-1"
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char *const names[CODING_COUNT] = {
	[CODING_PLAIN] = "plain",
	[CODING_HASHED] = "hashed",
	[CODING_UNSIGNED] = "unsigned",
	[CODING_SIGNED] = "signed",
};

enum coding coding_named(const char *name)
{
	int i = 0;

	while (i < CODING_COUNT && strcmp(name, names[i]) != 0)
		i++;
	return (enum coding)i;
}

static void hex_sha256(char out[65], const void *p, size_t n)
{
	unsigned char sum[32];

	digest_of(DIGEST_SHA256, p, n, sum);
	enc_hex(out, sum, sizeof(sum));
}

void coded_init(struct coded *c)
{
	struct digest_set *d = digest_new(1u << DIGEST_SHA256 | 1u << DIGEST_CRC32);
	unsigned char sum[32];

	for (uint64_t left = c->size; left;) {
		size_t n = left < CODING_CHUNK ? (size_t)left : CODING_CHUNK;

		digest_update(d, c->chunk, n);
		left -= n;
	}
	digest_finish(d);
	digest_get(d, DIGEST_SHA256, sum);
	enc_hex(c->whole_sha256, sum, 32);
	digest_get(d, DIGEST_CRC32, sum);
	enc_base64(c->crc32, sum, 4);
	digest_free(d);
	hex_sha256(c->chunk_sha256, c->chunk, CODING_CHUNK);
	hex_sha256(c->rest_sha256, c->chunk, (size_t)(c->size % CODING_CHUNK));
}

size_t coded_headers(const struct coded *c, struct arena *a, struct auth_header h_r[CODING_HEADERS])
{
	const struct span payload[CODING_COUNT] = {
		[CODING_PLAIN] = SPAN_LIT("UNSIGNED-PAYLOAD"),
		[CODING_HASHED] = span_str(c->whole_sha256),
		[CODING_UNSIGNED] = SPAN_LIT("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
		[CODING_SIGNED] = SPAN_LIT("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
	};
	size_t n = 0;

	h_r[n++] = (struct auth_header){SPAN_LIT("x-amz-content-sha256"), payload[c->how]};
	if (c->how == CODING_UNSIGNED || c->how == CODING_SIGNED)
		h_r[n++] = (struct auth_header){SPAN_LIT("x-amz-decoded-content-length"),
			span_str(arena_printf(a, "%llu", (unsigned long long)c->size))};
	if (c->how == CODING_UNSIGNED)
		h_r[n++] = (struct auth_header){
			SPAN_LIT("x-amz-trailer"), SPAN_LIT("x-amz-checksum-crc32")};
	return n;
}

/* ---- aws-chunked ---- */

/* Of the chunk before the one that is sent next, and what signs it. */
struct signing {
	unsigned char key[32];
	const char *date;
	char previous[65];
};

static int chunk_head(const struct coded *c, struct signing *s, size_t n, const char *sha256, char out[128])
{
	unsigned char mac[32];
	char text[512];
	int len;

	if (c->how != CODING_SIGNED)
		return snprintf(out, 128, "%zx\r\n", n);
	len = snprintf(text, sizeof(text),
		"AWS4-HMAC-SHA256-PAYLOAD\n%s\n%.8s/" REGION "/s3/aws4_request\n%s\n" EMPTY_SHA256 "\n%s",
		s->date, s->date, s->previous, sha256);
	digest_hmac_sha256(s->key, sizeof(s->key), text, (size_t)len, mac);
	enc_hex(s->previous, mac, sizeof(mac));
	return snprintf(out, 128, "%zx;chunk-signature=%s\r\n", n, s->previous);
}

static int last_chunk(const struct coded *c, struct signing *s, char out[256])
{
	int n = chunk_head(c, s, 0, EMPTY_SHA256, out);

	if (c->how == CODING_UNSIGNED)
		n += snprintf(out + n, 128, "x-amz-checksum-crc32:%s\r\n", c->crc32);
	return n + snprintf(out + n, 8, "\r\n");
}

static int send_chunk(const struct coded *c, int fd, struct signing *s, size_t n)
{
	char head[128];
	int len = chunk_head(c, s, n, n == CODING_CHUNK ? c->chunk_sha256 : c->rest_sha256, head);

	if (send_all(fd, head, (size_t)len, MSG_MORE) < 0 || send_all(fd, c->chunk, n, MSG_MORE) < 0)
		return -1;
	return send_all(fd, "\r\n", 2, MSG_MORE);
}

static int send_chunks(const struct coded *c, int fd, struct signing *s)
{
	char end[256];

	for (uint64_t left = c->size; left;) {
		size_t n = left < CODING_CHUNK ? (size_t)left : CODING_CHUNK;

		if (send_chunk(c, fd, s, n) < 0)
			return -1;
		left -= n;
	}
	return send_all(fd, end, (size_t)last_chunk(c, s, end), 0);
}

static int send_plain(const struct coded *c, int fd)
{
	for (uint64_t left = c->size; left;) {
		size_t n = left < CODING_CHUNK ? (size_t)left : CODING_CHUNK;

		if (send_all(fd, c->chunk, n, 0) < 0)
			return -1;
		left -= n;
	}
	return 0;
}

uint64_t coded_length(const struct coded *c)
{
	struct signing s = {.date = "00000000T000000Z", .previous = "0"};
	uint64_t chunks = c->size / CODING_CHUNK, rest = c->size % CODING_CHUNK, n = c->size;
	char text[256];

	if (c->how == CODING_PLAIN || c->how == CODING_HASHED)
		return c->size;
	if (chunks)
		n += chunks * (uint64_t)(chunk_head(c, &s, CODING_CHUNK, "", text) + 2);
	if (rest)
		n += (uint64_t)chunk_head(c, &s, (size_t)rest, "", text) + 2;
	return n + (uint64_t)last_chunk(c, &s, text);
}

int coded_send(const struct coded *c, int fd, struct span auth, const char *date)
{
	struct signing s = {.date = date};

	if (c->how == CODING_PLAIN || c->how == CODING_HASHED)
		return send_plain(c, fd);
	sigv4_signing_key(c->secret, span_of(date, 8), SPAN_LIT(REGION), SPAN_LIT("s3"), s.key);
	memcpy(s.previous, auth.p + auth.n - 64, 64); /* Signature stands last */
	return send_chunks(c, fd, &s);
}
