/* SPDX-License-Identifier: MIT */
/* Who sent a form: the signer of its policy, which must allow all that the form says. */
#include "auth/postsign.h"
#include "model/names.h"
#include "s3/authn.h"
#include "s3/form.h"

static bool has_v4(const struct s3_req *q)
{
	return !span_absent(s3_form_field(q, "x-amz-algorithm")) ||
		!span_absent(s3_form_field(q, "x-amz-credential")) ||
		!span_absent(s3_form_field(q, "x-amz-signature"));
}

bool s3_form_is_signed(const struct s3_req *q)
{
	return has_v4(q) || !span_absent(s3_form_field(q, "policy")) ||
		!span_absent(s3_form_field(q, "signature")) ||
		!span_absent(s3_form_field(q, "awsaccesskeyid"));
}

static int need_field(struct s3_req *q, const char *name, struct span *value_r)
{
	*value_r = s3_form_field(q, name);
	if (value_r->n > 0)
		return 0;
	return s3_fail_argument(&q->call, name, SPAN_LIT(""),
		arena_printf(q->call.arena,
			"Bucket POST must contain a field named '%s'.  If it is specified, "
			"please "
			"check the order of the fields.",
			name));
}

static int fail_mismatch(struct s3_req *q, struct span policy, struct span signature)
{
	return s3_authn_fail_mismatch(q, q->principal.access_key, signature, policy);
}

/* ---- the policy ---- */

/*
 * The host of a form is not signed. A tenant's own domain names his namespace in its place;
 * that the signer meant it goes without saying only when it is his.
 */
static struct span signed_bucket(const struct s3_req *q)
{
	struct span name = q->call.explicit_name, tenant, bucket;

	if (!name_bucket_split(name, &tenant, &bucket) ||
		!span_eq_str(tenant, q->principal.tenant_pub))
		return name;
	return q->call.bucket_name;
}

static int fail_bucket(struct s3_req *q, struct span bucket)
{
	return s3_fail(&q->call, S3_AccessDenied,
		arena_printf(q->call.arena,
			"Invalid according to Policy: Policy Condition failed: [\"eq\", "
			"\"$bucket\", \"%.*s\"]",
			SPAN_FMT(bucket)));
}

/* All fields, and the bucket as one that is always sent. */
static int check_policy(struct s3_req *q, struct postpolicy *p)
{
	struct s3_form *f = q->form;
	struct span bucket = signed_bucket(q), sent = s3_form_field(q, "bucket");
	struct postpolicy_field *fields =
		arena_array(q->call.arena, struct postpolicy_field, f->count + 1);

	if (!span_absent(sent) && !span_eq(sent, bucket))
		return fail_bucket(q, bucket);
	memcpy(fields, f->fields, f->count * sizeof(*fields));
	fields[f->count] = (struct postpolicy_field){SPAN_LIT("bucket"), bucket};
	if (!postpolicy_holds(
		    q->call.arena, p, fields, f->count + span_absent(sent), q->call.now_us))
		return s3_fail(&q->call, S3_AccessDenied, p->text);
	f->min_bytes = p->min_bytes;
	f->max_bytes = p->max_bytes;
	return 0;
}

static int accept(struct s3_req *q, struct span policy)
{
	struct postpolicy p;

	if (s3_principal_accept(q) < 0)
		return -1;
	if (!postpolicy_parse(q->call.arena, policy, &p))
		return s3_fail(&q->call, S3_InvalidPolicyDocument, p.text);
	return check_policy(q, &p);
}

/* ---- the signatures ---- */

static int check_v4(struct s3_req *q, struct span policy)
{
	struct postsign_v4 f;
	enum sigv4_fault fault;

	if (need_field(q, "X-Amz-Signature", &f.signature) < 0 ||
		need_field(q, "X-Amz-Algorithm", &f.algorithm) < 0 ||
		need_field(q, "X-Amz-Credential", &f.credential) < 0 ||
		need_field(q, "X-Amz-Date", &f.date) < 0)
		return -1;
	fault = postsign_parse_v4(q->call.arena, &f, svc_cfg(q->call.svc)->region, &q->sig);
	if (fault != SIGV4_OK)
		return s3_authn_fail_v4(q, fault);
	if (s3_principal_find(q, q->sig.access_key) < 0)
		return -1;
	if (!postsign_verify_v4(policy, svc_signing_key(q->call.svc, &q->principal, q->sig.day),
		    f.signature))
		return fail_mismatch(q, policy, f.signature);
	return accept(q, policy);
}

static int check_v2(struct s3_req *q, struct span policy)
{
	struct span access_key, signature;

	if (need_field(q, "AWSAccessKeyId", &access_key) < 0 ||
		need_field(q, "Signature", &signature) < 0 ||
		s3_principal_find(q, access_key) < 0)
		return -1;
	if (!postsign_verify_v2(policy, q->principal.secret, signature))
		return fail_mismatch(q, policy, signature);
	return accept(q, policy);
}

int s3_authenticate_form(struct s3_req *q)
{
	struct span policy;

	if (need_field(q, "policy", &policy) < 0)
		return -1;
	return has_v4(q) ? check_v4(q, policy) : check_v2(q, policy);
}
