/* SPDX-License-Identifier: MIT */
/*
 * maxiofs-fill: objects without bytes, put through the metadata interface into a bucket that exists, for
 * measuring what a large bucket costs. The keys come in one version each, and then some of them in more, with
 * versioning enabled. Nothing else may use such a bucket: a GET of its objects finds no file.
 */
#include "config.h"

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "svc/svc.h"

enum { THREADS = 256, KEY_MAX = 64 };

struct fill {
	struct cfg cfg;
	struct svc *svc;
	struct meta_bucket bucket;
	const char *prefix;
	uint64_t keys, step; /* of 0, step, 2 * step ... below keys */
	atomic_uint_fast64_t next;
};

static void must(int rc, const struct err *e)
{
	if (rc < 0)
		log_die("%s: %s", e->where, e->text);
}

static void put(const struct fill *f, uint64_t number)
{
	struct meta *m = svc_meta(f->svc);
	struct meta_object_put in = {.bucket_id = f->bucket.id};
	struct meta_write_result out;
	char key[KEY_MAX];
	struct err e;

	snprintf(key, sizeof(key), "%s%012llu", f->prefix, (unsigned long long)number);
	in.object.key = span_str(key);
	in.object.owner_id = f->bucket.owner_id;
	must(m->ops->gen_next(m, &in.object.gen, &e), &e);
	must(m->ops->object_put(m, &in, &out, &e), &e);
}

static void *fill_run(void *arg)
{
	struct fill *f = arg;
	uint64_t number;

	while ((number = atomic_fetch_add(&f->next, f->step)) < f->keys)
		put(f, number);
	return NULL;
}

/* Many threads, so that one commit takes many of their writes. */
static void fill_once(struct fill *f, uint64_t step)
{
	pthread_t threads[THREADS];

	f->step = step;
	atomic_store(&f->next, 0);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, fill_run, f) != 0)
			log_die("cannot start a thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void usage(void)
{
	fputs("usage: maxiofs-fill --data-dir DIR --bucket B --keys N [--prefix P]\n"
	      "         [--versions N --every N: the first of so many keys has so many versions]\n",
		stderr);
	exit(2);
}

static uint64_t number(const char *text)
{
	uint64_t v;

	if (!span_to_u64(span_str(text), &v) || v == 0)
		usage();
	return v;
}

static void open_bucket(struct fill *f, char *data_dir, const char *bucket, struct arena *a)
{
	char *argv[] = {(char *)(uintptr_t) "maxiofs-fill", (char *)(uintptr_t) "--data-dir", data_dir, NULL};
	char *env[] = {NULL};
	const struct caller admin = {.role = META_ROLE_GLOBAL_ADMIN};
	struct err e;
	int rest;

	must(cfg_load(&f->cfg, 3, argv, env, &rest, &e), &e);
	must(svc_open(&f->cfg, &clock_system, NULL, true, &f->svc, &e), &e);
	must(svc_bucket_find(f->svc, &admin, span_str(bucket), a, &f->bucket, &e), &e);
}

int main(int argc, char **argv)
{
	static const struct option flags[] = {
		{"data-dir", 1, NULL, 'd'}, {"bucket", 1, NULL, 'b'}, {"keys", 1, NULL, 'k'}, {"prefix", 1, NULL, 'x'},
		{"versions", 1, NULL, 'v'}, {"every", 1, NULL, 'e'}, {NULL, 0, NULL, 0},
	};
	struct fill f = {.prefix = "k"};
	struct arena *a = arena_new();
	uint64_t versions = 1, every = 1;
	const char *bucket = NULL;
	char *data_dir = NULL;
	struct err e;
	int c;

	while ((c = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		switch (c) {
		case 'd': data_dir = optarg; break;
		case 'b': bucket = optarg; break;
		case 'k': f.keys = number(optarg); break;
		case 'x': f.prefix = optarg; break;
		case 'v': versions = number(optarg); break;
		case 'e': every = number(optarg); break;
		default: usage();
		}
	}
	if (!data_dir || !bucket || f.keys == 0)
		usage();
	open_bucket(&f, data_dir, bucket, a);
	fill_once(&f, 1);
	if (versions > 1)
		must(svc_bucket_set_versioning(f.svc, &f.bucket, META_VERSIONING_ENABLED, &e), &e);
	for (uint64_t i = 1; i < versions; i++)
		fill_once(&f, every);
	svc_close(f.svc, true);
	cfg_fini(&f.cfg);
	arena_free(a);
	return 0;
}
