/* SPDX-License-Identifier: MIT */
/* The rows of the operation tables as data. A row without an action or a handler does not
 * compile. */
#include "s3/op.h"

#include "s3/acl.h"
#include "s3/bucket.h"
#include "s3/copy.h"
#include "s3/config.h"
#include "s3/cors.h"
#include "s3/list.h"
#include "s3/lock.h"
#include "s3/multipart.h"
#include "s3/object_attributes.h"
#include "s3/object.h"
#include "s3/object_tagging.h"
#include "s3/req.h"
#include "s3/s3.h"
#include "s3/service.h"
#include "s3/unset.h"
#include "s3/versioning.h"

/* From a row's typed handlers to the untyped pointers of the table. */
#define ADAPT(id, handler) \
	static int id##_parse(struct s3_req *q, void *in) \
	{ \
		return s3_##handler##_parse(q, in); \
	} \
	static int id##_run(struct s3_call *c, const void *in, void *out) \
	{ \
		return s3_##handler##_run(c, in, out); \
	} \
	static int id##_render(struct s3_req *q, const void *out) \
	{ \
		return s3_##handler##_render(q, out); \
	}
#define OP(id, name, method, target, query, header, action, body, cap, handler) \
	ADAPT(id, handler)
#define UNSET(id, name, ...) ADAPT(id, unset)
#include "s3/operations.def"
#include "s3/unset.def"
#undef OP
#undef UNSET

#define ROW(id, name, method, target, query, header, action, body, cap, handler) \
	[S3_OP_##id] = {name, method, S3_##target, query, header, AUTHZ_##action, \
		S3_BODY_##body, cap, sizeof(struct s3_##handler##_in), \
		sizeof(struct s3_##handler##_out), id##_parse, id##_run, id##_render},
#define OP(...) ROW(__VA_ARGS__)
#define UNSET(id, name, target, query, action, ...) \
	ROW(id, name, "GET", target, query, "", action, NONE, 0, unset)

static const struct s3_op ops[S3_OP_COUNT] = {
	[S3_OP_NONE] = {.name = "None", .method = "", .query = "", .header = ""},
#include "s3/operations.def"
#include "s3/unset.def"
};
#undef OP
#undef UNSET

static const struct s3_unset unset_answers[S3_OP_COUNT] = {
#define OP(...)
#define UNSET(id, name, target, query, action, code, root, child, text) \
	[S3_OP_##id] = {S3_##code, root, child, text},
#include "s3/unset.def"
#undef OP
#undef UNSET
};

static const struct {
	bool is;
	enum authz_action action;
} versioned[S3_OP_COUNT] = {
#define VERSIONED(id, action) [S3_OP_##id] = {true, AUTHZ_##action},
#include "s3/versioned.def"
#undef VERSIONED
};

static const struct s3_refusal refusals[] = {
#define REFUSAL(method, target, query, header, code, message) \
	{method, S3_##target, query, header, S3_##code, message},
#include "s3/refusals.def"
#undef REFUSAL
};

static const char *const op_names[S3_OP_COUNT] = {
	"None",
#define OP(id, name, ...) name,
#define UNSET(id, name, ...) name,
#include "s3/operations.def"
#include "s3/unset.def"
#undef OP
#undef UNSET
};

const struct s3_op *s3_op_get(enum s3_op_id id)
{
	return &ops[id];
}

enum s3_op_id s3_op_id_of(const struct s3_op *op)
{
	return (enum s3_op_id)(op - ops);
}

bool s3_op_takes_version(const struct s3_op *op, enum authz_action *action_r)
{
	*action_r = versioned[s3_op_id_of(op)].action;
	return versioned[s3_op_id_of(op)].is;
}

const struct s3_unset *s3_unset_get(enum s3_op_id id)
{
	const struct s3_unset *u = &unset_answers[id];

	return u->code != S3_OK || u->root ? u : NULL;
}

const struct s3_refusal *s3_refusals(size_t *n_r)
{
	*n_r = sizeof(refusals) / sizeof(refusals[0]);
	return refusals;
}

const struct metrics_labels *s3_metrics_labels(void)
{
	static const struct metrics_labels labels = {
		.operations = op_names,
		.operation_count = S3_OP_COUNT,
		.codes = s3_code_names,
		.code_count = S3_CODE_COUNT,
	};

	return &labels;
}

static const char *const target_paths[S3_TARGET_COUNT] = {"/", "/{bucket}", "/{bucket}/{key}"};

static void manual_row(struct buf *out, const struct s3_op *op, const struct s3_unset *unset)
{
	enum authz_action of_version;

	buf_printf(out, "| %s | `%s %s%s%s`", op->name, op->method, target_paths[op->target],
		op->query[0] ? "?" : "", op->query);
	if (op->header[0])
		buf_printf(out, " with `%s`", op->header);
	buf_printf(out, " | `%s`", authz_action_name(op->action));
	if (s3_op_takes_version(op, &of_version) && of_version != op->action)
		buf_printf(out, ", with versionId `%s`", authz_action_name(of_version));
	buf_add_str(out, " | ");
	if (!unset)
		buf_add_str(out, "yes |\n");
	else if (unset->code != S3_OK)
		buf_printf(out, "never set: %s |\n", s3_code_name(unset->code));
	else
		buf_printf(out, "never set: empty %s |\n", unset->root);
}

static void manual_refusal(struct buf *out, const struct s3_refusal *r)
{
	buf_printf(out, "| %s | `%s%s%s`", r->method, target_paths[r->target],
		r->query[0] ? "?" : "", r->query);
	if (r->header[0])
		buf_printf(out, " with `%s`", r->header);
	buf_printf(out, " | %d %s |\n", s3_code_status(r->code), s3_code_name(r->code));
}

void s3_operations_manual(struct buf *out)
{
	buf_add_str(out,
		"# S3 operations\n\n"
		"Every run of the integration tests ends with the question whether each of these\n"
		"was answered as the page says: an operation that is available with success, one\n"
		"that is never set with that answer. The counts of the server tell, through nginx\n"
		"and through Apache.\n\n"
		"| Operation | Request | Action | Available |\n|---|---|---|---|\n");
	for (int id = S3_OP_NONE + 1; id < S3_OP_COUNT; id++)
		manual_row(out, &ops[id], s3_unset_get((enum s3_op_id)id));
	buf_add_str(
		out, "\nKnown and refused:\n\n| Method | Request | Answer |\n|---|---|---|\n");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		manual_refusal(out, &refusals[i]);
}
