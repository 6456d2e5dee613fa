/* SPDX-License-Identifier: MIT */
/* Who is signed in, and what the console may offer this person. */
#include "auth/password.h"
#include "console/app.h"

static const char *role_word(enum meta_role role)
{
	switch (role) {
	case META_ROLE_USER:
		return "user";
	case META_ROLE_TENANT_ADMIN:
		return "tenantAdmin";
	case META_ROLE_GLOBAL_ADMIN:
		return "globalAdmin";
	case META_ROLE_COUNT:
		break;
	}
	return "";
}

void console_write_identity(struct console_call *c)
{
	struct jsonw *w = &c->json;

	jsonw_object(w, "user");
	jsonw_str(w, "id", c->user.canonical_id);
	jsonw_str(w, "name", c->user.name);
	jsonw_str(w, "displayName", c->user.display_name);
	jsonw_str(w, "email", c->user.email);
	jsonw_str(w, "role", role_word(c->user.role));
	jsonw_end_object(w);
	if (c->tenant.id == 0) {
		jsonw_null(w, "tenant");
		return;
	}
	jsonw_object(w, "tenant");
	jsonw_str(w, "id", c->tenant.pub);
	jsonw_str(w, "name", c->tenant.name);
	jsonw_str(w, "displayName", c->tenant.display_name);
	jsonw_end_object(w);
}

static void write_capabilities(struct console_call *c)
{
	jsonw_array(&c->json, "capabilities");
	if (authz_decide(&c->caller, AUTHZ_LIST_ALL_MY_BUCKETS, NULL) == AUTHZ_ALLOW)
		jsonw_str(&c->json, NULL, "buckets.list");
	if (c->caller.role == META_ROLE_GLOBAL_ADMIN)
		jsonw_str(&c->json, NULL, "tenants.all");
	jsonw_end_array(&c->json);
}

static void write_limits(struct console_call *c)
{
	jsonw_object(&c->json, "limits");
	jsonw_i64(&c->json, "pageSize", CONSOLE_PAGE_MAX);
	jsonw_i64(&c->json, "passwordMinBytes", PASSWORD_MIN);
	jsonw_i64(&c->json, "passwordMaxBytes", PASSWORD_MAX);
	jsonw_i64(&c->json, "sessionSeconds", svc_cfg(c->con->svc)->session_s);
	jsonw_end_object(&c->json);
}

/* The host of the request without its port; an IPv6 address keeps its brackets. */
static struct span bare_host(struct span host)
{
	ptrdiff_t end = host.n > 0 && host.p[0] == '[' ? span_find_byte(host, ']') + 1
						       : span_find_byte(host, ':');

	return end > 0 ? span_head(host, (size_t)end) : host;
}

static const char *s3_url(struct console_call *c)
{
	const struct cfg *cfg = svc_cfg(c->con->svc);
	struct span host = bare_host(c->r->host);

	if (*cfg->s3_url)
		return cfg->s3_url;
	return arena_printf(c->arena, "%s://%.*s:%lld", c->r->https ? "https" : "http",
		SPAN_FMT(host), (long long)cfg->s3_port);
}

enum problem console_me(struct console_call *c)
{
	console_write_identity(c);
	write_capabilities(c);
	write_limits(c);
	jsonw_str(&c->json, "s3Url", s3_url(c));
	jsonw_time(&c->json, "sessionExpiresAt", c->claims.expires_us);
	return PROBLEM_OK;
}
