/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fio.h"
#include "cfg/cfg.h"

static char dir[] = "/tmp/mx-cfg-XXXXXX";

static int make_dir(void **state)
{
	struct err e;
	char path[64];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/.maxiofs", dir);
	return fio_make_dirs(AT_FDCWD, path, 0700, &e);
}

static void write_file(const char *text)
{
	char path[64];
	struct err e;

	snprintf(path, sizeof(path), "%s/.maxiofs/maxiofs.conf", dir);
	assert_int_equal(fio_replace_file(AT_FDCWD, path, span_str(text), 0600, &e), 0);
}

static int remove_dir(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/.maxiofs/maxiofs.conf", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/.maxiofs", dir);
	rmdir(path);
	return rmdir(dir);
}

static void the_first_source_that_names_it_wins(void **state)
{
	char *argv[] = {"x", "--data-dir", dir, "--region=eu-1", "--", "rest"};
	char *env[] = {"MAXIOFS_REGION=eu-2", "MAXIOFS_GC_DELAY_S=7",
		"MAXIOFS_ADMIN_PASSWORD=x", "PATH=/", NULL};
	struct cfg c;
	struct err e;
	int rest;

	(void)state;
	write_file("# comment\nregion = eu-3\ngc_delay_s = 8\nrequest_threads = 9\n");
	assert_int_equal(cfg_load(&c, 6, argv, env, &rest, &e), 0);
	assert_string_equal(c.region, "eu-1");
	assert_string_equal(cfg_origin(&c, "region"), "flag");
	assert_int_equal(c.gc_delay_s, 7);
	assert_string_equal(cfg_origin(&c, "gc_delay_s"), "environment");
	assert_int_equal(c.request_threads, 9);
	assert_string_equal(cfg_origin(&c, "request_threads"), "file");
	assert_int_equal(c.session_s, 3600);
	assert_string_equal(cfg_origin(&c, "session_s"), "default");
	assert_null(cfg_origin(&c, "nothing"));
	assert_int_equal(rest, 4);
	cfg_fini(&c);
}

static void what_is_wrong_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *file, *flag, *env, *text;
	} cases[] = {
		{"region = us-east-1\nnothing = 1\n", NULL, NULL,
			"maxiofs.conf:2: nothing: no such setting"},
		{"request_threads = many\n", NULL, NULL,
			"maxiofs.conf:1: request_threads: must be 1 to 256 threads"},
		{"request_threads = 257\n", NULL, NULL,
			"maxiofs.conf:1: request_threads: must be 1 to 256 threads"},
		{"region = a\nregion = b\n", NULL, NULL, "maxiofs.conf:2: region: given twice"},
		{"[s]\nregion = a\n", NULL, NULL, "maxiofs.conf:2: sections are not used here"},
		{"data_dir = /x\n", NULL, NULL,
			"maxiofs.conf:1: data_dir: this file lies in the data directory"},
		{"", "--log-level=loud", NULL,
			"command line: log_level: must be one of debug|info|warn|error"},
		{"", "--region=Bad Region", NULL,
			"command line: region: must be of a-z, 0-9 and -, as us-east-1"},
		{"", "--s3-listen=nowhere", NULL,
			"command line: s3_listen: must be the path of a socket, or host:port"},
		{"", "--anonymous-tenant=acme", NULL,
			"command line: anonymous_tenant: must be a tenant's id, as "
			"tenant-0a1b2c3d"},
		{"", NULL, "MAXIOFS_REGIOM=x", "environment: MAXIOFS_REGIOM: no such setting"},
		{"request_threads = 0\n", "--request-threads=8", NULL,
			"maxiofs.conf:1: request_threads: must be 1 to 256 threads"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *argv[] = {"x", "--data-dir", dir, (char *)(uintptr_t)cases[i].flag};
		char *env[] = {(char *)(uintptr_t)cases[i].env, NULL};
		struct cfg c;
		struct err e;
		int rest;

		write_file(cases[i].file);
		assert_int_equal(cfg_load(&c, cases[i].flag ? 4 : 3, argv, env, &rest, &e), -1);
		assert_int_equal(e.kind, ERR_INVALID);
		assert_string_equal(e.text, cases[i].text);
	}
}

static void a_named_file_must_exist(void **state)
{
	char *argv[] = {"x", "--config=/nonexistent/file", "--data-dir", dir};
	struct cfg c;
	struct err e;
	int rest;

	(void)state;
	assert_int_equal(cfg_load(&c, 4, argv, NULL, &rest, &e), -1);
	assert_int_equal(e.kind, ERR_NOT_FOUND);
}

static void the_manual_names_every_setting(void **state)
{
	BUF_AUTO struct buf b;
	size_t n;
	const struct cfg_row *r = cfg_rows(&n);

	(void)state;
	buf_init(&b, 1 << 20);
	cfg_manual(&b);
	assert_true(buf_ok(&b));
	for (size_t i = 0; i < n; i++)
		assert_non_null(strstr(b.p, r[i].name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_source_that_names_it_wins),
		cmocka_unit_test(what_is_wrong_is_refused_with_its_place),
		cmocka_unit_test(a_named_file_must_exist),
		cmocka_unit_test(the_manual_names_every_setting),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
