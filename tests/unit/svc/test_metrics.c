/* SPDX-License-Identifier: MIT */
#include "svc/metrics.h"
#include "tests/unit/testing.h"

static const char *const operations[] = {"GetObject", "PutObject"};
static const char *const codes[] = {"OK", "NoSuchKey"};

static bool has(struct buf *b, const char *line)
{
	return span_find(buf_span(b), span_str(line)) >= 0;
}

static void what_is_counted_is_printed(void **state)
{
	const struct metrics_labels labels = {operations, 2, codes, 2};
	struct metrics *m = metrics_new(&labels);
	BUF_AUTO struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	metrics_add(m, METRIC_IN_FLIGHT, 3);
	metrics_add(m, METRIC_IN_FLIGHT, -1);
	metrics_set(m, METRIC_GC_ROWS, 7);
	metrics_request(m, 0, 0, 700, 0, 100);
	metrics_request(m, 0, 1, 3000000, 0, 1);
	metrics_request(m, 0, 0, -5, 0, 0);
	metrics_request(m, 0, 0, INT64_C(999999999), 5, 0);
	metrics_request(m, 2, 0, 1, 1, 1);
	metrics_request(m, 0, 2, 1, 1, 1);
	metrics_write(m, &out);
	assert_true(has(&out, "\nmaxiofs_requests_in_flight 2\n"));
	assert_true(has(&out, "# TYPE maxiofs_requests_in_flight gauge\n"));
	assert_true(has(&out, "\nmaxiofs_gc_pending 7\n"));
	assert_true(
		has(&out, "\nmaxiofs_requests_total{operation=\"GetObject\",code=\"OK\"} 3\n"));
	assert_true(has(&out,
		"\nmaxiofs_requests_total{operation=\"GetObject\",code=\"NoSuchKey\"} 1\n"));
	assert_false(has(&out, "PutObject"));
	assert_true(has(
		&out, "duration_seconds_bucket{operation=\"GetObject\",le=\"0.0005\"} 1\n"));
	assert_true(
		has(&out, "duration_seconds_bucket{operation=\"GetObject\",le=\"0.001\"} 2\n"));
	assert_true(
		has(&out, "duration_seconds_bucket{operation=\"GetObject\",le=\"10\"} 3\n"));
	assert_true(
		has(&out, "duration_seconds_bucket{operation=\"GetObject\",le=\"+Inf\"} 4\n"));
	assert_true(has(&out, "duration_seconds_count{operation=\"GetObject\"} 4\n"));
	assert_true(has(&out, "duration_seconds_sum{operation=\"GetObject\"} 1003.000699\n"));
	assert_true(has(&out, "maxiofs_received_bytes_total{operation=\"GetObject\"} 5\n"));
	assert_true(has(&out, "maxiofs_sent_bytes_total{operation=\"GetObject\"} 101\n"));
	metrics_free(m);
}

static void without_metrics_nothing_happens(void **state)
{
	BUF_AUTO struct buf out;

	(void)state;
	buf_init(&out, 10);
	metrics_add(NULL, METRIC_IN_FLIGHT, 1);
	metrics_set(NULL, METRIC_IN_FLIGHT, 1);
	assert_int_equal(metrics_get(NULL, METRIC_IN_FLIGHT), 0);
	metrics_request(NULL, 0, 0, 0, 0, 0);
	metrics_write(NULL, &out);
	metrics_free(NULL);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_counted_is_printed),
		cmocka_unit_test(without_metrics_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
