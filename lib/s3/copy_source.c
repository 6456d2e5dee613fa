/* SPDX-License-Identifier: MIT */
/* x-amz-copy-source ("CopyObject" in the S3 API reference). A '+' is itself, never a space. */
#include "s3/copy_source.h"

#include "codec/uri.h"
#include "model/names.h"

static const char *parse_version(struct arena *a, struct span query, struct s3_copy_source *s)
{
	struct span name, value = query;
	struct err e;

	s->has_version = !span_absent(query);
	if (!s->has_version)
		return NULL;
	if (!span_cut(&value, '=', &name) || !span_eq_str(name, "versionId"))
		return "The only query parameter of a copy source is versionId.";
	if (value.n == 0)
		return "Version id cannot be the empty string";
	if (uri_decode(a, value, &value, &e) < 0 || !version_id_parse(value, &s->version))
		return "Invalid version id specified";
	return NULL;
}

const char *s3_copy_source_parse(struct arena *a, struct span text, struct s3_copy_source *s_r)
{
	struct span query = text, path;
	struct err e;

	*s_r = (struct s3_copy_source){.has_version = false};
	(void)span_cut(&query, '?', &path);
	if (path.n == 0 || uri_decode(a, path, &path, &e) < 0 || !span_is_utf8(path) ||
		span_find_byte(path, '\0') >= 0)
		return "Copy Source must mention the source bucket and key: "
		       "sourcebucket/sourcekey";
	s_r->key = path.p[0] == '/' ? span_from(path, 1) : path;
	(void)span_cut(&s_r->key, '/', &s_r->bucket);
	if (s_r->key.n == 0)
		return "Copy Source must mention the source bucket and key: "
		       "sourcebucket/sourcekey";
	if (!name_bucket_legal(s_r->bucket))
		return "Invalid copy source bucket name";
	if (s_r->key.n > NAME_KEY_MAX)
		return "Invalid copy source object key";
	return parse_version(a, query, s_r);
}
