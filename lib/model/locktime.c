/* SPDX-License-Identifier: MIT */
/* Stored form: a version byte, the boot's id padded with zeros, three numbers, the lowest byte
 * first. */
#include "model/locktime.h"

#include "model/packed.h"

enum { VERSION = 1 };
/* What is lost of the time when the machine stops at a bad moment. */
#define REMEMBER_EVERY_US ((int64_t)60 * 1000000)

void locktime_host_read(const struct clock *c, int64_t gap_us, struct locktime_host *h_r)
{
	*h_r = (struct locktime_host){.since_boot_us = clock_since_boot_us(c),
		.wall_us = clock_now_us(c),
		.gap_us = gap_us};
	clock_boot_id(c, h_r->boot);
}

/* A time since boot that lies before the remembered one is another boot, whatever its id says.
 */
static bool same_boot(const struct locktime *t, const struct locktime_host *host)
{
	return strcmp(t->boot, host->boot) == 0 && host->since_boot_us >= t->since_boot_us;
}

static int64_t first_of_boot(const struct locktime *t, const struct locktime_host *host)
{
	if (t->boot[0] == '\0')
		return host->wall_us;
	if (host->wall_us <= t->high_us)
		return t->high_us;
	return host->wall_us - t->high_us < host->gap_us ? host->wall_us
							 : t->high_us + host->gap_us;
}

int64_t locktime_read(struct locktime *t, const struct locktime_host *host, bool *changed_r)
{
	int64_t now_us;

	if (t->boot[0] != '\0' && same_boot(t, host)) {
		now_us = t->at_us + (host->since_boot_us - t->since_boot_us);
		*changed_r = now_us - t->high_us >= REMEMBER_EVERY_US;
	} else {
		now_us = first_of_boot(t, host);
		memcpy(t->boot, host->boot, sizeof(t->boot));
		t->since_boot_us = host->since_boot_us;
		t->at_us = now_us;
		*changed_r = true;
	}
	if (now_us < t->high_us)
		now_us = t->high_us;
	if (*changed_r)
		t->high_us = now_us;
	return now_us;
}

void locktime_encode(const struct locktime *t, unsigned char out[LOCKTIME_BLOB])
{
	unsigned char *p = out;

	*p++ = VERSION;
	p = packed_put_bytes(p, span_of(t->boot, sizeof(t->boot)));
	p = packed_put_le(p, (uint64_t)t->since_boot_us, 8);
	p = packed_put_le(p, (uint64_t)t->at_us, 8);
	packed_put_le(p, (uint64_t)t->high_us, 8);
}

int locktime_decode(struct span blob, struct locktime *t_r, struct err *e)
{
	struct span boot = span_head(span_from(blob, 1), CLOCK_BOOT_MAX);
	const char *p;

	*t_r = (struct locktime){0};
	if (blob.n != LOCKTIME_BLOB || blob.p[0] != VERSION || boot.p[0] == '\0' ||
		boot.p[boot.n - 1] != '\0')
		return err_fail(e, ERR_INTERNAL, "damaged lock time (%zu bytes)", blob.n);
	memcpy(t_r->boot, boot.p, boot.n);
	p = boot.p + boot.n;
	t_r->since_boot_us = (int64_t)packed_get_le(p, 8);
	t_r->at_us = (int64_t)packed_get_le(p + 8, 8);
	t_r->high_us = (int64_t)packed_get_le(p + 16, 8);
	return 0;
}
