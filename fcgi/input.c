/* SPDX-License-Identifier: MIT */
/*
 * A request body as a source. It ends well only if the stream did and Content-Length, where there is
 * one, was met to the byte: a body cut off by the client must never look complete.
 */
#include <inttypes.h>

#include "fcgi/io.h"

static int finish(struct input *in, struct err *e)
{
	if (!in->ended && !in->broken) {
		char excess;

		if (in->pull(in, &excess, 1) != 0)
			in->broken = true;
	}
	if (in->broken || !in->ended)
		return err_fail(e, ERR_INCOMPLETE, "the body broke off after %" PRIu64 " bytes", in->got);
	if (in->length >= 0 && in->got != (uint64_t)in->length)
		return err_fail(e, ERR_INCOMPLETE,
			"the body ended after %" PRIu64 " of %" PRId64 " bytes", in->got, in->length);
	return 0;
}

static int input_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct input *in = (struct input *)src;

	*n_r = 0;
	if (!in->started) {
		if (in->before_first && in->length != 0 && in->before_first(in, e))
			return -1;
		in->started = true;
	}
	if (in->length >= 0 && cap > (uint64_t)in->length - in->got)
		cap = (size_t)((uint64_t)in->length - in->got);
	if (cap > 0 && !in->ended && !in->broken)
		*n_r = in->pull(in, p, cap);
	in->got += *n_r;
	return *n_r ? 0 : finish(in, e);
}

void input_init(
	struct input *in, size_t (*pull)(struct input *, void *, size_t), void *ctx, int64_t length)
{
	*in = (struct input){.src = {.read = input_read}, .pull = pull, .ctx = ctx, .length = length};
}

bool input_at_end(struct input *in)
{
	struct err e;

	if (in->length >= 0 && in->got < (uint64_t)in->length)
		return false;
	if (in->unbounded && !in->ended)
		return false;
	return finish(in, &e) == 0;
}
