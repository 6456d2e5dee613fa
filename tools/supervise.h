/* SPDX-License-Identifier: MIT */
/*
 * Child processes of `maxiofs serve`: started in their own process groups, restarted when they end
 * by themselves, ended in order. Every signal is handled synchronously; there is one thread.
 */
#ifndef MX_TOOLS_SUPERVISE_H
#define MX_TOOLS_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { CHILD_MAX_ARGS = 96 };

struct child {
	const char *name;     /* for messages and the pid file */
	const char *argv[CHILD_MAX_ARGS + 1];
	int argc;
	const char *log_path; /* stdout and stderr are appended here */
	const char *pid_path;
	int stop_signal;      /* asks for a graceful end */
	int stop_wait_s;      /* then SIGTERM, five seconds later SIGKILL */
	int reload_signal;    /* what SIGHUP becomes for it; 0: nothing */
	/* Runs after each start in the parent, e.g. to wait for a socket; NULL: nothing. */
	int (*started)(struct child *c, void *ctx, struct err *e);
	void *ctx;

	pid_t pid; /* 0: not running */
	int64_t started_us;
	int64_t restart_at_us; /* 0: no restart is due */
	unsigned failed_starts; /* restarts that ended before they answered, in a row */
};

void child_arg(struct child *c, const char *arg);
/* Signals that the supervisor waits for are blocked before the first start; children get them back. */
void supervise_block_signals(void);
int child_start(struct child *c, struct err *e) MX_MUST_CHECK;
/* False once the process has ended (it is reaped then). */
bool child_alive(struct child *c);
void child_stop(struct child *c);
/* Restarts what ends until SIGTERM or SIGINT; SIGHUP goes on as each child's
 * reload signal. Returns 0, or -1 when a
 * child ends before it answers, again and again. */
int supervise_run(struct child **children, size_t n, struct err *e) MX_MUST_CHECK;

#endif
