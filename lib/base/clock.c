/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t system_now(const struct clock *c)
{
	(void)c;
	return read_us(CLOCK_REALTIME);
}

static int64_t fixed_now(const struct clock *c)
{
	return c->fixed_us;
}

const struct clock clock_system = {.now_us = system_now};

struct clock clock_fixed(int64_t at_us)
{
	return (struct clock){.now_us = fixed_now, .fixed_us = at_us};
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
