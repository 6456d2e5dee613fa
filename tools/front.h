/* SPDX-License-Identifier: MIT */
/*
 * The front server of `maxiofs serve`: where its program is, its configuration made from the installed
 * template, and the directories it needs.
 */
#ifndef MX_TOOLS_FRONT_H
#define MX_TOOLS_FRONT_H

#include "base/arena.h"
#include "tools/supervise.h"

enum front_kind { FRONT_NGINX, FRONT_APACHE };

struct front {
	enum front_kind kind;
	const char *listen;	 /* address */
	int s3_port, console_port;
	const char *share_dir;	 /* templates and the built console */
	const char *state_dir;	 /* configuration, pids and temporary files; absolute */
	const char *log_dir;
	/* Sockets and whatever an unprivileged front server must reach. Usually state_dir; a short directory
	 * of its own when that path is too long for a socket, or when Apache runs for root. */
	const char *run_dir;
	bool own_run_dir;	 /* run_dir is removed at the end, or by the next start */
	const char *s3_socket, *console_socket;
	const char *console_dir; /* static files */
	const char *config_path;
	uid_t worker_uid; /* who the front server's workers are; the same as ours when not root */
	gid_t worker_gid;
};

/* Chooses run_dir and the sockets; makes the directories. */
int front_prepare(struct front *f, struct arena *a, struct err *e) MX_MUST_CHECK;
/* Writes the configuration and fills the command. */
int front_configure(const struct front *f, struct arena *a, struct child *c, struct err *e) MX_MUST_CHECK;
/* Lets the workers use a responder's socket. */
int front_share_socket(const struct front *f, const char *path, struct err *e) MX_MUST_CHECK;
void front_cleanup(const struct front *f, struct arena *a);

#endif
