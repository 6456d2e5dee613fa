/* SPDX-License-Identifier: MIT */
/* The state of one process: opened by a main, made from in-memory drivers by tests, closed
 * once. */
#include "svc/svc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fio.h"
#include "base/log.h"
#include "svc/impl.h"

#define SECOND_US ((int64_t)1000000)
enum { CONFIG_CACHE = 256 }; /* documents, each of up to META_CONFIG_MAX_BYTES */
#define KEY_CHECK "master_key_check"

static unsigned hash_threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 1 ? (unsigned)n : 0;
}

/* When this database came to be: the orphan scan spares what is older. */
static void note_installation(struct svc *s)
{
	struct arena *a = arena_new();
	struct err e = {0};
	struct span have;
	char text[24];

	if (s->meta->ops->setting_get(s->meta, "installed_at", a, &have, &e) < 0 &&
		e.kind == ERR_NOT_FOUND) {
		snprintf(text, sizeof(text), "%" PRId64, clock_now_us(s->clock));
		if (s->meta->ops->setting_put(s->meta, "installed_at", span_str(text), &e) < 0)
			log_err(LOG_WARN, &e, "installed_at");
	}
	arena_free(a);
}

struct svc *svc_new(const struct svc_parts *parts)
{
	struct svc *s = calloc(1, sizeof(*s));
	size_t entries = (size_t)parts->cfg->cache_entries;

	if (!s)
		log_die("out of memory");
	s->cfg = parts->cfg;
	s->clock = parts->clock;
	s->meta = parts->meta;
	s->store = parts->store;
	s->sealbox = parts->sealbox;
	s->metrics = parts->metrics;
	s->principals = cache_new(entries);
	s->buckets = cache_new(entries);
	s->owners = cache_new(entries);
	s->tenants = cache_new(entries);
	s->configs = cache_new(CONFIG_CACHE);
	s->hashes = hash_pool_new(hash_threads());
	sealbox_derive(s->sealbox, "upload-id", s->upload_key);
	atomic_init(&s->in_doubt, false);
	atomic_init(&s->unscanned, !s->meta->ops->was_clean(s->meta));
	background_init(&s->background);
	pthread_mutex_init(&s->readiness.lock, NULL);
	note_installation(s);
	return s;
}

void svc_close(struct svc *s, bool clean)
{
	struct err e = {0};

	if (!s)
		return;
	background_stop(s);
	clean = clean && !atomic_load(&s->in_doubt) && !atomic_load(&s->unscanned);
	if (clean && s->meta->ops->mark_clean(s->meta, &e) < 0)
		log_err(LOG_WARN, &e, "clean-shutdown marker");
	hash_pool_free(s->hashes);
	cache_free(s->principals);
	cache_free(s->buckets);
	cache_free(s->owners);
	cache_free(s->tenants);
	cache_free(s->configs);
	meta_free(s->meta);
	store_free(s->store);
	sealbox_free(s->sealbox);
	pthread_mutex_destroy(&s->readiness.lock);
	pthread_cond_destroy(&s->background.wake);
	pthread_mutex_destroy(&s->background.lock);
	explicit_bzero(s->upload_key, sizeof(s->upload_key));
	free(s);
}

static int make_data_dir(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode)
			? 0
			: err_fail(e, ERR_INVALID, "%s is not a directory", path);
	if (errno != ENOENT)
		return err_sys(e, errno, "%s", path);
	return fio_make_dirs(AT_FDCWD, path, 0750, e);
}

/* A process of root must not leave files that the responders cannot write. */
int svc_become_owner(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, errno, "%s", path);
	umask(022);
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setgid(st.st_gid) < 0 || setuid(st.st_uid) < 0)
		return err_sys(e, errno, "cannot become the owner of %s", path);
	return 0;
}

static int open_meta(const struct cfg *cfg, const struct clock *clock, bool is_tool,
	struct meta **m_r, struct err *e)
{
	struct meta_config c = {
		.clock = clock,
		.gc_delay_us = cfg->gc_delay_s * SECOND_US,
		.lock_gap_us = cfg->lock_gap_s * SECOND_US,
		.upload_memory_us = cfg->upload_memory_days * 86400 * SECOND_US,
		.is_tool = is_tool,
	};
	struct arena *a = arena_new();
	int rc;

	c.path = arena_printf(a, "%s/.maxiofs/maxiofs.db", cfg->data_dir);
	rc = meta_sqlite_open(&c, m_r, e);
	arena_free(a);
	return rc;
}

/* The database keeps a text sealed by its master key: without that key, or with another,
 * nothing that it holds can be opened, and what is sealed now could not be opened later. */
static int open_checked(const char *path, struct meta *m, struct arena *a,
	struct sealbox **box_r, struct err *e)
{
	struct span name = SPAN_LIT(KEY_CHECK), sealed, plain;
	struct err why = {0};
	bool known = m->ops->setting_get(m, KEY_CHECK, a, &sealed, &why) == 0;

	if (!known && why.kind != ERR_NOT_FOUND)
		return err_pass(e, &why);
	if (sealbox_open(path, !known, box_r, &why) < 0)
		return known && why.kind == ERR_NOT_FOUND
			? err_fail(e, ERR_INVALID, "%s is missing; restore it from a backup",
				  path)
			: err_pass(e, &why);
	if (!known)
		return m->ops->setting_put(
			m, KEY_CHECK, sealbox_seal(*box_r, a, name, name), e);
	return sealbox_unseal(*box_r, a, sealed, name, &plain, NULL) == 0
		? 0
		: err_fail(e, ERR_INVALID,
			  "%s is not the key that sealed this database's secrets", path);
}

static int open_sealbox(
	const struct cfg *cfg, struct meta *m, struct sealbox **box_r, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = arena_printf(a, "%s/.maxiofs/master.key", cfg->data_dir);
	int rc = open_checked(path, m, a, box_r, e);

	arena_free(a);
	return rc;
}

int svc_open(const struct cfg *cfg, const struct clock *clock, struct metrics *metrics,
	bool is_tool, struct svc **s_r, struct err *e)
{
	struct svc_parts parts = {.cfg = cfg, .clock = clock, .metrics = metrics};

	if (make_data_dir(cfg->data_dir, e) < 0 || svc_become_owner(cfg->data_dir, e) < 0 ||
		store_fs_open(cfg->data_dir, &parts.store, e) < 0)
		return -1;
	if (open_meta(cfg, clock, is_tool, &parts.meta, e) < 0 ||
		open_sealbox(cfg, parts.meta, &parts.sealbox, e) < 0)
		goto undo;
	if (!is_tool && !parts.meta->ops->was_clean(parts.meta) &&
		parts.store->ops->settle(parts.store, e) < 0)
		goto undo;
	*s_r = svc_new(&parts);
	return 0;
undo:
	meta_free(parts.meta);
	sealbox_free(parts.sealbox);
	store_free(parts.store);
	return -1;
}

const struct cfg *svc_cfg(const struct svc *s)
{
	return s->cfg;
}

const struct clock *svc_clock(const struct svc *s)
{
	return s->clock;
}

struct meta *svc_meta(const struct svc *s)
{
	return s->meta;
}

struct store *svc_store(const struct svc *s)
{
	return s->store;
}

const struct sealbox *svc_sealbox(const struct svc *s)
{
	return s->sealbox;
}

struct metrics *svc_metrics(const struct svc *s)
{
	return s->metrics;
}
