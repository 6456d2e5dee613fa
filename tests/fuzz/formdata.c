/* SPDX-License-Identifier: MIT */
/*
 * Forms. Two bytes of control come first: the step of the source and the size of the reads;
 * then the Content-Type up to a line feed; the rest is the body. Read in steps and at once it
 * must be the same.
 */
#include "codec/formdata.h"

#include "base/reason.h"
#include "codec/digest.h"
#include "tests/fuzz/fuzz.h"

struct stepped {
	struct source src;
	struct span rest;
	size_t step;
	bool ended;
};

static int stepped_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct stepped *s = (struct stepped *)src;
	size_t n = cap < s->step ? cap : s->step;

	(void)e;
	MUST(cap > 0 && !s->ended);
	n = n < s->rest.n ? n : s->rest.n;
	if (n)
		memcpy(p, s->rest.p, n);
	s->rest = span_from(s->rest, n);
	s->ended = n == 0;
	*n_r = n;
	return 0;
}

struct outcome {
	int rc, reason;
	size_t fields, file_bytes;
	unsigned char md5[16]; /* of all fields and the file */
};

static void check_failure(const struct err *e)
{
	MUST((e->kind == ERR_INVALID && e->reason == REASON_FORM) ||
		(e->kind == ERR_LIMIT && e->reason == REASON_FORM_FIELDS));
}

static int read_file(const struct formdata *form, size_t read_size, size_t limit,
	struct digest_set *d, struct outcome *o, struct err *e)
{
	static char p[64 * 1024];
	struct source *src = formdata_file(form);
	size_t n;

	do {
		if (source_read(src, p, read_size, &n, e) < 0) {
			struct err again;

			MUST(source_read(src, p, read_size, &n, &again) < 0);
			return -1;
		}
		MUST(n <= read_size);
		o->file_bytes += n;
		MUST(o->file_bytes <= limit);
		digest_update(d, p, n);
	} while (n > 0);
	return 0;
}

static int read_form(struct arena *a, struct stepped *in, struct span boundary,
	size_t read_size, struct digest_set *d, struct outcome *o, struct err *e)
{
	const struct formdata *form;
	size_t limit = in->rest.n;

	if (formdata_open(a, &in->src, boundary, &form, e) < 0)
		return -1;
	o->fields = form->field_count;
	MUST(o->fields <= FORMDATA_MAX_FIELDS);
	for (size_t i = 0; i < form->field_count; i++) {
		const struct formdata_field *f = &form->fields[i];

		MUST(f->name.n > 0 && !span_eq_ci(f->name, SPAN_LIT("file")));
		MUST(f->name.n + f->value.n + f->filename.n < FORMDATA_MAX_HEAD);
		digest_update(d, f->name.p, f->name.n);
		digest_update(d, f->value.p, f->value.n);
	}
	return form->has_file ? read_file(form, read_size, limit, d, o, e) : 0;
}

static struct outcome run(struct span boundary, struct span body, size_t step, size_t read_size)
{
	struct stepped in = {{stepped_read}, body, step, false};
	struct digest_set *d = digest_new(1u << DIGEST_MD5);
	struct arena *a = arena_new();
	struct outcome o = {0};
	struct err e = {0};

	o.rc = read_form(a, &in, boundary, read_size, d, &o, &e);
	o.reason = e.reason;
	if (o.rc < 0)
		check_failure(&e);
	digest_finish(d);
	digest_get(d, DIGEST_MD5, o.md5);
	digest_free(d);
	arena_free(a);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span body = span_of(p, n), type, boundary;
	size_t step = 1 + (size_t)fuzz_byte(&body), read_size = 1 + (size_t)fuzz_byte(&body);
	struct outcome slow, fast;
	struct arena *a = arena_new();

	if (span_cut(&body, '\n', &type) && !span_absent(body) &&
		formdata_boundary(a, type, &boundary) && !span_absent(boundary)) {
		MUST(boundary.n > 0 && boundary.n <= FORMDATA_MAX_BOUNDARY);
		slow = run(boundary, body, step, read_size);
		fast = run(boundary, body, SIZE_MAX, 64 * 1024);
		MUST(slow.rc == fast.rc && slow.reason == fast.reason);
		MUST(slow.fields == fast.fields);
		if (slow.rc == 0)
			MUST(memcmp(slow.md5, fast.md5, sizeof(slow.md5)) == 0);
	}
	arena_free(a);
	return 0;
}
