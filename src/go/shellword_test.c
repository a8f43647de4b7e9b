/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "go/shellword.h"

/* C-059 */
static void
words_are_quoted_for_bash(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "''" },
		{ "plain", "plain" },
		{ "-a.b/c:d,e+f@g%h^i!j]k}", "-a.b/c:d,e+f@g%h^i!j]k}" },
		{ "\xc3\xa9", "\xc3\xa9" },
		{ "*", "'*'" },
		{ "$x", "'$x'" },
		{ "a\\b", "'a\\b'" },
		{ "x y", "'x y'" },
		{ "a=b", "'a=b'" },
		{ "~", "'~'" },
		{ "if", "'if'" },
		{ "elif", "elif" },
		{ "!", "'!'" },
		{ "it's \"q\"", "\"it's \\\"q\\\"\"" },
		{ "it's $x `y` \\", "\"it's \\$x \\`y\\` \\\\\"" },
		{ "a\tb", "$'a\\tb'" },
		{ "n\nl", "$'n\\nl'" },
		{ "it's\n", "$'it\\'s\\n'" },
		{ "\x01\x7f\xff", "$'\\x01\\x7f\\xff'" },
		{ "\xc2\x85", "$'\\u0085'" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(shell_quote(a, sv_of(cases[i].in)),
		    cases[i].out);
}

static void
nul_cannot_be_quoted(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *out;

	(void)state;
	assert_false(shell_quote_checked(a, SV("ab\0c"), &out, &e));
	assert_string_equal(e.message,
	    "cannot quote character at byte 2: "
	    "shell strings cannot contain null bytes");
}

static const char *
no_variable(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

/* Braces multiply; the place of an error in a copy of a word is not known. */
static void
braces_are_bounded(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct shell_words words = { 0 };

	(void)state;
	assert_false(shell_split(a,
	    SV("{1..99}{1..99}{1..99}{1..99}{1..99}"), no_variable, NULL,
	    &words, &e));
	assert_string_equal(e.message, "too many words");
	err_clear(&e);
	assert_false(shell_split(a, SV("{a,b}${"), no_variable, NULL, &words,
	    &e));
	assert_non_null(strstr(e.message, "invalid parameter name"));
}

int
test_go_shellword(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_quoted_for_bash),
		cmocka_unit_test(nul_cannot_be_quoted),
		cmocka_unit_test(braces_are_bounded),
	};

	return cmocka_run_group_tests_name("shellword", tests, NULL, NULL);
}
