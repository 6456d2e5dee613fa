/* SPDX-License-Identifier: MIT */
#include "tests/unit/console/rig.h"

static void fill_cfg(struct cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->data_dir = "";
	cfg->region = "us-east-1";
	cfg->anonymous_tenant = "";
	cfg->s3_url = "";
	cfg->s3_port = 8080;
	cfg->metrics_token = "";
	cfg->gc_delay_s = 60;
	cfg->orphan_grace_s = 60;
	cfg->gc_interval_ms = 10;
	cfg->upload_memory_days = 7;
	cfg->cache_entries = 1024;
	cfg->session_s = RIG_SESSION_S;
}

static struct meta_user add_user(
	struct rig *r, int64_t tenant_id, const char *name, enum meta_role role)
{
	struct svc_new_user in = {.tenant_id = tenant_id,
		.name = span_str(name),
		.display_name = span_str(name),
		.password = SPAN_LIT(RIG_PASSWORD),
		.role = role};
	struct meta_user u;

	assert_ok(r, svc_user_create(r->svc, &in, r->a, &u, &r->e));
	return u;
}

void rig_open(struct rig *r)
{
	const unsigned char key[32] = {7};
	struct svc_parts parts = {.cfg = &r->cfg, .clock = &r->clock};
	struct meta_config mc = {.clock = &r->clock};
	struct meta *m;

	memset(r, 0, sizeof(*r));
	r->clock = clock_fixed(clock_now_us(&clock_system));
	r->a = arena_new();
	r->metrics = metrics_new(console_metrics_labels());
	fill_cfg(&r->cfg);
	assert_ok(r, meta_sqlite_open(&mc, &m, &r->e));
	r->meta = parts.meta = meta_fault_new(m, ERR_IO);
	parts.store = store_mem_new();
	parts.sealbox = sealbox_with_key(key);
	parts.metrics = r->metrics;
	r->svc = svc_new(&parts);
	r->app = console_app_new(r->svc);
	assert_ok(r,
		svc_tenant_create(
			r->svc, SPAN_LIT("acme"), SPAN_LIT("Acme Inc"), r->a, &r->acme, &r->e));
	assert_ok(r,
		svc_tenant_create(r->svc, SPAN_LIT("globex"), SPAN_LIT("Globex"), r->a,
			&r->globex, &r->e));
	r->root = add_user(r, 0, "root", META_ROLE_GLOBAL_ADMIN);
	r->boss = add_user(r, r->acme.id, "boss", META_ROLE_TENANT_ADMIN);
	r->ann = add_user(r, r->acme.id, "ann", META_ROLE_USER);
	r->bob = add_user(r, r->globex.id, "bob", META_ROLE_USER);
}

void rig_close(struct rig *r)
{
	if (r->called)
		http_double_fini(&r->d);
	console_app_free(r->app);
	svc_close(r->svc, true);
	metrics_free(r->metrics);
	arena_free(r->a);
}

void rig_prepare(struct rig *r, const char *method, const char *target, const char *body)
{
	if (r->called)
		http_double_fini(&r->d);
	r->called = true;
	http_double_init(&r->d, method, target);
	http_double_header(&r->d, "Host", "console.test:8081");
	r->d.req.remote_addr = span_str(r->remote ? r->remote : "127.0.0.1");
	if (r->token)
		http_double_header(
			&r->d, "Authorization", arena_printf(r->a, "Bearer %s", r->token));
	if (!body)
		return;
	http_double_header(
		&r->d, "Content-Type", r->content_type ? r->content_type : "application/json");
	http_double_body(&r->d, span_str(body));
}

int rig_run(struct rig *r)
{
	struct span out;

	http_double_run(&r->d, r->app);
	assert_false(r->d.broken);
	out = arena_dup(r->a, buf_span(&r->d.out));
	r->answer = NULL;
	if (out.n > 0 &&
		(json_parse(r->a, out, &r->answer, &r->e) < 0 || !json_is_object(r->answer)))
		r->answer = NULL;
	return r->d.status;
}

int rig_call(struct rig *r, const char *method, const char *target, const char *body)
{
	rig_prepare(r, method, target, body);
	return rig_run(r);
}

int rig_login(struct rig *r, const char *tenant, const char *user, const char *password)
{
	BUF_AUTO struct buf b;
	struct jsonw w;
	int status;

	buf_init(&b, 4096);
	jsonw_init(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "tenant", tenant);
	jsonw_str(&w, "user", user);
	jsonw_str(&w, "password", password);
	jsonw_end_object(&w);
	r->token = NULL;
	status = rig_call(r, "POST", "/api/v1/auth/login", arena_strndup(r->a, buf_span(&b)));
	if (status == 200)
		r->token = arena_strndup(r->a, rig_text(r->answer, "token"));
	return status;
}

struct span rig_text(const struct json *object, const char *name)
{
	struct span s = SPAN_NULL;

	if (object)
		(void)json_str(json_get(object, name), &s);
	return s;
}

int64_t rig_number(const struct json *object, const char *name)
{
	int64_t v = -1;

	if (object)
		(void)json_i64(json_get(object, name), &v);
	return v;
}

void rig_advance(struct rig *r, int64_t seconds)
{
	r->clock = clock_fixed(clock_now_us(&r->clock) + seconds * RIG_SECOND_US);
}

struct meta_bucket rig_bucket(struct rig *r, const struct meta_user *owner, const char *name)
{
	struct caller c = {
		.user_id = owner->id, .tenant_id = owner->tenant_id, .role = owner->role};
	struct meta_bucket b;

	assert_ok(r,
		svc_bucket_create(r->svc, &c, span_str(name), SPAN_LIT(""), r->a, &b, &r->e));
	return b;
}
