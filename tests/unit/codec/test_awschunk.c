/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/reason.h"
#include "codec/awschunk.h"
#include "codec/digest.h"
#include "codec/enc.h"

/* A stand-in for signatures: that of a chunk is its SHA-256 in hex; wrong_at spoils one. */
struct signer {
	int chunks, trailers, wrong_at;
	bool trailer_wrong;
};

static bool check_chunk(void *ctx, const unsigned char sha256[32], struct span signature)
{
	struct signer *s = ctx;
	char hex[65];

	enc_hex(hex, sha256, 32);
	return ++s->chunks != s->wrong_at && span_eq_str(signature, hex);
}

static bool check_trailer(void *ctx, const unsigned char sha256[32], struct span signature)
{
	struct signer *s = ctx;
	char hex[65];

	enc_hex(hex, sha256, 32);
	s->trailers++;
	return !s->trailer_wrong && span_eq_str(signature, hex);
}

/* Hands out at most `step` bytes per read, notes that its end was seen, and may fail there. */
struct pieces {
	struct source src;
	struct span rest;
	size_t step, largest;
	bool ended, fails;
};

static int pieces_read(struct source *src, void *p, size_t cap, size_t *n_r, struct err *e)
{
	struct pieces *s = (struct pieces *)src;
	size_t n = s->rest.n < s->step ? s->rest.n : s->step;

	assert_false(s->ended);
	if (cap > s->largest)
		s->largest = cap;
	if (n > cap)
		n = cap;
	if (n == 0 && s->fails)
		return err_fail(e, ERR_INCOMPLETE, "gone");
	if (n)
		memcpy(p, s->rest.p, n);
	s->rest = span_from(s->rest, n);
	s->ended = n == 0;
	*n_r = n;
	return 0;
}

struct fixture {
	struct arena *a;
	struct buf body; /* encoded */
	struct buf data; /* decoded by run() */
	struct signer signer;
	struct awschunk_config cfg;
	struct pieces in;
	struct awschunk *chunk;
	struct err e;
	size_t read_size;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->a = arena_new();
	buf_init(&f->body, 8 << 20);
	buf_init(&f->data, 8 << 20);
	f->cfg = (struct awschunk_config){
		.check_chunk = check_chunk, .check_trailer = check_trailer, .ctx = &f->signer};
	f->in = (struct pieces){.src = {pieces_read}, .step = SIZE_MAX};
	f->read_size = 64 * 1024;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(f->a);
	buf_fini(&f->body);
	buf_fini(&f->data);
	free(f);
	return 0;
}

static const char *hex_of(struct arena *a, struct span s)
{
	unsigned char sha[32];
	char hex[65];

	digest_of(DIGEST_SHA256, s.p, s.n, sha);
	enc_hex(hex, sha, 32);
	return arena_strdup(a, hex);
}

static struct span filler(struct fixture *f, size_t n)
{
	char *p = arena_alloc(f->a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + i % 23);
	return span_of(p, n);
}

/* Appends a chunk, signed when the configuration says so; an empty one has no CRLF behind. */
static void add_chunk(struct fixture *f, struct span data)
{
	buf_printf(&f->body, "%zx", data.n);
	if (f->cfg.is_signed)
		buf_printf(&f->body, ";chunk-signature=%s", hex_of(f->a, data));
	buf_add_str(&f->body, "\r\n");
	buf_add_span(&f->body, data);
	if (data.n)
		buf_add_str(&f->body, "\r\n");
	f->cfg.decoded_bytes += data.n;
}

/* Decodes f->body into f->data; what the first failing read, or the end, said. */
static int run(struct fixture *f)
{
	char *p = arena_alloc(f->a, f->read_size);
	struct source *src;
	size_t n;

	buf_clear(&f->data);
	f->in.rest = buf_span(&f->body);
	f->in.ended = false;
	f->signer.chunks = f->signer.trailers = 0;
	src = awschunk_new(f->a, &f->in.src, &f->cfg, &f->chunk);
	assert_true(span_absent(awschunk_trailer(f->chunk)));
	do {
		if (source_read(src, p, f->read_size, &n, &f->e) != 0) {
			struct err again;

			assert_int_equal(source_read(src, p, f->read_size, &n, &again), -1);
			return -1;
		}
		assert_true(n <= f->read_size);
		buf_add(&f->data, p, n);
	} while (n > 0);
	assert_true(f->in.ended);
	assert_int_equal(source_read(src, p, f->read_size, &n, &f->e), 0);
	assert_int_equal(n, 0);
	return 0;
}

static void assert_fails(struct fixture *f, enum reason reason)
{
	assert_int_equal(run(f), -1);
	assert_int_equal(f->e.kind, ERR_INVALID);
	assert_int_equal(f->e.reason, reason);
	assert_true(span_absent(awschunk_trailer(f->chunk)));
}

static void set_body(struct fixture *f, struct span body, uint64_t decoded_bytes)
{
	buf_clear(&f->body);
	buf_add_span(&f->body, body);
	f->cfg.decoded_bytes = decoded_bytes;
}

static void use_trailer(struct fixture *f, bool is_signed)
{
	f->cfg.is_signed = is_signed;
	f->cfg.has_trailer = true;
	f->cfg.trailer_name = SPAN_LIT("x-amz-checksum-crc32");
}

static void signed_chunks_decode_whatever_the_reads(void **state)
{
	static const size_t steps[] = {1, 7, 8192, 65536, SIZE_MAX},
			    reads[] = {1, 100, 16384, 300000};
	struct fixture *f = *state;
	struct span data = filler(f, 200000);

	f->cfg.is_signed = true;
	add_chunk(f, span_head(data, 65536));
	add_chunk(f, span_head(span_from(data, 65536), 8192));
	add_chunk(f, span_head(span_from(data, 73728), 126271));
	add_chunk(f, span_from(data, 199999));
	add_chunk(f, SPAN_LIT(""));
	buf_add_str(&f->body, "\r\n");
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 4; j++) {
			f->in.step = steps[i];
			f->read_size = reads[j];
			assert_int_equal(run(f), 0);
			assert_true(span_eq(buf_span(&f->data), data));
			assert_int_equal(f->signer.chunks, 5);
			assert_int_equal(f->signer.trailers, 0);
		}
	}
}

static void large_bodies_go_straight_to_the_reader(void **state)
{
	struct fixture *f = *state;

	use_trailer(f, false);
	f->cfg.has_trailer = false;
	f->read_size = 1 << 20;
	add_chunk(f, filler(f, 3 << 20));
	buf_add_str(&f->body, "0\r\n\r\n");
	assert_int_equal(run(f), 0);
	assert_int_equal(f->data.n, 3 << 20);
	assert_true(f->in.largest > 256 * 1024);
}

static void an_empty_body_is_its_last_chunk_alone(void **state)
{
	struct fixture *f = *state;

	f->cfg.is_signed = true;
	add_chunk(f, SPAN_LIT(""));
	buf_add_str(&f->body, "\r\n");
	assert_int_equal(run(f), 0);
	assert_int_equal(f->data.n, 0);
	assert_int_equal(f->signer.chunks, 1);
}

static void a_wrong_signature_of_any_chunk_fails(void **state)
{
	struct fixture *f = *state;

	f->cfg.is_signed = true;
	add_chunk(f, filler(f, 9000));
	add_chunk(f, filler(f, 5));
	add_chunk(f, SPAN_LIT(""));
	buf_add_str(&f->body, "\r\n");
	assert_int_equal(run(f), 0);
	for (f->signer.wrong_at = 1; f->signer.wrong_at <= 3; f->signer.wrong_at++)
		assert_fails(f, REASON_CHUNK_SIGNATURE);
	f->signer.wrong_at = 0;
	f->body.p[5000] ^= 1;
	assert_fails(f, REASON_CHUNK_SIGNATURE);
}

static void extensions_must_be_what_the_mode_asks_for(void **state)
{
	static const char *const bad[] = {"3;\r\n", "3;chunk-signature=\r\n", "3;x=y\r\n",
		"3;chunk-signature="
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\r\n",
		"3;chunk-signature="
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555\r\n",
		"3;chunk-signature="
		"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855\r\n",
		"3 "
		";chunk-signature="
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n",
		"3;Chunk-Signature="
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"};
	struct fixture *f = *state;

	f->cfg.is_signed = true;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		set_body(f, span_str(bad[i]), 3);
		assert_fails(f, REASON_CHUNK_FRAMING);
	}
	set_body(f, SPAN_LIT("3\r\nabc\r\n0\r\n\r\n"), 3);
	assert_fails(f, REASON_CHUNK_SIGNATURE);
	f->cfg.is_signed = false;
	assert_int_equal(run(f), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		set_body(f, span_str(bad[i]), 3);
		assert_fails(f, REASON_CHUNK_FRAMING);
	}
}

static void small_chunks_may_only_be_the_last_with_data(void **state)
{
	struct fixture *f = *state;

	add_chunk(f, filler(f, 8192));
	add_chunk(f, filler(f, 8191));
	add_chunk(f, SPAN_LIT(""));
	buf_add_str(&f->body, "\r\n");
	assert_int_equal(run(f), 0);
	set_body(f, SPAN_LIT(""), 0);
	add_chunk(f, filler(f, 8191));
	add_chunk(f, filler(f, 1));
	add_chunk(f, SPAN_LIT(""));
	buf_add_str(&f->body, "\r\n");
	assert_fails(f, REASON_CHUNK_SIZE);
}

static void bad_framing_is_refused(void **state)
{
	static const struct span bad[] = {SPAN_LIT(""), SPAN_LIT("3"), SPAN_LIT("3\r"),
		SPAN_LIT("3\r\n"), SPAN_LIT("3\r\nab"), SPAN_LIT("3\r\nabc"),
		SPAN_LIT("3\r\nabc\r"), SPAN_LIT("3\r\nabc\r\n"), SPAN_LIT("3\r\nabc\r\n0"),
		SPAN_LIT("3\r\nabc\r\n0\r\n"), SPAN_LIT("3\r\nabc\r\n0\r\n\r"),
		SPAN_LIT("3\nabc\n0\n\n"), SPAN_LIT("3\r\nabc\n0\r\n\r\n"),
		SPAN_LIT("3\r\nabcd\r\n0\r\n\r\n"), SPAN_LIT("3\r\nab\r\n0\r\n\r\n"),
		SPAN_LIT("\r\n3\r\nabc\r\n0\r\n\r\n"), SPAN_LIT(" 3\r\nabc\r\n0\r\n\r\n"),
		SPAN_LIT("0x3\r\nabc\r\n0\r\n\r\n"), SPAN_LIT("-3\r\nabc\r\n0\r\n\r\n"),
		SPAN_LIT("+3\r\nabc\r\n0\r\n\r\n"), SPAN_LIT("g\r\nabc\r\n0\r\n\r\n"),
		SPAN_LIT("00000000000000003\r\nabc\r\n0\r\n\r\n"),
		SPAN_LIT("ffffffffffffffff\r\nabc"), SPAN_LIT("8000000000000003\r\nabc"),
		SPAN_LIT("4\r\nabcd\r\n0\r\n\r\n"), SPAN_LIT("2\r\nab\r\n0\r\n\r\n"),
		SPAN_LIT("0\r\n\r\n"), SPAN_LIT("3\r\nabc\r\n0\r\n\r\nx"),
		SPAN_LIT("3\r\nabc\r\n0\r\n\r\n\r\n"),
		SPAN_LIT("3\r\nabc\r\n0\r\n\r\n0\r\n\r\n"),
		SPAN_LIT("3\r\nabc\r\n0\r\nabc\r\n\r\n"), SPAN_LIT("3\r\nabc\r\n0\r\n\n"),
		SPAN_LIT("abc")};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		set_body(f, bad[i], 3);
		assert_fails(f, REASON_CHUNK_FRAMING);
		f->in.step = 1;
		assert_fails(f, REASON_CHUNK_FRAMING);
		f->in.step = SIZE_MAX;
	}
}

static void sizes_may_have_leading_zeros_and_either_case(void **state)
{
	struct fixture *f = *state;

	set_body(f, SPAN_LIT("000000000000000A\r\n0123456789\r\n000\r\n\r\n"), 10);
	assert_int_equal(run(f), 0);
	assert_span_eq(buf_span(&f->data), "0123456789");
}

static void long_lines_are_refused_without_reading_on(void **state)
{
	struct fixture *f = *state;

	while (f->body.n < 1 << 20)
		buf_add_char(&f->body, '0');
	f->cfg.decoded_bytes = 3;
	assert_fails(f, REASON_CHUNK_FRAMING);
	assert_true(f->in.rest.n > 900000);
	set_body(f, SPAN_LIT("3\r\nabc\r\n0\r\n"), 3);
	while (f->body.n < 1 << 20)
		buf_add_str(&f->body, "a:b\r\n");
	assert_fails(f, REASON_CHUNK_FRAMING);
	assert_true(f->in.rest.n > 900000);
}

static void a_lost_client_stays_incomplete(void **state)
{
	static const char *const cut[] = {"", "3", "3\r\n", "3\r\nab", "3\r\nabc\r\n0\r\n"};
	struct fixture *f = *state;

	f->in.fails = true;
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		set_body(f, span_str(cut[i]), 3);
		assert_int_equal(run(f), -1);
		assert_int_equal(f->e.kind, ERR_INCOMPLETE);
	}
}

static void unsigned_trailers_are_read_in_their_spellings(void **state)
{
	static const char *const good[] = {"x-amz-checksum-crc32:AAAAAA==\r\n\r\n",
		"X-Amz-Checksum-CRC32: \tAAAAAA== \r\n\r\n",
		"x-amz-checksum-crc32:AAAAAA==\n\r\n",
		"x-amz-checksum-crc32:AAAAAA==\n\r\n\r\n"};
	struct fixture *f = *state;

	use_trailer(f, false);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		set_body(f, SPAN_LIT("3\r\nabc\r\n0\r\n"), 3);
		buf_add_str(&f->body, good[i]);
		for (f->in.step = 1; f->in.step < 80; f->in.step += 7) {
			assert_int_equal(run(f), 0);
			assert_span_eq(awschunk_trailer(f->chunk), "AAAAAA==");
		}
	}
}

static void wrong_trailers_are_refused(void **state)
{
	static const struct {
		const char *text;
		enum reason reason;
	} bad[] = {{"\r\n", REASON_TRAILER}, {"x-amz-checksum-crc32:\r\n\r\n", REASON_TRAILER},
		{"x-amz-checksum-crc32: \r\n\r\n", REASON_TRAILER},
		{"x-amz-checksum-sha1:AA==\r\n\r\n", REASON_TRAILER},
		{":AA==\r\n\r\n", REASON_TRAILER},
		{"x-amz-checksum-crc32:AA==\r\nx-amz-checksum-crc32:AA==\r\n\r\n",
			REASON_TRAILER},
		{"x-amz-checksum-crc32:AA==\r\nx-amz-meta-a:AA==\r\n\r\n", REASON_TRAILER},
		{"x-amz-checksum-crc32:AA==\r\nx-amz-trailer-signature:00\r\n\r\n",
			REASON_TRAILER},
		{"x-amz-checksum-crc32 :AA==\r\n\r\n", REASON_TRAILER},
		{"x-amz-checksum-crc32\r\n\r\n", REASON_CHUNK_FRAMING},
		{"x-amz-checksum-crc32:AA==\r\n", REASON_CHUNK_FRAMING},
		{"x-amz-checksum-crc32:AA==", REASON_CHUNK_FRAMING},
		{"x-amz-checksum-crc32:AA==\n", REASON_CHUNK_FRAMING},
		{"x-amz-checksum-crc32:AA==\r\n\r\n\r\n", REASON_CHUNK_FRAMING},
		{"x-amz-checksum-crc32:AA==\n\r\n\r\n\r\n", REASON_CHUNK_FRAMING},
		{"x-amz-checksum-crc32:AA==\r\n\r\nx:y\r\n\r\n", REASON_CHUNK_FRAMING},
		{"\r\nx-amz-checksum-crc32:AA==\r\n\r\n", REASON_CHUNK_FRAMING}};
	struct fixture *f = *state;

	use_trailer(f, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		set_body(f, SPAN_LIT("3\r\nabc\r\n0\r\n"), 3);
		buf_add_str(&f->body, bad[i].text);
		assert_fails(f, bad[i].reason);
	}
}

static void a_trailer_nobody_declared_is_refused(void **state)
{
	struct fixture *f = *state;

	set_body(f, SPAN_LIT("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AA==\r\n\r\n"), 3);
	assert_fails(f, REASON_TRAILER);
	f->cfg.has_trailer = true; /* but no name */
	assert_fails(f, REASON_TRAILER);
}

static void add_signed_body(struct fixture *f, const char *trailer, const char *canonical,
	const char *signature_end)
{
	set_body(f, SPAN_LIT(""), 0);
	add_chunk(f, SPAN_LIT("abc"));
	add_chunk(f, SPAN_LIT(""));
	buf_add_str(&f->body, trailer);
	if (canonical)
		buf_printf(&f->body, "x-amz-trailer-signature:%s%s",
			hex_of(f->a, span_str(canonical)), signature_end);
}

static void signed_trailers_are_verified_in_canonical_form(void **state)
{
	static const char *const spellings[] = {"x-amz-checksum-crc32:AAAAAA==\r\n",
		"X-Amz-Checksum-Crc32:  AAAAAA== \r\n", "x-amz-checksum-crc32:AAAAAA==\n",
		"x-amz-checksum-crc32:AAAAAA==\n\r\n"};
	struct fixture *f = *state;

	use_trailer(f, true);
	for (size_t i = 0; i < 4; i++) {
		add_signed_body(f, spellings[i], "x-amz-checksum-crc32:AAAAAA==\n", "\r\n\r\n");
		f->signer.trailer_wrong = false;
		assert_int_equal(run(f), 0);
		assert_int_equal(f->signer.chunks, 2);
		assert_int_equal(f->signer.trailers, 1);
		assert_span_eq(awschunk_trailer(f->chunk), "AAAAAA==");
		f->signer.trailer_wrong = true;
		assert_fails(f, REASON_CHUNK_SIGNATURE);
	}
}

static void signed_trailers_need_their_signature_at_the_end(void **state)
{
	struct fixture *f = *state;

	use_trailer(f, true);
	add_signed_body(f, "x-amz-checksum-crc32:AAAAAA==\r\n\r\n", NULL, "");
	assert_fails(f, REASON_CHUNK_SIGNATURE);
	add_signed_body(f, "x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:\r\n\r\n",
		NULL, "");
	assert_fails(f, REASON_CHUNK_SIGNATURE);
	add_signed_body(f, "x-amz-checksum-crc32:AAAAAB==\r\n",
		"x-amz-checksum-crc32:AAAAAA==\n", "\r\n\r\n");
	assert_fails(f, REASON_CHUNK_SIGNATURE);
	add_signed_body(f, "", "\n", "\r\n\r\n");
	assert_fails(f, REASON_TRAILER);
	add_signed_body(
		f, "", "x-amz-checksum-crc32:AA==\n", "\r\nx-amz-checksum-crc32:AA==\r\n\r\n");
	assert_fails(f, REASON_TRAILER);
	add_signed_body(f, "x-amz-checksum-crc32:AA==\r\n", "x-amz-checksum-crc32:AA==\n",
		"\r\nx-amz-trailer-signature:00\r\n\r\n");
	assert_fails(f, REASON_TRAILER);
	add_signed_body(
		f, "x-amz-checksum-crc32:AA==\r\n", "x-amz-checksum-crc32:AA==\n", "\r\n");
	assert_fails(f, REASON_CHUNK_FRAMING);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(signed_chunks_decode_whatever_the_reads),
		T(large_bodies_go_straight_to_the_reader),
		T(an_empty_body_is_its_last_chunk_alone),
		T(a_wrong_signature_of_any_chunk_fails),
		T(extensions_must_be_what_the_mode_asks_for),
		T(small_chunks_may_only_be_the_last_with_data),
		T(bad_framing_is_refused),
		T(sizes_may_have_leading_zeros_and_either_case),
		T(long_lines_are_refused_without_reading_on),
		T(a_lost_client_stays_incomplete),
		T(unsigned_trailers_are_read_in_their_spellings),
		T(wrong_trailers_are_refused),
		T(a_trailer_nobody_declared_is_refused),
		T(signed_trailers_are_verified_in_canonical_form),
		T(signed_trailers_need_their_signature_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
