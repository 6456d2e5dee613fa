/* SPDX-License-Identifier: MIT */
/* Byte ranges. Positions beyond 64 bits are valid and saturate: they lie behind every object.
 */
#include "codec/range.h"

#include "base/scan.h"

static bool scan_position(struct scan *s, uint64_t *value_r)
{
	size_t n = 0;

	while (n < s->rest.n && s->rest.p[n] >= '0' && s->rest.p[n] <= '9')
		n++;
	if (n == 0)
		return false;
	if (!span_to_u64(span_head(s->rest, n), value_r))
		*value_r = UINT64_MAX;
	s->rest = span_from(s->rest, n);
	return true;
}

static enum range_kind resolve_suffix(
	uint64_t want, uint64_t size, uint64_t *first_r, uint64_t *length_r)
{
	if (want == 0)
		return RANGE_UNSATISFIABLE;
	if (size == 0)
		return RANGE_WHOLE;
	*length_r = want < size ? want : size;
	*first_r = size - *length_r;
	return RANGE_PART;
}

enum range_kind range_resolve(
	struct span header, uint64_t size, uint64_t *first_r, uint64_t *length_r)
{
	struct scan s = scan_of(span_trim(header));
	struct span unit;
	uint64_t first, last = UINT64_MAX;

	if (!scan_until(&s, '=', &unit) || !span_eq_ci(unit, SPAN_LIT("bytes")))
		return RANGE_IGNORED;
	(void)scan_char(&s, '=');
	if (scan_char(&s, '-')) {
		if (!scan_position(&s, &last) || !scan_end(&s))
			return RANGE_IGNORED;
		return resolve_suffix(last, size, first_r, length_r);
	}
	if (!scan_position(&s, &first) || !scan_char(&s, '-'))
		return RANGE_IGNORED;
	if (!scan_end(&s) && (!scan_position(&s, &last) || !scan_end(&s) || last < first))
		return RANGE_IGNORED;
	if (first >= size)
		return RANGE_UNSATISFIABLE;
	*first_r = first;
	*length_r = (last < size - 1 ? last : size - 1) - first + 1;
	return RANGE_PART;
}

bool range_parse_copy(struct span header, uint64_t *first_r, uint64_t *last_r)
{
	struct scan s = scan_of(header);

	return scan_lit(&s, "bytes=") && scan_u64(&s, first_r) && scan_char(&s, '-') &&
		scan_u64(&s, last_r) && scan_end(&s) && *first_r <= *last_r;
}
