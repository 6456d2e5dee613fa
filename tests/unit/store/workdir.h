/* SPDX-License-Identifier: MIT */
/* A directory of the test's own, and what is in it. */
#ifndef MX_TESTS_STORE_WORKDIR_H
#define MX_TESTS_STORE_WORKDIR_H

#include <stdbool.h>

/* Malloced path of a new directory. */
char *workdir_new(void);
/* Removes it with all that is in it, frees dir. */
void workdir_free(char *dir);
/* Number of files and of directories anywhere below dir/sub. */
void workdir_count(const char *dir, const char *sub, unsigned *files_r, unsigned *dirs_r);
/* Mode bits of dir/sub, or 0 if it is not there. */
unsigned workdir_mode(const char *dir, const char *sub);

#endif
