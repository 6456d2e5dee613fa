/* SPDX-License-Identifier: MIT */
/*
 * Entity tags and conditions. An empty If-Match that was sent matches nothing and so fails
 * closed; a date that cannot be parsed, or lies in the future, is as if not sent.
 */
#include "model/etag.h"

#include <stdio.h>

#include "base/scan.h"
#include "codec/enc.h"
#include "codec/timefmt.h"

enum { MD5_HEX = 32, PARTS_MAX = 10000, US_PER_S = 1000000 };

void etag_format(char out[ETAG_TEXT_MAX], const struct etag *t)
{
	char hex[MD5_HEX + 1];

	enc_hex(hex, t->md5, sizeof(t->md5));
	if (t->nparts)
		snprintf(out, ETAG_TEXT_MAX, "\"%s-%u\"", hex, (unsigned)t->nparts);
	else
		snprintf(out, ETAG_TEXT_MAX, "\"%s\"", hex);
}

static bool parse_bare(struct span s, struct etag *t_r)
{
	struct span count = span_from(s, MD5_HEX + 1);
	struct etag t = {.nparts = 0};
	uint64_t n;

	if (s.n < MD5_HEX || !enc_unhex(span_head(s, MD5_HEX), t.md5, sizeof(t.md5)))
		return false;
	if (s.n > MD5_HEX) {
		if (s.p[MD5_HEX] != '-' || count.n == 0 || count.p[0] == '0')
			return false;
		if (!span_to_u64(count, &n) || n > PARTS_MAX)
			return false;
		t.nparts = (uint32_t)n;
	}
	*t_r = t;
	return true;
}

bool etag_parse(struct span s, struct etag *t_r)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return parse_bare((struct span){s.p + 1, s.n - 2}, t_r);
	return parse_bare(s, t_r);
}

bool etag_eq(const struct etag *a, const struct etag *b)
{
	return a->nparts == b->nparts && memcmp(a->md5, b->md5, sizeof(a->md5)) == 0;
}

/* Takes the next tag of a list, quoted or bare, without quotes; false at the end. A quote that
 * is not closed swallows the rest. */
static bool next_tag(struct scan *s, struct span *tag_r)
{
	scan_blanks(s);
	while (scan_char(s, ','))
		scan_blanks(s);
	if (scan_end(s))
		return false;
	if (!scan_lit(s, "W/"))
		(void)scan_lit(s, "w/");
	if (scan_char(s, '"')) {
		if (scan_until(s, '"', tag_r)) {
			(void)scan_char(s, '"');
			return true;
		}
	} else if (scan_until(s, ',', tag_r)) {
		*tag_r = span_trim(*tag_r);
		return true;
	}
	*tag_r = span_trim(s->rest);
	s->rest = span_from(s->rest, s->rest.n);
	return true;
}

bool etag_list_matches(struct span list, const struct etag *t)
{
	struct scan s = scan_of(list);
	struct etag each;
	struct span tag;

	if (span_eq_str(span_trim(list), "*"))
		return true;
	while (next_tag(&s, &tag))
		if (parse_bare(tag, &each) && etag_eq(&each, t))
			return true;
	return false;
}

/* The date in whole seconds; false if it is to be ignored. */
static bool usable_date(struct span text, int64_t now_us, int64_t *at_s_r)
{
	int64_t at_us;

	if (span_absent(text) || !timefmt_parse_http(span_trim(text), &at_us) || at_us > now_us)
		return false;
	*at_s_r = at_us / US_PER_S;
	return true;
}

enum read_verdict read_conditions_check(
	const struct read_conditions *c, const struct etag *t, int64_t mtime_us, int64_t now_us)
{
	int64_t mtime_s = mtime_us / US_PER_S, at_s;

	if (!span_absent(c->if_match)) {
		if (!etag_list_matches(c->if_match, t))
			return READ_PRECONDITION_FAILED;
	} else if (usable_date(c->if_unmodified_since, now_us, &at_s) && mtime_s > at_s) {
		return READ_PRECONDITION_FAILED;
	}
	if (!span_absent(c->if_none_match))
		return etag_list_matches(c->if_none_match, t) ? READ_NOT_MODIFIED
							      : READ_PROCEED;
	if (usable_date(c->if_modified_since, now_us, &at_s) && mtime_s <= at_s)
		return READ_NOT_MODIFIED;
	return READ_PROCEED;
}

bool if_range_holds(struct span if_range, const struct etag *t, int64_t mtime_us)
{
	struct etag tag;
	int64_t at_us;

	if (span_absent(if_range))
		return true;
	if_range = span_trim(if_range);
	if (timefmt_parse_http(if_range, &at_us))
		return at_us / US_PER_S == mtime_us / US_PER_S;
	return etag_parse(if_range, &tag) && etag_eq(&tag, t);
}

enum write_verdict write_conditions_check(
	const struct write_conditions *c, const struct etag *current)
{
	if (!current)
		return span_absent(c->if_match) ? WRITE_PROCEED : WRITE_NO_SUCH_KEY;
	if (!span_absent(c->if_match) && !etag_list_matches(c->if_match, current))
		return WRITE_PRECONDITION_FAILED;
	if (!span_absent(c->if_none_match) && etag_list_matches(c->if_none_match, current))
		return WRITE_PRECONDITION_FAILED;
	return WRITE_PROCEED;
}

static enum write_verdict check_delete_of_marker(const struct write_conditions *c)
{
	if (!span_absent(c->if_match) && !span_eq_str(span_trim(c->if_match), "*"))
		return WRITE_PRECONDITION_FAILED;
	return c->has_size || c->has_mtime ? WRITE_PRECONDITION_FAILED : WRITE_PROCEED;
}

enum write_verdict delete_conditions_check(
	const struct write_conditions *c, const struct delete_target *target)
{
	switch (target->what) {
	case DELETE_TARGET_ABSENT:
		return WRITE_PROCEED;
	case DELETE_TARGET_MARKER:
		return check_delete_of_marker(c);
	case DELETE_TARGET_OBJECT:
		break;
	}
	if (!span_absent(c->if_match) && !etag_list_matches(c->if_match, &target->etag))
		return WRITE_PRECONDITION_FAILED;
	if (c->has_size && c->size != target->size)
		return WRITE_PRECONDITION_FAILED;
	if (c->has_mtime && c->mtime_s != target->mtime_us / US_PER_S)
		return WRITE_PRECONDITION_FAILED;
	return WRITE_PROCEED;
}
