/* SPDX-License-Identifier: MIT */
/*
 * What run.py lets the power fail under. `load write DIR ROUND` puts, replaces, uploads in
 * parts and deletes objects below DIR without end; before each operation it prints a line "B
 * round thread key seed", and "A ..." once it was acknowledged. An object's size and bytes
 * follow from its seed; seed 0 is no object. `load check DIR LOG` reads those lines of all
 * rounds and compares: each key is as it was last acknowledged, or as an operation begun later
 * would have it; every byte is right; and after collection there is one file for each blob.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "svc/impl.h"

enum { THREADS = 8, KEYS = 12, ROUNDS_MAX = 2000, SMALL_MAX = 96 * 1024, PART = 5 << 20 };

static struct err why;
#define must(call) \
	do { \
		if ((call) != 0) \
			log_die("%s: %s (%s)", #call, why.text, why.where); \
	} while (0)

static const struct cfg cfg_of = {
	.region = "us-east-1",
	.anonymous_tenant = "",
	.gc_delay_s = 1,
	.gc_interval_ms = 20,
	.orphan_grace_s = 0,
	.upload_memory_days = 7,
	.cache_entries = 1024,
};

static struct svc *open_svc(struct cfg *cfg, const char *dir)
{
	struct svc *s;

	*cfg = cfg_of;
	cfg->data_dir = dir;
	must(svc_open(cfg, &clock_system, NULL, false, &s, &why));
	return s;
}

static struct meta_bucket open_bucket(struct svc *s, struct arena *a)
{
	struct svc_new_user in = {.name = SPAN_LIT("ann")};
	struct caller c = {0};
	struct meta_bucket b;
	struct meta_user u;

	if (svc_meta(s)->ops->user_find(svc_meta(s), 0, in.name, a, &u, &why) != 0)
		must(svc_user_create(s, &in, a, &u, &why));
	c.user_id = u.id;
	if (svc_bucket_find(s, &c, SPAN_LIT("photos"), a, &b, &why) != 0)
		must(svc_bucket_create(s, &c, SPAN_LIT("photos"), SPAN_NULL, a, &b, &why));
	return b;
}

/* ---- what a seed stands for ---- */

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	return *x ^= *x << 17;
}

static bool in_parts(uint64_t seed)
{
	return seed % 8 == 7;
}

static size_t size_of(uint64_t seed)
{
	size_t n = (size_t)(seed >> 8) % SMALL_MAX;

	return seed % 256 == 255 ? PART + n : n;
}

static struct span bytes_of(struct arena *a, uint64_t seed)
{
	size_t n = size_of(seed);
	uint64_t *p = arena_alloc_raw(a, n + 8), x = seed;

	for (size_t i = 0; i <= n / 8; i++)
		p[i] = next(&x);
	return span_of(p, n);
}

static struct span key_of(struct arena *a, unsigned round, unsigned thread, unsigned key)
{
	/* Directories that come and go, shared by threads. */
	const char *text =
		arena_printf(a, "r%u/d%u/%u/k%u", round, key % 3, key % 2 ? thread : 99, key);

	return span_str(arena_printf(a, "%s-%u", text, thread));
}

/* ---- write ---- */

struct writer {
	struct svc *s;
	struct meta_bucket *b;
	unsigned round, thread;
};

static struct svc_body body_of(struct source_mem *m, struct span bytes)
{
	return (struct svc_body){.src = source_mem_init(m, bytes),
		.length = bytes.n,
		.max_bytes = UINT64_C(5) << 30};
}

static int put(struct writer *w, struct arena *a, struct span key, struct span bytes)
{
	const struct objmeta none = {0};
	struct source_mem m;
	struct svc_put in = {
		.bucket = w->b, .key = key, .body = body_of(&m, bytes), .meta = &none};
	struct svc_put_result out;
	struct err e;

	return svc_object_put(w->s, &in, a, &out, &e);
}

static int put_in_parts(struct writer *w, struct arena *a, struct span key, struct span bytes)
{
	struct meta_upload u = {.key = key, .checksum_type = CHECKSUM_FULL_OBJECT};
	struct meta_complete_part parts[2] = {{.no = 1}, {.no = 2}};
	char id[SVC_UPLOAD_ID_LEN + 1];
	struct svc_complete done = {.bucket = w->b, .key = key, .parts = parts};
	struct meta_complete_result result;
	struct err e;

	if (svc_upload_create(w->s, w->b, &u, id, &e) != 0)
		return -1;
	done.upload_id = span_str(id);
	do {
		struct source_mem m;
		struct svc_part_put in = {.bucket = w->b,
			.key = key,
			.upload_id = done.upload_id,
			.no = parts[done.count].no,
			.body = body_of(&m, span_head(bytes, PART))};
		struct svc_put_result out;

		if (svc_part_put(w->s, &in, a, &out, &e) != 0)
			return -1;
		memcpy(parts[done.count++].md5, out.etag.md5, sizeof(out.etag.md5));
		bytes = span_from(bytes, PART);
	} while (bytes.n);
	return svc_upload_complete(w->s, &done, a, &result, &e);
}

static int run(struct writer *w, struct arena *a, unsigned key, uint64_t seed)
{
	struct span name = key_of(a, w->round, w->thread, key);
	struct meta_delete d = {.key = name};
	struct err e;

	if (seed == 0)
		return svc_object_delete(w->s, w->b, &d, &e);
	return in_parts(seed) ? put_in_parts(w, a, name, bytes_of(a, seed))
			      : put(w, a, name, bytes_of(a, seed));
}

static void tell(char what, const struct writer *w, unsigned key, uint64_t seed)
{
	char line[80];
	int n = snprintf(line, sizeof(line), "%c %u %u %u %llu\n", what, w->round, w->thread,
		key, (unsigned long long)seed);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static void *write_without_end(void *arg)
{
	struct writer *w = arg;
	uint64_t x = 88172645463325252ull + w->round * 1000 + w->thread;

	for (;;) {
		struct arena *a = arena_new();
		unsigned key = (unsigned)(next(&x) >> 20) % KEYS;
		uint64_t seed = next(&x) % 6 ? next(&x) | 1 : 0;

		tell('B', w, key, seed);
		if (run(w, a, key, seed) != 0)
			return NULL; /* the power is gone */
		tell('A', w, key, seed);
		arena_free(a);
	}
}

static int main_write(const char *dir, unsigned round)
{
	struct arena *a = arena_new();
	struct writer w[THREADS];
	pthread_t t[THREADS];
	struct cfg cfg;
	struct svc *s = open_svc(&cfg, dir);
	struct meta_bucket b = open_bucket(s, a);

	must(svc_background_start(s, &why));
	for (unsigned i = 0; i < THREADS; i++) {
		w[i] = (struct writer){s, &b, round, i};
		if (pthread_create(&t[i], NULL, write_without_end, &w[i]) != 0)
			log_die("thread");
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	_exit(0);
}

/* ---- check ---- */

/* A key: what was last acknowledged, and what was begun since, if anything was. */
struct state {
	bool used, begun;
	uint64_t acked, then;
};

static struct state states[ROUNDS_MAX][THREADS][KEYS];

static unsigned long read_log(const char *path)
{
	FILE *f = fopen(path, "r");
	unsigned long acked = 0;
	unsigned r, t, k;
	unsigned long long seed;
	char what;

	if (!f)
		log_die("%s", path);
	while (fscanf(f, " %c %u %u %u %llu", &what, &r, &t, &k, &seed) == 5) {
		if (r >= ROUNDS_MAX || t >= THREADS || k >= KEYS)
			log_die("a line of the log is damaged");
		struct state *st = &states[r][t][k];
		st->used = true;
		st->begun = what == 'B';
		st->then = seed;
		if (what == 'A') {
			st->acked = seed;
			acked++;
		}
	}
	fclose(f);
	return acked;
}

/* For the log: why the object is nothing that it might be. */
static void tell_lost(
	struct svc *s, const struct meta_bucket *b, struct span key, const struct state *st)
{
	struct arena *a = arena_new();
	struct svc_reader *r;
	struct meta_object o;
	struct err e = {0};

	if (svc_object_open(s, b, key, a, &o, &r, &e) == 0)
		(void)snprintf(e.text, sizeof(e.text), "it has %llu bytes, generation %llx",
			(unsigned long long)o.size, (unsigned long long)o.gen);
	log_error("lost or torn: %.*s, acknowledged with %zu bytes: %s", SPAN_FMT(key),
		st->acked ? size_of(st->acked) : 0, e.text);
	arena_free(a);
}

/* Is the object what the seed stands for? */
static bool is(struct svc *s, const struct meta_bucket *b, struct span key, uint64_t seed)
{
	struct arena *a = arena_new();
	struct svc_reader *r = NULL;
	struct meta_object o;
	struct err e;
	size_t got = 0;
	bool same;

	if (svc_object_open(s, b, key, a, &o, &r, &e) != 0) {
		same = seed == 0 && e.kind == ERR_NOT_FOUND;
	} else if (seed == 0 || o.size != size_of(seed)) {
		same = false;
	} else {
		char *p = arena_alloc_raw(a, o.size + 1);

		same = svc_reader_read(r, p, o.size, 0, &got, &e) == 0 &&
			span_eq(span_of(p, got), bytes_of(a, seed));
	}
	arena_free(a);
	return same;
}

static unsigned long check_keys(struct svc *s, const struct meta_bucket *b)
{
	unsigned long wrong = 0;

	for (unsigned r = 0; r < ROUNDS_MAX; r++)
		for (unsigned t = 0; t < THREADS; t++)
			for (unsigned k = 0; k < KEYS; k++) {
				const struct state *st = &states[r][t][k];
				struct arena *a = arena_new();
				struct span key = key_of(a, r, t, k);

				if (st->used && !is(s, b, key, st->acked) &&
					!(st->begun && is(s, b, key, st->then))) {
					tell_lost(s, b, key, st);
					wrong++;
				}
				arena_free(a);
			}
	return wrong;
}

/* What a crash left of uploads is the client's to abort. */
static void abort_uploads(struct svc *s, const struct meta_bucket *b, struct arena *a)
{
	const struct meta_ops *ops = svc_meta(s)->ops;
	struct meta_list_uploads in = {.bucket_id = b->id, .limit = 1000};
	struct meta_list_uploads_result r;

	do {
		must(ops->upload_list(svc_meta(s), &in, a, &r, &why));
		for (size_t i = 0; i < r.count; i++)
			must(ops->upload_abort(svc_meta(s), b->id, r.entries[i].upload.key,
				r.entries[i].upload.gen, &why));
	} while (r.truncated);
}

static uint64_t count_blobs(struct svc *s, const struct meta_bucket *b, struct arena *a)
{
	struct meta_list in = {.bucket_id = b->id, .limit = 1000};
	struct meta_list_result r;
	uint64_t n = 0;

	do {
		must(svc_meta(s)->ops->object_list(svc_meta(s), &in, a, &r, &why));
		for (size_t i = 0; i < r.count; i++)
			n += r.entries[i].object.etag.nparts ? r.entries[i].object.etag.nparts
							     : 1;
		in.after = r.last;
	} while (r.truncated);
	return n;
}

static int main_check(const char *dir, const char *log)
{
	struct arena *a = arena_new();
	struct cfg cfg;
	struct svc *s = open_svc(&cfg, dir);
	struct meta_bucket b = open_bucket(s, a);
	unsigned long acked = read_log(log), wrong = check_keys(s, &b);
	uint64_t collected, seen, orphans, blobs, miscounted;

	abort_uploads(s, &b, a);
	sleep(2); /* the garbage of before falls due */
	must(svc_gc_run(s, &collected, &why));
	must(svc_orphan_scan(s, &seen, &orphans, &why));
	blobs = count_blobs(s, &b, a);
	must(svc_meta(s)->ops->recount(svc_meta(s), false, &miscounted, &why));
	printf("%lu acknowledged, %lu lost or torn, %llu blobs, %llu files left over, "
	       "%llu orphans removed, %llu counters wrong\n",
		acked, wrong, (unsigned long long)blobs,
		(unsigned long long)(seen - orphans - blobs), (unsigned long long)orphans,
		(unsigned long long)miscounted);
	svc_close(s, false);
	arena_free(a);
	return wrong || seen - orphans != blobs || miscounted;
}

int main(int argc, char **argv)
{
	log_setup(LOG_ERROR, LOG_TEXT, "load");
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return main_write(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "check") == 0)
		return main_check(argv[2], argv[3]);
	fprintf(stderr, "load write DIR ROUND | load check DIR LOG\n");
	return 2;
}
