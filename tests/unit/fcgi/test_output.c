/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fcgi/io.h"

enum { END_REQUEST = 3, STDOUT = 6, LARGE = 3 * 1024 * 1024 + 17 };

/* A response on its way through a socket pair. */
struct pipeline {
	struct output out;
	unsigned char buf[OUTPUT_BUF_BYTES];
	int ours, theirs;
	unsigned blocked;
	bool busy; /* no transfer is free */
};

static bool would_block(struct output *out)
{
	struct pipeline *p = out->ctx;

	p->blocked++;
	return !p->busy;
}

static int setup(void **state)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	const struct timeval patience = {.tv_sec = 20};
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(
		setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	p->ours = fds[0];
	p->theirs = fds[1];
	output_init(&p->out, p->ours, p->buf);
	p->out.framed = true;
	p->out.request_id = 0x0102;
	p->out.would_block = would_block;
	p->out.ctx = p;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pipeline *p = *state;

	close(p->ours);
	close(p->theirs);
	free(p);
	return 0;
}

static size_t receive(struct pipeline *p, unsigned char *to, size_t cap)
{
	ssize_t n = recv(p->theirs, to, cap, MSG_DONTWAIT);

	return n < 0 ? 0 : (size_t)n;
}

/* What the front server makes of a stream of records. */
struct answer {
	unsigned char *body;
	size_t n;
	unsigned records, largest, ends; /* STDOUT records with content; END_REQUEST records */
	bool stdout_closed;
	int fd;
};

static void read_full(int fd, void *to, size_t n)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = read(fd, (char *)to + got, n - got);

		assert_true(r > 0);
		got += (size_t)r;
	}
}

static void take_record(struct answer *a)
{
	unsigned char h[8], end[8];
	size_t n;

	read_full(a->fd, h, sizeof(h));
	assert_int_equal(h[0], 1);
	assert_int_equal(h[2] << 8 | h[3], 0x0102);
	assert_int_equal(h[6], 0);
	n = (size_t)(h[4] << 8 | h[5]);
	if (h[1] == END_REQUEST) {
		assert_int_equal(n, sizeof(end));
		read_full(a->fd, end, sizeof(end));
		assert_memory_equal(end, "\0\0\0\0\0\0\0\0", 8);
		a->ends++;
		return;
	}
	assert_int_equal(h[1], STDOUT);
	assert_false(a->stdout_closed);
	read_full(a->fd, a->body + a->n, n);
	a->n += n;
	a->records += n > 0;
	a->largest = n > a->largest ? (unsigned)n : a->largest;
	a->stdout_closed = n == 0;
}

static void *take_answer(void *arg)
{
	struct answer *a = arg;

	while (a->ends == 0)
		take_record(a);
	return NULL;
}

static void a_small_response_leaves_in_one_piece_at_its_end(void **state)
{
	static const char want[] = "Status: 200 OK\r\nX-A: 1\r\nX-Empty: \r\n\r\nhello";
	const struct http_header h[] = {
		{SPAN_LIT("X-A"), SPAN_LIT("1")}, {SPAN_LIT("X-Empty"), SPAN_LIT("")}};
	struct pipeline *p = *state;
	unsigned char got[256];
	struct err e;
	size_t n;

	assert_int_equal(output_head(&p->out, 200, h, 2, &e), 0);
	assert_int_equal(output_write(&p->out, "hel", 3, &e), 0);
	assert_int_equal(output_write(&p->out, "lo", 2, &e), 0);
	assert_int_equal(receive(p, got, sizeof(got)), 0);
	assert_int_equal(output_end(&p->out, false, &e), 0);
	n = receive(p, got, sizeof(got));
	assert_int_equal(n, 8 + strlen(want) + 8 + 16);
	assert_memory_equal(got, "\1\6\1\2\0\x2A\0\0", 8);
	assert_memory_equal(got + 8, want, strlen(want));
	assert_memory_equal(got + 8 + strlen(want),
		"\1\6\1\2\0\0\0\0"
		"\1\3\1\2\0\10\0\0"
		"\0\0\0\0\0\0\0\0",
		24);
	assert_int_equal(p->blocked, 0);
}

static void bytes_behind_the_end_forbid_to_use_the_connection_again(void **state)
{
	struct pipeline *p = *state;
	struct answer a = {.body = malloc(LARGE), .fd = p->theirs};
	struct err e;

	assert_int_equal(output_head(&p->out, 403, NULL, 0, &e), 0);
	assert_int_equal(output_end(&p->out, true, &e), 0);
	take_answer(&a);
	assert_true(a.stdout_closed);
	take_record(&a);
	assert_int_equal(a.ends, 2);
	free(a.body);
}

static void the_held_bytes_and_their_end_just_fit(void **state)
{
	for (size_t spare = 0; spare < 3; spare++) {
		for (int no_reuse = 0; no_reuse < 2; no_reuse++) {
			struct pipeline *p = *state;
			struct answer a = {.body = malloc(LARGE), .fd = p->theirs};
			char block[OUTPUT_HELD_BYTES] = {0};
			struct err e;

			output_init(&p->out, p->ours, p->buf);
			p->out.framed = true;
			p->out.request_id = 0x0102;
			assert_int_equal(
				output_write(&p->out, block, sizeof(block) - spare, &e), 0);
			assert_int_equal(output_end(&p->out, no_reuse, &e), 0);
			take_answer(&a);
			assert_int_equal(a.n, sizeof(block) - spare);
			assert_int_equal(a.records, 1);
			if (no_reuse)
				take_record(&a);
			free(a.body);
		}
	}
}

static void a_large_write_goes_in_full_records_behind_what_was_held(void **state)
{
	struct pipeline *p = *state;
	unsigned char *data = malloc(LARGE);
	struct answer a = {.body = malloc(LARGE + 100), .fd = p->theirs};
	pthread_t reader;
	struct err e;

	for (size_t i = 0; i < LARGE; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	assert_int_equal(pthread_create(&reader, NULL, take_answer, &a), 0);
	assert_int_equal(output_write(&p->out, "head", 4, &e), 0);
	assert_int_equal(output_write(&p->out, data, LARGE, &e), 0);
	assert_int_equal(output_write(&p->out, "tail", 4, &e), 0);
	assert_int_equal(output_end(&p->out, false, &e), 0);
	pthread_join(reader, NULL);
	assert_int_equal(a.n, LARGE + 8);
	assert_memory_equal(a.body, "head", 4);
	assert_memory_equal(a.body + 4, data, LARGE);
	assert_memory_equal(a.body + 4 + LARGE, "tail", 4);
	assert_int_equal(a.largest, OUTPUT_RECORD_BYTES);
	assert_int_equal(
		a.records, 1 + (LARGE + OUTPUT_RECORD_BYTES - 1) / OUTPUT_RECORD_BYTES + 1);
	free(a.body);
	free(data);
}

static void *take_answer_late(void *arg)
{
	usleep(100 * 1000);
	return take_answer(arg);
}

static void a_write_that_has_to_wait_says_so_first(void **state)
{
	struct pipeline *p = *state;
	unsigned char *data = calloc(1, LARGE);
	struct answer a = {.body = malloc(LARGE), .fd = p->theirs};
	pthread_t reader;
	struct err e;

	assert_int_equal(pthread_create(&reader, NULL, take_answer_late, &a), 0);
	assert_int_equal(output_write(&p->out, data, LARGE, &e), 0);
	assert_true(p->blocked > 0);
	assert_int_equal(output_end(&p->out, false, &e), 0);
	pthread_join(reader, NULL);
	assert_int_equal(a.n, LARGE);
	free(a.body);
	free(data);
}

static void without_a_transfer_a_write_waits_only_for_a_moment(void **state)
{
	struct pipeline *p = *state;
	unsigned char *data = calloc(1, LARGE);
	int64_t began = clock_mono_us();
	struct err e;

	p->busy = true;
	assert_int_equal(output_write(&p->out, data, LARGE, &e), -1);
	assert_int_equal(e.kind, ERR_INCOMPLETE);
	assert_in_range(
		(clock_mono_us() - began) / 1000, OUTPUT_HURRY_MS - 50, OUTPUT_HURRY_MS * 10);
	free(data);
}

static void *take_slowly(void *arg)
{
	int fd = *(int *)arg;
	char drop[4096];

	for (int i = 0; i < 40; i++) {
		if (read(fd, drop, sizeof(drop)) <= 0)
			break;
		usleep(100 * 1000);
	}
	return NULL;
}

/* A client that takes a little now and then cannot stretch the moment. */
static void without_a_transfer_the_moment_is_for_the_whole_response(void **state)
{
	struct pipeline *p = *state;
	unsigned char *data = calloc(1, LARGE);
	int64_t began = clock_mono_us();
	pthread_t reader;
	struct err e;

	p->busy = true;
	assert_int_equal(pthread_create(&reader, NULL, take_slowly, &p->theirs), 0);
	assert_int_equal(output_write(&p->out, data, LARGE, &e), -1);
	assert_in_range((clock_mono_us() - began) / 1000, OUTPUT_HURRY_MS - 50, 3500);
	shutdown(p->ours, SHUT_RDWR);
	pthread_join(reader, NULL);
	free(data);
}

static void a_peer_that_takes_nothing_is_given_up_in_time(void **state)
{
	struct pipeline *p = *state;
	unsigned char *data = calloc(1, LARGE);
	const struct timeval patience = {.tv_usec = 100 * 1000};
	struct err e;

	assert_int_equal(
		setsockopt(p->ours, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(output_write(&p->out, data, LARGE, &e), -1);
	assert_int_equal(e.kind, ERR_INCOMPLETE);
	free(data);
}

static void once_the_peer_is_gone_nothing_more_is_sent(void **state)
{
	struct pipeline *p = *state;
	unsigned char *data = calloc(1, LARGE);
	struct err e;

	shutdown(p->theirs, SHUT_RDWR);
	assert_int_equal(output_write(&p->out, "held", 4, &e), 0);
	assert_int_equal(output_write(&p->out, data, LARGE, &e), -1); /* and no SIGPIPE */
	assert_int_equal(e.kind, ERR_INCOMPLETE);
	assert_int_equal(output_write(&p->out, "x", 1, &e), -1);
	assert_int_equal(e.kind, ERR_INCOMPLETE);
	assert_int_equal(output_head(&p->out, 500, NULL, 0, &e), -1);
	assert_int_equal(output_end(&p->out, false, &e), -1);
	assert_int_equal(e.kind, ERR_INCOMPLETE);
	free(data);
}

static void plain_cgi_has_no_records(void **state)
{
	static const char want[] = "Status: 206 Partial Content\r\n\r\n";
	struct pipeline *p = *state;
	unsigned char got[64], *large = malloc(OUTPUT_HELD_BYTES + 1),
			       *body = malloc(OUTPUT_HELD_BYTES + 1);
	struct err e;

	p->out.framed = false;
	memset(large, 'x', OUTPUT_HELD_BYTES + 1);
	assert_int_equal(output_head(&p->out, 206, NULL, 0, &e), 0);
	assert_int_equal(output_write(&p->out, large, OUTPUT_HELD_BYTES + 1, &e), 0);
	assert_int_equal(output_write(&p->out, "end", 3, &e), 0);
	assert_int_equal(output_end(&p->out, true, &e), 0);
	assert_int_equal(output_end(&p->out, true, &e), 0);
	shutdown(p->ours, SHUT_WR);
	read_full(p->theirs, got, strlen(want));
	assert_memory_equal(got, want, strlen(want));
	read_full(p->theirs, body, OUTPUT_HELD_BYTES + 1);
	assert_memory_equal(body, large, OUTPUT_HELD_BYTES + 1);
	read_full(p->theirs, got, 3);
	assert_memory_equal(got, "end", 3);
	assert_int_equal(read(p->theirs, got, 1), 0);
	free(large);
	free(body);
}

static void every_status_has_a_reason(void **state)
{
	struct pipeline *p = *state;
	unsigned char got[128];
	struct err e;

	assert_int_equal(output_head(&p->out, 299, NULL, 0, &e), 0);
	assert_int_equal(output_end(&p->out, false, &e), 0);
	assert_true(receive(p, got, sizeof(got)) > 32);
	assert_memory_equal(got + 8, "Status: 299 Status\r\n\r\n", 22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_small_response_leaves_in_one_piece_at_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			bytes_behind_the_end_forbid_to_use_the_connection_again, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			the_held_bytes_and_their_end_just_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_large_write_goes_in_full_records_behind_what_was_held, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_write_that_has_to_wait_says_so_first, setup, teardown),
		cmocka_unit_test_setup_teardown(
			without_a_transfer_a_write_waits_only_for_a_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(
			without_a_transfer_the_moment_is_for_the_whole_response, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_peer_that_takes_nothing_is_given_up_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			once_the_peer_is_gone_nothing_more_is_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_cgi_has_no_records, setup, teardown),
		cmocka_unit_test_setup_teardown(every_status_has_a_reason, setup, teardown),
	};

	signal(SIGPIPE, SIG_DFL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
