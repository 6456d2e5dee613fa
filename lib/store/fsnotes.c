/* SPDX-License-Identifier: MIT */
/* Driver fs: .maxiofs/buckets/{tenant or "global"}/{bucket}.json, 0600 in directories of 0700.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fio.h"
#include "store/fs.h"

enum { NOTE_MAX_BYTES = 16 << 20, NOTE_PATH_MAX = 128 };
#define NOTES "buckets"
#define NOTE_SUFFIX ".json"

/* The directory into dir and the file, below it, into path. */
static int note_path(struct span tenant, struct span bucket, char dir[NOTE_PATH_MAX],
	char path[NOTE_PATH_MAX], struct err *e)
{
	char checked[FSPATH_FULL_MAX];
	size_t n;

	if (fspath_bucket(checked, tenant, bucket, &n, e) < 0)
		return -1;
	if (!tenant.n)
		tenant = SPAN_LIT(NAME_GLOBAL);
	snprintf(dir, NOTE_PATH_MAX, NOTES "/%.*s", SPAN_FMT(tenant));
	snprintf(path, NOTE_PATH_MAX, NOTES "/%.*s/%.*s" NOTE_SUFFIX, SPAN_FMT(tenant),
		SPAN_FMT(bucket));
	return 0;
}

int fs_note_put(struct store *s, struct span tenant, struct span bucket, struct span json,
	struct err *e)
{
	char dir[NOTE_PATH_MAX], path[NOTE_PATH_MAX];
	int fd = fs_of(s)->private_fd;

	if (json.n > NOTE_MAX_BYTES)
		return err_fail(e, ERR_LIMIT, "note of %zu bytes", json.n);
	if (note_path(tenant, bucket, dir, path, e) < 0 || fio_make_dirs(fd, dir, 0700, e) < 0)
		return -1;
	return fio_replace_file(fd, path, json, 0600, e);
}

int fs_note_get(struct store *s, struct span tenant, struct span bucket, struct arena *a,
	struct span *json_r, struct err *e)
{
	char dir[NOTE_PATH_MAX], path[NOTE_PATH_MAX];

	if (note_path(tenant, bucket, dir, path, e) < 0)
		return -1;
	return fio_read_file(fs_of(s)->private_fd, path, NOTE_MAX_BYTES, a, json_r, e);
}

int fs_note_remove(struct store *s, struct span tenant, struct span bucket, struct err *e)
{
	char dir[NOTE_PATH_MAX], path[NOTE_PATH_MAX];
	int fd = fs_of(s)->private_fd;

	if (note_path(tenant, bucket, dir, path, e) < 0)
		return -1;
	if (unlinkat(fd, path, 0) < 0)
		return errno == ENOENT ? 0 : fssys_fail(e, errno, "unlink %s", path);
	return fio_sync_dir(fd, dir, e);
}

typedef int note_fn(void *ctx, struct span tenant, struct span bucket, struct err *e);

/* What it was called with, for the two levels of the walk. */
struct listing {
	note_fn *fn;
	void *ctx;
	struct span tenant; /* absent for the global namespace */
};

typedef int entry_fn(struct listing *l, int dir_fd, const char *name, struct err *e);

/* Calls each for every entry of a directory; one that is missing is empty. */
static int for_entries(
	struct listing *l, int at_fd, const char *name, entry_fn *each, struct err *e)
{
	int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;
	struct dirent *entry;
	DIR *dir;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = fssys_fail(e, errno, "open directory %s", name);
		fio_close(&fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		r = each(l, dirfd(dir), entry->d_name, e);
	if (r == 0 && errno)
		r = fssys_fail(e, errno, "read directory %s", name);
	closedir(dir);
	return r;
}

static int list_note(struct listing *l, int dir_fd, const char *name, struct err *e)
{
	const struct span suffix = SPAN_LIT(NOTE_SUFFIX);
	struct span bucket = span_str(name);

	(void)dir_fd;
	if (bucket.n <= suffix.n || !span_eq(span_from(bucket, bucket.n - suffix.n), suffix))
		return 0;
	bucket.n -= suffix.n;
	return name_bucket_legal(bucket) ? l->fn(l->ctx, l->tenant, bucket, e) : 0;
}

static int list_namespace(struct listing *l, int dir_fd, const char *name, struct err *e)
{
	if (strcmp(name, NAME_GLOBAL) == 0)
		l->tenant = SPAN_NULL;
	else if (name_tenant_id_legal(span_str(name)))
		l->tenant = span_str(name);
	else
		return 0;
	return for_entries(l, dir_fd, name, list_note, e);
}

int fs_note_list(struct store *s, note_fn *fn, void *ctx, struct err *e)
{
	struct listing l = {.fn = fn, .ctx = ctx};

	return for_entries(&l, fs_of(s)->private_fd, NOTES, list_namespace, e);
}
