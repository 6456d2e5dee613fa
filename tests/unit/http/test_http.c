/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "http/double.h"
#include "http/probe.h"

struct script_app {
	struct http_app app;
	int status;
	const char *body;
	bool two_heads;
	size_t body_got;
	int read_rc, write_rc;
	struct err e;
};

static void script_serve(struct http_app *app, struct http_req *r)
{
	struct script_app *s = (struct script_app *)app;
	struct http_head h;
	char chunk[7];
	size_t n = 1;

	while ((s->read_rc = source_read(r->body, chunk, sizeof(chunk), &n, &s->e)) == 0 && n)
		s->body_got += n;
	http_head_init(&h, r->arena);
	http_head_add_str(&h, "X-One", "1");
	http_head_add_str(&h, "X-Split", "a\r\nSet-Cookie: b");
	s->write_rc = http_respond(r, s->status, &h, span_str(s->body), &s->e);
	if (s->two_heads)
		s->write_rc = http_respond(r, 500, &h, SPAN_LIT("late"), &s->e);
}

static void run(struct http_double *d, struct script_app *s, int status, const char *body)
{
	s->app.serve = script_serve;
	s->status = status;
	s->body = body;
	http_double_run(d, &s->app);
}

static void a_response_has_its_length_and_is_counted(void **state)
{
	struct script_app s = {0};
	struct http_double d;

	(void)state;
	http_double_init(&d, "GET", "/b/k?x=1?2");
	assert_span_eq(d.req.path, "/b/k");
	assert_span_eq(d.req.query, "x=1?2");
	run(&d, &s, 200, "hello");
	assert_int_equal(d.status, 200);
	assert_false(d.broken);
	assert_span_eq(buf_span(&d.out), "hello");
	assert_span_eq(http_double_get(&d, "content-length"), "5");
	assert_int_equal(d.req.status, 200);
	assert_int_equal(d.req.bytes_out, 5);
	http_double_fini(&d);
}

static void a_header_value_cannot_split_the_response(void **state)
{
	struct script_app s = {0};
	struct http_double d;

	(void)state;
	http_double_init(&d, "GET", "/");
	run(&d, &s, 200, "");
	assert_span_eq(http_double_get(&d, "x-one"), "1");
	assert_true(span_absent(http_double_get(&d, "x-split")));
	http_double_fini(&d);
}

static void head_gets_the_length_without_the_body(void **state)
{
	struct script_app s = {0};
	struct http_double d;

	(void)state;
	http_double_init(&d, "HEAD", "/");
	run(&d, &s, 200, "hello");
	assert_span_eq(http_double_get(&d, "content-length"), "5");
	assert_int_equal(d.out.n, 0);
	assert_int_equal(d.req.bytes_out, 0);
	assert_false(d.broken);
	http_double_fini(&d);
}

static void statuses_without_a_body_have_no_length(void **state)
{
	static const int statuses[] = {204, 304};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct script_app s = {0};
		struct http_double d;

		http_double_init(&d, "GET", "/");
		run(&d, &s, statuses[i], "must not be sent");
		assert_int_equal(d.status, statuses[i]);
		assert_true(span_absent(http_double_get(&d, "content-length")));
		assert_int_equal(d.out.n, 0);
		http_double_fini(&d);
	}
}

static void a_second_head_aborts_instead_of_appending(void **state)
{
	struct script_app s = {.two_heads = true};
	struct http_double d;

	(void)state;
	http_double_init(&d, "GET", "/");
	run(&d, &s, 200, "hello");
	assert_int_equal(s.write_rc, -1);
	assert_true(d.aborted);
	assert_true(d.req.aborted);
	assert_int_equal(d.status, 200);
	assert_span_eq(buf_span(&d.out), "hello");
	http_double_fini(&d);
}

static void a_client_gone_while_writing_is_an_abort(void **state)
{
	struct script_app s = {0};
	struct http_double d;

	(void)state;
	http_double_init(&d, "GET", "/");
	d.fail_write_after = 3;
	run(&d, &s, 200, "hello");
	assert_int_equal(s.e.kind, ERR_INCOMPLETE);
	assert_true(d.aborted);
	assert_span_eq(buf_span(&d.out), "hel");
	http_double_fini(&d);
}

static void a_cut_body_is_incomplete_and_a_whole_one_ends(void **state)
{
	static const struct {
		uint64_t cut;
		const char *length;
		int rc;
		size_t got;
	} rows[] = {
		{UINT64_MAX, NULL, 0, 16},
		{9, NULL, -1, 9},
		{0, NULL, -1, 0},
		{UINT64_MAX, "20", -1, 16},
		{UINT64_MAX, "5", 0, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct script_app s = {0};
		struct http_double d;

		http_double_init(&d, "PUT", "/b/k");
		http_double_body(&d, SPAN_LIT("0123456789abcdef"));
		if (rows[i].length)
			http_double_header(&d, "Content-Length", rows[i].length);
		d.cut_body_after = rows[i].cut;
		run(&d, &s, 200, "");
		assert_int_equal(s.read_rc, rows[i].rc);
		assert_int_equal(s.body_got, rows[i].got);
		if (rows[i].rc)
			assert_int_equal(s.e.kind, ERR_INCOMPLETE);
		http_double_fini(&d);
	}
}

static void repeated_headers_are_found_counted_and_joined(void **state)
{
	struct http_double d;

	(void)state;
	http_double_init(&d, "GET", "/");
	http_double_header(&d, "X-Amz-Meta_A", "1");
	http_double_header(&d, "x-amz-meta-a", "");
	http_double_header(&d, "x-amz-meta-a", "3");
	http_double_header(&d, "Host", "B.Example:80");
	assert_span_eq(http_header_get(&d.req, "x-amz-meta-a"), "1");
	assert_int_equal(http_header_count(&d.req, "x-amz-meta-a"), 3);
	assert_span_eq(http_header_joined(&d.req, "x-amz-meta-a"), "1,,3");
	assert_span_eq(http_header_joined(&d.req, "host"), "B.Example:80");
	assert_span_eq(d.req.host, "b.example:80");
	assert_true(span_absent(http_header_joined(&d.req, "range")));
	assert_int_equal(http_header_count(&d.req, "range"), 0);
	http_double_fini(&d);
}

static void transfers_can_be_refused(void **state)
{
	struct http_double d;
	struct err e;

	(void)state;
	http_double_init(&d, "GET", "/");
	assert_int_equal(http_enter_transfer(&d.req, &e), 0);
	assert_true(d.entered_transfer);
	d.no_transfer = true;
	assert_int_equal(http_enter_transfer(&d.req, &e), -1);
	assert_int_equal(e.kind, ERR_BUSY);
	http_double_fini(&d);
}

/* ---- probes ---- */

static int ready_or_full(void *ctx, struct err *e)
{
	return ctx ? err_fail(e, ERR_FULL, "disk \"/srv\" is full") : 0;
}

static void some_metrics(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_add_str(out, "up 1\n");
}

struct probe_case {
	const char *method, *target, *authorization, *addr, *token;
	bool not_ready;
	int status; /* 0: not a probe */
	const char *body;
};

static void check_probe(const struct probe_case *c)
{
	struct http_probe p = {ready_or_full, some_metrics, c->token ? c->token : "",
		c->not_ready ? (void *)1 : NULL};
	struct http_double d;

	http_double_init(&d, c->method, c->target);
	if (c->authorization)
		http_double_header(&d, "authorization", c->authorization);
	if (c->addr)
		d.req.remote_addr = span_str(c->addr);
	assert_int_equal(http_probe_serve(&p, &d.req), c->status != 0);
	assert_int_equal(d.status, c->status);
	if (c->body)
		assert_span_eq(buf_span(&d.out), c->body);
	http_double_fini(&d);
}

static void probes_answer_unsigned_requests_only(void **state)
{
	static const struct probe_case cases[] = {
		{"GET", "/health", NULL, NULL, NULL, false, 200, "{\"status\":\"ok\"}"},
		{"HEAD", "/health", NULL, NULL, NULL, false, 200, ""},
		{"GET", "/health?list-type=2", NULL, NULL, NULL, false, 200, NULL},
		{"GET", "/ready", NULL, NULL, NULL, false, 200, "{\"status\":\"ok\"}"},
		{"GET", "/ready", NULL, NULL, NULL, true, 503,
			"{\"status\":\"unavailable\",\"reason\":\"full\"}"},
		{"HEAD", "/ready", NULL, NULL, NULL, true, 503, ""},
		{"PUT", "/health", NULL, NULL, NULL, false, 0, NULL},
		{"POST", "/ready", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health/", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/healthy", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/bucket/health", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "//health", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/%68ealth", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health", "AWS4-HMAC-SHA256 Credential=x", NULL, NULL, false, 0, NULL},
		{"GET", "/health", "Bearer x", NULL, NULL, false, 0, NULL},
		{"GET", "/health?X-Amz-Signature=0", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health?a=1&X-Amz-Algorithm=x", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health?X%2DAmz-Algorithm=x", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health?AWSAccessKeyId=x", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health?Signature=x", NULL, NULL, NULL, false, 0, NULL},
		{"GET", "/health?%zz", NULL, NULL, NULL, false, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_probe(&cases[i]);
}

static void metrics_want_the_token_or_a_loopback_peer(void **state)
{
	static const struct probe_case cases[] = {
		{"GET", "/metrics", NULL, "127.0.0.1", NULL, false, 200, "up 1\n"},
		{"GET", "/metrics", NULL, "127.8.9.1", NULL, false, 200, "up 1\n"},
		{"GET", "/metrics", NULL, "::1", NULL, false, 200, "up 1\n"},
		{"GET", "/metrics", NULL, "::ffff:127.0.0.1", NULL, false, 200, "up 1\n"},
		{"HEAD", "/metrics", NULL, "::1", NULL, false, 200, ""},
		{"GET", "/metrics", NULL, "192.0.2.1", NULL, false, 403, NULL},
		{"GET", "/metrics", NULL, "127.0.0.1.evil", NULL, false, 403, NULL},
		{"GET", "/metrics", NULL, "128.0.0.1", NULL, false, 403, NULL},
		{"GET", "/metrics", NULL, "::2", NULL, false, 403, NULL},
		{"GET", "/metrics", NULL, "", NULL, false, 403, NULL},
		{"GET", "/metrics", "Bearer ", "192.0.2.1", NULL, false, 403, NULL},
		{"GET", "/metrics", "Bearer s3cret", "192.0.2.1", "s3cret", false, 200,
			"up 1\n"},
		{"GET", "/metrics", "bearer s3cret", "192.0.2.1", "s3cret", false, 200,
			"up 1\n"},
		{"GET", "/metrics", "Bearer s3crex", "192.0.2.1", "s3cret", false, 403, NULL},
		{"GET", "/metrics", "Bearer s3cre", "192.0.2.1", "s3cret", false, 403, NULL},
		{"GET", "/metrics", NULL, "127.0.0.1", "s3cret", false, 403, NULL},
		{"GET", "/metrics", "AWS a:b", "127.0.0.1", NULL, false, 0, NULL},
		{"GET", "/metrics?X-Amz-Signature=0", "Bearer s3cret", NULL, "s3cret", false, 0,
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_probe(&cases[i]);
}

static void a_proxy_on_this_machine_is_no_loopback_peer(void **state)
{
	static const char *const marks[] = {"forwarded", "x-forwarded-for", "x-real-ip"};
	struct http_probe p = {ready_or_full, some_metrics, "", NULL};
	struct http_double d;

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		http_double_init(&d, "GET", "/metrics");
		http_double_header(&d, marks[i], "192.0.2.1");
		assert_true(http_probe_serve(&p, &d.req));
		assert_int_equal(d.status, 403);
		http_double_fini(&d);
	}
}

static void probes_say_their_media_type(void **state)
{
	struct http_probe p = {ready_or_full, some_metrics, "", NULL};
	struct http_double d;

	(void)state;
	http_double_init(&d, "GET", "/metrics");
	assert_true(http_probe_serve(&p, &d.req));
	assert_span_eq(http_double_get(&d, "content-type"), "text/plain; version=0.0.4");
	http_double_fini(&d);
	http_double_init(&d, "GET", "/health");
	assert_true(http_probe_serve(&p, &d.req));
	assert_span_eq(http_double_get(&d, "content-type"), "application/json");
	http_double_fini(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response_has_its_length_and_is_counted),
		cmocka_unit_test(a_header_value_cannot_split_the_response),
		cmocka_unit_test(head_gets_the_length_without_the_body),
		cmocka_unit_test(statuses_without_a_body_have_no_length),
		cmocka_unit_test(a_second_head_aborts_instead_of_appending),
		cmocka_unit_test(a_client_gone_while_writing_is_an_abort),
		cmocka_unit_test(a_cut_body_is_incomplete_and_a_whole_one_ends),
		cmocka_unit_test(repeated_headers_are_found_counted_and_joined),
		cmocka_unit_test(transfers_can_be_refused),
		cmocka_unit_test(probes_answer_unsigned_requests_only),
		cmocka_unit_test(metrics_want_the_token_or_a_loopback_peer),
		cmocka_unit_test(a_proxy_on_this_machine_is_no_loopback_peer),
		cmocka_unit_test(probes_say_their_media_type),
	};
	int fd = open("/dev/null", O_WRONLY);
	int rc;

	log_to_fd(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	close(fd);
	return rc;
}
