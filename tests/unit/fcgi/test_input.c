/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdio.h>

#include "fcgi/io.h"

/* A stream that delivers its text, then ends, breaks, or would have to be waited for. */
enum after { ENDS, BREAKS, WAITS };

struct stream {
	struct input in; /* first */
	const char *rest;
	enum after after;
	unsigned pulls, entered;
	bool no_transfer;
};

static size_t pull(struct input *in, void *p, size_t n)
{
	struct stream *s = (struct stream *)in;
	size_t got = strlen(s->rest) < n ? strlen(s->rest) : n;

	s->pulls++;
	memcpy(p, s->rest, got);
	s->rest += got;
	if (got < n && s->after == WAITS)
		fail_msg("a body that has not come is waited for");
	in->ended = got < n && s->after == ENDS;
	in->broken = got < n && s->after == BREAKS;
	return got;
}

static int before_first(struct input *in, struct err *e)
{
	struct stream *s = (struct stream *)in;

	s->entered++;
	return s->no_transfer ? err_fail(e, ERR_BUSY, "no transfer") : 0;
}

static struct stream stream_of(
	const char *text, enum after after, int64_t length, bool unbounded)
{
	struct stream s = {.rest = text, .after = after};

	input_init(&s.in, pull, NULL, length);
	s.in.before_first = before_first;
	s.in.unbounded = unbounded;
	s.rest = text;
	s.after = after;
	return s;
}

/* Reads to the end; returns how many bytes came before it, or the kind of failure as a negative
 * number. */
static int drain(struct stream *s, size_t step)
{
	char buf[64];
	struct err e;
	size_t n;
	int total = 0;

	do {
		if (source_read(&s->in.src, buf, step, &n, &e) < 0)
			return -(int)e.kind;
		total += (int)n;
	} while (n > 0);
	return total;
}

static void a_body_is_read_to_its_end(void **state)
{
	struct stream s = stream_of("0123456789", ENDS, 10, false);

	(void)state;
	assert_int_equal(drain(&s, 3), 10);
	assert_int_equal(drain(&s, 3), 0); /* and stays there */
	assert_true(input_at_end(&s.in));
	assert_int_equal(s.entered, 1);
}

static void a_body_without_a_length_ends_where_the_stream_does(void **state)
{
	struct stream s = stream_of("0123456789", ENDS, -1, true);

	(void)state;
	assert_false(input_at_end(&s.in));
	assert_int_equal(s.pulls, 0);
	assert_int_equal(drain(&s, 4), 10);
	assert_true(input_at_end(&s.in));
}

static void a_body_that_is_not_what_was_told_is_incomplete(void **state)
{
	static const struct {
		const char *text;
		enum after after;
		int64_t length;
		bool unbounded;
	} rows[] = {
		{"01234", ENDS, 10, false},   /* ends early */
		{"01234", BREAKS, 10, false}, /* the client is gone */
		{"", ENDS, 10, false},
		{"0123456789", BREAKS, 10, false}, /* all of it, but the end was never seen */
		{"0123456789x", ENDS, 10, false},  /* longer */
		{"01234", BREAKS, -1, true},       /* a chunked upload that was given up */
		{"", BREAKS, -1, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t step = 1; step < 20; step++) {
			struct stream s = stream_of(
				rows[i].text, rows[i].after, rows[i].length, rows[i].unbounded);

			if (drain(&s, step) != -ERR_INCOMPLETE)
				fail_msg("row %zu, step %zu", i, step);
			assert_int_equal(drain(&s, step), -ERR_INCOMPLETE);
			assert_false(input_at_end(&s.in));
		}
	}
}

static void a_body_that_nobody_read_is_never_waited_for(void **state)
{
	struct stream s = stream_of("", WAITS, 10, false);
	struct err e;
	char buf[4];
	size_t n;

	(void)state;
	assert_false(input_at_end(&s.in));
	s = stream_of("", WAITS, -1, true);
	assert_false(input_at_end(&s.in));
	s = stream_of("0123", WAITS, 10, false);
	assert_int_equal(source_read(&s.in.src, buf, 4, &n, &e), 0);
	assert_false(input_at_end(&s.in));
	assert_int_equal(s.pulls, 1);
}

static void the_end_of_no_body_is_seen(void **state)
{
	static const int64_t lengths[] = {0, -1};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stream s = stream_of("", ENDS, lengths[i], false);

		assert_true(input_at_end(&s.in));
		assert_true(input_at_end(&s.in));
		assert_int_equal(s.pulls, 1);
		assert_int_equal(s.entered, 0);
		s = stream_of("excess", ENDS, lengths[i], false);
		assert_false(input_at_end(&s.in));
	}
}

static void an_empty_body_needs_no_transfer(void **state)
{
	struct stream s = stream_of("", ENDS, 0, false);

	(void)state;
	s.no_transfer = true;
	assert_int_equal(drain(&s, 8), 0);
	assert_int_equal(s.entered, 0);
}

static void nothing_is_read_when_no_transfer_is_free(void **state)
{
	struct stream s = stream_of("0123456789", ENDS, 10, false);

	(void)state;
	s.no_transfer = true;
	assert_int_equal(drain(&s, 8), -ERR_BUSY);
	assert_int_equal(s.pulls, 0);
	s.no_transfer = false;
	assert_int_equal(drain(&s, 8), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_read_to_its_end),
		cmocka_unit_test(a_body_without_a_length_ends_where_the_stream_does),
		cmocka_unit_test(a_body_that_is_not_what_was_told_is_incomplete),
		cmocka_unit_test(a_body_that_nobody_read_is_never_waited_for),
		cmocka_unit_test(the_end_of_no_body_is_seen),
		cmocka_unit_test(an_empty_body_needs_no_transfer),
		cmocka_unit_test(nothing_is_read_when_no_transfer_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
