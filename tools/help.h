/* SPDX-License-Identifier: MIT */
/* Help and the manual page, made from the table of commands and the table of settings. */
#ifndef MX_TOOLS_HELP_H
#define MX_TOOLS_HELP_H

#include "tools/tool.h"

void help_command(FILE *out, const struct tool_command *c);
void help_all(FILE *out, const struct tool_command *commands, size_t n);
void help_settings(FILE *out);
/* maxiofs(1), for man. */
void help_man(FILE *out, const struct tool_command *commands, size_t n);

#endif
