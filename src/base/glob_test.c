/* SPDX-License-Identifier: MIT */
#include "base/glob.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

/* The files of one pattern, relative to the tree, as "a b c". */
static const char *
globbed(struct tree *t, struct glob_list *l)
{
	struct sb b cleanup_sb = SB_INIT;
	const char **files;
	size_t n = glob_list_files(l, &files);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_addc(&b, ' ');
		assert_true(sv_starts(sv_of(files[i]), sv_of(t->dir)));
		sb_adds(&b, files[i] + strlen(t->dir) + 1);
	}
	return sb_take(&b, t->a).p;
}

static const char *
glob_one(struct tree *t, const char *pattern)
{
	struct glob_list *l = glob_list_new(t->a, t->dir);

	glob_list_add(l, pattern, false);
	return globbed(t, l);
}

/* What a pattern says of each file when it is asked, and must not look. */
static void
check_asked(struct tree *t, const char *pattern, const char *listed)
{
	struct glob_list *all = glob_list_new(t->a, t->dir);
	const char **files;
	size_t n;

	glob_list_keep_links(all);
	glob_list_add(all, "**/*", false);
	n = glob_list_files(all, &files);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		struct glob_list *l = glob_list_new(t->a, t->dir);
		const char *name = files[i] + strlen(t->dir) + 1;
		const char *want = arena_printf(t->a, " %s ", name);
		bool is_listed =
		    strstr(arena_printf(t->a, " %s ", listed), want) != NULL;

		if (access(files[i], F_OK) != 0)
			continue; /* a link to nothing is on no list */
		glob_list_ask(l, files[i]);
		glob_list_add(l, pattern, false);
		if (is_listed != (*globbed(t, l) != '\0'))
			fail_msg("%s: %s is %s the list, asked it is not so",
			    pattern, name, is_listed ? "on" : "not on");
	}
}

static void
check_table(struct tree *t, const char *const table[][2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = glob_one(t, table[i][0]);

		check_asked(t, table[i][0], got);

		if (strcmp(got, table[i][1]) != 0)
			fail_msg("%s: got `%s`, want `%s`", table[i][0], got,
			    table[i][1]);
	}
}
#define CHECK(t, table) check_table(t, table, sizeof(table) / sizeof(table[0]))

static void
patterns_match_as_in_the_reference(void **state)
{
	static const char *const table[][2] = {
		{ "a.txt", "a.txt" },
		{ "nope.txt", "" },
		{ "./src/../a.txt", "a.txt" },
		{ "*.txt", "a.txt b.txt" },
		{ "?.txt", "a.txt b.txt" },
		{ "[!a].txt", "b.txt" },
		{ "[^a].txt", "b.txt" },
		{ "[[:alpha:]].txt", "a.txt b.txt" },
		{ "[z-a].txt", "" },
		{ "[a", "" },
		{ "{a,b}.txt", "a.txt b.txt" },
		{ "{a..c}.txt", "a.txt b.txt" },
		{ "{01..03}", "01 02" },
		{ "{src/1,src/deep/2}.c", "src/1.c src/deep/2.c" },
		{ ".*", ".dot" },
		{ "?dot", ".dot" },
		{ "[.]dot", ".dot" },
		{ "\"a\".txt", "a.txt" },
		{ "'a'*", "a.txt" },
		{ "a\\*", "" },
		{ "$(echo a).txt", "" },
		{ "a.txt;b.txt", "" },
		{ "@(a|b).txt", "" },
		{ "a b/*", "a b/5.c" },
		{ "\"a b\"/*", "" },
		{ "'a b'/*", "" },
		{ "p(1)&.c", "p(1)&.c" },
		{ "p(*)&.c", "p(1)&.c" },
		{ "src/*/", "src/1.c" },
		{ "src", "" },
		{ "src/**", "src/1.c src/deep/2.c" },
		{ "src/**/*", "src/.4.c src/.hid/3.c src/1.c src/deep/2.c" },
		{ "src/**/*.c", "src/.4.c src/.hid/3.c src/1.c src/deep/2.c" },
		{ "src/**/**/*.c", "src/1.c src/deep/2.c" },
		{ "{src,x}/**/*.c", "src/1.c src/deep/2.c" },
		{ "src/**/[!1].c", "src/.hid/3.c src/deep/2.c" },
		{ "src/**/[[:digit:]].c", "src/.hid/3.c src/1.c src/deep/2.c" },
		{ "src/**/[]1].c", "src/1.c" },
		{ "src/**/[^1].c", "src/.hid/3.c src/deep/2.c" },
		{ "src/**/\\1.c", "src/1.c" },
		{ "src/**/deep/*", "src/deep/2.c" },
		{ "src/**.c", "src/1.c" },
		{ "a.txt\n", "a.txt" },
		{ "", "" },
	};
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-330 to C-337 */
	tree_file(&t, "a.txt", "");
	tree_file(&t, "b.txt", "");
	tree_file(&t, ".dot", "");
	tree_file(&t, "01", "");
	tree_file(&t, "02", "");
	tree_file(&t, "a b/5.c", "");
	tree_file(&t, "p(1)&.c", "");
	tree_file(&t, "src/1.c", "");
	tree_file(&t, "src/.4.c", "");
	tree_file(&t, "src/.hid/3.c", "");
	tree_file(&t, "src/deep/2.c", "");
	CHECK(&t, table);
}

static void
what_exists_is_matched(void **state)
{
	static const char *const table[][2] = {
		{ "{a,nope}.txt", "a.txt" },
		{ "*", "a.txt" },
		{ "**", "a.txt d/in.txt" },
		{ "**/*.txt", "a.txt d/in.txt" },
	};
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-334 */
	tree_file(&t, "a.txt", "");
	tree_file(&t, "d/in.txt", "");
	tree_link(&t, "dangling.txt", "nowhere");
	CHECK(&t, table);
}

static void
characters_of_the_project_path_are_literal(void **state)
{
	struct tree t cleanup_tree = tree_new();
	char *pattern;

	(void)state; /* C-338 */
	tree_file(&t, "p[1]*{a,b}$x 'q'/src/a.txt", "");
	t.dir = tree_path(&t, "p[1]*{a,b}$x 'q'");
	assert_string_equal(glob_one(&t, "src/a.txt"), "src/a.txt");
	assert_string_equal(glob_one(&t, "*/a.txt"), "src/a.txt");
	assert_string_equal(glob_one(&t, "**/*.txt"), "src/a.txt");
	assert_string_equal(glob_one(&t, "**"), "src/a.txt");
	pattern = tree_path(&t, "src/?.{txt,c}");
	assert_string_equal(glob_one(&t, pattern), "src/a.txt");
	pattern = tree_path(&t, "**/?.txt");
	assert_string_equal(glob_one(&t, pattern), "src/a.txt");
	t.dir = path_dir(t.a, sv_of(t.dir)); /* for the clean-up */
}

static void
links_are_followed_and_loops_end(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-333, C-335 without the flip */
	tree_file(&t, "real/f.c", "");
	tree_file(&t, "real/.h.c", "");
	tree_link(&t, "real/up", "..");
	tree_link(&t, "real/self", ".");
	tree_file(&t, "s/x.c", "");
	tree_file(&t, "s/.d.c", "");
	tree_link(&t, "s/l", "x.c");
	assert_string_equal(glob_one(&t, "real/**"),
	    "real/f.c real/up/s/l real/up/s/x.c");
	assert_string_equal(glob_one(&t, "real/self/*"), "real/self/f.c");
	assert_string_equal(glob_one(&t, "s/**/*.c"), "s/.d.c s/x.c");
	assert_string_equal(glob_one(&t, "s/l"), "s/l");
	tree_link(&t, "s/sub", "../real");
	assert_string_equal(glob_one(&t, "s/**/*.c"),
	    "s/.d.c s/sub/.h.c s/sub/f.c s/x.c");
}

static void
links_can_be_files_themselves(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct glob_list *l = glob_list_new(t.a, t.dir);

	(void)state;
	tree_file(&t, "out/d/x", "");
	tree_link(&t, "out/to-dir", "d");
	tree_link(&t, "out/to-none", "none");
	glob_list_keep_links(l);
	glob_list_add(l, "out/**", false);
	assert_string_equal(globbed(&t, l), "out/d/x out/to-dir out/to-none");
	l = glob_list_new(t.a, t.dir);
	glob_list_keep_links(l);
	glob_list_add(l, "out/to-dir", false);
	glob_list_add(l, "out/*/x", false);
	glob_list_add(l, "out/**/x", false);
	glob_list_add(l, "out/to-dir/*", false);
	glob_list_add(l, "out/{to-none,none}", false);
	assert_string_equal(globbed(&t, l), "out/d/x out/to-dir out/to-none");
}

static void
later_entries_override_earlier_ones(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct glob_list *l;

	(void)state; /* C-330 */
	tree_file(&t, "a.c", "");
	tree_file(&t, "b.c", "");
	tree_file(&t, "B.c", "");
	l = glob_list_new(t.a, t.dir);
	glob_list_add(l, "b.c", true);
	glob_list_add(l, "*.c", false);
	assert_string_equal(globbed(&t, l), "B.c a.c b.c");
	glob_list_add(l, "[ab].c", true);
	assert_string_equal(globbed(&t, l), "B.c");
	glob_list_add(l, "b.c", false);
	assert_string_equal(globbed(&t, l), "B.c b.c");
}

static void
variables_come_from_the_environment(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-332 */
	tree_file(&t, "d/b.txt", "");
	setenv("PRUN_TEST_GLOB", "b", 1);
	assert_string_equal(glob_one(&t, "d/$PRUN_TEST_GLOB.txt"), "d/b.txt");
	assert_string_equal(glob_one(&t, "d/${PRUN_TEST_GLOB}*"), "d/b.txt");
	assert_string_equal(glob_one(&t, "d/'$PRUN_TEST_GLOB'*"), "");
	unsetenv("PRUN_TEST_GLOB");
}

static bool
matches(struct tree *t, const char *pattern)
{
	return glob_list_add(glob_list_new(t->a, t->dir), pattern, false);
}

/* A path that is looked at to see whether it is there is not looked at again by
 * whoever wants to know its time. */
static void
what_was_looked_at_is_handed_on(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct glob_list *l = glob_list_new(t.a, t.dir);
	struct glob_found *found;

	(void)state;
	tree_file(&t, "a.c", "four");
	tree_file(&t, "b.c", "");
	tree_file(&t, "d/x", "");
	assert_true(glob_list_add(l, "d/*", false));
	assert_true(glob_list_add(l, "./a.c", false));
	assert_true(glob_list_add(l, "b.c", false));
	assert_true(glob_list_add(l, "b.c", true));
	assert_false(glob_list_add(l, "d", false));
	assert_int_equal(glob_list_found(l, &found), 2);
	assert_non_null(found[0].seen);
	assert_int_equal(found[0].seen->st_size, 4);
	assert_null(found[1].seen);
}

static void
existence_needs_a_file(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state; /* C-337 */
	tree_file(&t, "out/x", "");
	assert_true(matches(&t, "out/*"));
	assert_false(matches(&t, "out"));
	assert_false(matches(&t, "out/y"));
}

int
test_base_glob(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_as_in_the_reference),
		cmocka_unit_test(what_exists_is_matched),
		cmocka_unit_test(characters_of_the_project_path_are_literal),
		cmocka_unit_test(links_are_followed_and_loops_end),
		cmocka_unit_test(links_can_be_files_themselves),
		cmocka_unit_test(later_entries_override_earlier_ones),
		cmocka_unit_test(variables_come_from_the_environment),
		cmocka_unit_test(existence_needs_a_file),
		cmocka_unit_test(what_was_looked_at_is_handed_on),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
