/* SPDX-License-Identifier: MIT */
/* The surface: routing, bodies, probes, and that htdocs/openapi.yaml describes the same routes.
 */
#include "tests/unit/console/rig.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/fio.h"
#include "base/log.h"
#include "console/app.h"

static void unknown_routes_and_methods_are_told(void **state)
{
	static const char *const unknown[] = {
		"/",
		"/api/v1",
		"/api/v1/",
		"/api/v1/me/",
		"/api/v1//me",
		"/API/v1/me",
		"/api/v1/%6de",
		"/api/v2/me",
		"/api/v1/auth/../me",
	};
	struct rig r;

	(void)state;
	rig_open(&r);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_int_equal(rig_call(&r, "GET", unknown[i], NULL), 404);
		assert_code(&r, "NotFound");
		assert_int_equal(rig_number(r.answer, "status"), 404);
		assert_int_equal(rig_text(r.answer, "requestId").n, 16);
		assert_span_eq(
			http_double_get(&r.d, "Content-Type"), "application/problem+json");
		assert_span_eq(http_double_get(&r.d, "Cache-Control"), "no-store");
	}
	assert_int_equal(rig_call(&r, "DELETE", "/api/v1/me", NULL), 405);
	assert_span_eq(http_double_get(&r.d, "Allow"), "GET, HEAD");
	assert_int_equal(rig_call(&r, "GET", "/api/v1/auth/login", NULL), 405);
	assert_span_eq(http_double_get(&r.d, "Allow"), "POST");
	rig_close(&r);
}

static void head_answers_as_get_without_the_body(void **state)
{
	struct rig r;
	char *length;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	length = arena_strndup(r.a, http_double_get(&r.d, "Content-Length"));
	assert_int_equal(rig_call(&r, "HEAD", "/api/v1/me", NULL), 200);
	assert_int_equal(r.d.out.n, 0);
	assert_span_eq(http_double_get(&r.d, "Content-Length"), length);
	assert_int_equal(rig_call(&r, "HEAD", "/api/v1/auth/login", NULL), 405);
	rig_close(&r);
}

static void every_route_but_login_wants_a_session(void **state)
{
	const struct console_route *rows;
	struct rig r;
	size_t n;

	(void)state;
	rig_open(&r);
	rows = console_routes(&n);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].access == CONSOLE_PUBLIC) {
			assert_string_equal(rows[i].name, "auth.login");
			continue;
		}
		assert_int_equal(rig_call(&r, rows[i].method, rows[i].path, NULL), 401);
		assert_code(&r, "SessionEnded");
	}
	rig_close(&r);
}

static void a_body_must_be_a_json_object(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"null",
		"1",
		"\"x\"",
		"{\"user\":\"a\",\"user\":\"b\"}",
		"{} {}",
		"{\"user\":\"\xff\"}",
	};
	static const char *const wrong[] = {
		"{}",
		"{\"user\":\"a\"}",
		"{\"user\":1,\"password\":\"b\"}",
		"{\"user\":\"\",\"password\":\"b\"}",
		"{\"user\":\"a\",\"password\":[]}",
		"{\"user\":\"a\",\"password\":\"b\",\"tenant\":{}}",
	};
	struct rig r;

	(void)state;
	rig_open(&r);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", bad[i]), 400);
		assert_code(&r, "InvalidJson");
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", wrong[i]), 400);
		assert_code(&r, "InvalidParameter");
	}
	r.content_type = "text/plain";
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", "{}"), 415);
	r.content_type = "application/x-www-form-urlencoded";
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", "{}"), 415);
	r.content_type = "Application/JSON; charset=utf-8";
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", "{}"), 400);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", NULL), 415);
	rig_close(&r);
}

static void long_bodies_are_refused_unread(void **state)
{
	struct rig r;
	char *body;

	(void)state;
	rig_open(&r);
	body = arena_alloc(r.a, CONSOLE_MAX_BODY + 2);
	memset(body, ' ', CONSOLE_MAX_BODY + 1);
	memcpy(body, "{}", 2);
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", body), 413);
	assert_code(&r, "BodyTooLarge");
	assert_int_equal(r.d.body_read, 0);
	/* one that does not say its length */
	rig_prepare(&r, "POST", "/api/v1/auth/login", body);
	r.d.req.content_length = -1;
	r.d.req.chunked = true;
	assert_int_equal(rig_run(&r), 413);
	body[CONSOLE_MAX_BODY] = '\0';
	assert_int_equal(rig_call(&r, "POST", "/api/v1/auth/login", body), 400);
	assert_code(&r, "InvalidParameter");
	rig_close(&r);
}

static void a_vanished_client_and_a_full_house_are_answered(void **state)
{
	const char *body = "{\"user\":\"root\",\"password\":\"" RIG_PASSWORD "\"}";
	struct rig r;

	(void)state;
	rig_open(&r);
	rig_prepare(&r, "POST", "/api/v1/auth/login", body);
	r.d.cut_body_after = 10;
	assert_int_equal(rig_run(&r), 400);
	assert_code(&r, "IncompleteBody");
	rig_prepare(&r, "POST", "/api/v1/auth/login", body);
	r.d.no_transfer = true;
	assert_int_equal(rig_run(&r), 503);
	assert_span_eq(http_double_get(&r.d, "Retry-After"), "1");
	rig_close(&r);
}

static void hosts_of_every_form_give_an_s3_url(void **state)
{
	static const struct {
		const char *host, *url;
	} cases[] = {
		{"a.test", "http://a.test:8080"},
		{"a.test:8081", "http://a.test:8080"},
		{"127.0.0.1:1", "http://127.0.0.1:8080"},
		{"[::1]:8081", "http://[::1]:8080"},
		{"[::1]", "http://[::1]:8080"},
	};
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_login(&r, NULL, "root", RIG_PASSWORD), 200);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rig_prepare(&r, "GET", "/api/v1/me", NULL);
		r.d.req.host = span_str(cases[i].host);
		assert_int_equal(rig_run(&r), 200);
		assert_span_eq(rig_text(r.answer, "s3Url"), cases[i].url);
	}
	r.cfg.s3_url = "https://s3.example";
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 200);
	assert_span_eq(rig_text(r.answer, "s3Url"), "https://s3.example");
	rig_close(&r);
}

static void probes_answer_here_too(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(rig_call(&r, "GET", "/health", NULL), 200);
	assert_int_equal(rig_call(&r, "GET", "/ready", NULL), 200);
	assert_int_equal(rig_call(&r, "GET", "/api/v1/me", NULL), 401);
	assert_int_equal(rig_call(&r, "GET", "/metrics", NULL), 200);
	assert_true(span_find(buf_span(&r.d.out), SPAN_LIT("SessionEnded")) > 0);
	rig_close(&r);
}

/* A path of the file is a line indented by two that begins with '/', a method one indented by
 * four. */
static const char *described(struct span text, struct arena *a)
{
	static const char *const methods[] = {
		"get", "put", "post", "delete", "patch", "head", "options"};
	struct span line, path = SPAN_NULL;
	const char *all = "";

	while (span_cut(&text, '\n', &line)) {
		if (span_starts(line, SPAN_LIT("components:")))
			break;
		if (span_starts(line, SPAN_LIT("  /")))
			path = span_head(span_from(line, 2), line.n - 3);
		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
			if (span_eq_str(line, arena_printf(a, "    %s:", methods[i])))
				all = arena_printf(a, "%s%s /api/v1%.*s\n", all, methods[i],
					SPAN_FMT(path));
	}
	return all;
}

static void openapi_and_route_table_are_the_same(void **state)
{
	struct arena *a = arena_new();
	const char *dir = getenv("srcdir");
	const struct console_route *rows;
	const char *all;
	struct span text;
	struct err e;
	size_t n, lines = 0;

	(void)state;
	assert_int_equal(fio_read_file(AT_FDCWD,
				 arena_printf(a, "%s/htdocs/openapi.yaml", dir ? dir : "."),
				 1 << 20, a, &text, &e),
		0);
	all = described(text, a);
	for (const char *p = all; *p; p++)
		lines += *p == '\n';
	rows = console_routes(&n);
	assert_int_equal(lines, n);
	for (size_t i = 0; i < n; i++) {
		char *method = arena_strdup(a, rows[i].method);
		const char *want;

		for (char *p = method; *p; p++)
			*p = (char)(*p | 0x20);
		want = arena_printf(a, "%s %s\n", method, rows[i].path);
		if (!strstr(all, want))
			fail_msg("htdocs/openapi.yaml lacks %s", want);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_routes_and_methods_are_told),
		cmocka_unit_test(head_answers_as_get_without_the_body),
		cmocka_unit_test(every_route_but_login_wants_a_session),
		cmocka_unit_test(a_body_must_be_a_json_object),
		cmocka_unit_test(long_bodies_are_refused_unread),
		cmocka_unit_test(a_vanished_client_and_a_full_house_are_answered),
		cmocka_unit_test(hosts_of_every_form_give_an_s3_url),
		cmocka_unit_test(probes_answer_here_too),
		cmocka_unit_test(openapi_and_route_table_are_the_same),
	};

	log_setup(LOG_WARN, LOG_TEXT, "test");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
