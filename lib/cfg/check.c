/* SPDX-License-Identifier: MIT */
/* What the text of a setting may be, one row per word in settings.def. */
#include "cfg/check.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include "model/names.h"

enum {
	REGION_MAX = 64,
	PORT_MAX = 65535,
	SOCKET_PATH_MAX = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1
};

static bool all_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || !strchr(set, s.p[i]))
			return false;
	return true;
}
#define LOWER_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"
#define HOST_CHARS LOWER_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

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

/* Labels as RFC 1123 has them, in either case and with underscores. */
static bool is_host_name(struct span v)
{
	struct span label;

	if (v.n == 0 || v.n > NAME_DOMAIN_MAX)
		return false;
	while (span_cut(&v, '.', &label))
		if (label.n == 0 || label.n > NAME_LABEL_MAX || !all_of(label, HOST_CHARS) ||
			label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
	return true;
}

static const char *check_domains(struct span v)
{
	struct span one;

	if (v.n == 0)
		return NULL;
	while (span_cut(&v, ',', &one))
		if (!name_domain_legal(span_trim(one)))
			return "must be domain names in lower case, separated by commas";
	return NULL;
}

static bool is_host(struct span v)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (v.n < 2 || v.p[0] != '[' || v.p[v.n - 1] != ']')
		return is_host_name(v);
	v = span_head(span_from(v, 1), v.n - 2);
	if (v.n >= sizeof(text))
		return false;
	memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	return inet_pton(AF_INET6, text, &addr) == 1;
}

static const char *check_socket(struct span v)
{
	if (v.n > SOCKET_PATH_MAX)
		return "is too long for the path of a socket: use a shorter directory";
	return check_any(v);
}

static const char *check_listen(struct span v)
{
	ptrdiff_t colon = -1;
	uint64_t port;

	if (v.n == 0)
		return NULL;
	if (v.p[0] == '/' || (v.p[0] == '.' && span_find_byte(v, '/') >= 0))
		return check_socket(v);
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == ':')
			colon = (ptrdiff_t)i;
	if (colon <= 0 || !is_host(span_head(v, (size_t)colon)) ||
		!span_to_u64(span_from(v, (size_t)colon + 1), &port) || port == 0 ||
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
		{"secret", check_any},
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (strcmp(check, checks[i].name) == 0)
			return checks[i].run(value);
	return "has no check";
}
