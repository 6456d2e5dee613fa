/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "base/rnd.h"
#include "codec/enc.h"

static void hex_is_lower_case_and_reads_both(void **state)
{
	unsigned char bytes[3];
	char text[7];

	(void)state;
	enc_hex(text, "\x00\xaf\xff", 3);
	assert_string_equal(text, "00afff");
	assert_true(enc_unhex(SPAN_LIT("00aFFf"), bytes, 3));
	assert_memory_equal(bytes, "\x00\xaf\xff", 3);
	enc_hex(text, "", 0);
	assert_string_equal(text, "");
	assert_true(enc_unhex(SPAN_LIT(""), bytes, 0));
}

static void hex_of_another_length_or_alphabet_is_refused(void **state)
{
	unsigned char b[2];

	(void)state;
	assert_false(enc_unhex(SPAN_LIT("00a"), b, 2));
	assert_false(enc_unhex(SPAN_LIT("00aaa"), b, 2));
	assert_false(enc_unhex(SPAN_LIT("00aaaa"), b, 2));
	assert_false(enc_unhex(SPAN_LIT("00ag"), b, 2));
	assert_false(enc_unhex(SPAN_LIT(" 0aa"), b, 2));
	assert_false(enc_unhex(SPAN_LIT("0x12"), b, 2));
	assert_false(enc_unhex(SPAN_NULL, b, 2));
}

static void base64_follows_the_rfc_vectors(void **state)
{
	static const char *const vectors[][3] = {{"", "", ""}, {"f", "Zg==", "Zg"},
		{"fo", "Zm8=", "Zm8"}, {"foo", "Zm9v", "Zm9v"}, {"foob", "Zm9vYg==", "Zm9vYg"},
		{"fooba", "Zm9vYmE=", "Zm9vYmE"}, {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
		{"\xfb\xff\xfe", "+//+", "-__-"}};
	char text[16];
	unsigned char bytes[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const char *const *v = vectors[i];

		enc_base64(text, v[0], strlen(v[0]));
		assert_string_equal(text, v[1]);
		assert_int_equal(strlen(text), ENC_BASE64_LEN(strlen(v[0])));
		enc_base64url(text, v[0], strlen(v[0]));
		assert_string_equal(text, v[2]);
		assert_true(enc_unbase64(span_str(v[1]), bytes, sizeof(bytes), &n));
		assert_int_equal(n, strlen(v[0]));
		assert_memory_equal(bytes, v[0], n);
		assert_true(enc_unbase64url(span_str(v[2]), bytes, sizeof(bytes), &n));
		assert_int_equal(n, strlen(v[0]));
		assert_memory_equal(bytes, v[0], n);
	}
}

static void random_bytes_survive_base64(void **state)
{
	unsigned char in[100], out[100];
	char text[ENC_BASE64_LEN(100) + 1];
	size_t got;

	(void)state;
	for (size_t n = 0; n <= sizeof(in); n++) {
		rnd_bytes(in, n);
		enc_base64(text, in, n);
		assert_true(enc_unbase64(span_str(text), out, n, &got));
		assert_int_equal(got, n);
		assert_memory_equal(in, out, n);
		enc_base64url(text, in, n);
		assert_true(enc_unbase64url(span_str(text), out, n, &got));
		assert_int_equal(got, n);
		assert_memory_equal(in, out, n);
	}
}

static void sloppy_base64_is_refused(void **state)
{
	static const char *const bad[] = {"Z", "Zg",
		"Zg=", "Zg===", "Zg==Zg==", "Zh==", "Zm9=", "====", "=", "Zm=v", "Zm9v\n",
		" Zm9", "Zm-_", "Zm9v====", "Z===", "Zm9vY"};
	static const char *const bad_url[] = {
		"Z", "Zg==", "Zh", "Zm9vY", "Zm+v", "Zm/v", "Zm8=", "Zm 8"};
	unsigned char b[16];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(enc_unbase64(span_str(bad[i]), b, sizeof(b), &n));
	for (size_t i = 0; i < sizeof(bad_url) / sizeof(*bad_url); i++)
		assert_false(enc_unbase64url(span_str(bad_url[i]), b, sizeof(b), &n));
	assert_false(enc_unbase64(SPAN_LIT("Zm\0v"), b, sizeof(b), &n));
}

static void base64_never_writes_past_the_room(void **state)
{
	unsigned char b[4] = {1, 2, 3, 4};
	size_t n;

	(void)state;
	assert_false(enc_unbase64(SPAN_LIT("Zm9v"), b, 2, &n));
	assert_int_equal(b[2], 3);
	assert_true(enc_unbase64(SPAN_LIT("Zm9v"), b, 3, &n));
	assert_int_equal(b[3], 4);
	assert_true(enc_unbase64(SPAN_LIT(""), b, 0, &n));
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_lower_case_and_reads_both),
		cmocka_unit_test(hex_of_another_length_or_alphabet_is_refused),
		cmocka_unit_test(base64_follows_the_rfc_vectors),
		cmocka_unit_test(random_bytes_survive_base64),
		cmocka_unit_test(sloppy_base64_is_refused),
		cmocka_unit_test(base64_never_writes_past_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
