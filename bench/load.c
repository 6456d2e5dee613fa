/* SPDX-License-Identifier: MIT */
/*
 * maxiofs-load: a small closed-loop load generator. Each client is a thread with one kept connection that
 * signs every request (Signature V4) and waits for its answer. Prints one JSON object.
 *
 * Bodies of downloads are discarded in the kernel (MSG_TRUNC), so that what is measured is the server and
 * not this program; the same holds for the plain downloads that it is compared with.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fio.h"
#include "base/log.h"
#include "base/rnd.h"
#include "bench/coding.h"
#include "codec/timefmt.h"

enum { MAX_CLIENTS = 1024, SAMPLES = 1 << 16, HEAD_MAX = 16 * 1024, CHUNK = CODING_CHUNK };

enum op { OP_PUT, OP_GET, OP_HEAD, OP_LIST, OP_PAGE, OP_PLAIN, OP_FSYNC, OP_COUNT };
static const char *const op_names[OP_COUNT] = {"put", "get", "head", "list", "page", "plain", "fsync"};

static const char *method_of(enum op op)
{
	return op == OP_PUT ? "PUT" : op == OP_HEAD ? "HEAD" : "GET";
}

struct options {
	const char *host, *port, *path, *bucket, *dir, *prefix, *suffix;
	struct span access_key, secret;
	enum op op;
	enum coding coding;
	uint64_t size, keys, count;
	double seconds;
	unsigned clients;
};

struct client {
	const struct options *o;
	pthread_t thread;
	unsigned number;
	int fd;
	struct arena *arena;
	uint64_t ops, bytes, errors, sequence;
	uint32_t *samples_us; /* the last SAMPLES durations */
};

static atomic_uint_fast64_t next_key;
static atomic_bool stopping;
static char *payload;
static struct coded coded; /* the body of a PUT */

static int dial(const struct options *o)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *ai;
	int fd, on = 1;

	if (getaddrinfo(o->host, o->port, &hints, &ai) != 0)
		log_die("cannot resolve %s", o->host);
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
		if (fd >= 0)
			close(fd);
		fd = -1;
	} else {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	}
	freeaddrinfo(ai);
	return fd;
}

int send_all(int fd, const char *p, size_t n, int flags)
{
	while (n) {
		ssize_t w = send(fd, p, n, flags | MSG_NOSIGNAL);

		if (w <= 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int discard(int fd, uint64_t n)
{
	while (n) {
		ssize_t r = recv(fd, NULL, n < 64 * CHUNK ? (size_t)n : 64 * CHUNK, MSG_TRUNC);

		if (r <= 0)
			return -1;
		n -= (uint64_t)r;
	}
	return 0;
}

/* Reads an answer: its status, and Content-Length bytes of body thrown away. -1: the connection is lost. */
static int read_answer(struct client *c, uint64_t *body_r)
{
	char head[HEAD_MAX + 1];
	size_t n = 0;
	char *end, *length;
	int status;

	do {
		ssize_t r = n < HEAD_MAX ? recv(c->fd, head + n, HEAD_MAX - n, 0) : -1;

		if (r <= 0)
			return -1;
		n += (size_t)r;
		head[n] = '\0';
	} while (!(end = strstr(head, "\r\n\r\n")));
	if (n < 12 || strncmp(head, "HTTP/1.1 ", 9) != 0)
		return -1;
	status = (int)strtol(head + 9, NULL, 10);
	length = strcasestr(head, "\r\nContent-Length:");
	*body_r = length && length < end && c->o->op != OP_HEAD ? strtoull(length + 17, NULL, 10) : 0;
	n -= (size_t)(end + 4 - head);
	if (n > *body_r || discard(c->fd, *body_r - n) < 0)
		return -1;
	return status;
}

static const char *target(struct client *c)
{
	const struct options *o = c->o;

	switch (o->op) {
	case OP_PUT:
		return arena_printf(c->arena, "/%s/%s%012llu", o->bucket, o->prefix,
			(unsigned long long)atomic_fetch_add(&next_key, 1));
	case OP_GET:
	case OP_HEAD:
		return arena_printf(c->arena, "/%s/%s%012llu%s", o->bucket, o->prefix,
			(unsigned long long)((c->sequence++ * 7919 + c->number * 104729) % o->keys), o->suffix);
	case OP_LIST:
		return arena_printf(c->arena, "/%s?list-type=2&max-keys=1000&start-after=%s%012llu", o->bucket,
			o->prefix, (unsigned long long)((c->sequence++ * 7919 + c->number * 104729) % o->keys));
	case OP_PAGE:
	case OP_PLAIN:
	case OP_FSYNC:
	case OP_COUNT:
		break;
	}
	return o->path;
}

/* The lines of a signed request but Host; its Authorization in *auth_r. */
static const char *signed_lines(
	struct client *c, struct span uri, const char *host, const char *date, struct span *auth_r)
{
	ptrdiff_t mark = span_find_byte(uri, '?');
	struct auth_header headers[2 + CODING_HEADERS] = {
		{SPAN_LIT("host"), span_str(host)}, {SPAN_LIT("x-amz-date"), span_str(date)}};
	size_t n = 2 + coded_headers(&coded, c->arena, headers + 2);
	const struct auth_request req = {
		.method = span_str(method_of(c->o->op)),
		.path = mark < 0 ? uri : span_head(uri, (size_t)mark),
		.query = mark < 0 ? SPAN_NULL : span_from(uri, (size_t)mark + 1),
		.headers = headers,
		.header_count = n,
	};
	const char *text;

	*auth_r = span_str(
		sigv4_sign(c->arena, &req, c->o->access_key, c->o->secret, SPAN_LIT("us-east-1")));
	text = arena_printf(c->arena, "Authorization: %.*s\r\n", SPAN_FMT(*auth_r));
	for (size_t i = 1; i < n; i++)
		text = arena_printf(c->arena, "%s%.*s: %.*s\r\n", text, SPAN_FMT(headers[i].name),
			SPAN_FMT(headers[i].value));
	return text;
}

static int send_request(struct client *c)
{
	const struct options *o = c->o;
	bool put = o->op == OP_PUT;
	struct span uri = span_str(target(c)), auth = SPAN_NULL;
	const char *host = arena_printf(c->arena, "%s:%s", o->host, o->port), *text;
	char date[TIMEFMT_MAX];

	timefmt_amz(date, clock_now_us(&clock_system));
	text = arena_printf(c->arena, "%s %.*s HTTP/1.1\r\nHost: %s\r\n%s", method_of(o->op), SPAN_FMT(uri),
		host, o->op == OP_PLAIN ? "" : signed_lines(c, uri, host, date, &auth));
	if (put)
		text = arena_printf(c->arena, "%sContent-Length: %llu\r\n", text,
			(unsigned long long)coded_length(&coded));
	text = arena_printf(c->arena, "%s\r\n", text);
	if (send_all(c->fd, text, strlen(text), put && o->size ? MSG_MORE : 0) < 0)
		return -1;
	return put ? coded_send(&coded, c->fd, auth, date) : 0;
}

static int one_request(struct client *c)
{
	uint64_t body = 0;
	int status;

	arena_reset(c->arena);
	if (c->fd < 0 && (c->fd = dial(c->o)) < 0)
		return -1;
	status = send_request(c) < 0 ? -1 : read_answer(c, &body);
	if (status < 0) {
		close(c->fd);
		c->fd = -1;
		return -1;
	}
	c->bytes += c->o->op == OP_PUT ? c->o->size : body;
	return status == 200 ? 0 : -1;
}

/* What the disk itself does: a new file of `size` bytes, its fsync and its directory's. */
static int one_fsync(struct client *c)
{
	char name[4096];
	struct err e;
	FIO_AUTO_CLOSE int fd = -1;

	snprintf(name, sizeof(name), "%s/f-%ld-%u-%llu", c->o->dir, (long)getpid(), c->number,
		(unsigned long long)c->sequence++);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	for (uint64_t left = c->o->size; fd >= 0 && left;) {
		size_t step = left < CHUNK ? (size_t)left : CHUNK;

		if (fio_write_all(fd, payload, step, &e) < 0)
			return -1;
		left -= step;
	}
	if (fd < 0 || fsync(fd) < 0)
		return -1;
	c->bytes += c->o->size;
	return fio_sync_dir(AT_FDCWD, c->o->dir, &e);
}

static void *client_run(void *arg)
{
	struct client *c = arg;

	while (!atomic_load(&stopping)) {
		int64_t began = clock_mono_us();

		if (c->o->count && atomic_load(&next_key) >= c->o->count)
			break;
		if ((c->o->op == OP_FSYNC ? one_fsync(c) : one_request(c)) < 0) {
			c->errors++;
			if (c->errors > 1000)
				break;
			continue;
		}
		c->samples_us[c->ops % SAMPLES] = (uint32_t)(clock_mono_us() - began);
		c->ops++;
	}
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const struct options *o, const struct client *clients, double took)
{
	uint64_t ops = 0, bytes = 0, errors = 0;
	size_t n = 0;
	uint32_t *all = calloc((size_t)o->clients * SAMPLES, sizeof(*all));

	if (!all)
		log_die("out of memory");
	for (unsigned i = 0; i < o->clients; i++) {
		size_t have = clients[i].ops < SAMPLES ? (size_t)clients[i].ops : SAMPLES;

		memcpy(all + n, clients[i].samples_us, have * sizeof(*all));
		n += have;
		ops += clients[i].ops;
		bytes += clients[i].bytes;
		errors += clients[i].errors;
	}
	qsort(all, n, sizeof(*all), by_value);
	printf("{\"op\":\"%s\",\"clients\":%u,\"size\":%llu,\"seconds\":%.3f,\"ops\":%llu,\"errors\":%llu,"
	       "\"ops_per_s\":%.1f,\"mb_per_s\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n",
		op_names[o->op], o->clients, (unsigned long long)o->size, took, (unsigned long long)ops,
		(unsigned long long)errors, (double)ops / took, (double)bytes / took / 1e6,
		n ? all[n / 2] / 1e3 : 0.0, n ? all[n - 1 - n / 100] / 1e3 : 0.0, n ? all[n - 1] / 1e3 : 0.0);
	free(all);
}

static void run_load(const struct options *o)
{
	struct client *clients = calloc(o->clients, sizeof(*clients));
	int64_t began;

	payload = malloc(CHUNK);
	if (!clients || !payload)
		log_die("out of memory");
	rnd_bytes(payload, CHUNK);
	coded = (struct coded){.how = o->coding, .chunk = payload, .secret = o->secret};
	if (o->op == OP_PUT)
		coded.size = o->size;
	coded_init(&coded);
	began = clock_mono_us();
	for (unsigned i = 0; i < o->clients; i++) {
		clients[i] = (struct client){.o = o, .number = i, .fd = -1, .arena = arena_new()};
		clients[i].samples_us = calloc(SAMPLES, sizeof(uint32_t));
		if (!clients[i].samples_us || pthread_create(&clients[i].thread, NULL, client_run, &clients[i]) != 0)
			log_die("cannot start client %u", i);
	}
	if (!o->count)
		usleep((useconds_t)(o->seconds * 1e6));
	if (!o->count)
		atomic_store(&stopping, true);
	for (unsigned i = 0; i < o->clients; i++)
		pthread_join(clients[i].thread, NULL);
	report(o, clients, (double)(clock_mono_us() - began) / 1e6);
	for (unsigned i = 0; i < o->clients; i++) {
		arena_free(clients[i].arena);
		free(clients[i].samples_us);
	}
	free(clients);
	free(payload);
}

static void usage(void)
{
	fputs("usage: maxiofs-load --op put|get|head|list|page|plain|fsync [--host H] [--port P] [--bucket B] [--prefix P] [--suffix S]\n"
	      "         [--size BYTES] [--clients N] [--seconds S | --count N] [--keys N] [--start N]\n"
	      "         [--path PATH (page: signed; plain)] [--dir DIR (fsync)]\n"
	      "The key pair comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.\n",
		stderr);
	exit(2);
}

static uint64_t number(const char *text)
{
	uint64_t v;

	if (!span_to_u64(span_str(text), &v))
		usage();
	return v;
}

static enum op op_named(const char *name)
{
	for (int i = 0; i < OP_COUNT; i++)
		if (strcmp(name, op_names[i]) == 0)
			return (enum op)i;
	usage();
	return OP_COUNT;
}

int main(int argc, char **argv)
{
	static const struct option flags[] = {
		{"op", 1, NULL, 'o'}, {"host", 1, NULL, 'h'}, {"port", 1, NULL, 'p'}, {"bucket", 1, NULL, 'b'},
		{"prefix", 1, NULL, 'x'}, {"size", 1, NULL, 's'}, {"clients", 1, NULL, 'c'},
		{"seconds", 1, NULL, 't'}, {"count", 1, NULL, 'n'}, {"keys", 1, NULL, 'k'}, {"path", 1, NULL, 'a'},
		{"dir", 1, NULL, 'd'}, {"suffix", 1, NULL, 'f'}, {"start", 1, NULL, 'z'}, {"coding", 1, NULL, 'e'}, {NULL, 0, NULL, 0},
	};
	struct options o = {
		.host = "127.0.0.1", .port = "8080", .path = "/", .bucket = "bench", .dir = ".", .prefix = "k", .suffix = "",
		.op = OP_COUNT, .size = 4096, .keys = 1, .seconds = 5, .clients = 1,
		.access_key = span_str(getenv("AWS_ACCESS_KEY_ID")),
		.secret = span_str(getenv("AWS_SECRET_ACCESS_KEY")),
	};
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		switch (c) {
		case 'o': o.op = op_named(optarg); break;
		case 'h': o.host = optarg; break;
		case 'p': o.port = optarg; break;
		case 'b': o.bucket = optarg; break;
		case 'x': o.prefix = optarg; break;
		case 's': o.size = number(optarg); break;
		case 'c': o.clients = (unsigned)number(optarg); break;
		case 't': o.seconds = strtod(optarg, NULL); break;
		case 'n': o.count = number(optarg); break;
		case 'k': o.keys = number(optarg); break;
		case 'a': o.path = optarg; break;
		case 'd': o.dir = optarg; break;
		case 'f': o.suffix = optarg; break;
		case 'e': o.coding = coding_named(optarg); break;
		case 'z': atomic_store(&next_key, number(optarg)); break;
		default: usage();
		}
	}
	if (o.op == OP_COUNT || o.coding == CODING_COUNT || o.clients == 0 || o.clients > MAX_CLIENTS || o.keys == 0)
		usage();
	if (o.op != OP_PLAIN && o.op != OP_FSYNC && (span_absent(o.access_key) || span_absent(o.secret)))
		usage();
	run_load(&o);
	return 0;
}
