/* SPDX-License-Identifier: MIT */
/*
 * Slows down guessing of passwords: after a few failures each further one makes the same
 * (address, user) pair wait, twice as long each time up to a minute. Bounded memory, per
 * process, never a lasting lockout: a wait ends by itself, and other addresses are not
 * affected.
 */
#ifndef MX_CONSOLE_THROTTLE_H
#define MX_CONSOLE_THROTTLE_H

#include <stdint.h>

#include "base/span.h"

enum {
	THROTTLE_FREE_FAILURES = 5,
	THROTTLE_MAX_WAIT_S = 60,
	THROTTLE_FORGET_S = 900 /* without a failure */
};

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *t);

/* Names one (address, tenant, user) triple; made once per attempt. */
struct throttle_key {
	uint64_t hash;
};
struct throttle_key throttle_key(
	const struct throttle *t, struct span address, struct span tenant, struct span user);

/*
 * 0: the attempt may be made, and counts as failed until throttle_succeeded: so attempts made
 * at the same time cannot slip through together. Else the seconds to wait; such an attempt does
 * not count.
 */
unsigned throttle_admit(struct throttle *t, struct throttle_key k, int64_t now_us);
void throttle_succeeded(struct throttle *t, struct throttle_key k);

#endif
