/* SPDX-License-Identifier: MIT */
/*
 * Pages of keys and of uploads, in raw byte order. Keys that share what stands up to the first
 * delimiter behind the prefix become one entry, and the scan seeks behind all of them at once:
 * a page costs its entries, not the keys below them. One read transaction per page.
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

struct object_page {
	struct walk w;
	struct meta_list_entry *entries;
	size_t n, cap;
	unsigned limit;
	bool truncated;
};

static struct meta_list_entry *add_object_entry(struct object_page *p, bool is_prefix)
{
	p->entries = arena_grow(p->w.a, p->entries, p->n, &p->cap, sizeof(*p->entries));
	struct meta_list_entry *entry = &p->entries[p->n++];
	entry->is_prefix = is_prefix;
	return entry;
}

/* Takes the row; *seek_r: go on with a new seek at w.from. Returns false when the page has
 * ended. */
static bool take_object(struct object_page *p, sqlite3_stmt *q, bool *seek_r)
{
	struct span key = col_raw(q, 0);

	*seek_r = false;
	if (!span_starts(key, p->w.prefix))
		return false;
	/* An older version of the key before. */
	if (p->n > 0 && !p->entries[p->n - 1].is_prefix &&
		span_eq(key, p->entries[p->n - 1].object.key))
		return true;
	if (p->n == p->limit) {
		p->truncated = true;
		return false;
	}
	struct span group = group_of(&p->w, key);
	struct meta_list_entry *entry = add_object_entry(p, !span_absent(group));
	if (entry->is_prefix) {
		entry->object.key = arena_dup(p->w.a, group);
		skip_group(&p->w, group);
		*seek_r = true;
		return !p->w.ended;
	}
	object_from_row(q, &entry->object);
	entry->object.key = arena_dup(p->w.a, key);
	return true;
}

static int walk_objects(struct conn *c, int64_t bucket_id, struct object_page *p, struct err *e)
{
	bool going = !p->w.ended, seek = true, row;
	sqlite3_stmt *q = NULL;

	while (going) {
		if (seek) {
			if (q)
				conn_done(q);
			if (conn_query(c, ST_OBJECT_LIST, BINDS(BI(bucket_id), BB(p->w.from)),
				    &q, e) != 0)
				return -1;
		}
		if (conn_step(c, q, &row, e) != 0)
			return -1;
		going = row && take_object(p, q, &seek);
	}
	if (q)
		conn_done(q);
	return 0;
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
	out_r->entries = p.entries;
	out_r->count = p.n;
	out_r->truncated = p.truncated;
	if (p.n > 0)
		out_r->last = p.entries[p.n - 1].object.key;
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
	o->upload_list = sq_upload_list;
}
