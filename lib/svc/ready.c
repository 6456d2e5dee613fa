/* SPDX-License-Identifier: MIT */
/* Can requests be served, and what the gauges say about the process. */
#include "svc/impl.h"

int svc_ready(struct svc *s, struct err *e)
{
	if (s->meta->ops->probe(s->meta, e) < 0)
		return -1;
	return s->store->ops->probe(s->store, e);
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
