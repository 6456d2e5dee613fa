/* SPDX-License-Identifier: MIT */
/* Driver fs, what its files share. */
#ifndef MX_STORE_FS_H
#define MX_STORE_FS_H

#include <stdatomic.h>

#include "store/fsdirs.h"
#include "store/fspath.h"
#include "store/fssys.h"
#include "store/store.h"

enum { FS_FILE_MODE = 0644, FS_TAG_MAX = 60, FS_RACE_RETRIES = 200 };

struct fs {
	struct store base;
	struct fssys real, *sys;
	int data_fd, objects_fd, private_fd; /* {data_dir}, objects/, .maxiofs/ */
	struct fsdirs dirs;
	atomic_bool untagged; /* the file system has no extended attributes */
};

/* As store_fs_open, with system calls of the caller's, which must outlive the store. */
int fs_open_with(const char *data_dir, struct fssys *sys, struct store **s_r,
	struct err *e) MX_MUST_CHECK;

/* Is there room for object data? It stops short of the end of the disk, so that deleting, which
 * writes metadata first, still finds some. err: ERR_FULL. */
int fs_room(struct fs *fs, struct err *e) MX_MUST_CHECK;

static inline struct fs *fs_of(struct store *s)
{
	return (struct fs *)s;
}

int fs_create(struct store *s, const struct store_loc *loc, uint64_t expected_bytes,
	struct store_writer **w_r, struct err *e);
int fs_write(struct store_writer *w, const void *p, size_t n, struct err *e);
int fs_copy_range(struct store_writer *w, struct store_reader *from, uint64_t off, uint64_t n,
	struct err *e);
int fs_commit(struct store_writer *w, const struct store_tag *tag, struct err *e);
void fs_abort(struct store_writer *w);

int fs_open(
	struct store *s, const struct store_loc *loc, struct store_reader **r_r, struct err *e);
int fs_pread(
	struct store_reader *r, void *p, size_t n, uint64_t off, size_t *n_r, struct err *e);
int fs_fd(struct store_reader *r);
uint64_t fs_size(struct store_reader *r);
void fs_close(struct store_reader *r);
int fs_remove(struct store *s, const struct store_loc *loc, struct err *e);

int fs_bucket_create(struct store *s, struct span tenant, struct span bucket, struct err *e);
int fs_bucket_remove(struct store *s, struct span tenant, struct span bucket, struct err *e);

int fs_scan(struct store *s, store_scan_fn *fn, void *ctx, struct err *e);

int fs_note_put(struct store *s, struct span tenant, struct span bucket, struct span json,
	struct err *e);
int fs_note_get(struct store *s, struct span tenant, struct span bucket, struct arena *a,
	struct span *json_r, struct err *e);
int fs_note_remove(struct store *s, struct span tenant, struct span bucket, struct err *e);
int fs_note_list(struct store *s,
	int (*fn)(void *ctx, struct span tenant, struct span bucket, struct err *e), void *ctx,
	struct err *e);

/* The tag's stored form. */
size_t fs_tag_encode(const struct store_tag *tag, unsigned char out[FS_TAG_MAX]);
bool fs_tag_decode(const unsigned char *p, size_t n, struct store_tag *tag_r);

#endif
