/* SPDX-License-Identifier: MIT */
/* tenant, user and key commands. */
#include "tools/tool.h"

enum { PAGE = 1000 };

/* ---- tenants ------------------------------------------------------------------------ */

static void print_tenant(struct tool *t, const struct meta_tenant *x)
{
	struct printer *p = &t->out;

	printer_record(p);
	printer_str(p, "id", x->pub);
	printer_str(p, "name", x->name);
	printer_str(p, "displayName", x->display_name);
	printer_str(p, "domains", x->domains ? x->domains : "");
	printer_str(p, "status", tool_status_name(x->status));
	printer_u64(p, "buckets", x->buckets);
	printer_u64(p, "objects", x->objects);
	printer_u64(p, "bytes", x->bytes);
	printer_time(p, "created", x->created_us);
	printer_end_record(p);
}

static int find_tenant(struct tool *t, struct meta_tenant *x_r, struct err *e)
{
	struct meta *m = svc_meta(t->svc);

	if (m->ops->tenant_find(m, span_str(t->args[0]), t->arena, x_r, e) == 0)
		return 0;
	return e->kind == ERR_NOT_FOUND ? err_fail(e, ERR_NOT_FOUND, "no tenant %s", t->args[0])
					: -1;
}

int tenant_create(struct tool *t, struct err *e)
{
	struct meta_tenant x;

	if (svc_tenant_create(t->svc, span_str(t->args[0]), tool_span(t, "--display-name"),
		    t->arena, &x, e) < 0)
		return -1;
	print_tenant(t, &x);
	return 0;
}

int tenant_list(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_page page = {.limit = PAGE};
	struct meta_tenant *x;
	size_t n = PAGE;

	printer_list(&t->out);
	while (n == PAGE) {
		if (m->ops->tenant_list(m, &page, t->arena, &x, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			print_tenant(t, &x[i]);
			page.after_id = x[i].id;
		}
	}
	return 0;
}

int tenant_show(struct tool *t, struct err *e)
{
	struct meta_tenant x;

	if (find_tenant(t, &x, e) < 0)
		return -1;
	print_tenant(t, &x);
	return 0;
}

int tenant_set(struct tool *t, struct err *e)
{
	const char *status = tool_option(t, "--status"), *name = tool_option(t, "--name"),
		   *display = tool_option(t, "--display-name"),
		   *domains = tool_option(t, "--domains");
	unsigned set = (status ? META_SET_STATUS : 0) | (name ? META_SET_NAME : 0) |
		(display ? META_SET_DISPLAY_NAME : 0) | (domains ? META_SET_DOMAINS : 0);
	struct meta *m = svc_meta(t->svc);
	struct meta_tenant x;

	if (find_tenant(t, &x, e) < 0 || (status && tool_status(t, status, &x.status, e) < 0))
		return -1;
	if (name)
		x.name = name;
	if (display)
		x.display_name = display;
	if (domains)
		x.domains = domains;
	if ((set && svc_tenant_update(t->svc, &x, set, e) < 0) ||
		m->ops->tenant_get(m, x.id, t->arena, &x, e) < 0)
		return -1;
	print_tenant(t, &x);
	return 0;
}

int tenant_delete(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_tenant x;

	if (find_tenant(t, &x, e) < 0)
		return -1;
	if (m->ops->tenant_delete(m, x.id, e) == 0)
		return 0;
	return e->kind == ERR_EXISTS
		? err_fail(e, ERR_EXISTS, "tenant %s still has users or buckets", t->args[0])
		: -1;
}

/* ---- users -------------------------------------------------------------------------- */

static void print_user(struct tool *t, const struct meta_user *u)
{
	struct printer *p = &t->out;

	printer_record(p);
	printer_str(p, "name", u->name);
	printer_str(p, "tenant", tool_tenant_name(t, u->tenant_id));
	printer_str(p, "role", tool_role_name(u->role));
	printer_str(p, "status", tool_status_name(u->status));
	printer_str(p, "displayName", u->display_name);
	printer_str(p, "email", u->email);
	printer_str(p, "console", u->password_hash && *u->password_hash ? "yes" : "no");
	printer_time(p, "created", u->created_us);
	printer_str(p, "id", u->canonical_id);
	printer_end_record(p);
}

static int named_user(struct tool *t, struct meta_user *u_r, struct err *e)
{
	int64_t tenant_id;

	if (tool_tenant(t, &tenant_id, e) < 0)
		return -1;
	return tool_user(t, t->args[0], tenant_id, u_r, e);
}

int user_create(struct tool *t, struct err *e)
{
	const char *role = tool_option(t, "--role"), *file = tool_option(t, "--password-file");
	struct svc_new_user in = {
		.name = span_str(t->args[0]),
		.display_name = tool_span(t, "--display-name"),
		.email = tool_span(t, "--email"),
		.role = META_ROLE_USER,
	};
	struct meta_user u;

	if (tool_tenant(t, &in.tenant_id, e) < 0 ||
		(role && tool_role(t, role, &in.role, e) < 0) ||
		(file && tool_secret(t, file, &in.password, e) < 0))
		return -1;
	if (svc_user_create(t->svc, &in, t->arena, &u, e) < 0)
		return -1;
	print_user(t, &u);
	return 0;
}

int user_list(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_page page = {.limit = PAGE};
	int64_t tenant_id = -1;
	struct meta_user *u;
	size_t n = PAGE;

	if (tool_option(t, "--tenant") && tool_tenant(t, &tenant_id, e) < 0)
		return -1;
	printer_list(&t->out);
	while (n == PAGE) {
		if (m->ops->user_list(m, tenant_id, &page, t->arena, &u, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			print_user(t, &u[i]);
			page.after_id = u[i].id;
		}
	}
	return 0;
}

int user_show(struct tool *t, struct err *e)
{
	struct meta_user u;

	if (named_user(t, &u, e) < 0)
		return -1;
	print_user(t, &u);
	return 0;
}

int user_set(struct tool *t, struct err *e)
{
	const char *status = tool_option(t, "--status"), *role = tool_option(t, "--role"),
		   *email = tool_option(t, "--email"),
		   *display = tool_option(t, "--display-name"),
		   *file = tool_option(t, "--password-file");
	unsigned set = (status ? META_SET_STATUS : 0) | (role ? META_SET_ROLE : 0) |
		(email ? META_SET_EMAIL : 0) | (display ? META_SET_DISPLAY_NAME : 0);
	struct span password;
	struct meta_user u;

	if (named_user(t, &u, e) < 0 || (status && tool_status(t, status, &u.status, e) < 0) ||
		(role && tool_role(t, role, &u.role, e) < 0) ||
		(file && tool_secret(t, file, &password, e) < 0))
		return -1;
	if (email)
		u.email = email;
	if (display)
		u.display_name = display;
	if (set && svc_user_update(t->svc, &u, set, e) < 0)
		return -1;
	if (file && svc_user_set_password(t->svc, u.id, password, t->arena, e) < 0)
		return -1;
	if (svc_meta(t->svc)->ops->user_get(svc_meta(t->svc), u.id, t->arena, &u, e) < 0)
		return -1;
	print_user(t, &u);
	return 0;
}

int user_delete(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_user u;

	if (named_user(t, &u, e) < 0)
		return -1;
	if (m->ops->user_delete(m, u.id, e) == 0)
		return 0;
	return e->kind == ERR_EXISTS
		? err_fail(e, ERR_EXISTS, "user %s still owns buckets", t->args[0])
		: -1;
}

/* ---- access keys -------------------------------------------------------------------- */

static void print_key(struct tool *t, const struct meta_access_key *k,
	const struct meta_user *u, const char *secret)
{
	struct printer *p = &t->out;

	printer_record(p);
	printer_str(p, "accessKey", k->access_key);
	if (secret)
		printer_str(p, "secretKey", secret);
	printer_str(p, "user", u->name);
	printer_str(p, "tenant", tool_tenant_name(t, u->tenant_id));
	printer_str(p, "status", tool_status_name(k->status));
	printer_time(p, "expires", k->expires_us);
	printer_time(p, "created", k->created_us);
	printer_str(p, "description", k->description);
	printer_end_record(p);
}

static int get_key(
	struct tool *t, const char *access_key, struct meta_access_key *k_r, struct err *e)
{
	struct meta *m = svc_meta(t->svc);

	if (m->ops->key_get(m, span_str(access_key), t->arena, k_r, e) == 0)
		return 0;
	return e->kind == ERR_NOT_FOUND
		? err_fail(e, ERR_NOT_FOUND, "no access key %s", access_key)
		: -1;
}

/* As it is in the database now; secret: of a new key. */
static int show_key(struct tool *t, const char *access_key, const char *secret, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_access_key k;
	struct meta_user u;

	if (get_key(t, access_key, &k, e) < 0 ||
		m->ops->user_get(m, k.user_id, t->arena, &u, e) < 0)
		return -1;
	print_key(t, &k, &u, secret);
	return 0;
}

int key_create(struct tool *t, struct err *e)
{
	const char *file = tool_option(t, "--secret-key-file"),
		   *expires = tool_option(t, "--expires"), *access_key, *secret;
	struct span given = SPAN_NULL;
	struct meta_user u;
	int64_t tenant_id, expires_us = 0;

	if (!tool_option(t, "--access-key") != !file)
		return tool_misused(
			t, e, "--access-key and --secret-key-file are given together");
	if (tool_tenant(t, &tenant_id, e) < 0 ||
		tool_user(t, tool_option(t, "--user"), tenant_id, &u, e) < 0 ||
		(file && tool_secret(t, file, &given, e) < 0) ||
		(expires && tool_expiry(t, expires, &expires_us, e) < 0))
		return -1;
	if (svc_key_create(t->svc, u.id, tool_span(t, "--access-key"), given,
		    tool_span(t, "--description"), expires_us, t->arena, &access_key, &secret,
		    e) < 0)
		return e->kind == ERR_EXISTS
			? err_fail(e, ERR_EXISTS, "the access key exists already")
			: -1;
	return show_key(t, access_key, secret, e);
}

static int list_keys_of(struct tool *t, const struct meta_user *u, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_access_key *k;
	size_t n;

	if (m->ops->key_list(m, u->id, t->arena, &k, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		print_key(t, &k[i], u, NULL);
	return 0;
}

int key_list(struct tool *t, struct err *e)
{
	const char *name = tool_option(t, "--user");
	struct meta *m = svc_meta(t->svc);
	struct meta_page page = {.limit = PAGE};
	int64_t tenant_id = -1;
	struct meta_user named, *u;
	size_t n = PAGE;

	if ((name || tool_option(t, "--tenant")) && tool_tenant(t, &tenant_id, e) < 0)
		return -1;
	printer_list(&t->out);
	if (name)
		return tool_user(t, name, tenant_id, &named, e) < 0
			? -1
			: list_keys_of(t, &named, e);
	while (n == PAGE) {
		if (m->ops->user_list(m, tenant_id, &page, t->arena, &u, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			if (list_keys_of(t, &u[i], e) < 0)
				return -1;
			page.after_id = u[i].id;
		}
	}
	return 0;
}

int key_show(struct tool *t, struct err *e)
{
	return show_key(t, t->args[0], NULL, e);
}

int key_set(struct tool *t, struct err *e)
{
	const char *status = tool_option(t, "--status"), *expires = tool_option(t, "--expires"),
		   *description = tool_option(t, "--description");
	unsigned set = (status ? META_SET_STATUS : 0) | (expires ? META_SET_EXPIRES : 0) |
		(description ? META_SET_DESCRIPTION : 0);
	struct meta_access_key k;

	if (get_key(t, t->args[0], &k, e) < 0 ||
		(status && tool_status(t, status, &k.status, e) < 0) ||
		(expires && tool_expiry(t, expires, &k.expires_us, e) < 0))
		return -1;
	if (description)
		k.description = description;
	if (set && svc_key_update(t->svc, &k, set, e) < 0)
		return -1;
	return show_key(t, k.access_key, NULL, e);
}

int key_delete(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct meta_access_key k;

	if (get_key(t, t->args[0], &k, e) < 0)
		return -1;
	return m->ops->key_delete(m, span_str(t->args[0]), e);
}
