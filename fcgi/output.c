/* SPDX-License-Identifier: MIT */
/*
 * A response as STDOUT records of our own making (FastCGI 1.0, section 3.3): headers, small bodies and
 * END_REQUEST leave in one write; large bodies go from the caller's memory in full records, many to a
 * system call. Once a write failed nothing more is sent.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fcgi/io.h"

enum {
	RECORD_HEAD = 8,
	TYPE_END_REQUEST = 3,
	TYPE_STDOUT = 6,
	RECORDS_PER_CALL = 8
};

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"},
		{303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
		{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {409, "Conflict"}, {411, "Length Required"},
		{412, "Precondition Failed"}, {413, "Content Too Large"},
		{416, "Range Not Satisfiable"}, {422, "Unprocessable Content"},
		{429, "Too Many Requests"}, {500, "Internal Server Error"},
		{501, "Not Implemented"}, {503, "Service Unavailable"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return "Status";
}

void output_init(struct output *out, int fd, unsigned char *buf)
{
	*out = (struct output){.fd = fd, .buf = buf};
}

static void put_record_head(unsigned char *p, unsigned type, uint16_t id, size_t n)
{
	p[0] = 1;
	p[1] = (unsigned char)type;
	p[2] = (unsigned char)(id >> 8);
	p[3] = (unsigned char)id;
	p[4] = (unsigned char)(n >> 8);
	p[5] = (unsigned char)n;
	p[6] = 0;
	p[7] = 0;
}

/* Waits for room in a thread that others need; false once that took OUTPUT_HURRY_MS in all. */
static bool wait_in_hurry(struct output *out)
{
	struct pollfd p = {.fd = out->fd, .events = POLLOUT};
	int64_t left_us, now = clock_mono_us();

	if (out->hurry_until_us == 0)
		out->hurry_until_us = now + OUTPUT_HURRY_MS * 1000;
	left_us = out->hurry_until_us - now;
	return left_us > 0 && poll(&p, 1, (int)(left_us / 1000) + 1) > 0;
}

static ssize_t send_some(struct output *out, struct iovec *iov, size_t n)
{
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = n};
	ssize_t sent;

	if (!out->framed)
		return writev(out->fd, iov, (int)n);
	sent = sendmsg(out->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent >= 0 || errno != EAGAIN)
		return sent;
	if (!out->would_block || out->would_block(out))
		return sendmsg(out->fd, &msg, MSG_NOSIGNAL);
	if (wait_in_hurry(out))
		return sendmsg(out->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	errno = EAGAIN;
	return -1;
}

static int send_all(struct output *out, struct iovec *iov, size_t n, struct err *e)
{
	while (n > 0) {
		ssize_t sent = send_some(out, iov, n);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			out->failed = true;
			return err_set(e, ERR_INCOMPLETE, 0, errno, ERR_WHERE,
				"the front server takes no more of the response");
		}
		for (; n > 0 && (size_t)sent >= iov->iov_len; n--, iov++)
			sent -= (ssize_t)iov->iov_len;
		if (n > 0) {
			iov->iov_base = (char *)iov->iov_base + sent;
			iov->iov_len -= (size_t)sent;
		}
	}
	return 0;
}

/* The held bytes as an iovec; none are held afterwards. */
static size_t take_held(struct output *out, struct iovec *iov)
{
	size_t n = out->held, head = out->framed ? RECORD_HEAD : 0;

	if (n == 0)
		return 0;
	out->held = 0;
	if (head)
		put_record_head(out->buf, TYPE_STDOUT, out->request_id, n);
	*iov = (struct iovec){out->buf + RECORD_HEAD - head, n + head};
	return 1;
}

static int write_large(struct output *out, const unsigned char *p, size_t n, struct err *e)
{
	unsigned char heads[RECORDS_PER_CALL][RECORD_HEAD];
	struct iovec iov[1 + 2 * RECORDS_PER_CALL];

	while (n > 0) {
		size_t count = take_held(out, iov);

		for (int i = 0; i < RECORDS_PER_CALL && n > 0; i++) {
			size_t part = n < OUTPUT_RECORD_BYTES ? n : OUTPUT_RECORD_BYTES;

			if (out->framed) {
				put_record_head(heads[i], TYPE_STDOUT, out->request_id, part);
				iov[count++] = (struct iovec){heads[i], RECORD_HEAD};
			}
			iov[count++] = (struct iovec){(void *)(uintptr_t)p, part};
			p += part;
			n -= part;
		}
		if (send_all(out, iov, count, e))
			return -1;
	}
	return 0;
}

int output_write(struct output *out, const void *p, size_t n, struct err *e)
{
	if (out->failed)
		return err_fail(e, ERR_INCOMPLETE, "the response was cut before");
	if (out->held + n > OUTPUT_HELD_BYTES)
		return write_large(out, p, n, e);
	memcpy(out->buf + RECORD_HEAD + out->held, p, n);
	out->held += n;
	return 0;
}

int output_flush(struct output *out, struct err *e)
{
	struct iovec iov;

	if (out->failed)
		return err_fail(e, ERR_INCOMPLETE, "the response was cut before");
	return take_held(out, &iov) ? send_all(out, &iov, 1, e) : 0;
}

static int write_span(struct output *out, struct span s, struct err *e)
{
	return s.n ? output_write(out, s.p, s.n, e) : 0;
}

/* A gateway takes Location beside 200 for the order to go there (RFC 3875 section 6.2); CreateBucket
 * only says where the bucket is. */
static bool is_an_order(const struct output *out, int status, const struct http_header *h)
{
	return !out->framed && status == 200 && span_eq_ci(h->name, SPAN_LIT("Location"));
}

static int write_header(struct output *out, const struct http_header *h, struct err *e)
{
	if (write_span(out, h->name, e) || write_span(out, SPAN_LIT(": "), e) ||
		write_span(out, h->value, e))
		return -1;
	return write_span(out, SPAN_LIT("\r\n"), e);
}

int output_head(
	struct output *out, int status, const struct http_header *h, size_t n, struct err *e)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "Status: %d %s\r\n", status, reason_of(status));

	if (write_span(out, span_of(line, (size_t)len), e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!is_an_order(out, status, &h[i]) && write_header(out, &h[i], e))
			return -1;
	return write_span(out, SPAN_LIT("\r\n"), e);
}

int output_end(struct output *out, bool no_reuse, struct err *e)
{
	unsigned char *start = out->buf + RECORD_HEAD, *p = start + out->held;
	struct iovec iov;
	size_t n;

	if (out->failed)
		return err_fail(e, ERR_INCOMPLETE, "the response was cut before");
	if (!out->framed)
		return take_held(out, &iov) ? send_all(out, &iov, 1, e) : 0;
	if (out->held) {
		put_record_head(out->buf, TYPE_STDOUT, out->request_id, out->held);
		start = out->buf;
	}
	put_record_head(p, TYPE_STDOUT, out->request_id, 0);
	put_record_head(p + RECORD_HEAD, TYPE_END_REQUEST, out->request_id, RECORD_HEAD);
	memset(p + 2 * RECORD_HEAD, 0, RECORD_HEAD);
	n = (size_t)(p - start) + 3 * RECORD_HEAD;
	if (no_reuse) {
		memcpy(p + 3 * RECORD_HEAD, p + RECORD_HEAD, 2 * RECORD_HEAD);
		n += 2 * RECORD_HEAD;
	}
	out->held = 0;
	iov = (struct iovec){start, n};
	return send_all(out, &iov, 1, e);
}
