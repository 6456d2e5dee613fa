/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fcgi/responder.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "fcgi/serve.h"

enum { MALLOC_ARENAS = 4 };

struct process {
	const struct responder *r;
	struct cfg cfg;
	int argc;
	char **argv;
};

static void setup_log(const struct process *p, const struct cfg *c)
{
	static const char *const levels[LOG_LEVEL_COUNT] = {"debug", "info", "warn", "error"};
	enum log_level level = LOG_INFO;

	for (int i = 0; i < LOG_LEVEL_COUNT; i++)
		if (strcmp(c->log_level, levels[i]) == 0)
			level = (enum log_level)i;
	log_setup(level, strcmp(c->log_format, "json") == 0 ? LOG_JSON : LOG_TEXT, p->r->name);
}

/* SIGHUP: what can change while running is how much is logged, and in which form. */
static void reload(void *ctx)
{
	struct process *p = ctx;
	struct cfg c;
	struct err e;
	int rest;

	if (cfg_load(&c, p->argc, p->argv, environ, &rest, &e) < 0) {
		log_err(LOG_ERROR, &e, "the settings were not read again");
		return;
	}
	setup_log(p, &c);
	log_info("log settings read again");
	cfg_fini(&c);
}

static int serve(struct process *p, struct http_app *app, struct metrics *m, struct err *e)
{
	const struct cfg *c = &p->cfg;
	const struct fcgi_config fcgi = {
		.listen = p->r->listen(c),
		.request_threads = (unsigned)c->request_threads,
		.transfer_threads = (unsigned)c->transfer_threads,
		.backlog = (int)c->listen_backlog,
		.idle_timeout_s = (int)c->idle_timeout_s,
		.drain_timeout_s = (int)c->drain_timeout_s,
		.body_timeout_s = (int)c->body_timeout_s,
		.reload = reload,
		.reload_ctx = p,
	};

	if (cgi_is_request(environ))
		return cgi_serve(app, environ, STDIN_FILENO, STDOUT_FILENO, e);
	return fcgi_serve(&fcgi, app, m, e);
}

static int run(struct process *p, struct err *e)
{
	bool cgi = cgi_is_request(environ);
	struct metrics *m = metrics_new(p->r->labels());
	struct http_app *app;
	struct svc *svc;
	int rc;

	if (svc_open(&p->cfg, &clock_system, m, cgi || !p->r->background, &svc, e) < 0) {
		metrics_free(m);
		return -1;
	}
	app = p->r->app_new(svc);
	rc = p->r->background && !cgi ? svc_background_start(svc, e) : 0;
	if (rc == 0)
		rc = serve(p, app, m, e);
	if (rc < 0 && e->kind == ERR_BUSY) {
		log_err(LOG_WARN, e, "ending with requests in flight");
		_exit(1);
	}
	p->r->app_free(app);
	svc_close(svc, rc == 0);
	metrics_free(m);
	return rc;
}

/* A transfer holds a connection and a file: the usual soft limit of 1,024 would end it with a
 * few hundred. */
static void raise_descriptor_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) < 0)
		log_warn("the limit of open files stays as it is: %s", strerror(errno));
}

int responder_main(const struct responder *r, int argc, char **argv)
{
	struct process p = {.r = r, .argc = argc, .argv = argv};
	struct err e = {0};
	int rest, rc;

	/* A gateway's arguments are a query string without '=' (RFC 3875 section 4.4): never
	 * settings. */
	if (cgi_is_request(environ))
		p.argc = argc = 1;
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("%s %s (%s)\n", r->name, PACKAGE_VERSION, BUILD_SUMMARY);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: %s [--SETTING=VALUE...]\nThe settings are those of `maxiofs config show`.\n", r->name);
		return 0;
	}
	/* Each arena keeps what its threads freed; a thousand transfers must not have one each. */
	mallopt(M_ARENA_MAX, MALLOC_ARENAS);
	fcgi_block_signals();
	raise_descriptor_limit();
	log_setup(LOG_INFO, LOG_TEXT, r->name);
	if (cfg_load(&p.cfg, argc, argv, environ, &rest, &e) < 0) {
		log_err(LOG_ERROR, &e, "settings");
		return 2;
	}
	if (rest < argc) {
		log_error("unknown argument %s", argv[rest]);
		return 2;
	}
	setup_log(&p, &p.cfg);
	rc = run(&p, &e);
	if (rc < 0)
		log_err(LOG_ERROR, &e, "serving");
	cfg_fini(&p.cfg);
	return rc < 0 ? 1 : 0;
}
