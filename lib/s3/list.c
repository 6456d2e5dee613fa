/* SPDX-License-Identifier: MIT */
/* What the listings of objects, versions and uploads have in common. */
#include "s3/list.h"

#include "s3/fields.h"

int s3_list_page_parse(struct s3_req *q, const char *limit, struct s3_list_page *p_r)
{
	const struct s3_number number = {limit, 0, INT32_MAX, S3_LIST_MAX};
	uint64_t n;

	if (s3_param_number(q, &number, &n) < 0 || s3_param_encoding(q, &p_r->url) < 0)
		return -1;
	p_r->limit = n > S3_LIST_MAX ? S3_LIST_MAX : (unsigned)n;
	p_r->prefix = s3_param(q, "prefix");
	p_r->delimiter = s3_param(q, "delimiter");
	return 0;
}

int s3_list_owners(
	struct s3_call *c, const struct meta_list_result *list, struct s3_owner **owners_r)
{
	struct s3_owner *owners = arena_array(c->arena, struct s3_owner, list->count + 1);
	struct s3_owner memo = {0};

	for (size_t i = 0; i < list->count; i++) {
		if (list->entries[i].is_prefix)
			continue;
		if (s3_owner_get(c, list->entries[i].object.owner_id, &memo) < 0)
			return -1;
		owners[i] = memo;
	}
	*owners_r = owners;
	return 0;
}

void s3_list_object(struct xmlw *w, const struct meta_object *o, const struct s3_owner *owner)
{
	s3_xml_etag(w, &o->etag);
	if (o->checksum.alg != CHECKSUM_NONE) {
		xmlw_str(w, "ChecksumAlgorithm", checksum_name(o->checksum.alg));
		xmlw_str(w, "ChecksumType", checksum_type_name(o->checksum.type));
	}
	xmlw_u64(w, "Size", o->size);
	if (owner)
		s3_xml_owner(w, "Owner", owner);
	xmlw_str(w, "StorageClass", "STANDARD");
}

void s3_list_prefixes(struct xmlw *w, const struct meta_list_result *list, bool is_url)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!list->entries[i].is_prefix)
			continue;
		xmlw_open(w, "CommonPrefixes");
		s3_xml_key(w, "Prefix", list->entries[i].object.key, is_url);
		xmlw_close(w);
	}
}
