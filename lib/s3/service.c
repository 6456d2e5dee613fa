/* SPDX-License-Identifier: MIT */
/* ListBuckets: in pages of the service, joined to what was asked for. */
#include "s3/service.h"

#include "s3/fields.h"
#include "s3/token.h"

enum { MAX_BUCKETS = 10000, PAGE = 1000 };

int s3_service_list_parse(struct s3_req *q, struct s3_service_list_in *in)
{
	static const struct s3_number max_buckets = {
		"max-buckets", 1, MAX_BUCKETS, MAX_BUCKETS};
	struct span region = s3_param(q, "bucket-region"),
		    token = s3_param(q, "continuation-token");
	uint64_t limit;

	if (s3_param_number(q, &max_buckets, &limit) < 0)
		return -1;
	in->limit = (unsigned)limit;
	in->prefix = s3_param(q, "prefix");
	in->none = region.n && !span_eq_str(region, svc_cfg(q->call.svc)->region);
	return token.n ? s3_token_parse(q, token, &in->after) : 0;
}

/* Adds the next page to out; *more_r: it was full. */
static int add_page(struct s3_call *c, const struct s3_service_list_in *in,
	struct s3_service_list_out *out, bool *more_r)
{
	struct span after = in->after;
	struct meta_bucket *page, *all;
	struct err e;
	size_t n;

	if (out->count)
		after = span_str(out->buckets[out->count - 1].name);
	if (svc_bucket_list(
		    c->svc, &c->caller, in->prefix, after, PAGE, c->arena, &page, &n, &e) < 0)
		return s3_fail_err(c, &e);
	all = arena_array(c->arena, struct meta_bucket, out->count + n + 1);
	if (out->count)
		memcpy(all, out->buckets, out->count * sizeof(*all));
	if (n)
		memcpy(all + out->count, page, n * sizeof(*all));
	out->buckets = all;
	out->count += n;
	*more_r = n == PAGE;
	return 0;
}

int s3_service_list_run(
	struct s3_call *c, const struct s3_service_list_in *in, struct s3_service_list_out *out)
{
	bool more = !in->none;

	while (more && out->count <= in->limit)
		if (add_page(c, in, out, &more) < 0)
			return -1;
	out->truncated = out->count > in->limit;
	if (out->truncated)
		out->count = in->limit;
	out->prefix = in->prefix;
	out->region = svc_cfg(c->svc)->region;
	return s3_owner_get(c, c->caller.user_id, &out->owner);
}

static void render_bucket(struct xmlw *w, const struct meta_bucket *b, const char *region)
{
	xmlw_open(w, "Bucket");
	xmlw_str(w, "Name", b->name);
	s3_xml_time(w, "CreationDate", b->created_us);
	xmlw_str(w, "BucketRegion", region);
	xmlw_close(w);
}

int s3_service_list_render(struct s3_req *q, const struct s3_service_list_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "ListAllMyBucketsResult");
	s3_xml_owner(&w, "Owner", &out->owner);
	xmlw_open(&w, "Buckets");
	for (size_t i = 0; i < out->count; i++)
		render_bucket(&w, &out->buckets[i], out->region);
	xmlw_close(&w);
	if (out->prefix.n)
		xmlw_text(&w, "Prefix", out->prefix);
	if (out->truncated)
		xmlw_str(&w, "ContinuationToken",
			s3_token_make(
				q->call.arena, span_str(out->buckets[out->count - 1].name)));
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
