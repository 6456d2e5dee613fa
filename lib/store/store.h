/* SPDX-License-Identifier: MIT */
/*
 * Bytes of objects: one vtable, drivers `fs` (files), `mem` (tests) and wrapper `fault` (tests).
 * Nothing above this folder knows a path. A blob is immutable, written once, named by where it
 * belongs and a generation that is never reused; metadata decides which blob is an object.
 */
#ifndef MX_STORE_STORE_H
#define MX_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

/* Where a blob lives. tenant: "tenant-XXXXXXXX", or absent/empty for the global namespace. */
struct store_loc {
	struct span tenant, bucket, key;
	uint64_t gen;	  /* of the object, or of the multipart upload (fixed when it is created) */
	uint32_t part_no; /* 0: a plain object's blob; 1-10000: a part, then part_gen names it */
	uint64_t part_gen;
};

/* The small note that is kept with a blob so that keys, versions and ETags can be rebuilt from disk
 * (driver fs: one extended attribute of at most 60 bytes). */
struct store_tag {
	uint64_t vseq; /* 0 when not yet known: the driver writes what it is given */
	uint32_t flags;
	unsigned char md5[16];
	uint32_t nparts;
	int64_t mtime_us;
};

struct store;
struct store_writer;
struct store_reader;

struct store_usage {
	uint64_t total_bytes, free_bytes, total_inodes, free_inodes; /* 0 totals: unknown */
};

/* One blob found by a scan. Spans live until the callback returns. */
struct store_found {
	struct store_loc loc;
	uint64_t size_bytes;
	int64_t mtime_us; /* of the file: its age */
	bool damaged;	  /* the name could not be decoded: loc holds tenant and bucket only */
	struct span name; /* for the log: what the driver calls it (fs: the path below the bucket) */
};
/* Returns 0 to go on, -1 with *e to stop the scan. */
typedef int store_scan_fn(void *ctx, const struct store_found *found, struct err *e);

struct store_ops {
	const char *name;
	void (*free)(struct store *s);

	/* Begins a blob; expected_bytes is a hint (UINT64_MAX: unknown). Directories are made, and made
	 * durable, as needed. err: ERR_NOT_FOUND the bucket's directory is missing, ERR_FULL, ERR_IO. */
	int (*create)(struct store *s, const struct store_loc *loc, uint64_t expected_bytes,
		struct store_writer **w_r, struct err *e);
	int (*write)(struct store_writer *w, const void *p, size_t n, struct err *e);
	/* Writes bytes [off, off + n) of a blob of the same store; without dragging them
	 * through this process where the driver can (fs: shared or copied by the kernel). err:
	 * ERR_IO, also when the blob ends before. */
	int (*copy_range)(struct store_writer *w, struct store_reader *from, uint64_t off,
		uint64_t n, struct err *e);
	/* Makes bytes, tag and directory entry durable and frees the writer, also on failure (then the
	 * blob is removed as far as possible and must be forgotten). */
	int (*commit)(struct store_writer *w, const struct store_tag *tag, struct err *e);
	/* Removes what was written and frees the writer. */
	void (*abort)(struct store_writer *w);

	/* err: ERR_NOT_FOUND. */
	int (*open)(struct store *s, const struct store_loc *loc, struct store_reader **r_r, struct err *e);
	/* Up to n bytes at off; *n_r < n only at the end. Thread-safe on one reader. */
	int (*pread)(struct store_reader *r, void *p, size_t n, uint64_t off, size_t *n_r, struct err *e);
	/* A descriptor of the whole blob for sendfile, still owned by the reader, or -1. */
	int (*fd)(struct store_reader *r);
	uint64_t (*size)(struct store_reader *r);
	void (*close)(struct store_reader *r);

	/* Removes a blob; one that is not there is fine. Emptied directories go too, lazily. */
	int (*remove)(struct store *s, const struct store_loc *loc, struct err *e);

	/* The place of a bucket (a legal name). bucket_create is durable and idempotent. bucket_remove removes the
	 * empty directories of a deleted bucket; a file still there leaves it (ERR_EXISTS). */
	int (*bucket_create)(struct store *s, struct span tenant, struct span bucket, struct err *e);
	int (*bucket_remove)(struct store *s, struct span tenant, struct span bucket, struct err *e);

	/* Walks every blob of every bucket, in no order. */
	int (*scan)(struct store *s, store_scan_fn *fn, void *ctx, struct err *e);

	/* The readable copy of a bucket's metadata (driver fs:
	 * .maxiofs/buckets/{tenant or "global"}/{bucket}.json), replaced atomically and durably.
	 * note_get: ERR_NOT_FOUND. note_list calls fn for each; note_remove of a missing one is fine. */
	int (*note_put)(struct store *s, struct span tenant, struct span bucket, struct span json, struct err *e);
	int (*note_get)(struct store *s, struct span tenant, struct span bucket, struct arena *a,
		struct span *json_r, struct err *e);
	int (*note_remove)(struct store *s, struct span tenant, struct span bucket, struct err *e);
	int (*note_list)(struct store *s,
		int (*fn)(void *ctx, struct span tenant, struct span bucket, struct err *e), void *ctx,
		struct err *e);

	/* Can a byte be written durably? For /ready; writes and removes a probe file. */
	int (*probe)(struct store *s, struct err *e);
	int (*usage)(struct store *s, struct store_usage *u_r, struct err *e);
	/* Flushes everything the file system holds (after an unclean end, before the first request). */
	int (*settle)(struct store *s, struct err *e);
};

/* Drivers embed this first. */
struct store {
	const struct store_ops *ops;
};
struct store_writer {
	struct store *store;
};
struct store_reader {
	struct store *store;
};

/* Opens {data_dir} (which must exist) and makes objects/ (0755) and .maxiofs/ (0700) below it if
 * missing. Modes are those after the process's umask: mains set 022. err: ERR_NOT_FOUND, ERR_DENIED, ERR_IO. */
int store_fs_open(const char *data_dir, struct store **s_r, struct err *e) MX_MUST_CHECK;
/* Reads the tag of a blob that the driver fs holds (also through a wrapper). err: ERR_NOT_FOUND it
 * has none, ERR_UNSUPPORTED the reader has no descriptor, ERR_IO it is damaged. */
int store_fs_read_tag(struct store_reader *r, struct store_tag *tag_r, struct err *e) MX_MUST_CHECK;
/* All in memory, for tests. A blob is visible from its commit on (fs: from its creation). */
struct store *store_mem_new(void);

/* Fails the n-th call (counting from 1, from store_fault_arm on) of any fallible operation of `inner`
 * with kind, once; 0: never. Frees inner with itself. store_fault_calls tells how many calls there
 * were since. A failed commit leaves no blob. */
struct store *store_fault_new(struct store *inner, enum err_kind kind);
void store_fault_arm(struct store *fault, unsigned nth);
unsigned store_fault_calls(const struct store *fault);

/* Calls through the vtable. */
static inline void store_free(struct store *s)
{
	if (s)
		s->ops->free(s);
}

#endif
