/* SPDX-License-Identifier: MIT */
/* Bounds of regular expressions; results are in tests/template/fn_regex.txt. */
#include "unit.h"

#include "go/regex.h"

/* A pattern that backtracks without end is an error, not a hang. */
static void
catastrophic_pattern_is_an_error(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;
	struct regex *r = regex_compile(a, SV("^(([a-z])+.)+[A-Z]([a-z])+$"),
	    &e);
	bool found;
	sv match;

	(void)state;
	assert_non_null(r);
	sb_pad(&text, 'a', 200);
	assert_false(regex_find(r, sb_sv(&text), &match, &found, &e));
	assert_string_equal(e.message,
	    "regexp: matching takes too many steps");
}

static void
deep_nesting_is_an_error(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;

	(void)state;
	sb_pad(&text, '(', 5000);
	sb_pad(&text, ')', 5000);
	assert_null(regex_compile(a, sb_sv(&text), &e));
	assert_non_null(strstr(e.message, "expression nests too deeply"));
}

static void
pattern_is_spelled_out_for_the_library(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "^a$", "(?:\\A)a(?:\\z)" },
		{ "(?m)^a$", "(?:(?<![^\\n]))a(?:(?![^\\n]))" },
		{ "a.b", "a[^\\n]b" },
		{ "(?s)a.", "a(?s:.)" },
		{ "(?U)a*b*?", "a*?b*" },
		{ "\\s", "[\\x{9}-\\x{a}\\x{c}-\\x{d}\\x{20}]" },
		{ "(?P<n>a)", "(a)" },
		{ "a(?i)b", "a(?i)b" },
		{ "(?i:a)b", "(?:(?i)a)b" },
		{ "a(?i)*b", "a*(?i)b" },
		{ "a*(?i)*", "(?:a*)*" },
		{ "#~", "\\x{23}\\x{7e}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a cleanup_arena = arena_new();
		struct err e cleanup_err = ERR_INIT;
		struct sb b cleanup_sb = SB_INIT;
		struct regex_spans names = { 0 };

		assert_true(regex_translate(a, sv_of(cases[i].in), &b, &names,
		    &e));
		assert_string_equal(sb_cstr(&b), cases[i].out);
	}
}

int
test_go_regex(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catastrophic_pattern_is_an_error),
		cmocka_unit_test(deep_nesting_is_an_error),
		cmocka_unit_test(pattern_is_spelled_out_for_the_library),
	};

	return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
