/* SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include "base/sha256.h"

#include "unit.h"

static void
digests_are_the_published_ones(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(sha1_hex(a, SV("abc")),
	    "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_string_equal(sha256_hex(a, SV("abc")),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(sha256_hex(a, (sv){ NULL, 0 }),
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	assert_int_equal(adler32_of(SV("Wikipedia")), 0x11E60398);
	assert_int_equal(adler32_of(SV("")), 1);
	assert_int_equal(hash64(SV("")), 0x2D06800538D394C2);
	assert_int_equal(hash64((sv){ NULL, 0 }), hash64(SV("")));
}

static void
wide_hash_does_not_depend_on_the_pieces(void **state)
{
	uint64_t high[2], low[2];
	struct xxh128 *h = xxh128_new();

	(void)state;
	xxh128_end(h, &high[0], &low[0]);
	assert_int_equal(high[0], 0x99AA06D3014798D8);
	assert_int_equal(low[0], 0x6001C324468D497F);
	for (int i = 0; i < 2; i++) {
		char text[1000];

		memset(text, 'x', sizeof(text));
		h = xxh128_new();
		for (size_t n = 0; n < sizeof(text); n += i ? 8 : 500)
			xxh128_add(h, text + n, i ? 8 : 500);
		xxh128_end(h, &high[i], &low[i]);
	}
	assert_int_equal(high[0], high[1]);
	assert_int_equal(low[0], low[1]);
}

/* P-1001: in whatever pieces, by whichever code, it is the library's. */
static void
sha256_does_not_depend_on_the_pieces(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	char text[1000], digits[SHA256_HEX + 1];
	uint8_t sum[SHA256_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7 + i / 13);
	for (size_t n = 0; n < sizeof(text); n += 1 + n / 100) {
		struct sha256 s;

		sha256_begin(&s);
		for (size_t i = 0, part; i < n; i += part) {
			part = 1 + (i * 31 + n) % 150;
			if (part > n - i)
				part = n - i;
			sha256_add(&s, text + i, part);
		}
		sha256_end(&s, sum);
		sha256_digits(sum, digits);
		assert_string_equal(digits, sha256_hex(a, (sv){ text, n }));
	}
	sha256_text((sv){ text, sizeof(text) }, digits);
	assert_string_equal(digits, sha256_hex(a, (sv){ text, sizeof(text) }));
	assert_true(sha256_is_digits(sv_of(digits)));
	digits[3] = 'A';
	assert_false(sha256_is_digits(sv_of(digits)));
	assert_false(sha256_is_digits(SV("abc")));
}

int
test_base_hash(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_the_published_ones),
		cmocka_unit_test(sha256_does_not_depend_on_the_pieces),
		cmocka_unit_test(wide_hash_does_not_depend_on_the_pieces),
	};

	return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
