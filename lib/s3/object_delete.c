/* SPDX-License-Identifier: MIT */
/* DeleteObject: 204 whether the key was there or not. */
#include "base/reason.h"
#include "codec/timefmt.h"
#include "s3/lock.h"
#include "s3/object.h"
#include "s3/version.h"

int s3_object_delete_parse(struct s3_req *q, struct s3_object_delete_in *in)
{
	struct span size = s3_header(q, "x-amz-if-match-size");
	struct span mtime = s3_header(q, "x-amz-if-match-last-modified-time");
	int64_t at_us;

	in->bypass = s3_lock_bypass(q);
	in->conditions.if_match = http_header_joined(q->http, "if-match");
	if (!span_absent(size)) {
		in->conditions.has_size = true;
		if (!span_to_u64(size, &in->conditions.size))
			return s3_fail_argument(&q->call, "x-amz-if-match-size", size, NULL);
	}
	if (!span_absent(mtime)) {
		in->conditions.has_mtime = true;
		if (!timefmt_parse_http(mtime, &at_us) && !timefmt_parse_iso8601(mtime, &at_us))
			return s3_fail_argument(
				&q->call, "x-amz-if-match-last-modified-time", mtime, NULL);
		in->conditions.mtime_s = at_us / 1000000;
	}
	return 0;
}

int s3_object_delete_run(struct s3_call *c, const struct s3_object_delete_in *in,
	struct s3_object_delete_out *out)
{
	struct meta_delete *d = arena_new_of(c->arena, struct meta_delete);
	struct err e;

	*d = (struct meta_delete){
		.key = c->key,
		.version = c->version,
		.conditions = &in->conditions,
		.owner_id = c->caller.user_id,
		.bypass = in->bypass,
	};
	if (svc_object_delete(c->svc, &c->bucket, d, &e) < 0) {
		s3_fail_err(c, &e);
		if (e.reason == REASON_LOCKED)
			c->fail.message = S3_LOCKED;
		return -1;
	}
	out->marker = d->marker;
	out->version = c->version;
	if (!c->version && d->marker)
		out->version = &d->made;
	return 0;
}

int s3_object_delete_render(struct s3_req *q, const struct s3_object_delete_out *out)
{
	if (out->marker)
		s3_add_delete_marker(q);
	if (out->version)
		s3_add_version_id(q, out->version);
	return s3_respond_empty(q, 204);
}
