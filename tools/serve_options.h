/* SPDX-License-Identifier: MIT */
/* The command line of `maxiofs serve`: its own options, and the settings it passes on. */
#ifndef MX_TOOLS_SERVE_OPTIONS_H
#define MX_TOOLS_SERVE_OPTIONS_H

#include "tools/front.h"
#include "tools/tool.h"

enum { SERVE_PORT_SETTING = -1 };

struct serve_options {
	const char *listen;
	int s3_port; /* SERVE_PORT_SETTING: not given, the setting s3_port says it */
	int console_port;
	enum front_kind front;
	bool detach, stop, json;
	char **settings; /* what is not ours, argv[0] first: flags of the table of settings */
	int setting_count;
};

/* For help. */
extern const struct tool_option serve_option_rows[];

/* Strings are those of argv. err: ERR_INVALID, naming the option and what it takes. */
int serve_options_parse(
	struct serve_options *o, int argc, char **argv, struct err *e) MX_MUST_CHECK;
void serve_options_fini(struct serve_options *o);

#endif
