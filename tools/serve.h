/* SPDX-License-Identifier: MIT */
/* `maxiofs serve`: one command that runs the front server and both responders as one group. */
#ifndef MX_TOOLS_SERVE_H
#define MX_TOOLS_SERVE_H

/* argv[0] is "serve". Returns the exit code: 0, 1 failure, 2 usage. */
int serve_main(int argc, char **argv);

#endif
