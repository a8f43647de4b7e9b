/* SPDX-License-Identifier: MIT */
#include "base/hmac.h"

#include "unit.h"

static void
digests_are_those_of_rfc_4231(void **state)
{
	char key[131], out[SHA256_HEX + 1];

	(void)state;
	memset(key, 0x0b, 20);
	hmac_sha256((sv){ key, 20 }, SV("Hi There"), out);
	assert_string_equal(out, "b0344c61d8db38535ca8afceaf0bf12b"
				 "881dc200c9833da726e9376c2e32cff7");
	hmac_sha256(SV("Jefe"), SV("what do ya want for nothing?"), out);
	assert_string_equal(out, "5bdcc146bf60754e6a042426089575c7"
				 "5a003f089d2739839dec58b964ec3843");
	/* a key that is longer than a block */
	memset(key, 0xaa, sizeof(key));
	hmac_sha256((sv){ key, sizeof(key) },
	    SV("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	assert_string_equal(out, "60e431591ee0b67f0d8a26aacbf5b77f"
				 "8e0bc6213728c5140546040f0ee37f54");
}

static void
equal_is_equal_alone(void **state)
{
	(void)state;
	assert_true(hmac_equal(SV(""), SV("")));
	assert_true(hmac_equal(SV("abc"), SV("abc")));
	assert_false(hmac_equal(SV("abc"), SV("abd")));
	assert_false(hmac_equal(SV("abc"), SV("xbc")));
	assert_false(hmac_equal(SV("abc"), SV("ab")));
	assert_false(hmac_equal(SV(""), SV("a")));
}

int
test_base_hmac(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_rfc_4231),
		cmocka_unit_test(equal_is_equal_alone),
	};

	return cmocka_run_group_tests_name("base/hmac", tests, NULL, NULL);
}
