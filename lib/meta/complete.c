/* SPDX-License-Identifier: MIT */
/*
 * CompleteMultipartUpload: one transaction. All of the list is judged before anything is
 * written, so a refused Complete leaves upload and object as they were. What was completed is
 * remembered, because the answer may get lost and clients ask again.
 */
#include "codec/digest.h"
#include "meta/sqlite_int.h"

struct complete_op {
	const struct meta_complete *in;
	struct meta_complete_result *out;
	int64_t memory_us;
};

/* What judging found. */
struct verdict {
	struct meta_upload upload;
	struct meta_part *parts; /* those stored, by number */
	size_t n_parts;
	bool *used; /* of those, the listed ones */
	uint64_t size;
	struct etag etag;
	struct checksum checksum;
};

enum { LIST_DIGEST_BYTES = 16 };

/* The list as such, to recognise it when it comes again. */
static void list_digest(const struct meta_complete *in, unsigned char out[LIST_DIGEST_BYTES])
{
	struct digest_set *d = digest_new(1u << DIGEST_MD5);

	for (size_t i = 0; i < in->count; i++) {
		const struct meta_complete_part *p = &in->parts[i];
		unsigned char no[4] = {(unsigned char)p->no, (unsigned char)(p->no >> 8),
			(unsigned char)(p->no >> 16), (unsigned char)(p->no >> 24)};

		digest_update(d, no, sizeof(no));
		digest_update(d, p->md5, sizeof(p->md5));
	}
	digest_finish(d);
	digest_get(d, DIGEST_MD5, out);
	digest_free(d);
}

/* ---- judging ---- */

static int check_order(const struct meta_complete *in, struct err *e)
{
	if (in->count == 0)
		return err_fail_why(e, ERR_INVALID, REASON_PART, "an empty list of parts");
	for (size_t i = 1; i < in->count; i++)
		if (in->parts[i].no <= in->parts[i - 1].no)
			return err_fail_why(e, ERR_INVALID, REASON_PART_ORDER,
				"part %u is listed behind part %u", in->parts[i].no,
				in->parts[i - 1].no);
	return 0;
}

/* Same algorithm and bytes; how many parts only where the client said it. */
static bool checksum_agrees(const struct checksum *given, const struct checksum *ours)
{
	if (given->alg != ours->alg || (given->nparts != 0 && given->nparts != ours->nparts))
		return false;
	return memcmp(given->value, ours->value, digest_len(checksum_digest(given->alg))) == 0;
}

static int check_part(
	const struct meta_complete_part *listed, const struct meta_part *stored, struct err *e)
{
	if (memcmp(listed->md5, stored->md5, sizeof(listed->md5)) != 0)
		return err_fail_why(
			e, ERR_INVALID, REASON_PART, "part %u has another ETag", listed->no);
	if (listed->checksum.alg != CHECKSUM_NONE &&
		!checksum_agrees(&listed->checksum, &stored->checksum))
		return err_fail_why(e, ERR_INVALID, REASON_PART_CHECKSUM,
			"part %u has another checksum", listed->no);
	return 0;
}

/* Both lists rise: one walk finds each listed part. */
static int match_parts(
	struct tx *tx, const struct meta_complete *in, struct verdict *v, struct err *e)
{
	size_t at = 0;

	v->used = arena_array(tx->scratch, bool, v->n_parts + 1);
	for (size_t i = 0; i < in->count; i++) {
		while (at < v->n_parts && v->parts[at].no < in->parts[i].no)
			at++;
		if (at == v->n_parts || v->parts[at].no != in->parts[i].no)
			return err_fail_why(e, ERR_INVALID, REASON_PART, "part %u is unknown",
				in->parts[i].no);
		if (check_part(&in->parts[i], &v->parts[at], e) != 0)
			return -1;
		v->used[at++] = true;
	}
	return 0;
}

/* Gives each used part its offset. */
static int check_sizes(const struct meta_complete *in, struct verdict *v, struct err *e)
{
	size_t left = in->count;

	for (size_t i = 0; i < v->n_parts; i++) {
		struct meta_part *p = &v->parts[i];

		if (!v->used[i])
			continue;
		if (--left > 0 && p->size < in->min_part_bytes)
			return err_fail_why(e, ERR_INVALID, REASON_PART_TOO_SMALL,
				"part %u has %llu bytes", p->no, (unsigned long long)p->size);
		p->off = v->size;
		v->size += p->size;
	}
	if (in->has_size && in->size != v->size)
		return err_fail_why(e, ERR_INVALID, REASON_MP_SIZE, "the object has %llu bytes",
			(unsigned long long)v->size);
	return 0;
}

static void make_etag(const struct meta_complete *in, struct verdict *v)
{
	struct digest_set *d = digest_new(1u << DIGEST_MD5);

	for (size_t i = 0; i < in->count; i++)
		digest_update(d, in->parts[i].md5, sizeof(in->parts[i].md5));
	digest_finish(d);
	digest_get(d, DIGEST_MD5, v->etag.md5);
	digest_free(d);
	v->etag.nparts = (uint32_t)in->count;
}

/* Of parts that lack the algorithm's value no checksum can be made. */
static void make_checksum(struct verdict *v)
{
	enum checksum_alg alg = v->upload.checksum_alg;
	enum checksum_type type = v->upload.checksum_type;
	struct checksum_combiner k;

	if (alg == CHECKSUM_NONE) {
		alg = CHECKSUM_CRC64NVME;
		type = CHECKSUM_FULL_OBJECT;
	}
	for (size_t i = 0; i < v->n_parts; i++)
		if (v->used[i] && v->parts[i].checksum.alg != alg)
			return;
	checksum_combine_init(&k, alg, type);
	for (size_t i = 0; i < v->n_parts; i++)
		if (v->used[i])
			checksum_combine_add(&k, &v->parts[i].checksum, v->parts[i].size);
	checksum_combine_finish(&k, &v->checksum);
}

static int load_parts(struct tx *tx, uint64_t gen, struct verdict *v, struct err *e)
{
	sqlite3_stmt *q;
	bool more;

	if (conn_query(tx->c, ST_PART_LIST, BINDS(BI(gen), BI(0)), &q, e) != 0)
		return -1;
	return parts_collect(
		tx->c, q, UINT32_MAX, tx->scratch, &v->parts, &v->n_parts, &more, e);
}

static int judge(
	struct tx *tx, const struct meta_complete *in, struct verdict *v, struct err *e)
{
	if (check_order(in, e) != 0 || load_parts(tx, in->gen, v, e) != 0 ||
		match_parts(tx, in, v, e) != 0 || check_sizes(in, v, e) != 0)
		return -1;
	make_etag(in, v);
	make_checksum(v);
	if (in->checksum.alg != CHECKSUM_NONE && !checksum_agrees(&in->checksum, &v->checksum))
		return err_fail_why(e, ERR_INVALID, REASON_DIGEST,
			"the checksum of the whole object differs");
	return 0;
}

/* ---- writing ---- */

static int settle_parts(struct tx *tx, const struct tx_bucket *b,
	const struct meta_complete *in, const struct verdict *v, struct err *e)
{
	for (size_t i = 0; i < v->n_parts; i++) {
		const struct meta_part *p = &v->parts[i];

		if (!v->used[i]) {
			if (gc_insert_part(tx, b, in->key, in->gen, p, e) != 0 ||
				conn_run(tx->c, ST_PART_DELETE, BINDS(BI(in->gen), BI(p->no)),
					e) != 0)
				return -1;
		} else if (p->off != 0 &&
			conn_run(tx->c, ST_PART_SET_OFF,
				BINDS(BI(in->gen), BI(p->no), BI(p->off)), e) != 0) {
			return -1;
		}
	}
	return 0;
}

static int remember(struct tx *tx, const struct meta_complete *in, const struct meta_object *o,
	struct err *e)
{
	unsigned char list[LIST_DIGEST_BYTES], blob[CHECKSUM_BLOB_MAX];
	size_t n = checksum_to_blob(&o->checksum, blob);

	list_digest(in, list);
	return conn_run(tx->c, ST_COMPLETED_ADD,
		BINDS(BI(in->gen), BI(in->bucket_id), BB(in->key),
			BB(span_of(list, sizeof(list))),
			BB(span_of(o->etag.md5, sizeof(o->etag.md5))), BI(o->etag.nparts),
			BB(n ? span_of(blob, n) : SPAN_NULL), BI(o->vseq), BI(o->mtime_us),
			BI(o->size), BI(tx->now_us), BI(o->flags)),
		e);
}

static int commit_object(struct tx *tx, struct tx_bucket *b, const struct current *cur,
	const struct complete_op *op, const struct verdict *v, struct err *e)
{
	const struct meta_complete *in = op->in;
	struct meta_object o = {
		.key = in->key,
		.gen = in->gen,
		.size = v->size,
		.etag = v->etag,
		.content_type = v->upload.content_type,
		.checksum = v->checksum,
		.meta = v->upload.meta,
		.tags = v->upload.tags,
		.lock = v->upload.lock,
		.owner_id = v->upload.initiator_id,
	};
	struct tally sum = {0};

	if (settle_parts(tx, b, in, v, e) != 0 ||
		conn_run(tx->c, ST_UPLOAD_DELETE, BINDS(BI(b->id), BB(in->key), BI(in->gen)),
			e) != 0 ||
		object_add(tx, b, cur, &o, &sum, e) != 0 || remember(tx, in, &o, e) != 0)
		return -1;
	tally_add(&b->sum, &sum);
	*op->out = (struct meta_complete_result){
		.vseq = o.vseq,
		.mtime_us = o.mtime_us,
		.size = o.size,
		.etag = o.etag,
		.checksum = o.checksum,
		.version = meta_object_version(&o),
	};
	return 0;
}

/* Was it completed before, with this very list? */
static int recall(struct tx *tx, const struct complete_op *op, bool *hit_r, struct err *e)
{
	const struct meta_complete *in = op->in;
	struct meta_complete_result *out = op->out;
	unsigned char list[LIST_DIGEST_BYTES];
	sqlite3_stmt *q;

	list_digest(in, list);
	if (conn_one(tx->c, ST_COMPLETED_GET,
		    BINDS(BI(in->gen), BI(in->bucket_id), BB(in->key),
			    BB(span_of(list, sizeof(list))), BI(tx->now_us - op->memory_us)),
		    &q, hit_r, e) != 0)
		return -1;
	if (!*hit_r)
		return 0;
	*out = (struct meta_complete_result){.repeated = true};
	col_bytes(q, 0, out->etag.md5, sizeof(out->etag.md5));
	out->etag.nparts = col_u32(q, 1);
	col_checksum(q, 2, &out->checksum);
	out->vseq = col_u64(q, 3);
	out->mtime_us = col_i64(q, 4);
	out->size = col_u64(q, 5);
	if (col_u32(q, 6) & META_OBJECT_HAS_ID)
		out->version = (struct version_id){out->vseq, in->gen};
	conn_done(q);
	return 0;
}

static int op_complete(struct tx *tx, void *arg, struct err *e)
{
	const struct complete_op *op = arg;
	const struct meta_complete *in = op->in;
	struct verdict v = {0};
	struct tx_bucket *b;
	struct current cur;
	struct err why;
	bool hit;

	if (tx_bucket_get(tx, in->bucket_id, &b, e) != 0)
		return -1;
	if (upload_lookup(tx->c, b->id, in->key, in->gen, tx->scratch, &v.upload, &why) != 0) {
		if (why.kind == ERR_NOT_FOUND && recall(tx, op, &hit, &why) == 0 && hit)
			return 0;
		*e = why;
		return -1;
	}
	if (judge(tx, in, &v, e) != 0 || current_get(tx->c, b->id, in->key, &cur, e) != 0 ||
		current_check(&cur, in->conditions, e) != 0)
		return -1;
	return commit_object(tx, b, &cur, op, &v, e);
}

static int sq_upload_complete(struct meta *base, const struct meta_complete *in,
	struct meta_complete_result *out_r, struct err *e)
{
	struct complete_op op = {in, out_r, sq(base)->cfg.upload_memory_us};

	return writer_do(sq(base), op_complete, &op, WRITE_PLAIN, e);
}

void sqlite_ops_complete(struct meta_ops *o)
{
	o->upload_complete = sq_upload_complete;
}
