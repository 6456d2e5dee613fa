/* SPDX-License-Identifier: MIT */
/* SIGTERM: nothing that was accepted is lost, and the process ends. */
#include "tests/unit/fcgi/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/listen.h"

static struct wire w; /* the test's; empty between requests */

static int setup(void **state)
{
	w.n = 0;
	return rig_setup(state);
}

static void expect_answer(int fd, const char *text)
{
	struct answer a;

	rig_answer(fd, &a, true);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.text, text);
	assert_true(a.ended && a.closed);
	assert_int_equal(a.trailing, 1); /* nginx must not use it again */
	close(fd);
}

static void requests_in_flight_and_queued_are_served(void **state)
{
	enum { MANY = 30 };
	struct rig *r = *state;
	int fds[MANY];

	rig_start(r);
	for (int i = 0; i < MANY; i++) { /* two are served, the others wait for a thread */
		fds[i] = rig_dial(r);
		wire_get(&w, "/hold", true);
		assert_true(wire_send(fds[i], &w));
	}
	rig_await_held(r, r->cfg.request_threads);
	kill(getpid(), SIGTERM);
	assert_false(rig_ended(r, 600));
	assert_int_equal(access(r->path, F_OK), -1);
	rig_open_gate(r);
	for (int i = 0; i < MANY; i++)
		expect_answer(fds[i], "held");
	assert_true(rig_ended(r, PATIENCE_MS));
	assert_int_equal(r->rc, 0);
}

static void an_upload_in_flight_comes_to_its_end(void **state)
{
	struct rig *r = *state;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_head(&w, "PUT", "/echo", 10, true);
	wire_body(&w, "01234");
	assert_true(wire_send(fd, &w));
	rig_await_metric(r, METRIC_TRANSFERS, 1);
	kill(getpid(), SIGTERM);
	assert_false(rig_ended(r, 600));
	wire_body(&w, "56789");
	wire_end(&w);
	assert_true(wire_send(fd, &w));
	expect_answer(fd, "0123456789");
	assert_true(rig_ended(r, PATIENCE_MS));
	assert_int_equal(r->rc, 0);
}

/* What was made before the signal but said nothing yet; a kept connection that is used once
 * more. */
static void connections_are_good_for_one_more_request(void **state)
{
	struct rig *r = *state;
	int held, fresh, kept;

	rig_start(r);
	kept = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(kept, &w, 200, "mark 1");
	held = rig_dial(r);
	wire_get(&w, "/hold", true);
	assert_true(wire_send(held, &w));
	rig_await_held(r, 1);
	fresh = rig_dial(r);
	kill(getpid(), SIGTERM);
	while (access(r->path, F_OK) == 0)
		usleep(1000);
	wire_get(&w, "/echo", true);
	assert_true(wire_send(fresh, &w));
	expect_answer(fresh, "");
	wire_get(&w, "/mark", true);
	assert_true(wire_send(kept, &w));
	expect_answer(kept, "mark 2");
	rig_open_gate(r);
	expect_answer(held, "held");
	assert_true(rig_ended(r, PATIENCE_MS));
}

static void without_a_successor_idle_connections_hold_nothing_up(void **state)
{
	struct rig *r = *state;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	kill(getpid(), SIGTERM);
	assert_true(rig_ended(r, 10000));
	assert_int_equal(r->rc, 0);
	close(fd);
}

/* With one, it is the front server that closes them: whatever it just sent there is answered.
 */
static void with_a_successor_the_front_server_closes_its_connections(void **state)
{
	struct rig *r = *state;
	struct listener successor;
	struct err e;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	assert_int_equal(listen_open(r->path, 16, &successor, &e), 0);
	kill(getpid(), SIGTERM);
	assert_false(rig_ended(r, 1000));
	wire_get(&w, "/mark", true);
	assert_true(wire_send(fd, &w));
	expect_answer(fd, "mark 2");
	assert_true(rig_ended(r, 10000));
	assert_int_equal(r->rc, 0);
	assert_int_equal(access(r->path, F_OK), 0);
	listen_close(&successor);
}

static int dial_inet(const struct sockaddr_in *sa)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* On an address that clients go on to know, as on a socket that others share, it stops to
 * accept. */
static void new_connections_do_not_keep_it_for_ever(void **state)
{
	struct rig *r = *state;
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t n = sizeof(sa);
	int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), held = -1, fd;
	char spec[32];

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(probe, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(probe, (struct sockaddr *)&sa, &n), 0);
	close(probe);
	snprintf(spec, sizeof(spec), "127.0.0.1:%d", ntohs(sa.sin_port));
	r->cfg.listen = spec;
	rig_start(r);
	for (int ms = 0; held < 0 && ms < PATIENCE_MS; ms++) {
		held = dial_inet(&sa);
		usleep(1000);
	}
	wire_get(&w, "/hold", true);
	assert_true(wire_send(held, &w));
	rig_await_held(r, 1);
	kill(getpid(), SIGTERM);
	for (int ms = 0; (fd = dial_inet(&sa)) >= 0; ms++) {
		assert_true(ms < PATIENCE_MS);
		close(fd);
		usleep(1000);
	}
	rig_open_gate(r);
	expect_answer(held, "held");
	assert_true(rig_ended(r, PATIENCE_MS));
	assert_int_equal(r->rc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			requests_in_flight_and_queued_are_served, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_upload_in_flight_comes_to_its_end, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			connections_are_good_for_one_more_request, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			without_a_successor_idle_connections_hold_nothing_up, setup,
			rig_teardown),
		cmocka_unit_test_setup_teardown(
			with_a_successor_the_front_server_closes_its_connections, setup,
			rig_teardown),
		cmocka_unit_test_setup_teardown(
			new_connections_do_not_keep_it_for_ever, setup, rig_teardown),
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
