/* SPDX-License-Identifier: MIT */
/* DeleteObjects: up to 1,000 keys, each with a fate of its own inside one 200. */
#include "codec/timefmt.h"
#include "model/names.h"
#include "s3/body.h"
#include "s3/lock.h"
#include "s3/object.h"
#include "s3/version.h"

enum { MAX_KEYS = 1000 };

/* ---- parse ---- */

static int parse_conditions(
	struct s3_req *q, const struct xml_node *node, struct write_conditions *c)
{
	struct span size = xml_child_text(node, "Size"),
		    mtime = xml_child_text(node, "LastModifiedTime");
	int64_t at_us;

	c->if_match = xml_child_text(node, "ETag");
	c->has_size = !span_absent(size);
	c->has_mtime = !span_absent(mtime);
	if (c->has_size && !span_to_u64(span_trim(size), &c->size))
		return s3_fail_xml(q);
	if (!c->has_mtime)
		return 0;
	if (!timefmt_parse_iso8601(mtime, &at_us) && !timefmt_parse_http(mtime, &at_us))
		return s3_fail_xml(q);
	c->mtime_s = at_us / 1000000;
	return 0;
}

static int parse_key(struct s3_req *q, const struct xml_node *node, struct s3_delete_key *k)
{
	k->key = xml_child_text(node, "Key");
	k->version_id = xml_child_text(node, "VersionId");
	if (span_absent(k->key) ||
		!xml_has_only(node, "Key|VersionId|ETag|LastModifiedTime|Size"))
		return s3_fail_xml(q);
	return parse_conditions(q, node, &k->conditions);
}

static int parse_quiet(struct s3_req *q, const struct xml_node *root, bool *quiet_r)
{
	struct span text = span_trim(xml_child_text(root, "Quiet"));

	*quiet_r = span_eq_ci(text, SPAN_LIT("true"));
	return text.n == 0 || *quiet_r || span_eq_ci(text, SPAN_LIT("false")) ? 0 : s3_fail_xml(q);
}

int s3_objects_delete_parse(struct s3_req *q, struct s3_objects_delete_in *in)
{
	const struct xml_node *root, *node;

	in->bypass = s3_lock_bypass(q);
	if (s3_body_document(q, "Delete", &root) < 0 || parse_quiet(q, root, &in->quiet) < 0)
		return -1;
	in->keys = arena_array(q->call.arena, struct s3_delete_key, MAX_KEYS);
	for (node = xml_child(root, "Object"); node; node = xml_next_same(node)) {
		if (in->count == MAX_KEYS)
			return s3_fail_xml(q);
		if (parse_key(q, node, &in->keys[in->count++]) < 0)
			return -1;
	}
	return in->count ? 0 : s3_fail_xml(q);
}

/* ---- run ---- */

/* What can be said of a key without looking for it; S3_OK: look. *v_r: the version that it
 * names. */
static enum s3_code judge(const struct s3_delete_key *k, struct version_id *v_r)
{
	if (k->key.n == 0)
		return S3_UserKeyMustBeSpecified;
	if (k->key.n > NAME_KEY_MAX)
		return S3_KeyTooLongError;
	return k->version_id.n == 0 || version_id_parse(k->version_id, v_r)
		? S3_OK
		: S3_InvalidArgument;
}

static void judge_all(struct s3_call *c, const struct s3_objects_delete_in *in,
	struct s3_delete_result *results, struct meta_delete *keys, size_t *n_r)
{
	struct version_id *named = arena_array(c->arena, struct version_id, in->count);

	*n_r = 0;
	for (size_t i = 0; i < in->count; i++) {
		const struct s3_delete_key *k = &in->keys[i];

		results[i] = (struct s3_delete_result){.of = k, .code = judge(k, &named[i])};
		if (results[i].code == S3_OK)
			keys[(*n_r)++] = (struct meta_delete){
				.key = k->key,
				.version = k->version_id.n ? &named[i] : NULL,
				.conditions = &k->conditions,
				.owner_id = c->caller.user_id,
				.bypass = in->bypass,
			};
	}
}

static void take_fate(struct s3_delete_result *r, const struct meta_delete *d)
{
	r->code = d->refused ? S3_PreconditionFailed : d->locked ? S3_AccessDenied : S3_OK;
	r->marker = d->marker;
	if (d->marker)
		r->marker_id = d->version ? *d->version : d->made;
}

int s3_objects_delete_run(struct s3_call *c, const struct s3_objects_delete_in *in,
	struct s3_objects_delete_out *out)
{
	struct meta_delete *keys = arena_array(c->arena, struct meta_delete, in->count);
	enum s3_code failure = S3_OK;
	size_t n, at = 0;
	struct err e;

	out->quiet = in->quiet;
	out->count = in->count;
	out->results = arena_array(c->arena, struct s3_delete_result, in->count);
	judge_all(c, in, out->results, keys, &n);
	if (svc_objects_delete(c->svc, &c->bucket, keys, n, &e) < 0) {
		c->fail.cause = e;
		failure = s3_code_of(&e);
	}
	for (size_t i = 0; i < out->count; i++) {
		if (out->results[i].code != S3_OK)
			continue;
		if (failure == S3_OK)
			take_fate(&out->results[i], &keys[at++]);
		else
			out->results[i].code = failure;
	}
	return 0;
}

/* ---- render ---- */

static void render_marker(struct xmlw *w, const struct s3_delete_result *r)
{
	char id[VERSION_ID_LEN + 1];

	if (!r->marker)
		return;
	version_id_format(id, &r->marker_id);
	xmlw_bool(w, "DeleteMarker", true);
	xmlw_str(w, "DeleteMarkerVersionId", id);
}

/* Of this operation, these two can have one cause only. */
static const char *message_of(const struct s3_delete_result *r)
{
	if (r->code == S3_InvalidArgument)
		return S3_BAD_VERSION;
	return r->code == S3_AccessDenied ? S3_LOCKED : s3_code_message(r->code);
}

static void render_result(struct xmlw *w, const struct s3_delete_result *r, bool quiet)
{
	if (r->code == S3_OK && quiet)
		return;
	xmlw_open(w, r->code == S3_OK ? "Deleted" : "Error");
	xmlw_text(w, "Key", r->of->key);
	if (r->of->version_id.n)
		xmlw_text(w, "VersionId", r->of->version_id);
	if (r->code == S3_OK) {
		render_marker(w, r);
	} else {
		xmlw_str(w, "Code", s3_code_name(r->code));
		xmlw_str(w, "Message", message_of(r));
	}
	xmlw_close(w);
}

int s3_objects_delete_render(struct s3_req *q, const struct s3_objects_delete_out *out)
{
	BUF_AUTO struct buf doc;
	struct xmlw w;

	s3_xml_begin(&w, &doc, "DeleteResult");
	for (size_t i = 0; i < out->count; i++)
		render_result(&w, &out->results[i], out->quiet);
	xmlw_close(&w);
	return s3_respond_xml(q, 200, &doc);
}
