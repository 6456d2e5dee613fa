/* SPDX-License-Identifier: MIT */
/* Time, injectable: everything that decides by time takes a `struct clock *`. */
#ifndef MX_BASE_CLOCK_H
#define MX_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_us)(const struct clock *c); /* microseconds since 1970, UTC */
	int64_t fixed_us;			  /* for clock_fixed */
};

/* The host's clock. */
extern const struct clock clock_system;
/* A clock that stands at fixed_us until the test moves it. */
struct clock clock_fixed(int64_t at_us);

static inline int64_t clock_now_us(const struct clock *c)
{
	return c->now_us(c);
}

/* Monotonic, for durations. */
int64_t clock_mono_us(void);

#endif
