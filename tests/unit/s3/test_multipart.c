/* SPDX-License-Identifier: MIT */
/* Multipart uploads from create to complete or abort, and their listings. */
#include "tests/unit/s3/rig.h"

#include "codec/enc.h"

enum { MIB5 = 5 * 1024 * 1024, PARTS_MAX = 3 };

/* An upload under test: 5 MiB parts of one letter each, the last one small. */
struct upload {
	struct rig *r;
	const char *key, *id;
	char etag[PARTS_MAX][33];
	const char *sum[PARTS_MAX]; /* as UploadPart told it, in the upload's algorithm */
};

static int setup(void **state)
{
	if (rig_setup(state) < 0)
		return -1;
	rig_expect((struct rig *)*state, ANN, "PUT", "/tbl", NULL, 200, "");
	return 0;
}

static const char *target(struct upload *u, const char *query)
{
	return arena_printf(u->r->arena, "/tbl/%s?%suploadId=%s", u->key, query, u->id);
}

static void create(struct upload *u, struct rig *r, const char *key, const char *headers)
{
	struct ask q;
	struct rig_row row = {ANN, "POST", arena_printf(r->arena, "/tbl/%s?uploads", key),
		headers, NULL, 200, ""};

	*u = (struct upload){.r = r, .key = key};
	ask_begin_row(&q, r, &row);
	ask_expect(&q, 200, "");
	u->id = arena_strndup(r->arena, ask_element(&q, "UploadId"));
	assert_span_eq(ask_element(&q, "Bucket"), "tbl");
	ask_end(&q);
}

static void put_part(
	struct upload *u, unsigned no, size_t bytes, char letter, const char *sum_header)
{
	char *data = test_malloc(bytes + 1);
	struct ask q;

	memset(data, letter, bytes);
	ask_begin(&q, u->r, ANN, "PUT",
		target(u, arena_printf(u->r->arena, "partNumber=%u&", no)));
	q.body = span_of(data, bytes);
	q.sha256 = "UNSIGNED-PAYLOAD";
	ask_expect(&q, 200, "");
	memcpy(u->etag[no - 1], ask_response_header(&q, "etag").p + 1, 32);
	if (sum_header)
		u->sum[no - 1] =
			arena_strndup(u->r->arena, ask_response_header(&q, sum_header));
	ask_end(&q);
	test_free(data);
}

static void put_parts(struct upload *u, const char *sum_header)
{
	put_part(u, 1, MIB5, 'a', sum_header);
	put_part(u, 2, MIB5, 'b', sum_header);
	put_part(u, 3, 3, 'c', sum_header);
}

/* The XML of Complete; numbers: digits of the parts in the order listed; sums: element name or
 * NULL. */
static const char *complete_xml(struct upload *u, const char *numbers, const char *sums)
{
	BUF_AUTO struct buf xml;

	buf_init(&xml, 1 << 16);
	buf_add_str(&xml, "<CompleteMultipartUpload>");
	for (const char *p = numbers; *p; p++) {
		buf_printf(&xml, "<Part><PartNumber>%c</PartNumber><ETag>\"%s\"</ETag>", *p,
			u->etag[*p - '1']);
		if (sums)
			buf_printf(&xml, "<%s>%s</%s>", sums, u->sum[*p - '1'], sums);
		buf_add_str(&xml, "</Part>");
	}
	buf_add_str(&xml, "</CompleteMultipartUpload>");
	return arena_strndup(u->r->arena, buf_span(&xml));
}

static void complete(struct ask *q, struct upload *u, const char *xml, const char *headers)
{
	struct rig_row row = {ANN, "POST", target(u, ""), headers, xml, 0, ""};

	ask_begin_row(q, u->r, &row);
}

#define expect_complete(u, xml, headers, status, code) \
	do { \
		struct ask c_; \
		complete(&c_, u, xml, headers); \
		ask_expect(&c_, status, code); \
		ask_end(&c_); \
	} while (0)

static const char *composite_etag(struct upload *u, unsigned parts)
{
	unsigned char raw[16 * PARTS_MAX], md5[16];
	char hex[33];

	for (unsigned i = 0; i < parts; i++)
		assert_true(enc_unhex(span_of(u->etag[i], 32), raw + 16 * (size_t)i, 16));
	digest_of(DIGEST_MD5, raw, 16 * (size_t)parts, md5);
	enc_hex(hex, md5, 16);
	return arena_printf(u->r->arena, "\"%s-%u\"", hex, parts);
}

/* ---- the whole way ---- */

static void parts_become_an_object(void **state)
{
	struct upload u;
	struct ask q;

	create(&u, *state, "big", "content-type: a/b\nx-amz-meta-m: v\ncache-control: c");
	put_parts(&u, NULL);
	complete(&q, &u, complete_xml(&u, "123", NULL), "x-amz-mp-object-size: 10485763");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Location"), "http://localhost:8000/tbl/big");
	assert_span_eq(ask_element(&q, "ChecksumType"), "FULL_OBJECT");
	assert_true(ask_element(&q, "ChecksumCRC64NVME").n > 0);
	ask_end(&q);
	ask_begin(&q, *state, ANN, "GET", "/tbl/big");
	ask_expect(&q, 200, "");
	assert_int_equal(ask_response(&q).n, 2 * MIB5 + 3);
	assert_int_equal(ask_response(&q).p[MIB5 - 1], 'a');
	assert_int_equal(ask_response(&q).p[MIB5], 'b');
	assert_int_equal(ask_response(&q).p[2 * MIB5], 'c');
	assert_span_eq(ask_response_header(&q, "etag"), composite_etag(&u, 3));
	assert_span_eq(ask_response_header(&q, "content-type"), "a/b");
	assert_span_eq(ask_response_header(&q, "x-amz-meta-m"), "v");
	assert_span_eq(ask_response_header(&q, "cache-control"), "c");
	ask_end(&q);
	/* a range over the seam of two parts */
	ask_begin(&q, *state, ANN, "GET", "/tbl/big");
	ask_header(&q, "range", "bytes=5242879-5242880");
	ask_expect(&q, 206, "");
	assert_span_eq(ask_response(&q), "ab");
	ask_end(&q);
}

static void parts_can_be_read_one_by_one(void **state)
{
	struct upload u;
	struct ask q;

	create(&u, *state, "big", "x-amz-checksum-algorithm: SHA256");
	put_parts(&u, "x-amz-checksum-sha256");
	expect_complete(&u, complete_xml(&u, "123", NULL), NULL, 200, "");
	ask_begin(&q, *state, ANN, "GET", "/tbl/big?partNumber=3");
	ask_header(&q, "x-amz-checksum-mode", "ENABLED");
	ask_expect(&q, 206, "");
	assert_span_eq(ask_response(&q), "ccc");
	assert_span_eq(ask_response_header(&q, "x-amz-mp-parts-count"), "3");
	assert_span_eq(
		ask_response_header(&q, "content-range"), "bytes 10485760-10485762/10485763");
	assert_span_eq(ask_response_header(&q, "etag"), composite_etag(&u, 3));
	assert_span_eq(ask_response_header(&q, "x-amz-checksum-sha256"), u.sum[2]);
	assert_span_eq(ask_response_header(&q, "x-amz-checksum-type"), "COMPOSITE");
	ask_end(&q);
	ask_begin(&q, *state, ANN, "HEAD", "/tbl/big?partNumber=2");
	ask_expect(&q, 206, "");
	assert_span_eq(ask_response_header(&q, "content-length"), "5242880");
	ask_end(&q);
	rig_expect((struct rig *)*state, ANN, "GET", "/tbl/big?partNumber=4", NULL, 416,
		"InvalidPartNumber");
}

static void an_empty_last_part_can_be_read(void **state)
{
	static const char *const numbers[] = {"1", "12"};
	struct upload u;
	struct ask q;

	for (unsigned n = 1; n <= 2; n++) {
		create(&u, *state, "tail", NULL);
		put_part(&u, 1, n == 1 ? 0 : MIB5, 'a', NULL);
		put_part(&u, 2, 0, 'b', NULL);
		expect_complete(&u, complete_xml(&u, numbers[n - 1], NULL), NULL, 200, "");
		ask_begin(&q, *state, ANN, "GET",
			arena_printf(u.r->arena, "/tbl/tail?partNumber=%u", n));
		ask_expect(&q, 206, "");
		assert_int_equal(ask_response(&q).n, 0);
		assert_span_eq(ask_response_header(&q, "x-amz-mp-parts-count"),
			numbers[n - 1] + n - 1);
		ask_end(&q);
		rig_expect(u.r, ANN, "GET", "/tbl/tail?partNumber=3", NULL, 416,
			"InvalidPartNumber");
		rig_expect(u.r, ANN, "GET", "/tbl/tail", NULL, 200, "");
	}
}

static void a_repeated_complete_succeeds_and_gives_the_same(void **state)
{
	struct upload u;
	struct ask q;

	create(&u, *state, "big", NULL);
	put_parts(&u, NULL);
	for (int i = 0; i < 2; i++) {
		complete(&q, &u, complete_xml(&u, "123", NULL), NULL);
		ask_expect(&q, 200, "");
		assert_true(ask_has(
			&q, arena_printf(q.d.arena, "%.32s-3", composite_etag(&u, 3) + 1)));
		ask_end(&q);
	}
	expect_complete(&u, complete_xml(&u, "12", NULL), NULL, 404, "NoSuchUpload");
}

static void a_failed_complete_leaves_upload_and_object_untouched(void **state)
{
	struct rig *r = *state;
	struct upload u;
	struct ask q;

	rig_expect(r, ANN, "PUT", "/tbl/big", "before", 200, "");
	create(&u, r, "big", NULL);
	put_parts(&u, NULL);
	put_part(&u, 2, 3, 'x', NULL);
	expect_complete(&u, complete_xml(&u, "123", NULL), NULL, 400, "EntityTooSmall");
	put_part(&u, 2, MIB5, 'y', NULL);
	expect_complete(&u, complete_xml(&u, "132", NULL), NULL, 400, "InvalidPartOrder");
	expect_complete(&u, complete_xml(&u, "122", NULL), NULL, 400, "InvalidPartOrder");
	expect_complete(&u, complete_xml(&u, "123", NULL), "x-amz-mp-object-size: 5", 400,
		"InvalidRequest");
	expect_complete(&u, complete_xml(&u, "123", NULL), "x-amz-mp-object-size: x", 400,
		"InvalidRequest");
	expect_complete(&u, complete_xml(&u, "123", NULL), "if-none-match: *", 412,
		"PreconditionFailed");
	expect_complete(&u, complete_xml(&u, "123", NULL), "if-match: \"x\"", 412,
		"PreconditionFailed");
	memset(u.etag[0], '0', 32);
	expect_complete(&u, complete_xml(&u, "123", NULL), NULL, 400, "InvalidPart");
	ask_begin(&q, r, ANN, "GET", "/tbl/big");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response(&q), "before");
	ask_end(&q);
	put_part(&u, 1, MIB5, 'z', NULL);
	/* the last upload of a part counts; a part that is not listed is dropped */
	expect_complete(&u, complete_xml(&u, "12", NULL), NULL, 200, "");
	ask_begin(&q, r, ANN, "GET", "/tbl/big");
	ask_expect(&q, 200, "");
	assert_int_equal(ask_response(&q).n, 2 * MIB5);
	assert_int_equal(ask_response(&q).p[MIB5], 'y');
	ask_end(&q);
}

#define PART(no, tag) "<Part><PartNumber>" no "</PartNumber><ETag>" tag "</ETag></Part>"
#define LIST(inner) "<CompleteMultipartUpload>" inner "</CompleteMultipartUpload>"

static void wrong_lists_of_parts_are_refused(void **state)
{
	static const struct {
		const char *xml;
		int status;
		const char *code;
	} rows[] = {
		{"", 400, "MalformedXML"},
		{LIST(""), 400, "MalformedXML"},
		{"<Complete>", 400, "MalformedXML"},
		{"<Other>" PART("1", "x") "</Other>", 400, "MalformedXML"},
		{LIST("<Part><PartNumber>1</PartNumber></Part>"), 400, "MalformedXML"},
		{LIST("<Part><ETag>x</ETag></Part>"), 400, "MalformedXML"},
		{LIST(PART("x", "y")), 400, "MalformedXML"},
		{LIST(PART("0", "y")), 400, "InvalidArgument"},
		{LIST(PART("10001", "y")), 400, "InvalidArgument"},
		{LIST(PART("1", "no etag at all")), 400, "InvalidPart"},
		{LIST(PART("1", "5d41402abc4b2a76b9719d911017c592")), 400, "InvalidPart"},
		{LIST("<Part><PartNumber>1</PartNumber><ETag>x</ETag><ChecksumCRC32>x</"
		      "ChecksumCRC32></Part>"),
			400, "InvalidRequest"},
	};
	struct upload u;

	create(&u, *state, "big", NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_complete(&u, rows[i].xml, NULL, rows[i].status, rows[i].code);
}

static void more_than_ten_thousand_parts_are_refused(void **state)
{
	BUF_AUTO struct buf xml = {0};
	struct upload u;

	create(&u, *state, "big", NULL);
	buf_init(&xml, 2 << 20);
	buf_add_str(&xml, "<CompleteMultipartUpload>");
	for (int i = 0; i < 10001; i++)
		buf_add_str(&xml, PART("1", "x"));
	buf_add_str(&xml, "</CompleteMultipartUpload>");
	expect_complete(
		&u, arena_strndup(u.r->arena, buf_span(&xml)), NULL, 400, "MalformedXML");
}

/* ---- ids ---- */

static void an_upload_belongs_to_its_bucket_and_key(void **state)
{
	struct rig *r = *state;
	struct upload u, foreign;
	const char *part = "partNumber=1&";

	rig_expect(r, ANN, "PUT", "/tbl2", NULL, 200, "");
	create(&u, r, "big", NULL);
	foreign = u;
	foreign.key = "other";
	rig_expect(r, ANN, "PUT", target(&foreign, part), "x", 404, "NoSuchUpload");
	rig_expect(r, ANN, "GET", target(&foreign, ""), NULL, 404, "NoSuchUpload");
	rig_expect(r, ANN, "DELETE", target(&foreign, ""), NULL, 404, "NoSuchUpload");
	expect_complete(&foreign, LIST(PART("1", "x")), NULL, 404, "NoSuchUpload");
	rig_expect(r, ANN, "GET", arena_printf(r->arena, "/tbl2/big?uploadId=%s", u.id), NULL,
		404, "NoSuchUpload");
	foreign = u;
	foreign.id = "nonsense";
	rig_expect(r, ANN, "PUT", target(&foreign, part), "x", 404, "NoSuchUpload");
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=0&"), "x", 400, "InvalidArgument");
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=10001&"), "x", 400, "InvalidArgument");
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=x&"), "x", 400, "InvalidArgument");
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=&"), "x", 400, "InvalidArgument");
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=10000&"), "x", 200, "");
	rig_expect(r, CLEO, "PUT", target(&u, part), "x", 403, "AccessDenied");
	rig_expect(r, BEN, "PUT", target(&u, part), "x", 404, "NoSuchBucket");
}

static void abort_ends_an_upload(void **state)
{
	struct rig *r = *state;
	struct upload u;

	create(&u, r, "big", NULL);
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=1&"), "x", 200, "");
	rig_expect(r, ANN, "DELETE", target(&u, ""), NULL, 204, "");
	rig_expect(r, ANN, "DELETE", target(&u, ""), NULL, 404, "NoSuchUpload");
	rig_expect(r, ANN, "PUT", target(&u, "partNumber=1&"), "x", 404, "NoSuchUpload");
	rig_expect(r, ANN, "GET", "/tbl/big", NULL, 404, "NoSuchKey");
}

/* ---- checksums ---- */

static void checksum_kinds_are_settled_at_create(void **state)
{
	static const struct {
		const char *headers;
		int status;
		const char *code, *type;
	} rows[] = {
		{"x-amz-checksum-algorithm: CRC32", 200, "", "COMPOSITE"},
		{"x-amz-checksum-algorithm: CRC64NVME", 200, "", "FULL_OBJECT"},
		{"x-amz-checksum-algorithm: CRC32C\nx-amz-checksum-type: FULL_OBJECT", 200, "",
			"FULL_OBJECT"},
		{"x-amz-checksum-algorithm: SHA1\nx-amz-checksum-type: COMPOSITE", 200, "",
			"COMPOSITE"},
		{"x-amz-checksum-algorithm: SHA1\nx-amz-checksum-type: FULL_OBJECT", 400,
			"InvalidRequest", NULL},
		{"x-amz-checksum-algorithm: CRC64NVME\nx-amz-checksum-type: COMPOSITE", 400,
			"InvalidRequest", NULL},
		{"x-amz-checksum-type: COMPOSITE", 400, "InvalidRequest", NULL},
		{"x-amz-checksum-algorithm: MD4", 400, "InvalidRequest", NULL},
		{"x-amz-checksum-algorithm: SHA1\nx-amz-checksum-type: HALF", 400,
			"InvalidRequest", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig_row row = {
			ANN, "POST", "/tbl/k?uploads", rows[i].headers, NULL, 0, ""};
		struct ask q;

		ask_begin_row(&q, *state, &row);
		ask_expect(&q, rows[i].status, rows[i].code);
		if (rows[i].type) {
			assert_span_eq(
				ask_response_header(&q, "x-amz-checksum-type"), rows[i].type);
			assert_true(ask_response_header(&q, "x-amz-checksum-algorithm").n > 0);
		}
		ask_end(&q);
	}
}

static void composite_and_full_object_checksums(void **state)
{
	static const struct {
		const char *create, *header, *element, *type, *wrong;
	} rows[] = {
		{"x-amz-checksum-algorithm: CRC32", "x-amz-checksum-crc32", "ChecksumCRC32",
			"COMPOSITE", "x-amz-checksum-crc32: AAAAAA==-3"},
		{"x-amz-checksum-algorithm: CRC32\nx-amz-checksum-type: FULL_OBJECT",
			"x-amz-checksum-crc32", "ChecksumCRC32", "FULL_OBJECT",
			"x-amz-checksum-crc32: AAAAAA=="},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct upload u;
		struct span value;
		struct ask q;
		const char *right;

		create(&u, *state, "big", rows[i].create);
		put_parts(&u, rows[i].header);
		rig_table(u.r,
			((const struct rig_row[]){{ANN, "PUT", target(&u, "partNumber=3&"),
				"x-amz-checksum-sha1: qvTGHdzF6KLavt4PO0gs2a6pQ00=", "hello",
				400, "InvalidRequest"}}));
		expect_complete(&u, complete_xml(&u, "123", rows[i].element), rows[i].wrong,
			400, "BadDigest");
		expect_complete(&u, complete_xml(&u, "123", rows[i].element),
			"x-amz-checksum-sha1: qvTGHdzF6KLavt4PO0gs2a6pQ00=", 400,
			"InvalidRequest");
		expect_complete(&u, complete_xml(&u, "123", rows[i].element),
			i ? "x-amz-checksum-type: COMPOSITE"
			  : "x-amz-checksum-type: FULL_OBJECT",
			400, "InvalidRequest");
		right = u.sum[0];
		u.sum[0] = "AAAAAA==";
		expect_complete(
			&u, complete_xml(&u, "123", rows[i].element), NULL, 400, "InvalidPart");
		u.sum[0] = right;
		complete(&q, &u, complete_xml(&u, "123", rows[i].element), NULL);
		ask_expect(&q, 200, "");
		assert_span_eq(ask_element(&q, "ChecksumType"), rows[i].type);
		value = ask_element(&q, rows[i].element);
		assert_true(
			span_starts(span_from(value, value.n - 2), SPAN_LIT("-3")) == (i == 0));
		ask_end(&q);
	}
}

/* SDKs add a CRC32 of their own to every part, whatever the upload was created with. */
static void an_upload_without_algorithm_takes_any_checksum_of_a_part(void **state)
{
	struct upload u;
	struct ask q;

	create(&u, *state, "big", NULL);
	ask_begin(&q, *state, ANN, "PUT", target(&u, "partNumber=1&"));
	ask_header(&q, "x-amz-checksum-crc32", "NhCmhg==");
	ask_body(&q, "hello");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_response_header(&q, "x-amz-checksum-crc32"), "NhCmhg==");
	memcpy(u.etag[0], ask_response_header(&q, "etag").p + 1, 32);
	u.sum[0] = "NhCmhg==";
	ask_end(&q);
	complete(&q, &u, complete_xml(&u, "1", "ChecksumCRC32"), NULL);
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "ChecksumCRC64NVME"), "M3eFcAZSQlc=");
	ask_end(&q);
}

/* ---- listings ---- */

static void parts_are_listed_in_pages(void **state)
{
	struct rig *r = *state;
	struct upload u;
	struct ask q;

	create(&u, r, "b%20g", "x-amz-checksum-algorithm: CRC32");
	for (unsigned no = 1; no <= 3; no++)
		put_part(&u, no, no, 'p', NULL);
	ask_begin(&q, r, ANN, "GET", target(&u, ""));
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Key"), "b g");
	assert_span_eq(ask_element(&q, "UploadId"), u.id);
	assert_span_eq(ask_element(&q, "MaxParts"), "1000");
	assert_span_eq(ask_element(&q, "IsTruncated"), "false");
	assert_span_eq(ask_element(&q, "NextPartNumberMarker"), "3");
	assert_span_eq(ask_element(&q, "ChecksumAlgorithm"), "CRC32");
	assert_true(ask_element(&q, "ChecksumCRC32").n > 0);
	assert_span_eq(ask_element(&q, "DisplayName"), "ann");
	assert_true(ask_has(&q, "<PartNumber>3</PartNumber>"));
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET",
		target(&u, "max-parts=1&part-number-marker=1&encoding-type=url&"));
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Key"), "b%20g");
	assert_span_eq(ask_element(&q, "PartNumber"), "2");
	assert_span_eq(ask_element(&q, "IsTruncated"), "true");
	assert_false(ask_has(&q, "<PartNumber>3</PartNumber>"));
	ask_end(&q);
	rig_expect(r, ANN, "GET", target(&u, "max-parts=x&"), NULL, 400, "InvalidArgument");
	rig_expect(r, ANN, "GET", target(&u, "max-parts=-1&"), NULL, 400, "InvalidArgument");
	rig_expect(r, ANN, "GET", target(&u, "part-number-marker=x&"), NULL, 400,
		"InvalidArgument");
}

static void uploads_are_listed_by_key_then_initiation(void **state)
{
	struct rig *r = *state;
	struct upload a1, a2, b, c;
	const char *query;
	struct ask q;

	create(&c, r, "dir/c", NULL);
	create(&a1, r, "a%0A", NULL);
	create(&a2, r, "a%0A", NULL);
	create(&b, r, "b", "x-amz-checksum-algorithm: SHA1");
	ask_begin(&q, r, ANN, "GET", "/tbl?uploads&delimiter=/&encoding-type=url");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "Key"), "a%0A");
	assert_span_eq(ask_element(&q, "UploadId"), a1.id);
	assert_true(ask_has(&q, "<CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes>"));
	assert_true(ask_has(&q, a2.id) && ask_has(&q, b.id) && !ask_has(&q, c.id));
	assert_true(ask_has(&q, "<Initiator><ID>"));
	assert_true(ask_has(&q, "<Owner><ID>"));
	assert_span_eq(ask_element(&q, "MaxUploads"), "1000");
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl?uploads&max-uploads=1");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "IsTruncated"), "true");
	assert_span_eq(ask_element(&q, "NextKeyMarker"), "a\n");
	assert_span_eq(ask_element(&q, "NextUploadIdMarker"), a1.id);
	ask_end(&q);
	query = arena_printf(r->arena,
		"/tbl?uploads&max-uploads=1&key-marker=a%%0A&upload-id-marker=%s", a1.id);
	ask_begin(&q, r, ANN, "GET", query);
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "UploadId"), a2.id);
	ask_end(&q);
	ask_begin(&q, r, ANN, "GET", "/tbl?uploads&key-marker=a%0A&prefix=b");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "UploadId"), b.id);
	assert_span_eq(ask_element(&q, "ChecksumAlgorithm"), "SHA1");
	ask_end(&q);
	rig_expect(r, ANN, "GET", "/tbl?uploads&upload-id-marker=x", NULL, 200, "");
	rig_expect(r, ANN, "GET", "/tbl?uploads&key-marker=a&upload-id-marker=x", NULL, 400,
		"InvalidArgument");
	rig_expect(r, ANN, "GET", "/tbl?uploads&max-uploads=x", NULL, 400, "InvalidArgument");
	rig_expect(r, ANN, "GET", "/tbl?uploads&max-uploads=0", NULL, 200, "");
	/* pending uploads are no objects */
	ask_begin(&q, r, ANN, "GET", "/tbl?list-type=2");
	ask_expect(&q, 200, "");
	assert_span_eq(ask_element(&q, "KeyCount"), "0");
	ask_end(&q);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(parts_become_an_object),
		T(parts_can_be_read_one_by_one),
		T(an_empty_last_part_can_be_read),
		T(a_repeated_complete_succeeds_and_gives_the_same),
		T(a_failed_complete_leaves_upload_and_object_untouched),
		T(wrong_lists_of_parts_are_refused),
		T(more_than_ten_thousand_parts_are_refused),
		T(an_upload_belongs_to_its_bucket_and_key),
		T(abort_ends_an_upload),
		T(checksum_kinds_are_settled_at_create),
		T(composite_and_full_object_checksums),
		T(an_upload_without_algorithm_takes_any_checksum_of_a_part),
		T(parts_are_listed_in_pages),
		T(uploads_are_listed_by_key_then_initiation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
