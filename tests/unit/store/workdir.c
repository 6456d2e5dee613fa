/* SPDX-License-Identifier: MIT */
#include "tests/unit/store/workdir.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *workdir_new(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = NULL;

	umask(022);
	if (asprintf(&dir, "%s/maxiofs-test-XXXXXX", tmp ? tmp : "/tmp") < 0 || !mkdtemp(dir)) {
		perror("mkdtemp");
		exit(99);
	}
	return dir;
}

void workdir_free(char *dir)
{
	char *roots[] = {dir, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT, NULL);
	FTSENT *entry;

	while (fts && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_DP)
			(void)rmdir(entry->fts_accpath);
		else if (entry->fts_info != FTS_D)
			(void)unlink(entry->fts_accpath);
	}
	if (fts)
		fts_close(fts);
	free(dir);
}

void workdir_count(const char *dir, const char *sub, unsigned *files_r, unsigned *dirs_r)
{
	char path[4096], *roots[] = {path, NULL};
	FTSENT *entry;
	FTS *fts;

	*files_r = *dirs_r = 0;
	snprintf(path, sizeof(path), "%s/%s", dir, sub);
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT, NULL);
	while (fts && (entry = fts_read(fts))) {
		if (entry->fts_level == 0)
			continue;
		if (entry->fts_info == FTS_D)
			(*dirs_r)++;
		else if (entry->fts_info != FTS_DP)
			(*files_r)++;
	}
	if (fts)
		fts_close(fts);
}

unsigned workdir_mode(const char *dir, const char *sub)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, sub);
	return lstat(path, &st) < 0 ? 0 : st.st_mode & 07777u;
}
