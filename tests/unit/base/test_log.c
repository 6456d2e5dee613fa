/* SPDX-License-Identifier: MIT */
/* Log lines: one per event whatever the values hold, in both formats, within a bound. */
#include "tests/unit/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum { OUT_MAX = 64 * 1024 };

/* What one event writes. */
static const char *line_of(enum log_format format, enum log_level level, const char *msg,
	const struct log_field *f)
{
	static char out[OUT_MAX];
	char name[] = "/tmp/mx-log-XXXXXX";
	int fd = mkstemp(name);
	ssize_t n;

	assert_true(fd >= 0);
	unlink(name);
	log_setup(LOG_INFO, format, "test");
	log_to_fd(fd);
	log_event(level, msg, f);
	log_to_fd(STDERR_FILENO);
	n = pread(fd, out, sizeof(out) - 1, 0);
	close(fd);
	assert_true(n >= 0);
	out[n] = '\0';
	return out;
}

static void assert_one_line(const char *line)
{
	const char *lf = strchr(line, '\n');

	assert_non_null(lf);
	assert_int_equal(lf[1], '\0');
}

static const struct log_field hostile[] = {
	LF_STR("key", SPAN_LIT("a\n\"b\\\x7f\x01 c")),
	LF_STR("absent", SPAN_NULL),
	LF_STR("raw", SPAN_LIT("\xff\xc3")),
	LF_STR("utf8", SPAN_LIT("\xc3\xa9")),
	LF_INT("low", INT64_MIN),
	LF_UINT("high", UINT64_MAX),
	LF_END,
};

static void values_cannot_break_a_line_of_text(void **state)
{
	const char *line = line_of(LOG_TEXT, LOG_WARN, "said\nthis", hostile);

	(void)state;
	assert_one_line(line);
	assert_non_null(strstr(line, " warn test["));
	assert_non_null(
		strstr(line, "said\\u000athis key=\"a\\u000a\\\"b\\\\\\u007f\\u0001 c\""));
	assert_null(strstr(line, "absent"));
	assert_non_null(strstr(line, " raw=\"\\u00ff\\u00c3\""));
	assert_non_null(strstr(line, " low=-9223372036854775808 high=18446744073709551615"));
}

static void values_cannot_break_a_line_of_json(void **state)
{
	const char *line = line_of(LOG_JSON, LOG_ERROR, "said \"this\"", hostile);

	(void)state;
	assert_one_line(line);
	assert_int_equal(strncmp(line, "{\"time\":\"", 9), 0);
	assert_non_null(strstr(line, ",\"msg\":\"said \\\"this\\\"\""));
	assert_non_null(strstr(line, ",\"key\":\"a\\u000a\\\"b\\\\\\u007f\\u0001 c\""));
	assert_non_null(strstr(line, ",\"utf8\":\"\xc3\xa9\""));
	assert_non_null(strstr(line, ",\"high\":18446744073709551615}\n"));
}

static void what_is_below_the_level_is_not_written(void **state)
{
	(void)state;
	assert_string_equal(line_of(LOG_TEXT, LOG_DEBUG, "m", NULL), "");
	assert_string_not_equal(line_of(LOG_TEXT, LOG_INFO, "m", NULL), "");
}

static void a_line_has_a_bound_and_still_ends(void **state)
{
	static const enum log_format formats[] = {LOG_TEXT, LOG_JSON};
	char *big = malloc(OUT_MAX);
	struct log_field f[] = {LF_STR("big", SPAN_NULL), LF_UINT("status", 200), LF_END};

	(void)state;
	memset(big, 'x', OUT_MAX);
	f[0].s = span_of(big, OUT_MAX);
	for (size_t i = 0; i < 2; i++) {
		const char *line = line_of(formats[i], LOG_INFO, "m", f);

		assert_one_line(line);
		assert_true(strlen(line) <= 16 * 1024 + 1);
	}
	/* JSON stays JSON, and the fields behind the long one are there. */
	assert_non_null(strstr(line_of(LOG_JSON, LOG_INFO, "m", f), "x\",\"status\":200}\n"));
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_cannot_break_a_line_of_text),
		cmocka_unit_test(values_cannot_break_a_line_of_json),
		cmocka_unit_test(what_is_below_the_level_is_not_written),
		cmocka_unit_test(a_line_has_a_bound_and_still_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
