/* SPDX-License-Identifier: MIT */
/* Keys to paths and back. Decoding is lenient first, then proved by encoding again. */
#include "store/fspath.h"

#include <stdio.h>

enum { GEN_DIGITS = 16, PART_DIGITS = 5, PART_MAX = 10000 };
static const char gen_mark[] = "%@", part_mark[] = "%p", cut_mark[] = "%+", empty_mark[] = "%-";

/* A path under construction; `chunk` is where the component at work began. */
struct path {
	char *p;
	size_t n, chunk;
};

static void add(struct path *to, const void *p, size_t n)
{
	memcpy(to->p + to->n, p, n);
	to->n += n;
}

static void add_hex(struct path *to, uint64_t v, int digits)
{
	for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
		to->p[to->n++] = "0123456789abcdef"[v >> shift & 15];
}

/* The encoded form of the first character of s into unit; *used_r: bytes of s. */
static size_t encode_unit(struct span s, char unit[4], size_t *used_r)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char c = (unsigned char)s.p[0];
	size_t n = span_utf8_len(s);

	if (n > 1 || (n == 1 && c >= 0x20 && c != 0x7f && c != '%' && c != '/')) {
		memcpy(unit, s.p, n);
		return *used_r = n;
	}
	unit[0] = '%';
	unit[1] = hex[c >> 4];
	unit[2] = hex[c & 15];
	*used_r = 1;
	return 3;
}

static void add_name(struct path *to, struct span name)
{
	char unit[4];
	size_t used;

	to->chunk = to->n;
	while (name.n) {
		size_t n = encode_unit(name, unit, &used);

		if (to->n - to->chunk + n > FSPATH_CHUNK_MAX) {
			add(to, cut_mark, 2);
			add(to, "/", 1);
			to->chunk = to->n;
		}
		add(to, unit, n);
		name = span_from(name, used);
	}
}

static void add_directory(struct path *to, struct span name)
{
	struct span last;

	add_name(to, name);
	last = span_of(to->p + to->chunk, to->n - to->chunk);
	if (last.n == 0) {
		add(to, empty_mark, 2);
	} else if (span_eq_str(last, ".") || span_eq_str(last, "..")) {
		to->n = to->chunk;
		add(to, "%2E.", last.n + 2);
	}
	add(to, "/", 1);
}

/* out has FSPATH_MAX + 1 bytes; returns the length. */
static size_t encode_key(char *out, const struct store_loc *loc)
{
	struct path to = {.p = out};
	struct span rest = loc->key;

	for (int level = 0; level < FSPATH_LEVELS; level++) {
		ptrdiff_t slash = span_find_byte(rest, '/');

		if (slash < 0)
			break;
		add_directory(&to, span_head(rest, (size_t)slash));
		rest = span_from(rest, (size_t)slash + 1);
	}
	add_name(&to, rest);
	add(&to, gen_mark, 2);
	add_hex(&to, loc->gen, GEN_DIGITS);
	if (loc->part_no) {
		char number[PART_DIGITS + 2];

		add(&to, part_mark, 2);
		add(&to, "/", 1);
		snprintf(number, sizeof(number), "%05u-", (unsigned)loc->part_no % 100000u);
		add(&to, number, PART_DIGITS + 1);
		add_hex(&to, loc->part_gen, GEN_DIGITS);
	}
	to.p[to.n] = '\0';
	return to.n;
}

int fspath_bucket(char out[FSPATH_FULL_MAX], struct span tenant, struct span bucket,
	size_t *n_r, struct err *e)
{
	struct path to = {.p = out};

	if (!name_bucket_legal(bucket))
		return err_fail(e, ERR_INVALID, "illegal bucket name for a path");
	if (tenant.n && !name_tenant_id_legal(tenant))
		return err_fail(e, ERR_INVALID, "illegal tenant id for a path");
	if (!tenant.n && name_tenant_id_legal(bucket))
		return err_fail(e, ERR_INVALID, "global bucket named like a tenant");
	if (tenant.n) {
		add(&to, tenant.p, tenant.n);
		add(&to, "/", 1);
	}
	add(&to, bucket.p, bucket.n);
	out[to.n] = '\0';
	*n_r = to.n;
	return 0;
}

int fspath_encode(char out[FSPATH_FULL_MAX], const struct store_loc *loc, struct err *e)
{
	size_t n;

	if (loc->key.n < 1 || loc->key.n > NAME_KEY_MAX || loc->part_no > PART_MAX)
		return err_fail(e, ERR_INVALID, "key of %zu bytes, part %u", loc->key.n,
			(unsigned)loc->part_no);
	if (fspath_bucket(out, loc->tenant, loc->bucket, &n, e) < 0)
		return -1;
	out[n++] = '/';
	encode_key(out + n, loc);
	return 0;
}

static int hex_value(char c, const char *digits)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool parse_gen(struct span s, uint64_t *v_r)
{
	uint64_t v = 0;

	if (s.n != GEN_DIGITS)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = hex_value(s.p[i], "0123456789abcdef");

		if (digit < 0)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*v_r = v;
	return true;
}

/* Cuts `suffix` off the end of *s. */
static bool cut_end(struct span *s, struct span suffix)
{
	if (s->n < suffix.n || !span_eq(span_from(*s, s->n - suffix.n), suffix))
		return false;
	s->n -= suffix.n;
	return true;
}

/* Cuts "/00001-<gen>" and the "%p" before it off *path, if they are there. */
static bool cut_part(struct span *path, struct store_loc *loc_r)
{
	const size_t len = 1 + PART_DIGITS + 1 + GEN_DIGITS;
	struct span tail = span_from(*path, path->n < len ? 0 : path->n - len), head = *path;
	uint64_t no;

	if (tail.n != len || tail.p[0] != '/' || tail.p[1 + PART_DIGITS] != '-')
		return false;
	if (!span_to_u64(span_head(span_from(tail, 1), PART_DIGITS), &no) || no < 1 ||
		no > PART_MAX)
		return false;
	if (!parse_gen(span_from(tail, len - GEN_DIGITS), &loc_r->part_gen))
		return false;
	head.n -= len;
	if (!cut_end(&head, span_str(part_mark)))
		return false;
	loc_r->part_no = (uint32_t)no;
	*path = head;
	return true;
}

/* Appends the bytes that one component stands for; false on a bad escape or a key too long. */
static bool decode_name(struct span name, char *key, size_t *n)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '%') {
			int hi, lo;

			if (name.n - i < 3)
				return false;
			hi = hex_value(name.p[i + 1], "0123456789ABCDEF");
			lo = hex_value(name.p[i + 2], "0123456789ABCDEF");
			if (hi < 0 || lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		if (*n >= NAME_KEY_MAX)
			return false;
		key[(*n)++] = c;
	}
	return true;
}

static bool decode_directories(struct span rest, char *key, size_t *n)
{
	struct span name;

	while (span_cut(&rest, '/', &name)) {
		bool last = span_absent(rest),
		     cut = !last && cut_end(&name, span_str(cut_mark));

		if (!last && span_eq_str(name, empty_mark))
			name.n = 0;
		if (!decode_name(name, key, n))
			return false;
		if (last || cut)
			continue;
		if (*n >= NAME_KEY_MAX)
			return false;
		key[(*n)++] = '/';
	}
	return true;
}

bool fspath_decode(struct span path, char key_buf[NAME_KEY_MAX], struct store_loc *loc_r)
{
	struct span rest = path, gen;
	char again[FSPATH_MAX + 1];
	size_t n = 0;

	loc_r->part_no = 0;
	loc_r->part_gen = 0;
	if (path.n > FSPATH_MAX)
		return false;
	(void)cut_part(&rest, loc_r);
	gen = span_from(rest, rest.n < GEN_DIGITS ? 0 : rest.n - GEN_DIGITS);
	if (!parse_gen(gen, &loc_r->gen))
		return false;
	rest.n -= GEN_DIGITS;
	if (!cut_end(&rest, span_str(gen_mark)) || !decode_directories(rest, key_buf, &n) ||
		n == 0)
		return false;
	loc_r->key = span_of(key_buf, n);
	return span_eq(path, span_of(again, encode_key(again, loc_r)));
}
