/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "codec/enc.h"
#include "model/checksum.h"

static const struct {
	enum checksum_alg alg;
	const char *name, *header, *element, *of_digits; /* of "123456789" */
	bool composite, full_object;
} expected[] = {
	{CHECKSUM_CRC32, "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", "y/Q5Jg==", true,
		true},
	{CHECKSUM_CRC32C, "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", "4waSgw==", true,
		true},
	{CHECKSUM_CRC64NVME, "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME",
		"rosUhgp5mIg=", false, true},
	{CHECKSUM_SHA1, "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1",
		"98O8HYCOBHMq32eZZczDTKeuNEE=", true, false},
	{CHECKSUM_SHA256, "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256",
		"FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=", true, false},
};
enum { COUNT = sizeof(expected) / sizeof(*expected) };

static struct checksum sum_of(enum checksum_alg alg, struct span s)
{
	struct checksum c = {.alg = alg};

	digest_of(checksum_digest(alg), s.p, s.n, c.value);
	return c;
}

static void algorithms_have_their_names(void **state)
{
	(void)state;
	assert_int_equal(COUNT, CHECKSUM_ALG_COUNT - 1);
	for (int i = 0; i < COUNT; i++) {
		enum checksum_alg alg = expected[i].alg;

		assert_string_equal(checksum_name(alg), expected[i].name);
		assert_string_equal(checksum_header(alg), expected[i].header);
		assert_string_equal(checksum_element(alg), expected[i].element);
		assert_int_equal(checksum_by_name(span_str(expected[i].name)), alg);
		assert_int_equal(checksum_by_header(span_str(expected[i].header)), alg);
		assert_int_equal(
			checksum_pair_legal(alg, CHECKSUM_COMPOSITE), expected[i].composite);
		assert_int_equal(checksum_pair_legal(alg, CHECKSUM_FULL_OBJECT),
			expected[i].full_object);
		assert_true(checksum_pair_legal(alg, checksum_default_type(alg)));
	}
	assert_int_equal(checksum_by_name(SPAN_LIT("sha256")), CHECKSUM_SHA256);
	assert_int_equal(checksum_by_name(SPAN_LIT("MD5")), CHECKSUM_NONE);
	assert_int_equal(checksum_by_name(SPAN_NULL), CHECKSUM_NONE);
	assert_int_equal(checksum_by_header(SPAN_LIT("x-amz-checksum-type")), CHECKSUM_NONE);
	assert_null(checksum_name(CHECKSUM_NONE));
	assert_false(checksum_pair_legal(CHECKSUM_NONE, CHECKSUM_FULL_OBJECT));
}

static void types_have_their_names(void **state)
{
	enum checksum_type type;

	(void)state;
	assert_true(checksum_type_by_name(SPAN_LIT("COMPOSITE"), &type));
	assert_int_equal(type, CHECKSUM_COMPOSITE);
	assert_true(checksum_type_by_name(SPAN_LIT("full_object"), &type));
	assert_string_equal(checksum_type_name(type), "FULL_OBJECT");
	assert_false(checksum_type_by_name(SPAN_LIT("FULL"), &type));
}

static void values_are_written_and_read(void **state)
{
	char text[CHECKSUM_TEXT_MAX];
	struct checksum c, d;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		c = sum_of(expected[i].alg, SPAN_LIT("123456789"));
		checksum_format(text, &c);
		assert_string_equal(text, expected[i].of_digits);
		assert_true(checksum_parse(span_str(text), c.alg, &d));
		assert_true(checksum_eq(&c, &d));
		if (!expected[i].composite)
			continue;
		c.type = CHECKSUM_COMPOSITE;
		c.nparts = 10000;
		checksum_format(text, &c);
		assert_true(checksum_parse(span_str(text), c.alg, &d));
		assert_true(checksum_eq(&c, &d));
		d.nparts--;
		assert_false(checksum_eq(&c, &d));
	}
	c.alg = CHECKSUM_NONE;
	checksum_format(text, &c);
	assert_string_equal(text, "");
}

static void bad_values_are_refused(void **state)
{
	static const char *const bad[] = {"", "y/Q5Jg", "y/Q5Jg=", "y/Q5Jg==x", "y/Q5Jg==-",
		"y/Q5Jg==-0", "y/Q5Jg==-01", "y/Q5Jg==-10001", "y/Q5Jg==-1-1",
		"y/Q5Jh==", " y/Q5Jg==", "rosUhgp5mIg=", "!!!!!!==", "-1"};
	struct checksum c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (checksum_parse(span_str(bad[i]), CHECKSUM_CRC32, &c))
			fail_msg("%s was accepted", bad[i]);
	assert_false(checksum_parse(SPAN_NULL, CHECKSUM_CRC32, &c));
	assert_false(checksum_parse(SPAN_LIT("y/Q5Jg=="), CHECKSUM_NONE, &c));
	assert_false(checksum_parse(SPAN_LIT("rosUhgp5mIg=-1"), CHECKSUM_CRC64NVME, &c));
}

static void blobs_round_trip_and_damage_is_seen(void **state)
{
	unsigned char blob[CHECKSUM_BLOB_MAX];
	struct checksum c = {.alg = CHECKSUM_NONE}, d;
	size_t n;

	(void)state;
	assert_int_equal(checksum_to_blob(&c, blob), 0);
	assert_true(checksum_from_blob(SPAN_NULL, &d));
	assert_int_equal(d.alg, CHECKSUM_NONE);
	for (int i = 0; i < 2 * COUNT; i++) {
		c = sum_of(expected[i / 2].alg, SPAN_LIT("x"));
		c.type = i % 2 ? CHECKSUM_COMPOSITE : CHECKSUM_FULL_OBJECT;
		c.nparts = i % 2 ? 300 : 0;
		n = checksum_to_blob(&c, blob);
		assert_true(checksum_from_blob(span_of(blob, n), &d));
		assert_true(checksum_eq(&c, &d));
		assert_false(n > 1 && checksum_from_blob(span_of(blob, n - 1), &d));
		assert_false(checksum_from_blob(span_of(blob, n + 1), &d));
		assert_false(checksum_from_blob(span_of(blob, 1), &d));
	}
	assert_false(checksum_from_blob(SPAN_LIT("\x7fxxxx"), &d));
	assert_false(checksum_from_blob(span_of("\0xxxx", 5), &d));
	assert_false(checksum_from_blob(SPAN_LIT("\x81xx"), &d));
}

static void full_object_values_combine_to_that_of_the_whole(void **state)
{
	static const enum checksum_alg crcs[] = {
		CHECKSUM_CRC32, CHECKSUM_CRC32C, CHECKSUM_CRC64NVME};
	const struct span whole = SPAN_LIT("the quick brown fox jumps over the lazy dog");
	const size_t cuts[] = {0, 5, 5, 17, whole.n};

	(void)state;
	for (size_t i = 0; i < sizeof(crcs) / sizeof(*crcs); i++) {
		struct checksum expect = sum_of(crcs[i], whole), got;
		struct checksum_combiner k;

		checksum_combine_init(&k, crcs[i], CHECKSUM_FULL_OBJECT);
		for (size_t p = 0; p + 1 < sizeof(cuts) / sizeof(*cuts); p++) {
			struct span part = span_of(whole.p + cuts[p], cuts[p + 1] - cuts[p]);
			struct checksum sum = sum_of(crcs[i], part);

			checksum_combine_add(&k, &sum, part.n);
		}
		checksum_combine_finish(&k, &got);
		assert_true(checksum_eq(&expect, &got));
	}
}

static void composite_values_digest_the_parts_values(void **state)
{
	struct checksum a = sum_of(CHECKSUM_SHA256, SPAN_LIT("a")), b = a, got, expect;
	unsigned char both[64];
	struct checksum_combiner k;

	(void)state;
	memcpy(both, a.value, 32);
	memcpy(both + 32, b.value, 32);
	expect = sum_of(CHECKSUM_SHA256, span_of(both, 64));
	expect.type = CHECKSUM_COMPOSITE;
	expect.nparts = 2;
	checksum_combine_init(&k, CHECKSUM_SHA256, CHECKSUM_COMPOSITE);
	checksum_combine_add(&k, &a, 1);
	checksum_combine_add(&k, &b, 1);
	checksum_combine_finish(&k, &got);
	assert_true(checksum_eq(&expect, &got));
	checksum_combine_init(&k, CHECKSUM_SHA1, CHECKSUM_COMPOSITE);
	checksum_combine_finish(&k, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(algorithms_have_their_names),
		cmocka_unit_test(types_have_their_names),
		cmocka_unit_test(values_are_written_and_read),
		cmocka_unit_test(bad_values_are_refused),
		cmocka_unit_test(blobs_round_trip_and_damage_is_seen),
		cmocka_unit_test(full_object_values_combine_to_that_of_the_whole),
		cmocka_unit_test(composite_values_digest_the_parts_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
