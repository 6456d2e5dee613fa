/* SPDX-License-Identifier: MIT */
/*
 * Policies of forms. A first line holds the form's fields, "name=value" with ';' between; the
 * rest is the policy, taken as it is and as Base64 of itself.
 */
#include "auth/postpolicy.h"

#include "codec/enc.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_FIELDS = 100, MAX_POLICY = 16 * 1024 };

static size_t split_fields(struct span text, struct postpolicy_field *fields)
{
	struct span one;
	size_t n = 0;

	while (n < MAX_FIELDS && span_cut(&text, ';', &one)) {
		fields[n].value = one;
		if (span_cut(&fields[n].value, '=', &fields[n].name))
			n++;
	}
	return n;
}

static bool has_field(const struct postpolicy_field *fields, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_ci(fields[i].name, name))
			return true;
	return false;
}

/* What holds means that each condition has its field, and each field its condition. */
static void check_holding(
	const struct postpolicy *p, const struct postpolicy_field *fields, size_t n)
{
	for (size_t i = 0; i < p->count; i++)
		MUST(has_field(fields, n, p->conditions[i].name));
	for (size_t i = 0; i < n; i++) {
		size_t covered = postpolicy_is_exempt(fields[i].name);

		for (size_t k = 0; k < p->count; k++)
			covered += span_eq_ci(p->conditions[k].name, fields[i].name);
		MUST(covered > 0);
	}
}

static void check(
	struct arena *a, struct span policy, const struct postpolicy_field *fields, size_t n)
{
	struct postpolicy p;

	if (!postpolicy_parse(a, policy, &p)) {
		MUST(strstr(p.text, "Invalid Policy: ") == p.text);
		return;
	}
	MUST(p.text[0] == '\0');
	if (postpolicy_holds(a, &p, fields, n, p.expires_us - 1))
		check_holding(&p, fields, n);
	else
		MUST(strstr(p.text, "Invalid according to Policy: ") == p.text);
	MUST(!postpolicy_holds(a, &p, fields, n, p.expires_us));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct postpolicy_field fields[MAX_FIELDS];
	static char encoded[ENC_BASE64_LEN(MAX_POLICY) + 1];
	struct span policy = span_of(p, n), line;
	struct arena *a = arena_new();
	size_t count;

	if (span_cut(&policy, '\n', &line) && !span_absent(policy) && policy.n <= MAX_POLICY) {
		count = split_fields(line, fields);
		check(a, policy, fields, count);
		enc_base64(encoded, policy.p, policy.n);
		check(a, span_str(encoded), fields, count);
	}
	arena_free(a);
	return 0;
}
