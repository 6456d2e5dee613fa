/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets: passed by systemd, made here, or descriptor 0 of a spawner.
 *
 * A UNIX socket is bound beside its final path and renamed onto it when it listens: a process that takes
 * over never leaves a moment without a listener, and the older one drains what was queued on its own.
 */
#include "fcgi/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/span.h"

enum { PASSED_FD = 3 };

static int make_quiet(int fd, struct err *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, errno, "listening socket");
	return 0;
}

static bool is_listening(int fd)
{
	int on = 0, type = 0;
	socklen_t n = sizeof(on);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) || !on)
		return false;
	n = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM;
}

/* 1: adopted, 0: nothing was passed to this process. */
static int adopt_passed(struct listener *l, struct err *e)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t pid_n, fds_n;

	if (!pid || !fds || !span_to_u64(span_str(pid), &pid_n) || pid_n != (uint64_t)getpid())
		return 0;
	if (!span_to_u64(span_str(fds), &fds_n) || fds_n != 1)
		return err_fail(e, ERR_INVALID, "LISTEN_FDS is \"%.20s\": exactly one socket is expected",
			fds);
	if (!is_listening(PASSED_FD))
		return err_fail(e, ERR_INVALID, "descriptor %d, passed by LISTEN_FDS, does not listen",
			PASSED_FD);
	l->fd = PASSED_FD;
	return make_quiet(l->fd, e) ? -1 : 1;
}

/* A name in the same directory, no other process's; false if it fits no socket address. */
static bool side_name(const char *path, char out[LISTEN_PATH_MAX + 1])
{
	char suffix[16];
	int n = snprintf(suffix, sizeof(suffix), ".%lx", (long)getpid());
	int keep = (int)strlen(path);

	if (keep + n > LISTEN_PATH_MAX)
		keep = (int)(strrchr(path, '/') + 1 - path);
	return snprintf(out, LISTEN_PATH_MAX + 1, "%.*s%s", keep, path, suffix) <=
		LISTEN_PATH_MAX;
}

static int bind_unix(int fd, const char *path, struct err *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	if (unlink(path) && errno != ENOENT)
		return err_sys(e, errno, "remove %s", path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return err_sys(e, errno, "bind %s", path);
	return 0;
}

static int open_unix(const char *path, int backlog, struct listener *l, struct err *e)
{
	char side[LISTEN_PATH_MAX + 1];
	struct stat st;

	if (strlen(path) > LISTEN_PATH_MAX || !side_name(path, side))
		return err_fail(e, ERR_INVALID,
			"the socket path has %zu bytes, the system allows %d: use a shorter directory, such as one below /run",
			strlen(path), LISTEN_PATH_MAX);
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return err_fail(e, ERR_INVALID, "%s exists and is not a socket", path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return err_sys(e, errno, "socket");
	if (bind_unix(l->fd, side, e))
		return -1;
	if (chmod(side, 0660) || listen(l->fd, backlog) || stat(side, &st) || rename(side, path)) {
		int sys = errno;

		unlink(side);
		return err_sys(e, sys, "listen on %s", path);
	}
	snprintf(l->path, sizeof(l->path), "%s", path);
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

/* "host:port" or "[v6]:port" into two strings. */
static int split_address(const char *spec, char *host, size_t cap, const char **port_r, struct err *e)
{
	const char *colon = strrchr(spec, ':');
	size_t n = colon ? (size_t)(colon - spec) : 0;

	if (n >= 2 && spec[0] == '[' && spec[n - 1] == ']') {
		spec++;
		n -= 2;
	}
	if (n == 0 || n >= cap || colon[1] == '\0')
		return err_fail(e, ERR_INVALID,
			"\"%.80s\" is neither a socket path (with a '/') nor host:port", spec);
	memcpy(host, spec, n);
	host[n] = '\0';
	*port_r = colon + 1;
	return 0;
}

static int bind_inet(const struct addrinfo *ai, int backlog, struct listener *l)
{
	int on = 1;

	l->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -1;
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(l->fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(l->fd, backlog) == 0)
		return 0;
	on = errno;
	close(l->fd);
	l->fd = -1;
	errno = on;
	return -1;
}

static int open_inet(const char *spec, int backlog, struct listener *l, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
	char host[256];
	const char *port = NULL;
	int rc;

	if (split_address(spec, host, sizeof(host), &port, e))
		return -1;
	rc = getaddrinfo(host, port, &hints, &found);
	if (rc)
		return err_fail(e, ERR_INVALID, "%s: %s", spec, gai_strerror(rc));
	rc = -1;
	for (const struct addrinfo *ai = found; ai && rc; ai = ai->ai_next)
		rc = bind_inet(ai, backlog, l);
	if (rc)
		rc = err_sys(e, errno, "listen on %s", spec);
	freeaddrinfo(found);
	return rc;
}

int listen_open(const char *spec, int backlog, struct listener *l, struct err *e)
{
	int rc;

	*l = (struct listener){.fd = -1};
	rc = adopt_passed(l, e);
	if (rc)
		return rc < 0 ? -1 : 0;
	if (*spec) {
		rc = strchr(spec, '/') ? open_unix(spec, backlog, l, e) : open_inet(spec, backlog, l, e);
		if (rc)
			listen_close(l);
		return rc;
	}
	if (!is_listening(STDIN_FILENO))
		return err_fail(e, ERR_INVALID,
			"nothing to listen on: no address is set, and descriptor 0 is not a listening socket");
	l->fd = STDIN_FILENO;
	return make_quiet(l->fd, e);
}

bool listen_hide(struct listener *l)
{
	struct stat st;
	bool there = l->path[0] && lstat(l->path, &st) == 0;
	bool ours = there && st.st_dev == l->dev && st.st_ino == l->ino;

	if (ours)
		unlink(l->path);
	l->path[0] = '\0';
	return there && !ours;
}

void listen_close(struct listener *l)
{
	listen_hide(l);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
