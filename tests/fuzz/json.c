/* SPDX-License-Identifier: MIT */
/* The JSON reader; strings must survive the writer, and any bytes must give valid JSON. */
#include "codec/json.h"
#include "tests/fuzz/fuzz.h"

static void check_string(struct arena *a, struct span text)
{
	BUF_AUTO struct buf b;
	const struct json *v;
	struct jsonw w;
	struct span back;
	struct err e;

	buf_init(&b, JSON_MAX_BYTES);
	jsonw_init(&w, &b);
	jsonw_span(&w, NULL, text);
	MUST(json_parse(a, buf_span(&b), &v, &e) == 0);
	MUST(json_str(v, &back) && span_eq(back, text));
}

static void walk(struct arena *a, const struct json *v, int depth)
{
	struct span s;
	int64_t i;
	bool b;

	MUST(depth <= JSON_MAX_DEPTH);
	if (json_str(v, &s)) {
		MUST(span_is_utf8(s));
		check_string(a, s);
	}
	(void)json_i64(v, &i);
	(void)json_bool(v, &b);
	(void)json_get(v, "a");
	for (size_t at = 0; at < json_len(v); at++)
		walk(a, json_at(v, at), depth + 1);
}

/* Whatever the bytes, the writer's output is UTF-8; NUL it can write but the reader refuses. */
static void check_writer(struct arena *a, struct span bytes)
{
	BUF_AUTO struct buf b;
	const struct json *v;
	struct jsonw w;
	struct err e;

	buf_init(&b, JSON_MAX_BYTES);
	jsonw_init(&w, &b);
	jsonw_span(&w, NULL, bytes);
	MUST(span_is_utf8(buf_span(&b)));
	if (bytes.n < 10000 && span_find_byte(bytes, '\0') < 0)
		MUST(json_parse(a, buf_span(&b), &v, &e) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena *a = arena_new();
	const struct json *v;
	struct err e;

	if (json_parse(a, span_of(p, n), &v, &e) == 0)
		walk(a, v, 1);
	else
		MUST(e.kind == ERR_INVALID || e.kind == ERR_LIMIT);
	check_writer(a, span_of(p, n));
	arena_free(a);
	return 0;
}
