/* SPDX-License-Identifier: MIT */
/* Object Lock: who may pass what; the exact codes are rows of tests/integration/rows_lock.py.
 */
#include "tests/unit/s3/rig.h"

#define UNTIL "2999-01-01T00:00:00.000Z"
#define BYPASS "x-amz-bypass-governance-retention: true"
#define RETENTION(mode) \
	"<Retention><Mode>" mode "</Mode><RetainUntilDate>" UNTIL \
	"</RetainUntilDate></Retention>"

static int setup(void **state)
{
	struct ask q;

	if (rig_setup(state) < 0)
		return -1;
	ask_begin(&q, *state, ANN, "PUT", "/worm");
	ask_header(&q, "x-amz-bucket-object-lock-enabled", "true");
	ask_expect(&q, 200, "");
	ask_end(&q);
	return 0;
}

/* The target that names what was put. */
static const char *put_locked(struct rig *r, const char *mode)
{
	const char *target;
	struct ask q;

	ask_begin(&q, r, ANN, "PUT", "/worm/key");
	ask_header(&q, "x-amz-object-lock-mode", mode);
	ask_header(&q, "x-amz-object-lock-retain-until-date", UNTIL);
	ask_body(&q, "hello");
	ask_expect(&q, 200, "");
	target = arena_printf(r->arena, "/worm/key?versionId=%.*s",
		SPAN_FMT(ask_response_header(&q, "x-amz-version-id")));
	ask_end(&q);
	return target;
}

static void try_delete(
	struct rig *r, enum who who, const char *target, const char *headers, int status)
{
	struct rig_row row = {who, "DELETE", target, headers, NULL, status,
		status == 403 ? "AccessDenied" : ""};
	struct ask q;

	ask_begin_row(&q, r, &row);
	ask_expect(&q, row.status, row.code);
	if (status == 403 && who == ANN)
		assert_true(ask_has(&q, "protected by object lock"));
	ask_end(&q);
}

static void compliance_is_passed_by_nobody(void **state)
{
	static const enum who all[] = {ANN, BOSS, CLEO};
	struct rig *r = *state;
	const char *target = put_locked(r, "COMPLIANCE");
	const char *explicit_target;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		try_delete(r, all[i], target, NULL, 403);
		try_delete(r, all[i], target, BYPASS, 403);
	}
	explicit_target =
		arena_printf(r->arena, "/%s--%s", r->people[ANN].tenant_pub, target + 1);
	try_delete(r, ROOT, explicit_target, BYPASS, 403);
	rig_expect(r, ANN, "DELETE", "/worm", NULL, 409, "BucketNotEmpty");
	rig_expect(r, ANN, "GET", target, NULL, 200, "");
}

static void governance_gives_way_to_who_may_and_says_so(void **state)
{
	struct rig *r = *state;
	const char *target = put_locked(r, "GOVERNANCE");

	try_delete(r, ANN, target, NULL, 403);
	try_delete(r, CLEO, target, BYPASS, 403);
	try_delete(r, BOSS, target, BYPASS, 204);
	try_delete(r, ANN, put_locked(r, "GOVERNANCE"), BYPASS, 204);
	rig_expect(r, ANN, "DELETE", "/worm", NULL, 204, "");
}

static void many_are_judged_one_by_one(void **state)
{
	struct rig *r = *state;
	const char *id = strchr(put_locked(r, "COMPLIANCE"), '=') + 1;
	const char *body = arena_printf(r->arena,
		"<Delete><Object><Key>key</Key><VersionId>%s</VersionId></Object>"
		"<Object><Key>key</Key></Object></Delete>",
		id);
	struct ask q;

	ask_begin(&q, r, ANN, "POST", "/worm?delete");
	ask_header(&q, "x-amz-bypass-governance-retention", "true");
	ask_body(&q, body);
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Code"), "AccessDenied");
	assert_true(ask_has(&q, "protected by object lock"));
	assert_true(ask_has(&q, "<Deleted><Key>key</Key><DeleteMarker>true</DeleteMarker>"));
	ask_end(&q);
}

static void markers_and_strangers_are_refused(void **state)
{
	struct rig *r = *state;
	const char *marker;
	struct ask q;

	ask_begin(&q, r, ANN, "DELETE", "/worm/gone");
	ask_expect(&q, 204, "");
	marker = arena_strndup(r->arena, ask_response_header(&q, "x-amz-version-id"));
	ask_end(&q);
	rig_expect(r, ANN, "PUT",
		arena_printf(r->arena, "/worm/gone?retention&versionId=%s", marker),
		RETENTION("GOVERNANCE"), 405, "MethodNotAllowed");
	rig_expect(r, ANN, "PUT",
		arena_printf(r->arena, "/worm/gone?legal-hold&versionId=%s", marker),
		"<LegalHold><Status>ON</Status></LegalHold>", 405, "MethodNotAllowed");
	rig_expect(r, ANN, "GET",
		arena_printf(r->arena, "/worm/gone?legal-hold&versionId=%s", marker), NULL, 405,
		"MethodNotAllowed");
	put_locked(r, "GOVERNANCE");
	rig_expect(r, CLEO, "PUT", "/worm/key?retention", RETENTION("GOVERNANCE"), 403,
		"AccessDenied");
	rig_expect(r, BEN, "GET", "/worm/key?retention", NULL, 404, "NoSuchBucket");
}

/* What a client reads back may be set again: nothing is lost between the two. */
static void a_default_that_is_read_can_be_put_again(void **state)
{
	struct rig *r = *state;
	struct span until;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/worm?object-lock",
		"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
		"<DefaultRetention><Mode>COMPLIANCE</Mode><Years>1</Years></DefaultRetention>"
		"</Rule></ObjectLockConfiguration>",
		200, "");
	r->clock.fixed_us += 123; /* not a whole millisecond */
	rig_expect(r, ANN, "PUT", "/worm/key", "hello", 200, "");
	ask_begin(&q, r, ANN, "GET", "/worm/key?retention");
	ask_expect(&q, 200, "");
	until = arena_dup(r->arena, ask_element(&q, "RetainUntilDate"));
	ask_end(&q);
	rig_expect(r, ANN, "PUT", "/worm/key?retention",
		arena_printf(r->arena,
			"<Retention><Mode>COMPLIANCE</Mode>"
			"<RetainUntilDate>%.*s</RetainUntilDate></Retention>",
			SPAN_FMT(until)),
		200, "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(compliance_is_passed_by_nobody),
		T(governance_gives_way_to_who_may_and_says_so),
		T(many_are_judged_one_by_one),
		T(markers_and_strangers_are_refused),
		T(a_default_that_is_read_can_be_put_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
