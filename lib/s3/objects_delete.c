/* SPDX-License-Identifier: MIT */
/* DeleteObjects: up to 1,000 keys, each with a fate of its own inside one 200. */
#include "codec/timefmt.h"
#include "model/names.h"
#include "s3/body.h"
#include "s3/object.h"

enum { MAX_KEYS = 1000 };

/* ---- parse ---- */

static int fail_xml(struct s3_req *q)
{
	return s3_fail(&q->call, S3_MalformedXML, NULL);
}

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
		return fail_xml(q);
	if (!c->has_mtime)
		return 0;
	if (!timefmt_parse_iso8601(mtime, &at_us) && !timefmt_parse_http(mtime, &at_us))
		return fail_xml(q);
	c->mtime_s = at_us / 1000000;
	return 0;
}

static int parse_key(struct s3_req *q, const struct xml_node *node, struct s3_delete_key *k)
{
	k->key = xml_child_text(node, "Key");
	k->is_version = xml_child_text(node, "VersionId").n != 0;
	return span_absent(k->key) ? fail_xml(q) : parse_conditions(q, node, &k->conditions);
}

static int parse_quiet(struct s3_req *q, const struct xml_node *root, bool *quiet_r)
{
	struct span text = span_trim(xml_child_text(root, "Quiet"));

	*quiet_r = span_eq_ci(text, SPAN_LIT("true"));
	return text.n == 0 || *quiet_r || span_eq_ci(text, SPAN_LIT("false")) ? 0 : fail_xml(q);
}

int s3_objects_delete_parse(struct s3_req *q, struct s3_objects_delete_in *in)
{
	const struct xml_node *root, *node;

	if (s3_body_xml(q, S3_CHECKSUM_OF_BODY, "Delete", &root) < 0)
		return -1;
	if (!root || parse_quiet(q, root, &in->quiet) < 0)
		return fail_xml(q);
	in->keys = arena_array(q->call.arena, struct s3_delete_key, MAX_KEYS);
	for (node = xml_child(root, "Object"); node; node = xml_next_same(node)) {
		if (in->count == MAX_KEYS || parse_key(q, node, &in->keys[in->count++]) < 0)
			return fail_xml(q);
	}
	return in->count ? 0 : fail_xml(q);
}

/* ---- run ---- */

/* What can be said of a key without looking for it; S3_OK: look. */
static enum s3_code judge(const struct s3_delete_key *k)
{
	if (k->key.n == 0)
		return S3_UserKeyMustBeSpecified;
	if (k->key.n > NAME_KEY_MAX)
		return S3_KeyTooLongError;
	return k->is_version ? S3_NotImplemented : S3_OK;
}

static void judge_all(const struct s3_objects_delete_in *in, struct s3_delete_result *results,
	struct meta_delete *keys, size_t *n_r, int64_t owner_id)
{
	*n_r = 0;
	for (size_t i = 0; i < in->count; i++) {
		const struct s3_delete_key *k = &in->keys[i];

		results[i] = (struct s3_delete_result){k->key, judge(k)};
		if (results[i].code == S3_OK)
			keys[(*n_r)++] = (struct meta_delete){.key = k->key,
				.conditions = &k->conditions,
				.owner_id = owner_id};
	}
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
	judge_all(in, out->results, keys, &n, c->caller.user_id);
	if (svc_objects_delete(c->svc, &c->bucket, keys, n, &e) < 0) {
		c->fail.cause = e;
		failure = s3_code_of(&e);
	}
	for (size_t i = 0; i < out->count; i++) {
		if (out->results[i].code != S3_OK)
			continue;
		out->results[i].code = keys[at].refused ? S3_PreconditionFailed : failure;
		at++;
	}
	return 0;
}

/* ---- render ---- */

static void render_result(struct xmlw *w, const struct s3_delete_result *r, bool quiet)
{
	if (r->code == S3_OK && quiet)
		return;
	xmlw_open(w, r->code == S3_OK ? "Deleted" : "Error");
	xmlw_text(w, "Key", r->key);
	if (r->code != S3_OK) {
		xmlw_str(w, "Code", s3_code_name(r->code));
		xmlw_str(w, "Message", s3_code_message(r->code));
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
