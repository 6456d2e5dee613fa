/* SPDX-License-Identifier: MIT */
/* The headers of Object Lock, in and out. */
#include "s3/lock.h"

#include "codec/timefmt.h"

#define MODE "x-amz-object-lock-mode"
#define UNTIL "x-amz-object-lock-retain-until-date"
#define HOLD "x-amz-object-lock-legal-hold"

static int parse_until(struct s3_req *q, struct span text, int64_t *until_us_r)
{
	if (!timefmt_parse_iso8601(text, until_us_r))
		return s3_fail_argument(&q->call, UNTIL, text,
			"The retain until date must be provided in ISO 8601 format");
	*until_us_r = lock_whole_ms(*until_us_r);
	if (*until_us_r <= q->call.now_us)
		return s3_fail_argument(
			&q->call, UNTIL, text, "The retain until date must be in the future!");
	return 0;
}

static int parse_retention(
	struct s3_req *q, struct span mode, struct span until, struct lock_retention *r_r)
{
	if (span_absent(mode) && span_absent(until))
		return 0;
	if (!s3_may(&q->call, AUTHZ_PUT_OBJECT_RETENTION))
		return s3_fail(&q->call, S3_AccessDenied, NULL);
	if (span_absent(mode) || span_absent(until))
		return s3_fail_argument(&q->call, span_absent(mode) ? UNTIL : MODE,
			span_absent(mode) ? until : mode,
			UNTIL " and " MODE " must both be supplied");
	if (!lock_mode_parse(mode, &r_r->mode))
		return s3_fail_argument(&q->call, MODE, mode, "Unknown wormMode directive.");
	return parse_until(q, until, &r_r->until_us);
}

static int parse_hold(struct s3_req *q, struct span hold, enum lock_hold *hold_r)
{
	if (span_absent(hold))
		return 0;
	if (!s3_may(&q->call, AUTHZ_PUT_OBJECT_LEGAL_HOLD))
		return s3_fail(&q->call, S3_AccessDenied, NULL);
	if (!lock_hold_parse(hold, hold_r))
		return s3_fail_argument(
			&q->call, HOLD, hold, "Legal Hold must be either of 'ON' or 'OFF'");
	return 0;
}

int s3_lock_parse_headers(struct s3_req *q, struct lock *l_r)
{
	struct span mode = s3_header(q, MODE), until = s3_header(q, UNTIL),
		    hold = s3_header(q, HOLD);

	*l_r = (struct lock){0};
	if (span_absent(mode) && span_absent(until) && span_absent(hold))
		return 0;
	if (!meta_bucket_has(&q->call.bucket, META_CONFIG_OBJECT_LOCK))
		return s3_fail(&q->call, S3_InvalidRequest, S3_LOCK_MISSING);
	return parse_retention(q, mode, until, &l_r->retention) < 0
		? -1
		: parse_hold(q, hold, &l_r->hold);
}

void s3_lock_add(struct s3_req *q, const struct lock *l)
{
	char until[TIMEFMT_MAX];

	if (l->retention.mode != LOCK_NONE && s3_may(&q->call, AUTHZ_GET_OBJECT_RETENTION)) {
		timefmt_iso8601(until, l->retention.until_us);
		http_head_add_str(&q->head, MODE, lock_mode_name(l->retention.mode));
		http_head_add_str(&q->head, UNTIL, arena_strdup(q->call.arena, until));
	}
	if (l->hold != LOCK_HOLD_UNSET && s3_may(&q->call, AUTHZ_GET_OBJECT_LEGAL_HOLD))
		http_head_add_str(&q->head, HOLD, lock_hold_name(l->hold));
}

bool s3_lock_bypass(const struct s3_req *q)
{
	return span_eq_ci(
		       s3_header(q, "x-amz-bypass-governance-retention"), SPAN_LIT("true")) &&
		s3_may(&q->call, AUTHZ_BYPASS_GOVERNANCE_RETENTION);
}

int s3_lock_parse_enabled(struct s3_req *q, bool *enabled_r)
{
	static const char name[] = "x-amz-bucket-object-lock-enabled";
	struct span text = s3_header(q, name);

	*enabled_r = span_eq_ci(text, SPAN_LIT("true"));
	if (span_absent(text) || *enabled_r || span_eq_ci(text, SPAN_LIT("false")))
		return 0;
	return s3_fail_argument(&q->call, name, text, NULL);
}
