/* SPDX-License-Identifier: MIT */
/* Rules and forms of tag sets. */
#include "model/tags.h"

#include "codec/uri.h"
#include "model/packed.h"

enum { VERSION = 1, HEAD_BYTES = 2, STORED_MAX = 255 };

/* ---- characters ---- */

/* Tags take the letters, digits and spaces of any script. What is plainly something else stands
 * in these blocks of Unicode; the finer classes within a script's own block are not told apart.
 */
static const struct {
	uint32_t first, last;
} not_letters[] = {
	{0x80, 0x9f}, /* controls */
	{0xa1, 0xa9}, /* signs of Latin-1, but for ª µ º and fractions */
	{0xab, 0xb1},
	{0xb4, 0xb4},
	{0xb6, 0xb8},
	{0xbb, 0xbb},
	{0xbf, 0xbf},
	{0xd7, 0xd7},
	{0xf7, 0xf7},
	{0x200b, 0x2027}, /* general punctuation, joiners, directions */
	{0x202a, 0x202e},
	{0x2030, 0x205e},
	{0x2060, 0x206f},
	{0x20a0, 0x20ff}, /* currencies, marks for symbols */
	{0x2190, 0x245f}, /* arrows, mathematics, technics */
	{0x249c, 0x24e9}, /* enclosed letters count as symbols */
	{0x2500, 0x2775}, /* drawings, dingbats */
	{0x2794, 0x2bff},
	{0x2e00, 0x2e7f}, /* more punctuation */
	{0x3001, 0x3004},
	{0x3008, 0x3020},
	{0xd800, 0xf8ff}, /* surrogates, private use */
	{0xfdd0, 0xfdef}, /* no characters */
	{0xfe00, 0xfe6f}, /* variants, forms of punctuation */
	{0xfeff, 0xfeff}, /* byte order mark */
	{0xfff0, 0xffff},
	{0x1f000, 0x1faff}, /* pictures */
	{0xe0000, 0x10ffff},
};

/* Of a well-formed sequence of n bytes. */
static uint32_t code_point(const char *p, size_t n)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)p[0] & lead[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3f);
	return c;
}

static bool is_legal(uint32_t c)
{
	static const char marks[] = " +-=._:/@";

	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (c != 0 && strchr(marks, (int)c));
	for (size_t i = 0; i < sizeof(not_letters) / sizeof(not_letters[0]); i++)
		if (c >= not_letters[i].first && c <= not_letters[i].last)
			return false;
	return true;
}

/* At most max characters, all of them legal. */
static bool text_legal(struct span s, size_t max)
{
	size_t characters = 0, n;

	for (; s.n; s = span_from(s, n)) {
		n = span_utf8_len(s);
		if (n == 0 || !is_legal(code_point(s.p, n)) || ++characters > max)
			return false;
	}
	return true;
}

/* ---- sets ---- */

static enum tags_fault check_tag(const struct tags *t, size_t at)
{
	const struct tag *tag = &t->tag[at];

	if (tag->key.n == 0 || !text_legal(tag->key, TAG_KEY_MAX))
		return TAGS_KEY;
	if (!text_legal(tag->value, TAG_VALUE_MAX))
		return TAGS_VALUE;
	if (span_eq_ci(span_head(tag->key, 4), SPAN_LIT("aws:")))
		return TAGS_RESERVED;
	for (size_t i = 0; i < at; i++)
		if (span_eq(t->tag[i].key, tag->key))
			return TAGS_DUPLICATE;
	return TAGS_OK;
}

enum tags_fault tags_check(const struct tags *t, size_t max, size_t *at_r)
{
	enum tags_fault fault = TAGS_OK;

	*at_r = max;
	if (t->count > max)
		return TAGS_TOO_MANY;
	for (size_t i = 0; i < t->count && fault == TAGS_OK; i++) {
		fault = check_tag(t, i);
		*at_r = i;
	}
	return fault;
}

int tags_parse_header(struct arena *a, struct span header, struct tags *t_r, struct err *e)
{
	struct uri_param *params;
	size_t n;

	*t_r = (struct tags){0};
	if (uri_parse_query(a, header, &params, &n, e) != 0)
		return -1;
	t_r->tag = arena_array(a, struct tag, n);
	for (size_t i = 0; i < n; i++) {
		if (!span_is_utf8(params[i].name) || !span_is_utf8(params[i].value))
			return err_fail(e, ERR_INVALID, "tag %zu is not UTF-8", i);
		t_r->tag[i] = (struct tag){params[i].name,
			span_absent(params[i].value) ? SPAN_LIT("") : params[i].value};
	}
	t_r->count = n;
	return 0;
}

/* ---- the stored form ---- */

struct span tags_encode(struct arena *a, const struct tags *t)
{
	size_t max = HEAD_BYTES;
	unsigned char *start, *p;

	if (t->count == 0 || t->count > STORED_MAX)
		return SPAN_LIT("");
	for (size_t i = 0; i < t->count; i++)
		max += 2 * PACKED_LEN_MAX + t->tag[i].key.n + t->tag[i].value.n;
	start = p = arena_alloc_raw(a, max);
	*p++ = VERSION;
	*p++ = (unsigned char)t->count;
	for (size_t i = 0; i < t->count; i++) {
		p = packed_put_len(packed_put_len(p, t->tag[i].key.n), t->tag[i].value.n);
		p = packed_put_bytes(packed_put_bytes(p, t->tag[i].key), t->tag[i].value);
	}
	return span_of(start, (size_t)(p - start));
}

static bool take_tag(struct span *rest, struct tag *tag_r)
{
	size_t key_n, value_n;

	return packed_take_len(rest, &key_n) && packed_take_len(rest, &value_n) &&
		packed_take_bytes(rest, key_n, &tag_r->key) &&
		packed_take_bytes(rest, value_n, &tag_r->value);
}

size_t tags_stored_count(struct span blob)
{
	return blob.n >= HEAD_BYTES && blob.p[0] == VERSION ? (unsigned char)blob.p[1] : 0;
}

int tags_decode(struct arena *a, struct span blob, struct tags *t_r, struct err *e)
{
	struct span rest = span_from(blob, HEAD_BYTES);
	size_t count = tags_stored_count(blob);

	*t_r = (struct tags){0};
	if (blob.n == 0)
		return 0;
	t_r->tag = arena_array(a, struct tag, count);
	while (t_r->count < count && take_tag(&rest, &t_r->tag[t_r->count]))
		t_r->count++;
	if (count > 0 && t_r->count == count && rest.n == 0)
		return 0;
	*t_r = (struct tags){0};
	return err_fail(e, ERR_INTERNAL, "damaged tags (%zu bytes)", blob.n);
}
