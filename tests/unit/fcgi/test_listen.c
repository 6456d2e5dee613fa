/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fcgi/listen.h"

enum { BACKLOG = 16, PASSED_FD = 3 };

struct place {
	char dir[64], path[128];
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/maxiofs-listen-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/s", p->dir);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	assert_int_equal(rmdir(p->dir), 0); /* nothing else was left behind */
	free(p);
	return 0;
}

static int dial_unix(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(sa.sun_path));
	memcpy(sa.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Whether a connection made by dial ends at this listener. */
static bool reaches(const struct listener *l, int dialled)
{
	int fd = accept(l->fd, NULL, NULL);

	close(dialled);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void expect_refused(const char *spec, const char *word)
{
	struct listener l;
	struct err e;

	assert_int_equal(listen_open(spec, BACKLOG, &l, &e), -1);
	if (e.kind != ERR_INVALID || !strstr(e.text, word))
		fail_msg("\"%s\": %s: %s", spec, err_kind_name(e.kind), e.text);
	listen_close(&l);
}

static void a_path_is_made_and_removed(void **state)
{
	struct place *p = *state;
	struct listener l;
	struct stat st;
	struct err e;

	assert_int_equal(listen_open(p->path, BACKLOG, &l, &e), 0);
	assert_int_equal(stat(p->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_true(fcntl(l.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(reaches(&l, dial_unix(p->path)));
	listen_close(&l);
	assert_int_equal(l.fd, -1);
	assert_int_equal(access(p->path, F_OK), -1);
	listen_close(&l);
}

static void a_successor_takes_the_path_over_without_a_gap(void **state)
{
	struct place *p = *state;
	struct listener old, new;
	struct err e;
	int queued;

	assert_int_equal(listen_open(p->path, BACKLOG, &old, &e), 0);
	queued = dial_unix(p->path);
	assert_int_equal(listen_open(p->path, BACKLOG, &new, &e), 0);
	assert_true(reaches(&new, dial_unix(p->path)));
	assert_true(reaches(&old, queued));
	assert_true(listen_hide(&old));
	listen_close(&old);
	assert_true(reaches(&new, dial_unix(p->path))); /* the path is the successor's */
	assert_false(listen_hide(&new));
	assert_int_equal(access(p->path, F_OK), -1);
	listen_close(&new);
}

static void a_path_that_somebody_removed_is_nobodys(void **state)
{
	struct place *p = *state;
	struct listener l;
	struct err e;

	assert_int_equal(listen_open(p->path, BACKLOG, &l, &e), 0);
	unlink(p->path);
	assert_false(listen_hide(&l));
	listen_close(&l);
}

static void the_socket_of_a_dead_process_is_replaced(void **state)
{
	struct place *p = *state;
	struct listener dead, l;
	struct err e;

	assert_int_equal(listen_open(p->path, BACKLOG, &dead, &e), 0);
	close(dead.fd);
	assert_int_equal(dial_unix(p->path), -1);
	assert_int_equal(listen_open(p->path, BACKLOG, &l, &e), 0);
	assert_true(reaches(&l, dial_unix(p->path)));
	listen_close(&l);
}

static void what_is_not_a_socket_is_left_alone(void **state)
{
	struct place *p = *state;
	struct stat st;
	int fd = open(p->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	expect_refused(p->path, "is not a socket");
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_size, 8);
	unlink(p->path);
	assert_int_equal(symlink("/dev/null", p->path), 0);
	expect_refused(p->path, "is not a socket");
}

static void a_directory_that_is_not_there_is_said(void **state)
{
	struct listener l;
	struct err e;

	(void)state;
	assert_int_equal(listen_open("/nonexistent/maxiofs/s3.sock", BACKLOG, &l, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "/nonexistent/maxiofs/s3.sock"));
	assert_int_equal(l.fd, -1);
}

static void a_path_may_have_107_bytes(void **state)
{
	struct place *p = *state;
	char path[128];
	struct listener l;
	struct err e;

	memset(path, 'x', sizeof(path));
	memcpy(path, p->path, strlen(p->path));
	path[LISTEN_PATH_MAX + 1] = '\0';
	expect_refused(path, "107");
	path[LISTEN_PATH_MAX] = '\0';
	assert_int_equal(listen_open(path, BACKLOG, &l, &e), 0);
	assert_true(reaches(&l, dial_unix(path)));
	listen_close(&l);
}

/* The port of a listener that was opened at port 0. */
static uint16_t port_of(const struct listener *l)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);

	assert_int_equal(getsockname(l->fd, (struct sockaddr *)&sa, &n), 0);
	return sa.ss_family == AF_INET ? ((struct sockaddr_in *)&sa)->sin_port
				       : ((struct sockaddr_in6 *)&sa)->sin6_port;
}

static int dial_inet(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = port};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static int dial_inet6(uint16_t port)
{
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_port = port};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin6_addr = in6addr_loopback;
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void a_host_and_port_is_listened_at(void **state)
{
	static const char *const specs[] = {"127.0.0.1:0", "localhost:0"};
	struct listener l;
	struct err e;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(listen_open(specs[i], BACKLOG, &l, &e), 0);
		assert_string_equal(l.path, "");
		if (i == 0)
			assert_true(reaches(&l, dial_inet(port_of(&l))));
		assert_false(listen_hide(&l));
		listen_close(&l);
	}
}

static void an_ipv6_address_stands_in_brackets(void **state)
{
	int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct listener l;
	struct err e;

	(void)state;
	if (probe < 0 || bind(probe, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		print_message("no IPv6 here\n");
	} else {
		assert_int_equal(listen_open("[::1]:0", BACKLOG, &l, &e), 0);
		assert_true(reaches(&l, dial_inet6(port_of(&l))));
		listen_close(&l);
	}
	if (probe >= 0)
		close(probe);
}

static void what_is_no_address_is_refused(void **state)
{
	(void)state;
	expect_refused("s3.sock", "neither a socket path");
	expect_refused(":8080", "neither a socket path");
	expect_refused("127.0.0.1:", "neither a socket path");
	expect_refused("[::1]:", "neither a socket path");
	expect_refused("127.0.0.1:many", "127.0.0.1:many");
	expect_refused("[::1:80", "[::1:80");
}

static void an_address_in_use_is_said(void **state)
{
	struct listener l, second;
	char spec[32];
	struct err e;

	(void)state;
	assert_int_equal(listen_open("127.0.0.1:0", BACKLOG, &l, &e), 0);
	snprintf(spec, sizeof(spec), "127.0.0.1:%d", ntohs(port_of(&l)));
	assert_int_equal(listen_open(spec, BACKLOG, &second, &e), -1);
	assert_int_equal(e.sys, EADDRINUSE);
	assert_non_null(strstr(e.text, spec));
	listen_close(&l);
}

/* Runs with descriptor `fd` replaced by `by` (or closed, -1) and puts it back afterwards. */
static void with_descriptor(int fd, int by, void (*run)(void *arg), void *arg)
{
	int kept = fcntl(fd, F_DUPFD_CLOEXEC, 100);

	if (by >= 0)
		assert_int_equal(dup2(by, fd), fd);
	else
		close(fd);
	run(arg);
	if (kept >= 0) {
		assert_int_equal(dup2(kept, fd), fd);
		close(kept);
	} else {
		close(fd);
	}
}

static int listening_socket(int backlog)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), high;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	if (backlog)
		assert_int_equal(listen(fd, backlog), 0);
	high = fcntl(fd, F_DUPFD_CLOEXEC, 50); /* out of the way of descriptor 3 */
	close(fd);
	return high;
}

static void open_at_nothing(void *arg)
{
	struct listener l;
	struct err e;
	const int *want = arg;
	int rc = listen_open("", BACKLOG, &l, &e);

	if (*want < 0) {
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_INVALID);
		return;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(l.fd, *want);
	assert_true(fcntl(l.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(reaches(&l, dial_inet(port_of(&l))));
	listen_close(&l);
}

static void without_an_address_descriptor_0_is_taken_if_it_listens(void **state)
{
	int fd = listening_socket(BACKLOG), bound = listening_socket(0);
	int want = STDIN_FILENO, none = -1;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	with_descriptor(STDIN_FILENO, fd, open_at_nothing, &want);
	with_descriptor(STDIN_FILENO, bound, open_at_nothing, &none);
	with_descriptor(STDIN_FILENO, null, open_at_nothing, &none);
	with_descriptor(STDIN_FILENO, -1, open_at_nothing, &none);
	close(null);
	close(bound);
	close(fd);
}

static void pass_one(void *arg)
{
	const char *spec = arg;
	struct listener l;
	struct err e;

	assert_int_equal(listen_open(spec, BACKLOG, &l, &e), 0);
	assert_int_equal(l.fd, PASSED_FD);
	assert_string_equal(l.path, "");
	assert_true(fcntl(l.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	listen_close(&l);
}

static void pass_badly(void *arg)
{
	expect_refused("127.0.0.1:0", arg);
}

static void pass_to_another(void *arg)
{
	struct listener l;
	struct err e;

	(void)arg;
	assert_int_equal(listen_open("127.0.0.1:0", BACKLOG, &l, &e), 0);
	assert_int_not_equal(l.fd, PASSED_FD);
	listen_close(&l);
}

static void a_passed_socket_comes_before_an_address(void **state)
{
	int fd = listening_socket(BACKLOG), bound = listening_socket(0);
	char pid[24];

	(void)state;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	with_descriptor(PASSED_FD, fd, pass_one, (char[]){"127.0.0.1:0"});
	with_descriptor(PASSED_FD, fd, pass_one, (char[]){""});
	with_descriptor(PASSED_FD, bound, pass_badly, (char[]){"does not listen"});
	setenv("LISTEN_FDS", "2", 1);
	with_descriptor(PASSED_FD, fd, pass_badly, (char[]){"exactly one"});
	setenv("LISTEN_FDS", "x", 1);
	with_descriptor(PASSED_FD, fd, pass_badly, (char[]){"exactly one"});
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_PID", "1", 1);
	with_descriptor(PASSED_FD, fd, pass_to_another, NULL);
	unsetenv("LISTEN_PID");
	with_descriptor(PASSED_FD, fd, pass_to_another, NULL);
	unsetenv("LISTEN_FDS");
	close(bound);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_path_is_made_and_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_successor_takes_the_path_over_without_a_gap, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_path_that_somebody_removed_is_nobodys, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_socket_of_a_dead_process_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_a_socket_is_left_alone, setup, teardown),
		cmocka_unit_test(a_directory_that_is_not_there_is_said),
		cmocka_unit_test_setup_teardown(a_path_may_have_107_bytes, setup, teardown),
		cmocka_unit_test(a_host_and_port_is_listened_at),
		cmocka_unit_test(an_ipv6_address_stands_in_brackets),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(an_address_in_use_is_said),
		cmocka_unit_test(without_an_address_descriptor_0_is_taken_if_it_listens),
		cmocka_unit_test(a_passed_socket_comes_before_an_address),
	};

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
