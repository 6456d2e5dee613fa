/* SPDX-License-Identifier: MIT */
#include "cfg/check.h"

#include "model/names.h"

enum { REGION_MAX = 64, DOMAIN_MAX = 253, PORT_MAX = 65535 };

static bool all_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(set, s.p[i]))
			return false;
	return true;
}
#define LOWER_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"

static const char *check_any(struct span v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20)
			return "must have no control characters";
	return NULL;
}

static const char *check_path(struct span v)
{
	return v.n == 0 || v.n > 4000 ? "must be a path" : check_any(v);
}

static const char *check_region(struct span v)
{
	return v.n == 0 || v.n > REGION_MAX || !all_of(v, LOWER_DIGITS "-")
		? "must be of a-z, 0-9 and -, as us-east-1"
		: NULL;
}

static const char *check_domains(struct span v)
{
	struct span one;

	while (v.n && span_cut(&v, ',', &one)) {
		one = span_trim(one);
		if (one.n == 0 || one.n > DOMAIN_MAX || !all_of(one, LOWER_DIGITS "-.") ||
			one.p[0] == '.' || one.p[one.n - 1] == '.')
			return "must be domain names in lower case, separated by commas";
	}
	return NULL;
}

static const char *check_listen(struct span v)
{
	ptrdiff_t colon = -1;
	uint64_t port;

	if (v.n == 0 || v.p[0] == '/' || v.p[0] == '.')
		return check_any(v);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == ':')
			colon = (ptrdiff_t)i;
	if (colon <= 0 || !span_to_u64(span_from(v, (size_t)colon + 1), &port) || port == 0 ||
		port > PORT_MAX)
		return "must be the path of a socket, or host:port";
	return NULL;
}

static const char *check_tenant(struct span v)
{
	return v.n == 0 || name_tenant_id_legal(v)
		? NULL
		: "must be a tenant's id, as tenant-0a1b2c3d";
}

const char *cfg_check(const char *check, struct span value)
{
	static const struct {
		const char *name;
		const char *(*run)(struct span);
	} checks[] = {
		{"any", check_any},
		{"path", check_path},
		{"region", check_region},
		{"domains", check_domains},
		{"listen", check_listen},
		{"tenant", check_tenant},
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (strcmp(check, checks[i].name) == 0)
			return checks[i].run(value);
	return "has no check";
}
