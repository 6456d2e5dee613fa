/* SPDX-License-Identifier: MIT */
#include "tools/front.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fio.h"
#include "base/log.h"

#define RUN_DIR_PREFIX "maxiofs-"
enum { CONFIG_MAX = 256 * 1024, SOCKET_NAME_MAX = 16, APACHE_SOCKET_PATH_SIZE = 96 };

static const char *const programs[][4] = {
	[FRONT_NGINX] = {"/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", NULL},
	[FRONT_APACHE] = {"/usr/sbin/apache2", "/usr/sbin/httpd", "/usr/local/sbin/httpd", NULL},
};

static const char *find_program(enum front_kind kind)
{
	for (size_t i = 0; programs[kind][i]; i++)
		if (access(programs[kind][i], X_OK) == 0)
			return programs[kind][i];
	return NULL;
}

/* Short enough for a socket's address, and of bytes that mean nothing to a front server's configuration. */
static bool fits_socket(const struct front *f, const char *dir)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
	size_t room = f->kind == FRONT_APACHE ? APACHE_SOCKET_PATH_SIZE
					      : sizeof(((struct sockaddr_un *)0)->sun_path);

	return dir[strspn(dir, plain)] == '\0' && strlen(dir) + 1 + SOCKET_NAME_MAX < room;
}

/* Apache refuses to serve as root: its workers are www-data then, who cannot enter the data directory. */
static void choose_workers(struct front *f)
{
	const struct passwd *pw = NULL;

	f->worker_uid = geteuid();
	f->worker_gid = getegid();
	if (f->kind == FRONT_APACHE && geteuid() == 0)
		pw = getpwnam("www-data");
	if (pw) {
		f->worker_uid = pw->pw_uid;
		f->worker_gid = pw->pw_gid;
	}
}

/* Runs a command to its end, without a shell; true when it exits with 0. */
static bool run_command(const char *const argv[])
{
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static const char *note_path(const struct front *f, struct arena *a)
{
	return arena_printf(a, "%s/outside", f->state_dir);
}

/* The directory outside of the data directory that a supervisor made and could not remove any more. */
static void remove_left_over(const struct front *f, struct arena *a)
{
	const char *note = note_path(f, a), *dir;
	struct err e;
	struct span text;
	struct stat st;

	if (fio_read_file(AT_FDCWD, note, PATH_MAX, a, &text, &e) < 0)
		return;
	dir = arena_strndup(a, text);
	if (strstr(dir, "/" RUN_DIR_PREFIX) && lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
		st.st_uid == geteuid())
		run_command((const char *const[]){"rm", "-rf", "--", dir, NULL});
	unlink(note);
}

static int make_run_dir(struct front *f, struct arena *a, struct err *e)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char *dir;

	remove_left_over(f, a);
	if (f->worker_uid == geteuid() && fits_socket(f, f->state_dir)) {
		f->run_dir = f->state_dir;
		return 0;
	}
	if (!base || f->worker_uid != geteuid() || !fits_socket(f, base) || access(base, W_OK) < 0)
		base = "/tmp";
	dir = arena_printf(a, "%s/" RUN_DIR_PREFIX "XXXXXX", base);
	if (!mkdtemp(dir))
		return err_sys(e, errno, "mkdtemp %s", dir);
	f->run_dir = dir;
	f->own_run_dir = true;
	if (fio_replace_file(AT_FDCWD, note_path(f, a), span_str(dir), 0600, e) < 0)
		return -1;
	if (f->worker_uid == geteuid())
		return 0;
	/* With the setgid bit a socket is of the workers' group from its first moment. */
	if (chown(dir, geteuid(), f->worker_gid) < 0 || chmod(dir, 02750) < 0)
		return err_sys(e, errno, "chown %s", dir);
	return 0;
}

/* The workers of Apache under root cannot be sure to reach the console where it is installed. */
static int copy_console(struct front *f, struct arena *a, struct err *e)
{
	const char *to = arena_printf(a, "%s/console", f->run_dir);

	if (!run_command((const char *const[]){"cp", "-R", "--", f->console_dir, to, NULL}) ||
		!run_command((const char *const[]){"chmod", "-R", "a+rX", "--", to, NULL}))
		return err_fail(e, ERR_IO, "copying the console to %s", to);
	f->console_dir = to;
	return 0;
}

int front_prepare(struct front *f, struct arena *a, struct err *e)
{
	static const char *const dirs[] = {"client-body", "fastcgi", "proxy", "scgi", "uwsgi"};

	choose_workers(f);
	if (make_run_dir(f, a, e) < 0)
		return -1;
	f->s3_socket = arena_printf(a, "%s/s3.sock", f->run_dir);
	f->console_socket = arena_printf(a, "%s/console.sock", f->run_dir);
	f->console_dir = arena_printf(a, "%s/console", f->share_dir);
	f->config_path = arena_printf(a, "%s/%s.conf", f->state_dir,
		f->kind == FRONT_NGINX ? "nginx" : "apache");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (fio_make_dirs(AT_FDCWD, arena_printf(a, "%s/tmp/%s", f->run_dir, dirs[i]), 0700, e) < 0)
			return -1;
	if (access(f->console_dir, R_OK) < 0) {
		f->console_dir = arena_printf(a, "%s/no-console", f->run_dir);
		if (fio_make_dirs(AT_FDCWD, f->console_dir, 0755, e) < 0)
			return -1;
	}
	if (f->worker_uid != geteuid())
		return copy_console(f, a, e);
	return 0;
}

static const char *user_directive(const struct front *f, struct arena *a)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return "";
	pw = getpwuid(f->worker_uid);
	if (!pw)
		return "";
	if (f->kind == FRONT_NGINX)
		return arena_printf(a, "user %s;", pw->pw_name);
	return arena_printf(a, "User #%u\nGroup #%u", (unsigned)f->worker_uid, (unsigned)f->worker_gid);
}

struct placeholder {
	const char *name, *value;
};

/* As it stands between the double quotes of the templates. */
static void add_quoted(struct buf *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *value);
	}
}

/* Replaces each @NAME@; one that is not known is an error, so that template and program agree. */
static int fill_template(struct span text, const struct placeholder *vars, struct buf *out, struct err *e)
{
	while (text.n) {
		ptrdiff_t at = span_find_byte(text, '@');
		const struct placeholder *v = vars;
		struct span name;
		ptrdiff_t len;

		if (at < 0)
			break;
		buf_add(out, text.p, (size_t)at);
		text = span_from(text, (size_t)at + 1);
		len = span_find_byte(text, '@');
		name = span_head(text, len < 0 ? 0 : (size_t)len);
		while (v->name && !span_eq_str(name, v->name))
			v++;
		if (!v->name)
			return err_fail(e, ERR_INVALID, "unknown placeholder @%.*s@ in the template", SPAN_FMT(name));
		add_quoted(out, v->value);
		text = span_from(text, (size_t)len + 1);
	}
	buf_add_span(out, text);
	return buf_ok(out) ? 0 : err_fail(e, ERR_LIMIT, "the configuration is too long");
}

int front_configure(const struct front *f, struct arena *a, struct child *c, struct err *e)
{
	const bool nginx = f->kind == FRONT_NGINX;
	const char *program = find_program(f->kind);
	const struct placeholder vars[] = {
		{"RUN_DIR", f->run_dir},
		{"S3_SOCKET", f->s3_socket},
		{"CONSOLE_SOCKET", f->console_socket},
		{"LISTEN", f->listen},
		{"S3_PORT", arena_printf(a, "%d", f->s3_port)},
		{"CONSOLE_PORT", arena_printf(a, "%d", f->console_port)},
		{"HTDOCS", f->console_dir},
		{"LOG_DIR", f->log_dir},
		{"USER_DIRECTIVE", user_directive(f, a)},
		{"PID_FILE", arena_printf(a, "%s/front.pid", f->state_dir)},
		{"MIME_TYPES", nginx ? "/etc/nginx/mime.types" : "/etc/mime.types"},
		{"WORKERS", arena_printf(a, "%ld", sysconf(_SC_NPROCESSORS_ONLN))},
		{"MODULES_DIR", "/usr/lib/apache2/modules"},
		{NULL, NULL},
	};
	const char *template = arena_printf(a, "%s/%s/maxiofs.conf.in", f->share_dir, nginx ? "nginx" : "apache");
	BUF_AUTO struct buf out = {0};
	struct span text;

	if (!program)
		return err_fail(e, ERR_NOT_FOUND, "%s is not installed", nginx ? "nginx" : "apache2");
	buf_init(&out, CONFIG_MAX);
	if (fio_read_file(AT_FDCWD, template, CONFIG_MAX, a, &text, e) < 0 ||
		fill_template(text, vars, &out, e) < 0 ||
		fio_replace_file(AT_FDCWD, f->config_path, buf_span(&out), 0600, e) < 0)
		return -1;
	child_arg(c, program);
	if (nginx) {
		child_arg(c, "-e");
		child_arg(c, c->log_path);
		child_arg(c, "-p");
		child_arg(c, f->run_dir);
		child_arg(c, "-c");
		child_arg(c, f->config_path);
		child_arg(c, "-g");
		child_arg(c, "daemon off;");
		c->stop_signal = SIGQUIT;
	} else {
		child_arg(c, "-d");
		child_arg(c, f->run_dir);
		child_arg(c, "-f");
		child_arg(c, f->config_path);
		child_arg(c, "-DFOREGROUND");
		c->stop_signal = SIGWINCH;
	}
	c->stop_wait_s = 10;
	return 0;
}

int front_share_socket(const struct front *f, const char *path, struct err *e)
{
	if (f->worker_uid == geteuid())
		return 0;
	if (chown(path, geteuid(), f->worker_gid) < 0 || chmod(path, 0660) < 0)
		return err_sys(e, errno, "chown %s", path);
	return 0;
}

void front_cleanup(const struct front *f, struct arena *a)
{
	if (!f->s3_socket)
		return; /* nothing was prepared */
	unlink(f->s3_socket);
	unlink(f->console_socket);
	if (!f->own_run_dir)
		return;
	if (run_command((const char *const[]){"rm", "-rf", "--", f->run_dir, NULL}))
		unlink(note_path(f, a));
	else
		log_warn("could not remove %s", f->run_dir);
}
