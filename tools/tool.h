/* SPDX-License-Identifier: MIT */
/*
 * What the administration commands share: the table's row, the parsed command line, the
 * printer. A new command is a function and a row in main.c; the help is made from the rows.
 */
#ifndef MX_TOOLS_TOOL_H
#define MX_TOOLS_TOOL_H

#include <stdio.h>

#include "svc/svc.h"
#include "tools/printer.h"

struct tool_option {
	const char *name;  /* with its dashes; NULL ends the list */
	const char *value; /* how the help calls its value; NULL: a switch */
	const char *help;
	bool required;
};
enum { TOOL_OPTIONS_MAX = 12, TOOL_ARGS_MAX = 4 };

struct tool {
	struct cfg cfg;
	struct svc *svc; /* NULL for commands that need no data */
	struct arena *arena;
	struct printer out;
	const struct tool_option *options;
	const char *values[TOOL_OPTIONS_MAX]; /* by the options' order; "" for a switch, NULL:
						 not given */
	const char *args[TOOL_ARGS_MAX];
	unsigned arg_count;
	bool usage; /* the failure is one of usage */
};

enum tool_needs { TOOL_NEEDS_NOTHING, TOOL_NEEDS_CFG, TOOL_NEEDS_SVC };

struct tool_command {
	const char *words; /* "user create" */
	const char *args;  /* "NAME", "" for none; each is required */
	const char *help;
	const struct tool_option *options; /* NULL: none */
	enum tool_needs needs;
	int (*run)(struct tool *t, struct err *e);
	int (*raw)(int argc,
		char **argv); /* instead of run: parses for itself; argv[0] is its word */
};

/* The value of an option of this command, NULL if it was not given. */
const char *tool_option(const struct tool *t, const char *name);
static inline struct span tool_span(const struct tool *t, const char *name)
{
	return span_str(tool_option(t, name));
}
/* Fails as a mistake in usage: exit code 2. */
#define tool_misused(t, e, ...) ((t)->usage = true, err_fail((e), ERR_INVALID, __VA_ARGS__))

/* ---- values.c: options that several commands read alike ----------------------------- */

/* --tenant: a tenant's id or name, `global` or nothing: 0. */
int tool_tenant(struct tool *t, int64_t *tenant_id_r, struct err *e) MX_MUST_CHECK;
/* A user by name in a tenant. */
int tool_user(struct tool *t, const char *name, int64_t tenant_id, struct meta_user *u_r,
	struct err *e) MX_MUST_CHECK;
/* "active", "suspended". */
int tool_status(struct tool *t, const char *word, enum meta_status *status_r,
	struct err *e) MX_MUST_CHECK;
const char *tool_status_name(enum meta_status status);
int tool_role(
	struct tool *t, const char *word, enum meta_role *role_r, struct err *e) MX_MUST_CHECK;
const char *tool_role_name(enum meta_role role);
/* A secret from the first line of a file, "-": of standard input. */
int tool_secret(
	struct tool *t, const char *path, struct span *secret_r, struct err *e) MX_MUST_CHECK;
/* "never" (0), an RFC 3339 time, or a span from now: 90d, 12h, 30m. */
int tool_expiry(
	struct tool *t, const char *word, int64_t *at_us_r, struct err *e) MX_MUST_CHECK;
/* Public id of a tenant, "global" for 0. */
const char *tool_tenant_name(struct tool *t, int64_t tenant_id);

/* ---- the commands ------------------------------------------------------------------- */

int tenant_create(struct tool *t, struct err *e);
int tenant_list(struct tool *t, struct err *e);
int tenant_show(struct tool *t, struct err *e);
int tenant_set(struct tool *t, struct err *e);
int tenant_delete(struct tool *t, struct err *e);
int user_create(struct tool *t, struct err *e);
int user_list(struct tool *t, struct err *e);
int user_show(struct tool *t, struct err *e);
int user_set(struct tool *t, struct err *e);
int user_delete(struct tool *t, struct err *e);
int key_create(struct tool *t, struct err *e);
int key_list(struct tool *t, struct err *e);
int key_show(struct tool *t, struct err *e);
int key_set(struct tool *t, struct err *e);
int key_delete(struct tool *t, struct err *e);
int bucket_create(struct tool *t, struct err *e);
int bucket_list(struct tool *t, struct err *e);
int bucket_show(struct tool *t, struct err *e);
int bucket_set(struct tool *t, struct err *e);
int bucket_delete(struct tool *t, struct err *e);
int config_show(struct tool *t, struct err *e);
int config_check(struct tool *t, struct err *e);
int version_show(struct tool *t, struct err *e);
int gc_run(struct tool *t, struct err *e);
int scan_run(struct tool *t, struct err *e);
int recount_run(struct tool *t, struct err *e);

#endif
