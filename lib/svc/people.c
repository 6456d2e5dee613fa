/* SPDX-License-Identifier: MIT */
/* Tenants, users and access keys: rules of creation. Who may do it is decided by the caller. */
#include <string.h>

#include "auth/password.h"
#include "base/rnd.h"
#include "codec/enc.h"
#include "model/names.h"
#include "svc/impl.h"

enum {
	ACCESS_KEY_CHARS = 20,
	SECRET_CHARS = 40,
	SECRET_MIN = 8,
	SECRET_MAX = 128,
	FIRST_PASSWORD_CHARS = 20,
	TENANT_DOMAINS_MAX = 16,
	PUB_TRIES = 4
};
#define SECRET_ALPHABET RND_ALNUM "+/"

#define LOGIN_RULE "1 to 64 letters, digits and . _ - @ +, a letter or digit first"

static int illegal(struct err *e, const char *rule)
{
	return err_fail_why(e, ERR_INVALID, REASON_NAME, "%s", rule);
}

/* ---- tenants ------------------------------------------------------------------------ */

static bool tenant_name_legal(struct span name)
{
	return name_login_legal(name) && !name_tenant_id_legal(name) &&
		!span_eq_str(name, NAME_GLOBAL) && !span_eq_str(name, NAME_ALL);
}

static bool has_nul(struct span s)
{
	return span_find_byte(s, '\0') >= 0;
}

static int display_or(struct span given, struct span fallback, struct arena *a,
	const char **out_r, struct err *e)
{
	if (given.n == 0)
		given = fallback;
	if (!name_display_legal(given))
		return illegal(e, "a display name has 1 to 128 characters, no control ones");
	*out_r = arena_strndup(a, given);
	return 0;
}

int svc_tenant_create(struct svc *s, struct span name, struct span display_name,
	struct arena *a, struct meta_tenant *t_r, struct err *e)
{
	struct err why = {0};
	char hex[9];

	memset(t_r, 0, sizeof(*t_r));
	if (!tenant_name_legal(name))
		return illegal(e, "a tenant name has " LOGIN_RULE "; it is not global, all or an id");
	if (display_or(display_name, name, a, &t_r->display_name, e) < 0)
		return -1;
	t_r->name = arena_strndup(a, name);
	for (int i = 0; i < PUB_TRIES; i++) {
		struct meta_tenant other;

		rnd_text(hex, sizeof(hex) - 1, RND_HEX);
		memcpy(t_r->pub, "tenant-", 7);
		memcpy(t_r->pub + 7, hex, sizeof(hex));
		t_r->created_us = clock_now_us(s->clock);
		if (s->meta->ops->tenant_create(s->meta, t_r, &why) == 0)
			return 0;
		if (why.kind != ERR_EXISTS ||
			s->meta->ops->tenant_find(s->meta, name, a, &other, NULL) == 0)
			break;
	}
	return err_pass(e, &why);
}

static int check_domains(struct span domains, struct err *e)
{
	struct span one;
	unsigned n = 0;

	while (span_cut(&domains, ',', &one)) {
		one = span_trim(one);
		if (one.n && !name_domain_legal(one))
			return illegal(e, "a domain has labels of lower-case letters, digits and -, at most 253 bytes");
		if (++n > TENANT_DOMAINS_MAX)
			return err_fail(e, ERR_LIMIT, "a tenant has at most %d domains", TENANT_DOMAINS_MAX);
	}
	return 0;
}

int svc_tenant_update(
	struct svc *s, const struct meta_tenant *t, unsigned set, struct err *e)
{
	if (!tenant_name_legal(span_str(t->name)))
		return illegal(e, "a tenant name has " LOGIN_RULE "; it is not global, all or an id");
	if (!name_display_legal(span_str(t->display_name)))
		return illegal(e, "a display name has 1 to 128 characters, no control ones");
	if ((set & META_SET_DOMAINS) && check_domains(span_str(t->domains), e) < 0)
		return -1;
	return s->meta->ops->tenant_update(s->meta, t, set, e);
}

/* ---- users -------------------------------------------------------------------------- */

static int check_user(const struct meta_user *u, struct err *e)
{
	if (!name_login_legal(span_str(u->name)))
		return illegal(e, "a user name has " LOGIN_RULE);
	if (!name_display_legal(span_str(u->display_name)))
		return illegal(e, "a display name has 1 to 128 characters, no control ones");
	if (*u->email && !name_email_legal(span_str(u->email)))
		return illegal(e, "an e-mail address has one @, no blanks, at most 254 bytes");
	if (u->role == META_ROLE_GLOBAL_ADMIN && u->tenant_id != 0)
		return err_fail(e, ERR_INVALID, "a global admin belongs to no tenant");
	if (u->role == META_ROLE_TENANT_ADMIN && u->tenant_id == 0)
		return err_fail(e, ERR_INVALID, "a tenant admin needs a tenant");
	return 0;
}

int svc_user_create(struct svc *s, const struct svc_new_user *in, struct arena *a,
	struct meta_user *u_r, struct err *e)
{
	unsigned char id[32];

	memset(u_r, 0, sizeof(*u_r));
	if (has_nul(in->name) || has_nul(in->display_name) || has_nul(in->email))
		return err_fail_why(e, ERR_INVALID, REASON_NAME, "a name with a NUL");
	u_r->tenant_id = in->tenant_id;
	u_r->name = arena_strndup(a, in->name);
	u_r->display_name = in->display_name.n ? arena_strndup(a, in->display_name) : u_r->name;
	u_r->email = arena_strndup(a, in->email);
	u_r->role = in->role;
	u_r->password_hash = "";
	if (check_user(u_r, e) < 0)
		return -1;
	if (!span_absent(in->password) &&
		password_hash(a, in->password, &u_r->password_hash, e) < 0)
		return -1;
	rnd_bytes(id, sizeof(id));
	enc_hex(u_r->canonical_id, id, sizeof(id));
	u_r->created_us = clock_now_us(s->clock);
	return s->meta->ops->user_create(s->meta, u_r, e);
}

int svc_user_update(struct svc *s, const struct meta_user *u, unsigned set, struct err *e)
{
	if (check_user(u, e) < 0)
		return -1;
	return s->meta->ops->user_update(s->meta, u, set, e);
}

int svc_user_set_password(
	struct svc *s, int64_t user_id, struct span password, struct arena *a, struct err *e)
{
	struct meta_user u = {.id = user_id};

	if (password_hash(a, password, &u.password_hash, e) < 0)
		return -1;
	return s->meta->ops->user_update(s->meta, &u, META_SET_PASSWORD, e);
}

/* ---- access keys -------------------------------------------------------------------- */

static bool secret_legal(struct span secret)
{
	if (secret.n < SECRET_MIN || secret.n > SECRET_MAX)
		return false;
	for (size_t i = 0; i < secret.n; i++)
		if (secret.p[i] <= ' ' || secret.p[i] > '~')
			return false;
	return true;
}

static int check_description(struct span text, struct err *e)
{
	if (text.n && !name_display_legal(text))
		return illegal(e, "a description has up to 128 characters, no control ones");
	return 0;
}

static struct span random_text(struct arena *a, size_t n, const char *alphabet)
{
	char *p = arena_alloc(a, n + 1);

	rnd_text(p, n, alphabet);
	return span_of(p, n);
}

int svc_key_create(struct svc *s, int64_t user_id, struct span access_key, struct span secret,
	struct span description, int64_t expires_us, struct arena *a, const char **access_key_r,
	const char **secret_r, struct err *e)
{
	struct meta_access_key k = {.user_id = user_id, .expires_us = expires_us};
	struct meta_user u;

	if (span_absent(access_key))
		access_key = random_text(a, ACCESS_KEY_CHARS, RND_UPPER);
	if (span_absent(secret))
		secret = random_text(a, SECRET_CHARS, SECRET_ALPHABET);
	if (!name_access_key_legal(access_key))
		return illegal(e, "an access key has 16 to 128 letters, digits and _");
	if (!secret_legal(secret))
		return err_fail_why(e, ERR_INVALID, REASON_PASSWORD,
			"a secret key has %d to %d printable characters without blanks",
			SECRET_MIN, SECRET_MAX);
	if (check_description(description, e) < 0)
		return -1;
	if (s->meta->ops->user_get(s->meta, user_id, a, &u, e) < 0)
		return -1;
	k.access_key = arena_strndup(a, access_key);
	k.secret = sealbox_seal(s->sealbox, a, secret, access_key);
	k.description = arena_strndup(a, description);
	k.created_us = clock_now_us(s->clock);
	if (s->meta->ops->key_create(s->meta, &k, e) < 0)
		return -1;
	*access_key_r = k.access_key;
	*secret_r = arena_strndup(a, secret);
	return 0;
}

int svc_key_update(
	struct svc *s, const struct meta_access_key *k, unsigned set, struct err *e)
{
	if (check_description(span_str(k->description), e) < 0)
		return -1;
	return s->meta->ops->key_update(s->meta, k, set, e);
}

/* ---- the first start ---------------------------------------------------------------- */

int svc_first_start(struct svc *s, struct span password, struct arena *a,
	struct svc_first_start *out_r, struct err *e)
{
	const struct meta_page one = {.limit = 1};
	struct svc_new_user admin = {.name = SPAN_LIT("admin"), .role = META_ROLE_GLOBAL_ADMIN};
	struct meta_user *any, u;
	struct err why = {0};
	size_t n;

	memset(out_r, 0, sizeof(*out_r));
	if (s->meta->ops->user_list(s->meta, -1, &one, a, &any, &n, e) < 0)
		return -1;
	if (n)
		return 0;
	if (span_absent(password))
		password = random_text(a, FIRST_PASSWORD_CHARS, RND_READABLE);
	admin.password = password;
	if (svc_user_create(s, &admin, a, &u, e) < 0)
		return -1;
	if (svc_key_create(s, u.id, SPAN_NULL, SPAN_NULL, SPAN_LIT("first start"), 0, a,
		    &out_r->access_key, &out_r->secret, &why) < 0) {
		/* Without a user the next start tries again. */
		if (s->meta->ops->user_delete(s->meta, u.id, NULL) < 0)
			return err_fail(e, ERR_INTERNAL, "the first user has no access key");
		return err_pass(e, &why);
	}
	out_r->made = true;
	out_r->user = u.name;
	out_r->password = arena_strndup(a, password);
	return 0;
}
