/* SPDX-License-Identifier: MIT */
/*
 * What acts as a header without having been sent as one: parameters of a request that is signed
 * in its query, and the fields of a form. They stand in q->http->headers behind those that were
 * sent, so that whoever reads headers reads them, too, and share the bounds of a header
 * section.
 */
#include "s3/req.h"

bool s3_has_control(struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static struct span to_lower(struct arena *a, struct span s)
{
	char *p = arena_strndup(a, s);

	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 32);
	return span_of(p, s.n);
}

/* Of a form the part that holds the file is what is stored, not the body as it was sent. */
static bool describes_body(struct span name)
{
	return auth_is_amz(name) || span_starts(name, SPAN_LIT("content-")) ||
		span_eq_str(name, "cache-control") || span_eq_str(name, "expires");
}

static bool was_sent(const struct http_header *sent, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (auth_same_name(sent[i].name, name))
			return true;
	return false;
}

bool s3_is_token(struct span name)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
			!(c >= 'A' && c <= 'Z') && (c == '\0' || !strchr(marks, c)))
			return false;
	}
	return true;
}

static int fail_field(struct s3_req *q, struct span name, const char *message)
{
	s3_fail(&q->call, S3_InvalidArgument, message);
	s3_fail_add(&q->call, "ArgumentName", name);
	return -1;
}

/* Signature V2 signs lines: with a ':' in its name, a field would be signed like another one.
 */
static int check_field(struct s3_req *q, const struct http_header *h)
{
	if (!s3_is_token(h->name))
		return fail_field(
			q, h->name, "The name of a header cannot hold this character.");
	if (s3_has_control(h->value))
		return fail_field(q, h->name, "A header value cannot hold control characters.");
	return 0;
}

/* all has room; its first *n_io are there. */
static int append(struct s3_req *q, struct http_header *all, size_t *n_io,
	const struct http_header *fields, size_t n)
{
	size_t sent = *n_io, bytes = q->http->header_bytes;

	for (size_t i = 0; i < n; i++) {
		struct http_header h = {
			to_lower(q->call.arena, fields[i].name), span_trim(fields[i].value)};

		if (was_sent(all, sent, h.name))
			continue;
		if (check_field(q, &h) < 0)
			return -1;
		bytes += h.name.n + h.value.n + 4;
		if (bytes > HTTP_MAX_HEADER_BYTES || *n_io >= HTTP_MAX_HEADERS)
			return s3_fail(&q->call, S3_RequestHeaderSectionTooLarge, NULL);
		all[(*n_io)++] = h;
	}
	return 0;
}

static int put(struct s3_req *q, bool is_form, const struct http_header *fields, size_t n)
{
	struct http_header *all =
		arena_array(q->call.arena, struct http_header, q->sent_count + n);
	size_t count = 0;

	for (size_t i = 0; i < q->sent_count; i++)
		if (!is_form || !describes_body(q->sent[i].name))
			all[count++] = q->sent[i];
	if (append(q, all, &count, fields, n) < 0)
		return -1;
	q->http->headers = all;
	q->http->header_count = count;
	return 0;
}

int s3_headers_add(struct s3_req *q, const struct http_header *fields, size_t n)
{
	return put(q, false, fields, n);
}

int s3_headers_of_form(struct s3_req *q, const struct http_header *fields, size_t n)
{
	q->names = NULL;
	return put(q, true, fields, n);
}

/* Signature V2 signs two headers more, and its clients move them into the query as well. */
static bool acts_as_header(const struct s3_req *q, struct span name)
{
	if (auth_is_amz(name))
		return true;
	return s3_query_has_v2(q) &&
		(span_eq_ci(name, SPAN_LIT("content-type")) ||
			span_eq_ci(name, SPAN_LIT("content-md5")));
}

int s3_headers_of_query(struct s3_req *q)
{
	struct http_header *fields;
	size_t n = 0;

	if (!s3_query_has_v4(q) && !s3_query_has_v2(q))
		return 0;
	fields = arena_array(q->call.arena, struct http_header, q->param_count);
	for (size_t i = 0; i < q->param_count; i++)
		if (acts_as_header(q, q->params[i].name))
			fields[n++] = (struct http_header){q->params[i].name,
				q->params[i].value.n ? q->params[i].value : SPAN_LIT("")};
	return s3_headers_add(q, fields, n);
}

struct span s3_header_name(const struct s3_req *q, size_t i)
{
	return q->names && i < q->sent_count ? q->names[i] : q->http->headers[i].name;
}
