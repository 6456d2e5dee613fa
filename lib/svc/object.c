/* SPDX-License-Identifier: MIT */
/*
 * Objects: put, head, delete. A put makes the blob durable first; the metadata commit is the
 * atomic switch; what it supersedes becomes garbage inside the same transaction.
 */
#include "svc/impl.h"

#include <string.h>

static int verdict_fail(enum write_verdict v, struct err *e)
{
	switch (v) {
	case WRITE_PROCEED:
		return 0;
	case WRITE_PRECONDITION_FAILED:
		return err_fail(e, ERR_PRECONDITION, "condition of the write failed");
	case WRITE_NO_SUCH_KEY:
		return err_fail_why(e, ERR_NOT_FOUND, REASON_KEY, "If-Match without an object");
	}
	return err_fail(e, ERR_INTERNAL, "unknown verdict");
}

/* Before a body is read for nothing. The commit decides again, for good. */
static int check_early(struct svc *s, const struct svc_put *in, struct arena *a, struct err *e)
{
	struct meta_object o;
	struct err found = {0};

	if (!in->conditions || !write_conditions_any(in->conditions))
		return 0;
	if (s->meta->ops->object_get(s->meta, in->bucket->id, in->key, a, &o, &found) == 0)
		return verdict_fail(write_conditions_check(in->conditions, &o.etag), e);
	if (found.kind == ERR_NOT_FOUND && found.reason != REASON_BUCKET)
		return verdict_fail(write_conditions_check(in->conditions, NULL), e);
	return err_pass(e, &found);
}

static int commit_put(struct svc *s, const struct svc_put *in, uint64_t gen,
	const struct ingest *got, struct arena *a, struct svc_put_result *out_r, struct err *e)
{
	struct meta_object_put put = {
		.bucket_id = in->bucket->id,
		.conditions = in->conditions,
		.object =
			{
				.key = in->key,
				.gen = gen,
				.size = got->size,
				.checksum = got->kept,
				.content_type = in->meta->content_type,
				.meta = objmeta_encode(a, in->meta),
				.tags = in->tags,
				.lock = in->lock,
				.owner_id = in->owner_id,
			},
	};
	struct meta_write_result done;

	memcpy(put.object.etag.md5, got->md5, sizeof(got->md5));
	if (s->meta->ops->object_put(s->meta, &put, &done, e) < 0)
		return -1;
	*out_r = (struct svc_put_result){
		.etag = put.object.etag,
		.checksum = got->answer,
		.size = got->size,
		.vseq = done.vseq,
		.version = done.version,
		.mtime_us = done.mtime_us,
	};
	return 0;
}

int svc_object_put(struct svc *s, const struct svc_put *in, struct arena *a,
	struct svc_put_result *out_r, struct err *e)
{
	enum checksum_alg keep = in->body.alg;
	struct err why = {0};
	struct store_loc loc;
	struct ingest got;
	uint64_t gen;

	if (in->body.has_checksum)
		keep = in->body.checksum.alg;
	if (keep == CHECKSUM_NONE)
		keep = CHECKSUM_CRC64NVME;
	if (check_early(s, in, a, e) < 0 || s->meta->ops->gen_next(s->meta, &gen, e) < 0)
		return -1;
	loc = object_loc(in->bucket, in->key, gen);
	if (ingest_blob(s, in->bucket, &loc, &in->body, keep, &got, e) < 0)
		return -1;
	if (commit_put(s, in, gen, &got, a, out_r, &why) < 0) {
		ingest_undo(s, in->bucket, &loc, &why);
		return err_pass(e, &why);
	}
	return 0;
}

int svc_version_head(struct svc *s, const struct svc_version *v, struct arena *a,
	struct meta_object *o_r, struct err *e)
{
	const struct meta_ops *ops = s->meta->ops;

	if (!v->version)
		return ops->object_get(s->meta, v->bucket->id, v->key, a, o_r, e);
	return ops->object_get_version(s->meta, v->bucket->id, v->key, v->version, a, o_r, e);
}

int svc_version_set_tags(struct svc *s, const struct svc_version *v, struct span tags,
	struct version_id *version_r, struct err *e)
{
	struct meta_version_ref ref = {v->bucket->id, v->key, v->version};

	return s->meta->ops->object_set_tags(s->meta, &ref, tags, version_r, e);
}

int svc_version_set_lock(struct svc *s, const struct svc_version *v,
	const struct meta_lock_change *change, struct version_id *version_r, struct err *e)
{
	struct meta_version_ref ref = {v->bucket->id, v->key, v->version};

	return s->meta->ops->object_set_lock(s->meta, &ref, change, version_r, e);
}

int svc_object_head(struct svc *s, const struct meta_bucket *b, struct span key,
	struct arena *a, struct meta_object *o_r, struct err *e)
{
	struct svc_version v = {b, key, NULL};

	return svc_version_head(s, &v, a, o_r, e);
}

int svc_object_open(struct svc *s, const struct meta_bucket *b, struct span key,
	struct arena *a, struct meta_object *o_r, struct svc_reader **r_r, struct err *e)
{
	struct svc_version v = {b, key, NULL};

	return svc_version_open(s, &v, a, o_r, r_r, e);
}

int svc_object_delete(
	struct svc *s, const struct meta_bucket *b, struct meta_delete *d, struct err *e)
{
	return s->meta->ops->object_delete(s->meta, b->id, d, e);
}

int svc_objects_delete(struct svc *s, const struct meta_bucket *b, struct meta_delete *keys,
	size_t n, struct err *e)
{
	return s->meta->ops->object_delete_many(s->meta, b->id, keys, n, e);
}
