/* SPDX-License-Identifier: MIT */
/* Can requests be served, and what the gauges say about the process. */
#include "svc/impl.h"

/* Anybody may ask, and each probe costs several fsyncs: answers are shared for this long. */
enum { HOLD_US = 1000 * 1000 };

static void probe(struct svc *s, struct err *e)
{
	if (s->meta->ops->probe(s->meta, e) == 0 && s->store->ops->probe(s->store, e) == 0)
		err_clear(e);
}

int svc_ready(struct svc *s, struct err *e)
{
	struct readiness *r = &s->readiness;
	struct err said;
	int64_t now_us;

	pthread_mutex_lock(&r->lock);
	now_us = clock_now_us(s->clock);
	if (r->at_us == 0 || now_us < r->at_us || now_us - r->at_us >= HOLD_US) {
		probe(s, &r->e);
		r->at_us = now_us;
	}
	said = r->e;
	pthread_mutex_unlock(&r->lock);
	return said.kind == ERR_NONE ? 0 : err_pass(e, &said);
}

void svc_gauges_refresh(struct svc *s)
{
	struct store_usage u = {0};
	struct meta_stats st = {0};

	if (!s->metrics)
		return;
	s->meta->ops->stats(s->meta, &st);
	metrics_set(s->metrics, METRIC_COMMITS, (int64_t)st.commits);
	metrics_set(s->metrics, METRIC_COMMIT_OPS, (int64_t)st.ops);
	metrics_set(s->metrics, METRIC_COMMIT_FAILURES, (int64_t)st.failures);
	metrics_set(s->metrics, METRIC_CHECKPOINTS, (int64_t)st.checkpoints);
	metrics_set(s->metrics, METRIC_GC_ROWS, (int64_t)st.gc_rows);
	if (s->store->ops->usage(s->store, &u, NULL) < 0)
		return;
	metrics_set(s->metrics, METRIC_DISK_TOTAL, (int64_t)u.total_bytes);
	metrics_set(s->metrics, METRIC_DISK_FREE, (int64_t)u.free_bytes);
}
