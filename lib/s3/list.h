/* SPDX-License-Identifier: MIT */
/* ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads, ListParts. */
#ifndef MX_S3_LIST_H
#define MX_S3_LIST_H

#include "codec/xmlw.h"
#include "s3/handler.h"

/* ---- list.c ---- */

/* What is asked of a page of keys. */
struct s3_list_page {
	struct span prefix, delimiter; /* absent: not given */
	unsigned limit;                /* at most S3_LIST_MAX */
	bool url;                      /* keys percent-encoded */
};
enum { S3_LIST_MAX = 1000 };
/* limit: the parameter that bounds the page. */
int s3_list_page_parse(
	struct s3_req *q, const char *limit, struct s3_list_page *p_r) MX_MUST_CHECK;
/* The owner of each entry that is no common prefix. */
int s3_list_owners(struct s3_call *c, const struct meta_list_result *list,
	struct s3_owner **owners_r) MX_MUST_CHECK;
/* Tag, checksum, size, owner (NULL: not told) and storage class of an entry. */
void s3_list_object(struct xmlw *w, const struct meta_object *o, const struct s3_owner *owner);
/* Every common prefix of a page. */
void s3_list_prefixes(struct xmlw *w, const struct meta_list_result *list, bool is_url);

/* ---- list_objects.c: both versions are one listing with different words around it ---- */
struct s3_list_objects_in {
	struct s3_list_page page;
	struct span after; /* where to begin, exclusive */
	bool with_owner;
	/* what is only echoed */
	bool is_v2;
	struct span marker, start_after, token;
};
struct s3_list_objects_out {
	const struct s3_list_objects_in *in;
	struct meta_list_result list;
	struct s3_owner *owners; /* of each entry; NULL unless with_owner */
};
S3_HANDLER(list_objects);

/* ---- list_versions.c ---- */
struct s3_list_versions_in {
	struct s3_list_page page;
	struct span key_marker, id_marker; /* absent: not given */
	const struct version_id *version;  /* of id_marker */
};
struct s3_list_versions_out {
	const struct s3_list_versions_in *in;
	struct meta_list_result list;
	struct s3_owner *owners; /* of each entry */
};
S3_HANDLER(list_versions);

/* ---- list_uploads.c ---- */
struct s3_list_uploads_in {
	struct s3_list_page page;
	struct span key_marker, id_marker; /* absent: not given */
};
struct s3_list_uploads_out {
	const struct s3_list_uploads_in *in;
	struct meta_list_uploads_result list;
	struct s3_owner *owners; /* of each entry */
	const char *const *ids;  /* upload ids of each entry */
};
S3_HANDLER(list_uploads);

/* ---- list_parts.c ---- */
struct s3_list_parts_in {
	struct span upload_id;
	uint32_t marker;
	unsigned limit;
	bool url;
};
struct s3_list_parts_out {
	const struct s3_list_parts_in *in;
	struct meta_upload upload;
	struct meta_part *parts;
	size_t count;
	bool truncated;
	struct s3_owner initiator;
};
S3_HANDLER(list_parts);

#endif
