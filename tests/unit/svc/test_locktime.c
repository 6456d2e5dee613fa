/* SPDX-License-Identifier: MIT */
/* A host's clock that is set is told of, and unlocks nothing. */
#include "tests/unit/svc/fixture.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define JUMP "the host's clock jumped against the lock time"

static int log_fd;

static int setup(void **state)
{
	struct fix *f = test_malloc(sizeof(*f));

	log_fd = memfd_create("log", MFD_CLOEXEC);
	log_to_fd(log_fd);
	fix_open(f, ERR_IO);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fix_close(*state); /* ends the thread that logs */
	log_to_fd(STDERR_FILENO);
	close(log_fd);
	test_free(*state);
	return 0;
}

static void make_worm(struct fix *f, struct meta_bucket *b)
{
	struct svc_new_bucket in = {SPAN_LIT("worm"), SPAN_LIT(""), true};

	assert_ok(f, svc_bucket_create_as(f->s, &f->caller, &in, f->a, b, &f->e));
	assert_int_equal(meta_bucket_versioning(b), META_VERSIONING_ENABLED);
	assert_true(meta_bucket_has(b, META_CONFIG_OBJECT_LOCK));
}

static bool said(const char *what)
{
	char text[8192];
	ssize_t n = pread(log_fd, text, sizeof(text), 0);

	assert_true(n >= 0);
	return span_find(span_of(text, (size_t)n), span_str(what)) >= 0;
}

/* What the background thread logs at its start. */
static bool background_tells(struct fix *f)
{
	static const struct timespec moment = {.tv_nsec = 20000000};
	bool told = false;

	assert_ok(f, svc_background_start(f->s, &f->e));
	for (int i = 0; i < 20 && !told; i++) {
		nanosleep(&moment, NULL);
		told = said(JUMP);
	}
	return told;
}

static void a_clock_that_is_set_is_told_of(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;

	make_worm(f, &b);
	f->clock.fixed_us += 86400 * FIX_SECOND_US;
	f->clock.fixed_set_us += 86400 * FIX_SECOND_US;
	assert_true(background_tells(f));
}

static void time_that_passes_is_not(void **state)
{
	struct fix *f = *state;
	struct meta_bucket b;

	make_worm(f, &b);
	f->clock.fixed_us += 86400 * FIX_SECOND_US;
	assert_false(background_tells(f));
}

static void without_locks_no_clock_matters(void **state)
{
	struct fix *f = *state;

	f->clock.fixed_us += 86400 * FIX_SECOND_US;
	f->clock.fixed_set_us += 86400 * FIX_SECOND_US;
	assert_false(background_tells(f));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_clock_that_is_set_is_told_of),
		T(time_that_passes_is_not),
		T(without_locks_no_clock_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
