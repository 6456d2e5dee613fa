/* SPDX-License-Identifier: MIT */
/*
 * The time that Object Lock goes by. Within one boot of the machine it advances with the time since
 * the boot, which nobody can set, and never with the host's clock. What the host's clock says is
 * taken once, when a machine has started anew, and then neither backwards nor further than a given
 * gap, as only that clock knows how long the machine was off. docs/object-lock.md says more.
 */
#ifndef MX_MODEL_LOCKTIME_H
#define MX_MODEL_LOCKTIME_H

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

/* What is remembered. */
struct locktime {
	char boot[CLOCK_BOOT_MAX]; /* "": nothing is remembered yet */
	int64_t since_boot_us;	   /* when, in that boot, it was at_us */
	int64_t at_us;
	int64_t high_us; /* the latest that was remembered; it never goes behind that */
};
/* What the machine says now. */
struct locktime_host {
	char boot[CLOCK_BOOT_MAX];
	int64_t since_boot_us, wall_us;
	int64_t gap_us; /* the most that is believed of the time between two boots */
};
void locktime_host_read(const struct clock *c, int64_t gap_us, struct locktime_host *h_r);

/* The time now. *changed_r: t is to be remembered. */
int64_t locktime_read(struct locktime *t, const struct locktime_host *host, bool *changed_r);

/* Stored form. err: ERR_INTERNAL on damage. */
enum { LOCKTIME_BLOB = 1 + CLOCK_BOOT_MAX + 3 * 8 };
void locktime_encode(const struct locktime *t, unsigned char out[LOCKTIME_BLOB]);
int locktime_decode(struct span blob, struct locktime *t_r, struct err *e) MX_MUST_CHECK;

#endif
