/* SPDX-License-Identifier: MIT */
#include "model/version.h"

#include <inttypes.h>
#include <stdio.h>

enum { HALF = VERSION_ID_LEN / 2 };
#define NULL_TEXT "null"

void version_id_format(char out[VERSION_ID_LEN + 1], const struct version_id *v)
{
	if (version_id_is_null(v))
		memcpy(out, NULL_TEXT, sizeof(NULL_TEXT));
	else
		snprintf(out, VERSION_ID_LEN + 1, "%016" PRIx64 "%016" PRIx64, v->vseq, v->gen);
}

static bool parse_half(struct span s, uint64_t *v_r)
{
	*v_r = 0;
	for (size_t i = 0; i < s.n; i++) {
		int digit = span_hex_digit(s.p[i]);

		if (digit < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
		*v_r = *v_r << 4 | (uint64_t)digit;
	}
	return true;
}

bool version_id_parse(struct span s, struct version_id *v_r)
{
	*v_r = (struct version_id){0};
	if (span_eq_str(s, NULL_TEXT))
		return true;
	return s.n == VERSION_ID_LEN && parse_half(span_head(s, HALF), &v_r->vseq) &&
		parse_half(span_from(s, HALF), &v_r->gen) && v_r->vseq != 0 &&
		v_r->vseq <= INT64_MAX && v_r->gen <= INT64_MAX;
}
