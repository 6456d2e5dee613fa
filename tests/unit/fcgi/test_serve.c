/* SPDX-License-Identifier: MIT */
/* Requests and connections, as a front server that keeps to the protocol makes them. */
#include "tests/unit/fcgi/rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

static struct wire w; /* the test's; empty between requests */

static int setup(void **state)
{
	w.n = 0;
	return rig_setup(state);
}

static void requests_follow_each_other_on_a_kept_connection(void **state)
{
	struct rig *r = *state;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	for (int i = 0; i < 20; i++) {
		char want[16];

		snprintf(want, sizeof(want), "mark %d", i + 1);
		wire_get(&w, "/mark", true);
		rig_ask(fd, &w, 200, want);
		wire_head(&w, "PUT", "/echo", 5, true);
		wire_body(&w, "he");
		wire_body(&w, "llo");
		wire_end(&w);
		rig_ask(fd, &w, 200, "hello");
		wire_head(&w, "PUT", "/echo", -1, true);
		wire_body(&w, "unknown length");
		wire_end(&w);
		rig_ask(fd, &w, 200, "unknown length");
		wire_head(&w, "PUT", "/echo", 0, true);
		wire_end(&w);
		rig_ask(fd, &w, 200, "");
	}
	assert_int_equal(metrics_get(r->metrics, METRIC_CONNECTIONS), 1);
	close(fd);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

static void a_connection_that_nobody_keeps_is_closed(void **state)
{
	struct rig *r = *state;
	struct answer a;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/mark", false);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, true);
	assert_int_equal(a.status, 200);
	assert_true(a.ended && a.closed);
	assert_int_equal(a.trailing, 0);
	close(fd);
}

/* The end of a body that was read may come later than all of its bytes. */
static void the_end_of_a_body_may_come_late(void **state)
{
	struct rig *r = *state;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_head(&w, "GET", "/mark", -2, true);
	assert_true(wire_send(fd, &w));
	usleep(50 * 1000);
	wire_end(&w);
	rig_ask(fd, &w, 200, "mark 1");
	close(fd);
}

static void a_large_response_arrives_whole(void **state)
{
	struct rig *r = *state;
	struct answer a;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/large", true);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, false);
	assert_int_equal(a.body, LARGE_BYTES);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	close(fd);
}

static unsigned threads(void)
{
	DIR *d = opendir("/proc/self/task");
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void an_idle_connection_costs_no_thread(void **state)
{
	struct rig *r = *state;
	unsigned before = threads();
	int fds[200];

	rig_start(r);
	for (int i = 0; i < 200; i++) {
		char want[16];

		snprintf(want, sizeof(want), "mark %d", i + 1);
		fds[i] = rig_dial(r);
		wire_get(&w, "/mark", true);
		rig_ask(fds[i], &w, 200, want);
	}
	assert_int_equal(metrics_get(r->metrics, METRIC_CONNECTIONS), 200);
	assert_in_range(threads(), before + 1, before + 1 + r->cfg.request_threads);
	for (int i = 0; i < 200; i++)
		close(fds[i]);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

/* All request threads would be taken if an upload that stands still kept one. */
static void an_upload_that_stands_still_stops_nobody(void **state)
{
	struct rig *r = *state;
	int slow[4], fd;

	rig_start(r);
	for (int i = 0; i < 4; i++) {
		slow[i] = rig_dial(r);
		wire_head(&w, "PUT", "/echo", 10, true);
		wire_body(&w, "01234");
		assert_true(wire_send(slow[i], &w));
	}
	rig_await_metric(r, METRIC_TRANSFERS, 4);
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	wire_head(&w, "PUT", "/echo", 5, true); /* one more than may be */
	wire_body(&w, "hello");
	wire_end(&w);
	assert_true(wire_send(fd, &w));
	rig_await_served(r, 2);
	close(fd);
	for (int i = 0; i < 4; i++) {
		wire_body(&w, "56789");
		wire_end(&w);
		rig_ask(slow[i], &w, 200, "0123456789");
		close(slow[i]);
	}
	rig_await_metric(r, METRIC_TRANSFERS, 0);
}

static void a_download_that_stands_still_stops_nobody(void **state)
{
	struct rig *r = *state;
	int slow[4], fd;

	rig_start(r);
	for (int i = 0; i < 4; i++) {
		slow[i] = rig_dial(r);
		wire_get(&w, "/large", true);
		assert_true(wire_send(slow[i], &w));
	}
	rig_await_metric(r, METRIC_TRANSFERS, 4);
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	close(fd);
	for (int i = 0; i < 4; i++) {
		struct answer a;

		rig_answer(slow[i], &a, false);
		assert_int_equal(a.body, LARGE_BYTES);
		close(slow[i]);
	}
}

static void a_download_beyond_all_transfers_is_cut_and_stops_nobody_for_long(void **state)
{
	struct rig *r = *state;
	int slow[6], fd;

	rig_start(r);
	for (int i = 0; i < 4; i++) {
		slow[i] = rig_dial(r);
		wire_get(&w, "/large", true);
		assert_true(wire_send(slow[i], &w));
	}
	rig_await_metric(r, METRIC_TRANSFERS, 4);
	for (int i = 4; i < 6; i++) {
		slow[i] = rig_dial(r);
		wire_get(&w, "/large", true);
		assert_true(wire_send(slow[i], &w));
	}
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	close(fd);
	for (int i = 0; i < 6; i++)
		close(slow[i]);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

static void a_client_that_goes_during_a_download_frees_its_thread(void **state)
{
	struct rig *r = *state;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/large", true);
	assert_true(wire_send(fd, &w));
	rig_await_metric(r, METRIC_TRANSFERS, 1);
	close(fd);
	rig_await_served(r, 1);
	assert_int_equal(r->last_write, ERR_INCOMPLETE);
	rig_await_metric(r, METRIC_TRANSFERS, 0);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

static void a_client_that_takes_nothing_is_given_up_in_time(void **state)
{
	struct rig *r = *state;
	int fd;

	r->cfg.body_timeout_s = 1;
	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/large", true);
	assert_true(wire_send(fd, &w));
	rig_await_served(r, 1);
	assert_int_equal(r->last_write, ERR_INCOMPLETE);
	wire_head(&w, "PUT", "/echo", 10, true);
	close(fd);
	fd = rig_dial(r);
	assert_true(wire_send(fd, &w));
	assert_int_equal(rig_await_served(r, 2), ERR_INCOMPLETE);
	close(fd);
}

static void a_response_that_is_given_up_never_looks_whole(void **state)
{
	struct rig *r = *state;
	struct answer a;
	int fd;

	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/cut", true);
	assert_true(wire_send(fd, &w));
	rig_answer(fd, &a, true);
	assert_false(a.ended);
	assert_true(a.closed);
	close(fd);
}

static void a_connection_that_is_idle_for_too_long_is_closed(void **state)
{
	struct rig *r = *state;
	char byte;
	int fd;

	r->cfg.idle_timeout_s = 1;
	rig_start(r);
	fd = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(fd, &w, 200, "mark 1");
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
	rig_await_metric(r, METRIC_CONNECTIONS, 0);
}

/* Takes all descriptors but `spare`; returns how many were taken. */
static int take_descriptors(int *taken, int cap, int spare)
{
	int n = 0;

	while (n < cap && (taken[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		n++;
	assert_in_range(n, spare, cap - 1);
	while (spare-- > 0)
		close(taken[--n]);
	return n;
}

static void a_lack_of_descriptors_only_delays_new_connections(void **state)
{
	struct rig *r = *state;
	struct rlimit limit, low;
	int taken[512], n, kept, fresh, log = memfd_create("log", MFD_CLOEXEC);
	char lines[4096] = "", *complaint;

	log_to_fd(log);
	rig_start(r);
	kept = rig_dial(r);
	wire_get(&w, "/mark", true);
	rig_ask(kept, &w, 200, "mark 1");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	low = (struct rlimit){.rlim_cur = 300, .rlim_max = limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	n = take_descriptors(taken, 512, 1);
	fresh = rig_dial(r);
	wire_get(&w, "/mark", true);
	assert_true(wire_send(fresh, &w));
	usleep(200 * 1000);
	wire_get(&w, "/mark", true);
	rig_ask(kept, &w, 200, "mark 2");
	while (n > 0)
		close(taken[--n]);
	rig_ask(fresh, &w, 200, "mark 3");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	close(fresh);
	close(kept);
	rig_stop(r);
	log_to_fd(r->log_fd);
	assert_true(pread(log, lines, sizeof(lines) - 1, 0) > 0);
	complaint = strstr(lines, "out of descriptors");
	assert_non_null(complaint);
	assert_null(strstr(complaint + 1, "out of descriptors")); /* said once */
	close(log);
}

static void sighup_reloads(void **state)
{
	struct rig *r = *state;

	rig_start(r);
	kill(getpid(), SIGHUP);
	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		unsigned reloads;

		pthread_mutex_lock(&r->lock);
		reloads = r->reloads;
		pthread_mutex_unlock(&r->lock);
		if (reloads == 1)
			return;
		usleep(1000);
	}
	fail_msg("nothing was read again");
}

static void what_cannot_be_listened_at_is_an_error(void **state)
{
	struct rig *r = *state;

	r->cfg.listen = "nowhere";
	rig_start(r);
	assert_true(rig_ended(r, PATIENCE_MS));
	assert_int_equal(r->rc, -1);
	assert_int_equal(r->e.kind, ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			requests_follow_each_other_on_a_kept_connection, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_connection_that_nobody_keeps_is_closed, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			the_end_of_a_body_may_come_late, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_large_response_arrives_whole, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_idle_connection_costs_no_thread, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_upload_that_stands_still_stops_nobody, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_download_that_stands_still_stops_nobody, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_download_beyond_all_transfers_is_cut_and_stops_nobody_for_long, setup,
			rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_client_that_goes_during_a_download_frees_its_thread, setup,
			rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_client_that_takes_nothing_is_given_up_in_time, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_response_that_is_given_up_never_looks_whole, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_connection_that_is_idle_for_too_long_is_closed, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			a_lack_of_descriptors_only_delays_new_connections, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(sighup_reloads, setup, rig_teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_listened_at_is_an_error, setup, rig_teardown),
	};

	alarm(300);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
