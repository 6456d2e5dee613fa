/* SPDX-License-Identifier: MIT */
/*
 * The bucket list. Everybody sees one namespace: the own one; a global admin may name another
 * tenant's, or all of them at once.
 */
#include "console/app.h"
#include "model/names.h"

struct listing {
	bool all; /* of every tenant */
	struct caller caller;
	struct span scope; /* for cursors */
	struct span after;
	unsigned limit;
	struct meta_bucket *rows;
	size_t count;
	bool more;
};

static bool is_own(const struct console_call *c, struct span tenant)
{
	return c->tenant.id != 0 &&
		(span_eq_str(tenant, c->tenant.pub) || span_eq_str(tenant, c->tenant.name));
}

static enum problem pick_namespace(struct console_call *c, struct listing *l)
{
	struct span want = console_param(c, "tenant");
	struct meta *m = svc_meta(c->con->svc);
	struct meta_tenant t;
	struct err e;

	l->caller = c->caller;
	if (want.n == 0 || is_own(c, want))
		return PROBLEM_OK;
	if (c->caller.role != META_ROLE_GLOBAL_ADMIN)
		return PROBLEM_FORBIDDEN;
	l->all = span_eq_str(want, NAME_ALL);
	if (l->all || span_eq_str(want, NAME_GLOBAL))
		return PROBLEM_OK;
	if (m->ops->tenant_find(m, want, c->arena, &t, &e) < 0)
		return e.kind == ERR_NOT_FOUND
			? console_bad_field(c, "/tenant", "there is no such tenant")
			: console_failed(c, &e);
	l->caller.tenant_id = t.id;
	return PROBLEM_OK;
}

static enum problem read_paging(struct console_call *c, struct listing *l)
{
	struct span limit = console_param(c, "limit"), cursor = console_param(c, "cursor");
	uint64_t n = CONSOLE_PAGE_DEFAULT;

	if (!span_absent(limit) && (!span_to_u64(limit, &n) || n < 1 || n > CONSOLE_PAGE_MAX))
		return console_bad_field(c, "/limit", "must be 1 to 1000");
	l->limit = (unsigned)n;
	l->scope = span_str(arena_printf(c->arena, "buckets/%lld/%lld/%d",
		(long long)c->user.id, (long long)l->caller.tenant_id, l->all));
	if (cursor.n > 0 && !console_cursor_read(c->con, c->arena, l->scope, cursor, &l->after))
		return PROBLEM_INVALID_CURSOR;
	return PROBLEM_OK;
}

static int fetch(struct console_call *c, struct listing *l, unsigned limit, struct err *e)
{
	struct meta *m = svc_meta(c->con->svc);

	if (l->all)
		return m->ops->bucket_list(m, -1, -1, SPAN_NULL, l->after, limit, c->arena,
			&l->rows, &l->count, e);
	return svc_bucket_list(c->con->svc, &l->caller, SPAN_NULL, l->after, limit, c->arena,
		&l->rows, &l->count, e);
}

/* One more than the page shows whether another follows. */
static int fetch_page(struct console_call *c, struct listing *l, struct err *e)
{
	if (fetch(c, l, l->limit + 1, e) < 0)
		return -1;
	l->more = l->count > l->limit;
	if (l->more)
		l->count = l->limit;
	return 0;
}

/* Where the page after goes on: within a name, when the list is of all tenants. */
static struct span last_of(struct console_call *c, const struct listing *l)
{
	const struct meta_bucket *b = &l->rows[l->count - 1];

	return span_str(l->all
			? arena_printf(c->arena, "%s/%lld", b->name, (long long)b->tenant_id)
			: b->name);
}

static int write_owner(struct console_call *c, int64_t owner_id, struct err *e)
{
	const char *canonical_id, *display_name;

	if (svc_owner_get(c->con->svc, owner_id, c->arena, &canonical_id, &display_name, e) < 0)
		return -1;
	jsonw_object(&c->json, "owner");
	jsonw_str(&c->json, "id", canonical_id);
	jsonw_str(&c->json, "displayName", display_name);
	jsonw_end_object(&c->json);
	return 0;
}

/* *t is the tenant of the bucket before: neighbours often share it. */
static int write_tenant(struct console_call *c, const struct meta_bucket *b,
	struct meta_tenant *t, struct err *e)
{
	struct meta *m = svc_meta(c->con->svc);

	if (b->tenant_id == 0) {
		jsonw_null(&c->json, "tenantId");
		jsonw_null(&c->json, "tenantName");
		return 0;
	}
	if (t->id != b->tenant_id && m->ops->tenant_get(m, b->tenant_id, c->arena, t, e) < 0)
		return -1;
	jsonw_str(&c->json, "tenantId", t->pub);
	jsonw_str(&c->json, "tenantName", t->display_name);
	return 0;
}

static int write_bucket(struct console_call *c, const struct meta_bucket *b,
	struct meta_tenant *t, struct err *e)
{
	struct jsonw *w = &c->json;

	jsonw_object(w, NULL);
	jsonw_str(w, "name", b->name);
	if (write_tenant(c, b, t, e) < 0 || write_owner(c, b->owner_id, e) < 0)
		return -1;
	jsonw_time(w, "createdAt", b->created_us);
	jsonw_u64(w, "objects", b->objects);
	jsonw_u64(w, "bytes", b->bytes);
	jsonw_end_object(w);
	return 0;
}

enum problem console_buckets(struct console_call *c)
{
	struct listing l = {.after = SPAN_NULL};
	struct meta_tenant t = {.id = 0};
	enum problem p;
	struct err e;

	if ((p = pick_namespace(c, &l)) != PROBLEM_OK || (p = read_paging(c, &l)) != PROBLEM_OK)
		return p;
	if (fetch_page(c, &l, &e) < 0)
		return console_failed(c, &e);
	jsonw_array(&c->json, "items");
	for (size_t i = 0; i < l.count; i++)
		if (write_bucket(c, &l.rows[i], &t, &e) < 0)
			return console_failed(c, &e);
	jsonw_end_array(&c->json);
	if (l.more)
		jsonw_str(&c->json, "nextCursor",
			console_cursor_make(c->con, c->arena, l.scope, last_of(c, &l)));
	else
		jsonw_null(&c->json, "nextCursor");
	return PROBLEM_OK;
}
