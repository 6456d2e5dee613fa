/* SPDX-License-Identifier: MIT */
/*
 * Counters of one process: relaxed atomics, no lock. Series exist only for rows of the
 * operation and error tables, so their number is bounded; what was never counted is not
 * printed.
 */
#include "svc/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"

struct row {
	const char *name, *type, *help;
};

static const struct row rows[METRIC_COUNT] = {
#define METRIC(id, name_, type_, help_) [METRIC_##id] = {name_, type_, help_},
#include "svc/metrics.def"
#undef METRIC
};

/* Those with a label for the operation, and for requests one for the code. */
enum family { FAMILY_REQUESTS, FAMILY_DURATION, FAMILY_RECEIVED, FAMILY_SENT, FAMILY_COUNT };
static const struct row families[FAMILY_COUNT] = {
	[FAMILY_REQUESTS] = {"maxiofs_requests_total", "counter",
		"Requests by operation and result code."},
	[FAMILY_DURATION] = {"maxiofs_request_duration_seconds", "histogram",
		"Time from request to end of response."},
	[FAMILY_RECEIVED] = {"maxiofs_received_bytes_total", "counter", "Bytes of request bodies."},
	[FAMILY_SENT] = {"maxiofs_sent_bytes_total", "counter", "Bytes of response bodies."},
};

static const struct {
	int64_t us;
	const char *le;
} bounds[] = {
	{500, "0.0005"},
	{1000, "0.001"},
	{2500, "0.0025"},
	{5000, "0.005"},
	{10000, "0.01"},
	{25000, "0.025"},
	{50000, "0.05"},
	{100000, "0.1"},
	{250000, "0.25"},
	{500000, "0.5"},
	{1000000, "1"},
	{2500000, "2.5"},
	{10000000, "10"},
	{60000000, "60"},
};
enum { BOUNDS = sizeof(bounds) / sizeof(bounds[0]) };

struct op_stats {
	atomic_uint_fast64_t buckets[BOUNDS + 1]; /* not cumulative here */
	atomic_uint_fast64_t duration_us, bytes_in, bytes_out;
};

struct metrics {
	struct metrics_labels labels;
	atomic_int_fast64_t values[METRIC_COUNT];
	struct op_stats *ops;
	atomic_uint_fast64_t *requests; /* [operation][code] */
};

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		log_die("out of memory");
	return p;
}

struct metrics *metrics_new(const struct metrics_labels *labels)
{
	struct metrics *m = zeroed(1, sizeof(*m));

	m->labels = *labels;
	m->ops = zeroed(labels->operation_count, sizeof(*m->ops));
	m->requests =
		zeroed(labels->operation_count * labels->code_count, sizeof(*m->requests));
	return m;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	free(m->ops);
	free(m->requests);
	free(m);
}

void metrics_add(struct metrics *m, enum metric_value which, int64_t delta)
{
	if (m)
		atomic_fetch_add_explicit(&m->values[which], delta, memory_order_relaxed);
}

void metrics_set(struct metrics *m, enum metric_value which, int64_t value)
{
	if (m)
		atomic_store_explicit(&m->values[which], value, memory_order_relaxed);
}

int64_t metrics_get(struct metrics *m, enum metric_value which)
{
	return m ? atomic_load_explicit(&m->values[which], memory_order_relaxed) : 0;
}

static void count(atomic_uint_fast64_t *c, uint64_t by)
{
	atomic_fetch_add_explicit(c, by, memory_order_relaxed);
}

static uint64_t now(atomic_uint_fast64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

void metrics_request(struct metrics *m, unsigned operation, unsigned code, int64_t duration_us,
	uint64_t bytes_in, uint64_t bytes_out)
{
	struct op_stats *op;
	size_t b = 0;

	if (!m || operation >= m->labels.operation_count || code >= m->labels.code_count)
		return;
	op = &m->ops[operation];
	if (duration_us < 0)
		duration_us = 0;
	while (b < BOUNDS && duration_us > bounds[b].us)
		b++;
	count(&op->buckets[b], 1);
	count(&op->duration_us, (uint64_t)duration_us);
	count(&op->bytes_in, bytes_in);
	count(&op->bytes_out, bytes_out);
	count(&m->requests[operation * m->labels.code_count + code], 1);
}

static void head(struct buf *out, const struct row *r)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", r->name, r->help, r->name, r->type);
}

static void write_requests(struct metrics *m, struct buf *out)
{
	head(out, &families[FAMILY_REQUESTS]);
	for (size_t o = 0; o < m->labels.operation_count; o++)
		for (size_t c = 0; c < m->labels.code_count; c++) {
			uint64_t n = now(&m->requests[o * m->labels.code_count + c]);

			if (n)
				buf_printf(out,
					"maxiofs_requests_total{operation=\"%s\",code=\"%s\"} "
					"%" PRIu64 "\n",
					m->labels.operations[o], c ? m->labels.codes[c] : "OK",
					n);
		}
}

static void write_histogram(struct op_stats *op, const char *name, struct buf *out)
{
	uint64_t sum = 0, us = now(&op->duration_us);

	for (size_t b = 0; b <= BOUNDS; b++)
		sum += now(&op->buckets[b]);
	if (!sum)
		return;
	sum = 0;
	for (size_t b = 0; b <= BOUNDS; b++) {
		sum += now(&op->buckets[b]);
		buf_printf(out,
			"maxiofs_request_duration_seconds_bucket{operation=\"%s\",le=\"%s\"} "
			"%" PRIu64 "\n",
			name, b < BOUNDS ? bounds[b].le : "+Inf", sum);
	}
	buf_printf(out,
		"maxiofs_request_duration_seconds_sum{operation=\"%s\"} %" PRIu64 ".%06" PRIu64
		"\n"
		"maxiofs_request_duration_seconds_count{operation=\"%s\"} %" PRIu64 "\n",
		name, us / 1000000, us % 1000000, name, sum);
}

static void write_bytes(struct metrics *m, struct buf *out, bool in)
{
	const struct row *family = &families[in ? FAMILY_RECEIVED : FAMILY_SENT];

	head(out, family);
	for (size_t o = 0; o < m->labels.operation_count; o++) {
		uint64_t n = now(in ? &m->ops[o].bytes_in : &m->ops[o].bytes_out);

		if (n)
			buf_printf(out, "%s{operation=\"%s\"} %" PRIu64 "\n", family->name,
				m->labels.operations[o], n);
	}
}

void metrics_write(struct metrics *m, struct buf *out)
{
	if (!m)
		return;
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		head(out, &rows[i]);
		buf_printf(out, "%s %" PRId64 "\n", rows[i].name,
			metrics_get(m, (enum metric_value)i));
	}
	write_requests(m, out);
	head(out, &families[FAMILY_DURATION]);
	for (size_t o = 0; o < m->labels.operation_count; o++)
		write_histogram(&m->ops[o], m->labels.operations[o], out);
	write_bytes(m, out, true);
	write_bytes(m, out, false);
}

static void manual_rows(struct buf *out, const struct row *r, size_t n, const char *labels)
{
	for (; n; n--, r++)
		buf_printf(out, "| `%s` | %s | %s | %s |\n", r->name, r->type, labels, r->help);
}

void metrics_manual(struct buf *out)
{
	buf_add_str(out,
		"# Metrics\n\n`/metrics` of either port answers in the text format of Prometheus: to "
		"loopback addresses, or,\nonce the setting `metrics_token` is set, to whoever sends it as "
		"a bearer token. The counts are those of\nthe one process that answers, since it started; "
		"a labelled series is there once it has counted\nsomething. Operations are those of "
		"[operations.md](operations.md); requests have the label `code`,\nthe error's or `OK`, as "
		"well.\n\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n");
	manual_rows(out, &families[FAMILY_REQUESTS], 1, "`operation`, `code`");
	manual_rows(out, &families[FAMILY_DURATION], FAMILY_COUNT - 1, "`operation`");
	manual_rows(out, rows, METRIC_COUNT, "");
}
