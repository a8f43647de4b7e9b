/* SPDX-License-Identifier: MIT */
#include "compile/compile_fixture.h"

static void
check_match(struct fixture *f, const char *name, const char *want)
{
	struct err e cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	struct match m;

	if (!task_find(f->a, &f->c, name, &m, &e)) {
		sb_adds(&b, e.message);
	} else {
		sb_printf(&b, "%s %s", m.task->name, m.full_name);
		for (size_t i = 0; i < m.parts.n; i++)
			sb_printf(&b, " [%s]", m.parts.v[i]);
	}
	assert_string_equal(sb_cstr(&b), want);
}

/* L-064 to L-067, C-064 */
static void
names_aliases_and_wildcards(void **state)
{
	static const char *const env[] = { NULL };
	static const char *const cases[][2] = {
		{ "build", "build build" },
		{ "bld", "build build" },
		{ "x", "x x" }, /* a name wins over an alias of that name */
		{ "two", "task: Found multiple tasks (build, x) that match "
			 "\"two\"" },
		{ "w-*", "w-* w-*" },
		{ "w-", "w-* w- []" },
		{ "w-a:b", "w-* w-a:b [a:b]" },
		{ "w-a-b", "w-* w-a-b [a-b]" }, /* declared before w-*-* */
		{ "a-x-y-z", "*-*-z a-x-y-z [a-x] [y]" },
		{ "--z", "*-*-z --z [] []" },
		{ "-z", "task: Task \"-z\" does not exist" },
		{ "start:1:2", "go:* go:1:2 [1:2]" },
		{ "aab", "a*ab aab []" },
		{ "ab", "task: Task \"ab\" does not exist" },
		{ "q\"", "task: Task \"q\\\"\" does not exist" },
	};
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct fixture f;

	(void)state;
	tree_file(&t, "Taskfile.yml",
	    "version: '3'\n"
	    "tasks:\n"
	    "  build: {aliases: [bld, x, two]}\n"
	    "  x: {aliases: [two]}\n"
	    "  w-*: echo\n"
	    "  w-*-*: echo\n"
	    "  '*-*-z': echo\n"
	    "  a*ab: echo\n"
	    "  go:*: {aliases: ['start:*']}\n");
	assert_true(fix_load(&f, &t, env, &e));
	f.c.disable_fuzzy = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_match(&f, cases[i][0], cases[i][1]);
	fix_free(&f);
}

/* C-065, L-070: as seen in go-task. */
static void
the_nearest_word(void **state)
{
	static const struct {
		const char *words[4];
		const char *input, *want;
	} cases[] = {
		{ { "build" }, "biuld", "build" },
		{ { "build" }, "BUILD", "build" },
		{ { "build" }, "xbuild", "build" },
		{ { "build" }, "bui", "build" },
		{ { "build" }, "biuldx", "build" },
		{ { "build" }, "biuldxx", NULL },
		{ { "build" }, "b", NULL },
		{ { "bb" }, "b", NULL },
		{ { "a" }, "aa", NULL },
		{ { "ccc" }, "cc", "ccc" },
		{ { "build" }, "bu", NULL },
		{ { "test" }, "tset", "test" },
		{ { "pre" }, "nope", "pre" },
		/* nearer first, then the same first letter, then the order */
		{ { "xest", "test", "tost" }, "tesst", "test" },
		{ { "cab", "bab" }, "bbab", "bab" },
		{ { "aab", "bab", "aob" }, "ab", "aab" },
		{ { "flies" }, "flys", "flies" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = 0;
		const char *got;

		while (n < 4 && cases[i].words[n] != NULL)
			n++;
		got = fuzzy_nearest(a, cases[i].input, cases[i].words, n);
		if (cases[i].want == NULL)
			assert_null(got);
		else
			assert_string_equal(got ? got : "(none)",
			    cases[i].want);
	}
}

/* L-078, L-079 */
static void
platforms_are_any_of(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	platform_vec none = { 0 }, others = { 0 }, one = { 0 };

	(void)state;
	assert_true(platform_matches(&none));
	vec_push(a, &others, ((struct platform){ "plan9", "" }));
	vec_push(a, &others, ((struct platform){ host_os(), "s390" }));
	assert_false(platform_matches(&others));
	vec_push(a, &one, ((struct platform){ "plan9", "" }));
	vec_push(a, &one, ((struct platform){ "", host_arch() }));
	assert_true(platform_matches(&one));
	one.n = 0;
	vec_push(a, &one, ((struct platform){ host_os(), host_arch() }));
	assert_true(platform_matches(&one));
}

int
test_compile_lookup(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_aliases_and_wildcards),
		cmocka_unit_test(the_nearest_word),
		cmocka_unit_test(platforms_are_any_of),
	};

	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
