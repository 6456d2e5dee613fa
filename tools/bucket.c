/* SPDX-License-Identifier: MIT */
/* bucket commands. */
#include "model/names.h"
#include "tools/tool.h"

enum { PAGE = 1000 };

static int print_bucket(struct tool *t, const struct meta_bucket *b, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct printer *p = &t->out;
	struct err why = {0};
	struct meta_user u = {.name = ""};

	if (m->ops->user_get(m, b->owner_id, t->arena, &u, &why) < 0 &&
		why.kind != ERR_NOT_FOUND) {
		*e = why;
		return -1;
	}
	printer_record(p);
	printer_str(p, "name", b->name);
	printer_str(p, "tenant", b->tenant_pub[0] ? b->tenant_pub : NAME_GLOBAL);
	printer_str(p, "owner", u.name);
	printer_u64(p, "objects", b->objects);
	printer_u64(p, "versions", b->versions);
	printer_u64(p, "bytes", b->bytes);
	printer_str(p, "location", b->location);
	printer_str(p, "versioning", meta_versioning_name(meta_bucket_versioning(b)));
	printer_time(p, "created", b->created_us);
	printer_end_record(p);
	return 0;
}

static int named_bucket(struct tool *t, struct meta_bucket *b_r, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	int64_t tenant_id;

	if (tool_tenant(t, &tenant_id, e) < 0)
		return -1;
	if (m->ops->bucket_get(m, tenant_id, span_str(t->args[0]), t->arena, b_r, e) == 0)
		return 0;
	return e->kind == ERR_NOT_FOUND ? err_fail(e, ERR_NOT_FOUND, "no bucket %s in %s",
						  t->args[0], tool_tenant_name(t, tenant_id))
					: -1;
}

int bucket_create(struct tool *t, struct err *e)
{
	struct meta_user owner;
	struct meta_bucket b;
	struct caller c = {0};

	if (tool_tenant(t, &c.tenant_id, e) < 0 ||
		tool_user(t, tool_option(t, "--owner"), c.tenant_id, &owner, e) < 0)
		return -1;
	c.user_id = owner.id;
	c.role = owner.role;
	if (svc_bucket_create(t->svc, &c, span_str(t->args[0]), tool_span(t, "--location"),
		    t->arena, &b, e) < 0)
		return e->kind == ERR_EXISTS
			? err_fail(e, ERR_EXISTS, "bucket %s exists already", t->args[0])
			: -1;
	return print_bucket(t, &b, e);
}

int bucket_list(struct tool *t, struct err *e)
{
	struct meta *m = svc_meta(t->svc);
	struct span after = SPAN_NULL;
	int64_t tenant_id = -1;
	struct meta_bucket *b;
	size_t n = PAGE;

	if (tool_option(t, "--tenant") && tool_tenant(t, &tenant_id, e) < 0)
		return -1;
	printer_list(&t->out);
	while (n == PAGE) {
		if (m->ops->bucket_list(
			    m, tenant_id, -1, SPAN_NULL, after, PAGE, t->arena, &b, &n, e) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (print_bucket(t, &b[i], e) < 0)
				return -1;
		if (n)
			after = span_str(tenant_id >= 0
					? b[n - 1].name
					: arena_printf(t->arena, "%s/%lld", b[n - 1].name,
						  (long long)b[n - 1].tenant_id));
	}
	return 0;
}

int bucket_show(struct tool *t, struct err *e)
{
	struct meta_bucket b;

	if (named_bucket(t, &b, e) < 0)
		return -1;
	return print_bucket(t, &b, e);
}

int bucket_set(struct tool *t, struct err *e)
{
	struct meta_user owner;
	struct meta_bucket b;

	if (named_bucket(t, &b, e) < 0 ||
		tool_user(t, tool_option(t, "--owner"), b.tenant_id, &owner, e) < 0)
		return -1;
	b.owner_id = owner.id;
	if (svc_bucket_update(t->svc, &b, e) < 0)
		return -1;
	return print_bucket(t, &b, e);
}

int bucket_delete(struct tool *t, struct err *e)
{
	struct meta_bucket b;

	if (named_bucket(t, &b, e) < 0)
		return -1;
	if (svc_bucket_delete(t->svc, &b, e) == 0)
		return 0;
	return e->kind == ERR_EXISTS
		? err_fail(e, ERR_EXISTS, "bucket %s is not empty", t->args[0])
		: -1;
}
