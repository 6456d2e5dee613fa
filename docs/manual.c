/* SPDX-License-Identifier: MIT */
/* Prints a page of docs/ that is made from a table: manual settings|operations|metrics. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cfg/cfg.h"
#include "s3/s3.h"
#include "svc/metrics.h"

static const struct {
	const char *name, *from;
	void (*write)(struct buf *out);
} pages[] = {
	{"settings", "lib/cfg/settings.def", cfg_manual},
	{"operations", "lib/s3/operations.def", s3_operations_manual},
	{"metrics", "lib/svc/metrics.def", metrics_manual},
};

int main(int argc, char **argv)
{
	BUF_AUTO struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; argc == 2 && i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(argv[1], pages[i].name) == 0) {
			buf_printf(&out, "<!-- Made from %s by `make pages`. -->\n",
				pages[i].from);
			pages[i].write(&out);
		}
	if (out.n == 0 || !buf_ok(&out))
		return fputs("usage: manual settings|operations|metrics\n", stderr), 2;
	return fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0 ? 0 : 1;
}
