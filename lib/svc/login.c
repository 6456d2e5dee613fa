/* SPDX-License-Identifier: MIT */
/*
 * Console login. The reply and its time are the same whether tenant, user, password or standing
 * is wrong: a hash is always computed, and what failed stays in the log.
 */
#include "auth/password.h"
#include "model/names.h"
#include "svc/impl.h"

static int find_user(struct svc *s, struct span tenant, struct span user, struct arena *a,
	struct meta_user *u_r, enum meta_status *standing_r, struct err *e)
{
	struct tenant_brief t = {.status = META_ACTIVE};

	if (tenant.n && !span_eq_str(tenant, NAME_GLOBAL) &&
		tenant_brief_get(s, tenant, a, &t, e) < 0)
		return -1;
	if (s->meta->ops->user_find(s->meta, t.id, user, a, u_r, e) < 0)
		return -1;
	*standing_r = t.status != META_ACTIVE ? t.status : u_r->status;
	return 0;
}

int svc_login(struct svc *s, struct span tenant, struct span user, struct span password,
	struct arena *a, struct meta_user *u_r, struct err *e)
{
	enum meta_status standing = META_SUSPENDED;
	struct err why = {0};
	bool found, right;

	found = find_user(s, tenant, user, a, u_r, &standing, &why) == 0;
	if (!found && why.kind != ERR_NOT_FOUND && why.kind != ERR_INVALID)
		return err_pass(e, &why);
	right = password_verify(password, found ? u_r->password_hash : "");
	if (!found)
		return err_fail(e, ERR_DENIED, "no such user");
	if (!right)
		return err_fail(e, ERR_DENIED, "wrong password");
	if (standing != META_ACTIVE)
		return err_fail(e, ERR_DENIED, "user or tenant is suspended");
	return 0;
}
