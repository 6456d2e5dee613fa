/* SPDX-License-Identifier: MIT */
/*
 * A source for bodies that the protocol layer reads itself (XML): digests as it reads, and the
 * end is only reported when everything the client claimed held. Objects are verified by lib/svc
 * instead.
 */
#include "base/reason.h"
#include "s3/body.h"

struct verify {
	struct source src;
	struct svc_body body;
	struct digest_set *digests;
	uint64_t bytes;
	bool ended;
};

static void release(void *arg)
{
	digest_free(arg);
}

static bool holds(const struct verify *v, enum digest_alg alg, const unsigned char *claimed)
{
	unsigned char real[DIGEST_MAX_BYTES];

	digest_get(v->digests, alg, real);
	return memcmp(real, claimed, digest_len(alg)) == 0;
}

static int check_end(struct verify *v, struct err *e)
{
	struct svc_body *b = &v->body;

	v->ended = true;
	digest_finish(v->digests);
	if (b->length != UINT64_MAX && v->bytes != b->length)
		return err_fail_why(
			e, ERR_INCOMPLETE, REASON_SHORT_BODY, "the body is cut off");
	if (b->has_md5 && !holds(v, DIGEST_MD5, b->md5))
		return err_fail_why(e, ERR_INVALID, REASON_DIGEST, "Content-MD5 differs");
	if (b->has_sha256 && !holds(v, DIGEST_SHA256, b->sha256))
		return err_fail_why(
			e, ERR_INVALID, REASON_SHA256, "SHA-256 of the body differs");
	if (b->trailer) {
		if (b->trailer(b->trailer_ctx, &b->checksum, e) < 0)
			return -1;
		b->has_checksum = true;
	}
	if (b->has_checksum && !holds(v, checksum_digest(b->alg), b->checksum.value))
		return err_fail_why(e, ERR_INVALID, REASON_DIGEST, "the checksum differs");
	return 0;
}

static int verify_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct verify *v = (struct verify *)(void *)src;

	*n_r = 0;
	if (v->ended)
		return 0;
	if (source_read(v->body.src, p, cap, n_r, e) < 0)
		return -1;
	if (*n_r == 0)
		return check_end(v, e);
	v->bytes += *n_r;
	if (v->bytes > v->body.max_bytes)
		return err_fail_why(e, ERR_LIMIT, REASON_TOO_LARGE, "the body is too large");
	digest_update(v->digests, p, *n_r);
	return 0;
}

struct source *s3_verify_new(struct arena *a, const struct svc_body *b)
{
	struct verify *v = arena_new_of(a, struct verify);
	unsigned mask = 0;

	if (b->has_md5)
		mask |= 1u << DIGEST_MD5;
	if (b->has_sha256)
		mask |= 1u << DIGEST_SHA256;
	if (b->alg != CHECKSUM_NONE)
		mask |= 1u << checksum_digest(b->alg);
	v->src.read = verify_read;
	v->body = *b;
	v->digests = digest_new(mask);
	arena_defer(a, release, v->digests);
	return &v->src;
}
