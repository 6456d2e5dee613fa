/* SPDX-License-Identifier: MIT */
/*
 * Whole requests against the S3 app in memory, signed with a good key unless the input brings
 * its own authorization: no input may make it fail by itself, promise what it does not send, or
 * answer twice.
 *
 * Input: "METHOD target", header lines, an empty line, the body.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/s3/rig.h"

#include <strings.h>

enum { RUNS_PER_RIG = 2000, MAX_TEXT = 4096 };

static struct rig *fresh_rig(void)
{
	static void *state;
	static unsigned runs;
	struct ask q;

	if (state && ++runs < RUNS_PER_RIG)
		return state;
	if (state)
		rig_teardown(&state);
	runs = 0;
	MUST(rig_setup(&state) == 0);
	ask_begin(&q, state, ANN, "PUT", "/bucket");
	ask_send(&q);
	ask_end(&q);
	return state;
}

static void check_answer(struct ask *q)
{
	int status = q->d.status;

	MUST(!q->d.aborted && !q->d.broken);
	MUST(status >= 200 && status < 600 && status != 500 && status != 507);
}

/* Takes the next line as a C string; false at the empty line or the end. */
static bool next_line(struct span *rest, char line[MAX_TEXT])
{
	struct span text;

	if (!span_cut(rest, '\n', &text) || text.n == 0 || text.n >= MAX_TEXT)
		return false;
	memcpy(line, text.p, text.n);
	line[text.n] = '\0';
	return true;
}

static bool add_headers(struct ask *q, struct span *rest)
{
	char line[MAX_TEXT];
	bool is_unsigned = false;

	while (next_line(rest, line)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		ask_header(q, line, colon + 1 + strspn(colon + 1, " "));
		is_unsigned |= strcasecmp(line, "authorization") == 0;
	}
	return !is_unsigned;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rig *r = fresh_rig();
	struct span rest = span_of(p, n);
	char line[MAX_TEXT], *target;
	struct ask q;

	if (!next_line(&rest, line) || !(target = strchr(line, ' ')))
		return 0;
	*target++ = '\0';
	ask_begin(&q, r, ANN, line, target);
	if (!add_headers(&q, &rest))
		q.access_key = SPAN_NULL;
	q.sha256 = "UNSIGNED-PAYLOAD";
	q.body = span_of(rest.p ? rest.p : "", rest.n);
	ask_send(&q);
	check_answer(&q);
	ask_end(&q);
	return 0;
}
