/* SPDX-License-Identifier: MIT */
/*
 * The aws-chunked decoder. Five bytes of control come first: flags, the step of the source, the
 * size of the reads, and the decoded length (two bytes, big-endian); the rest is the body.
 */
#include "codec/awschunk.h"

#include "base/arena.h"
#include "base/reason.h"
#include "tests/fuzz/fuzz.h"

enum { SIGNED = 1, TRAILER = 2, REFUSES = 4, FAILS = 8 };

struct stepped {
	struct source src;
	struct span rest;
	size_t step;
	bool fails, ended;
};

static int stepped_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct stepped *s = (struct stepped *)src;
	size_t n = cap < s->step ? cap : s->step;

	MUST(cap > 0 && !s->ended);
	if (n > s->rest.n)
		n = s->rest.n;
	if (n == 0 && s->fails)
		return err_fail(e, ERR_INCOMPLETE, "gone");
	if (n)
		memcpy(p, s->rest.p, n);
	s->rest = span_from(s->rest, n);
	s->ended = n == 0;
	*n_r = n;
	return 0;
}

static bool check(void *ctx, const unsigned char sha256[32], struct span signature)
{
	const unsigned *flags = ctx;

	MUST(signature.n == 64);
	return !(*flags & REFUSES) || sha256[0] & 1;
}

static void check_failure(const struct err *e, const struct stepped *in)
{
	if (e->kind == ERR_INCOMPLETE) {
		MUST(in->fails);
		return;
	}
	MUST(e->kind == ERR_INVALID);
	MUST(e->reason >= REASON_CHUNK_FRAMING && e->reason <= REASON_TRAILER);
}

static void drain(struct source *src, const struct awschunk *self, const struct stepped *in,
	const struct awschunk_config *cfg, size_t read_size)
{
	static char p[64 * 1024];
	uint64_t total = 0;
	struct err e;
	size_t n;

	do {
		if (source_read(src, p, read_size, &n, &e) != 0) {
			check_failure(&e, in);
			MUST(source_read(src, p, read_size, &n, &e) != 0);
			return;
		}
		total += n;
		MUST(n <= read_size && total <= cfg->decoded_bytes);
	} while (n > 0);
	MUST(total == cfg->decoded_bytes && in->ended);
	MUST(span_absent(awschunk_trailer(self)) == !cfg->has_trailer);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	struct span body = span_of(p, n);
	unsigned flags = fuzz_byte(&body);
	size_t step = 1 + 3 * (size_t)fuzz_byte(&body),
	       read_size = 1 + 250 * (size_t)fuzz_byte(&body);
	struct stepped in = {{stepped_read}, SPAN_NULL, step, flags & FAILS, false};
	struct awschunk_config cfg = {
		.is_signed = flags & SIGNED,
		.has_trailer = flags & TRAILER,
		.trailer_name = flags & TRAILER ? SPAN_LIT("x-amz-checksum-crc32") : SPAN_NULL,
		.check_chunk = check,
		.check_trailer = check,
		.ctx = &flags,
	};
	struct awschunk *self;
	struct source *src;

	cfg.decoded_bytes = (uint64_t)fuzz_byte(&body) << 8;
	cfg.decoded_bytes |= fuzz_byte(&body);
	in.rest = body;
	src = awschunk_new(a, &in.src, &cfg, &self);
	drain(src, self, &in, &cfg, read_size);
	arena_free(a);
	return 0;
}
