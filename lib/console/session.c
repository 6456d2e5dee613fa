/* SPDX-License-Identifier: MIT */
/*
 * Console sessions. A session is named by the jti of its token; a refreshed token keeps it, so
 * that logging out ends every token of the session. The server decides on each request:
 * signature and expiry, revocation, and whether user and tenant may still act.
 */
#include "console/app.h"

int console_load_user(struct console_call *c, bool *active_r, struct err *e)
{
	struct meta *m = svc_meta(c->con->svc);

	c->tenant = (struct meta_tenant){.name = "", .display_name = ""};
	if (c->user.tenant_id != 0 &&
		m->ops->tenant_get(m, c->user.tenant_id, c->arena, &c->tenant, e) < 0)
		return -1;
	c->caller = (struct caller){
		.user_id = c->user.id, .tenant_id = c->user.tenant_id, .role = c->user.role};
	*active_r = c->user.status == META_ACTIVE && c->tenant.status == META_ACTIVE;
	return 0;
}

static bool bearer(const struct http_req *r, struct span *token_r)
{
	struct span value = http_header_get(r, "authorization"), scheme;

	if (http_header_count(r, "authorization") != 1 || !span_cut(&value, ' ', &scheme))
		return false;
	*token_r = span_trim(value);
	return span_eq_ci(scheme, SPAN_LIT("Bearer")) && token_r->n > 0 &&
		token_r->n <= CONSOLE_MAX_TOKEN;
}

/* err: ERR_DENIED, ERR_NOT_FOUND the session is over; others: it could not be found out. */
static int judge(struct console_call *c, struct span token, struct err *e)
{
	struct meta *m = svc_meta(c->con->svc);
	int64_t now_us = clock_now_us(svc_clock(c->con->svc));
	bool revoked, active;

	if (token_verify(c->arena, c->con->token_key, token, now_us, &c->claims, e) < 0 ||
		m->ops->session_revoked(m, span_str(c->claims.jti), &revoked, e) < 0)
		return -1;
	if (revoked)
		return err_fail(e, ERR_DENIED, "the session was ended");
	if (m->ops->user_get(m, c->claims.user_id, c->arena, &c->user, e) < 0 ||
		console_load_user(c, &active, e) < 0)
		return -1;
	if (!active)
		return err_fail(e, ERR_DENIED, "user or tenant is suspended");
	if (c->claims.since_us != c->user.sessions_after_us)
		return err_fail(e, ERR_DENIED, "the user was changed since");
	return 0;
}

enum problem console_authenticate(struct console_call *c)
{
	struct span token;
	struct err e;

	if (!bearer(c->r, &token))
		return PROBLEM_SESSION_ENDED;
	c->authenticated = judge(c, token, &e) == 0;
	if (c->authenticated)
		return PROBLEM_OK;
	if (e.kind != ERR_DENIED && e.kind != ERR_NOT_FOUND)
		return console_failed(c, &e);
	c->cause = e;
	return PROBLEM_SESSION_ENDED;
}

/* Answers with a token of c->user for c->claims.jti (empty: a new session). */
static enum problem answer_token(struct console_call *c)
{
	const struct cfg *cfg = svc_cfg(c->con->svc);
	const char *token;
	struct err e;

	c->claims.user_id = c->user.id;
	/* As it was when password or token were judged: what changed since then voids the new
	 * token. */
	c->claims.since_us = c->user.sessions_after_us;
	c->claims.issued_us = clock_now_us(svc_clock(c->con->svc));
	/* Tokens hold whole seconds. */
	c->claims.expires_us = (c->claims.issued_us / 1000000 + cfg->session_s) * 1000000;
	if (token_issue(c->arena, c->con->token_key, &c->claims, &token, &e) < 0)
		return console_failed(c, &e);
	jsonw_str(&c->json, "token", token);
	jsonw_time(&c->json, "expiresAt", c->claims.expires_us);
	console_write_identity(c);
	return PROBLEM_OK;
}

/* The client learns nothing but that it was refused; the log says why. */
static enum problem refused(struct console_call *c, const struct err *e)
{
	if (e->kind != ERR_DENIED && e->kind != ERR_NOT_FOUND && e->kind != ERR_INVALID)
		return console_failed(c, e);
	c->cause = *e;
	return PROBLEM_INVALID_CREDENTIALS;
}

static enum problem check_password(
	struct console_call *c, struct span tenant, struct span user, struct span password)
{
	struct throttle *t = c->con->throttle;
	struct throttle_key key = throttle_key(t, c->r->remote_addr, tenant, user);
	struct err e;
	bool active;

	c->retry_after_s = throttle_admit(t, key, clock_now_us(svc_clock(c->con->svc)));
	if (c->retry_after_s > 0)
		return PROBLEM_TOO_MANY_ATTEMPTS;
	if (svc_login(c->con->svc, tenant, user, password, c->arena, &c->user, &e) < 0 ||
		console_load_user(c, &active, &e) < 0)
		return refused(c, &e);
	if (!active || authz_decide(&c->caller, AUTHZ_CONSOLE_SESSION, NULL) != AUTHZ_ALLOW)
		return PROBLEM_INVALID_CREDENTIALS;
	throttle_succeeded(t, key);
	c->authenticated = true;
	return PROBLEM_OK;
}

enum problem console_login(struct console_call *c)
{
	struct span tenant, user, password;
	enum problem p;
	struct err e;

	if ((p = console_body_text(c, "/tenant", false, 256, &tenant)) != PROBLEM_OK ||
		(p = console_body_text(c, "/user", true, 256, &user)) != PROBLEM_OK ||
		(p = console_body_text(c, "/password", true, 1024, &password)) != PROBLEM_OK)
		return p;
	if (tenant.n == 0)
		tenant = SPAN_NULL;
	/* Before the attempt is counted: who finds no place has not guessed. */
	if (!throttle_enter(c->con->throttle, c->r->remote_addr)) {
		(void)err_fail(&e, ERR_BUSY, "too many passwords are being checked");
		return console_failed(c, &e);
	}
	p = check_password(c, tenant, user, password);
	throttle_leave(c->con->throttle, c->r->remote_addr);
	return p == PROBLEM_OK ? answer_token(c) : p;
}

enum problem console_refresh(struct console_call *c)
{
	return answer_token(c);
}

enum problem console_logout(struct console_call *c)
{
	struct meta *m = svc_meta(c->con->svc);
	/* A token of this session may have been refreshed just now. */
	int64_t until_us = clock_now_us(svc_clock(c->con->svc)) +
		svc_cfg(c->con->svc)->session_s * 1000000;
	struct err e;

	if (until_us < c->claims.expires_us)
		until_us = c->claims.expires_us;
	if (m->ops->session_revoke(m, span_str(c->claims.jti), until_us, &e) < 0)
		return console_failed(c, &e);
	return PROBLEM_OK;
}
