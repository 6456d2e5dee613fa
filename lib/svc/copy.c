/* SPDX-License-Identifier: MIT */
/*
 * Bytes of an object as the body of another. A damaged blob must not become an object that
 * looks sound: each blob that is read whole is held against the checksum it was stored with.
 */
#include <string.h>

#include "svc/impl.h"

struct copy_source {
	struct source src;
	struct svc_reader *reader;
	uint64_t at, end;
	struct piece piece; /* which `at` is in or behind */
	enum digest_alg alg;
	struct digest_set *check; /* NULL: the piece is not read whole */
};

static void copy_free(void *arg)
{
	digest_free(((struct copy_source *)arg)->check);
}

static uint64_t piece_end(const struct copy_source *c)
{
	return c->piece.off + c->piece.size;
}

static int next_piece(struct copy_source *c, struct err *e)
{
	if (reader_piece(c->reader, c->at, &c->piece, e) < 0)
		return -1;
	digest_free(c->check);
	c->check = NULL;
	if (c->at != c->piece.off || piece_end(c) > c->end)
		return 0;
	c->alg = c->piece.checksum.alg == CHECKSUM_NONE
		? DIGEST_MD5
		: checksum_digest(c->piece.checksum.alg);
	c->check = digest_new(1u << c->alg);
	return 0;
}

/* At the end of a piece. */
static int check_piece(struct copy_source *c, struct err *e)
{
	const unsigned char *want =
		c->alg == DIGEST_MD5 ? c->piece.md5 : c->piece.checksum.value;
	unsigned char sum[DIGEST_MAX_BYTES];

	digest_finish(c->check);
	digest_get(c->check, c->alg, sum);
	if (memcmp(sum, want, digest_len(c->alg)) == 0)
		return 0;
	return err_fail(e, ERR_IO,
		"bytes %llu to %llu of what is copied are not those that were stored",
		(unsigned long long)c->piece.off, (unsigned long long)piece_end(c));
}

static int copy_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct copy_source *c = (struct copy_source *)(void *)src;
	uint64_t left;

	*n_r = 0;
	if (c->at == c->end)
		return 0;
	if (c->at == piece_end(c) && next_piece(c, e) < 0)
		return -1;
	left = (piece_end(c) < c->end ? piece_end(c) : c->end) - c->at;
	if (svc_reader_read(c->reader, p, left < cap ? (size_t)left : cap, c->at, n_r, e) < 0)
		return -1;
	c->at += *n_r;
	if (!c->check)
		return 0;
	digest_update(c->check, p, *n_r);
	return c->at == piece_end(c) ? check_piece(c, e) : 0;
}

void svc_body_copy(
	struct svc_body *b_r, struct svc_reader *r, uint64_t from, uint64_t n, struct arena *a)
{
	struct copy_source *c = arena_new_of(a, struct copy_source);

	*c = (struct copy_source){.src = {copy_read},
		.reader = r,
		.at = from,
		.end = from + n,
		.piece = {.off = from}};
	arena_defer(a, copy_free, c);
	*b_r = (struct svc_body){
		.src = &c->src, .length = n, .max_bytes = n, .copied = r, .copied_from = from};
}
