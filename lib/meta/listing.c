/* SPDX-License-Identifier: MIT */
/*
 * Pages of keys, of versions and of uploads, in raw byte order. Keys that share what stands up
 * to the first delimiter behind the prefix become one entry, and the scan seeks behind all of
 * them at once: a page costs its entries, not the keys below them. One read transaction per
 * page.
 */
#include <stdlib.h>

#include "meta/sqlite_int.h"

enum { LIST_MAX = 1000 };

/* Where a page stands. `from` is an inclusive lower bound. */
struct walk {
	struct arena *a;
	struct span prefix, delimiter;
	struct span from;
	bool ended; /* nothing can follow */
};

/* The smallest key behind every key that starts with s; false if there is none. */
static bool behind_all(struct arena *a, struct span s, struct span *next_r)
{
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] == 0xff)
		s.n--;
	if (s.n == 0)
		return false;
	struct span next = arena_dup(a, s);
	char *last = (char *)(uintptr_t)next.p + next.n - 1;
	*last = (char)((unsigned char)*last + 1);
	*next_r = next;
	return true;
}

/* The smallest key greater than s. */
static struct span just_behind(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return span_of(p, s.n + 1);
}

/* The group of a key: up to and with the first delimiter behind the prefix; absent if it has
 * none. */
static struct span group_of(const struct walk *w, struct span key)
{
	ptrdiff_t at;

	if (w->delimiter.n == 0)
		return SPAN_NULL;
	at = span_find(span_from(key, w->prefix.n), w->delimiter);
	return at < 0 ? SPAN_NULL : span_head(key, w->prefix.n + (size_t)at + w->delimiter.n);
}

static void skip_group(struct walk *w, struct span group)
{
	if (!behind_all(w->a, group, &w->from))
		w->ended = true;
}

/* after: exclusive; absent: from the beginning. A common prefix stands for its whole group. */
static void walk_init(struct walk *w, struct arena *a, struct span prefix,
	struct span delimiter, struct span after)
{
	*w = (struct walk){.a = a, .prefix = prefix, .delimiter = delimiter, .from = prefix};
	if (span_absent(w->from))
		w->from = SPAN_LIT("");
	if (span_absent(after) || span_cmp(after, w->from) < 0)
		return;
	if (!span_starts(after, prefix)) {
		w->ended = true; /* behind every key of the prefix */
		return;
	}
	struct span group = group_of(w, after);
	if (!span_absent(group) && group.n == after.n)
		skip_group(w, group);
	else
		w->from = just_behind(a, after);
}

/* ---- objects ---- */

enum {
	/* So many older versions of a key are passed one by one; then a new seek is cheaper. */
	SKIP_AFTER = 8,
	/* A page ends, full or not, when it has looked at so many rows: a bucket whose keys are
	 * nearly all hidden by delete markers costs many pages, not one that takes seconds. */
	PAGE_ROWS_MAX = 50000
};

struct object_page {
	struct walk w;
	bool all_versions;
	/* the key of the last row, in a buffer that grows with it; absent: none yet */
	struct span seen;
	size_t seen_cap;
	unsigned seen_rows;
	unsigned rows;      /* of the whole page */
	struct span cut_at; /* the key at which the page was cut short; absent: it was not */
	struct meta_list_entry *entries;
	size_t n, cap;
	unsigned limit;
	bool truncated;
};

/* What the walk does with the next row. */
enum stride { STRIDE_NEXT, STRIDE_SEEK /* to w.from */, STRIDE_END };

static struct meta_list_entry *add_object_entry(struct object_page *p, bool is_prefix)
{
	p->entries = arena_grow(p->w.a, p->entries, p->n, &p->cap, sizeof(*p->entries));
	struct meta_list_entry *entry = &p->entries[p->n++];
	entry->is_prefix = is_prefix;
	return entry;
}

/* Is it the key of the row before? */
static bool seen_before(struct object_page *p, struct span key)
{
	char *to = (char *)(uintptr_t)p->seen.p;

	if (!span_absent(p->seen) && span_eq(key, p->seen)) {
		p->seen_rows++;
		return true;
	}
	if (key.n >= p->seen_cap) {
		p->seen_cap = 2 * key.n + 64;
		to = arena_alloc(p->w.a, p->seen_cap);
	}
	if (key.n > 0)
		memcpy(to, key.p, key.n);
	p->seen = span_of(to, key.n);
	p->seen_rows = 1;
	return false;
}

/* A key that is a common prefix, too, is no place to go on from: it would stand for its group.
 */
static bool may_cut_at(const struct object_page *p, struct span key)
{
	return p->rows >= PAGE_ROWS_MAX && group_of(&p->w, key).n != key.n;
}

/* Over an older version, or a delete marker. */
static enum stride pass_row(struct object_page *p, struct span key, bool older)
{
	if (may_cut_at(p, key)) {
		p->cut_at = arena_dup(p->w.a, key);
		return STRIDE_END;
	}
	if (!older || p->seen_rows < SKIP_AFTER)
		return STRIDE_NEXT;
	p->w.from = just_behind(p->w.a, key);
	return STRIDE_SEEK;
}

static enum stride take_group(struct object_page *p, struct span group)
{
	add_object_entry(p, true)->object.key = arena_dup(p->w.a, group);
	skip_group(&p->w, group);
	return p->w.ended ? STRIDE_END : STRIDE_SEEK;
}

static enum stride take_object(struct object_page *p, sqlite3_stmt *q)
{
	struct span key = col_raw(q, 0);

	if (!span_starts(key, p->w.prefix))
		return STRIDE_END;
	bool older = seen_before(p, key);
	p->rows++;
	if (!p->all_versions && (older || (col_u32(q, 3) & META_OBJECT_MARKER)))
		return pass_row(p, key, older);
	if (p->n == p->limit) {
		p->truncated = true;
		return STRIDE_END;
	}
	struct span group = group_of(&p->w, key);
	if (!span_absent(group))
		return take_group(p, group);
	struct meta_list_entry *entry = add_object_entry(p, false);
	object_from_row(q, &entry->object);
	entry->object.key = arena_dup(p->w.a, key);
	entry->is_latest = !older;
	return STRIDE_NEXT;
}

static int walk_objects(struct conn *c, int64_t bucket_id, struct object_page *p, struct err *e)
{
	enum stride stride = p->w.ended ? STRIDE_END : STRIDE_SEEK;
	sqlite3_stmt *q = NULL;
	bool row;

	while (stride != STRIDE_END) {
		if (stride == STRIDE_SEEK) {
			if (q)
				conn_done(q);
			if (conn_query(c, ST_OBJECT_LIST, BINDS(BI(bucket_id), BB(p->w.from)),
				    &q, e) != 0)
				return -1;
		}
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		stride = row ? take_object(p, q) : STRIDE_END;
	}
	if (q)
		conn_done(q);
	return 0;
}

static void give_page(const struct object_page *p, struct meta_list_result *out_r)
{
	*out_r = (struct meta_list_result){
		.entries = p->entries, .count = p->n, .truncated = p->truncated};
	if (p->n > 0)
		out_r->last = p->entries[p->n - 1].object.key;
	if (!span_absent(p->cut_at)) {
		out_r->truncated = out_r->cut_short = true;
		out_r->last = p->cut_at;
	}
}

static int sq_object_list(struct meta *base, const struct meta_list *in, struct arena *a,
	struct meta_list_result *out_r, struct err *e)
{
	struct object_page p = {.limit = in->limit < LIST_MAX ? in->limit : LIST_MAX};
	struct conn *c;

	*out_r = (struct meta_list_result){0};
	if (in->limit == 0)
		return 0;
	walk_init(&p.w, a, in->prefix, in->delimiter, in->after);
	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = walk_objects(c, in->bucket_id, &p, e);
	reader_put(sq(base), c);
	if (rc != 0)
		return -1;
	give_page(&p, out_r);
	return 0;
}

/* ---- versions ---- */

/* Does the page begin within a key that is listed itself? */
static bool begins_within(const struct object_page *p, const struct meta_list_versions *in)
{
	return in->version_marker && !span_absent(in->key_marker) &&
		span_starts(in->key_marker, in->prefix) &&
		span_absent(group_of(&p->w, in->key_marker));
}

/* Where the marker stands among the versions of its key. A null version that went meanwhile has
 * left no trace of its place: then all are listed again rather than any left out. */
static int marker_place(struct conn *c, const struct meta_list_versions *in,
	struct object_page *p, uint64_t *before_r, struct err *e)
{
	struct current cur, null_row;

	*before_r = in->version_marker->vseq;
	if (current_get(c, in->bucket_id, in->key_marker, &cur, e) != 0)
		return -1;
	if (version_id_is_null(in->version_marker)) {
		if (null_get(c, in->bucket_id, in->key_marker, &cur, &null_row, e) != 0)
			return -1;
		*before_r = null_row.exists ? null_row.vseq : INT64_MAX;
	}
	if (cur.exists && cur.vseq >= *before_r)
		seen_before(p, in->key_marker);
	return 0;
}

/* The rest of the marker's key. */
static int walk_older(struct conn *c, const struct meta_list_versions *in,
	struct object_page *p, struct err *e)
{
	enum stride stride = STRIDE_NEXT;
	uint64_t before;
	sqlite3_stmt *q;
	bool row;

	if (marker_place(c, in, p, &before, e) != 0 ||
		conn_query(c, ST_OBJECT_LIST_OLDER,
			BINDS(BI(in->bucket_id), BB(in->key_marker), BI(before)), &q, e) != 0)
		return -1;
	while (stride == STRIDE_NEXT) {
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		stride = row ? take_object(p, q) : STRIDE_END;
	}
	conn_done(q);
	return 0;
}

static int walk_versions(struct conn *c, const struct meta_list_versions *in,
	struct object_page *p, struct err *e)
{
	if (begins_within(p, in) && walk_older(c, in, p, e) != 0)
		return -1;
	return p->truncated ? 0 : walk_objects(c, in->bucket_id, p, e);
}

static int sq_object_list_versions(struct meta *base, const struct meta_list_versions *in,
	struct arena *a, struct meta_list_result *out_r, struct err *e)
{
	struct object_page p = {
		.limit = in->limit < LIST_MAX ? in->limit : LIST_MAX, .all_versions = true};
	struct conn *c;

	*out_r = (struct meta_list_result){0};
	if (in->limit == 0)
		return 0;
	walk_init(&p.w, a, in->prefix, in->delimiter, in->key_marker);
	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = walk_versions(c, in, &p, e);
	reader_put(sq(base), c);
	if (rc != 0)
		return -1;
	give_page(&p, out_r);
	return 0;
}

/* ---- uploads ---- */

struct upload_page {
	struct walk w;
	int64_t from_gen; /* within w.from: greater generations only */
	struct meta_upload_entry *entries;
	size_t n, cap;
	unsigned limit;
	bool truncated;
};

static bool take_upload(struct upload_page *p, sqlite3_stmt *q, bool *seek_r)
{
	struct span key = col_raw(q, 0);

	*seek_r = false;
	if (!span_starts(key, p->w.prefix))
		return false;
	if (p->n == p->limit) {
		p->truncated = true;
		return false;
	}
	p->entries = arena_grow(p->w.a, p->entries, p->n, &p->cap, sizeof(*p->entries));
	struct meta_upload_entry *entry = &p->entries[p->n++];
	struct span group = group_of(&p->w, key);
	entry->is_prefix = !span_absent(group);
	if (!entry->is_prefix) {
		upload_from_row(q, p->w.a, &entry->upload);
		return true;
	}
	entry->upload.key = arena_dup(p->w.a, group);
	skip_group(&p->w, group);
	p->from_gen = INT64_MIN;
	*seek_r = true;
	return !p->w.ended;
}

static int walk_uploads(struct conn *c, int64_t bucket_id, struct upload_page *p, struct err *e)
{
	bool going = !p->w.ended, seek = true, row;
	sqlite3_stmt *q = NULL;

	while (going) {
		if (seek) {
			if (q)
				conn_done(q);
			if (conn_query(c, ST_UPLOAD_LIST,
				    BINDS(BI(bucket_id), BB(p->w.from), BI(p->from_gen)), &q,
				    e) != 0)
				return -1;
		}
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		going = row && take_upload(p, q, &seek);
	}
	if (q)
		conn_done(q);
	return 0;
}

/* A marker within a key that is listed itself: its later uploads still follow. */
static void apply_upload_marker(struct upload_page *p, const struct meta_list_uploads *in)
{
	if (in->upload_marker == 0 || span_absent(in->key_marker) ||
		!span_starts(in->key_marker, in->prefix) ||
		!span_absent(group_of(&p->w, in->key_marker)))
		return;
	p->w.from = in->key_marker;
	p->from_gen = (int64_t)in->upload_marker;
}

static int sq_upload_list(struct meta *base, const struct meta_list_uploads *in,
	struct arena *a, struct meta_list_uploads_result *out_r, struct err *e)
{
	struct upload_page p = {
		.limit = in->limit < LIST_MAX ? in->limit : LIST_MAX, .from_gen = INT64_MIN};
	struct conn *c;

	*out_r = (struct meta_list_uploads_result){0};
	if (in->limit == 0)
		return 0;
	walk_init(&p.w, a, in->prefix, in->delimiter, in->key_marker);
	apply_upload_marker(&p, in);
	if (reader_get(sq(base), &c, e) != 0)
		return -1;
	int rc = reader_begin(c, e);
	if (rc == 0)
		rc = walk_uploads(c, in->bucket_id, &p, e);
	reader_put(sq(base), c);
	if (rc != 0)
		return -1;
	out_r->entries = p.entries;
	out_r->count = p.n;
	out_r->truncated = p.truncated;
	return 0;
}

void sqlite_ops_listing(struct meta_ops *o)
{
	o->object_list = sq_object_list;
	o->object_list_versions = sq_object_list_versions;
	o->upload_list = sq_upload_list;
}
