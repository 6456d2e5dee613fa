/* SPDX-License-Identifier: MIT */
/* PostObject: what a form stores, what is answered, and every way in which one is refused. */
#include "tests/unit/s3/form.h"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/bkt", NULL, 200, "");
	return 0;
}

/* What the message has to hold; "" when nothing is to be checked. */
struct form_row {
	const char *name;
	struct form form;
	int status;
	const char *code, *message;
};

static void send_form(struct rig *r, const struct form_row *row)
{
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_form(&q, &row->form);
	ask_send(&q);
	if (q.d.status != row->status || strcmp(ask_code(&q), row->code) != 0)
		fail_msg("%s: %d %s, not %d %s: %.*s", row->name, q.d.status, ask_code(&q),
			row->status, row->code, SPAN_FMT(ask_response(&q)));
	if (row->message && !ask_has(&q, row->message))
		fail_msg("%s: no %s in %.*s", row->name, row->message,
			SPAN_FMT(ask_response(&q)));
	ask_end(&q);
}

#define send_forms(r, rows) \
	do { \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++) \
			send_form(r, &(rows)[i_]); \
	} while (0)

/* The object is there, with that content; NULL: it is not. */
static void expect_object(struct rig *r, const char *key, const char *content)
{
	struct ask q;

	ask_begin(&q, r, ANN, "GET", arena_printf(r->arena, "/bkt/%s", key));
	ask_expect(&q, content ? 200 : 404, content ? "" : "NoSuchKey");
	if (content)
		assert_span_eq(ask_response(&q), content);
	ask_end(&q);
}

/* ---- what is stored ---- */

static void a_form_stores_its_file(void **state)
{
	static const struct form_row rows[] = {
		{"version 4", {.fields = "key=v4"}, 204, "", NULL},
		{"version 2", {.fields = "key=v2", .signature = FORM_V2}, 204, "", NULL},
		{"an empty file", {.fields = "key=empty", .file = ""}, 204, "", NULL},
		{"a name",
			{.fields = "key=up/${filename}.${filename}",
				.filename = "C:\\d\\n.x",
				.conditions = "{\"bucket\": \"bkt\"}, [\"starts-with\", "
					      "\"$key\", \"up/n.x\"], "
					      "[\"starts-with\", \"$x-amz-credential\", \"\"], "
					      "[\"starts-with\", \"$x-amz-algorithm\", \"\"], "
					      "[\"starts-with\", \"$x-amz-date\", \"\"]"},
			204, "", NULL},
		{"names of any case", {.fields = "KEY=case\nX-Amz-Meta-Color=red"}, 204, "",
			NULL},
		{"what is behind the file",
			{.fields = "key=behind",
				.behind = "--frontier\r\nContent-Disposition: form-data; "
					  "name=\"acl\"\r\n\r\npublic-read\r\n--frontier--"},
			204, "", NULL},
		{"ignored fields twice", {.fields = "key=twice\nx-ignore-a=1\nx-ignore-a=2"},
			204, "", NULL},
	};
	struct rig *r = *state;

	send_forms(r, rows);
	expect_object(r, "v4", "hello");
	expect_object(r, "v2", "hello");
	expect_object(r, "empty", "");
	expect_object(r, "up/n.x.n.x", "hello");
	expect_object(r, "case", "hello");
	expect_object(r, "behind", "hello");
}

static void fields_describe_the_object(void **state)
{
	static const struct form form = {
		.fields = "key=described\nContent-Type=image/x\nCache-Control=no-store\n"
			  "Content-Disposition=inline\nContent-Encoding=gzip\nacl=private\n"
			  "x-amz-storage-class=STANDARD\nx-amz-meta-Color=red, blue\n"
			  "x-amz-checksum-crc32=NhCmhg==\nx-amz-checksum-algorithm=CRC32\n"
			  "x-amz-website-redirect-location=/other"};
	static const struct {
		const char *name, *value;
	} headers[] = {{"content-type", "image/x"}, {"cache-control", "no-store"},
		{"content-disposition", "inline"}, {"content-encoding", "gzip"},
		{"x-amz-meta-color", "red, blue"}, {"x-amz-checksum-crc32", "NhCmhg=="},
		{"x-amz-website-redirect-location", "/other"}};
	struct rig *r = *state;
	struct ask q;

	/* none of these is about the object */
	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_header(&q, "x-amz-meta-other", "1");
	ask_header(&q, "content-language", "de");
	ask_header(&q, "x-amz-acl", "public-read");
	ask_form(&q, &form);
	ask_expect(&q, 204, "");
	assert_span_eq(ask_response_header(&q, "x-amz-checksum-crc32"), "NhCmhg==");
	assert_true(q.d.entered_transfer);
	ask_end(&q);
	ask_begin(&q, r, ANN, "HEAD", "/bkt/described");
	ask_header(&q, "x-amz-checksum-mode", "ENABLED");
	ask_expect(&q, 200, "");
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		assert_span_eq(ask_response_header(&q, headers[i].name), headers[i].value);
	assert_true(span_absent(ask_response_header(&q, "x-amz-meta-other")));
	assert_true(span_absent(ask_response_header(&q, "content-language")));
	ask_end(&q);
}

static void the_type_of_the_part_is_not_that_of_the_object(void **state)
{
	struct rig *r = *state;
	struct ask q;

	send_form(r, &(struct form_row){"no type", {.file = "x"}, 204, "", NULL});
	ask_begin(&q, r, ANN, "HEAD", "/bkt/key");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "content-type"), "binary/octet-stream");
	ask_end(&q);
}

/* ---- what is answered ---- */

#define ETAG "5d41402abc4b2a76b9719d911017c592"
#define STORED "bucket=bkt&key=a%20b%2Fc&etag=%22" ETAG "%22"
#define HERE "http://localhost:8000/bkt/a%20b/c"

static void the_form_chooses_the_answer(void **state)
{
	static const struct {
		const char *fields;
		int status;
		const char *location;
	} rows[] = {
		{"", 204, HERE},
		{"\nsuccess_action_status=200", 200, HERE},
		{"\nsuccess_action_status=201", 201, HERE},
		{"\nsuccess_action_status=204", 204, HERE},
		{"\nsuccess_action_status=404", 204, HERE},
		{"\nsuccess_action_status=", 204, HERE},
		{"\nsuccess_action_redirect=https://example.com", 303,
			"https://example.com?" STORED},
		{"\nredirect=http://example.com/a?b=c", 303,
			"http://example.com/a?b=c&" STORED},
		{"\nsuccess_action_redirect=HTTP://h/#part\nsuccess_action_status=200", 303,
			"HTTP://h/?" STORED "#part"},
		{"\nsuccess_action_redirect=/relative\nsuccess_action_status=200", 200, HERE},
		{"\nsuccess_action_redirect=/relative\nredirect=http://h/", 303,
			"http://h/?" STORED},
		{"\nsuccess_action_redirect=javascript:alert(1)", 204, HERE},
		{"\nsuccess_action_redirect=https://", 204, HERE},
		{"\nsuccess_action_redirect=https:///a", 204, HERE},
		{"\nsuccess_action_redirect=https://h/a b", 204, HERE},
		{"\nsuccess_action_redirect=https://h/a\rSet-Cookie: a", 204, HERE},
		{"\nsuccess_action_redirect=https://h/\xc3\xa9", 204, HERE},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form form = {
			.fields = arena_printf(r->arena, "key=a b/c%s", rows[i].fields),
			.conditions =
				"{\"bucket\": \"bkt\"}, [\"starts-with\", \"$key\", \"\"]",
			.signature = FORM_V2};
		struct ask q;

		if (rows[i].fields[0])
			form.conditions = NULL;
		if (strchr(rows[i].fields, '\r'))
			form.conditions =
				"{\"bucket\": \"bkt\"}, [\"starts-with\", \"$key\", \"\"], "
				"[\"starts-with\", \"$success_action_redirect\", \"\"]";
		ask_begin(&q, r, ANN, "POST", "/bkt");
		ask_form(&q, &form);
		ask_expect(&q, rows[i].status, "");
		assert_span_eq(ask_response_header(&q, "location"), rows[i].location);
		assert_span_eq(ask_response_header(&q, "etag"), "\"" ETAG "\"");
		assert_int_equal(ask_response(&q).n > 0, rows[i].status == 201);
		ask_end(&q);
	}
}

static void a_created_object_is_described(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/");
	q.host = "bkt.example.com";
	q.d.req.path = SPAN_LIT("/bkt"); /* for the condition */
	ask_form(&q,
		&(struct form){
			.fields = "key=<&>\nsuccess_action_status=201", .signature = FORM_V2});
	q.d.req.path = SPAN_LIT("/");
	ask_expect(&q, 201, "");
	assert_span_eq(ask_element(&q, "Location"), "http://bkt.example.com/%3C%26%3E");
	assert_span_eq(ask_element(&q, "Bucket"), "bkt");
	assert_span_eq(ask_element(&q, "Key"), "&lt;&amp;&gt;");
	assert_span_eq(ask_element(&q, "ETag"), "&quot;" ETAG "&quot;");
	assert_true(ask_has(&q, "<PostResponse>"));
	ask_end(&q);
}

/* ---- refusals ---- */

static void forms_that_are_none(void **state)
{
	static const struct {
		const char *type;
		int status;
		const char *code;
	} rows[] = {
		{"application/x-www-form-urlencoded", 412, "PreconditionFailed"},
		{"text/plain; boundary=frontier", 412, "PreconditionFailed"},
		{"multipart/form-data", 400, "MalformedPOSTRequest"},
		{"multipart/form-data; boundary=\"\"", 400, "MalformedPOSTRequest"},
		{"multipart/form-data; boundary=other", 400, "MalformedPOSTRequest"},
		{"multipart/form-data; boundary=frontier", 204, ""},
	};
	struct rig *r = *state;
	struct ask q;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask_begin(&q, r, ANN, "POST", "/bkt");
		ask_header(&q, "content-type", rows[i].type);
		ask_form(&q, &(struct form){.fields = NULL});
		ask_expect(&q, rows[i].status, rows[i].code);
		ask_end(&q);
	}
	rig_expect(r, NOBODY, "POST", "/bkt", "x", 412, "PreconditionFailed");
}

static void refused_forms(void **state)
{
	static const struct form_row rows[] = {
		{"no file", {.no_file = true}, 400, "IncorrectNumberOfFilesInPostRequest",
			NULL},
		{"no key", {.fields = "a=b"}, 400, "InvalidArgument", "field named"},
		{"an empty key", {.fields = "key="}, 400, "UserKeyMustBeSpecified", NULL},
		{"an empty name for a key", {.fields = "key=${filename}", .filename = "dir/"},
			400, "UserKeyMustBeSpecified", NULL},
		{"a field twice", {.fields = "key=a\nKey=b"}, 400, "InvalidArgument",
			"only once"},
		{"not UTF-8", {.fields = "key=\xff"}, 400, "MalformedPOSTRequest", NULL},
		{"cut off", {.behind = "--frontier\r\n"}, 400, "MalformedPOSTRequest", NULL},
		{"a control character",
			{.fields = "key=k\nContent-Type=a\x01",
				.conditions = "{\"key\": \"k\"}"},
			400, "InvalidArgument", NULL},
		{"unsigned", {.signature = FORM_UNSIGNED}, 404, "NoSuchBucket", NULL},
		/* signatures */
		{"no policy", {.without = "policy"}, 400, "InvalidArgument", "policy"},
		{"no policy, V2", {.without = "policy", .signature = FORM_V2}, 400,
			"InvalidArgument", "policy"},
		{"no signature", {.without = "x-amz-signature"}, 400, "InvalidArgument",
			"X-Amz-Signature"},
		{"no credential", {.without = "x-amz-credential"}, 400, "InvalidArgument",
			"X-Amz-Credential"},
		{"no algorithm", {.without = "x-amz-algorithm"}, 400, "InvalidArgument",
			"X-Amz-Algorithm"},
		{"no date", {.without = "x-amz-date"}, 400, "InvalidArgument", "X-Amz-Date"},
		{"no signature, V2", {.without = "signature", .signature = FORM_V2}, 400,
			"InvalidArgument", "Signature"},
		{"no key id, V2", {.without = "AWSAccessKeyId", .signature = FORM_V2}, 400,
			"InvalidArgument", "AWSAccessKeyId"},
		{"wrong signature", {.instead = "x-amz-signature=00"}, 403,
			"SignatureDoesNotMatch", "<StringToSign>"},
		{"wrong signature, V2", {.instead = "signature=aaaa", .signature = FORM_V2},
			403, "SignatureDoesNotMatch", NULL},
		{"another policy", {.instead = "policy=e30="}, 403, "SignatureDoesNotMatch",
			NULL},
		{"unknown key",
			{.instead = "x-amz-credential=AKIAX/20251124/us-east-1/s3/"
				    "aws4_request"},
			403, "InvalidAccessKeyId", "<AWSAccessKeyId>AKIAX<"},
		{"unknown key, V2", {.instead = "AWSAccessKeyId=AKIAX", .signature = FORM_V2},
			403, "InvalidAccessKeyId", NULL},
		{"algorithm", {.instead = "x-amz-algorithm=AWS4"}, 400,
			"AuthorizationQueryParametersError", NULL},
		{"credential", {.instead = "x-amz-credential=a/b"}, 400,
			"AuthorizationQueryParametersError", NULL},
		{"region", {.instead = "x-amz-credential=A/20251124/mars/s3/aws4_request"}, 400,
			"AuthorizationQueryParametersError", "<Region>us-east-1<"},
		{"date", {.instead = "x-amz-date=yesterday"}, 400,
			"AuthorizationQueryParametersError", NULL},
		{"another day", {.instead = "x-amz-date=20251123T000000Z"}, 400,
			"AuthorizationQueryParametersError", NULL},
		{"session token", {.fields = "key=k\nx-amz-security-token=t"}, 400,
			"InvalidToken", "<Token-0>t<"},
		/* policies */
		{"no JSON", {.policy = "{"}, 400, "InvalidPolicyDocument", "Invalid JSON"},
		{"no conditions", {.policy = "{\"expiration\": \"2026-01-01T00:00:00Z\"}"}, 400,
			"InvalidPolicyDocument", "missing conditions"},
		{"expired", {.expiration = "2025-11-24T00:00:00Z"}, 403, "AccessDenied",
			"Invalid according to Policy: Policy expired."},
		{"uncovered", {.conditions = "{\"bucket\": \"bkt\"}, {\"key\": \"key\"}"}, 403,
			"AccessDenied",
			"Extra input fields: x-amz-algorithm, x-amz-credential, x-amz-date"},
		{"bucket uncovered", {.conditions = "{\"key\": \"key\"}", .signature = FORM_V2},
			403, "AccessDenied", "Extra input fields: bucket"},
		{"another bucket",
			{.conditions = "{\"key\": \"key\"}, {\"bucket\": \"other\"}",
				.signature = FORM_V2},
			403, "AccessDenied", "Policy Condition failed"},
		{"another bucket sent",
			{.fields = "key=key\nbucket=other",
				.conditions = "{\"key\": \"key\"}, [\"starts-with\", "
					      "\"$bucket\", \"\"]",
				.signature = FORM_V2},
			403, "AccessDenied", "Policy Condition failed"},
		{"unmet",
			{.conditions = "{\"bucket\": \"bkt\"}, [\"starts-with\", \"$key\", "
				       "\"a/\"]",
				.signature = FORM_V2},
			403, "AccessDenied",
			"[&quot;starts-with&quot;, &quot;$key&quot;, "
			"&quot;a/&quot;]"},
		/* what headers could not do either */
		{"public", {.fields = "key=k\nacl=public-read"}, 501, "NotImplemented", NULL},
		{"acl", {.fields = "key=k\nacl=mine"}, 400, "InvalidArgument", NULL},
		{"class", {.fields = "key=k\nx-amz-storage-class=GOLD"}, 400,
			"InvalidStorageClass", NULL},
		{"encryption", {.fields = "key=k\nx-amz-server-side-encryption=AES256"}, 501,
			"NotImplemented", NULL},
		{"copy", {.fields = "key=k\nx-amz-copy-source=/bkt/v4"}, 400, "InvalidArgument",
			NULL},
		{"checksum", {.fields = "key=k\nx-amz-checksum-crc32=AAAAAA=="}, 400,
			"BadDigest", NULL},
		{"bad checksum", {.fields = "key=k\nx-amz-checksum-crc32=x"}, 400,
			"InvalidRequest", NULL},
		{"algorithm alone", {.fields = "key=k\nx-amz-checksum-algorithm=CRC32"}, 400,
			"InvalidRequest", NULL},
		{"redirection", {.fields = "key=k\nx-amz-website-redirect-location=x"}, 400,
			"InvalidRedirectLocation", NULL},
	};
	struct rig *r = *state;
	struct ask q;

	send_forms(r, rows);
	ask_begin(&q, r, ANN, "GET", "/bkt");
	ask_expect(&q, 200, "");
	assert_false(ask_has(&q, "<Contents>"));
	ask_end(&q);
}

static void the_size_of_the_file_is_bounded(void **state)
{
#define RANGE(min, max) \
	"{\"bucket\": \"bkt\"}, {\"key\": \"sized\"}, [\"content-length-range\", " min \
	", " max "]"
	static const struct form_row rows[] = {
		{"in range", {.conditions = RANGE("5", "5")}, 204, "", NULL},
		{"too small", {.conditions = RANGE("6", "9")}, 400, "EntityTooSmall",
			"<ProposedSize>5</ProposedSize><MinSizeAllowed>6</MinSizeAllowed>"},
		{"too large", {.conditions = RANGE("0", "4")}, 400, "EntityTooLarge",
			"<MaxSizeAllowed>4</MaxSizeAllowed>"},
		{"empty", {.conditions = RANGE("1", "4"), .file = ""}, 400, "EntityTooSmall",
			NULL},
		{"negative", {.conditions = RANGE("-1", "4")}, 400, "InvalidPolicyDocument",
			NULL},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form_row row = rows[i];

		row.form.fields = "key=sized";
		row.form.signature = FORM_V2;
		send_form(r, &row);
		if (i > 0)
			expect_object(r, "sized", NULL);
		else
			rig_expect(r, ANN, "DELETE", "/bkt/sized", NULL, 204, "");
	}
}

/* A form is not signed for a place: a domain of a tenant says no more than its signer did. */
static void a_form_is_good_for_its_namespace_only(void **state)
{
	struct rig *r = *state;
	const char *north = r->people[ANN].tenant_pub;
	const char *theirs = arena_printf(r->arena, "/%s--bkt", north);
	static const struct form plain = {
		.conditions = "{\"bucket\": \"bkt\"}, {\"key\": \"key\"}",
		.signature = FORM_V2};
	struct form named = plain;
	struct ask q;

	named.conditions =
		arena_printf(r->arena, "{\"bucket\": \"%s--bkt\"}, {\"key\": \"key\"}", north);
	ask_begin(&q, r, ROOT, "POST", theirs);
	ask_form(&q, &plain);
	ask_expect(&q, 403, "AccessDenied");
	ask_end(&q);
	ask_begin(&q, r, ROOT, "POST", theirs);
	ask_form(&q, &named);
	ask_expect(&q, 204, "");
	ask_end(&q);
	ask_begin(&q, r, BEN, "POST", "/bkt");
	ask_form(&q, &plain);
	ask_expect(&q, 404, "NoSuchBucket");
	ask_end(&q);
	ask_begin(&q, r, CLEO, "POST", "/bkt");
	ask_form(&q, &plain);
	ask_expect(&q, 403, "AccessDenied");
	ask_end(&q);
}

static void nobody_may_store_by_a_form(void **state)
{
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ROOT, "PUT", "/global-bucket", NULL, 200, "");
	ask_begin(&q, r, NOBODY, "POST", "/global-bucket");
	ask_form(&q, &(struct form){.signature = FORM_UNSIGNED});
	ask_expect(&q, 403, "AccessDenied");
	ask_end(&q);
}

static void no_other_way_to_authenticate_a_form(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_form(&q, &(struct form){.signature = FORM_UNSIGNED});
	q.access_key = span_str(r->people[ANN].access_key);
	ask_expect(&q, 400, "InvalidArgument");
	assert_int_equal(q.d.body_read, 0);
	ask_end(&q);
	ask_begin(&q, r, ANN, "POST", "/bkt?AWSAccessKeyId=a&Signature=b&Expires=1");
	ask_form(&q, &(struct form){.signature = FORM_UNSIGNED});
	ask_expect(&q, 400, "InvalidArgument");
	ask_end(&q);
}

static void a_busy_server_says_so(void **state)
{
	struct rig *r = *state;
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_form(&q, &(struct form){.fields = NULL});
	q.d.no_transfer = true;
	ask_expect(&q, 503, "SlowDown");
	ask_end(&q);
	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_form(&q, &(struct form){.fields = NULL});
	q.no_length = true;
	ask_expect(&q, 411, "MissingContentLength");
	ask_end(&q);
}

/* A body that sends another form when it is read, and is then at its end. */
struct nested {
	struct source src;
	struct rig *rig;
};

static int nested_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct rig *r = ((struct nested *)(void *)src)->rig;
	struct ask q;

	(void)p, (void)cap, (void)e;
	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_form(&q, &(struct form){.fields = "key=inner"});
	ask_expect(&q, 503, "SlowDown");
	assert_int_equal(q.d.body_read, 0);
	ask_end(&q);
	*n_r = 0;
	return 0;
}

static void forms_of_strangers_hold_a_part_of_the_transfers(void **state)
{
	struct rig *r = *state;
	struct nested body = {{nested_read}, r};
	struct ask q;

	r->cfg.transfer_threads = 7;
	ask_begin(&q, r, ANN, "POST", "/bkt");
	ask_form(&q, &(struct form){.fields = "key=outer"});
	q.chunked = true;
	q.d.req.body = &body.src;
	ask_expect(&q, 400, "MalformedPOSTRequest");
	ask_end(&q);
	send_form(r, &(struct form_row){"afterwards", {.fields = "key=outer"}, 204, "", NULL});
}

/* However much of it arrives: without its end a form stores nothing. */
static void a_cut_form_stores_nothing(void **state)
{
	struct rig *r = *state;

	for (uint64_t n = 0;; n += 7) {
		struct ask q;

		ask_begin(&q, r, ANN, "POST", "/bkt");
		ask_form(&q, &(struct form){.fields = "key=cut"});
		if (n >= q.body.n) {
			ask_end(&q);
			break;
		}
		q.d.cut_body_after = n;
		ask_expect(&q, 400, "IncompleteBody");
		ask_end(&q);
		expect_object(r, "cut", NULL);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_form_stores_its_file),
		T(fields_describe_the_object),
		T(the_type_of_the_part_is_not_that_of_the_object),
		T(the_form_chooses_the_answer),
		T(a_created_object_is_described),
		T(forms_that_are_none),
		T(refused_forms),
		T(the_size_of_the_file_is_bounded),
		T(a_form_is_good_for_its_namespace_only),
		T(nobody_may_store_by_a_form),
		T(no_other_way_to_authenticate_a_form),
		T(a_busy_server_says_so),
		T(forms_of_strangers_hold_a_part_of_the_transfers),
		T(a_cut_form_stores_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
