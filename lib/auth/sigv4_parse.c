/* SPDX-License-Identifier: MIT */
/*
 * The Authorization header and its companions: everything that can be checked without the
 * secret. The first fault counts. Work is bounded by the header section and SIGV4_MAX_SIGNED.
 */
#include "auth/sigv4_int.h"

#include "base/buf.h"
#include "codec/enc.h"
#include "codec/timefmt.h"

enum { SKEW_US = 15 * 60 * 1000000, MAX_UNSIGNED_TEXT = 2048, MAX_NAME_TEXT = 256 };
#define SCHEME "AWS4-HMAC-SHA256"

static struct span header(const struct auth_request *req, const char *name)
{
	for (size_t i = 0; i < req->header_count; i++)
		if (sigv4_same_name(req->headers[i].name, span_str(name)))
			return span_trim(req->headers[i].value);
	return SPAN_NULL;
}

static enum sigv4_fault malformed(struct sigv4 *s, const char *text)
{
	s->text = text;
	return SIGV4_MALFORMED;
}

static bool digits_only(struct span s, size_t n)
{
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Credential = access key / day / region / service / aws4_request; the key may hold slashes. */
static enum sigv4_fault parse_credential(struct span c, const char *region, struct sigv4 *s)
{
	struct span fields[4];

	for (int i = 3; i >= 0; i--) {
		size_t at = c.n;

		while (at > 0 && c.p[at - 1] != '/')
			at--;
		if (at == 0)
			return malformed(s,
				"the Credential is malformed; it is "
				"AKID/YYYYMMDD/REGION/SERVICE/aws4_request");
		fields[i] = span_from(c, at);
		c = span_head(c, at - 1);
	}
	s->access_key = c;
	s->day = fields[0];
	s->region = fields[1];
	s->service = fields[2];
	if (c.n == 0)
		return malformed(s, "the Credential has no access key");
	if (!digits_only(s->day, 8))
		return malformed(s, "the Credential's date is not YYYYMMDD");
	if (!span_eq_str(s->service, "s3"))
		return malformed(s, "the Credential's service is not s3");
	if (!span_eq_str(fields[3], "aws4_request"))
		return malformed(s, "the Credential does not end in aws4_request");
	if (!span_eq_str(s->region, region))
		return SIGV4_WRONG_REGION;
	return SIGV4_OK;
}

static bool is_signature(struct span s)
{
	unsigned char raw[32];

	return enc_unhex(s, raw, sizeof(raw));
}

static size_t count_names(struct span names)
{
	size_t n = 0;
	struct span one;

	while (span_cut(&names, ';', &one))
		n++;
	return n;
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

static enum sigv4_fault parse_fields(struct span rest, const char *region, struct sigv4 *s)
{
	struct span field, name, credential = SPAN_NULL;

	while (span_cut(&rest, ',', &field)) {
		struct span value = span_trim(field), *place;

		if (!span_cut(&value, '=', &name) || span_absent(value))
			return malformed(s, "a field of the Authorization header has no value");
		place = field_place(s, &credential, name);
		if (!place)
			return malformed(s, "the Authorization header has an unknown field");
		if (!span_absent(*place))
			return malformed(s, "a field of the Authorization header is repeated");
		*place = value;
	}
	if (span_absent(credential))
		return malformed(s, "the Authorization header has no Credential");
	if (s->signed_headers.n == 0)
		return malformed(s, "the Authorization header has no SignedHeaders");
	if (count_names(s->signed_headers) > SIGV4_MAX_SIGNED)
		return malformed(s, "the Authorization header has too many SignedHeaders");
	if (!is_signature(s->signature))
		return malformed(s, "the Authorization header has no valid Signature");
	return parse_credential(credential, region, s);
}

static enum sigv4_fault parse_date(
	const struct auth_request *req, int64_t now_us, struct sigv4 *s)
{
	struct span text = header(req, "x-amz-date");
	char amz[TIMEFMT_MAX];
	int64_t distance;
	bool ok;

	if (!span_absent(text))
		ok = timefmt_parse_amz(text, &s->at_us);
	else
		ok = timefmt_parse_http(header(req, "date"), &s->at_us);
	if (!ok || s->at_us < 0)
		return SIGV4_NO_DATE;
	timefmt_amz(amz, s->at_us);
	memcpy(s->amz_date, amz, sizeof(s->amz_date));
	s->amz_date[sizeof(s->amz_date) - 1] = '\0';
	if (!span_eq(s->day, span_of(s->amz_date, 8))) {
		s->text = "the Credential's date is not the day of the request";
		return SIGV4_SCOPE_DATE;
	}
	distance = s->at_us > now_us ? s->at_us - now_us : now_us - s->at_us;
	return distance > SKEW_US ? SIGV4_SKEWED : SIGV4_OK;
}

static enum sigv4_fault parse_payload(const struct auth_request *req, struct sigv4 *s)
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

	s->payload_hash = header(req, "x-amz-content-sha256");
	if (span_absent(s->payload_hash))
		return SIGV4_NO_PAYLOAD_HASH;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		if (!span_eq_str(s->payload_hash, tokens[i].token))
			continue;
		s->payload = tokens[i].payload;
		return SIGV4_OK;
	}
	s->payload = SIGV4_PAYLOAD_HASH;
	return is_signature(s->payload_hash) ? SIGV4_OK : SIGV4_BAD_PAYLOAD_HASH;
}

static bool is_signed(const struct sigv4 *s, struct span name)
{
	struct span rest = s->signed_headers, one;

	while (span_cut(&rest, ';', &one))
		if (sigv4_same_name(one, name))
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
static enum sigv4_fault check_signed_headers(
	struct arena *a, const struct auth_request *req, struct sigv4 *s)
{
	struct span amz = SPAN_LIT("x-amz-"), host = SPAN_LIT("host");
	BUF_AUTO struct buf names;

	buf_init(&names, MAX_UNSIGNED_TEXT);
	if (!is_signed(s, host))
		add_name(&names, host);
	for (size_t i = 0; i < req->header_count; i++) {
		struct span name = req->headers[i].name;

		if (name.n > amz.n && sigv4_same_name(span_head(name, amz.n), amz) &&
			!is_signed(s, name))
			add_name(&names, name);
	}
	if (names.n == 0)
		return SIGV4_OK;
	s->detail = arena_dup(a, buf_span(&names));
	return SIGV4_UNSIGNED_HEADER;
}

enum sigv4_fault sigv4_parse(struct arena *a, const struct auth_request *req,
	const char *region, int64_t now_us, struct sigv4 *sig_r)
{
	struct span rest = header(req, "authorization"), scheme;
	enum sigv4_fault fault;

	*sig_r = (struct sigv4){.text = ""};
	if (!span_cut(&rest, ' ', &scheme) || !span_eq_str(scheme, SCHEME) || span_absent(rest))
		return SIGV4_NOT_V4;
	if ((fault = parse_fields(rest, region, sig_r)) != SIGV4_OK)
		return fault;
	if ((fault = parse_date(req, now_us, sig_r)) != SIGV4_OK)
		return fault;
	if ((fault = parse_payload(req, sig_r)) != SIGV4_OK)
		return fault;
	return check_signed_headers(a, req, sig_r);
}
