/* SPDX-License-Identifier: MIT */
/* Which names are legal. Pure; every byte of the input is looked at, NULs included. */
#include "model/names.h"

#define TENANT_PREFIX "tenant-"
#define NAMESPACE_SEPARATOR "--"

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_lower(c) || is_upper(c) || is_digit(c);
}

/* Four groups of one to three digits. */
static bool looks_like_ipv4(struct span name)
{
	struct span rest = name, group;
	int groups = 0;

	while (span_cut(&rest, '.', &group)) {
		if (group.n < 1 || group.n > 3)
			return false;
		for (size_t i = 0; i < group.n; i++)
			if (!is_digit(group.p[i]))
				return false;
		groups++;
	}
	return groups == 4;
}

bool name_bucket_legal(struct span name)
{
	char before = '.';

	if (name.n < NAME_BUCKET_MIN || name.n > NAME_BUCKET_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!is_lower(c) && !is_digit(c) && c != '.' && c != '-')
			return false;
		if ((c == '.' && (before == '.' || before == '-')) ||
			(c == '-' && before == '.'))
			return false;
		before = c;
	}
	return name.p[0] != '-' && before != '-' && before != '.' && !looks_like_ipv4(name);
}

/* Length of a leading "{tenant-id}--" or "global--", or 0. */
static size_t namespace_prefix_len(struct span name)
{
	const struct span separator = SPAN_LIT(NAMESPACE_SEPARATOR);
	const struct span global = SPAN_LIT(NAME_GLOBAL NAMESPACE_SEPARATOR);

	if (span_starts(name, global))
		return global.n;
	if (name_tenant_id_legal(span_head(name, NAME_TENANT_ID_LEN)) &&
		span_starts(span_from(name, NAME_TENANT_ID_LEN), separator))
		return NAME_TENANT_ID_LEN + separator.n;
	return 0;
}

bool name_bucket_reserved(struct span name)
{
	return name_tenant_id_legal(name) || namespace_prefix_len(name) > 0;
}

bool name_tenant_id_legal(struct span id)
{
	const struct span prefix = SPAN_LIT(TENANT_PREFIX);

	if (id.n != NAME_TENANT_ID_LEN || !span_starts(id, prefix))
		return false;
	for (size_t i = prefix.n; i < id.n; i++)
		if (!is_digit(id.p[i]) && !(id.p[i] >= 'a' && id.p[i] <= 'f'))
			return false;
	return true;
}

bool name_bucket_split(struct span name, struct span *tenant_id_r, struct span *bucket_r)
{
	size_t n = namespace_prefix_len(name);
	struct span bucket = span_from(name, n);

	if (n == 0 || !name_bucket_legal(bucket))
		return false;
	*tenant_id_r = span_head(name, n - SPAN_LIT(NAMESPACE_SEPARATOR).n);
	*bucket_r = bucket;
	return true;
}

static bool label_legal(struct span label)
{
	if (label.n == 0 || label.n > NAME_LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_lower(label.p[i]) && !is_digit(label.p[i]) && label.p[i] != '-')
			return false;
	return label.p[0] != '-' && label.p[label.n - 1] != '-';
}

bool name_domain_legal(struct span name)
{
	struct span rest = name, label;

	if (name.n == 0 || name.n > NAME_DOMAIN_MAX || looks_like_ipv4(name))
		return false;
	while (span_cut(&rest, '.', &label))
		if (!label_legal(label))
			return false;
	return true;
}

bool name_login_legal(struct span name)
{
	if (name.n < 1 || name.n > NAME_LOGIN_MAX || !is_alnum(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++) {
		char c = name.p[i];

		if (!is_alnum(c) && c != '.' && c != '_' && c != '-' && c != '@' && c != '+')
			return false;
	}
	return true;
}

/* C0, DEL, and (as UTF-8) C1. */
static bool has_controls(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0)
			return true;
	}
	return false;
}

bool name_display_legal(struct span name)
{
	size_t characters = 0;

	if (!span_is_utf8(name) || has_controls(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (((unsigned char)name.p[i] & 0xc0) != 0x80)
			characters++;
	return characters >= 1 && characters <= NAME_DISPLAY_MAX;
}

bool name_email_legal(struct span email)
{
	ptrdiff_t at = span_find_byte(email, '@');

	if (email.n > NAME_EMAIL_MAX || at < 1 || (size_t)at + 1 >= email.n)
		return false;
	if (span_find_byte(span_from(email, (size_t)at + 1), '@') >= 0)
		return false;
	return span_find_byte(email, ' ') < 0 && !has_controls(email) && span_is_utf8(email);
}

bool name_access_key_legal(struct span key)
{
	if (key.n < 16 || key.n > 128)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (!is_alnum(key.p[i]) && key.p[i] != '_')
			return false;
	return true;
}
