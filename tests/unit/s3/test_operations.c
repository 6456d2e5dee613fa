/* SPDX-License-Identifier: MIT */
/* Every row of the tables is exercised, and the tables agree with themselves. */
#include "tests/unit/s3/form.h"

/* {id} becomes the upload made last. */
struct scenario {
	enum s3_op_id op;
	const char *target, *body;
	int status;
};

#define ETAG_OF_HELLO "5d41402abc4b2a76b9719d911017c592"
#define ONE_PART \
	"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" ETAG_OF_HELLO \
	"</ETag></Part></CompleteMultipartUpload>"

#define ENABLED "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
#define LOCK_CONFIGURATION \
	"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>" \
	"</ObjectLockConfiguration>"
#define RETENTION \
	"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2999-01-01T00:00:00Z" \
	"</RetainUntilDate></Retention>"
#define SUSPENDED \
	"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"

#define ANY_ORIGIN \
	"<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>" \
	"<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
#define ONE_TAG "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
#define OWNER_PAYS \
	"<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
#define NOT_ACCELERATED \
	"<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>"

static const struct scenario scenarios[] = {
	{S3_OP_CREATE_BUCKET, "/tbl", NULL, 200},
	{S3_OP_PUT_BUCKET_CORS, "/tbl?cors", ANY_ORIGIN, 200},
	{S3_OP_GET_BUCKET_CORS, "/tbl?cors", NULL, 200},
	{S3_OP_OPTIONS_BUCKET, "/tbl", NULL, 200},
	{S3_OP_OPTIONS_OBJECT, "/tbl/key", NULL, 200},
	{S3_OP_DELETE_BUCKET_CORS, "/tbl?cors", NULL, 204},
	{S3_OP_PUT_BUCKET_TAGGING, "/tbl?tagging", ONE_TAG, 204},
	{S3_OP_GET_BUCKET_TAGGING, "/tbl?tagging", NULL, 200},
	{S3_OP_DELETE_BUCKET_TAGGING, "/tbl?tagging", NULL, 204},
	{S3_OP_PUT_BUCKET_REQUEST_PAYMENT, "/tbl?requestPayment", OWNER_PAYS, 200},
	{S3_OP_GET_BUCKET_REQUEST_PAYMENT, "/tbl?requestPayment", NULL, 200},
	{S3_OP_PUT_BUCKET_ACCELERATE, "/tbl?accelerate", NOT_ACCELERATED, 200},
	{S3_OP_GET_BUCKET_ACCELERATE, "/tbl?accelerate", NULL, 200},
	{S3_OP_LIST_BUCKETS, "/", NULL, 200},
	{S3_OP_HEAD_BUCKET, "/tbl", NULL, 200},
	{S3_OP_GET_BUCKET_LOCATION, "/tbl?location", NULL, 200},
	{S3_OP_GET_BUCKET_ACL, "/tbl?acl", NULL, 200},
	{S3_OP_POST_OBJECT, "/tbl", NULL, 204},
	{S3_OP_PUT_OBJECT, "/tbl/key", "hello", 200},
	{S3_OP_GET_OBJECT, "/tbl/key", NULL, 200},
	{S3_OP_HEAD_OBJECT, "/tbl/key", NULL, 200},
	{S3_OP_GET_OBJECT_ACL, "/tbl/key?acl", NULL, 200},
	{S3_OP_PUT_OBJECT_TAGGING, "/tbl/key?tagging",
		"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
		200},
	{S3_OP_GET_OBJECT_TAGGING, "/tbl/key?tagging", NULL, 200},
	{S3_OP_DELETE_OBJECT_TAGGING, "/tbl/key?tagging", NULL, 204},
	{S3_OP_CREATE_BUCKET, "/worm", NULL, 200},
	{S3_OP_PUT_BUCKET_VERSIONING, "/worm?versioning", ENABLED, 200},
	{S3_OP_PUT_OBJECT_LOCK_CONFIGURATION, "/worm?object-lock", LOCK_CONFIGURATION, 200},
	{S3_OP_GET_OBJECT_LOCK_CONFIGURATION, "/worm?object-lock", NULL, 200},
	{S3_OP_PUT_OBJECT, "/worm/key", "hello", 200},
	{S3_OP_PUT_OBJECT_RETENTION, "/worm/key?retention", RETENTION, 200},
	{S3_OP_GET_OBJECT_RETENTION, "/worm/key?retention", NULL, 200},
	{S3_OP_PUT_OBJECT_LEGAL_HOLD, "/worm/key?legal-hold",
		"<LegalHold><Status>ON</Status></LegalHold>", 200},
	{S3_OP_GET_OBJECT_LEGAL_HOLD, "/worm/key?legal-hold", NULL, 200},
	{S3_OP_LIST_OBJECTS, "/tbl", NULL, 200},
	{S3_OP_GET_BUCKET_VERSIONING, "/tbl?versioning", NULL, 200},
	{S3_OP_LIST_OBJECT_VERSIONS, "/tbl?versions", NULL, 200},
	{S3_OP_LIST_OBJECTS_V2, "/tbl?list-type=2", NULL, 200},
	{S3_OP_CREATE_MULTIPART_UPLOAD, "/tbl/big?uploads", NULL, 200},
	{S3_OP_UPLOAD_PART, "/tbl/big?partNumber=1&uploadId={id}", "hello", 200},
	{S3_OP_COPY_OBJECT, "/tbl/big", NULL, 200},
	{S3_OP_UPLOAD_PART_COPY, "/tbl/big?partNumber=2&uploadId={id}", NULL, 200},
	{S3_OP_GET_OBJECT_ATTRIBUTES, "/tbl/key?attributes", NULL, 200},
	{S3_OP_RESTORE_OBJECT, "/tbl/key?restore", "<RestoreRequest/>", 403},
	{S3_OP_LIST_PARTS, "/tbl/big?uploadId={id}", NULL, 200},
	{S3_OP_LIST_MULTIPART_UPLOADS, "/tbl?uploads", NULL, 200},
	{S3_OP_COMPLETE_MULTIPART_UPLOAD, "/tbl/big?uploadId={id}", ONE_PART, 200},
	{S3_OP_CREATE_MULTIPART_UPLOAD, "/tbl/big?uploads", NULL, 200},
	{S3_OP_ABORT_MULTIPART_UPLOAD, "/tbl/big?uploadId={id}", NULL, 204},
	{S3_OP_DELETE_OBJECTS, "/tbl?delete",
		"<Delete><Object><Key>big</Key></Object></Delete>", 200},
};
static const struct scenario last_scenarios[] = {
	{S3_OP_DELETE_OBJECT, "/tbl/key", NULL, 204},
	{S3_OP_PUT_BUCKET_VERSIONING, "/tbl?versioning", SUSPENDED, 200},
	{S3_OP_DELETE_BUCKET, "/tbl", NULL, 204},
};

static const char *with_id(struct ask *q, const char *target, const char *id)
{
	struct span text = span_str(target);
	ptrdiff_t at = span_find(text, SPAN_LIT("{id}"));

	if (at < 0)
		return target;
	return arena_printf(q->rig->arena, "%.*s%s", (int)at, target, id);
}

/* What an operation cannot be asked for without. */
static void add_needed(struct ask *q, const struct s3_op *op)
{
	static const struct {
		enum s3_op_id op;
		const char *name, *value;
	} needed[] = {
		{S3_OP_COPY_OBJECT, "x-amz-copy-source", "/tbl/key"},
		{S3_OP_UPLOAD_PART_COPY, "x-amz-copy-source", "/tbl/key"},
		{S3_OP_GET_OBJECT_ATTRIBUTES, "x-amz-object-attributes", "ETag"},
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (op == s3_op_get(needed[i].op))
			ask_header(q, needed[i].name, needed[i].value);
}

/* PostObject is known by its body. */
static void ask_begin_op(
	struct ask *q, struct rig *r, enum who who, const struct s3_op *op, const char *target)
{
	struct form form = {.signature = who == NOBODY ? FORM_UNSIGNED : FORM_V4};

	ask_begin(q, r, who, op->method, target);
	add_needed(q, op);
	if (op == s3_op_get(S3_OP_POST_OBJECT))
		ask_form(q, &form);
}

/* What it answers when nothing is wrong with the request. */
static enum s3_code code_of(enum s3_op_id id)
{
	const struct s3_unset *u = s3_unset_get(id);

	if (id == S3_OP_RESTORE_OBJECT)
		return S3_InvalidObjectState;
	return u ? u->code : S3_OK;
}

static void play(struct rig *r, const struct scenario *s, size_t n, const char **id)
{
	for (size_t i = 0; i < n; i++) {
		struct ask q = {.rig = r};
		const char *target = with_id(&q, s[i].target, *id);

		ask_begin_op(&q, r, ANN, s3_op_get(s[i].op), target);
		if (s[i].body)
			ask_body(&q, s[i].body);
		if (s3_op_get(s[i].op)->action == AUTHZ_PREFLIGHT) {
			ask_header(&q, "origin", "http://a.example");
			ask_header(&q, "access-control-request-method", "GET");
		}
		ask_expect(&q, s[i].status,
			code_of(s[i].op) == S3_OK ? "" : s3_code_name(code_of(s[i].op)));
		if (s[i].op == S3_OP_CREATE_MULTIPART_UPLOAD)
			*id = arena_strndup(r->arena, ask_element(&q, "UploadId"));
		ask_end(&q);
	}
}

static const char *target_of(struct rig *r, enum s3_target_kind kind, const char *query)
{
	static const char *const paths[S3_TARGET_COUNT] = {"/", "/tbl", "/tbl/key"};

	return arena_printf(r->arena, "%s%s%s", paths[kind], query[0] ? "?" : "", query);
}

static void read_unset(struct rig *r, enum s3_op_id id)
{
	const struct s3_unset *u = s3_unset_get(id);
	const struct s3_op *op = s3_op_get(id);
	struct ask q;

	ask_begin(&q, r, ANN, op->method, target_of(r, op->target, op->query));
	ask_expect(&q, s3_code_status(u->code), u->code == S3_OK ? "" : s3_code_name(u->code));
	if (u->root)
		assert_true(ask_has(&q, arena_printf(r->arena, "<%s xmlns=", u->root)));
	if (u->child)
		assert_span_eq(ask_element(&q, u->child), u->text);
	ask_end(&q);
}

static void assert_counted(struct rig *r, enum s3_op_id id)
{
	const char *label = arena_printf(r->arena, "{operation=\"%s\",code=\"%s\"}",
		s3_op_get(id)->name, s3_code_name(code_of(id)));
	BUF_AUTO struct buf out;

	buf_init(&out, 1 << 20);
	metrics_write(r->metrics, &out);
	if (span_find(buf_span(&out), span_str(label)) < 0)
		fail_msg("no request has been counted as %s: add a scenario", label);
}

static void every_operation_of_the_table_works_and_is_counted(void **state)
{
	struct rig *r = *state;
	const char *id = "";

	play(r, scenarios, sizeof(scenarios) / sizeof(scenarios[0]), &id);
	for (int op = S3_OP_NONE + 1; op < S3_OP_COUNT; op++)
		if (s3_unset_get((enum s3_op_id)op))
			read_unset(r, (enum s3_op_id)op);
	play(r, last_scenarios, sizeof(last_scenarios) / sizeof(last_scenarios[0]), &id);
	for (int op = S3_OP_NONE + 1; op < S3_OP_COUNT; op++)
		assert_counted(r, (enum s3_op_id)op);
}

static void every_refusal_of_the_table_is_given(void **state)
{
	struct rig *r = *state;
	size_t n;
	const struct s3_refusal *rows = s3_refusals(&n);

	rig_expect(r, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/key", "hello", 200, "");
	for (size_t i = 0; i < n; i++) {
		const char *method = rows[i].method[0] == '*' ? "DELETE" : rows[i].method;
		struct ask q;

		ask_begin(&q, r, ANN, method, target_of(r, rows[i].target, rows[i].query));
		if (rows[i].header[0])
			ask_header(&q, rows[i].header, "value");
		ask_expect(&q, s3_code_status(rows[i].code), s3_code_name(rows[i].code));
		ask_end(&q);
	}
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 200, "");
}

static void expect_op(
	struct rig *r, enum who who, const struct s3_op *op, int status, const char *code)
{
	struct ask q;

	ask_begin_op(&q, r, who, op, target_of(r, op->target, op->query));
	ask_expect(&q, status, code);
	ask_end(&q);
}

static void nobody_else_may_do_any_operation(void **state)
{
	struct rig *r = *state;

	rig_expect(r, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect(r, ANN, "PUT", "/tbl/key", "hello", 200, "");
	for (int id = S3_OP_NONE + 1; id < S3_OP_COUNT; id++) {
		const struct s3_op *op = s3_op_get((enum s3_op_id)id);
		bool on_bucket = op->target != S3_SERVICE && id != S3_OP_CREATE_BUCKET;
		const char *code = strcmp(op->method, "HEAD") == 0 ? "" : "AccessDenied";

		if (op->action == AUTHZ_PREFLIGHT) /* anybody may ask */
			continue;
		if (on_bucket)
			expect_op(r, CLEO, op, 403, code);
		if (on_bucket && code[0])
			expect_op(r, BEN, op, 404, "NoSuchBucket");
		expect_op(r, NOBODY, op, on_bucket ? 404 : 403,
			on_bucket ? (code[0] ? "NoSuchBucket" : "") : "AccessDenied");
	}
	rig_expect(r, ANN, "GET", "/tbl/key", NULL, 200, "");
}

static void the_manual_names_every_operation(void **state)
{
	BUF_AUTO struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	s3_operations_manual(&out);
	assert_true(buf_ok(&out));
	for (int id = S3_OP_NONE + 1; id < S3_OP_COUNT; id++)
		assert_true(span_find(buf_span(&out),
				    span_str(s3_op_get((enum s3_op_id)id)->name)) > 0);
}

static void no_two_operations_answer_the_same_request(void **state)
{
	(void)state;
	for (int a = S3_OP_NONE + 1; a < S3_OP_COUNT; a++)
		for (int b = a + 1; b < S3_OP_COUNT; b++) {
			const struct s3_op *x = s3_op_get((enum s3_op_id)a),
					   *y = s3_op_get((enum s3_op_id)b);

			if (x->target == y->target && strcmp(x->method, y->method) == 0 &&
				strcmp(x->query, y->query) == 0 &&
				strcmp(x->header, y->header) == 0)
				fail_msg("%s and %s", x->name, y->name);
		}
}

#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_operation_of_the_table_works_and_is_counted),
		T(every_refusal_of_the_table_is_given),
		T(nobody_else_may_do_any_operation),
		cmocka_unit_test(the_manual_names_every_operation),
		cmocka_unit_test(no_two_operations_answer_the_same_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
