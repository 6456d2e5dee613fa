/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "fcgi/serve.h"

/* Answers with what it was asked and what came with it. */
struct echo {
	struct http_app app; /* first */
	bool answered;
	enum err_kind body;
};

static void echo_serve(struct http_app *app, struct http_req *r)
{
	struct echo *x = (struct echo *)app;
	struct http_head h;
	char text[256];
	struct err e = {0};
	size_t n = 0, total = 0;

	assert_int_equal(http_enter_transfer(r, &e), 0);
	do {
		total += n;
		if (source_read(r->body, text + total, sizeof(text) - total, &n, &e) < 0)
			break;
	} while (n > 0);
	x->body = e.kind;
	http_head_init(&h, r->arena);
	http_head_add(&h, "X-Method", r->method);
	http_head_add(&h, "X-Path", r->path);
	http_head_add_str(&h, "Location", "/elsewhere");
	x->answered = http_respond(r, x->body ? 400 : 200, &h, span_of(text, total), &e) == 0;
}

/* One process's life: env, and stdin that ends behind `body` or stays open. */
struct run {
	struct echo echo;
	char out[1024];
	int rc;
	struct err e;
};

static void run_cgi(struct run *r, const char *const *env, const char *body, bool ends)
{
	int in[2], out[2];
	ssize_t n;

	*r = (struct run){.echo = {.app = {echo_serve}}};
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], body, strlen(body)), strlen(body));
	if (ends)
		close(in[1]);
	r->rc = cgi_serve(&r->echo.app, (char **)(uintptr_t)env, in[0], out[1], &r->e);
	close(out[1]);
	n = read(out[0], r->out, sizeof(r->out) - 1);
	assert_true(n >= 0);
	close(out[0]);
	close(in[0]);
	if (!ends)
		close(in[1]);
}
#define RUN(r, body, ends, ...) \
	run_cgi((r), (const char *const[]){__VA_ARGS__, NULL}, (body), (ends))

static void a_gateway_is_known_by_its_variables(void **state)
{
	char *cgi[] = {"PATH=/bin", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", NULL};
	char *fastcgi[] = {"PATH=/bin", "REQUEST_METHOD=GET", NULL};
	char *half[] = {"GATEWAY_INTERFACE=CGI/1.1", NULL};
	char *other[] = {"GATEWAY_INTERFACE=FastCGI/1.0", "REQUEST_METHOD=GET", NULL};

	(void)state;
	assert_true(cgi_is_request(cgi));
	assert_false(cgi_is_request(fastcgi));
	assert_false(cgi_is_request(half));
	assert_false(cgi_is_request(other));
}

/* Standard input need not end behind a request without a body: it is not even asked. */
static void a_get_is_answered(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, "", false, "REQUEST_METHOD=GET", "REQUEST_URI=/b/k?x");
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.out,
		"Status: 200 OK\r\nX-Method: GET\r\nX-Path: /b/k\r\nContent-Length: 0\r\n\r\n");
	RUN(&r, "", false, "REQUEST_METHOD=HEAD", "REQUEST_URI=/b/k", "CONTENT_LENGTH=");
	assert_int_equal(r.rc, 0);
	assert_string_equal(r.out,
		"Status: 200 OK\r\nX-Method: HEAD\r\nX-Path: /b/k\r\nContent-Length: "
		"0\r\n\r\n");
}

static void a_put_is_read_to_its_length_and_no_further(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, "hellomore", false, "REQUEST_METHOD=PUT", "REQUEST_URI=/b/k",
		"CONTENT_LENGTH=5");
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.echo.body, ERR_NONE);
	assert_string_equal(r.out,
		"Status: 200 OK\r\nX-Method: PUT\r\nX-Path: /b/k\r\nContent-Length: "
		"5\r\n\r\nhello");
}

static void a_body_that_is_cut_is_incomplete(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, "hell", true, "REQUEST_METHOD=PUT", "REQUEST_URI=/b/k", "CONTENT_LENGTH=5");
	assert_int_equal(r.echo.body, ERR_INCOMPLETE);
	assert_memory_equal(r.out, "Status: 400", 11);
}

static void a_chunked_body_ends_where_standard_input_does(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, "hello", true, "REQUEST_METHOD=PUT", "REQUEST_URI=/b/k",
		"HTTP_TRANSFER_ENCODING=chunked");
	assert_int_equal(r.echo.body, ERR_NONE);
	assert_non_null(strstr(r.out, "\r\n\r\nhello"));
}

/* A gateway would go to the Location of a 200 instead of passing the answer on. */
static void only_a_200_loses_its_location(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, "", false, "REQUEST_METHOD=GET", "REQUEST_URI=/");
	assert_memory_equal(r.out, "Status: 200", 11);
	assert_null(strstr(r.out, "Location"));
	RUN(&r, "x", true, "REQUEST_METHOD=PUT", "REQUEST_URI=/", "CONTENT_LENGTH=2");
	assert_memory_equal(r.out, "Status: 400", 11);
	assert_non_null(strstr(r.out, "\r\nLocation: /elsewhere\r\n"));
}

static void a_server_that_is_gone_is_noticed(void **state)
{
	struct run r = {.echo = {.app = {echo_serve}}};
	char *env[] = {"REQUEST_METHOD=GET", "REQUEST_URI=/", NULL};
	int out[2];

	(void)state;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	close(out[0]);
	assert_int_equal(cgi_serve(&r.echo.app, env, -1, out[1], &r.e), -1);
	assert_int_equal(r.e.kind, ERR_INCOMPLETE);
	close(out[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateway_is_known_by_its_variables),
		cmocka_unit_test(a_get_is_answered),
		cmocka_unit_test(a_put_is_read_to_its_length_and_no_further),
		cmocka_unit_test(a_body_that_is_cut_is_incomplete),
		cmocka_unit_test(a_chunked_body_ends_where_standard_input_does),
		cmocka_unit_test(only_a_200_loses_its_location),
		cmocka_unit_test(a_server_that_is_gone_is_noticed),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
