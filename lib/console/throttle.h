/* SPDX-License-Identifier: MIT */
/*
 * Slows down guessing of passwords: after a few failures each further one makes the same
 * (address, user) pair wait, twice as long each time up to a minute. And a password costs a
 * core's time, so few are checked at once, fewer still of one address. Bounded memory, per
 * process, never a lasting lockout: a wait ends by itself, and other addresses are not
 * affected. Of an IPv6 address its /64 counts: who holds one holds them all.
 */
#ifndef MX_CONSOLE_THROTTLE_H
#define MX_CONSOLE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum {
	THROTTLE_FREE_FAILURES = 5,
	THROTTLE_MAX_WAIT_S = 60,
	THROTTLE_FORGET_S = 900, /* without a failure */
	THROTTLE_AT_ONCE = 32,
	THROTTLE_AT_ONCE_HERE = 8 /* of one address */
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

/* Takes a place among the passwords being checked; false: none is free for this address.
 * throttle_leave gives it back. */
bool throttle_enter(struct throttle *t, struct span address);
void throttle_leave(struct throttle *t, struct span address);

#endif
