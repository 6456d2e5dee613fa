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

static int load_with(const char *flag, char **env, struct cfg *c, struct err *e)
{
	char *argv[] = {"x", "--data-dir", dir, (char *)(uintptr_t)flag};
	int rest;

	return cfg_load(c, flag ? 4 : 3, argv, env, &rest, e);
}

static void texts_are_checked_by_their_kind(void **state)
{
#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	static const struct {
		const char *flag;
		bool is_fine;
	} cases[] = {
		{"--s3-listen=", true},
		{"--s3-listen=/run/s3.sock", true},
		{"--s3-listen=./s3.sock", true},
		{"--s3-listen=.s3.sock", false},
		{"--s3-listen=/" LABEL63 LABEL63, false},
		{"--s3-listen=127.0.0.1:9000", true},
		{"--s3-listen=localhost:9000", true},
		{"--s3-listen=[::1]:9000", true},
		{"--s3-listen=[::1]", false},
		{"--s3-listen=[x]:9000", false},
		{"--s3-listen=::1:9000", false},
		{"--s3-listen=:9000", false},
		{"--s3-listen=http://localhost:9000", false},
		{"--s3-listen=a b:9000", false},
		{"--s3-listen=localhost:0", false},
		{"--s3-listen=localhost:65536", false},
		{"--s3-listen=localhost:", false},
		{"--domains=", true},
		{"--domains=s3.example.org, localhost", true},
		{"--domains=" LABEL63 ".org", true},
		{"--domains=a" LABEL63 ".org", false},
		{"--domains=a..b", false},
		{"--domains=.a", false},
		{"--domains=a.", false},
		{"--domains=-a.b", false},
		{"--domains=a,", false},
		{"--domains=a,,b", false},
		{"--domains=A.b", false},
		{"--domains=a:80", false},
		{"--region=", false},
		{"--region=eu_1", false},
		{"--anonymous-tenant=tenant-0a1b2c3d", true},
		{"--anonymous-tenant=tenant-0A1B2C3D", false},
		{"--metrics-token=a\tb", false},
	};

	(void)state;
	write_file("");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cfg c;
		struct err e;

		assert_int_equal(
			load_with(cases[i].flag, NULL, &c, &e), cases[i].is_fine ? 0 : -1);
		if (cases[i].is_fine)
			cfg_fini(&c);
		else
			assert_int_equal(e.kind, ERR_INVALID);
	}
}

/* The parser's buffer would cut it in two, and take the rest for a comment. */
static void a_line_too_long_is_refused_with_its_number(void **state)
{
	BUF_AUTO struct buf b;
	struct cfg c;
	struct err e;

	(void)state;
	buf_init(&b, 4096);
	buf_add_str(&b, "region = a\nmetrics_token = ");
	for (int i = 0; i < 180; i++)
		buf_add_char(&b, 'x');
	buf_add_str(&b, "#yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\nsession_s = 60\n");
	write_file(b.p);
	assert_int_equal(load_with(NULL, NULL, &c, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	assert_true(span_starts(
		span_str(e.text), SPAN_LIT("maxiofs.conf:2: the line is too long")));
}

static void nothing_hides_behind_a_nul(void **state)
{
	static const char text[] = "region = a\n\0nothing = 1\n";
	char path[64];
	struct cfg c;
	struct err e;

	(void)state;
	snprintf(path, sizeof(path), "%s/.maxiofs/maxiofs.conf", dir);
	assert_int_equal(
		fio_replace_file(AT_FDCWD, path, span_of(text, sizeof(text) - 1), 0600, &e), 0);
	assert_int_equal(load_with(NULL, NULL, &c, &e), -1);
	assert_int_equal(e.kind, ERR_INVALID);
	write_file("region\n");
	assert_int_equal(load_with(NULL, NULL, &c, &e), -1);
	assert_string_equal(e.text, "maxiofs.conf:1: not of the form name = value");
}

static void a_named_file_may_name_the_data_directory(void **state)
{
	char path[64], variable[96], *env[2] = {variable, NULL}, *argv[] = {"x"};
	struct cfg c;
	struct err e;
	int rest;

	(void)state;
	write_file("data_dir = /srv/objects\r\nregion = eu-3 ; as agreed\r\n");
	snprintf(path, sizeof(path), "%s/.maxiofs/maxiofs.conf", dir);
	snprintf(variable, sizeof(variable), "MAXIOFS_CONFIG=%s", path);
	assert_int_equal(cfg_load(&c, 1, argv, env, &rest, &e), 0);
	assert_string_equal(c.data_dir, "/srv/objects");
	assert_string_equal(c.region, "eu-3");
	cfg_fini(&c);
	write_file("");
	snprintf(variable, sizeof(variable), "MAXIOFS_CONFIG=");
	assert_int_equal(load_with(NULL, env, &c, &e), 0);
	cfg_fini(&c);
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
		cmocka_unit_test(texts_are_checked_by_their_kind),
		cmocka_unit_test(a_line_too_long_is_refused_with_its_number),
		cmocka_unit_test(nothing_hides_behind_a_nul),
		cmocka_unit_test(a_named_file_may_name_the_data_directory),
		cmocka_unit_test(a_named_file_must_exist),
		cmocka_unit_test(the_manual_names_every_setting),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
