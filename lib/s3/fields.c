/* SPDX-License-Identifier: MIT */
/*
 * Stored headers. User metadata arrives with '-' for '_' (a CGI environment cannot tell them
 * apart); the true name is the one that was signed.
 */
#include "s3/fields.h"

#include "codec/timefmt.h"

#define USER_PREFIX "x-amz-meta-"
#define OVERRIDE_TYPE "response-content-type"
/* With what can be stored, the head of a response stays below the front servers' 16 KiB. */
enum { OVERRIDES_MAX_BYTES = 7 * 1024 };

/* Strict clients and servers refuse a response with a control character other than a tab. */
static int check_value(struct s3_req *q, const char *name, struct span value)
{
	if (!s3_has_control(value))
		return 0;
	s3_fail(&q->call, S3_InvalidArgument, "A header value cannot hold control characters.");
	s3_fail_add(&q->call, "ArgumentName", span_str(name));
	return -1;
}

/* ---- user metadata ---- */

static void add_pair(struct arena *a, struct objmeta *m, struct span name, struct span value)
{
	for (size_t i = 0; i < m->user_count; i++)
		if (span_eq(m->user[i].name, name)) {
			m->user[i].value = span_str(arena_printf(
				a, "%.*s,%.*s", SPAN_FMT(m->user[i].value), SPAN_FMT(value)));
			return;
		}
	m->user[m->user_count++] = (struct objmeta_pair){name, value};
}

static int fail_metadata(struct s3_req *q, size_t bytes)
{
	struct arena *a = q->call.arena;

	s3_fail(&q->call, S3_MetadataTooLarge, NULL);
	s3_fail_add(&q->call, "Size", span_str(arena_printf(a, "%zu", bytes)));
	s3_fail_add(&q->call, "MaxSizeAllowed",
		span_str(arena_printf(a, "%d", OBJMETA_USER_MAX_BYTES)));
	return -1;
}

static int parse_user(struct s3_req *q, struct objmeta *m)
{
	struct http_req *r = q->http;

	m->user = arena_array(q->call.arena, struct objmeta_pair, r->header_count);
	for (size_t i = 0; i < r->header_count; i++) {
		const struct http_header *h = &r->headers[i];
		struct span name;

		if (!span_starts(h->name, SPAN_LIT(USER_PREFIX)))
			continue;
		if (!s3_is_token(h->name))
			return s3_fail_argument(&q->call, "x-amz-meta-*", h->name,
				"The name of a header cannot hold this character.");
		if (check_value(q, "x-amz-meta-*", h->value) < 0)
			return -1;
		name = s3_header_name(q, i);
		add_pair(q->call.arena, m, span_from(name, sizeof(USER_PREFIX) - 1),
			span_trim(h->value));
	}
	if (objmeta_user_bytes(m) > OBJMETA_USER_MAX_BYTES)
		return fail_metadata(q, objmeta_user_bytes(m));
	return 0;
}

/* ---- system headers ---- */

static const struct {
	const char *request;  /* header; NULL: not taken from a request */
	const char *override; /* parameter of a read; NULL: none */
} sys_fields[OBJMETA_SYS_COUNT] = {
	[OBJMETA_CACHE_CONTROL] = {"cache-control", "response-cache-control"},
	[OBJMETA_CONTENT_DISPOSITION] = {"content-disposition", "response-content-disposition"},
	[OBJMETA_CONTENT_ENCODING] = {"content-encoding", "response-content-encoding"},
	[OBJMETA_CONTENT_LANGUAGE] = {"content-language", "response-content-language"},
	[OBJMETA_EXPIRES] = {"expires", "response-expires"},
	[OBJMETA_WEBSITE_REDIRECT] = {"x-amz-website-redirect-location", NULL},
};

/* Every aws-chunked token is about the transfer, not about the object. */
static struct span without_aws_chunked(struct arena *a, struct span value)
{
	struct span rest = value, token, out = SPAN_NULL;

	while (span_cut(&rest, ',', &token)) {
		token = span_trim(token);
		if (token.n == 0 || span_eq_ci(token, SPAN_LIT("aws-chunked")))
			continue;
		if (span_absent(out))
			out = token;
		else
			out = span_str(
				arena_printf(a, "%.*s,%.*s", SPAN_FMT(out), SPAN_FMT(token)));
	}
	return out;
}

static struct span non_empty(struct span s)
{
	return s.n ? s : SPAN_NULL;
}

static int parse_sys(struct s3_req *q, enum objmeta_sys which, struct span *value_r)
{
	*value_r = non_empty(http_header_joined(q->http, sys_fields[which].request));
	return check_value(q, objmeta_sys_header(which), *value_r);
}

int s3_redirect_parse(struct s3_req *q, struct span *location_r)
{
	if (parse_sys(q, OBJMETA_WEBSITE_REDIRECT, location_r) < 0)
		return -1;
	if (location_r->n == 0 || location_r->p[0] == '/' ||
		span_starts(*location_r, SPAN_LIT("http://")) ||
		span_starts(*location_r, SPAN_LIT("https://")))
		return 0;
	return s3_fail(&q->call, S3_InvalidRedirectLocation, NULL);
}

int s3_fields_parse(struct s3_req *q, struct objmeta *m_r)
{
	*m_r = (struct objmeta){.content_type = non_empty(s3_header(q, "content-type"))};
	if (check_value(q, "Content-Type", m_r->content_type) < 0)
		return -1;
	for (int i = 0; i < OBJMETA_SYS_COUNT; i++)
		if (sys_fields[i].request &&
			parse_sys(q, (enum objmeta_sys)i, &m_r->sys[i]) < 0)
			return -1;
	m_r->sys[OBJMETA_CONTENT_ENCODING] =
		without_aws_chunked(q->call.arena, m_r->sys[OBJMETA_CONTENT_ENCODING]);
	if (s3_redirect_parse(q, &m_r->sys[OBJMETA_WEBSITE_REDIRECT]) < 0)
		return -1;
	return parse_user(q, m_r);
}

bool s3_overrides_asked(const struct s3_req *q)
{
	for (int i = 0; i < OBJMETA_SYS_COUNT; i++)
		if (sys_fields[i].override && !span_absent(s3_param(q, sys_fields[i].override)))
			return true;
	return !span_absent(s3_param(q, OVERRIDE_TYPE));
}

/* Adds its bytes to *bytes. */
static int take_override(
	struct s3_req *q, const char *name, struct span *value_r, size_t *bytes)
{
	*value_r = s3_param(q, name);
	if (span_absent(*value_r))
		return 0;
	*bytes += value_r->n;
	if (*bytes > OVERRIDES_MAX_BYTES)
		return s3_fail_argument(&q->call, name, *value_r,
			"The response headers that were asked for are too long.");
	return check_value(q, name, *value_r);
}

int s3_overrides_parse(struct s3_req *q, struct span instead_r[S3_OVERRIDE_COUNT])
{
	size_t bytes = 0;

	for (int i = 0; i < OBJMETA_SYS_COUNT; i++) {
		instead_r[i] = SPAN_NULL;
		if (sys_fields[i].override &&
			take_override(q, sys_fields[i].override, &instead_r[i], &bytes) < 0)
			return -1;
	}
	return take_override(q, OVERRIDE_TYPE, &instead_r[S3_OVERRIDE_CONTENT_TYPE], &bytes);
}

static void add_field(
	struct s3_req *q, const char *name, struct span value, struct span instead)
{
	if (!span_absent(instead))
		value = instead;
	if (!span_absent(value))
		http_head_add(&q->head, name, value);
}

void s3_fields_add(struct s3_req *q, const struct objmeta *m, const struct span *instead)
{
	static const struct span nothing[S3_OVERRIDE_COUNT];

	if (!instead)
		instead = nothing;
	add_field(q, "Content-Type",
		span_absent(m->content_type) ? SPAN_LIT("binary/octet-stream")
					     : m->content_type,
		instead[S3_OVERRIDE_CONTENT_TYPE]);
	for (int i = 0; i < OBJMETA_SYS_COUNT; i++)
		add_field(q, objmeta_sys_header((enum objmeta_sys)i), m->sys[i], instead[i]);
	for (size_t i = 0; i < m->user_count; i++)
		http_head_add(&q->head,
			arena_printf(
				q->call.arena, USER_PREFIX "%.*s", SPAN_FMT(m->user[i].name)),
			m->user[i].value);
}

void s3_conditions_parse(struct s3_req *q, struct write_conditions *c_r)
{
	*c_r = (struct write_conditions){
		.if_match = http_header_joined(q->http, "if-match"),
		.if_none_match = http_header_joined(q->http, "if-none-match"),
	};
}

/* ---- lines of a response ---- */

void s3_add_etag(struct s3_req *q, const struct etag *t)
{
	char text[ETAG_TEXT_MAX];

	etag_format(text, t);
	http_head_add_str(&q->head, "ETag", arena_strdup(q->call.arena, text));
}

void s3_add_last_modified(struct s3_req *q, int64_t mtime_us)
{
	char text[TIMEFMT_MAX];

	timefmt_http(text, mtime_us);
	http_head_add_str(&q->head, "Last-Modified", arena_strdup(q->call.arena, text));
}

void s3_add_checksum_value(struct s3_req *q, const struct checksum *c)
{
	char text[CHECKSUM_TEXT_MAX];

	if (c->alg == CHECKSUM_NONE)
		return;
	checksum_format(text, c);
	http_head_add_str(&q->head, checksum_header(c->alg), arena_strdup(q->call.arena, text));
}

void s3_add_checksum(struct s3_req *q, const struct checksum *c, enum checksum_type type)
{
	if (c->alg == CHECKSUM_NONE)
		return;
	s3_add_checksum_value(q, c);
	http_head_add_str(&q->head, "x-amz-checksum-type", checksum_type_name(type));
}

struct span s3_object_url(const struct s3_req *q)
{
	BUF_AUTO struct buf b;

	buf_init(&b, 16 * 1024);
	if (q->http->host.n)
		buf_printf(&b, "%s://%.*s", q->http->https ? "https" : "http",
			SPAN_FMT(q->http->host));
	buf_add_char(&b, '/');
	if (!q->target.host_style) {
		uri_encode(&b, q->call.bucket_name, false);
		buf_add_char(&b, '/');
	}
	uri_encode(&b, q->call.key, true);
	return arena_dup(q->call.arena, buf_span(&b));
}

void s3_xml_etag(struct xmlw *w, const struct etag *t)
{
	char text[ETAG_TEXT_MAX];

	etag_format(text, t);
	xmlw_str(w, "ETag", text);
}

void s3_xml_checksum(struct xmlw *w, const struct checksum *c)
{
	char text[CHECKSUM_TEXT_MAX];

	if (c->alg == CHECKSUM_NONE)
		return;
	checksum_format(text, c);
	xmlw_str(w, checksum_element(c->alg), text);
}

void s3_xml_owner(struct xmlw *w, const char *name, const struct s3_owner *o)
{
	xmlw_open(w, name);
	xmlw_str(w, "ID", o->id);
	xmlw_str(w, "DisplayName", o->name);
	xmlw_close(w);
}

void s3_xml_time(struct xmlw *w, const char *name, int64_t at_us)
{
	xmlw_time(w, name, at_us - at_us % 1000000);
}

void s3_xml_key(struct xmlw *w, const char *name, struct span key, bool is_url)
{
	BUF_AUTO struct buf encoded;

	buf_init(&encoded, 64 * 1024);
	if (is_url)
		uri_encode(&encoded, key, true);
	xmlw_text(w, name, is_url ? buf_span(&encoded) : key);
}

void s3_xml_begin(struct xmlw *w, struct buf *doc, const char *root)
{
	buf_init(doc, S3_MAX_DOCUMENT);
	xmlw_init(w, doc);
	xmlw_open_ns(w, root, XMLW_S3_NS);
}
