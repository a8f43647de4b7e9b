/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All expected texts of this file were printed by Go's path/filepath. */
static void
elements_of_a_path(void **state)
{
	static const struct {
		const char *path, *clean, *base, *dir, *ext;
	} cases[] = {
		{ "", ".", ".", ".", "" },
		{ ".", ".", ".", ".", "." },
		{ "/", "/", "/", "/", "" },
		{ "//", "/", "/", "/", "" },
		{ "a", "a", "a", ".", "" },
		{ "a/", "a", "a", "a", "" },
		{ "/a/", "/a", "a", "/a", "" },
		{ "a//b", "a/b", "b", "a", "" },
		{ "a/./b", "a/b", "b", "a", "" },
		{ "a/../b", "b", "b", ".", "" },
		{ "../a", "../a", "a", "..", "" },
		{ "../../a/..", "../..", "..", "../../a", "." },
		{ "/..", "/", "..", "/", "." },
		{ "/../a", "/a", "a", "/", "" },
		{ "a/../..", "..", "..", ".", "." },
		{ "a/b/../../..", "..", "..", ".", "." },
		{ "./..", "..", "..", ".", "." },
		{ "a/..", ".", "..", "a", "." },
		{ "/a/../..", "/", "..", "/", "." },
		{ "..a/b", "..a/b", "b", "..a", "" },
		{ "a/b/.", "a/b", ".", "a/b", "." },
		{ "x.tar.gz", "x.tar.gz", "x.tar.gz", ".", ".gz" },
		{ "dir.d/x", "dir.d/x", "x", "dir.d", "" },
		{ ".bashrc", ".bashrc", ".bashrc", ".", ".bashrc" },
		{ "a/.b.c", "a/.b.c", ".b.c", "a", ".c" },
		{ "a.", "a.", "a.", ".", "." },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sv path = sv_of(cases[i].path);

		assert_string_equal(path_clean(a, path), cases[i].clean);
		assert_string_equal(path_base(a, path), cases[i].base);
		assert_string_equal(path_dir(a, path), cases[i].dir);
		assert_string_equal(sv_cstr(a, path_ext(path)), cases[i].ext);
	}
}

static void
joining_cleans_and_skips_empty_parts(void **state)
{
	static const struct {
		const char *dir, *rest, *want;
	} cases[] = {
		{ "", "", "" },
		{ "a", "", "a" },
		{ "", "a/..", "." },
		{ "a", "b", "a/b" },
		{ "a", "/b", "a/b" },
		{ "a", "../b", "b" },
		{ "", "/", "/" },
		{ "/", "b", "/b" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(path_join(a, sv_of(cases[i].dir),
					sv_of(cases[i].rest)),
		    cases[i].want);
	assert_string_equal(path_resolve(a, SV("/x"), SV("y")), "/x/y");
	assert_string_equal(path_resolve(a, SV("/x"), SV("/y/")), "/y/");
}

static void
relative_paths(void **state)
{
	static const struct {
		const char *base, *target, *want, *error;
	} cases[] = {
		{ "/a", "/a/b", "b", NULL },
		{ "/a", "/b", "../b", NULL },
		{ "/a/b", "/a", "..", NULL },
		{ "/", "/a", "a", NULL },
		{ "/a", "/", "..", NULL },
		{ "a", "a", ".", NULL },
		{ ".", "a", "a", NULL },
		{ "", "a", "a", NULL },
		{ "a", "", "..", NULL },
		{ "a/b/c", "a/d", "../../d", NULL },
		{ "/ab", "/a", "../a", NULL },
		{ "../a", "a", NULL, "Rel: can't make a relative to ../a" },
		{ "a", "../a", "../../a", NULL },
		{ "..", "..", ".", NULL },
		{ "..", "a", NULL, "Rel: can't make a relative to .." },
		{ "../..", "..", NULL,
		    "Rel: can't make .. relative to ../.." },
		{ "..", "../..", "..", NULL },
		{ "/a", "b", NULL, "Rel: can't make b relative to /a" },
		{ "a", "/b", NULL, "Rel: can't make /b relative to a" },
		{ "a/../b/", "b/c//d", "c/d", NULL },
		{ "/a/b", "/a/b/", ".", NULL },
		{ "..x", "y", "../y", NULL },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e cleanup_err = ERR_INIT;
		char *got = NULL;
		bool ok = path_rel(a, sv_of(cases[i].base),
		    sv_of(cases[i].target), &got, &e);

		assert_int_equal(ok, cases[i].want != NULL);
		if (ok)
			assert_string_equal(got, cases[i].want);
		else
			assert_string_equal(e.message, cases[i].error);
	}
}

/* base joined with the way from base to target is target. */
static void
relative_path_leads_to_its_target(void **state)
{
	static const char *const words[] = { "a", "b", "..", ".", "" };
	struct arena *a cleanup_arena = arena_new();
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct arena_mark mark = arena_mark(a);
		struct err e cleanup_err = ERR_INIT;
		char *path[2], *way;

		for (int p = 0; p < 2; p++) {
			path[p] = arena_strdup(a, "/");
			for (int n = 0; n < 5; n++) {
				seed = seed * 1103515245 + 12345;
				path[p] = arena_printf(a, "%s/%s", path[p],
				    words[seed / 65536 % COUNT(words)]);
			}
		}
		assert_true(
		    path_rel(a, sv_of(path[0]), sv_of(path[1]), &way, &e));
		assert_string_equal(
		    path_join(a, sv_of(path[0]), sv_of(way)),
		    path_clean(a, sv_of(path[1])));
		arena_release(a, mark);
	}
}

static const char *
fixed_env(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "HOME") == 0)
		return "/home/me";
	return strcmp(name, "BAR") == 0 ? "bar" : NULL;
}

/* L-202, L-156: expected values are those of go-task for `dir:`. */
static void
words_are_expanded_as_in_double_quotes(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "~", "/home/me" },
		{ "~/x", "/home/me/x" },
		{ "~nobodyatall/x", "~nobodyatall/x" },
		{ "a/~/b", "a/~/b" },
		{ "~:x", "~:x" },
		{ "$HOME/x", "/home/me/x" },
		{ "p$FOO/x", "p/x" },
		{ "${BAR}s", "bars" },
		{ "$BAR-$BAR.x", "bar-bar.x" },
		{ "p${FOO:-d$BAR}/x", "pdbar/x" },
		{ "p${FOO:-${BAR}}x", "pbarx" },
		{ "p${FOO:+x}${BAR:+y}x", "pyx" },
		{ "${FOO-~/y}x", "/home/me/yx" },
		{ "p${BAR:-{}}x", "pbar}x" },
		{ "p\\$FOO", "p\\$FOO" },
		{ "p\\\\q\\a", "p\\\\q\\a" },
		{ "a$", "a$" },
		{ "a$$b$1c", "abc" },
		{ "a$-b", "ab" },
		{ "a ~ \"q\" b", "a ~ \"q\" b" },
		{ "a*{b,c}", "a*{b,c}" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(path_expand(a, sv_of(cases[i].text),
					fixed_env, NULL),
		    cases[i].want);
}

static void
working_directory_is_pwd_only_when_that_is_right(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	char *pwd = arena_strdup(a, getenv("PWD") ? getenv("PWD") : "");
	char *real = getcwd(arena_alloc(a, 4096), 4096);

	(void)state;
	setenv("PWD", "/nowhere", 1);
	assert_string_equal(path_cwd(a), real);
	setenv("PWD", arena_printf(a, "%s/.", real), 1);
	assert_string_equal(path_cwd(a), arena_printf(a, "%s/.", real));
	assert_string_equal(path_abs(a, SV("x")),
	    path_join(a, sv_of(real), SV("x")));
	assert_string_equal(path_abs(a, SV("/x/..")), "/");
	setenv("PWD", pwd, 1);
}

int
test_base_path(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_of_a_path),
		cmocka_unit_test(joining_cleans_and_skips_empty_parts),
		cmocka_unit_test(relative_paths),
		cmocka_unit_test(relative_path_leads_to_its_target),
		cmocka_unit_test(words_are_expanded_as_in_double_quotes),
		cmocka_unit_test(
		    working_directory_is_pwd_only_when_that_is_right),
	};

	return cmocka_run_group_tests_name("base/path", tests, NULL, NULL);
}
