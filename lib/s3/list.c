/* SPDX-License-Identifier: MIT */
/* What the listings of objects and of versions have in common. */
#include "s3/list.h"

#include "s3/fields.h"

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
