/* SPDX-License-Identifier: MIT */
#include "tests/unit/fcgi/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

/* ---- the app
 * ---------------------------------------------------------------------------------------- */

static void respond(struct http_req *r, int status, struct span body)
{
	struct http_head h;
	struct err e;

	http_head_init(&h, r->arena);
	if (http_respond(r, status, &h, body, &e) < 0)
		http_abort(r);
}

static enum err_kind read_body(struct http_req *r, struct buf *to)
{
	char chunk[3000];
	struct err e = {0};
	size_t n;

	while (source_read(r->body, chunk, sizeof(chunk), &n, &e) == 0 && n > 0)
		buf_add(to, chunk, n);
	return e.kind;
}

static void serve_echo(struct rig *rig, struct http_req *r)
{
	BUF_AUTO struct buf body = {0};
	enum err_kind end;

	buf_init(&body, 16 * 1024 * 1024);
	end = read_body(r, &body);
	pthread_mutex_lock(&rig->lock);
	rig->last_body = end;
	pthread_mutex_unlock(&rig->lock);
	if (end == ERR_NONE)
		respond(r, 200, buf_span(&body));
	else
		respond(r, end == ERR_BUSY ? 503 : 400, SPAN_LIT("no"));
}

static void serve_hold(struct rig *rig, struct http_req *r)
{
	pthread_mutex_lock(&rig->lock);
	rig->held++;
	pthread_cond_broadcast(&rig->changed);
	while (!rig->gate_open)
		pthread_cond_wait(&rig->changed, &rig->lock);
	pthread_mutex_unlock(&rig->lock);
	respond(r, 200, SPAN_LIT("held"));
}

static void serve_large(struct rig *rig, struct http_req *r)
{
	static const char chunk[256 * 1024];
	struct http_head h;
	struct err e = {0};

	http_head_init(&h, r->arena);
	if (http_begin(r, 200, &h, LARGE_BYTES, &e) == 0)
		for (int i = 0; i < LARGE_BYTES / (int)sizeof(chunk); i++)
			if (http_write(r, chunk, sizeof(chunk), &e) < 0)
				break;
	pthread_mutex_lock(&rig->lock);
	rig->last_write = e.kind;
	pthread_mutex_unlock(&rig->lock);
	if (e.kind)
		http_abort(r);
}

static void serve_cut(struct rig *rig, struct http_req *r)
{
	struct http_head h;
	struct err e;

	(void)rig;
	http_head_init(&h, r->arena);
	if (http_begin(r, 200, &h, 1000, &e) == 0 && http_write(r, "half", 4, &e) == 0)
		http_abort(r);
}

static void serve_mark(struct rig *rig, struct http_req *r)
{
	unsigned marks;

	pthread_mutex_lock(&rig->lock);
	marks = ++rig->marks;
	pthread_mutex_unlock(&rig->lock);
	respond(r, 200, span_str(arena_printf(r->arena, "mark %u", marks)));
}

static void serve_refuse(struct rig *rig, struct http_req *r)
{
	(void)rig;
	respond(r, 403, SPAN_LIT("refused"));
}

static void serve(struct http_app *app, struct http_req *r)
{
	static const struct {
		const char *path;
		void (*serve)(struct rig *rig, struct http_req *r);
	} rows[] = {{"/echo", serve_echo}, {"/refuse", serve_refuse}, {"/hold", serve_hold},
		{"/large", serve_large}, {"/cut", serve_cut}, {"/mark", serve_mark}};
	struct rig *rig = (struct rig *)app;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_eq_str(r->path, rows[i].path))
			rows[i].serve(rig, r);
	pthread_mutex_lock(&rig->lock);
	rig->served++;
	pthread_cond_broadcast(&rig->changed);
	pthread_mutex_unlock(&rig->lock);
}

/* ---- the server
 * ------------------------------------------------------------------------------------- */

static void reload(void *ctx)
{
	struct rig *r = ctx;

	pthread_mutex_lock(&r->lock);
	r->reloads++;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

int rig_setup(void **state)
{
	static const char *const words[] = {"x"};
	static const struct metrics_labels labels = {words, 1, words, 1};
	struct rig *r = calloc(1, sizeof(*r));

	fcgi_block_signals();
	r->app.serve = serve;
	snprintf(r->dir, sizeof(r->dir), "/tmp/maxiofs-fcgi-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/s", r->dir);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	r->metrics = metrics_new(&labels);
	r->cfg = (struct fcgi_config){
		.listen = r->path,
		.request_threads = 2,
		.transfer_threads = 4,
		.backlog = 128,
		.idle_timeout_s = 60,
		.drain_timeout_s = 20,
		.body_timeout_s = 20,
		.reload = reload,
		.reload_ctx = r,
	};
	r->log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_to_fd(r->log_fd);
	*state = r;
	return 0;
}

static void *run_server(void *arg)
{
	struct rig *r = arg;

	r->rc = fcgi_serve(&r->cfg, &r->app, r->metrics, &r->e);
	return NULL;
}

void rig_start(struct rig *r)
{
	assert_int_equal(pthread_create(&r->server, NULL, run_server, r), 0);
	r->runs = true;
	for (int ms = 0; r->cfg.listen == r->path && access(r->path, F_OK) < 0; ms++) {
		assert_true(ms < PATIENCE_MS);
		usleep(1000);
	}
}

bool rig_ended(struct rig *r, int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	if (r->runs && pthread_timedjoin_np(r->server, NULL, &until) == 0)
		r->runs = false;
	return !r->runs;
}

void rig_stop(struct rig *r)
{
	kill(getpid(), SIGTERM);
	assert_true(rig_ended(r, PATIENCE_MS));
	assert_int_equal(r->rc, 0);
}

int rig_teardown(void **state)
{
	struct rig *r = *state;

	rig_open_gate(r);
	if (r->runs)
		rig_stop(r);
	assert_int_equal(metrics_get(r->metrics, METRIC_CONNECTIONS), 0);
	assert_int_equal(metrics_get(r->metrics, METRIC_TRANSFERS), 0);
	assert_int_equal(metrics_get(r->metrics, METRIC_IN_FLIGHT), 0);
	log_to_fd(STDERR_FILENO);
	close(r->log_fd);
	unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
	metrics_free(r->metrics);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return 0;
}

/* Waits until a counter of the rig has come to n. */
static void await_count(struct rig *r, const unsigned *counter, unsigned n)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_MS / 1000;
	pthread_mutex_lock(&r->lock);
	while (*counter < n && rc == 0)
		rc = pthread_cond_timedwait(&r->changed, &r->lock, &until);
	pthread_mutex_unlock(&r->lock);
	assert_int_equal(rc, 0);
}

void rig_await_held(struct rig *r, unsigned n)
{
	await_count(r, &r->held, n);
}

void rig_open_gate(struct rig *r)
{
	pthread_mutex_lock(&r->lock);
	r->gate_open = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

unsigned rig_marks(struct rig *r)
{
	unsigned marks;

	pthread_mutex_lock(&r->lock);
	marks = r->marks;
	pthread_mutex_unlock(&r->lock);
	return marks;
}

enum err_kind rig_await_served(struct rig *r, unsigned served)
{
	enum err_kind end;

	await_count(r, &r->served, served);
	pthread_mutex_lock(&r->lock);
	end = r->last_body;
	pthread_mutex_unlock(&r->lock);
	return end;
}

void rig_await_metric(struct rig *r, enum metric_value which, int64_t value)
{
	for (int ms = 0; metrics_get(r->metrics, which) != value; ms++) {
		if (ms == PATIENCE_MS)
			fail_msg("gauge %d is %lld", which,
				(long long)metrics_get(r->metrics, which));
		usleep(1000);
	}
}

/* ---- the front server
 * ------------------------------------------------------------------------------ */

static void put(struct wire *w, const void *p, size_t n)
{
	assert_true(w->n + n <= sizeof(w->b));
	if (n)
		memcpy(w->b + w->n, p, n);
	w->n += n;
}

void wire_record(struct wire *w, unsigned type, unsigned id, const void *p, size_t n)
{
	const unsigned char h[8] = {1, (unsigned char)type, (unsigned char)(id >> 8),
		(unsigned char)id, (unsigned char)(n >> 8), (unsigned char)n, 0, 0};

	put(w, h, sizeof(h));
	put(w, p, n);
}

void wire_begin(struct wire *w, bool keep)
{
	wire_record(w, BEGIN_REQUEST, 1, (const unsigned char[]){0, 1, keep, 0, 0, 0, 0, 0}, 8);
}

void wire_param(struct wire *params, const char *name, const char *value)
{
	const unsigned char lengths[2] = {
		(unsigned char)strlen(name), (unsigned char)strlen(value)};

	assert_true(strlen(name) < 128 && strlen(value) < 128);
	put(params, lengths, 2);
	put(params, name, strlen(name));
	put(params, value, strlen(value));
}

void wire_head(struct wire *w, const char *method, const char *path, long length, bool keep)
{
	wire_head_of(w, "HTTP/1.1", method, path, length, keep);
}

void wire_head_of(struct wire *w, const char *protocol, const char *method, const char *path,
	long length, bool keep)
{
	struct wire *params = calloc(1, sizeof(*params));
	char digits[24] = "";

	wire_param(params, "REQUEST_METHOD", method);
	wire_param(params, "REQUEST_URI", path);
	wire_param(params, "SERVER_PROTOCOL", protocol);
	if (length >= 0)
		snprintf(digits, sizeof(digits), "%ld", length);
	wire_param(params, "CONTENT_LENGTH", digits);
	if (length == -1)
		wire_param(params, "HTTP_TRANSFER_ENCODING", "chunked");
	wire_begin(w, keep);
	wire_record(w, PARAMS, 1, params->b, params->n);
	wire_record(w, PARAMS, 1, NULL, 0);
	free(params);
}

void wire_get(struct wire *w, const char *path, bool keep)
{
	wire_head(w, "GET", path, -2, keep);
	wire_end(w);
}

void wire_body(struct wire *w, const char *text)
{
	wire_record(w, STDIN, 1, text, strlen(text));
}

void wire_end(struct wire *w)
{
	wire_record(w, STDIN, 1, NULL, 0);
}

int rig_dial(const struct rig *r)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, r->path, strlen(r->path));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

bool wire_send(int fd, struct wire *w)
{
	size_t at = 0;

	while (at < w->n) {
		ssize_t n = send(fd, w->b + at, w->n - at, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	at = w->n - at;
	w->n = 0;
	return at == 0;
}

/* True: all n bytes. False: the connection was closed (a time-out fails the test). */
static bool read_full(int fd, void *to, size_t n)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = recv(fd, (char *)to + got, n - got, 0);

		if (r < 0 && errno == EAGAIN)
			fail_msg("no answer comes");
		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return true;
}

static void take_content(struct answer *a, const char *p, size_t n)
{
	size_t used = strlen(a->text), room = sizeof(a->text) - 1 - used;

	if (a->status == 0) { /* the head is in the first record, and fits it */
		const char *end = memmem(p, n, "\r\n\r\n", 4);

		assert_non_null(end);
		assert_int_equal(sscanf(p, "Status: %d", &a->status), 1);
		n -= (size_t)(end + 4 - p);
		p = end + 4;
	}
	a->body += n;
	memcpy(a->text + used, p, n < room ? n : room);
}

void rig_answer(int fd, struct answer *a, bool to_the_end)
{
	char *content = malloc(65536 + 256);
	unsigned char h[8];

	*a = (struct answer){0};
	while (!a->ended || to_the_end) {
		size_t n;

		if (!read_full(fd, h, sizeof(h))) {
			a->closed = true;
			break;
		}
		n = (size_t)(h[4] << 8 | h[5]) + h[6];
		if (!read_full(fd, content, n)) {
			a->closed = true;
			break;
		}
		if (a->ended) {
			a->trailing++;
		} else if (h[1] == END_REQUEST) {
			a->ended = true;
		} else if (h[1] == STDOUT && n) {
			content[n] = '\0';
			take_content(a, content, n);
		}
	}
	free(content);
}

void rig_ask(int fd, struct wire *w, int status, const char *text)
{
	struct answer a;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_true(wire_send(fd, w));
	rig_answer(fd, &a, false);
	assert_int_equal(a.status, status);
	assert_string_equal(a.text, text);
	assert_true(a.ended);
	assert_int_equal(poll(&p, 1, 3), 0);
}
