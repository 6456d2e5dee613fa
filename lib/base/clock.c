/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

static int64_t system_since_boot(const struct clock *c)
{
	(void)c;
	return read_us(CLOCK_BOOTTIME);
}

static void system_boot_id(const struct clock *c, char out[CLOCK_BOOT_MAX])
{
	static const char unknown[] = "unknown";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, CLOCK_BOOT_MAX - 1);

	(void)c;
	if (fd >= 0)
		close(fd);
	if (n > 0 && out[n - 1] == '\n')
		n--;
	if (n <= 0) {
		n = sizeof(unknown) - 1;
		memcpy(out, unknown, sizeof(unknown));
	}
	memset(out + n, 0, CLOCK_BOOT_MAX - (size_t)n);
}

static int64_t fixed_now(const struct clock *c)
{
	return c->fixed_us;
}

static int64_t fixed_since_boot(const struct clock *c)
{
	return c->fixed_us - c->fixed_set_us;
}

static void fixed_boot_id(const struct clock *c, char out[CLOCK_BOOT_MAX])
{
	memset(out, 0, CLOCK_BOOT_MAX);
	snprintf(out, CLOCK_BOOT_MAX, "boot %u", c->fixed_boot);
}

const struct clock clock_system = {
	.now_us = system_now, .since_boot_us = system_since_boot, .boot_id = system_boot_id};

struct clock clock_fixed(int64_t at_us)
{
	return (struct clock){.now_us = fixed_now,
		.since_boot_us = fixed_since_boot,
		.boot_id = fixed_boot_id,
		.fixed_us = at_us};
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
