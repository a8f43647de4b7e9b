/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include "unit.h"

static void
decoding_takes_a_bad_byte_alone(void **state)
{
	static const struct {
		const char *text;
		uint32_t rune;
		size_t width;
	} cases[] = {
		{ "", RUNE_ERROR, 0 },
		{ "a", 'a', 1 },
		{ "\xC3\xA9x", 0xE9, 2 },
		{ "\xE2\x82\xAC", 0x20AC, 3 },
		{ "\xF0\x9F\x98\x80", 0x1F600, 4 },
		{ "\xEF\xBF\xBD", RUNE_ERROR, 3 },
		{ "\x80", RUNE_ERROR, 1 },
		{ "\xC3", RUNE_ERROR, 1 },
		{ "\xC3(", RUNE_ERROR, 1 },
		{ "\xC0\x80", RUNE_ERROR, 1 },	       /* overlong */
		{ "\xE0\x80\x80", RUNE_ERROR, 1 },     /* overlong */
		{ "\xED\xA0\x80", RUNE_ERROR, 1 },     /* surrogate */
		{ "\xF4\x90\x80\x80", RUNE_ERROR, 1 }, /* above 10FFFF */
		{ "\xFF", RUNE_ERROR, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t width = 99;
		uint32_t r = utf8_decode(sv_of(cases[i].text), &width);

		assert_int_equal(r, cases[i].rune);
		assert_int_equal(width, cases[i].width);
	}
}

static void
every_rune_survives_encoding(void **state)
{
	(void)state;
	for (uint32_t r = 0; r <= 0x10FFFF; r++) {
		char bytes[4];
		size_t n, width;

		if (r >= 0xD800 && r <= 0xDFFF)
			continue;
		n = rune_encode(r, bytes);
		assert_int_equal(utf8_decode((sv){ bytes, n }, &width), r);
		assert_int_equal(width, n);
	}
}

static void
runes_that_cannot_be_become_fffd(void **state)
{
	static const uint32_t bad[] = { 0xD800, 0xDFFF, 0x110000, UINT32_MAX };
	char bytes[4];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rune_encode(bad[i], bytes), 3);
		assert_memory_equal(bytes, "\xEF\xBF\xBD", 3);
	}
}

static void
counting_and_validity(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(SV("h\xC3\xA9\xFFo")), 4);
	assert_int_equal(utf8_count(SV("")), 0);
	assert_true(utf8_valid(SV("h\xC3\xA9")));
	assert_true(utf8_valid(SV("\xEF\xBF\xBD")));
	assert_false(utf8_valid(SV("a\xFF")));
	assert_false(utf8_valid(SV("\xE2\x82")));
}

/* Counts and sums over all runes, as Go 1.26 (Unicode 15.0) gives them. */
static void
classes_are_those_of_go(void **state)
{
	static const struct {
		bool (*is)(uint32_t);
		uint32_t count;
		uint64_t sum;
	} cases[] = {
		{ rune_is_print, 148998, 15750900724 },
		{ rune_is_letter, 136104, 14773782966 },
		{ rune_is_digit, 680, 32783620 },
		{ rune_is_space, 25, 141586 },
		{ rune_is_upper, 1831, 85228200 },
		{ rune_is_lower, 2233, 103102186 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t count = 0;
		uint64_t sum = 0;

		for (uint32_t r = 0; r <= 0x10FFFF; r++) {
			if (!cases[i].is(r))
				continue;
			count++;
			sum += r;
		}
		assert_int_equal(count, cases[i].count);
		assert_int_equal(sum, cases[i].sum);
	}
}

/* Of the runes that move: how many, and the sum of 7 * from + to. */
static void
case_maps_are_those_of_go(void **state)
{
	static const struct {
		uint32_t (*map)(uint32_t);
		uint32_t count;
		uint64_t sum;
	} cases[] = {
		{ rune_upper, 1450, 277276849 },
		{ rune_lower, 1433, 260470348 },
		{ rune_title, 1404, 275546261 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t count = 0;
		uint64_t sum = 0;

		for (uint32_t r = 0; r <= 0x10FFFF; r++) {
			uint32_t to = cases[i].map(r);

			if (to == r)
				continue;
			count++;
			sum += (uint64_t)r * 7 + to;
		}
		assert_int_equal(count, cases[i].count);
		assert_int_equal(sum, cases[i].sum);
	}
	assert_int_equal(rune_title(0x1C4), 0x1C5);
	assert_int_equal(rune_upper(0x1C5), 0x1C4);
}

int
test_base_utf8(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding_takes_a_bad_byte_alone),
		cmocka_unit_test(every_rune_survives_encoding),
		cmocka_unit_test(runes_that_cannot_be_become_fffd),
		cmocka_unit_test(counting_and_validity),
		cmocka_unit_test(classes_are_those_of_go),
		cmocka_unit_test(case_maps_are_those_of_go),
	};

	return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
