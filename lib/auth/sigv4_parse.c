/* SPDX-License-Identifier: MIT */
/*
 * The Authorization header and its companions, and what they share with a presigned query:
 * everything that can be checked without the secret. The first fault counts. Work is bounded by
 * the header section and SIGV4_MAX_SIGNED.
 */
#include "auth/sigv4_int.h"

#include "base/buf.h"
#include "codec/enc.h"
#include "codec/timefmt.h"

enum { MAX_UNSIGNED_TEXT = 2048, MAX_NAME_TEXT = 256 };
#define SCHEME "AWS4-HMAC-SHA256"

enum sigv4_fault sigv4_malformed(struct sigv4 *s, const char *text)
{
	s->text = text;
	return SIGV4_MALFORMED;
}

/* ---- credential and scope ---- */

static bool digits_only(struct span s, size_t n)
{
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Cuts off the last n fields; false when there are not so many '/'. */
static bool cut_scope(struct span *c, struct span *fields, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		size_t at = c->n;

		while (at > 0 && c->p[at - 1] != '/')
			at--;
		if (at == 0)
			return false;
		fields[i] = span_from(*c, at);
		*c = span_head(*c, at - 1);
	}
	return true;
}

static enum sigv4_fault check_scope(
	struct arena *a, const char *region, struct span terminal, struct sigv4 *s)
{
	if (s->access_key.n == 0)
		return sigv4_malformed(
			s, "a non-empty Access Key (AKID) must be provided in the credential.");
	if (!digits_only(s->day, 8))
		return sigv4_malformed(s,
			arena_printf(a,
				"incorrect date format \"%.*s\". This date in the credential "
				"must be in the format \"yyyyMMdd\".",
				SPAN_FMT(s->day)));
	if (!span_eq_str(s->service, "s3"))
		return sigv4_malformed(s,
			arena_printf(a,
				"incorrect service \"%.*s\". This endpoint belongs to \"s3\".",
				SPAN_FMT(s->service)));
	if (!span_eq_str(terminal, "aws4_request"))
		return sigv4_malformed(s,
			arena_printf(a,
				"incorrect terminal \"%.*s\". This endpoint uses "
				"\"aws4_request\".",
				SPAN_FMT(terminal)));
	return span_eq_str(s->region, region) ? SIGV4_OK : SIGV4_WRONG_REGION;
}

/* Access key / day / region / service / aws4_request; the key may hold slashes. */
enum sigv4_fault sigv4_take_credential(
	struct arena *a, struct span credential, const char *region, struct sigv4 *s)
{
	struct span fields[4];

	if (!cut_scope(&credential, fields, 4))
		return sigv4_malformed(s,
			"the Credential is mal-formed; expecting "
			"\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
	s->access_key = credential;
	s->day = fields[0];
	s->region = fields[1];
	s->service = fields[2];
	return check_scope(a, region, fields[3], s);
}

enum sigv4_fault sigv4_check_day(struct arena *a, struct sigv4 *s)
{
	char amz[TIMEFMT_MAX];

	timefmt_amz(amz, s->at_us);
	memcpy(s->amz_date, amz, sizeof(s->amz_date));
	s->amz_date[sizeof(s->amz_date) - 1] = '\0';
	if (span_eq(s->day, span_of(s->amz_date, 8)))
		return SIGV4_OK;
	s->text = arena_printf(a,
		"Invalid credential date \"%.*s\". This date is not the same as X-Amz-Date: "
		"\"%.8s\".",
		SPAN_FMT(s->day), s->amz_date);
	return SIGV4_SCOPE_DATE;
}

/* ---- the Authorization header ---- */

static bool is_hash(struct span s)
{
	unsigned char raw[32];

	return enc_unhex(s, raw, sizeof(raw));
}

bool sigv4_has_too_many_names(struct span signed_headers)
{
	size_t n = 0;
	struct span one;

	while (span_cut(&signed_headers, ';', &one))
		n++;
	return n > SIGV4_MAX_SIGNED;
}

/* Where the value of a field goes; NULL for an unknown one. */
static struct span *field_place(struct sigv4 *s, struct span *credential, struct span name)
{
	if (span_eq_str(name, "Credential"))
		return credential;
	if (span_eq_str(name, "SignedHeaders"))
		return &s->signed_headers;
	return span_eq_str(name, "Signature") ? &s->signature : NULL;
}

static enum sigv4_fault take_fields(struct span rest, struct span *credential, struct sigv4 *s)
{
	struct span field, name;

	while (span_cut(&rest, ',', &field)) {
		struct span value = span_trim(field), *place;

		if (!span_cut(&value, '=', &name) || span_absent(value))
			return sigv4_malformed(s, "a component has no value.");
		place = field_place(s, credential, name);
		if (!place)
			return sigv4_malformed(s, "a component is unknown.");
		if (!span_absent(*place))
			return sigv4_malformed(s, "a component is repeated.");
		*place = value;
	}
	if (span_absent(*credential) || s->signed_headers.n == 0 || s->signature.n == 0)
		return sigv4_malformed(s,
			"the authorization header requires three components: Credential, "
			"SignedHeaders, and Signature.");
	return SIGV4_OK;
}

static enum sigv4_fault parse_fields(
	struct arena *a, struct span rest, const char *region, struct sigv4 *s)
{
	struct span credential = SPAN_NULL;
	enum sigv4_fault fault = take_fields(rest, &credential, s);

	if (fault != SIGV4_OK)
		return fault;
	if (sigv4_has_too_many_names(s->signed_headers))
		return sigv4_malformed(s, "there are too many SignedHeaders.");
	if (!is_hash(s->signature))
		return sigv4_malformed(s, "the Signature is mal-formed.");
	return sigv4_take_credential(a, credential, region, s);
}

static enum sigv4_fault parse_date(
	struct arena *a, const struct auth_request *req, int64_t now_us, struct sigv4 *s)
{
	struct span text = auth_header_get(req, "x-amz-date");
	enum sigv4_fault fault;
	int64_t distance;
	bool ok;

	if (!span_absent(text))
		ok = timefmt_parse_amz(text, &s->at_us);
	else
		ok = timefmt_parse_http(auth_header_get(req, "date"), &s->at_us);
	if (!ok || s->at_us < 0)
		return SIGV4_NO_DATE;
	if ((fault = sigv4_check_day(a, s)) != SIGV4_OK)
		return fault;
	distance = s->at_us > now_us ? s->at_us - now_us : now_us - s->at_us;
	return distance > AUTH_MAX_SKEW_US ? SIGV4_SKEWED : SIGV4_OK;
}

/* ---- payload and headers ---- */

enum sigv4_fault sigv4_take_payload(struct sigv4 *s)
{
	static const struct {
		const char *token;
		enum sigv4_payload payload;
	} tokens[] = {
		{"UNSIGNED-PAYLOAD", SIGV4_UNSIGNED},
		{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", SIGV4_STREAM},
		{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", SIGV4_STREAM_TRAILER},
		{"STREAMING-UNSIGNED-PAYLOAD-TRAILER", SIGV4_STREAM_UNSIGNED_TRAILER},
	};

	if (span_absent(s->payload_hash))
		return SIGV4_NO_PAYLOAD_HASH;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		if (!span_eq_str(s->payload_hash, tokens[i].token))
			continue;
		s->payload = tokens[i].payload;
		return SIGV4_OK;
	}
	s->payload = SIGV4_PAYLOAD_HASH;
	return is_hash(s->payload_hash) ? SIGV4_OK : SIGV4_BAD_PAYLOAD_HASH;
}

static bool is_signed(const struct sigv4 *s, struct span name)
{
	struct span rest = s->signed_headers, one;

	while (span_cut(&rest, ';', &one))
		if (auth_same_name(one, name))
			return true;
	return false;
}

static void add_name(struct buf *names, struct span name)
{
	if (names->n)
		buf_add_str(names, ", ");
	buf_add_span(names, span_head(name, MAX_NAME_TEXT));
}

/* Host binds the request to a place even where a front server did not pass it on. */
enum sigv4_fault sigv4_check_signed_headers(
	struct arena *a, const struct auth_request *req, struct sigv4 *s)
{
	struct span host = SPAN_LIT("host");
	BUF_AUTO struct buf names;

	buf_init(&names, MAX_UNSIGNED_TEXT);
	if (!is_signed(s, host))
		add_name(&names, host);
	for (size_t i = 0; i < req->header_count; i++) {
		struct span name = req->headers[i].name;

		if (auth_is_amz(name) && !is_signed(s, name))
			add_name(&names, name);
	}
	if (names.n == 0)
		return SIGV4_OK;
	s->detail = arena_dup(a, buf_span(&names));
	return SIGV4_UNSIGNED_HEADER;
}

static enum sigv4_fault parse_header(struct arena *a, const struct auth_request *req,
	const char *region, int64_t now_us, struct sigv4 *s)
{
	struct span rest = auth_header_get(req, "authorization"), scheme;
	enum sigv4_fault fault;

	if (!span_cut(&rest, ' ', &scheme) || !span_eq_str(scheme, SCHEME) || span_absent(rest))
		return SIGV4_NOT_V4;
	if ((fault = parse_fields(a, rest, region, s)) != SIGV4_OK)
		return fault;
	if ((fault = parse_date(a, req, now_us, s)) != SIGV4_OK)
		return fault;
	s->payload_hash = auth_header_get(req, "x-amz-content-sha256");
	if ((fault = sigv4_take_payload(s)) != SIGV4_OK)
		return fault;
	return sigv4_check_signed_headers(a, req, s);
}

enum sigv4_fault sigv4_parse(struct arena *a, const struct auth_request *req,
	const char *region, int64_t now_us, struct sigv4 *sig_r)
{
	enum sigv4_fault fault;

	*sig_r = (struct sigv4){.text = ""};
	fault = parse_header(a, req, region, now_us, sig_r);
	if (sig_r->text[0])
		sig_r->text = arena_printf(
			a, "The authorization header is malformed; %s", sig_r->text);
	return fault;
}
