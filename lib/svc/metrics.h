/* SPDX-License-Identifier: MIT */
/*
 * Metrics of one process, Prometheus text format 0.0.4. One row each in metrics.def; request
 * counters are labelled by operation (a row of an operation table) and code (a row of an error
 * table), never by a path.
 */
#ifndef MX_SVC_METRICS_H
#define MX_SVC_METRICS_H

#include "base/buf.h"

struct metrics;

/* The label values; arrays and strings are static. code 0 is success, spelled "OK". */
struct metrics_labels {
	const char *const *operations;
	size_t operation_count;
	const char *const *codes;
	size_t code_count;
};
struct metrics *metrics_new(const struct metrics_labels *labels);
void metrics_free(struct metrics *m);

enum metric_value { /* gauges and counters without labels */
#define METRIC(id, name, type, help) METRIC_##id,
#include "svc/metrics.def"
#undef METRIC
	METRIC_COUNT
};

/* All are thread-safe and take NULL for m (then do nothing). */
void metrics_add(struct metrics *m, enum metric_value which, int64_t delta);
void metrics_set(struct metrics *m, enum metric_value which, int64_t value);
int64_t metrics_get(struct metrics *m, enum metric_value which);
void metrics_request(struct metrics *m, unsigned operation, unsigned code, int64_t duration_us,
	uint64_t bytes_in, uint64_t bytes_out);
void metrics_write(struct metrics *m, struct buf *out);
/* The metrics page of the manual, Markdown. */
void metrics_manual(struct buf *out);

#endif
