/* SPDX-License-Identifier: MIT */
/* Bounds of regular expressions; results are in tests/template/fn_regex.txt. */
#include "unit.h"

#include "go/regex.h"
#include "go/regex_nfa.h"

/* Patterns that make PCRE2 go back and forth, and what Go answers. */
static void
backtracking_is_bounded(void **state)
{
	static const struct {
		const char *pattern, *end;
		bool found;
	} cases[] = {
		{ "^(a+)+$", "b", false },
		{ "^(a+)+$", "", true },
		{ "^(a|a)*$", "b", false },
		{ "^(a|aa)+$", "b", false },
		{ "(a*)*c", "b", false },
		{ "^(([a-z])+.)+[A-Z]([a-z])+$", "", false },
		{ "(a?){50}a{50}b", "c", false },
		{ "(.*)=(.*)=(.*)=(.*)=(.*);", "", false },
		{ "(?i)^(A+|\\pL+)*[^a]$", "a", false },
		{ "^(?:a+?b?)+?$", "c", false },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e cleanup_err = ERR_INIT;
		struct sb text cleanup_sb = SB_INIT;
		struct regex *r = regex_compile(a, sv_of(cases[i].pattern), &e);
		bool found;
		sv match;

		assert_non_null(r);
		sb_pad(&text, 'a', 50000);
		sb_adds(&text, cases[i].end);
		assert_true(regex_find(r, sb_sv(&text), &match, &found, &e));
		assert_int_equal(found, cases[i].found);
		if (found)
			assert_int_equal(match.n, text.n);
	}
}

static void
replacing_goes_on_with_the_other_matcher(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT, out cleanup_sb = SB_INIT;
	struct regex *r = regex_compile(a, SV("(?:x+x+)+(y)|(?P<last>z)"), &e);

	(void)state;
	sb_adds(&text, "z-xxy-");
	sb_pad(&text, 'x', 5000);
	sb_adds(&text, "z-xxxy");
	assert_true(regex_replace(
	    r, &out, sb_sv(&text), SV("<$1|${last}>"), false, &e));
	sb_clear(&text);
	sb_adds(&text, "<|z>-<y|>-");
	sb_pad(&text, 'x', 5000);
	sb_adds(&text, "<|z>-<y|>");
	assert_string_equal(sb_cstr(&out), sb_cstr(&text));
}

/* ---- both matchers, on patterns and texts by chance ---- */

static uint64_t seed;

static unsigned
chance(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* What is repeated begins with a letter: where it may match nothing PCRE2 and
 * Go remember other groups. */
static void
add_random(struct sb *b, int depth)
{
	static const char *const atoms[] = { "a", "b", "[ab]", "[^a]", ".",
		"(?i:A)", "\\w", "\\pL" };
	static const char *const counts[] = { "", "", "", "*", "+", "?", "*?",
		"+?", "??", "{2}", "{0,2}", "{1,}?" };
	static const char *const marks[] = { "", "", "", "^", "$", "\\b", "\\B",
		"(?m:^)", "(?m:$)" };

	for (unsigned n = 1 + chance(3); n > 0; n--) {
		sb_adds(b, marks[chance(9)]);
		if (depth > 0 && chance(2) == 0) {
			sb_adds(b, chance(3) == 0 ? "(?:" : "(");
			sb_adds(b, atoms[chance(8)]);
			add_random(b, depth - 1);
			if (chance(2) == 0) {
				sb_addc(b, '|');
				sb_adds(b, atoms[chance(8)]);
				add_random(b, depth - 1);
			}
			sb_addc(b, ')');
		} else {
			sb_adds(b, atoms[chance(8)]);
		}
		sb_adds(b, counts[chance(12)]);
	}
}

static void
compare_matchers(struct arena *a, sv pattern, sv text)
{
	struct err e cleanup_err = ERR_INIT;
	struct sb translated cleanup_sb = SB_INIT, want cleanup_sb = SB_INIT,
			     got cleanup_sb = SB_INIT;
	struct regex *r = regex_compile(a, pattern, &e);
	struct regex_spans names = { 0 };
	struct sb with cleanup_sb = SB_INIT;
	struct nfa *n;
	size_t *bounds;

	assert_non_null(r);
	assert_true(regex_translate(a, pattern, &translated, &names, &e));
	n = nfa_new(a, sb_sv(&translated), names.n, &e);
	assert_non_null(n);
	bounds = arena_alloc(a, 2 * names.n * sizeof(*bounds));
	for (size_t i = 0; i < names.n; i++)
		sb_printf(&with, "<${%zu}>", i);
	assert_true(regex_replace(r, &want, text, sb_sv(&with), false, &e));
	if (nfa_search(n, text, 0, bounds)) {
		sb_add(&got, text.p, bounds[0]);
		for (size_t i = 0; i < names.n; i++)
			sb_printf(&got, "<%.*s>",
			    bounds[2 * i] == SIZE_MAX
				? 0
				: (int)(bounds[2 * i + 1] - bounds[2 * i]),
			    bounds[2 * i] == SIZE_MAX ? ""
						      : text.p + bounds[2 * i]);
	} else {
		sb_addv(&got, text);
	}
	/* the first match of all that were replaced */
	if (!sv_starts(sb_sv(&want), sb_sv(&got)))
		fail_msg("%.*s in %.*s: %s, not %s", SV_ARG(pattern),
		    SV_ARG(text), sb_cstr(&got), sb_cstr(&want));
}

static void
both_matchers_agree(void **state)
{
	(void)state;
	seed = 1;
	for (int i = 0; i < 20000; i++) {
		struct arena *a cleanup_arena = arena_new();
		struct sb pattern cleanup_sb = SB_INIT,
				  text cleanup_sb = SB_INIT;

		add_random(&pattern, 3);
		for (unsigned n = chance(12); n > 0; n--)
			sb_adds(&text, (const char *const[]){ "a", "b", "A",
					   "\n", "\u00e9", " " }[chance(6)]);
		compare_matchers(a, sb_sv(&pattern), sb_sv(&text));
	}
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
		cmocka_unit_test(backtracking_is_bounded),
		cmocka_unit_test(replacing_goes_on_with_the_other_matcher),
		cmocka_unit_test(both_matchers_agree),
		cmocka_unit_test(deep_nesting_is_an_error),
		cmocka_unit_test(pattern_is_spelled_out_for_the_library),
	};

	return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
