/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/rnd.h"
#include "codec/crc.h"
#include "codec/digest.h"
#include "codec/enc.h"

enum { ALL = (1 << DIGEST_COUNT) - 1 };

static void assert_hex(const unsigned char *p, size_t n, const char *hex)
{
	char text[2 * DIGEST_MAX_BYTES + 1];

	enc_hex(text, p, n);
	assert_string_equal(text, hex);
}

static void check_values_are_the_published_ones(void **state)
{
	static const struct {
		size_t len;
		const char *empty, *digits; /* of "" and "123456789" */
	} rows[DIGEST_COUNT] = {
		[DIGEST_MD5] = {16, "d41d8cd98f00b204e9800998ecf8427e",
			"25f9e794323b453885f5181f1b624d0b"},
		[DIGEST_SHA1] = {20, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
			"f7c3bc1d808e04732adf679965ccc34ca7ae3441"},
		[DIGEST_SHA256] = {32,
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			"15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
		[DIGEST_CRC32] = {4, "00000000", "cbf43926"},
		[DIGEST_CRC32C] = {4, "00000000", "e3069283"},
		[DIGEST_CRC64NVME] = {8, "0000000000000000", "ae8b14860a799888"},
	};
	unsigned char out[DIGEST_MAX_BYTES];

	(void)state;
	for (int i = 0; i < DIGEST_COUNT; i++) {
		enum digest_alg alg = (enum digest_alg)i;

		assert_int_equal(digest_len(alg), rows[i].len);
		digest_of(alg, NULL, 0, out);
		assert_hex(out, digest_len(alg), rows[i].empty);
		digest_of(alg, "123456789", 9, out);
		assert_hex(out, digest_len(alg), rows[i].digits);
	}
}

static void a_set_agrees_with_one_shots_however_it_is_fed(void **state)
{
	static unsigned char data[100000];
	static const size_t steps[] = {1, 7, 64, 127, 128, 129, 4096, 100000};
	struct digest_set *d = digest_new(ALL);

	(void)state;
	rnd_bytes(data, sizeof(data));
	for (size_t s = 0; s < sizeof(steps) / sizeof(*steps); s++) {
		if (s)
			digest_reset(d);
		for (size_t at = 0; at < sizeof(data); at += steps[s])
			digest_update(d, data + at,
				sizeof(data) - at < steps[s] ? sizeof(data) - at : steps[s]);
		digest_update(d, NULL, 0);
		digest_finish(d);
		for (int i = 0; i < DIGEST_COUNT; i++) {
			unsigned char got[DIGEST_MAX_BYTES], want[DIGEST_MAX_BYTES];

			digest_get(d, (enum digest_alg)i, got);
			digest_of((enum digest_alg)i, data, sizeof(data), want);
			assert_memory_equal(got, want, digest_len((enum digest_alg)i));
		}
	}
	digest_free(d);
	digest_free(NULL);
}

static void sets_of_nothing_and_of_one_work(void **state)
{
	struct digest_set *d = digest_new(0);
	unsigned char out[DIGEST_MAX_BYTES];

	(void)state;
	digest_update(d, "x", 1);
	digest_finish(d);
	digest_free(d);
	d = digest_new(1U << DIGEST_CRC32C);
	digest_update(d, "123456789", 9);
	digest_finish(d);
	digest_get(d, DIGEST_CRC32C, out);
	assert_hex(out, 4, "e3069283");
	digest_free(d);
}

static void sets_can_be_abandoned(void **state)
{
	struct digest_set *d = digest_new(ALL);
	unsigned char out[DIGEST_MAX_BYTES];

	(void)state;
	digest_update(d, "half of a stream", 16);
	digest_reset(d);
	digest_update(d, "123456789", 9);
	digest_finish(d);
	digest_get(d, DIGEST_MD5, out);
	assert_hex(out, 16, "25f9e794323b453885f5181f1b624d0b");
	digest_get(d, DIGEST_CRC64NVME, out);
	assert_hex(out, 8, "ae8b14860a799888");
	digest_reset(d);
	digest_free(d);
}

/* Bit by bit, from the definition: nothing shared with either implementation. */
static uint64_t crc64_bitwise(const unsigned char *p, size_t n)
{
	uint64_t crc = UINT64_MAX;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ UINT64_C(0x9a6c9329ac4bc9b5) : crc >> 1;
	}
	return ~crc;
}

static void fast_crc64_agrees_with_the_definition(void **state)
{
	unsigned char data[3100];

	(void)state;
	assert_non_null(digest_crc64nvme_impl());
	rnd_bytes(data, sizeof(data));
	for (size_t from = 0; from < 17; from++) {
		for (size_t n = 0; n <= 300; n++) {
			uint64_t want = crc64_bitwise(data + from, n);

			assert_true(digest_crc64nvme_table(0, data + from, n) == want);
			assert_true(crc64nvme(0, data + from, n) == want);
		}
	}
	for (size_t n = 300; n < 3000; n++)
		assert_true(
			crc64nvme(n, data + 1, n) == digest_crc64nvme_table(n, data + 1, n));
}

static void crc64_reads_nothing_behind_its_input(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 300; n++) {
		unsigned char *exact = malloc(n);

		assert_non_null(exact);
		memset(exact, 0xa5, n);
		assert_true(crc64nvme(0, exact, n) == crc64_bitwise(exact, n));
		free(exact);
	}
}

static void crcs_combine_to_that_of_the_whole(void **state)
{
	static const enum digest_alg algs[] = {DIGEST_CRC32, DIGEST_CRC32C, DIGEST_CRC64NVME};
	static const size_t cuts[] = {0, 1, 2, 15, 255, 256, 4097, 49999, 50000};
	static unsigned char data[50000];

	(void)state;
	rnd_bytes(data, sizeof(data));
	for (size_t i = 0; i < 3; i++) {
		unsigned char whole[8];

		digest_of(algs[i], data, sizeof(data), whole);
		for (size_t c = 0; c < sizeof(cuts) / sizeof(*cuts); c++) {
			unsigned char a[8], b[8];

			digest_of(algs[i], data, cuts[c], a);
			digest_of(algs[i], data + cuts[c], sizeof(data) - cuts[c], b);
			digest_crc_combine(algs[i], a, b, sizeof(data) - cuts[c]);
			assert_memory_equal(a, whole, digest_len(algs[i]));
		}
	}
}

static void combining_huge_lengths_is_consistent(void **state)
{
	static const enum crc_kind kinds[] = {CRC_32, CRC_32C, CRC_64NVME};

	(void)state;
	/* x^(8n) * x^(8m) = x^(8(n+m)), also where 8n does not fit 64 bits. */
	for (size_t i = 0; i < 3; i++) {
		uint64_t n = UINT64_C(1) << 62, v = 0x12345678;
		uint64_t twice = crc_combine(kinds[i], crc_combine(kinds[i], v, 0, n), 0, n);

		assert_true(twice == crc_combine(kinds[i], v, 0, 2 * n));
		assert_true(crc_combine(kinds[i], v, 7, 0) == (v ^ 7));
	}
}

static void hmacs_follow_the_rfc_vectors(void **state)
{
	static const char *const data2 = "what do ya want for nothing?";
	static const char *const data6 =
		"Test Using Larger Than Block-Size Key - Hash Key First";
	unsigned char out[32], key[131];

	(void)state;
	memset(key, 0x0b, 20);
	digest_hmac_sha256(key, 20, "Hi There", 8, out);
	assert_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest_hmac_sha1(key, 20, "Hi There", 8, out);
	assert_hex(out, 20, "b617318655057264e28bc0b6fb378c8ef146be00");
	digest_hmac_sha256("Jefe", 4, data2, strlen(data2), out);
	assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	digest_hmac_sha1("Jefe", 4, data2, strlen(data2), out);
	assert_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	memset(key, 0xaa, sizeof(key));
	digest_hmac_sha256(key, 131, data6, strlen(data6), out);
	assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	digest_hmac_sha256(NULL, 0, NULL, 0, out);
	assert_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void an_hmac_may_replace_its_own_input(void **state)
{
	unsigned char key[32] = "chained, as a signing key is", want[32];

	(void)state;
	digest_hmac_sha256(key, 32, "20260101", 8, want);
	digest_hmac_sha256(key, 32, "20260101", 8, key);
	assert_memory_equal(key, want, 32);
}

static void *hash_in_thread(void *arg)
{
	unsigned char out[DIGEST_MAX_BYTES];

	(void)arg;
	for (int i = 0; i < 200; i++)
		digest_hmac_sha256("k", 1, "v", 1, out);
	digest_of(DIGEST_CRC64NVME, "123456789", 9, out);
	return memcmp(out, "\xae\x8b\x14\x86\x0a\x79\x98\x88", 8) == 0 ? arg : NULL;
}

static void threads_may_hash_at_once(void **state)
{
	pthread_t threads[4];
	int token;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hash_in_thread, &token), 0);
	for (int i = 0; i < 4; i++) {
		void *r;

		assert_int_equal(pthread_join(threads[i], &r), 0);
		assert_ptr_equal(r, &token);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_may_hash_at_once),
		cmocka_unit_test(check_values_are_the_published_ones),
		cmocka_unit_test(a_set_agrees_with_one_shots_however_it_is_fed),
		cmocka_unit_test(sets_of_nothing_and_of_one_work),
		cmocka_unit_test(sets_can_be_abandoned),
		cmocka_unit_test(fast_crc64_agrees_with_the_definition),
		cmocka_unit_test(crc64_reads_nothing_behind_its_input),
		cmocka_unit_test(crcs_combine_to_that_of_the_whole),
		cmocka_unit_test(combining_huge_lengths_is_consistent),
		cmocka_unit_test(hmacs_follow_the_rfc_vectors),
		cmocka_unit_test(an_hmac_may_replace_its_own_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
