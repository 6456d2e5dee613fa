/* SPDX-License-Identifier: MIT */
/* UploadPartCopy: a part made of bytes of an object. Its checksum is of the upload's algorithm.
 */
#include "codec/range.h"
#include "s3/copy.h"
#include "s3/multipart.h"

#include <inttypes.h>

static int parse_range(struct s3_req *q, struct s3_part_copy_in *in)
{
	struct span text = s3_header(q, "x-amz-copy-source-range");

	in->has_range = !span_absent(text);
	if (!in->has_range || range_parse_copy(text, &in->first, &in->last))
		return 0;
	return s3_fail_argument(&q->call, "x-amz-copy-source-range", text,
		"The x-amz-copy-source-range value must be of the form bytes=first-last where "
		"first and last are the zero-based offsets of the first and last bytes to "
		"copy");
}

int s3_part_copy_parse(struct s3_req *q, struct s3_part_copy_in *in)
{
	if (s3_part_number_parse(q, &in->no) < 0 || parse_range(q, in) < 0)
		return -1;
	in->upload_id = s3_param(q, "uploadId");
	return s3_copy_from_parse(q, &in->from);
}

/* The whole source where no range was named. */
static int choose(struct s3_call *c, const struct s3_part_copy_in *in, uint64_t size,
	uint64_t *from_r, uint64_t *n_r)
{
	*from_r = 0;
	*n_r = size;
	if (!in->has_range)
		return s3_copy_check_size(c, size);
	if (in->last >= size) {
		s3_fail(c, S3_InvalidRange, NULL);
		s3_fail_add(c, "RangeRequested",
			span_str(arena_printf(
				c->arena, "bytes=%" PRIu64 "-%" PRIu64, in->first, in->last)));
		s3_fail_add(c, "ActualObjectSize",
			span_str(arena_printf(c->arena, "%" PRIu64, size)));
		return -1;
	}
	*from_r = in->first;
	*n_r = in->last - in->first + 1;
	return s3_copy_check_size(c, *n_r);
}

int s3_part_copy_run(
	struct s3_call *c, const struct s3_part_copy_in *in, struct s3_part_copy_out *out)
{
	struct svc_part_put put = {
		.bucket = &c->bucket,
		.key = c->key,
		.upload_id = in->upload_id,
		.no = in->no,
	};
	struct s3_copy_opened from;
	uint64_t first, n;
	struct err e;

	if (s3_copy_open(c, &in->from, &from) < 0 ||
		choose(c, in, from.object.size, &first, &n) < 0)
		return -1;
	svc_body_copy(&put.body, from.reader, first, n, c->arena);
	put.body.progress = c->keep_waiting;
	put.body.progress_ctx = c;
	return svc_part_put(c->svc, &put, c->arena, &out->put, &e) < 0 ? s3_fail_err(c, &e) : 0;
}

int s3_part_copy_render(struct s3_req *q, const struct s3_part_copy_out *out)
{
	return s3_copy_respond(q, "CopyPartResult", &out->put);
}
