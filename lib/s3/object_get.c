/* SPDX-License-Identifier: MIT */
/*
 * GetObject and HeadObject: find, judge the conditions, choose the bytes (a range, a part,
 * all), stream. The reader is a snapshot: an overwrite in between changes nothing.
 */
#include <inttypes.h>

#include "codec/range.h"
#include "s3/object.h"
#include "s3/version.h"

struct content {
	struct source src;
	struct svc_reader *reader;
	uint64_t at, end;
};

/* ---- parse ---- */

static int parse_part(struct s3_req *q, struct s3_object_get_in *in)
{
	static const struct s3_number part_number = {"partNumber", 1, 10000, 0};
	uint64_t part;

	if (span_absent(s3_param(q, "partNumber")))
		return 0;
	if (s3_param_number(q, &part_number, &part) < 0)
		return -1;
	in->part = (uint32_t)part;
	if (part && !span_absent(in->range))
		return s3_fail(&q->call, S3_InvalidRequest,
			"Cannot specify both Range header and partNumber query parameter");
	return 0;
}

int s3_object_get_parse(struct s3_req *q, struct s3_object_get_in *in)
{
	in->head_only = span_eq_str(q->http->method, "HEAD");
	in->range = s3_header(q, "range");
	in->if_range = s3_header(q, "if-range");
	in->with_checksum =
		span_eq_ci(s3_header(q, "x-amz-checksum-mode"), SPAN_LIT("ENABLED"));
	in->conditions = (struct read_conditions){
		.if_match = http_header_joined(q->http, "if-match"),
		.if_none_match = http_header_joined(q->http, "if-none-match"),
		.if_modified_since = s3_header(q, "if-modified-since"),
		.if_unmodified_since = s3_header(q, "if-unmodified-since"),
	};
	if (parse_part(q, in) < 0)
		return -1;
	return s3_overrides_parse(q, in->overrides);
}

/* ---- run ---- */

static int content_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct content *c = (struct content *)(void *)src;
	uint64_t left = c->end - c->at;

	*n_r = 0;
	if (left == 0)
		return 0;
	if (svc_reader_read(c->reader, p, left < cap ? (size_t)left : cap, c->at, n_r, e) < 0)
		return -1;
	c->at += *n_r;
	return 0;
}

static int find(struct s3_call *c, const struct s3_object_get_in *in,
	struct s3_object_get_out *out, struct svc_reader **reader_r)
{
	struct meta_object *o = &out->object;
	struct err e;

	*reader_r = NULL;
	if ((in->head_only ? s3_version_head(c, o) : s3_version_open(c, o, reader_r)) < 0)
		return -1;
	if (objmeta_decode(c->arena, o->meta, &out->meta, &e) < 0)
		return s3_fail_err(c, &e);
	out->meta.content_type = o->content_type;
	return 0;
}

/* 304 is an answer, 412 a failure. */
static int judge(
	struct s3_call *c, const struct s3_object_get_in *in, struct s3_object_get_out *out)
{
	const struct meta_object *o = &out->object;

	switch (read_conditions_check(&in->conditions, &o->etag, o->mtime_us, c->now_us)) {
	case READ_PROCEED:
		break;
	case READ_NOT_MODIFIED:
		out->status = 304;
		break;
	case READ_PRECONDITION_FAILED:
		s3_fail(c, S3_PreconditionFailed, NULL);
		s3_fail_add(c, "Condition",
			span_str(span_absent(in->conditions.if_match) ? "If-Unmodified-Since"
								      : "If-Match"));
		return -1;
	}
	return 0;
}

static int choose_range(
	struct s3_call *c, const struct s3_object_get_in *in, struct s3_object_get_out *out)
{
	const struct meta_object *o = &out->object;
	struct span range =
		if_range_holds(in->if_range, &o->etag, o->mtime_us) ? in->range : SPAN_NULL;

	out->status = 200;
	out->first = 0;
	out->length = o->size;
	switch (range_resolve(range, o->size, &out->first, &out->length)) {
	case RANGE_IGNORED:
	case RANGE_WHOLE:
		if (in->with_checksum)
			out->checksum = out->object.checksum;
		break;
	case RANGE_PART:
		out->status = 206;
		break;
	case RANGE_UNSATISFIABLE:
		s3_fail(c, S3_InvalidRange, NULL);
		s3_fail_add(c, "RangeRequested", in->range);
		s3_fail_add(c, "ActualObjectSize",
			span_str(arena_printf(c->arena, "%" PRIu64, out->object.size)));
		return -1;
	}
	return 0;
}

static int choose_part(
	struct s3_call *c, const struct s3_object_get_in *in, struct s3_object_get_out *out)
{
	const struct meta_object *o = &out->object;
	struct meta *m = svc_meta(c->svc);
	struct meta_part *part;
	struct err e;
	bool more;
	size_t n;

	if (m->ops->part_list(m, o->gen, in->part - 1, 1, c->arena, &part, &n, &more, &e) < 0)
		return s3_fail_err(c, &e);
	if (n == 0 || part->no != in->part) {
		s3_fail(c, S3_InvalidPartNumber, NULL);
		s3_fail_add(c, "PartNumberRequested",
			span_str(arena_printf(c->arena, "%u", in->part)));
		s3_fail_add(c, "ActualPartCount",
			span_str(arena_printf(c->arena, "%u", o->etag.nparts)));
		return -1;
	}
	out->first = part->off;
	out->length = part->size;
	out->parts_count = o->etag.nparts;
	if (in->with_checksum)
		out->checksum = part->checksum;
	return 0;
}

/* Part 1 of a plain object is the whole. */
static int choose_bytes(
	struct s3_call *c, const struct s3_object_get_in *in, struct s3_object_get_out *out)
{
	if (in->part == 0)
		return choose_range(c, in, out);
	out->status = 206;
	if (out->object.etag.nparts)
		return choose_part(c, in, out);
	if (in->part > 1) {
		s3_fail(c, S3_InvalidPartNumber, NULL);
		s3_fail_add(c, "ActualPartCount", SPAN_LIT("1"));
		return -1;
	}
	out->length = out->object.size;
	if (in->with_checksum)
		out->checksum = out->object.checksum;
	return 0;
}

int s3_object_get_run(
	struct s3_call *c, const struct s3_object_get_in *in, struct s3_object_get_out *out)
{
	struct svc_reader *reader;
	struct content *content;

	out->overrides = in->overrides;
	if (find(c, in, out, &reader) < 0 || judge(c, in, out) < 0)
		return -1;
	if (out->status == 304)
		return 0;
	if (choose_bytes(c, in, out) < 0)
		return -1;
	content = arena_new_of(c->arena, struct content);
	*content =
		(struct content){{content_read}, reader, out->first, out->first + out->length};
	out->content = &content->src;
	return 0;
}

/* ---- render ---- */

static void add_content_range(struct s3_req *q, const struct s3_object_get_out *out)
{
	if (out->length)
		http_head_add_str(&q->head, "Content-Range",
			arena_printf(q->call.arena, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
				out->first, out->first + out->length - 1, out->object.size));
}

int s3_object_get_render(struct s3_req *q, const struct s3_object_get_out *out)
{
	s3_add_last_modified(q, out->object.mtime_us);
	s3_add_etag(q, &out->object.etag);
	s3_add_version(q, &out->object);
	if (out->status == 304)
		return s3_respond_empty(q, 304);
	http_head_add_str(&q->head, "Accept-Ranges", "bytes");
	if (out->status == 206)
		add_content_range(q, out);
	if (out->parts_count)
		http_head_add_u64(&q->head, "x-amz-mp-parts-count", out->parts_count);
	s3_fields_add(q, &out->meta, out->overrides);
	s3_extras_add(q, &out->object);
	s3_add_checksum(q, &out->checksum, out->object.checksum.type);
	return s3_respond_stream(q, out->status, out->content, out->length);
}
