/* SPDX-License-Identifier: MIT */
/*
 * Multipart uploads. The generation is fixed when the upload is made, each part is a blob of
 * its own below it, Complete is one metadata transaction and copies nothing.
 *
 * An upload id is hex: generation (8 bytes), then 16 bytes of an HMAC over bucket and
 * generation. The key of the object is checked by metadata.
 */
#include <string.h>

#include "codec/enc.h"
#include "svc/impl.h"

enum { GEN_HEX = 16, MAC_BYTES = 16, MIN_PART_BYTES = 5 * 1024 * 1024 };
_Static_assert(GEN_HEX + 2 * MAC_BYTES == SVC_UPLOAD_ID_LEN, "length of an upload id");

static void put_be64(unsigned char *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (unsigned char)(v & 0xff);
}

static uint64_t get_be64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void upload_mac(
	const struct svc *s, int64_t bucket_id, uint64_t gen, unsigned char out[32])
{
	unsigned char text[16];

	put_be64(text, (uint64_t)bucket_id);
	put_be64(text + 8, gen);
	digest_hmac_sha256(s->upload_key, sizeof(s->upload_key), text, sizeof(text), out);
}

void svc_upload_id(
	struct svc *s, int64_t bucket_id, uint64_t gen, char id_r[SVC_UPLOAD_ID_LEN + 1])
{
	unsigned char raw[8 + 32];

	put_be64(raw, gen);
	upload_mac(s, bucket_id, gen, raw + 8);
	enc_hex(id_r, raw, 8 + MAC_BYTES);
}

bool svc_upload_id_parse(struct svc *s, int64_t bucket_id, struct span id, uint64_t *gen_r)
{
	unsigned char raw[8 + MAC_BYTES], mac[32];

	if (id.n != SVC_UPLOAD_ID_LEN || !enc_unhex(id, raw, sizeof(raw)))
		return false;
	*gen_r = get_be64(raw);
	upload_mac(s, bucket_id, *gen_r, mac);
	return span_eq_secret(span_of(raw + 8, MAC_BYTES), span_of(mac, MAC_BYTES));
}

static int parse_id(struct svc *s, const struct meta_bucket *b, struct span id, uint64_t *gen_r,
	struct err *e)
{
	if (svc_upload_id_parse(s, b->id, id, gen_r))
		return 0;
	return err_fail_why(e, ERR_NOT_FOUND, REASON_UPLOAD, "no upload id of this bucket");
}

int svc_upload_create(struct svc *s, const struct meta_bucket *b, const struct meta_upload *u,
	char id_r[SVC_UPLOAD_ID_LEN + 1], struct err *e)
{
	struct meta_upload made = *u;

	if (s->meta->ops->gen_next(s->meta, &made.gen, e) < 0)
		return -1;
	made.started_us = clock_now_us(s->clock);
	if (s->meta->ops->upload_create(s->meta, b->id, &made, e) < 0)
		return -1;
	svc_upload_id(s, b->id, made.gen, id_r);
	return 0;
}

int svc_upload_get(struct svc *s, const struct meta_bucket *b, struct span key, struct span id,
	struct arena *a, struct meta_upload *u_r, struct err *e)
{
	uint64_t gen;

	if (parse_id(s, b, id, &gen, e) < 0)
		return -1;
	return s->meta->ops->upload_get(s->meta, b->id, key, gen, a, u_r, e);
}

/* Which algorithm the part keeps, so that Complete can combine all parts. */
static int part_alg(const struct meta_upload *u, const struct svc_body *b,
	enum checksum_alg *keep_r, struct err *e)
{
	enum checksum_alg asked = b->has_checksum ? b->checksum.alg : b->alg;

	*keep_r = u->checksum_alg == CHECKSUM_NONE ? CHECKSUM_CRC64NVME : u->checksum_alg;
	if (u->checksum_alg != CHECKSUM_NONE && asked != CHECKSUM_NONE &&
		asked != u->checksum_alg)
		return err_fail(e, ERR_INVALID, "checksum of a part is %s, of its upload %s",
			checksum_name(asked), checksum_name(u->checksum_alg));
	return 0;
}

static int commit_part(struct svc *s, const struct svc_part_put *in, uint64_t gen,
	uint64_t pgen, const struct ingest *got, struct svc_put_result *out_r, struct err *e)
{
	struct meta_part part = {
		.no = in->no, .pgen = pgen, .size = got->size, .checksum = got->kept};
	struct meta_write_result done;

	memcpy(part.md5, got->md5, sizeof(part.md5));
	if (s->meta->ops->part_put(s->meta, in->bucket->id, in->key, gen, &part, &done, e) < 0)
		return -1;
	*out_r = (struct svc_put_result){
		.checksum = got->answer,
		.size = got->size,
		.vseq = done.vseq,
		.mtime_us = done.mtime_us,
	};
	memcpy(out_r->etag.md5, got->md5, sizeof(got->md5));
	return 0;
}

int svc_part_put(struct svc *s, const struct svc_part_put *in, struct arena *a,
	struct svc_put_result *out_r, struct err *e)
{
	enum checksum_alg keep;
	struct meta_upload u;
	struct store_loc loc;
	struct ingest got;
	struct err why = {0};
	uint64_t pgen;

	if (svc_upload_get(s, in->bucket, in->key, in->upload_id, a, &u, e) < 0 ||
		part_alg(&u, &in->body, &keep, e) < 0 ||
		s->meta->ops->gen_next(s->meta, &pgen, e) < 0)
		return -1;
	loc = part_loc(in->bucket, in->key, u.gen, in->no, pgen);
	if (ingest_blob(s, in->bucket, &loc, &in->body, keep, &got, e) < 0)
		return -1;
	if (commit_part(s, in, u.gen, pgen, &got, out_r, &why) < 0) {
		ingest_undo(s, in->bucket, &loc, &why);
		return err_pass(e, &why);
	}
	return 0;
}

int svc_upload_complete(struct svc *s, const struct svc_complete *in, struct arena *a,
	struct meta_complete_result *out_r, struct err *e)
{
	struct meta_complete c = {
		.bucket_id = in->bucket->id,
		.key = in->key,
		.parts = in->parts,
		.count = in->count,
		.min_part_bytes = MIN_PART_BYTES,
		.has_size = in->has_size,
		.size = in->size,
		.checksum = in->checksum,
		.conditions = in->conditions,
	};

	(void)a;
	if (parse_id(s, in->bucket, in->upload_id, &c.gen, e) < 0)
		return -1;
	return s->meta->ops->upload_complete(s->meta, &c, out_r, e);
}

int svc_upload_abort(struct svc *s, const struct meta_bucket *b, struct span key,
	struct span id, struct arena *a, struct err *e)
{
	uint64_t gen;

	(void)a;
	if (parse_id(s, b, id, &gen, e) < 0)
		return -1;
	return s->meta->ops->upload_abort(s->meta, b->id, key, gen, e);
}
