/* SPDX-License-Identifier: MIT */
#include "base/gitignore.h"

#include "base/match.h"
#include "tree.h"

static void
check(struct tree *t, const char *const *paths, size_t n)
{
	struct gitignore *g = gitignore_open(t->a, t->dir);

	assert_non_null(g);
	for (size_t i = 0; i < n; i++) {
		const char *p = paths[i];
		bool want = *p == '!';

		if (gitignore_matches(g, tree_path(t, p + want)) != want)
			fail_msg("%s: want %s", p + want,
			    want ? "ignored" : "kept");
	}
}
#define CHECK(t, ...)                                                         \
	do {                                                                  \
		static const char *const paths_[] = { __VA_ARGS__ };          \
		check(t, paths_, sizeof(paths_) / sizeof(paths_[0]));         \
	} while (0)

/* In the lists `!` stands before what is ignored. */
static void
patterns_have_gits_meaning(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-342, C-343 */
	tree_dir(&t, ".git");
	tree_file(&t, ".gitignore",
	    "# comment\n\n*.o\n/root.txt\nbuild/\ndoc/*.txt\n"
	    "a/**/z\n**/deep/x\nall/**\n!all/keep\n\\#hash\n\\!bang\n"
	    "trail \nkept\\ \n[a-c]1\n*.log\r\n!important.log\nfo**o\n"
	    "/deep2**\n");
	CHECK(&t, "!x.o", "!d/e/x.o", "x.c", "!root.txt", "d/root.txt",
	    "!build/x", "build", "!d/build/x", "!doc/a.txt", "doc/d/a.txt",
	    "d/doc/a.txt", "!a/z", "!a/b/c/z", "b/a/z", "!deep/x", "!q/deep/x",
	    "deep/y", "!all/x", "!all/d/x", "all/keep", "!#hash", "!!bang",
	    "!trail", "!kept ", "kept", "!b1", "d1", "!x.log",
	    "important.log", "!fooo", "!fo-o", "!deep2/x/y", "!deep2x", "x/deep2");
}

static void
deeper_files_win_and_folders_stay_closed(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-342 */
	tree_dir(&t, ".git");
	tree_file(&t, ".gitignore", "*.gen\nout/\n");
	tree_file(&t, "d/.gitignore", "!*.gen\n/top\n");
	tree_file(&t, "d/e/.gitignore", "x.gen\n");
	tree_file(&t, "out/.gitignore", "!*\n");
	CHECK(&t, "!a.gen", "d/a.gen", "!d/e/x.gen", "d/e/y.gen", "!d/top",
	    "d/e/top", "!out/a");
}

static void
outside_of_a_work_tree_nothing_is_ignored(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct gitignore *g;

	(void)state; /* C-341 */
	tree_file(&t, ".gitignore", "*\n");
	tree_dir(&t, "repo/sub");
	tree_file(&t, "repo/.git", "gitdir: elsewhere\n");
	tree_file(&t, "repo/.gitignore", "*.o\n");
	g = gitignore_open(t.a, tree_path(&t, "repo/sub"));
	assert_non_null(g);
	assert_true(gitignore_matches(g, tree_path(&t, "repo/sub/a.o")));
	assert_false(gitignore_matches(g, tree_path(&t, "repo/sub/a.c")));
	assert_false(gitignore_matches(g, tree_path(&t, "a.o")));
	assert_false(gitignore_matches(g, tree_path(&t, "repository/a.o")));
}

static void
names_match_by_dialect(void **state)
{
	(void)state; /* C-336 */
	assert_true(match_name(SV("[!1]"), SV("2"), MATCH_DOTS));
	assert_false(match_name(SV("[!1]"), SV("1"), MATCH_DOTS));
	assert_true(match_name(SV("[!1]"), SV("2"), MATCH_SHELL));
	assert_true(match_name(SV("*"), SV(".a"), MATCH_DOTS));
	assert_false(match_name(SV("*"), SV(".a"), MATCH_SHELL));
	assert_true(match_name(SV("*.txt"), SV(".txt"), MATCH_SHELL));
	assert_true(match_name(SV("?.c"), SV("\xc3\xa9.c"), MATCH_SHELL));
	assert_true(match_name(SV("a*b*c"), SV("aXbXbc"), MATCH_SHELL));
	assert_false(match_name(SV("a*b*c"), SV("aXbXb"), MATCH_DOTS));
	assert_true(match_name(SV("[a"), SV("[a"), MATCH_SHELL));
	assert_false(match_is_valid(SV("a\\")));
	assert_true(match_name(SV("[]a]"), SV("]"), MATCH_SHELL));
	assert_true(match_name(SV("\xff*"), SV("\xff\xfe"), MATCH_SHELL));
}

/* n times `unit`, and `end`. */
static sv
repeated(struct arena *a, const char *unit, size_t n, const char *end)
{
	struct sb b cleanup_sb = SB_INIT;

	while (n-- > 0)
		sb_adds(&b, unit);
	sb_adds(&b, end);
	return sb_take(&b, a);
}

/* Whoever tries all ways to spread the stars does not come back from here. */
static void
many_stars_take_no_longer_than_the_lengths_allow(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	sv plain = repeated(a, "a", 3000, "b");
	sv deep = repeated(a, "a/", 1500, "b");

	(void)state; /* C-343 */
	assert_true(match_git(repeated(a, "*a", 1000, "*b"), plain));
	assert_false(match_git(repeated(a, "*a", 1000, "*c"), plain));
	assert_false(match_git(repeated(a, "*?", 1000, "*c"), plain));
	assert_false(match_git(repeated(a, "*[a-b]", 1000, "*c"), plain));
	assert_true(match_git(repeated(a, "**/a/", 1000, "**/b"), deep));
	assert_false(match_git(repeated(a, "**/a/", 1000, "**/c"), deep));
	assert_false(match_git(repeated(a, "**/*a*/", 1000, "*c"), deep));
	assert_false(match_git(repeated(a, "**", 1000, "/*/c"), deep));
	/* The first component misleads all the stars. */
	assert_true(match_git(repeated(a, "**/*", 1, "a*a*a*a*a*a*a*a/b"),
	    repeated(a, "a", 40, "/x/aaaaaaaa/b")));
	assert_false(match_name(repeated(a, "*a", 1000, "*c"), plain,
	    MATCH_SHELL));
}

int
test_base_gitignore(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_have_gits_meaning),
		cmocka_unit_test(deeper_files_win_and_folders_stay_closed),
		cmocka_unit_test(outside_of_a_work_tree_nothing_is_ignored),
		cmocka_unit_test(names_match_by_dialect),
		cmocka_unit_test(
		    many_stars_take_no_longer_than_the_lengths_allow),
	};

	return cmocka_run_group_tests_name("gitignore", tests, NULL, NULL);
}
