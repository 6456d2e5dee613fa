/* SPDX-License-Identifier: MIT */
#include "tools/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fio.h"
#include "base/log.h"

enum { SHORT_LIFE_US = 5 * 1000000, RETRY_US = 200 * 1000, FAILED_STARTS_MAX = 10, KILL_WAIT_S = 5 };

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void child_arg(struct child *c, const char *arg)
{
	if (c->argc == CHILD_MAX_ARGS)
		log_die("too many arguments for %s", c->name);
	c->argv[c->argc++] = arg;
	c->argv[c->argc] = NULL;
}

void supervise_block_signals(void)
{
	sigset_t set;

	watched_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* In the new process: never returns. */
static void become(const struct child *c, pid_t supervisor)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY), log;

	/* What the front server writes is for nobody else; a responder sets its own. */
	umask(077);
	log = open(c->log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor || null < 0 || log < 0)
		_exit(71);
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	closefrom(3);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(c->argv[0], (char *const *)(uintptr_t)c->argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", c->argv[0], strerror(errno));
	_exit(127);
}

int child_start(struct child *c, struct err *e)
{
	pid_t self = getpid();
	pid_t pid = fork();
	char text[24];

	if (pid < 0)
		return err_sys(e, errno, "fork %s", c->name);
	if (pid == 0)
		become(c, self);
	c->pid = pid;
	c->started_us = clock_mono_us();
	c->restart_at_us = 0;
	snprintf(text, sizeof(text), "%ld\n", (long)pid);
	if (fio_replace_file(AT_FDCWD, c->pid_path, span_str(text), 0600, e) < 0)
		return -1;
	return c->started ? c->started(c, c->ctx, e) : 0;
}

bool child_alive(struct child *c)
{
	int status;

	if (c->pid <= 0)
		return false;
	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return true;
	if (WIFSIGNALED(status))
		log_warn("%s (pid %ld) was ended by signal %d", c->name, (long)c->pid, WTERMSIG(status));
	else
		log_info("%s (pid %ld) ended with %d", c->name, (long)c->pid, WEXITSTATUS(status));
	c->pid = 0;
	unlink(c->pid_path);
	return false;
}

static bool wait_for_end(struct child *c, int seconds)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
	int64_t until = clock_mono_us() + (int64_t)seconds * 1000000;

	while (child_alive(c)) {
		if (clock_mono_us() > until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

void child_stop(struct child *c)
{
	if (!child_alive(c))
		return;
	kill(c->pid, c->stop_signal);
	if (wait_for_end(c, c->stop_wait_s))
		return;
	kill(c->pid, SIGTERM);
	if (wait_for_end(c, KILL_WAIT_S))
		return;
	log_warn("%s does not end: killed", c->name);
	kill(-c->pid, SIGKILL);
	wait_for_end(c, KILL_WAIT_S);
}

/* One that answered and then ended is started again however often that happens: at once, or after a
 * moment if it did not live long. */
static void note_end(struct child *c)
{
	int64_t now = clock_mono_us();

	c->restart_at_us = now - c->started_us < SHORT_LIFE_US ? now + RETRY_US : now;
}

/* Only one that never comes to answer is given up. */
static int start_again(struct child *c, struct err *e)
{
	struct err start_err = {0};

	log_warn("starting %s again", c->name);
	if (child_start(c, &start_err) == 0) {
		c->failed_starts = 0;
		return 0;
	}
	log_err(LOG_ERROR, &start_err, "starting %s", c->name);
	if (c->pid > 0)
		return 0;
	if (++c->failed_starts >= FAILED_STARTS_MAX)
		return err_fail(e, ERR_INTERNAL, "%s does not start: see %s", c->name, c->log_path);
	c->restart_at_us = clock_mono_us() + (int64_t)c->failed_starts * RETRY_US;
	return 0;
}

static int tend(struct child **children, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct child *c = children[i];

		if (c->pid > 0 && !child_alive(c))
			note_end(c);
		if (c->pid > 0 || clock_mono_us() < c->restart_at_us)
			continue;
		if (start_again(c, e) < 0)
			return -1;
	}
	return 0;
}

int supervise_run(struct child **children, size_t n, struct err *e)
{
	const struct timespec tick = {.tv_nsec = 250 * 1000 * 1000};
	sigset_t set;

	watched_signals(&set);
	for (;;) {
		int sig = sigtimedwait(&set, NULL, &tick);

		if (sig == SIGTERM || sig == SIGINT)
			return 0;
		if (sig == SIGHUP)
			for (size_t i = 0; i < n; i++)
				if (children[i]->pid > 0 && children[i]->reload_signal)
					kill(children[i]->pid, children[i]->reload_signal);
		if (tend(children, n, e) < 0)
			return -1;
	}
}
