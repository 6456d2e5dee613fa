/* SPDX-License-Identifier: MIT */
/* Values on the command line: words to enums, files to secrets, names to rows. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fio.h"
#include "base/scan.h"
#include "codec/timefmt.h"
#include "model/names.h"
#include "tools/tool.h"

enum { SECRET_FILE_MAX = 4096 };

static const char *const role_words[META_ROLE_COUNT] = {
	[META_ROLE_USER] = "user",
	[META_ROLE_TENANT_ADMIN] = "tenant-admin",
	[META_ROLE_GLOBAL_ADMIN] = "global-admin",
};

int tool_tenant(struct tool *t, int64_t *tenant_id_r, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct span name = tool_span(t, "--tenant");
	struct meta_tenant tenant;

	*tenant_id_r = 0;
	if (span_absent(name) || span_eq_str(name, NAME_GLOBAL))
		return 0;
	if (m->ops->tenant_find(m, name, t->arena, &tenant, e) < 0)
		return e->kind == ERR_NOT_FOUND
			? err_fail(e, ERR_NOT_FOUND, "no tenant %.*s", SPAN_FMT(name))
			: -1;
	*tenant_id_r = tenant.id;
	return 0;
}

int tool_user(struct tool *t, const char *name, int64_t tenant_id, struct meta_user *u_r,
	struct err *e)
{
	struct meta *m = svc_meta(t->svc);

	if (m->ops->user_find(m, tenant_id, span_str(name), t->arena, u_r, e) == 0)
		return 0;
	return e->kind == ERR_NOT_FOUND ? err_fail(e, ERR_NOT_FOUND, "no user %s in %s", name,
						  tool_tenant_name(t, tenant_id))
					: -1;
}

int tool_status(struct tool *t, const char *word, enum meta_status *status_r, struct err *e)
{
	if (strcmp(word, "active") == 0)
		*status_r = META_ACTIVE;
	else if (strcmp(word, "suspended") == 0)
		*status_r = META_SUSPENDED;
	else
		return tool_misused(t, e, "--status is active or suspended, not %s", word);
	return 0;
}

const char *tool_status_name(enum meta_status status)
{
	return status == META_ACTIVE ? "active" : "suspended";
}

int tool_role(struct tool *t, const char *word, enum meta_role *role_r, struct err *e)
{
	for (int i = 0; i < META_ROLE_COUNT; i++)
		if (strcmp(word, role_words[i]) == 0) {
			*role_r = (enum meta_role)i;
			return 0;
		}
	return tool_misused(t, e, "--role is global-admin, tenant-admin or user, not %s", word);
}

const char *tool_role_name(enum meta_role role)
{
	return role < META_ROLE_COUNT ? role_words[role] : "";
}

const char *tool_tenant_name(struct tool *t, int64_t tenant_id)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_tenant tenant;

	if (tenant_id == 0)
		return NAME_GLOBAL;
	if (m->ops->tenant_get(m, tenant_id, t->arena, &tenant, NULL) < 0)
		return "";
	return arena_strdup(t->arena, tenant.pub);
}

static int read_secret(const char *path, char *text, size_t cap, size_t *n_r, struct err *e)
{
	FIO_AUTO_CLOSE int opened = -1;
	int fd = STDIN_FILENO;
	size_t n = 0;

	if (strcmp(path, "-") != 0) {
		fd = opened = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_sys(e, errno, "%s", path);
	}
	while (n < cap) {
		ssize_t got = read(fd, text + n, cap - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, errno, "%s", path);
		if (got == 0 || memchr(text + n, '\n', (size_t)got)) {
			n += (size_t)got;
			break;
		}
		n += (size_t)got;
	}
	*n_r = n;
	return 0;
}

int tool_secret(struct tool *t, const char *path, struct span *secret_r, struct err *e)
{
	char text[SECRET_FILE_MAX];
	struct span rest, line = SPAN_NULL;
	size_t n = 0;

	if (read_secret(path, text, sizeof(text), &n, e) < 0)
		return -1;
	rest = span_of(text, n);
	span_cut(&rest, '\n', &line);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	*secret_r = arena_dup(t->arena, line);
	explicit_bzero(text, sizeof(text));
	if (line.n == 0)
		return err_fail(e, ERR_INVALID, "%s: the first line is empty", path);
	return 0;
}

static bool parse_span(const char *word, uint64_t *seconds_r)
{
	struct scan sc = scan_of(span_str(word));
	uint64_t n, unit;

	if (!scan_u64(&sc, &n))
		return false;
	if (scan_char(&sc, 'd'))
		unit = 86400;
	else if (scan_char(&sc, 'h'))
		unit = 3600;
	else if (scan_char(&sc, 'm'))
		unit = 60;
	else
		return false;
	if (!scan_end(&sc) || n == 0 || n > (uint64_t)100 * 366 * 86400 / unit)
		return false;
	*seconds_r = n * unit;
	return true;
}

int tool_expiry(struct tool *t, const char *word, int64_t *at_us_r, struct err *e)
{
	int64_t now_us = clock_now_us(svc_clock(t->svc));
	uint64_t seconds;

	if (strcmp(word, "never") == 0) {
		*at_us_r = 0;
		return 0;
	}
	if (parse_span(word, &seconds)) {
		*at_us_r = now_us + (int64_t)seconds * 1000000;
		return 0;
	}
	if (!timefmt_parse_iso8601(span_str(word), at_us_r))
		return tool_misused(
			t, e, "--expires is never, 90d, 12h, 30m or 2030-12-31T00:00:00Z");
	if (*at_us_r <= now_us)
		return tool_misused(t, e, "--expires lies in the past");
	return 0;
}
