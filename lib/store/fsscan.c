/* SPDX-License-Identifier: MIT */
/*
 * Driver fs: walks objects/ and turns names back into blobs. Memory is bounded by the depth of
 * a path; what vanishes meanwhile is passed over; symbolic links are reported, never followed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"

enum { DEPTH_MAX = 64 };

struct walk {
	store_scan_fn *fn;
	void *ctx;
	struct span tenant, bucket;
	char path[FSPATH_MAX + 1 + 256]; /* below the bucket */
	size_t n;
	char key[NAME_KEY_MAX];
};

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* NULL without errors: it is gone, or no directory. */
static int open_dir(int at_fd, const char *name, DIR **dir_r, struct err *e)
{
	int fd = openat(at_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), saved;

	*dir_r = NULL;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0;
	if (fd < 0)
		return fssys_fail(e, errno, "open directory");
	*dir_r = fdopendir(fd);
	if (*dir_r)
		return 0;
	saved = errno;
	close(fd);
	return fssys_fail(e, saved, "open directory");
}

/* 1: *name_r is the next entry, 0: the end. */
static int next_name(DIR *dir, struct dirent **entry_r, struct err *e)
{
	do {
		errno = 0;
		*entry_r = readdir(dir);
	} while (*entry_r && is_dot((*entry_r)->d_name));
	if (!*entry_r && errno && errno != ENOENT)
		return fssys_fail(e, errno, "read directory");
	return *entry_r ? 1 : 0;
}

static int report(struct walk *w, const struct stat *st, struct err *e)
{
	struct store_found found = {
		.size_bytes = (uint64_t)st->st_size,
		.mtime_us = (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000,
		.name = span_of(w->path, w->n),
	};

	if (!S_ISREG(st->st_mode) || !fspath_decode(found.name, w->key, &found.loc)) {
		found.damaged = true;
		found.loc = (struct store_loc){.gen = 0};
	}
	found.loc.tenant = w->tenant;
	found.loc.bucket = w->bucket;
	return w->fn(w->ctx, &found, e);
}

static int walk_dir(struct walk *w, int at_fd, const char *name, int depth, struct err *e);

static int walk_entry(struct walk *w, int dir_fd, const char *name, int depth, struct err *e)
{
	size_t before = w->n, n = strlen(name);
	struct stat st;
	int r;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fssys_fail(e, errno, "stat");
	if (w->n)
		w->path[w->n++] = '/';
	memcpy(w->path + w->n, name, n + 1);
	w->n += n;
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX && w->n <= FSPATH_MAX)
		r = walk_dir(w, dir_fd, name, depth + 1, e);
	else
		r = report(w, &st, e);
	w->n = before;
	return r;
}

static int walk_dir(struct walk *w, int at_fd, const char *name, int depth, struct err *e)
{
	struct dirent *entry;
	DIR *dir;
	int r;

	if (open_dir(at_fd, name, &dir, e) < 0)
		return -1;
	if (!dir)
		return 0;
	while ((r = next_name(dir, &entry, e)) > 0)
		if (walk_entry(w, dirfd(dir), entry->d_name, depth, e) < 0) {
			r = -1;
			break;
		}
	closedir(dir);
	return r;
}

static int walk_bucket(struct walk *w, int at_fd, const char *name, struct err *e)
{
	w->bucket = span_str(name);
	w->n = 0;
	return name_bucket_legal(w->bucket) ? walk_dir(w, at_fd, name, 0, e) : 0;
}

/* Every bucket in the directory `name`; in objects/ itself also those of the tenants below. */
static int walk_buckets(struct walk *w, int at_fd, const char *name, struct err *e)
{
	bool top = span_absent(w->tenant);
	struct dirent *entry;
	DIR *dir;
	int r;

	if (open_dir(at_fd, name, &dir, e) < 0)
		return -1;
	if (!dir)
		return 0;
	while ((r = next_name(dir, &entry, e)) > 0) {
		struct span each = span_str(entry->d_name);

		if (top && name_tenant_id_legal(each)) {
			w->tenant = each;
			r = walk_buckets(w, dirfd(dir), entry->d_name, e);
			w->tenant = SPAN_NULL;
		} else {
			r = walk_bucket(w, dirfd(dir), entry->d_name, e);
		}
		if (r < 0)
			break;
	}
	closedir(dir);
	return r;
}

int fs_scan(struct store *s, store_scan_fn *fn, void *ctx, struct err *e)
{
	struct walk w = {.fn = fn, .ctx = ctx};

	return walk_buckets(&w, fs_of(s)->objects_fd, ".", e);
}
