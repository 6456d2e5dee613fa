/* SPDX-License-Identifier: MIT */
/* A small pool of read connections. In memory there is one connection, the writer's, under a
 * lock. */
#include "meta/sqlite_int.h"

void readers_init(struct readers *r)
{
	*r = (struct readers){0};
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->freed, NULL);
}

void readers_fini(struct readers *r)
{
	while (r->idle) {
		struct conn *c = r->idle;

		r->idle = c->next;
		conn_close(c);
	}
	pthread_cond_destroy(&r->freed);
	pthread_mutex_destroy(&r->lock);
}

void readers_rest(struct readers *r)
{
	pthread_mutex_lock(&r->lock);
	for (struct conn *c = r->idle; c; c = c->next)
		sqlite3_db_release_memory(c->db);
	pthread_mutex_unlock(&r->lock);
}

int reader_get(struct meta_sqlite *m, struct conn **c_r, struct err *e)
{
	struct readers *r = &m->readers;

	if (!m->cfg.path) {
		pthread_mutex_lock(&m->memory_lock);
		*c_r = m->writer.c;
		return 0;
	}
	pthread_mutex_lock(&r->lock);
	while (!r->idle && r->open >= READERS_MAX)
		pthread_cond_wait(&r->freed, &r->lock);
	*c_r = r->idle;
	if (r->idle)
		r->idle = r->idle->next;
	else
		r->open++;
	pthread_mutex_unlock(&r->lock);
	if (*c_r || conn_open(m->cfg.path, CONN_READER, c_r, e) == 0)
		return 0;
	pthread_mutex_lock(&r->lock);
	r->open--;
	pthread_cond_signal(&r->freed);
	pthread_mutex_unlock(&r->lock);
	return -1;
}

int reader_begin(struct conn *c, struct err *e)
{
	return conn_run(c, ST_BEGIN, NO_BINDS, e);
}

void reader_put(struct meta_sqlite *m, struct conn *c)
{
	struct readers *r = &m->readers;

	if (!sqlite3_get_autocommit(c->db) && conn_run(c, ST_COMMIT, NO_BINDS, NULL) != 0)
		(void)!conn_run(c, ST_ROLLBACK, NO_BINDS, NULL);
	if (!m->cfg.path) {
		pthread_mutex_unlock(&m->memory_lock);
		return;
	}
	pthread_mutex_lock(&r->lock);
	c->next = r->idle;
	r->idle = c;
	pthread_cond_signal(&r->freed);
	pthread_mutex_unlock(&r->lock);
}
