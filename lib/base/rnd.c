/* SPDX-License-Identifier: MIT */
#include "base/rnd.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

void rnd_bytes(void *out, size_t n)
{
	char *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			log_die("getrandom: %s", strerror(errno));
		p += got;
		n -= (size_t)got;
	}
}

uint64_t rnd_u64(void)
{
	uint64_t v;

	rnd_bytes(&v, sizeof(v));
	return v;
}

void rnd_text(char *out, size_t n, const char *alphabet)
{
	size_t len = strlen(alphabet);
	size_t fair = 256 - 256 % len; /* bytes from here on would favour the first characters */

	for (size_t i = 0; i < n;) {
		unsigned char b;

		rnd_bytes(&b, 1);
		if (b < fair)
			out[i++] = alphabet[b % len];
	}
	out[n] = '\0';
}
