/* SPDX-License-Identifier: MIT */
/* Requests that break off, lie about their bodies or are none, and bodies that nobody wants. */
#include "tests/unit/fcgi/rig.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static struct wire w, forged; /* the test's; empty between requests */

static int setup(void **state)
{
	w.n = forged.n = 0;
	return rig_setup(state);
}

/* Whether the server still answers. */
static void expect_alive(struct rig *r)
{
	int fd = rig_dial(r);
	struct answer a;

	wire_get(&w, "/echo", true);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, false);
	assert_int_equal(a.status, 200);
	close(fd);
}

/* ---- bodies that nobody reads
 * ------------------------------------------------------------------------ */

/* A body that looks like a request must not become one once its own request was refused. */
static void what_is_left_of_a_refused_body_is_never_a_request(void **state)
{
	struct rig *r = *state;
	struct answer a;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&forged, "/mark", true);
	wire_head(&w, "PUT", "/refuse", 100000, true);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, false);
	assert_int_equal(a.status, 403);
	wire_send(fd, &forged); /* as the content of a record whose head was read */
	rig_answer(fd, &a, true);
	assert_int_equal(a.status, 0);
	close(fd);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
	assert_int_equal(rig_marks(r), 0);
}

/* The same with all bytes there at once: libfcgi reads 8 KiB, the forged request starts behind
 * them. */
static void nor_is_it_when_it_came_with_the_request(void **state)
{
	static const size_t marks[] = {8192, 16384, 65536};
	static char pad[65536];
	struct rig *r = *state;
	unsigned served = 0;

	rig_start(r);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		for (int length = -1; length <= 1; length++) {
			int fd = rig_dial(r);
			struct answer a;

			wire_get(&forged, "/mark", true);
			wire_head(&w, "PUT", "/refuse", length ? length * 60000L : 1, true);
			wire_record(&w, STDIN, 1, pad, marks[i] - w.n - 8);
			assert_int_equal(w.n, marks[i]);
			memcpy(w.b + w.n, forged.b, forged.n);
			w.n += forged.n;
			forged.n = 0;
			wire_send(fd, &w);
			rig_answer(fd, &a, true);
			assert_true(a.closed);
			rig_await_served(r, ++served);
			close(fd);
		}
	}
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
	assert_int_equal(rig_marks(r), 0);
}

/* Nor may a refused upload that goes on or stands still cost a thread: there are two. */
static void a_refused_upload_stops_nobody(void **state)
{
	enum { MANY = 20 };
	struct rig *r = *state;
	int64_t began = clock_mono_us();
	int slow[MANY], fd;
	struct answer a;

	rig_start(r);
	for (int i = 0; i < MANY; i++) {
		slow[i] = rig_dial(r);
		wire_head(&w, "PUT", "/refuse", 100000, i & 1);
		wire_body(&w, "a beginning");
		assert_true(wire_send(slow[i], &w));
		rig_answer(slow[i], &a, false);
		assert_int_equal(a.status, 403);
		assert_string_equal(a.text, "refused");
	}
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	assert_in_range((clock_mono_us() - began) / 1000, 0, 8000);
	close(fd);
	for (int i = 0; i < MANY; i++) {
		wire_body(&w, "goes on");
		wire_send(slow[i], &w);
		close(slow[i]);
	}
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

/* In HTTP/2 a GET may have a body although it tells no length; HTTP/1 has none then. */
static void an_end_that_a_get_over_http_2_withholds_stops_nobody(void **state)
{
	enum { MANY = 20 };
	struct rig *r = *state;
	int64_t began = clock_mono_us();
	int slow[MANY], fd;
	struct answer a;

	rig_start(r);
	for (int i = 0; i < MANY; i++) {
		slow[i] = rig_dial(r);
		wire_head_of(&w, "HTTP/2.0", "GET", "/refuse", -2, true);
		if (i & 1)
			wire_body(&w, "a beginning");
		assert_true(wire_send(slow[i], &w));
		rig_answer(slow[i], &a, false);
		assert_int_equal(a.status, 403);
	}
	fd = rig_dial(r);
	for (int i = 0; i < 3; i++) { /* with its end in time, the connection is kept */
		wire_head_of(&w, "HTTP/2.0", "GET", "/refuse", -2, true);
		wire_end(&w);
		rig_ask(fd, &w, 403, "refused");
	}
	assert_in_range((clock_mono_us() - began) / 1000, 0, 8000);
	close(fd);
	for (int i = 0; i < MANY; i++)
		close(slow[i]);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

/* The front server sees the answer although it sends on, and the end of the connection. */
static void the_answer_to_a_refused_upload_is_not_lost(void **state)
{
	static char block[60000];
	struct rig *r = *state;
	struct answer a;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_head(&w, "PUT", "/refuse", 100 * (long)sizeof(block), true);
	for (int i = 0; i < 100; i++) {
		wire_record(&w, STDIN, 1, block, sizeof(block));
		assert_true(wire_send(fd, &w));
	}
	wire_end(&w);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, true);
	assert_int_equal(a.status, 403);
	assert_true(a.ended);
	assert_int_equal(a.trailing, 1); /* by which nginx knows not to keep the connection */
	close(fd);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

static void a_front_server_that_never_ends_it_is_left(void **state)
{
	struct rig *r = *state;
	struct answer a;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_head(&w, "PUT", "/refuse", 1000, true);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, true);
	assert_int_equal(a.status, 403);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
	close(fd);
}

/* ---- bodies that lie
 * ---------------------------------------------------------------------------------- */

static void a_body_that_is_not_what_was_told_is_incomplete(void **state)
{
	static const struct {
		long length;
		const char *body;
		bool end; /* else the connection is closed behind the body */
	} rows[] = {
		{10, "01234", true},
		{10, "01234", false},
		{10, "0123456789", false}, /* all of it, but not its end */
		{10, "0123456789x", true},
		{10, "", true},
		{-1, "01234", false}, /* a chunked upload that was given up */
		{-1, "", false},
	};
	struct rig *r = *state;

	rig_start(r);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = rig_dial(r);
		struct answer a;

		wire_head(&w, "PUT", "/echo", rows[i].length, true);
		if (rows[i].body[0])
			wire_body(&w, rows[i].body);
		if (rows[i].end)
			wire_end(&w);
		assert_true(wire_send(fd, &w));
		if (!rows[i].end)
			shutdown(fd, SHUT_WR);
		if (rig_await_served(r, i + 1) != ERR_INCOMPLETE)
			fail_msg("row %u", i);
		rig_answer(fd, &a, true);
		assert_int_equal(a.status, 400);
		assert_true(a.closed);
		close(fd);
	}
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

static void an_aborted_request_is_incomplete(void **state)
{
	static const long lengths[] = {10, -1};
	struct rig *r = *state;

	rig_start(r);
	for (unsigned i = 0; i < 2; i++) {
		int fd = rig_dial(r);
		struct answer a;

		wire_head(&w, "PUT", "/echo", lengths[i], true);
		wire_body(&w, "01234");
		wire_record(&w, ABORT_REQUEST, 1, NULL, 0);
		assert_true(wire_send(fd, &w));
		assert_int_equal(rig_await_served(r, i + 1), ERR_INCOMPLETE);
		rig_answer(fd, &a, true);
		assert_true(a.closed);
		close(fd);
	}
	expect_alive(r);
}

/* ---- requests that are none
 * ---------------------------------------------------------------------------- */

/* Sends w, then `ends` the sending; the connection must be closed without an answer. */
static void expect_closed(struct rig *r, bool ends)
{
	int fd = rig_dial(r);
	struct answer a;

	wire_send(fd, &w);
	if (ends)
		shutdown(fd, SHUT_WR);
	rig_answer(fd, &a, true);
	assert_int_equal(a.status, 0);
	assert_true(a.closed);
	close(fd);
}

static void nonsense_is_closed(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	memcpy(w.b, "GET / HTTP/1.1\r\n\r\n", w.n = 18);
	expect_closed(r, false);
	wire_begin(&w, true);
	w.b[0] = 2; /* another version */
	expect_closed(r, false);
	wire_record(&w, BEGIN_REQUEST, 0, "\0\1\1\0\0\0\0", 8);
	expect_closed(r, false);
	wire_record(&w, BEGIN_REQUEST, 1, "\0\1", 2);
	expect_closed(r, false);
	wire_record(&w, BEGIN_REQUEST, 1, "\0\11\1\0\0\0\0", 8); /* a role that is none */
	expect_closed(r, false);
	wire_begin(&w, true);
	wire_record(&w, PARAMS, 1, "\200\0\0", 3); /* half a length */
	wire_record(&w, PARAMS, 1, NULL, 0);
	expect_closed(r, false);
	wire_begin(&w, true);
	wire_record(&w, PARAMS, 1, "\377\377\377\377\377\377\377\377", 8);
	wire_record(&w, PARAMS, 1, NULL, 0);
	expect_closed(r, false);
	wire_begin(&w, true);
	w.n = 5; /* half a header */
	expect_closed(r, true);
	expect_closed(r, true); /* nothing at all */
	expect_alive(r);
	assert_int_equal(r->served, 1);
}

/* The head of a DELETE without its last headers is not a smaller DELETE. */
static void a_head_that_breaks_off_is_no_request(void **state)
{
	struct rig *r = *state;
	struct wire *params = calloc(1, sizeof(*params));
	size_t whole;

	rig_start(r);
	wire_param(params, "REQUEST_METHOD", "DELETE");
	wire_param(params, "REQUEST_URI", "/mark");
	whole = params->n;
	wire_param(params, "HTTP_IF_MATCH", "\"etag\"");
	for (size_t n = 0; n <= params->n; n += n < whole ? whole : 1) {
		wire_begin(&w, true);
		wire_record(&w, PARAMS, 1, params->b, n ? n : params->n);
		w.n -= n
			? 0
			: params->n - whole; /* cut within the record, between two parameters */
		expect_closed(r, true);
	}
	wire_begin(&w, true);
	wire_record(&w, PARAMS, 1, params->b, whole);
	wire_record(&w, ABORT_REQUEST, 1, NULL, 0);
	expect_closed(r, false);
	assert_int_equal(rig_marks(r), 0);
	free(params);
}

/* ---- records that are not of a request
 * ------------------------------------------------------------------ */

/* libfcgi answers such a record once more has come: the request, here. */
static void management_records_are_answered(void **state)
{
	struct rig *r = *state;
	struct wire *names = calloc(1, sizeof(*names));
	unsigned char got[8 + 24];
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_param(names, "FCGI_MPXS_CONNS", "");
	wire_record(&w, GET_VALUES, 0, names->b, names->n);
	wire_head(&w, "GET", "/mark", -2, true);
	assert_true(wire_send(fd, &w));
	assert_int_equal(recv(fd, got, sizeof(got), MSG_WAITALL), sizeof(got));
	assert_int_equal(got[1], GET_VALUES_RESULT);
	assert_memory_equal(got + 8, "\17\1FCGI_MPXS_CONNS0", 18);
	wire_end(&w);
	rig_ask(fd, &w, 200, "mark 1");
	free(names);
	close(fd);
}

/* One that multiplexes is told that it cannot; the request at hand goes on. */
static void a_second_request_at_the_same_time_is_refused(void **state)
{
	struct rig *r = *state;
	unsigned char got[16];
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_head(&w, "PUT", "/echo", 5, true);
	wire_record(&w, BEGIN_REQUEST, 2, "\0\1\1\0\0\0\0", 8);
	assert_true(wire_send(fd, &w));
	assert_int_equal(recv(fd, got, sizeof(got), MSG_WAITALL), sizeof(got));
	assert_int_equal(got[1], END_REQUEST);
	assert_int_equal(got[3], 2);
	assert_int_equal(got[12], 1); /* FCGI_CANT_MPX_CONN */
	wire_body(&w, "hello");
	wire_end(&w);
	rig_ask(fd, &w, 200, "hello");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_left_of_a_refused_body_is_never_a_request, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			nor_is_it_when_it_came_with_the_request, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_refused_upload_stops_nobody, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_end_that_a_get_over_http_2_withholds_stops_nobody, setup,
			rig_teardown),
		cmocka_unit_test_setup_teardown(
			the_answer_to_a_refused_upload_is_not_lost, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_front_server_that_never_ends_it_is_left, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_body_that_is_not_what_was_told_is_incomplete, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_aborted_request_is_incomplete, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(nonsense_is_closed, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_head_that_breaks_off_is_no_request, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			management_records_are_answered, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_second_request_at_the_same_time_is_refused, setup, rig_teardown),
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
