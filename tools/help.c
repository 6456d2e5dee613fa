/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/help.h"

#include <string.h>

/* ---- on the terminal ------------------------------------------------------------------- */

void help_command(FILE *out, const struct tool_command *c)
{
	fprintf(out, "usage: maxiofs %s%s%s [OPTION...]\n\n%s\n", c->words, *c->args ? " " : "",
		c->args, c->help);
	for (const struct tool_option *o = c->options; o && o->name; o++) {
		char left[64];

		if (o == c->options)
			fputs("\nOptions:\n", out);
		snprintf(left, sizeof(left), "%s%s%s", o->name, o->value ? " " : "",
			o->value ? o->value : "");
		fprintf(out, "  %-24s %s%s\n", left, o->help, o->required ? " (required)" : "");
	}
	fputs("\nFor all commands: --json, and every setting as a flag, first of all "
	      "--data-dir DIR;\n"
	      "`maxiofs help settings` lists them.\n",
		out);
}

void help_all(FILE *out, const struct tool_command *commands, size_t n)
{
	fputs("usage: maxiofs COMMAND [ARGUMENT...] [OPTION...]\n\n"
	      "Serves and administers MaxIOFS; works beside running responders.\n\nCommands:\n",
		out);
	for (size_t i = 0; i < n; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s", commands[i].words,
			*commands[i].args ? " " : "", commands[i].args);
		fprintf(out, "  %-24s %s\n", left, commands[i].help);
	}
	fputs("\nOptions:\n"
	      "  --json                   print JSON\n"
	      "  --help                   help for all, or for one command\n"
	      "  --data-dir DIR, ...      every setting is a flag: `maxiofs help settings`\n\n"
	      "Exit codes: 0 done, 1 failed, 2 wrong usage.\n",
		out);
}

/* The flag of a setting. */
static void put_flag(FILE *out, const char *name, const char *dash)
{
	fprintf(out, "%s%s", dash, dash);
	for (; *name; name++)
		if (*name == '_')
			fputs(dash, out);
		else
			fputc(*name, out);
}

void help_settings(FILE *out)
{
	size_t n;
	const struct cfg_row *rows = cfg_rows(&n);

	for (size_t i = 0; i < n; i++) {
		fputs("  ", out);
		put_flag(out, rows[i].name, "-");
		fprintf(out, " (%s, default %s)\n      %s\n", rows[i].type,
			*rows[i].def ? rows[i].def : "empty", rows[i].help);
	}
}

/* ---- the manual page ------------------------------------------------------------------- */

/* Words that stand for themselves: a dash is no hyphen, a leading dot no request. */
static void put_roff(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++)
		if (*text == '-' || *text == '\\')
			fprintf(out, "\\%c", *text == '\\' ? 'e' : '-');
		else
			fputc(*text, out);
}

static void man_option(FILE *out, const struct tool_option *o)
{
	fputs(".TP\n\\fB", out);
	put_roff(out, o->name);
	fprintf(out, "\\fR%s\\fI%s\\fR\n", o->value ? " " : "", o->value ? o->value : "");
	put_roff(out, o->help);
	fputs(o->required ? " (required)\n" : "\n", out);
}

static void man_command(FILE *out, const struct tool_command *c)
{
	fprintf(out, ".TP\n\\fB%s\\fR%s\\fI%s\\fR\n", c->words, *c->args ? " " : "", c->args);
	put_roff(out, c->help);
	fputc('\n', out);
	if (!c->options || !c->options->name)
		return;
	fputs(".RS\n", out);
	for (const struct tool_option *o = c->options; o->name; o++)
		man_option(out, o);
	fputs(".RE\n", out);
}

static void man_setting(FILE *out, const struct cfg_row *r)
{
	fputs(".TP\n\\fB", out);
	put_flag(out, r->name, "\\-");
	fprintf(out, "\\fR=\\fI%s\\fR\n", r->type);
	put_roff(out, r->help);
	fputs("\nDefault: ", out);
	put_roff(out, *r->def ? r->def : "empty");
	if (*r->range) {
		fputs("; ", out);
		for (const char *p = r->range; *p; p++)
			fputs(*p == '|' ? ", " : (const char[]){*p, '\0'}, out);
		fprintf(out, "%s%s", *r->unit ? " " : "", r->unit);
	}
	fputs(".\n", out);
}

void help_man(FILE *out, const struct tool_command *commands, size_t n)
{
	size_t settings;
	const struct cfg_row *rows = cfg_rows(&settings);

	fprintf(out,
		".\\\" SPDX-License-Identifier: MIT\n.\\\" Made by `maxiofs help man`.\n"
		".TH MAXIOFS 1 \"\" \"MaxIOFS %s\"\n",
		PACKAGE_VERSION);
	fputs(".SH NAME\nmaxiofs \\- serve and administer MaxIOFS, an S3-compatible object "
	      "store\n"
	      ".SH SYNOPSIS\n.B maxiofs\n.I COMMAND\n.RI [ ARGUMENT... ]\n.RI [ OPTION... ]\n"
	      ".SH DESCRIPTION\nRuns the front server and both responders as one group "
	      "(\\fBserve\\fR), and administers a data directory, beside responders that serve "
	      "it; "
	      "a change holds for the next request.\n"
	      ".SH COMMANDS\n",
		out);
	for (size_t i = 0; i < n; i++)
		man_command(out, &commands[i]);
	fputs(".SH OPTIONS\n.TP\n\\fB\\-\\-json\\fR\nPrint JSON.\n"
	      ".TP\n\\fB\\-\\-help\\fR\nHelp for all, or for one command.\n"
	      ".TP\n\\fB\\-\\-config\\fR \\fIFILE\\fR\nRead this file of settings.\n"
	      ".SH SETTINGS\nThe first of flag, environment, file and default that names a "
	      "setting wins.\n",
		out);
	for (size_t i = 0; i < settings; i++)
		man_setting(out, &rows[i]);
	fputs(".SH ENVIRONMENT\nEach setting, in capitals with \\fBMAXIOFS_\\fR before it, as "
	      "\\fBMAXIOFS_LOG_LEVEL\\fR. \\fBMAXIOFS_CONFIG\\fR is \\fB\\-\\-config\\fR; "
	      "\\fBMAXIOFS_ADMIN_PASSWORD\\fR is the first administrator's password, if it "
	      "shall not be a "
	      "random one.\n"
	      ".SH FILES\n.TP\n\\fIdata_dir\\fR/.maxiofs/maxiofs.conf\nLines of the form "
	      "\\fBname = value\\fR, "
	      "read unless \\fB\\-\\-config\\fR names another file.\n"
	      ".SH EXIT STATUS\n0: done. 1: failed. 2: wrong usage.\n",
		out);
}
