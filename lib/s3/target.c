/* SPDX-License-Identifier: MIT */
/* Path-style and virtual-hosted addressing ("Virtual hosting of buckets" in the S3 user guide).
 */
#include "s3/target.h"

#include "codec/uri.h"
#include "model/names.h"

struct span s3_host_name(struct span host)
{
	ptrdiff_t colon;

	if (host.n && host.p[0] == '[') /* an IPv6 address is no domain */
		return SPAN_NULL;
	colon = span_find_byte(host, ':');
	return colon < 0 ? host : span_head(host, (size_t)colon);
}

/* The part of host before ".domain"; absent if host is not below it, empty if it is the domain.
 */
static struct span label_below(struct span host, struct span domain)
{
	size_t rest;

	if (span_eq(host, domain))
		return span_head(host, 0);
	if (domain.n == 0 || host.n < domain.n + 2)
		return SPAN_NULL;
	rest = host.n - domain.n;
	if (host.p[rest - 1] != '.' || !span_eq(span_from(host, rest), domain))
		return SPAN_NULL;
	return span_head(host, rest - 1);
}

/* The label that names a bucket; *tenant_r: whose domain it stands below, absent if it is ours. */
static struct span bucket_of_host(
	struct span host, const struct s3_domains *domains, struct span *tenant_r)
{
	struct span name = s3_host_name(host), rest = domains->ours, domain, label, best;
	size_t longest = domains->theirs.n;

	best = span_absent(domains->theirs) ? SPAN_NULL : label_below(name, domains->theirs);
	*tenant_r = domains->tenant;
	while (span_cut(&rest, ',', &domain)) {
		domain = span_trim(domain);
		label = label_below(name, domain);
		if (!span_absent(label) && domain.n > longest) {
			longest = domain.n;
			best = label;
			*tenant_r = SPAN_NULL;
		}
	}
	return best;
}

/* Decoded once, and valid: UTF-8 without NUL. */
static bool decode(struct arena *a, struct span raw, struct span *out_r)
{
	struct err e;

	*out_r = span_of("", 0);
	if (raw.n == 0)
		return true;
	if (uri_decode(a, raw, out_r, &e) < 0)
		return false;
	return span_is_utf8(*out_r) && span_find_byte(*out_r, '\0') < 0;
}

struct span s3_target_explicit(struct arena *a, struct span tenant, struct span bucket)
{
	if (span_absent(tenant) || name_bucket_reserved(bucket))
		return bucket;
	return span_str(arena_printf(a, "%.*s--%.*s", SPAN_FMT(tenant), SPAN_FMT(bucket)));
}

static enum s3_code resolve_names(struct arena *a, struct span tenant, struct span raw_bucket,
	struct span raw_key, struct s3_target *t)
{
	if (!decode(a, raw_bucket, &t->bucket) || !decode(a, raw_key, &t->key))
		return S3_InvalidURI;
	t->kind = t->key.n ? S3_OBJECT : S3_BUCKET;
	if (!name_bucket_legal(t->bucket))
		return S3_InvalidBucketName;
	t->tenant = tenant;
	t->explicit_bucket = s3_target_explicit(a, tenant, t->bucket);
	return t->key.n > NAME_KEY_MAX ? S3_KeyTooLongError : S3_OK;
}

enum s3_code s3_target_resolve(struct arena *a, struct span host, struct span path,
	const struct s3_domains *domains, struct s3_target *t_r)
{
	struct span label, bucket, rest, tenant;

	*t_r = (struct s3_target){.kind = S3_SERVICE,
		.bucket = SPAN_LIT(""),
		.key = SPAN_LIT(""),
		.explicit_bucket = SPAN_LIT("")};
	if (path.n == 0 || path.p[0] != '/')
		return S3_InvalidURI;
	rest = span_from(path, 1);
	label = bucket_of_host(host, domains, &tenant);
	if (label.n) {
		t_r->host_style = true;
		return resolve_names(a, tenant, label, rest, t_r);
	}
	if (rest.n == 0)
		return S3_OK;
	if (!span_cut(&rest, '/', &bucket))
		return S3_InvalidURI;
	return resolve_names(a, tenant, bucket, rest, t_r);
}
