/* SPDX-License-Identifier: MIT */
#include "tests/unit/testing.h"

#include "model/names.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SIXTY "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"

static void bucket_names_follow_s3(void **state)
{
	static const char *const legal[] = {"abc", "a-b", "a.b", "0ab", "ab0", "1.2.3",
		"1.2.3.4.5", "1.2.3.4a", "1.2.3.4444", "a--b", "xn--abc", SIXTY "abc",
		"my.bucket-name.01"};
	static const char *const illegal[] = {"", "a", "ab", SIXTY "abcd", "Abc", "aBc", "a_b",
		"-ab", "ab-", ".ab", "ab.", "a..b", "a.-b", "a-.b", "192.168.5.4", "1.2.3.4",
		"999.1.1.1", "a b", "a/b", "ab\n", "\xc3\xa4\xc3\xa4", "...", "---"};

	(void)state;
	for (size_t i = 0; i < COUNT(legal); i++)
		if (!name_bucket_legal(span_str(legal[i])))
			fail_msg("%s is legal", legal[i]);
	for (size_t i = 0; i < COUNT(illegal); i++)
		if (name_bucket_legal(span_str(illegal[i])))
			fail_msg("%s is illegal", illegal[i]);
	assert_false(name_bucket_legal(span_of("ab\0", 3)));
	assert_false(name_bucket_legal(SPAN_NULL));
}

static void tenant_ids_are_eight_lower_case_hex_digits(void **state)
{
	(void)state;
	assert_true(name_tenant_id_legal(SPAN_LIT("tenant-0123abcd")));
	assert_false(name_tenant_id_legal(SPAN_LIT("tenant-0123ABCD")));
	assert_false(name_tenant_id_legal(SPAN_LIT("tenant-0123abcg")));
	assert_false(name_tenant_id_legal(SPAN_LIT("tenant-0123abc")));
	assert_false(name_tenant_id_legal(SPAN_LIT("tenant-0123abcde")));
	assert_false(name_tenant_id_legal(SPAN_LIT("Tenant-0123abcd")));
	assert_false(name_tenant_id_legal(SPAN_LIT("global")));
	assert_false(name_tenant_id_legal(SPAN_NULL));
}

static void explicit_names_split_and_are_reserved(void **state)
{
	struct span tenant, bucket;

	(void)state;
	assert_true(name_bucket_split(SPAN_LIT("tenant-0123abcd--backups"), &tenant, &bucket));
	assert_span_eq(tenant, "tenant-0123abcd");
	assert_span_eq(bucket, "backups");
	assert_true(name_bucket_split(SPAN_LIT("global--a--b"), &tenant, &bucket));
	assert_span_eq(tenant, NAME_GLOBAL);
	assert_span_eq(bucket, "a--b");
	assert_false(name_bucket_split(SPAN_LIT("tenant-0123abcd-backups"), &tenant, &bucket));
	assert_false(name_bucket_split(SPAN_LIT("tenant-0123abcd--"), &tenant, &bucket));
	assert_false(name_bucket_split(SPAN_LIT("global--../x"), &tenant, &bucket));
	assert_false(name_bucket_split(SPAN_LIT("global---abc"), &tenant, &bucket));
	assert_false(name_bucket_split(SPAN_LIT("tenant-xyz--backups"), &tenant, &bucket));

	assert_true(name_bucket_reserved(SPAN_LIT("tenant-0123abcd")));
	assert_true(name_bucket_reserved(SPAN_LIT("tenant-0123abcd--x")));
	assert_true(name_bucket_reserved(SPAN_LIT("tenant-0123abcd--")));
	assert_true(name_bucket_reserved(SPAN_LIT("global--x")));
	assert_true(name_bucket_reserved(SPAN_LIT("global---abc")));
	assert_false(name_bucket_reserved(SPAN_LIT("global")));
	assert_false(name_bucket_reserved(SPAN_LIT("global-x")));
	assert_false(name_bucket_reserved(SPAN_LIT("tenant-0123abcd-x")));
	assert_false(name_bucket_reserved(SPAN_LIT("tenant-files")));
	assert_false(name_bucket_reserved(SPAN_NULL));
}

static void people_have_sane_names(void **state)
{
	char long_name[4 * NAME_DISPLAY_MAX + 4];

	(void)state;
	assert_true(name_login_legal(SPAN_LIT("a")));
	assert_true(name_login_legal(SPAN_LIT("Jane.Doe+x@example.com")));
	assert_true(name_login_legal(SPAN_LIT(SIXTY "abcd")));
	assert_false(name_login_legal(SPAN_LIT(SIXTY "abcde")));
	assert_false(name_login_legal(SPAN_LIT("")));
	assert_false(name_login_legal(SPAN_LIT(".a")));
	assert_false(name_login_legal(SPAN_LIT("a b")));
	assert_false(name_login_legal(SPAN_LIT("a\n")));
	assert_false(name_login_legal(SPAN_LIT("j\xc3\xb6rg")));

	assert_true(name_display_legal(SPAN_LIT("J\xc3\xb6rg <b>")));
	assert_false(name_display_legal(SPAN_LIT("")));
	assert_false(name_display_legal(SPAN_LIT("a\x7f")));
	assert_false(name_display_legal(SPAN_LIT("a\xc2\x85")));
	assert_false(name_display_legal(SPAN_LIT("\xff")));
	for (size_t i = 0; i < sizeof(long_name) / 4; i++)
		memcpy(long_name + 4 * i, "\xf0\x9f\x98\x80", 4);
	assert_true(name_display_legal(span_of(long_name, 4 * NAME_DISPLAY_MAX)));
	assert_false(name_display_legal(span_of(long_name, 4 * NAME_DISPLAY_MAX + 4)));
	assert_false(name_display_legal(span_of(long_name, 3)));

	assert_true(name_email_legal(SPAN_LIT("a@b")));
	assert_false(name_email_legal(SPAN_LIT("@b")));
	assert_false(name_email_legal(SPAN_LIT("a@")));
	assert_false(name_email_legal(SPAN_LIT("a@b@c")));
	assert_false(name_email_legal(SPAN_LIT("a b@c")));
	assert_false(name_email_legal(SPAN_LIT("a@b\r\n")));
	assert_false(name_email_legal(SPAN_LIT("ab")));
}

static void access_keys_are_16_to_128_word_characters(void **state)
{
	(void)state;
	assert_true(name_access_key_legal(SPAN_LIT("AKIAIOSFODNN7EXAMPLE")));
	assert_true(name_access_key_legal(SPAN_LIT("abcd_efgh_ijkl_0")));
	assert_false(name_access_key_legal(SPAN_LIT("abcd_efgh_ijkl_")));
	assert_false(name_access_key_legal(SPAN_LIT("abcd-efgh-ijkl-0")));
	assert_true(name_access_key_legal(SPAN_LIT(SIXTY SIXTY "12345678")));
	assert_false(name_access_key_legal(SPAN_LIT(SIXTY SIXTY "123456789")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_names_follow_s3),
		cmocka_unit_test(tenant_ids_are_eight_lower_case_hex_digits),
		cmocka_unit_test(explicit_names_split_and_are_reserved),
		cmocka_unit_test(people_have_sane_names),
		cmocka_unit_test(access_keys_are_16_to_128_word_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
