/* SPDX-License-Identifier: MIT */
/* Headers that are stored with an object and come back with it; conditions; the fields of a
 * response. */
#ifndef MX_S3_FIELDS_H
#define MX_S3_FIELDS_H

#include "model/objmeta.h"
#include "s3/req.h"

/* Content-Type, system headers and user metadata of a write, in their true spelling. */
int s3_fields_parse(struct s3_req *q, struct objmeta *m_r) MX_MUST_CHECK;
/* x-amz-website-redirect-location alone; absent without it. */
int s3_redirect_parse(struct s3_req *q, struct span *location_r) MX_MUST_CHECK;
/* Adds them to the response; `instead` (may be NULL) holds response-* overrides, absent where
 * not given. */
enum { S3_OVERRIDE_CONTENT_TYPE = OBJMETA_SYS_COUNT, S3_OVERRIDE_COUNT };
void s3_fields_add(struct s3_req *q, const struct objmeta *m, const struct span *instead);
/* The response-* parameters; whether there are any. */
bool s3_overrides_asked(const struct s3_req *q);
int s3_overrides_parse(
	struct s3_req *q, struct span instead_r[S3_OVERRIDE_COUNT]) MX_MUST_CHECK;

/* If-Match and If-None-Match of a write. */
void s3_conditions_parse(struct s3_req *q, struct write_conditions *c_r);

/* Header lines of a response. */
void s3_add_etag(struct s3_req *q, const struct etag *t);
void s3_add_last_modified(struct s3_req *q, int64_t mtime_us);
/* The value alone; nothing for alg NONE. */
void s3_add_checksum_value(struct s3_req *q, const struct checksum *c);
/* Value and type of the object's checksum (a part's own is always of its whole). */
void s3_add_checksum(struct s3_req *q, const struct checksum *c, enum checksum_type type);

/* Where the object is, as the client reached us: a URL, or without a Host its path; arena. */
struct span s3_object_url(const struct s3_req *q);

/* The same as XML: <ETag>, and for example <ChecksumCRC32>. */
void s3_xml_etag(struct xmlw *w, const struct etag *t);
void s3_xml_checksum(struct xmlw *w, const struct checksum *c);
/* <name><ID/><DisplayName/></name> */
void s3_xml_owner(struct xmlw *w, const char *name, const struct s3_owner *o);
/* Whole seconds, as Last-Modified has them. */
void s3_xml_time(struct xmlw *w, const char *name, int64_t at_us);
/* Text as it is or, with encoding-type=url, percent-encoded. */
void s3_xml_key(struct xmlw *w, const char *name, struct span key, bool is_url);
/* Declaration and root element in S3's namespace; finish with xmlw_close and s3_respond_xml. */
void s3_xml_begin(struct xmlw *w, struct buf *doc, const char *root);

#endif
