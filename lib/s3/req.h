/* SPDX-License-Identifier: MIT */
/*
 * One S3 request on its way through the stages of pipeline.c; what `parse` and `render` of an
 * operation see. `run` sees the call only.
 */
#ifndef MX_S3_REQ_H
#define MX_S3_REQ_H

#include <stdatomic.h>

#include "auth/sigv4.h"
#include "codec/uri.h"
#include "codec/xmlw.h"
#include "http/http.h"
#include "http/probe.h"
#include "s3/call.h"
#include "s3/op.h"
#include "s3/s3.h"
#include "s3/target.h"

struct s3_app {
	struct http_app app;
	struct svc *svc;
	struct http_probe probe;
	char host_id[45]; /* x-amz-id-2: names this process, random */
	atomic_uint forms; /* whose fields are being read */
};

/* Counts what is read of the request's body. */
struct s3_received {
	struct source src;
	struct source *inner;
	uint64_t bytes;
};

struct s3_req {
	struct s3_call call;
	struct s3_app *app;
	struct http_req *http;
	struct http_head head; /* of the response; the ids are in from the start */

	struct s3_target target;
	struct uri_param *params; /* decoded, UTF-8 */
	size_t param_count;
	const struct s3_refusal *refusal; /* routed to one: nothing is parsed or run */

	/* As they came; q->http->headers has them first and then what acts as headers
	 * (headers.c). */
	const struct http_header *sent;
	size_t sent_count;
	const struct span *names; /* of each of them as it was signed; NULL: unknown */

	bool is_signed;
	struct auth_request auth;
	struct sigv4 sig; /* these three only when it is Signature V4; payload_hash tells */
	struct sigv4_proof proof;
	struct sigv4_chunks chunks;
	struct svc_principal principal;

	struct s3_form *form; /* of PostObject (form.h); else NULL */
	struct s3_received received;
	bool waiting; /* a 200 without its document is out already */
	int64_t told_us; /* when the client last heard of us; monotonic */
	void *in, *out; /* of the operation */
	const char *stage;
};

/* ---- req.c: reading what was sent ---- */

/* Fills q->params from the query, and lets those that are signed headers be headers.
 * plus_is_literal: '+' is no space in it. */
int s3_params_parse(struct s3_req *q, bool plus_is_literal) MX_MUST_CHECK;
/* First value of a query parameter: absent if it is not there, "" for `?name`. */
struct span s3_param(const struct s3_req *q, const char *name);
/* Its number, or `otherwise` when absent or empty. Fails with InvalidArgument outside [min,
 * max]. */
struct s3_number {
	const char *name;
	uint64_t min, max, otherwise;
};
int s3_param_number(
	struct s3_req *q, const struct s3_number *n, uint64_t *value_r) MX_MUST_CHECK;
/* The same of a header. */
int s3_header_number(
	struct s3_req *q, const struct s3_number *n, uint64_t *value_r) MX_MUST_CHECK;
/* encoding-type=url? Fails on any other value. */
int s3_param_encoding(struct s3_req *q, bool *is_url_r) MX_MUST_CHECK;
/* First value of a header, or of what acts as one. */
static inline struct span s3_header(const struct s3_req *q, const char *name)
{
	return http_header_get(q->http, name);
}

/* ---- headers.c ---- */

/* Lets fields act as headers: names of any case, values trimmed; one that was sent hides those
 * of its name. Replaces what was added before. Fails on names that no header can have, on control
 * characters and on more than a header section may hold. The bytes are not copied. */
int s3_headers_add(struct s3_req *q, const struct http_header *fields, size_t n) MX_MUST_CHECK;
/* The same for the fields of a form: of the headers that were sent those x-amz-*, Content-*,
 * Cache-Control and Expires do not count any more. */
int s3_headers_of_form(
	struct s3_req *q, const struct http_header *fields, size_t n) MX_MUST_CHECK;
/* The same for q->params, if the request is signed in its query. */
int s3_headers_of_query(struct s3_req *q) MX_MUST_CHECK;
/* The name of q->http->headers[i] in the client's spelling, as far as it is known. */
struct span s3_header_name(const struct s3_req *q, size_t i);
/* A control character other than a tab? */
bool s3_has_control(struct span text);
/* A token of HTTP (RFC 9110, section 5.6.2): what a header may have for a name. */
bool s3_is_token(struct span name);

/* ---- the stages that have files of their own ---- */

int s3_route(struct s3_req *q) MX_MUST_CHECK;
/* Reads the fields of a form; of any other request nothing. */
int s3_form_read(struct s3_req *q) MX_MUST_CHECK;
int s3_authenticate(struct s3_req *q) MX_MUST_CHECK;
/* q->principal becomes the holder of a key, unless a session token comes with it; then, when the
 * signature has proven good, whether he may act is checked, and he is the caller. */
int s3_principal_find(struct s3_req *q, struct span access_key) MX_MUST_CHECK;
int s3_principal_accept(struct s3_req *q) MX_MUST_CHECK;
/* Does the query claim to hold a signature of that version? */
bool s3_query_has_v4(const struct s3_req *q);
bool s3_query_has_v2(const struct s3_req *q);
/* Headers that would change what happens, and that we cannot honour. */
int s3_guard(struct s3_req *q) MX_MUST_CHECK;

/* ---- respond.c ---- */

/* Each sends the response and returns 0, or -1 when the client is gone (recorded as the cause).
 */
int s3_respond_empty(struct s3_req *q, int status) MX_MUST_CHECK;
/* A document begun by s3_xml_begin. */
int s3_respond_xml(struct s3_req *q, int status, struct buf *doc) MX_MUST_CHECK;
/* Status and headers, then `length` bytes of src (none for HEAD). */
int s3_respond_stream(
	struct s3_req *q, int status, struct source *src, uint64_t length) MX_MUST_CHECK;
/* For s3_call.keep_waiting: a client that has waited for long gets a 200 and white space, and the
 * document, be it an error's, in the end. err: ERR_INCOMPLETE. */
int s3_keep_waiting(void *call, struct err *e);
/* What q->call.fail says. */
void s3_respond_failure(struct s3_req *q);
/* Responses above this are transfers. */
enum { S3_SMALL_RESPONSE = 64 * 1024, S3_MAX_DOCUMENT = 32 * 1024 * 1024 };

#endif
