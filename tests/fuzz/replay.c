/* SPDX-License-Identifier: MIT */
/*
 * The main of fuzz targets in a build without a fuzzer: runs every file of the target's corpus
 * and each of its beginnings, so that what a fuzzer once found stays fixed. Inputs lie in
 * memory of exactly their size, for sanitizers to see a read behind the end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fio.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_FILE = 1 << 20, MAX_PREFIX = 4096 };

static void run_exactly(struct span input)
{
	uint8_t *copy = malloc(input.n ? input.n : 1);

	MUST(copy);
	if (input.n)
		memcpy(copy, input.p, input.n);
	(void)LLVMFuzzerTestOneInput(copy, input.n);
	free(copy);
}

static void run_file(int dir, const char *name)
{
	struct arena *a = arena_new();
	struct span input;
	struct err e;

	if (fio_read_file(dir, name, MAX_FILE, a, &input, &e) != 0) {
		fprintf(stderr, "%s: %s\n", name, e.text);
		exit(1);
	}
	for (size_t n = 0; n < input.n && n < MAX_PREFIX; n++)
		run_exactly(span_head(input, n));
	run_exactly(input);
	arena_free(a);
}

static int run_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int files = 0;

	if (!dir) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		run_file(dirfd(dir), entry->d_name);
		files++;
	}
	closedir(dir);
	printf("%s: %d files\n", path, files);
	return files == 0;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *slash = strrchr(argv[0], '/');
	char path[PATH_MAX];
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run_dir(argv[i]);
	if (argc == 1) {
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
			slash ? slash + 1 : argv[0]);
		failed = run_dir(path);
	}
	return failed;
}
