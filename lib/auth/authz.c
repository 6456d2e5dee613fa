/* SPDX-License-Identifier: MIT */
/* The decision, and the names of the actions. */
#include "auth/authz.h"

static const char *const names[AUTHZ_ACTION_COUNT] = {
#define X(id, name) [AUTHZ_##id] = name,
	AUTHZ_ACTIONS(X)
#undef X
};

const char *authz_action_name(enum authz_action action)
{
	return (unsigned)action < AUTHZ_ACTION_COUNT ? names[action] : "unknown";
}

bool authz_owns(const struct caller *c, const struct meta_bucket *bucket)
{
	if (c->anonymous || bucket->tenant_id != c->tenant_id)
		return false;
	return bucket->owner_id == c->user_id ||
		(c->role == META_ROLE_TENANT_ADMIN && c->tenant_id != 0);
}

enum authz_verdict authz_decide(
	const struct caller *c, enum authz_action action, const struct meta_bucket *bucket)
{
	/* Until policies come, all other actions on a bucket stand or fall together. */
	if (action == AUTHZ_PREFLIGHT)
		return AUTHZ_ALLOW;
	if (c->anonymous)
		return bucket && bucket->tenant_id != c->tenant_id ? AUTHZ_HIDE : AUTHZ_DENY;
	if (!bucket || c->role == META_ROLE_GLOBAL_ADMIN)
		return AUTHZ_ALLOW;
	if (bucket->tenant_id != c->tenant_id)
		return AUTHZ_HIDE;
	return authz_owns(c, bucket) ? AUTHZ_ALLOW : AUTHZ_DENY;
}
