/* SPDX-License-Identifier: MIT */
/* What a front server or a spelling leaves open, the signature decides. */
#include "tests/unit/s3/rig.h"

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect(*state, ANN, "PUT", "/tbl", NULL, 200, "");
	return 0;
}

/* Begins `to` with the headers of `from`, signature included. */
static void ask_replay(struct ask *to, const struct ask *from, const char *target)
{
	ask_begin(to, from->rig, from->who, "GET", target);
	for (size_t i = 0; i < from->d.req.header_count; i++) {
		const struct http_header *h = &from->d.req.headers[i];

		ask_header(to, arena_strndup(to->d.arena, h->name),
			arena_strndup(to->d.arena, h->value));
	}
}

static void a_plus_in_a_query_is_what_was_signed(void **state)
{
	struct ask signed_plus, signed_space, q;

	ask_begin(&signed_plus, *state, ANN, "GET", "/tbl?prefix=a%2Bb");
	ask_expect(&signed_plus, 200, "");
	assert_span_eq(ask_element(&signed_plus, "Prefix"), "a+b");
	ask_begin(&signed_space, *state, ANN, "GET", "/tbl?prefix=a%20b");
	ask_expect(&signed_space, 200, "");

	ask_replay(&q, &signed_plus, "/tbl?prefix=a+b");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Prefix"), "a+b");
	ask_end(&q);
	ask_replay(&q, &signed_space, "/tbl?prefix=a+b");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Prefix"), "a b");
	ask_end(&q);
	ask_replay(&q, &signed_space, "/tbl?prefix=a%2Bb");
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	ask_end(&q);
	ask_end(&signed_plus);
	ask_end(&signed_space);
}

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define META(name, value) \
	{ \
		SPAN_LIT("x-amz-meta-" name), SPAN_LIT(value) \
	}

/* Begins a PUT of /tbl/key with n headers of metadata, signed under their true names and sent
 * as a CGI environment has them (the double does that), the last first when reversed. */
static void put_begin(
	struct ask *q, struct rig *r, const struct auth_header *meta, size_t n, bool reversed)
{
	struct auth_header all[8] = {{SPAN_LIT("host"), SPAN_LIT("localhost:8000")},
		{SPAN_LIT("x-amz-content-sha256"), SPAN_LIT(EMPTY)},
		{SPAN_LIT("x-amz-date"), SPAN_LIT("20251124T000000Z")}};
	struct auth_request req = {
		SPAN_LIT("PUT"), SPAN_LIT("/tbl/key"), SPAN_NULL, all, n + 3};

	ask_begin(q, r, ANN, "PUT", "/tbl/key");
	ask_body(q, "");
	for (size_t i = 0; i < n; i++)
		all[3 + i] = meta[i];
	for (size_t i = 0; i < n + 3; i++) {
		const struct auth_header *h = &all[reversed ? n + 2 - i : i];

		ask_header(q, arena_strndup(q->d.arena, h->name),
			arena_strndup(q->d.arena, h->value));
	}
	ask_header(q, "authorization",
		sigv4_sign(q->d.arena, &req, q->access_key, q->secret, SPAN_LIT("us-east-1")));
}

static void names_that_read_alike_are_told_apart_by_the_signature(void **state)
{
	static const struct auth_header meta[2][2] = {
		{META("a-b", "dash"), META("a_b", "under")},
		{META("a_b", "under"), META("a-b", "dash")},
	};
	struct ask q;

	for (int i = 0; i < 4; i++) {
		put_begin(&q, *state, meta[i / 2], 2, i % 2);
		ask_expect(&q, 200, "");
		ask_end(&q);
		ask_begin(&q, *state, ANN, "HEAD", "/tbl/key");
		ask_expect(&q, 200, "");
		assert_span_eq(ask_response_header(&q, "x-amz-meta-a-b"), "dash");
		assert_span_eq(ask_response_header(&q, "x-amz-meta-a_b"), "under");
		ask_end(&q);
	}
}

static void a_third_value_of_two_such_names_belongs_to_neither(void **state)
{
	static const struct auth_header meta[] = {
		META("a-b", "1"), META("a_b", "2"), META("a_b", "3")};
	struct ask q;

	put_begin(&q, *state, meta, 3, false);
	ask_expect(&q, 403, "SignatureDoesNotMatch");
	ask_end(&q);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_plus_in_a_query_is_what_was_signed),
		T(names_that_read_alike_are_told_apart_by_the_signature),
		T(a_third_value_of_two_such_names_belongs_to_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
