/* SPDX-License-Identifier: MIT */
/*
 * Stored form of system headers and user metadata: byte 1 (version), then per entry a tag byte,
 * a length, bytes. Tag 1 + enum objmeta_sys: one value. Tag 127: length of name, length of
 * value, name, value. Tags are stored data: never renumber.
 */
#include "model/objmeta.h"

#include "model/packed.h"

enum { VERSION = 1, TAG_SYS = 1, TAG_USER = 127 };

static const char *const headers[OBJMETA_SYS_COUNT] = {
	[OBJMETA_CACHE_CONTROL] = "Cache-Control",
	[OBJMETA_CONTENT_DISPOSITION] = "Content-Disposition",
	[OBJMETA_CONTENT_ENCODING] = "Content-Encoding",
	[OBJMETA_CONTENT_LANGUAGE] = "Content-Language",
	[OBJMETA_EXPIRES] = "Expires",
	[OBJMETA_WEBSITE_REDIRECT] = "x-amz-website-redirect-location",
	[OBJMETA_STORAGE_CLASS] = "x-amz-storage-class",
};

const char *objmeta_sys_header(enum objmeta_sys which)
{
	return headers[which];
}

size_t objmeta_user_bytes(const struct objmeta *m)
{
	size_t sum = 0;

	for (size_t i = 0; i < m->user_count; i++)
		sum += m->user[i].name.n + m->user[i].value.n;
	return sum;
}

static size_t encoded_max(const struct objmeta *m)
{
	size_t sum = 1;

	for (size_t i = 0; i < OBJMETA_SYS_COUNT; i++)
		if (!span_absent(m->sys[i]))
			sum += 1 + PACKED_LEN_MAX + m->sys[i].n;
	return sum + m->user_count * (1 + 2 * PACKED_LEN_MAX) + objmeta_user_bytes(m);
}

struct span objmeta_encode(struct arena *a, const struct objmeta *m)
{
	size_t max = encoded_max(m);
	unsigned char *start, *p;

	if (max == 1)
		return SPAN_LIT("");
	start = p = arena_alloc_raw(a, max);
	*p++ = VERSION;
	for (size_t i = 0; i < OBJMETA_SYS_COUNT; i++) {
		if (span_absent(m->sys[i]))
			continue;
		*p++ = (unsigned char)(TAG_SYS + i);
		p = packed_put_bytes(packed_put_len(p, m->sys[i].n), m->sys[i]);
	}
	for (size_t i = 0; i < m->user_count; i++) {
		*p++ = TAG_USER;
		p = packed_put_len(packed_put_len(p, m->user[i].name.n), m->user[i].value.n);
		p = packed_put_bytes(packed_put_bytes(p, m->user[i].name), m->user[i].value);
	}
	return span_of(start, (size_t)(p - start));
}

/* One entry: sys with name absent, or a user pair. */
static bool take_entry(struct span *rest, int *tag_r, struct objmeta_pair *pair_r)
{
	size_t name_n = 0, value_n;

	*tag_r = (unsigned char)rest->p[0];
	*rest = span_from(*rest, 1);
	if (*tag_r != TAG_USER && (*tag_r < TAG_SYS || *tag_r >= TAG_SYS + OBJMETA_SYS_COUNT))
		return false;
	if (*tag_r == TAG_USER && !packed_take_len(rest, &name_n))
		return false;
	return packed_take_len(rest, &value_n) &&
		packed_take_bytes(rest, name_n, &pair_r->name) &&
		packed_take_bytes(rest, value_n, &pair_r->value);
}

/* Counts the user pairs while it checks; -1 on a damaged blob. */
static int count_pairs(struct span rest)
{
	struct objmeta_pair pair;
	int tag, count = 0;

	while (rest.n) {
		if (!take_entry(&rest, &tag, &pair))
			return -1;
		count += tag == TAG_USER;
	}
	return count;
}

int objmeta_decode(struct arena *a, struct span blob, struct objmeta *m_r, struct err *e)
{
	struct span rest = span_from(blob, 1);
	struct objmeta_pair pair;
	int tag, count = 0;

	for (size_t i = 0; i < OBJMETA_SYS_COUNT; i++)
		m_r->sys[i] = SPAN_NULL;
	m_r->user = NULL;
	m_r->user_count = 0;
	if (blob.n == 0)
		return 0;
	if (blob.p[0] == VERSION)
		count = count_pairs(rest);
	if (blob.p[0] != VERSION || count < 0)
		return err_fail(e, ERR_INTERNAL, "damaged object metadata (%zu bytes)", blob.n);
	if (count)
		m_r->user = arena_array(a, struct objmeta_pair, (size_t)count);
	while (rest.n && take_entry(&rest, &tag, &pair)) {
		if (tag == TAG_USER)
			m_r->user[m_r->user_count++] = pair;
		else
			m_r->sys[tag - TAG_SYS] = pair.value;
	}
	return 0;
}
