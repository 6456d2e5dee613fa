/* SPDX-License-Identifier: MIT */
/* Opening and closing of the sqlite driver. */
#include <stdlib.h>

#include "meta/sqlite_int.h"

static void sq_free(struct meta *base)
{
	struct meta_sqlite *m = sq(base);

	writer_fini(m);
	readers_fini(&m->readers);
	lease_fini(&m->lease);
	xlock_close(&m->xlock);
	pthread_mutex_destroy(&m->memory_lock);
	free(m->path);
	free(m);
}

static uint64_t sq_epoch(struct meta *base)
{
	return atomic_load_explicit(&sq(base)->xlock.page->epoch, memory_order_acquire);
}

static void fill_ops(struct meta_ops *o)
{
	*o = (struct meta_ops){.name = "sqlite", .free = sq_free, .epoch = sq_epoch};
	sqlite_ops_lease(o);
	sqlite_ops_admin(o);
	sqlite_ops_tenants(o);
	sqlite_ops_users(o);
	sqlite_ops_keys(o);
	sqlite_ops_buckets(o);
	sqlite_ops_configs(o);
	sqlite_ops_objects(o);
	sqlite_ops_extras(o);
	sqlite_ops_locks(o);
	sqlite_ops_listing(o);
	sqlite_ops_uploads(o);
	sqlite_ops_complete(o);
	sqlite_ops_gc(o);
}

/* The directory of the database, into new memory. */
static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Nobody else may open, make or migrate the database meanwhile. */
static int start_writer_locked(struct meta_sqlite *m, struct err *e)
{
	int rc;

	if (xlock_take(&m->xlock, e) != 0)
		return -1;
	rc = writer_start(m, e);
	xlock_release(&m->xlock);
	return rc;
}

static int open_parts(struct meta_sqlite *m, const char *dir, struct err *e)
{
	if (xlock_open(&m->xlock, dir, e) != 0)
		return -1;
	if (start_writer_locked(m, e) != 0)
		return -1;
	return lease_open(m, dir, e);
}

int meta_sqlite_open(const struct meta_config *cfg, struct meta **m_r, struct err *e)
{
	struct meta_sqlite *m = calloc(1, sizeof(*m));
	char *dir = cfg->path ? dir_of(cfg->path) : NULL;
	int rc;

	if (!m || (cfg->path && !dir)) {
		free(m);
		free(dir);
		return err_fail(e, ERR_INTERNAL, "no memory");
	}
	m->cfg = *cfg;
	m->cfg.path = m->path = cfg->path ? strdup(cfg->path) : NULL;
	m->xlock.fd = -1;
	pthread_mutex_init(&m->memory_lock, NULL);
	writer_init(m);
	lease_init(&m->lease);
	readers_init(&m->readers);
	fill_ops(&m->ops);
	m->base.ops = &m->ops;
	rc = cfg->path && !m->path ? err_fail(e, ERR_INTERNAL, "no memory")
				   : open_parts(m, dir, e);
	free(dir);
	if (rc != 0) {
		sq_free(&m->base);
		return -1;
	}
	*m_r = &m->base;
	return 0;
}
