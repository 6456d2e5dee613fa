/* SPDX-License-Identifier: MIT */
/*
 * The administration program. One table of commands makes routing and help. Settings flags may
 * stand anywhere, options of a command after its words. Exit codes: 0 done, 1 failed, 2 usage.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tools/help.h"
#include "tools/serve.h"
#include "tools/serve_options.h"
#include "tools/tool.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, ARGV_MAX = 256 };

/* clang-format off */
static const struct tool_option of_tenant_create[] = {
	{"--display-name", "TEXT", "as people read it (default: NAME)", false}, {NULL, NULL, NULL, false}};
static const struct tool_option of_tenant_set[] = {
	{"--status", "WORD", "active or suspended", false},
	{"--name", "NAME", "a new name", false},
	{"--display-name", "TEXT", "as people read it", false},
	{"--domains", "LIST", "domains of its own, separated by commas; empty: none", false},
	{NULL, NULL, NULL, false}};
static const struct tool_option of_tenant[] = {
	{"--tenant", "TENANT", "id or name of the tenant (default: global)", false},
	{NULL, NULL, NULL, false}};
static const struct tool_option of_tenant_filter[] = {
	{"--tenant", "TENANT", "only of this tenant, or of global (default: all)", false},
	{NULL, NULL, NULL, false}};
static const struct tool_option of_user_create[] = {
	{"--tenant", "TENANT", "id or name of the tenant (default: global)", false},
	{"--role", "ROLE", "global-admin, tenant-admin or user (default: user)", false},
	{"--display-name", "TEXT", "as people read it (default: NAME)", false},
	{"--email", "ADDRESS", "e-mail address", false},
	{"--password-file", "FILE", "the console password is its first line; - reads standard input", false},
	{NULL, NULL, NULL, false}};
static const struct tool_option of_user_set[] = {
	{"--tenant", "TENANT", "id or name of the tenant (default: global)", false},
	{"--status", "WORD", "active or suspended", false},
	{"--role", "ROLE", "global-admin, tenant-admin or user", false},
	{"--display-name", "TEXT", "as people read it", false},
	{"--email", "ADDRESS", "e-mail address, \"\" for none", false},
	{"--password-file", "FILE", "a new console password; ends the user's sessions", false},
	{NULL, NULL, NULL, false}};
static const struct tool_option of_key_create[] = {
	{"--user", "USER", "whose key it is", true},
	{"--tenant", "TENANT", "the user's tenant (default: global)", false},
	{"--access-key", "KEY", "a given access key (default: a random one)", false},
	{"--secret-key-file", "FILE", "its secret is the first line; - reads standard input", false},
	{"--expires", "WHEN", "never, 90d, 12h, 30m or 2030-12-31T00:00:00Z (default: never)", false},
	{"--description", "TEXT", "what it is for", false}, {NULL, NULL, NULL, false}};
static const struct tool_option of_key_list[] = {
	{"--user", "USER", "only of this user (default: all)", false},
	{"--tenant", "TENANT", "the user's tenant (default: global); without --user: only of this tenant", false},
	{NULL, NULL, NULL, false}};
static const struct tool_option of_key_set[] = {
	{"--status", "WORD", "active or suspended", false},
	{"--expires", "WHEN", "never, 90d, 12h, 30m or 2030-12-31T00:00:00Z", false},
	{"--description", "TEXT", "what it is for", false}, {NULL, NULL, NULL, false}};
static const struct tool_option of_bucket_create[] = {
	{"--owner", "USER", "whose bucket it is", true},
	{"--tenant", "TENANT", "the owner's tenant (default: global)", false},
	{"--location", "REGION", "the location constraint it shows", false}, {NULL, NULL, NULL, false}};
static const struct tool_option of_bucket_set[] = {
	{"--owner", "USER", "the new owner, of the same tenant", true},
	{"--tenant", "TENANT", "the bucket's tenant (default: global)", false}, {NULL, NULL, NULL, false}};
static const struct tool_option of_recount[] = {
	{"--dry-run", NULL, "only count what is wrong", false}, {NULL, NULL, NULL, false}};

static const struct tool_command commands[] = {
	{"serve", "", "run the front server and both responders", serve_option_rows, TOOL_NEEDS_NOTHING, NULL, serve_main},
	{"tenant create", "NAME", "make a tenant", of_tenant_create, TOOL_NEEDS_SVC, tenant_create, NULL},
	{"tenant list", "", "all tenants", NULL, TOOL_NEEDS_SVC, tenant_list, NULL},
	{"tenant show", "TENANT", "one tenant, by id or name", NULL, TOOL_NEEDS_SVC, tenant_show, NULL},
	{"tenant set", "TENANT", "change a tenant", of_tenant_set, TOOL_NEEDS_SVC, tenant_set, NULL},
	{"tenant delete", "TENANT", "remove a tenant without users and buckets", NULL, TOOL_NEEDS_SVC,
		tenant_delete, NULL},
	{"user create", "NAME", "make a user", of_user_create, TOOL_NEEDS_SVC, user_create, NULL},
	{"user list", "", "users", of_tenant_filter, TOOL_NEEDS_SVC, user_list, NULL},
	{"user show", "NAME", "one user", of_tenant, TOOL_NEEDS_SVC, user_show, NULL},
	{"user set", "NAME", "change a user", of_user_set, TOOL_NEEDS_SVC, user_set, NULL},
	{"user delete", "NAME", "remove a user without buckets, and his keys", of_tenant, TOOL_NEEDS_SVC,
		user_delete, NULL},
	{"key create", "", "make an access key; its secret is shown only now", of_key_create,
		TOOL_NEEDS_SVC, key_create, NULL},
	{"key list", "", "access keys, by user", of_key_list, TOOL_NEEDS_SVC, key_list, NULL},
	{"key show", "KEY", "one access key", NULL, TOOL_NEEDS_SVC, key_show, NULL},
	{"key set", "KEY", "change an access key", of_key_set, TOOL_NEEDS_SVC, key_set, NULL},
	{"key delete", "KEY", "remove an access key", NULL, TOOL_NEEDS_SVC, key_delete, NULL},
	{"bucket create", "NAME", "make a bucket", of_bucket_create, TOOL_NEEDS_SVC, bucket_create, NULL},
	{"bucket list", "", "buckets", of_tenant_filter, TOOL_NEEDS_SVC, bucket_list, NULL},
	{"bucket show", "NAME", "one bucket", of_tenant, TOOL_NEEDS_SVC, bucket_show, NULL},
	{"bucket set", "NAME", "give a bucket to another user", of_bucket_set, TOOL_NEEDS_SVC, bucket_set,
		NULL},
	{"bucket delete", "NAME", "remove an empty bucket", of_tenant, TOOL_NEEDS_SVC, bucket_delete, NULL},
	{"config show", "", "every setting, its value and where it comes from", NULL, TOOL_NEEDS_CFG,
		config_show, NULL},
	{"config check", "", "check all settings", NULL, TOOL_NEEDS_CFG, config_check, NULL},
	{"version", "", "version and build", NULL, TOOL_NEEDS_NOTHING, version_show, NULL},
	{"gc run", "", "collect garbage that is due, now", NULL, TOOL_NEEDS_SVC, gc_run, NULL},
	{"scan", "", "remove files that no metadata names, now", NULL, TOOL_NEEDS_SVC, scan_run, NULL},
	{"recount", "", "compute usage counters anew", of_recount, TOOL_NEEDS_SVC, recount_run, NULL},
};
/* clang-format on */
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* The command line, taken apart. */
struct line {
	const char *words[2 + TOOL_ARGS_MAX]; /* what is no flag, in order */
	int word_at[2 + TOOL_ARGS_MAX];
	unsigned word_count;
	const struct tool_command *command;
	unsigned command_words;
	char *settings[ARGV_MAX];
	int setting_count;
	bool json, help;
};

/* ---- parsing ------------------------------------------------------------------------ */

/* Is arg the flag `name`, as --name or --name=value? */
static bool flag_is(const char *arg, const char *name, const char **value_r)
{
	size_t n = strlen(name);

	if (strncmp(arg, name, n) != 0 || (arg[n] != '\0' && arg[n] != '='))
		return false;
	*value_r = arg[n] == '=' ? arg + n + 1 : NULL;
	return true;
}

/* Does this settings flag, given without `=`, take the next argument? Unknown ones are left to
 * cfg_load. */
static bool setting_takes_next(const char *arg)
{
	size_t n;
	const struct cfg_row *rows = cfg_rows(&n);

	if (strchr(arg, '='))
		return false;
	if (strcmp(arg, "--config") == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		const char *a = arg + 2, *b = rows[i].name;

		while (*a && (*a == '-' ? '_' : *a) == *b)
			a++, b++;
		if (*a == '\0' && *b == '\0')
			return strncmp(rows[i].type, "bool", 4) != 0;
	}
	return false;
}

/* Which command the words so far name; it may need the second word. */
static void match_command(struct line *l)
{
	char both[64];

	if (l->command || l->word_count == 0 || l->word_count > 2)
		return;
	snprintf(both, sizeof(both), "%s%s%s", l->words[0], l->word_count == 2 ? " " : "",
		l->word_count == 2 ? l->words[1] : "");
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].words, both) == 0) {
			l->command = &commands[i];
			l->command_words = l->word_count;
		}
}

/* 1: argv[*i] was an option of the command, 0: it was not, -1: its value is missing or one too
 * many. */
static int take_option(struct tool *t, const struct line *l, int argc, char **argv, int *i)
{
	const struct tool_option *o = l->command ? l->command->options : NULL;
	const char *value;

	for (; o && o->name; o++) {
		if (!flag_is(argv[*i], o->name, &value))
			continue;
		if (!o->value) {
			if (value)
				return -1;
			value = "";
		} else if (!value) {
			if (*i + 1 >= argc)
				return -1;
			value = argv[++*i];
		}
		t->values[o - l->command->options] = value;
		return 1;
	}
	return 0;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int parse_line(struct tool *t, struct line *l, int argc, char **argv, struct err *e)
{
	l->settings[l->setting_count++] = argv[0];
	for (int i = 1; i < argc; i++) {
		int took;

		if (l->setting_count + 3 > ARGV_MAX)
			return err_fail(e, ERR_INVALID, "too many arguments");
		if (strcmp(argv[i], "--json") == 0) {
			l->json = true;
		} else if (strcmp(argv[i], "--version") == 0 && l->word_count == 0) {
			l->words[l->word_count++] = "version";
			match_command(l);
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			l->help = true;
		} else if (strncmp(argv[i], "--", 2) != 0) {
			if (l->word_count == 2 + TOOL_ARGS_MAX)
				return err_fail(e, ERR_INVALID, "too many arguments");
			l->word_at[l->word_count] = i;
			l->words[l->word_count++] = argv[i];
			match_command(l);
			if (l->command && l->command->raw) {
				l->help = l->help || asks_help(argc, argv);
				return 0;
			}
		} else if ((took = take_option(t, l, argc, argv, &i)) != 0) {
			if (took < 0)
				return err_fail(e, ERR_INVALID,
					"%s: value missing or not wanted", argv[i]);
		} else {
			l->settings[l->setting_count++] = argv[i];
			if (setting_takes_next(argv[i]) && i + 1 < argc)
				l->settings[l->setting_count++] = argv[++i];
		}
	}
	return 0;
}

/* How many words "NAME OTHER" names. */
static unsigned count_args(const char *args)
{
	unsigned n = *args != '\0';

	for (; *args; args++)
		n += *args == ' ';
	return n;
}

static int check_line(struct tool *t, const struct line *l, struct err *e)
{
	const struct tool_command *c = l->command;

	if (!c && l->word_count)
		return err_fail(e, ERR_INVALID, "no command %s%s%s", l->words[0],
			l->word_count > 1 ? " " : "", l->word_count > 1 ? l->words[1] : "");
	if (!c)
		return err_fail(e, ERR_INVALID, "no command given");
	t->arg_count = l->word_count - l->command_words;
	if (t->arg_count != count_args(c->args))
		return err_fail(e, ERR_INVALID, "%s takes %s", c->words,
			*c->args ? c->args : "no argument");
	for (unsigned i = 0; i < t->arg_count; i++)
		t->args[i] = l->words[l->command_words + i];
	t->options = c->options;
	for (const struct tool_option *o = c->options; o && o->name; o++)
		if (o->required && !t->values[o - c->options])
			return err_fail(e, ERR_INVALID, "%s needs %s", c->words, o->name);
	return 0;
}

const char *tool_option(const struct tool *t, const char *name)
{
	for (const struct tool_option *o = t->options; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return t->values[o - t->options];
	return NULL;
}

/* ---- running ------------------------------------------------------------------------ */

/* The raw command's own arguments: all but its word, which becomes argv[0]. */
static int run_raw(const struct line *l, int argc, char **argv)
{
	char *rest[ARGV_MAX + 1];
	int n = 0;

	if (argc > ARGV_MAX)
		return EXIT_USAGE;
	rest[n++] = argv[l->word_at[0]];
	for (int i = 1; i < argc; i++)
		if (i != l->word_at[0])
			rest[n++] = argv[i];
	rest[n] = NULL;
	return l->command->raw(n, rest);
}

/* A mistyped directory must not become a new, empty installation: it is one of ours, or empty.
 */
static int check_data_dir(const char *path, struct err *e)
{
	DIR *d = opendir(path);
	bool ours = false, empty = true;
	const struct dirent *entry;

	if (!d)
		return err_sys(e, errno, "data directory %s", path);
	while ((entry = readdir(d)) != NULL) {
		ours |= strcmp(entry->d_name, ".maxiofs") == 0;
		empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			strcmp(entry->d_name, "lost+found") == 0;
	}
	closedir(d);
	return ours || empty ? 0 : err_fail(e, ERR_INVALID, "%s is not a data directory", path);
}

static int run_with_svc(struct tool *t, const struct tool_command *c, struct err *e)
{
	int rc;

	if (c->needs == TOOL_NEEDS_SVC && check_data_dir(t->cfg.data_dir, e) < 0)
		return -1;
	if (c->needs == TOOL_NEEDS_SVC &&
		svc_open(&t->cfg, &clock_system, NULL, true, &t->svc, e) < 0)
		return -1;
	rc = c->run(t, e);
	svc_close(t->svc, true);
	t->svc = NULL;
	return rc;
}

static int run_with_cfg(struct tool *t, const struct line *l, struct err *e)
{
	int rest, rc;

	if (l->command->needs == TOOL_NEEDS_NOTHING && l->setting_count == 1)
		return l->command->run(t, e);
	if (cfg_load(&t->cfg, l->setting_count, (char **)l->settings, environ, &rest, e) < 0) {
		t->usage = strncmp(e->text, "--", 2) == 0 ||
			strncmp(e->text, "command line", 12) == 0;
		return -1;
	}
	if (rest < l->setting_count)
		rc = tool_misused(t, e, "unknown option %s", l->settings[rest]);
	else
		rc = run_with_svc(t, l->command, e);
	cfg_fini(&t->cfg);
	return rc;
}

static int report(const struct tool *t, int rc, const struct err *e)
{
	if (rc == 0)
		return EXIT_DONE;
	print_error(STDERR_FILENO, "maxiofs", e);
	return t->usage ? EXIT_USAGE : EXIT_FAILED;
}

static int run_command(struct tool *t, const struct line *l)
{
	struct err e = {0};
	int rc;

	printer_init(&t->out, t->arena, l->json);
	rc = run_with_cfg(t, l, &e);
	if (rc == 0 && printer_flush(&t->out, stdout) < 0)
		rc = err_fail(&e, ERR_IO, "cannot write to standard output");
	printer_fini(&t->out);
	return report(t, rc, &e);
}

static int help(const struct line *l)
{
	const char *about = l->word_count > 1 ? l->words[1] : "";

	if (strcmp(about, "settings") == 0)
		help_settings(stdout);
	else if (strcmp(about, "man") == 0)
		help_man(stdout, commands, COMMANDS);
	else if (l->command)
		help_command(stdout, l->command);
	else
		help_all(stdout, commands, COMMANDS);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct tool t = {.arena = arena_new()};
	struct line l = {0};
	struct err e = {0};
	int code;

	log_setup(LOG_WARN, LOG_TEXT, "maxiofs");
	if (parse_line(&t, &l, argc, argv, &e) < 0) {
		t.usage = true;
		code = report(&t, -1, &e);
	} else if (l.help || (l.word_count && strcmp(l.words[0], "help") == 0)) {
		code = help(&l);
	} else if (l.command && l.command->raw) {
		code = run_raw(&l, argc, argv);
	} else if (check_line(&t, &l, &e) < 0) {
		t.usage = true;
		code = report(&t, -1, &e);
		if (l.command)
			help_command(stderr, l.command);
		else
			fputs("Try `maxiofs --help`.\n", stderr);
	} else {
		code = run_command(&t, &l);
	}
	arena_free(t.arena);
	return code;
}
