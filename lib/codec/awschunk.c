/* SPDX-License-Identifier: MIT */
/*
 * The aws-chunked decoder: a state machine over a window of the encoded stream. Small things go
 * through the window; the body of a large chunk is read straight into the caller's memory.
 *
 * Invariants: what was delivered plus what is left of the current chunk is at most
 * decoded_bytes; nothing is allocated by a number the client sent; after a failure every read
 * fails.
 */
#include "codec/awschunk.h"

#include "base/reason.h"
#include "base/scan.h"
#include "codec/digest.h"

enum { WINDOW = 64 * 1024, DIRECT_MIN = 16 * 1024, SIGNATURE_DIGITS = 64 };

enum state { AT_HEADER, IN_DATA, AFTER_DATA, AT_TRAILER, AT_END, FAILED };

struct awschunk {
	struct source src;
	struct source *in;
	struct arena *arena;
	struct awschunk_config cfg;
	enum state state;
	uint64_t decoded;    /* bytes of all chunks announced so far */
	uint64_t chunk_left; /* of the current chunk */
	uint64_t chunk_size; /* of the current or last chunk with data; 0 before the first */
	char signature[SIGNATURE_DIGITS];
	struct digest_set *sha256; /* of the current chunk; NULL when not signed */
	struct span trailer;
	size_t at, end; /* the unread part of window */
	bool in_ended;
	char window[WINDOW];
};

static int bad_framing(struct err *e, const char *what)
{
	return err_fail_why(e, ERR_INVALID, REASON_CHUNK_FRAMING, "aws-chunked: %s", what);
}

static struct span unread(const struct awschunk *c)
{
	return span_of(c->window + c->at, c->end - c->at);
}

/* Reads more into the window, which has room; in_ended says that there is no more. */
static int fill(struct awschunk *c, struct err *e)
{
	size_t n;

	if (c->at > 0) {
		memmove(c->window, c->window + c->at, c->end - c->at);
		c->end -= c->at;
		c->at = 0;
	}
	if (c->in_ended)
		return 0;
	if (source_read(c->in, c->window + c->end, WINDOW - c->end, &n, e) != 0)
		return -1;
	c->end += n;
	c->in_ended = n == 0;
	return 0;
}

/* A line of the framing, without its CRLF; *line_r lives until the next fill. */
static int next_line(struct awschunk *c, struct span *line_r, struct err *e)
{
	ptrdiff_t lf;

	while ((lf = span_find_byte(span_head(unread(c), AWSCHUNK_MAX_LINE), '\n')) < 0) {
		if (unread(c).n >= AWSCHUNK_MAX_LINE)
			return bad_framing(e, "line too long");
		if (c->in_ended)
			return bad_framing(e, "ends early");
		if (fill(c, e) != 0)
			return -1;
	}
	*line_r = span_head(unread(c), (size_t)lf);
	c->at += (size_t)lf + 1;
	if (line_r->n == 0 || line_r->p[line_r->n - 1] != '\r')
		return bad_framing(e, "line without CRLF");
	line_r->n--;
	return 0;
}

static bool is_signature(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == SIGNATURE_DIGITS;
}

/* What stands behind the size. */
static int take_extension(struct awschunk *c, struct scan *s, struct err *e)
{
	if (!c->cfg.is_signed)
		return scan_end(s) ? 0 : bad_framing(e, "chunk extension");
	if (scan_end(s))
		return err_fail_why(e, ERR_INVALID, REASON_CHUNK_SIGNATURE,
			"aws-chunked: chunk without signature");
	if (!scan_lit(s, ";chunk-signature=") || !is_signature(s->rest))
		return bad_framing(e, "bad chunk extension");
	memcpy(c->signature, s->rest.p, SIGNATURE_DIGITS);
	return 0;
}

static int start_chunk(struct awschunk *c, uint64_t size, struct err *e)
{
	if (c->chunk_size > 0 && c->chunk_size < AWSCHUNK_MIN_BYTES && size > 0)
		return err_fail_why(e, ERR_INVALID, REASON_CHUNK_SIZE,
			"aws-chunked: chunk of %llu bytes in the middle",
			(unsigned long long)c->chunk_size);
	if (size > c->cfg.decoded_bytes - c->decoded)
		return bad_framing(e, "longer than x-amz-decoded-content-length");
	if (size == 0 && c->decoded != c->cfg.decoded_bytes)
		return bad_framing(e, "shorter than x-amz-decoded-content-length");
	c->decoded += size;
	c->chunk_left = size;
	if (size > 0)
		c->chunk_size = size;
	if (c->sha256)
		digest_reset(c->sha256);
	return 0;
}

static int end_chunk(struct awschunk *c, struct err *e)
{
	unsigned char sha256[32];

	if (!c->cfg.is_signed)
		return 0;
	digest_finish(c->sha256);
	digest_get(c->sha256, DIGEST_SHA256, sha256);
	if (!c->cfg.check_chunk(c->cfg.ctx, sha256, span_of(c->signature, SIGNATURE_DIGITS)))
		return err_fail_why(e, ERR_INVALID, REASON_CHUNK_SIGNATURE,
			"aws-chunked: wrong chunk signature");
	return 0;
}

static int read_header(struct awschunk *c, struct err *e)
{
	struct span line;
	struct scan s;
	uint64_t size;

	if (next_line(c, &line, e) != 0)
		return -1;
	s = scan_of(line);
	if (!scan_hex64(&s, &size))
		return bad_framing(e, "bad chunk size");
	if (take_extension(c, &s, e) != 0 || start_chunk(c, size, e) != 0)
		return -1;
	if (size > 0) {
		c->state = IN_DATA;
		return 0;
	}
	c->state = AT_TRAILER;
	return end_chunk(c, e);
}

static int read_after_data(struct awschunk *c, struct err *e)
{
	struct span line;

	if (next_line(c, &line, e) != 0)
		return -1;
	if (line.n != 0)
		return bad_framing(e, "chunk longer than its size");
	c->state = AT_HEADER;
	return end_chunk(c, e);
}

/* At most cap bytes of the chunk's data; at least one. */
static int read_data(struct awschunk *c, char *p, size_t cap, size_t *n_r, struct err *e)
{
	size_t want = cap < c->chunk_left ? cap : (size_t)c->chunk_left, n;

	if (c->at == c->end && want >= DIRECT_MIN && !c->in_ended) {
		if (source_read(c->in, p, want, &n, e) != 0)
			return -1;
		c->in_ended = n == 0;
	} else {
		if (c->at == c->end && fill(c, e) != 0)
			return -1;
		n = want < c->end - c->at ? want : c->end - c->at;
		memcpy(p, c->window + c->at, n);
		c->at += n;
	}
	if (n == 0)
		return bad_framing(e, "ends early");
	if (c->sha256)
		digest_update(c->sha256, p, n);
	c->chunk_left -= n;
	if (c->chunk_left == 0)
		c->state = AFTER_DATA;
	*n_r = n;
	return 0;
}

static int bad_trailer(struct err *e, const char *what)
{
	return err_fail_why(e, ERR_INVALID, REASON_TRAILER, "aws-chunked: %s", what);
}

/* Signed: over the canonical form of the trailer, its own line left out. */
static int check_trailer_signature(struct awschunk *c, struct span signature, struct err *e)
{
	struct digest_set *sha = c->sha256;
	unsigned char sha256[32];

	if (!is_signature(signature))
		return err_fail_why(e, ERR_INVALID, REASON_CHUNK_SIGNATURE,
			"aws-chunked: trailer without signature");
	digest_reset(sha);
	digest_update(sha, c->cfg.trailer_name.p, c->cfg.trailer_name.n);
	digest_update(sha, ":", 1);
	digest_update(sha, c->trailer.p, c->trailer.n);
	digest_update(sha, "\n", 1);
	digest_finish(sha);
	digest_get(sha, DIGEST_SHA256, sha256);
	if (!c->cfg.check_trailer(c->cfg.ctx, sha256, signature))
		return err_fail_why(e, ERR_INVALID, REASON_CHUNK_SIGNATURE,
			"aws-chunked: wrong trailer signature");
	return 0;
}

/* A `name:value` line of the trailer. */
static int take_trailer_line(
	struct awschunk *c, struct span line, struct span *signature, struct err *e)
{
	struct span value = line, name;

	if (!span_cut(&value, ':', &name) || span_absent(value))
		return bad_framing(e, "trailer line without a colon");
	value = span_trim(value);
	if (!c->cfg.has_trailer || !span_absent(*signature))
		return bad_trailer(e, "undeclared trailer");
	if (c->cfg.is_signed && span_eq_ci(name, SPAN_LIT("x-amz-trailer-signature"))) {
		*signature = value;
		return 0;
	}
	if (!span_eq_ci(name, c->cfg.trailer_name))
		return bad_trailer(e, "misnamed trailer");
	if (!span_absent(c->trailer) || value.n == 0)
		return bad_trailer(e, "trailer repeated or without a value");
	c->trailer = arena_dup(c->arena, value);
	return 0;
}

/* Lines up to an empty one, which ends the text too. A line that ends with LF alone may be
 * followed by a CRLF of its own (AWS's description of trailers has it so). */
static int parse_trailer(
	struct awschunk *c, struct span text, struct span *signature, struct err *e)
{
	bool lf_alone = false;

	for (;;) {
		ptrdiff_t lf = span_find_byte(text, '\n');
		struct span line;

		if (lf < 0)
			return bad_framing(e, "trailer without an end");
		line = span_head(text, (size_t)lf);
		text = span_from(text, (size_t)lf + 1);
		if (span_eq(line, SPAN_LIT("\r"))) {
			if (text.n == 0)
				return 0;
			if (!lf_alone)
				return bad_framing(e, "bytes after the end");
			lf_alone = false;
			continue;
		}
		lf_alone = line.n == 0 || line.p[line.n - 1] != '\r';
		if (!lf_alone)
			line.n--;
		if (take_trailer_line(c, line, signature, e) != 0)
			return -1;
	}
}

/* All that follows the last chunk's header. */
static int read_trailer(struct awschunk *c, struct err *e)
{
	struct span signature = SPAN_NULL;

	while (!c->in_ended && unread(c).n <= AWSCHUNK_MAX_TRAILER)
		if (fill(c, e) != 0)
			return -1;
	if (unread(c).n > AWSCHUNK_MAX_TRAILER)
		return bad_framing(e, "bytes after the end");
	if (parse_trailer(c, unread(c), &signature, e) != 0)
		return -1;
	if (c->cfg.has_trailer && span_absent(c->trailer))
		return bad_trailer(e, "no trailer");
	if (c->cfg.has_trailer && c->cfg.is_signed &&
		check_trailer_signature(c, signature, e) != 0)
		return -1;
	c->state = AT_END;
	return 0;
}

/* One step of the machine; *n_r bytes of data, perhaps none. */
static int step(struct awschunk *c, char *p, size_t cap, size_t *n_r, struct err *e)
{
	*n_r = 0;
	switch (c->state) {
	case AT_HEADER:
		return read_header(c, e);
	case IN_DATA:
		return read_data(c, p, cap, n_r, e);
	case AFTER_DATA:
		return read_after_data(c, e);
	case AT_TRAILER:
		return read_trailer(c, e);
	case AT_END:
		return 0;
	case FAILED:
		break;
	}
	return bad_framing(e, "read after a failure");
}

static int awschunk_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct awschunk *c = (struct awschunk *)src;
	size_t got = 0, n;

	while (got < cap && c->state != AT_END) {
		if (step(c, (char *)p + got, cap - got, &n, e) != 0) {
			c->state = FAILED;
			return -1;
		}
		got += n;
	}
	*n_r = got;
	return 0;
}

static void free_digest(void *d)
{
	digest_free(d);
}

struct source *awschunk_new(struct arena *a, struct source *in,
	const struct awschunk_config *cfg, struct awschunk **self_r)
{
	struct awschunk *c = arena_alloc_raw(a, sizeof(*c));

	memset(c, 0, offsetof(struct awschunk, window));
	c->src.read = awschunk_read;
	c->in = in;
	c->arena = a;
	c->cfg = *cfg;
	c->state = AT_HEADER;
	if (cfg->is_signed) {
		c->sha256 = digest_new(1U << DIGEST_SHA256);
		arena_defer(a, free_digest, c->sha256);
	}
	if (self_r)
		*self_r = c;
	return &c->src;
}

struct span awschunk_trailer(const struct awschunk *c)
{
	return c->state == AT_END ? c->trailer : SPAN_NULL;
}
