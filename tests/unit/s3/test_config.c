/* SPDX-License-Identifier: MIT */
/* Configurations of a bucket: what is kept comes back, what is not legal changes nothing; and
 * who pays. */
#include "tests/unit/s3/rig.h"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	rig_expect((struct rig *)*state, ANN, "PUT", "/with.dot", NULL, 200, "");
	return 0;
}

static void assert_reads(struct rig *r, const char *target, const char *want)
{
	struct ask q;

	ask_begin(&q, r, ANN, "GET", target);
	ask_expect(&q, 200, "");
	if (!ask_has(&q, want))
		fail_msg("%s: %.*s", target, SPAN_FMT(ask_response(&q)));
	ask_end(&q);
}

#define TAG(key, value) "<Tag><Key>" key "</Key><Value>" value "</Value></Tag>"
#define TAGS(inner) "<Tagging><TagSet>" inner "</TagSet></Tagging>"
#define TAGS_10(a) \
	TAG(a "0", "") \
	TAG(a "1", "") \
	TAG(a "2", "") \
	TAG(a "3", "") TAG(a "4", "") TAG(a "5", "") TAG(a "6", "") TAG(a "7", "") \
		TAG(a "8", "") TAG(a "9", "")
#define TAGS_50 TAGS_10("a") TAGS_10("b") TAGS_10("c") TAGS_10("d") TAGS_10("e")

static void tags_are_set_read_and_taken_away(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "GET", "/tbl?tagging", NULL, NULL, 404, "NoSuchTagSet"},
		{ANN, "DELETE", "/tbl?tagging", NULL, NULL, 204, ""},
		{ANN, "PUT", "/tbl?tagging", NULL, TAGS(TAGS_50), 204, ""},
		{ANN, "PUT", "/tbl?tagging", NULL, TAGS(TAGS_50 TAG("z", "")), 400,
			"InvalidTag"},
		{ANN, "PUT", "/tbl?tagging", NULL, TAGS(TAG("a", "") TAG("a", "")), 400,
			"InvalidTag"},
		{ANN, "PUT", "/tbl?tagging", NULL, TAGS(TAG("aws:a", "")), 400, "InvalidTag"},
		{ANN, "PUT", "/tbl?tagging", NULL, "<Tagging/>", 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?tagging", NULL, "", 400, "MalformedXML"},
		{ANN, "PUT", "/tbl?tagging", "content-md5: AAAAAAAAAAAAAAAAAAAAAA==",
			TAGS(TAG("x", "")), 400, "BadDigest"},
	};
	struct rig *r = *state;

	rig_table(r, rows);
	assert_reads(r, "/tbl?tagging", "<Tag><Key>e9</Key><Value></Value></Tag></TagSet>");
	rig_expect(r, ANN, "PUT", "/tbl?tagging", TAGS(TAG("a&amp;", "")), 400, "InvalidTag");
	rig_expect(r, ANN, "PUT", "/tbl?tagging", TAGS(TAG("k", "v")), 204, "");
	assert_reads(
		r, "/tbl?tagging", "<TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet>");
	rig_expect(r, ANN, "PUT", "/tbl?tagging", TAGS(""), 204, "");
	rig_expect(r, ANN, "GET", "/tbl?tagging", NULL, 404, "NoSuchTagSet");
}

#define PAYER(who) \
	"<RequestPaymentConfiguration><Payer>" who "</Payer></RequestPaymentConfiguration>"
#define ACCELERATE(status) \
	"<AccelerateConfiguration><Status>" status "</Status></AccelerateConfiguration>"

static void words_are_of_two(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl?requestPayment", NULL, PAYER("requester"), 400,
			"MalformedXML"},
		{ANN, "PUT", "/tbl?requestPayment", NULL, "<RequestPaymentConfiguration/>", 400,
			"MalformedXML"},
		{ANN, "PUT", "/tbl?requestPayment", NULL, ACCELERATE("Enabled"), 400,
			"MalformedXML"},
		{ANN, "PUT", "/tbl?requestPayment", NULL, NULL, 400, "MalformedXML"},
		{ANN, "DELETE", "/tbl?requestPayment", NULL, NULL, 405, "MethodNotAllowed"},
		{ANN, "PUT", "/tbl?accelerate", NULL, ACCELERATE("enabled"), 400,
			"MalformedXML"},
		{ANN, "PUT", "/tbl?accelerate", NULL, ACCELERATE("<b>Enabled</b>"), 400,
			"MalformedXML"},
		{ANN, "PUT", "/tbl?accelerate", NULL, ACCELERATE("Enabled</Status><Status>"),
			400, "MalformedXML"},
		{ANN, "PUT", "/with.dot?accelerate", NULL, ACCELERATE("Enabled"), 400,
			"InvalidRequest"},
		{ANN, "DELETE", "/tbl?accelerate", NULL, NULL, 405, "MethodNotAllowed"},
	};
	struct rig *r = *state;

	rig_table(r, rows);
	assert_reads(r, "/tbl?requestPayment", "<Payer>BucketOwner</Payer>");
	rig_expect(r, ANN, "PUT", "/tbl?requestPayment", PAYER("Requester"), 200, "");
	assert_reads(r, "/tbl?requestPayment", "<Payer>Requester</Payer>");
	rig_expect(r, ANN, "PUT", "/tbl?requestPayment", PAYER("BucketOwner"), 200, "");
	assert_reads(r, "/tbl?requestPayment", "<Payer>BucketOwner</Payer>");
	assert_reads(r, "/tbl?accelerate", "/\"></AccelerateConfiguration>");
	rig_expect(r, ANN, "PUT", "/tbl?accelerate", ACCELERATE("Enabled"), 200, "");
	assert_reads(r, "/tbl?accelerate", "<Status>Enabled</Status>");
	rig_expect(r, ANN, "PUT", "/tbl?accelerate", ACCELERATE("Suspended"), 200, "");
	assert_reads(r, "/tbl?accelerate", "<Status>Suspended</Status>");
}

/* Whether the answer says that the requester is charged. */
static bool charged(
	struct rig *r, enum who who, const char *target, const char *payer, int status)
{
	bool is_charged;
	struct ask q;

	ask_begin(&q, r, who, "GET", target);
	if (payer)
		ask_header(&q, "x-amz-request-payer", payer);
	ask_expect(&q, status, status == 403 ? "AccessDenied" : "");
	is_charged = span_eq_str(ask_response_header(&q, "x-amz-request-charged"), "requester");
	ask_end(&q);
	return is_charged;
}

static void a_requester_says_that_he_pays(void **state)
{
	struct rig *r = *state;
	const char *theirs = arena_printf(r->arena, "/%s--tbl", r->people[ANN].tenant_pub);

	assert_false(charged(r, ROOT, theirs, NULL, 200));
	assert_false(charged(r, ROOT, theirs, "requester", 200));
	rig_expect(r, ANN, "PUT", "/tbl?requestPayment", PAYER("Requester"), 200, "");
	assert_false(charged(r, ROOT, theirs, NULL, 403));
	assert_false(charged(r, ROOT, theirs, "owner", 403));
	assert_true(charged(r, ROOT, theirs, "requester", 200));
	assert_false(charged(r, ANN, "/tbl", NULL, 200));
	assert_false(charged(r, ANN, "/tbl", "requester", 200));
	assert_false(charged(r, BOSS, "/tbl", NULL, 200));
	rig_expect(r, BEN, "GET", theirs, NULL, 404, "NoSuchBucket");
}

static void copy_expect(struct rig *r, const char *source, const char *payer, int status)
{
	struct ask q;

	ask_begin(&q, r, ROOT, "PUT", "/own/copy");
	ask_header(&q, "x-amz-copy-source", source);
	if (payer)
		ask_header(&q, "x-amz-request-payer", payer);
	ask_body(&q, "");
	ask_expect(&q, status, status == 403 ? "AccessDenied" : "");
	assert_true(span_eq_str(ask_response_header(&q, "x-amz-request-charged"),
			    "requester") == (status == 200));
	ask_end(&q);
}

static void a_requester_pays_for_what_he_copies(void **state)
{
	struct rig *r = *state;
	const char *source = arena_printf(r->arena, "/%s--tbl/k", r->people[ANN].tenant_pub);

	rig_expect(r, ANN, "PUT", "/tbl/k", "hello", 200, "");
	rig_expect(r, ANN, "PUT", "/tbl?requestPayment", PAYER("Requester"), 200, "");
	rig_expect(r, ROOT, "PUT", "/own", NULL, 200, "");
	copy_expect(r, source, NULL, 403);
	copy_expect(r, source, "requester", 200);
}

static void a_configuration_goes_with_its_bucket(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl?tagging", NULL, TAGS(TAG("k", "v")), 204, ""},
		{ANN, "DELETE", "/tbl", NULL, NULL, 204, ""},
		{ANN, "GET", "/tbl?tagging", NULL, NULL, 404, "NoSuchBucket"},
		{ANN, "PUT", "/tbl?tagging", NULL, TAGS(TAG("k", "v")), 404, "NoSuchBucket"},
		{ANN, "PUT", "/tbl", NULL, NULL, 200, ""},
		{ANN, "GET", "/tbl?tagging", NULL, NULL, 404, "NoSuchTagSet"},
	};

	rig_table((struct rig *)*state, rows);
}

static void metadata_that_fails_is_an_internal_error(void **state)
{
	struct rig *r = *state;

	rig_expect(r, ANN, "PUT", "/tbl?tagging", TAGS(TAG("k", "v")), 204, "");
	rig_expect(r, ANN, "HEAD", "/tbl", NULL, 200, "");
	for (unsigned i = 0; i < 3; i++) {
		static const char *const methods[] = {"GET", "PUT", "DELETE"};

		meta_fault_arm(r->meta, 1);
		rig_expect(r, ANN, methods[i], "/tbl?tagging",
			i == 1 ? TAGS(TAG("x", "y")) : NULL, 500, "InternalError");
		meta_fault_arm(r->meta, 0);
	}
	assert_reads(r, "/tbl?tagging", "<Key>k</Key>");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(tags_are_set_read_and_taken_away),
		T(words_are_of_two),
		T(a_requester_says_that_he_pays),
		T(a_requester_pays_for_what_he_copies),
		T(a_configuration_goes_with_its_bucket),
		T(metadata_that_fails_is_an_internal_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
