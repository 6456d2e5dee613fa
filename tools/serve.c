/* SPDX-License-Identifier: MIT */
/*
 * `maxiofs serve`: makes the data directory, starts the responders, then the front server, makes the first
 * administrator, says where everything is, and supervises until SIGTERM or Ctrl-C.
 *
 * Everything is kept below {data_dir}/.maxiofs/run and {data_dir}/.maxiofs/log. One supervisor per data
 * directory, held by a lock on run/serve.pid.
 */
#include "config.h"

#include "tools/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fio.h"
#include "base/log.h"
#include "cfg/cfg.h"
#include "codec/json.h"
#include "svc/svc.h"
#include "tools/front.h"
#include "tools/printer.h"
#include "tools/serve_options.h"
#include "tools/supervise.h"
#include "tools/tool.h"

enum { START_WAIT_MS = 20000, STOP_WAIT_MS = 60000, STEP_MS = 20, BANNER_MAX = 64 * 1024 };

struct serve {
	struct serve_options opt;
	struct cfg cfg;
	struct arena *arena;
	const char *data_dir, *run_dir, *log_dir; /* absolute */
	const char *program, *libexec_dir, *share_dir;
	int lock_fd;
	int said_fd; /* in the background: the standard error of whoever started us, until all answers */
	struct front front;
	struct child s3, console, server;
	struct svc_first_start first;
	const char *admin_password; /* given beforehand; NULL: none */
};

/* ---- places ------------------------------------------------------------------------------------ */

/* Programs and templates beside this one ({prefix}/bin/maxiofs), so that an installation can be moved;
 * else where configure was told to put them. */
static void find_installation(struct serve *s)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	s->program = "maxiofs";
	s->libexec_dir = MX_LIBEXECDIR;
	s->share_dir = MX_PKGDATADIR;
	if (n <= 0)
		return;
	exe[n] = '\0';
	s->program = arena_strdup(s->arena, exe);
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
	slash = arena_printf(s->arena, "%s/libexec/maxiofs/s3.fcgi", exe);
	if (access(slash, X_OK) < 0)
		return;
	s->libexec_dir = arena_printf(s->arena, "%s/libexec/maxiofs", exe);
	s->share_dir = arena_printf(s->arena, "%s/share/maxiofs", exe);
}

static int find_places(struct serve *s, struct err *e)
{
	char *path = realpath(s->cfg.data_dir, NULL);

	if (!path)
		return err_sys(e, errno, "data directory %s", s->cfg.data_dir);
	s->data_dir = arena_strdup(s->arena, path);
	free(path);
	s->run_dir = arena_printf(s->arena, "%s/.maxiofs/run", s->data_dir);
	s->log_dir = arena_printf(s->arena, "%s/.maxiofs/log", s->data_dir);
	return 0;
}

static int make_places(struct serve *s, struct err *e)
{
	if (fio_make_dirs(AT_FDCWD, s->cfg.data_dir, 0750, e) < 0 ||
		svc_become_owner(s->cfg.data_dir, e) < 0 || find_places(s, e) < 0)
		return -1;
	if (fio_make_dirs(AT_FDCWD, s->run_dir, 0700, e) < 0)
		return -1;
	return fio_make_dirs(AT_FDCWD, s->log_dir, 0700, e);
}

/* ---- one group per data directory ------------------------------------------------------------- */

static const char *lock_path(const struct serve *s)
{
	return arena_printf(s->arena, "%s/serve.pid", s->run_dir);
}

/* The process that holds the lock, 0 if none does. */
static pid_t lock_holder(int fd)
{
	char text[32] = "";
	uint64_t pid;
	ssize_t n;

	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		flock(fd, LOCK_UN);
		return 0;
	}
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n <= 0 || !span_to_u64(span_of(text, strcspn(text, "\n")), &pid))
		return 0;
	return (pid_t)pid;
}

static int take_lock(struct serve *s, struct err *e)
{
	s->lock_fd = open(lock_path(s), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return err_sys(e, errno, "open %s", lock_path(s));
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return err_fail(e, ERR_BUSY, "process %ld already serves %s", (long)lock_holder(s->lock_fd),
			s->data_dir);
	return 0;
}

/* In the process that goes on to supervise. */
static int write_pid(const struct serve *s, struct err *e)
{
	if (ftruncate(s->lock_fd, 0) < 0 || dprintf(s->lock_fd, "%ld\n", (long)getpid()) < 0)
		return err_sys(e, errno, "write %s", lock_path(s));
	return 0;
}

static void pause_ms(int ms)
{
	const struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&ts, NULL);
}

static int stop_group(struct serve *s, struct err *e)
{
	FIO_AUTO_CLOSE int fd = open(lock_path(s), O_RDWR | O_CLOEXEC);
	pid_t pid = fd >= 0 ? lock_holder(fd) : 0;

	if (pid <= 0)
		return err_fail(e, ERR_NOT_FOUND, "nothing serves %s", s->data_dir);
	if (kill(pid, SIGTERM) < 0)
		return err_sys(e, errno, "signal process %ld", (long)pid);
	for (int ms = 0; ms < STOP_WAIT_MS; ms += STEP_MS) {
		if (lock_holder(fd) == 0)
			return 0;
		pause_ms(STEP_MS);
	}
	return err_fail(e, ERR_BUSY, "process %ld does not end", (long)pid);
}

/* ---- starting ------------------------------------------------------------------------------------ */

/* Takes the password out of the environment, which the children inherit and `ps e` shows. */
static const char *given_password(struct arena *a)
{
	char *env = getenv("MAXIOFS_ADMIN_PASSWORD");
	const char *password;

	if (!env || !*env)
		return NULL;
	password = arena_strdup(a, env);
	explicit_bzero(env, strlen(env));
	unsetenv("MAXIOFS_ADMIN_PASSWORD");
	return password;
}

static int first_administrator(struct serve *s, struct err *e)
{
	struct svc *svc;
	int rc;

	if (svc_open(&s->cfg, &clock_system, NULL, true, &svc, e) < 0)
		return -1;
	rc = svc_first_start(svc, span_str(s->admin_password), s->arena, &s->first, e);
	svc_close(svc, true);
	return rc;
}

static int try_connect(const struct sockaddr *sa, socklen_t n)
{
	FIO_AUTO_CLOSE int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, sa, n) == 0 ? 0 : -1;
}

static int wait_connect(struct child *c, const struct sockaddr *sa, socklen_t n, struct err *e)
{
	for (int ms = 0; ms < START_WAIT_MS; ms += STEP_MS) {
		if (try_connect(sa, n) == 0)
			return 0;
		if (!child_alive(c))
			return err_fail(e, ERR_IO, "%s did not start: see %s", c->name, c->log_path);
		pause_ms(STEP_MS);
	}
	return err_fail(e, ERR_BUSY, "%s does not answer: see %s", c->name, c->log_path);
}

static int responder_started(struct child *c, void *ctx, struct err *e)
{
	struct serve *s = ctx;
	const char *path = c == &s->s3 ? s->front.s3_socket : s->front.console_socket;
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	if (wait_connect(c, (struct sockaddr *)&sa, sizeof(sa), e) < 0)
		return -1;
	return front_share_socket(&s->front, path, e);
}

static struct sockaddr_in port_address(const struct serve *s, int port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	sa.sin_addr.s_addr = inet_addr(s->opt.listen);
	return sa;
}

static int server_started(struct child *c, void *ctx, struct err *e)
{
	struct serve *s = ctx;
	const int ports[] = {s->opt.s3_port, s->opt.console_port};

	for (int i = 0; i < 2; i++) {
		struct sockaddr_in sa = port_address(s, ports[i]);

		if (sa.sin_addr.s_addr == INADDR_ANY)
			sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (wait_connect(c, (struct sockaddr *)&sa, sizeof(sa), e) < 0)
			return -1;
	}
	return 0;
}

/* Says early what a front server would only write to its log; chooses a port for 0. */
static int check_port(struct serve *s, int *port, struct err *e)
{
	FIO_AUTO_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in sa = port_address(s, *port);
	socklen_t n = sizeof(sa);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return err_sys(e, errno, "socket");
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, 1) < 0)
		return err_sys(e, errno, "port %d of %s cannot be used", *port, s->opt.listen);
	if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		return err_sys(e, errno, "getsockname");
	*port = ntohs(sa.sin_port);
	return 0;
}

static void prepare_child(struct serve *s, struct child *c, const char *name)
{
	*c = (struct child){
		.name = name,
		.log_path = arena_printf(s->arena, "%s/%s.log", s->log_dir, name),
		.pid_path = arena_printf(s->arena, "%s/%s.pid", s->run_dir, name),
		.stop_signal = SIGTERM,
		.stop_wait_s = 30,
		.ctx = s,
	};
}

static void prepare_responder(struct serve *s, struct child *c, const char *name, const char *program,
	const char *listen_flag, const char *socket)
{
	prepare_child(s, c, name);
	c->reload_signal = SIGHUP;
	c->started = responder_started;
	child_arg(c, arena_printf(s->arena, "%s/%s", s->libexec_dir, program));
	for (int i = 1; i < s->opt.setting_count; i++)
		child_arg(c, s->opt.settings[i]);
	child_arg(c, arena_printf(s->arena, "--data-dir=%s", s->data_dir));
	child_arg(c, arena_printf(s->arena, "--s3-port=%d", s->opt.s3_port));
	child_arg(c, arena_printf(s->arena, "--%s=%s", listen_flag, socket));
}

static int prepare_group(struct serve *s, struct err *e)
{
	if (check_port(s, &s->opt.s3_port, e) < 0 || check_port(s, &s->opt.console_port, e) < 0)
		return -1;
	s->front = (struct front){
		.kind = s->opt.front,
		.listen = s->opt.listen,
		.s3_port = s->opt.s3_port,
		.console_port = s->opt.console_port,
		.share_dir = s->share_dir,
		.state_dir = s->run_dir,
		.log_dir = s->log_dir,
	};
	if (front_prepare(&s->front, s->arena, e) < 0)
		return -1;
	prepare_responder(s, &s->s3, "s3", "s3.fcgi", "s3-listen", s->front.s3_socket);
	prepare_responder(s, &s->console, "console", "console.fcgi", "console-listen", s->front.console_socket);
	prepare_child(s, &s->server, s->opt.front == FRONT_NGINX ? "nginx" : "apache");
	s->server.started = server_started;
	return front_configure(&s->front, s->arena, &s->server, e);
}

static void stop_children(struct serve *s)
{
	child_stop(&s->server);
	child_stop(&s->console);
	child_stop(&s->s3);
	front_cleanup(&s->front, s->arena);
}

static int start_group(struct serve *s, struct err *e)
{
	if (prepare_group(s, e) == 0 && child_start(&s->s3, e) == 0 && child_start(&s->console, e) == 0 &&
		child_start(&s->server, e) == 0)
		return 0;
	stop_children(s);
	return -1;
}

/* ---- telling ------------------------------------------------------------------------------------- */

static const char *shown_host(const struct serve *s)
{
	return strcmp(s->opt.listen, "0.0.0.0") == 0 ? "127.0.0.1" : s->opt.listen;
}

static void tell_json(const struct serve *s, struct buf *out)
{
	const struct svc_first_start *f = &s->first;
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "s3Url", arena_printf(s->arena, "http://%s:%d", shown_host(s), s->opt.s3_port));
	jsonw_str(&w, "consoleUrl", arena_printf(s->arena, "http://%s:%d", shown_host(s), s->opt.console_port));
	jsonw_str(&w, "region", s->cfg.region);
	jsonw_str(&w, "dataDir", s->data_dir);
	jsonw_str(&w, "front", s->opt.front == FRONT_NGINX ? "nginx" : "apache");
	jsonw_i64(&w, "pid", (int64_t)getpid());
	jsonw_str(&w, "user", f->made ? f->user : NULL);
	jsonw_str(&w, "password", f->made ? f->password : NULL);
	jsonw_str(&w, "accessKey", f->made ? f->access_key : NULL);
	jsonw_str(&w, "secretKey", f->made ? f->secret : NULL);
	jsonw_end_object(&w);
	buf_add_char(out, '\n');
}

/* As a shell reads it back. */
static const char *shell_word(const struct serve *s, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
	BUF_AUTO struct buf out;

	buf_init(&out, BANNER_MAX);
	if (word[strspn(word, plain)] == '\0')
		return word;
	buf_add_char(&out, '\'');
	for (; *word; word++)
		if (*word == '\'')
			buf_add_str(&out, "'\\''");
		else
			buf_add_char(&out, *word);
	buf_add_char(&out, '\'');
	return arena_strndup(s->arena, buf_span(&out));
}

static void tell_text(const struct serve *s, struct buf *out)
{
	const struct svc_first_start *f = &s->first;

	buf_printf(out, "\n  MaxIOFS %s serves %s\n\n", PACKAGE_VERSION, s->data_dir);
	buf_printf(out, "  S3        http://%s:%d   (region %s)\n", shown_host(s), s->opt.s3_port, s->cfg.region);
	buf_printf(out, "  Console   http://%s:%d\n\n", shown_host(s), s->opt.console_port);
	if (f->made) {
		buf_printf(out, "  User        %s\n  Password    %s\n", f->user, f->password);
		buf_printf(out, "  Access key  %s\n  Secret key  %s\n\n", f->access_key, f->secret);
		buf_add_str(out, "  Write these down: they are shown this once.\n");
	} else {
		buf_add_str(out, "  The credentials are those of the first start.\n");
	}
	if (s->opt.detach)
		buf_printf(out, "  Stop with: %s serve --data-dir %s --stop\n\n", shell_word(s, s->program),
			shell_word(s, s->data_dir));
	else
		buf_add_str(out, "  Stop with Ctrl-C.\n\n");
}

static void tell(const struct serve *s, int fd)
{
	BUF_AUTO struct buf out;
	struct err e;

	buf_init(&out, BANNER_MAX);
	if (s->opt.json)
		tell_json(s, &out);
	else
		tell_text(s, &out);
	if (fio_write_all(fd, out.p, out.n, &e) < 0)
		log_err(LOG_WARN, &e, "telling the endpoints");
}

/* ---- the two ways to run ------------------------------------------------------------------------------ */

static int serve_group(struct serve *s, int tell_fd, struct err *e)
{
	struct child *children[] = {&s->s3, &s->console, &s->server};
	int rc;

	if (write_pid(s, e) < 0 || start_group(s, e) < 0)
		return -1;
	/* Last, so that no start that fails has made credentials that nobody was told. */
	if (first_administrator(s, e) < 0) {
		stop_children(s);
		return -1;
	}
	tell(s, tell_fd);
	if (tell_fd != STDOUT_FILENO)
		close(tell_fd);
	fio_close(&s->said_fd);
	rc = supervise_run(children, 3, e);
	stop_children(s);
	return rc;
}

static int exit_code(const struct err *e)
{
	return e->kind == ERR_INVALID ? 2 : 1;
}

static int to_background(struct serve *s, struct err *e)
{
	const char *path = arena_printf(s->arena, "%s/serve.log", s->log_dir);
	FIO_AUTO_CLOSE int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	FIO_AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	s->said_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (log < 0 || null < 0)
		return err_sys(e, errno, "open %s", log < 0 ? path : "/dev/null");
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	return 0;
}

/* The background process: its messages go to serve.log from the moment everything answers. */
static int detached_child(struct serve *s, int tell_fd)
{
	struct err e = {0};

	if (to_background(s, &e) == 0 && serve_group(s, tell_fd, &e) == 0)
		return 0;
	log_err(LOG_ERROR, &e, "serving %s", s->data_dir);
	if (s->said_fd >= 0)
		print_error(s->said_fd, "maxiofs serve", &e);
	return exit_code(&e);
}

/* Prints what the background process tells; false if it ended without a word. */
static bool relay(int fd)
{
	char text[4096];
	bool any = false;
	struct err e;
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) != 0) {
		if (n > 0 && fio_write_all(STDOUT_FILENO, text, (size_t)n, &e) == 0)
			any = true;
		else if (n > 0 || errno != EINTR)
			break;
	}
	return any;
}

/* The background process has said why it ended, unless a signal ended it. */
static int explain_end(pid_t pid, int *code_r, struct err *e)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "wait for process %ld", (long)pid);
	if (WIFSIGNALED(status))
		return err_fail(e, ERR_INTERNAL, "the background process was ended by signal %d",
			WTERMSIG(status));
	*code_r = WEXITSTATUS(status);
	return 0;
}

static int serve_detached(struct serve *s, int *code_r, struct err *e)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, errno, "pipe");
	pid = fork();
	if (pid < 0)
		return err_sys(e, errno, "fork");
	if (pid == 0) {
		close(fds[0]);
		_exit(detached_child(s, fds[1]));
	}
	close(fds[1]);
	return relay(fds[0]) ? 0 : explain_end(pid, code_r, e);
}

static int serve_run(struct serve *s, int *code_r, struct err *e)
{
	int rest;

	if (cfg_load(&s->cfg, s->opt.setting_count, s->opt.settings, environ, &rest, e) < 0)
		return -1;
	if (rest < s->opt.setting_count)
		return err_fail(e, ERR_INVALID, "unknown argument %s", s->opt.settings[rest]);
	if (s->opt.s3_port == SERVE_PORT_SETTING)
		s->opt.s3_port = (int)s->cfg.s3_port;
	if (s->opt.stop)
		return find_places(s, e) < 0 ? -1 : stop_group(s, e);
	find_installation(s);
	if (make_places(s, e) < 0 || take_lock(s, e) < 0)
		return -1;
	supervise_block_signals();
	return s->opt.detach ? serve_detached(s, code_r, e) : serve_group(s, STDOUT_FILENO, e);
}

int serve_main(int argc, char **argv)
{
	struct serve s = {.lock_fd = -1, .said_fd = -1, .arena = arena_new()};
	struct err e = {0};
	int rc, code = 0;

	umask(022);
	log_setup(LOG_INFO, LOG_TEXT, "maxiofs");
	s.admin_password = given_password(s.arena);
	rc = serve_options_parse(&s.opt, argc, argv, &e);
	if (rc == 0)
		rc = serve_run(&s, &code, &e);
	if (rc < 0) {
		print_error(STDERR_FILENO, "maxiofs serve", &e);
		code = exit_code(&e);
	}
	fio_close(&s.lock_fd);
	serve_options_fini(&s.opt);
	cfg_fini(&s.cfg);
	arena_free(s.arena);
	return code;
}
