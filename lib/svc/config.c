/* SPDX-License-Identifier: MIT */
/* What is configured of a bucket. Its flags come with the bucket itself, cached, so that what
 * is not configured costs a request nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "svc/impl.h"

struct config_key {
	int64_t bucket_id;
	int64_t kind;
};

struct document {
	size_t n;
	char bytes[];
};

struct copy_to {
	struct arena *a;
	struct span *document_r;
};

static void copy_document(const void *value, void *ctx)
{
	const struct document *d = value;
	const struct copy_to *to = ctx;

	*to->document_r = arena_dup(to->a, span_of(d->bytes, d->n));
}

static void keep_document(struct svc *s, struct span key, uint64_t epoch, struct span document)
{
	size_t size = sizeof(struct document) + document.n;
	struct document *d = malloc(size);

	if (!d)
		log_die("out of memory");
	d->n = document.n;
	memcpy(d->bytes, document.p, document.n);
	cache_put(s->configs, key, epoch, d, size);
}

int svc_bucket_config_get(struct svc *s, const struct meta_bucket *b,
	enum meta_config_kind kind, struct arena *a, struct span *document_r, struct err *e)
{
	uint64_t epoch = s->meta->ops->epoch(s->meta);
	const struct config_key k = {b->id, kind};
	struct span key = span_of(&k, sizeof(k));
	struct copy_to to = {a, document_r};

	if (!meta_bucket_has(b, kind))
		return err_fail_why(e, ERR_NOT_FOUND, REASON_CONFIG, "no %s configuration",
			meta_config_name(kind));
	if (cache_get(s->configs, key, epoch, copy_document, &to))
		return 0;
	if (s->meta->ops->bucket_config_get(s->meta, b->id, kind, a, document_r, e) < 0)
		return -1;
	keep_document(s, key, epoch, *document_r);
	return 0;
}

int svc_bucket_config_put(struct svc *s, const struct meta_bucket *b,
	enum meta_config_kind kind, struct span document, struct err *e)
{
	if (s->meta->ops->bucket_config_put(s->meta, b->id, kind, document, e) < 0)
		return -1;
	bucket_note_follow(s, b);
	return 0;
}

int svc_bucket_config_delete(
	struct svc *s, const struct meta_bucket *b, enum meta_config_kind kind, struct err *e)
{
	if (s->meta->ops->bucket_config_delete(s->meta, b->id, kind, e) < 0)
		return -1;
	bucket_note_follow(s, b);
	return 0;
}
