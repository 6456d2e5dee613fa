/* SPDX-License-Identifier: MIT */
/* Times as text. All values are microseconds since 1970 UTC; years 0000 to 9999. */
#ifndef MX_CODEC_TIMEFMT_H
#define MX_CODEC_TIMEFMT_H

#include "base/span.h"

enum { TIMEFMT_MAX = 40 }; /* enough for every format, with the NUL */

/* "2026-11-23T08:49:37.000Z": milliseconds, as S3's XML. */
void timefmt_iso8601(char out[TIMEFMT_MAX], int64_t at_us);
/* "2026-11-23T08:49:37Z": whole seconds, as S3's errors. */
void timefmt_iso8601_seconds(char out[TIMEFMT_MAX], int64_t at_us);
/* "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110 section 5.6.7. */
void timefmt_http(char out[TIMEFMT_MAX], int64_t at_us);
/* "20261123T084937Z": X-Amz-Date. */
void timefmt_amz(char out[TIMEFMT_MAX], int64_t at_us);
/* "20261123": the date of a credential scope. */
void timefmt_amz_day(char out[TIMEFMT_MAX], int64_t at_us);

/* Each parses all of s, checks every field (days of month, leap years) and says false otherwise. */
bool timefmt_parse_amz(struct span s, int64_t *at_us_r);
/* All three forms of RFC 9110 section 5.6.7: IMF-fixdate, RFC 850, asctime. Also "+0000" for GMT. */
bool timefmt_parse_http(struct span s, int64_t *at_us_r);
/* The date of a message of mail: the weekday may be missing, the zone be any. */
bool timefmt_parse_rfc5322(struct span s, int64_t *at_us_r);
/* With 'T' and 'Z' or an offset, optional fraction: RFC 3339. */
bool timefmt_parse_iso8601(struct span s, int64_t *at_us_r);

#endif
