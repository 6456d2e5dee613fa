/* SPDX-License-Identifier: MIT */
/* Time, injectable: everything that decides by time takes a `struct clock *`. */
#ifndef MX_BASE_CLOCK_H
#define MX_BASE_CLOCK_H

#include <stdint.h>

enum { CLOCK_BOOT_MAX = 40 };

struct clock {
	int64_t (*now_us)(const struct clock *c); /* microseconds since 1970, UTC */
	int64_t (*since_boot_us)(const struct clock *c);
	void (*boot_id)(const struct clock *c, char out[CLOCK_BOOT_MAX]);
	/* for clock_fixed: the time, how much of it is the clock's being set, and the boot */
	int64_t fixed_us, fixed_set_us;
	unsigned fixed_boot;
};

/* The host's clock. */
extern const struct clock clock_system;
/* A clock that stands at fixed_us until the test moves it: time passes, as fixed_us grows; the clock is
 * set, as fixed_set_us grows with it. */
struct clock clock_fixed(int64_t at_us);

static inline int64_t clock_now_us(const struct clock *c)
{
	return c->now_us(c);
}

/* Time since the machine was started, its sleep included: runs evenly and cannot be set. */
static inline int64_t clock_since_boot_us(const struct clock *c)
{
	return c->since_boot_us(c);
}
/* Names this start of the machine; "unknown" where the system does not tell. Padded with zeros. */
static inline void clock_boot_id(const struct clock *c, char out[CLOCK_BOOT_MAX])
{
	c->boot_id(c, out);
}

/* Monotonic, for durations. */
int64_t clock_mono_us(void);

#endif
