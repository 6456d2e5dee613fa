/* SPDX-License-Identifier: MIT */
/* Refuses headers that we would have to ignore although they change the meaning of the request.
 */
#include "s3/req.h"

enum {
	ON_BUCKET_CREATE = 1 << 0,
	ON_OBJECT_CREATE = 1 << 1, /* what makes an object or begins to */
	ON_OBJECT = 1 << 2,        /* anything aimed at an object */
	ON_COPY_OBJECT = 1 << 3,
	ON_COPY = 1 << 4, /* CopyObject, UploadPartCopy */
	ON_NO_COPY = 1 << 5
};

struct guard {
	const char *header;
	unsigned on;
	const char *harmless, *known;
	enum s3_code unknown;
};

static const struct guard guards[] = {
#define GUARD(header, on, harmless, known, unknown) {header, on, harmless, known, S3_##unknown},
#include "s3/guards.def"
#undef GUARD
};

static unsigned kinds_of(const struct s3_op *op)
{
	static const unsigned of_op[S3_OP_COUNT] = {
		[S3_OP_CREATE_BUCKET] = ON_BUCKET_CREATE,
		[S3_OP_PUT_OBJECT] = ON_OBJECT_CREATE,
		[S3_OP_POST_OBJECT] = ON_OBJECT_CREATE | ON_OBJECT,
		[S3_OP_CREATE_MULTIPART_UPLOAD] = ON_OBJECT_CREATE,
		[S3_OP_COPY_OBJECT] = ON_OBJECT_CREATE | ON_COPY_OBJECT | ON_COPY,
		[S3_OP_UPLOAD_PART_COPY] = ON_COPY,
	};
	unsigned on = of_op[s3_op_id_of(op)];

	if (!(on & ON_COPY))
		on |= ON_NO_COPY;
	if (op->target == S3_OBJECT)
		on |= ON_OBJECT;
	return on;
}

static bool names_header(const struct guard *g, struct span name)
{
	struct span pattern = span_str(g->header);

	if (pattern.p[pattern.n - 1] == '*')
		return span_starts(name, span_head(pattern, pattern.n - 1));
	return span_eq(name, pattern);
}

static bool is_word_of(struct span words, struct span value)
{
	struct span word;

	while (span_cut(&words, '|', &word))
		if (span_eq(word, value))
			return true;
	return false;
}

static int refuse(struct s3_req *q, const struct guard *g, const struct http_header *h)
{
	enum s3_code code = S3_NotImplemented;

	if (g->known && (h->value.n == 0 || !is_word_of(span_str(g->known), h->value)))
		code = g->unknown;
	if (code == S3_InvalidArgument)
		return s3_fail_argument(
			&q->call, arena_strndup(q->call.arena, h->name), h->value, NULL);
	s3_fail(&q->call, code, NULL);
	s3_fail_add(&q->call, "Header", h->name);
	return -1;
}

int s3_guard(struct s3_req *q)
{
	unsigned on = kinds_of(q->call.op);

	for (size_t i = 0; i < q->http->header_count; i++) {
		const struct http_header *h = &q->http->headers[i];

		if (!span_starts(h->name, SPAN_LIT("x-amz-")))
			continue;
		for (size_t g = 0; g < sizeof(guards) / sizeof(guards[0]); g++) {
			if ((guards[g].on & on) == 0 || !names_header(&guards[g], h->name))
				continue;
			if (guards[g].harmless && span_eq_str(h->value, guards[g].harmless))
				continue;
			return refuse(q, &guards[g], h);
		}
	}
	return 0;
}
