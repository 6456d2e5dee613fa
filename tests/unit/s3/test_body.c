/* SPDX-License-Identifier: MIT */
/* What a body must prove: length, digests, checksums, and the aws-chunked coding. */
#include "tests/unit/s3/rig.h"

#include "codec/enc.h"

#define CRC32 "NhCmhg=="
#define CRC32C "mnG7TA=="
#define CRC64 "M3eFcAZSQlc="
#define SHA1 "qvTGHdzF6KLavt4PO0gs2a6pQ00="
#define SHA256 "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	return 0;
}

static void assert_nothing_stored(struct rig *r)
{
	rig_expect(r, ANN, "GET", "/tbl/k", NULL, 404, "NoSuchKey");
}

/* ---- length ---- */

static void lengths_are_required_and_kept(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/k", NULL, NULL, 411, "MissingContentLength"},
		{ANN, "PUT", "/tbl/k", "content-length: ", NULL, 411, "MissingContentLength"},
		{ANN, "PUT", "/tbl/k", "content-length: -1", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "content-length: x", NULL, 400, "InvalidArgument"},
		{ANN, "PUT", "/tbl/k", "content-length: 5368709121", NULL, 400,
			"EntityTooLarge"},
	};
	struct rig *r = *state;
	struct ask q;

	rig_table(r, rows);
	assert_nothing_stored(r);
	ask_begin(&q, r, ANN, "PUT", "/tbl/chunked");
	q.chunked = true;
	ask_body(&q, "hello");
	ask_expect(&q, 200, "");
	ask_end(&q);
	rig_expect(r, ANN, "GET", "/tbl/chunked", NULL, 200, "");
}

static void a_body_cut_off_stores_nothing(void **state)
{
	struct rig *r = *state;
	struct ask q;

	for (int chunked = 0; chunked < 2; chunked++) {
		ask_begin(&q, r, ANN, "PUT", "/tbl/k");
		ask_body(&q, "hello");
		q.chunked = chunked;
		q.d.cut_body_after = 3;
		ask_expect(&q, 400, "IncompleteBody");
		ask_end(&q);
		assert_nothing_stored(r);
	}
}

static void an_unwanted_body_is_read_away_up_to_a_bound(void **state)
{
	struct rig *r = *state;
	char *big = arena_alloc(r->arena, 70 * 1024);
	struct ask q;

	memset(big, 'x', 70 * 1024 - 1);
	ask_begin(&q, r, ANN, "DELETE", "/tbl/k");
	ask_body(&q, "not wanted");
	ask_expect(&q, 204, "");
	assert_int_equal(q.d.body_read, 10);
	ask_end(&q);
	rig_expect(r, ANN, "DELETE", "/tbl/k", big, 400, "MaxMessageLengthExceeded");
	rig_expect(r, ANN, "PUT", "/tbl2", big, 400, "MalformedXML");
}

/* ---- digests and checksums ---- */

static void wrong_digests_store_nothing(void **state)
{
	static const struct rig_row rows[] = {
		{ANN, "PUT", "/tbl/k", "content-md5: ", "hello", 400, "InvalidDigest"},
		{ANN, "PUT", "/tbl/k", "content-md5: nonsense", "hello", 400, "InvalidDigest"},
		{ANN, "PUT", "/tbl/k", "content-md5: XUFAKrxLKna5cZ2REBfF", "hello", 400,
			"InvalidDigest"},
		{ANN, "PUT", "/tbl/k", "content-md5: AAAAAAAAAAAAAAAAAAAAAA==", "hello", 400,
			"BadDigest"},
		{ANN, "PUT", "/tbl/k", "x-amz-checksum-crc32: AAAAAA==", "hello", 400,
			"BadDigest"},
		{ANN, "PUT", "/tbl/k", "x-amz-checksum-sha256: " SHA1, "hello", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-checksum-crc32: nonsense", "hello", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-checksum-crc32: " CRC32 "-2", "hello", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-checksum-md4: AAAA", "hello", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k",
			"x-amz-checksum-crc32: " CRC32 "\nx-amz-checksum-sha1: " SHA1, "hello",
			400, "InvalidRequest"},
		{ANN, "PUT", "/tbl/k",
			"x-amz-checksum-crc32: " CRC32 "\nx-amz-sdk-checksum-algorithm: SHA1",
			"hello", 400, "InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-sdk-checksum-algorithm: CRC32", "hello", 400,
			"InvalidRequest"},
		{ANN, "PUT", "/tbl/k", "x-amz-sdk-checksum-algorithm: MD4", "hello", 400,
			"InvalidRequest"},
	};

	rig_table((struct rig *)*state, rows);
	assert_nothing_stored(*state);
}

static void every_checksum_is_verified_kept_and_told_when_asked(void **state)
{
	static const struct {
		const char *name, *value;
	} sums[] = {{"crc32", CRC32}, {"crc32c", CRC32C}, {"crc64nvme", CRC64}, {"sha1", SHA1},
		{"sha256", SHA256}, {NULL, NULL}};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		const char *header = arena_printf(r->arena, "x-amz-checksum-%s",
			sums[i].name ? sums[i].name : "crc64nvme");
		const char *value = sums[i].name ? sums[i].value : CRC64;
		struct ask q;

		ask_begin(&q, r, ANN, "PUT", "/tbl/k");
		if (sums[i].name)
			ask_header(&q, header, value);
		ask_header(&q, "content-md5", "XUFAKrxLKna5cZ2REBfFkg==");
		ask_body(&q, "hello");
		ask_expect(&q, 200, "");
		assert_span_eq(ask_response_header(&q, header), value);
		assert_span_eq(ask_response_header(&q, "x-amz-checksum-type"), "FULL_OBJECT");
		ask_end(&q);
		for (int asked = 0; asked < 2; asked++) {
			ask_begin(&q, r, ANN, "HEAD", "/tbl/k");
			if (asked)
				ask_header(&q, "x-amz-checksum-mode", "ENABLED");
			ask_expect(&q, 200, "");
			assert_int_equal(span_absent(ask_response_header(&q, header)), !asked);
			assert_int_equal(
				span_absent(ask_response_header(&q, "x-amz-checksum-type")),
				!asked);
			if (asked)
				assert_span_eq(ask_response_header(&q, header), value);
			ask_end(&q);
		}
	}
}

/* ---- aws-chunked ---- */

struct stream_row {
	struct chunking how;
	const char *headers[2][2];
	int status;
	const char *code;
};

static void streams_are_decoded_and_every_signature_and_trailer_verified(void **state)
{
	static const struct stream_row rows[] = {
		{{.kind = SIGV4_STREAM}, {{0}}, 200, ""},
		{{.kind = SIGV4_STREAM, .chunk_bytes = 8192}, {{0}}, 200, ""},
		{{.kind = SIGV4_STREAM, .chunk_bytes = 8191}, {{0}}, 400,
			"InvalidChunkSizeError"},
		{{.kind = SIGV4_STREAM, .spoil = SPOIL_CHUNK}, {{0}}, 403,
			"SignatureDoesNotMatch"},
		{{.kind = SIGV4_STREAM, .spoil = SPOIL_TRUNCATE}, {{0}}, 400, "IncompleteBody"},
		{{.kind = SIGV4_STREAM}, {{"x-amz-decoded-content-length", "19999"}}, 400,
			"IncompleteBody"},
		{{.kind = SIGV4_STREAM}, {{"x-amz-decoded-content-length", "20001"}}, 400,
			"IncompleteBody"},
		{{.kind = SIGV4_STREAM}, {{"x-amz-decoded-content-length", "x"}}, 411,
			"MissingContentLength"},
		{{.kind = SIGV4_STREAM}, {{"x-amz-decoded-content-length", "5368709121"}}, 400,
			"EntityTooLarge"},
		{{.kind = SIGV4_STREAM_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}"},
			{{"x-amz-trailer", "x-amz-checksum-crc32"}}, 200, ""},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}"},
			{{"x-amz-trailer", "x-amz-checksum-crc32"},
				{"x-amz-sdk-checksum-algorithm", "CRC32"}},
			200, ""},
		{{.kind = SIGV4_STREAM_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}",
			 .spoil = SPOIL_TRAILER_SIGNATURE},
			{{"x-amz-trailer", "x-amz-checksum-crc32"}}, 403,
			"SignatureDoesNotMatch"},
		{{.kind = SIGV4_STREAM_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}",
			 .spoil = SPOIL_TRAILER_NAME},
			{{"x-amz-trailer", "x-amz-checksum-crc32"}}, 400,
			"MalformedTrailerError"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "AAAAAA=="},
			{{"x-amz-trailer", "x-amz-checksum-crc32"}}, 400, "BadDigest"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "nonsense"},
			{{"x-amz-trailer", "x-amz-checksum-crc32"}}, 400, "InvalidRequest"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER},
			{{"x-amz-trailer", "x-amz-checksum-crc32"}}, 400,
			"MalformedTrailerError"},
		{{.kind = SIGV4_STREAM}, {{"x-amz-trailer", "x-amz-checksum-crc32"}}, 400,
			"MalformedTrailerError"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}"},
			{{0}}, 400, "MalformedTrailerError"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-meta-a",
			 .trailer_value = "b"},
			{{"x-amz-trailer", "x-amz-meta-a"}}, 400, "InvalidRequest"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}"},
			{{"x-amz-trailer", "x-amz-checksum-crc32"},
				{"x-amz-checksum-sha1", SHA1}},
			400, "InvalidRequest"},
		{{.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
			 .trailer_name = "x-amz-checksum-crc32",
			 .trailer_value = "{crc32}"},
			{{"x-amz-trailer", "x-amz-checksum-crc32"},
				{"x-amz-sdk-checksum-algorithm", "SHA1"}},
			400, "InvalidRequest"},
	};
	enum { SIZE = 20000 };
	struct rig *r = *state;
	char *data = arena_alloc(r->arena, SIZE), crc[16];
	unsigned char raw[4];

	memset(data, 'd', SIZE);
	digest_of(DIGEST_CRC32, data, SIZE, raw);
	enc_base64(crc, raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct chunking how = rows[i].how;
		struct ask q;

		if (how.trailer_value && strcmp(how.trailer_value, "{crc32}") == 0)
			how.trailer_value = crc;
		ask_begin(&q, r, ANN, "PUT", "/tbl/k");
		ask_header(&q, "content-encoding", "aws-chunked");
		for (int h = 0; h < 2; h++)
			if (rows[i].headers[h][0])
				ask_header(&q, rows[i].headers[h][0], rows[i].headers[h][1]);
		ask_chunked(&q, &how, span_of(data, SIZE));
		ask_send(&q);
		if (q.d.status != rows[i].status || strcmp(ask_code(&q), rows[i].code) != 0)
			fail_msg("row %zu: %d %s", i, q.d.status, ask_code(&q));
		if (how.trailer_value && q.d.status == 200)
			assert_span_eq(ask_response_header(&q, "x-amz-checksum-crc32"), crc);
		ask_end(&q);
		if (rows[i].status != 200) {
			assert_nothing_stored(r);
			continue;
		}
		ask_begin(&q, r, ANN, "GET", "/tbl/k");
		ask_expect(&q, 200, "");
		assert_int_equal(ask_response(&q).n, SIZE);
		assert_memory_equal(ask_response(&q).p, data, SIZE);
		assert_true(span_absent(ask_response_header(&q, "content-encoding")));
		ask_end(&q);
		rig_expect(r, ANN, "DELETE", "/tbl/k", NULL, 204, "");
	}
}

static void an_xml_body_may_be_streamed_too(void **state)
{
	static const struct chunking how = {.kind = SIGV4_STREAM_UNSIGNED_TRAILER,
		.trailer_name = "x-amz-checksum-crc32",
		.trailer_value = "AAAAAA=="};
	struct rig *r = *state;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl/k", "hello", 200, "");
	ask_begin(&q, r, ANN, "POST", "/tbl?delete");
	ask_header(&q, "x-amz-trailer", "x-amz-checksum-crc32");
	ask_chunked(&q, &how, SPAN_LIT("<Delete><Object><Key>k</Key></Object></Delete>"));
	ask_expect(&q, 400, "BadDigest");
	ask_end(&q);
	ask_begin(&q, r, ANN, "POST", "/tbl?delete");
	ask_chunked(&q, &(struct chunking){.kind = SIGV4_STREAM},
		SPAN_LIT("<Delete><Object><Key>k</Key></Object></Delete>"));
	ask_expect(&q, 200, "");
	ask_end(&q);
	assert_nothing_stored(r);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lengths_are_required_and_kept),
		T(a_body_cut_off_stores_nothing),
		T(an_unwanted_body_is_read_away_up_to_a_bound),
		T(wrong_digests_store_nothing),
		T(every_checksum_is_verified_kept_and_told_when_asked),
		T(streams_are_decoded_and_every_signature_and_trailer_verified),
		T(an_xml_body_may_be_streamed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
