/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
order_is_bytewise(void **state)
{
	(void)state;
	assert_true(sv_cmp(SV("a"), SV("b")) < 0);
	assert_true(sv_cmp(SV("a"), SV("ab")) < 0);
	assert_true(sv_cmp(SV("\xFF"), SV("a")) > 0);
	assert_int_equal(sv_cmp(SV("ab"), SV("ab")), 0);
	assert_int_equal(sv_cmp((sv){ NULL, 0 }, SV("")), 0);
}

static void
finding(void **state)
{
	(void)state;
	assert_int_equal(sv_find(SV("abcabc"), SV("bc"), 0), 1);
	assert_int_equal(sv_find(SV("abcabc"), SV("bc"), 2), 4);
	assert_int_equal(sv_find(SV("abcabc"), SV("bc"), 5), -1);
	assert_int_equal(sv_find(SV("aaab"), SV("aab"), 0), 1);
	assert_int_equal(sv_find(SV("ab"), SV("abc"), 0), -1);
	assert_int_equal(sv_find(SV("ab"), SV(""), 2), 2);
	assert_int_equal(sv_find(SV("ab"), SV(""), 3), -1);
	assert_int_equal(sv_find_char(SV("a\0b"), 'b', 0), 2);
	assert_int_equal(sv_find_char(SV("ab"), 'a', 1), -1);
}

static void
parts(void **state)
{
	sv head, tail;

	(void)state;
	assert_true(sv_is(sv_sub(SV("hello"), 1, 3), "ell"));
	assert_true(sv_is(sv_sub(SV("hello"), 9, 3), ""));
	assert_true(sv_is(sv_sub(SV("hello"), 2, SIZE_MAX), "llo"));
	assert_true(sv_is(sv_trim(SV(" \t\r\n x y \v\f")), "x y"));
	assert_true(sv_is(sv_trim(SV("  ")), ""));
	assert_true(sv_cut(SV("k=v=w"), '=', &head, &tail));
	assert_true(sv_is(head, "k") && sv_is(tail, "v=w"));
	assert_false(sv_cut(SV("kv"), '=', &head, &tail));
	assert_true(sv_is(head, "kv") && sv_is(tail, ""));
	/* a text of no bytes may have no address either */
	assert_false(sv_cut((sv){ NULL, 0 }, '=', &head, &tail));
	assert_int_equal(sv_sub((sv){ NULL, 0 }, 3, 1).n, 0);
	assert_true(sv_starts(SV("abc"), SV("ab")));
	assert_false(sv_starts(SV("a"), SV("ab")));
	assert_true(sv_ends(SV("abc"), SV("bc")));
	assert_false(sv_ends(SV("c"), SV("bc")));
}

static void
buffer_grows_and_keeps_its_text(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	sv taken;

	(void)state;
	assert_string_equal(sb_cstr(&b), "");
	for (int i = 0; i < 1000; i++)
		sb_printf(&b, "%03d", i);
	assert_int_equal(b.n, 3000);
	assert_int_equal(strlen(sb_cstr(&b)), 3000);
	assert_true(sv_is(sv_sub(sb_sv(&b), 2997, 3), "999"));
	taken = sb_take(&b, a);
	assert_int_equal(taken.n, 3000);
	assert_int_equal(b.n, 0);
	sb_pad(&b, '-', 3);
	sb_addc(&b, '\0');
	sb_addv(&b, SV("x"));
	assert_int_equal(b.n, 5);
	assert_memory_equal(b.p, "---\0x", 5);
}

/* What printf writes, at both ends of what there is, into a buffer of any
 * size. */
static void
numbers_are_those_of_printf(void **state)
{
	static const int64_t numbers[] = { 0, 1, -1, 9, 10, -10, 4711, INT64_MAX,
		INT64_MIN, INT64_MIN + 1, 0x0123456789abcdef,
		0x7edcba9876543210, 0x09f0090a0f0a99aa };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sb got cleanup_sb = SB_INIT, want cleanup_sb = SB_INIT;
		unsigned long long n = (unsigned long long)numbers[i];

		for (size_t k = 0; k < 3 * i; k++) {
			sb_addc(&got, '.');
			sb_addc(&want, '.');
		}
		sb_int(&got, numbers[i]);
		sb_uint(&got, (uint64_t)numbers[i]);
		sb_hex16(&got, (uint64_t)numbers[i]);
		sb_printf(&want, "%lld", (long long)numbers[i]);
		sb_printf(&want, "%llu", n);
		sb_printf(&want, "%016llx", n);
		assert_string_equal(sb_cstr(&got), sb_cstr(&want));
	}
}

/* C-127: what Go's strconv.Quote prints. */
static void
quoting_is_that_of_go(void **state)
{
	static const struct {
		sv text;
		const char *want;
	} cases[] = {
		{ { "", 0 }, "\"\"" },
		{ { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
		{ { "\a\b\t\n\v\f\r", 7 }, "\"\\a\\b\\t\\n\\v\\f\\r\"" },
		{ { "\0\x1b\x7f", 3 }, "\"\\x00\\x1b\\x7f\"" },
		{ { "h\xC3\xA9", 3 }, "\"h\xC3\xA9\"" },
		{ { "\xFF", 1 }, "\"\\xff\"" },
		{ { "\xEF\xBF\xBD", 3 }, "\"\xEF\xBF\xBD\"" },
		{ { "\xC2\xA0", 2 }, "\"\\u00a0\"" },
		{ { "\xE2\x80\x8B", 3 }, "\"\\u200b\"" },
		{ { "\xF3\xA0\x80\x81", 4 }, "\"\\U000e0001\"" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(quote_go(a, cases[i].text), cases[i].want);
}

/* strconv.ParseInt: prefixes and underscores in base 0 only */
static void
numbers_are_those_of_go(void **state)
{
	static const struct {
		const char *text;
		int base;
		bool good, range;
		int64_t want;
	} cases[] = {
		{ "17", 10, true, false, 17 },
		{ "+5", 0, true, false, 5 },
		{ "-0x1F", 0, true, false, -31 },
		{ "0b11", 0, true, false, 3 },
		{ "0o17", 0, true, false, 15 },
		{ "017", 0, true, false, 15 },
		{ "017", 10, true, false, 17 },
		{ "0", 0, true, false, 0 },
		{ "1_000", 0, true, false, 1000 },
		{ "0x_1", 0, true, false, 1 },
		{ "0_7", 0, true, false, 7 },
		{ "1_000", 10, false, false, 0 },
		{ "0x2", 10, false, false, 0 },
		{ "08", 0, false, false, 0 },
		{ "0x", 0, false, false, 0 },
		{ "1__0", 0, false, false, 0 },
		{ "_1", 0, false, false, 0 },
		{ "1_", 0, false, false, 0 },
		{ "", 0, false, false, 0 },
		{ "-", 0, false, false, 0 },
		{ " 4", 0, false, false, 0 },
		{ "9223372036854775807", 0, true, false, INT64_MAX },
		{ "-9223372036854775808", 0, true, false, INT64_MIN },
		{ "9223372036854775808", 0, false, true, 0 },
		{ "9223372036854775808x", 0, false, false, 0 },
		{ "99999999999999999999x", 0, false, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t n = 0;
		bool range;
		bool good = go_int_parse(cases[i].text, cases[i].base, &n,
		    &range);

		if (good != cases[i].good || range != cases[i].range ||
		    n != cases[i].want)
			fail_msg("\"%s\" in base %d", cases[i].text,
			    cases[i].base);
	}
}

static void
runes_are_quoted_singly(void **state)
{
	struct sb b cleanup_sb = SB_INIT;

	(void)state;
	sb_quote_rune(&b, 'a');
	sb_quote_rune(&b, 1);
	sb_quote_rune(&b, 0xc3);
	sb_quote_rune(&b, '\'');
	sb_quote_rune(&b, '"');
	assert_string_equal(sb_cstr(&b),
	    "'a''\\x01''\xc3\x83''\\'''\"'");
}

int
test_base_str(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_bytewise),
		cmocka_unit_test(finding),
		cmocka_unit_test(parts),
		cmocka_unit_test(numbers_are_those_of_printf),
		cmocka_unit_test(buffer_grows_and_keeps_its_text),
		cmocka_unit_test(quoting_is_that_of_go),
		cmocka_unit_test(numbers_are_those_of_go),
		cmocka_unit_test(runes_are_quoted_singly),
	};

	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
