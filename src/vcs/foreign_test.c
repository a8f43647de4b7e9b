/* SPDX-License-Identifier: MIT */
#include "vcs/foreign.h"

#include "tree.h"

/* What is found in the tree "own" beside "main" and "own2", a line each. */
static const char *
look(struct tree *t)
{
	struct sb b cleanup_sb = SB_INIT;
	string_vec others = { 0 };
	foreign_vec found;
	size_t n;

	vec_push(t->a, &others, tree_path(t, "main"));
	vec_push(t->a, &others, tree_path(t, "own2"));
	vec_push(t->a, &others, tree_path(t, "own"));
	foreign_find(t->a, tree_path(t, "own"), &others, &found, &n);
	for (size_t i = 0; i < found.n; i++)
		sb_printf(&b, "%s: %s: %s\n", found.v[i].path, found.v[i].what,
		    found.v[i].leads + strlen(t->dir));
	return sb_take(&b, t->a).p;
}

/* P-809: each kind by name, and nothing that only looks like it. */
static void
each_kind_is_found(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *main, *own;

	(void)state;
	main = tree_path(&t, "main");
	own = tree_path(&t, "own");
	tree_file(&t, "main/pkg/x.py", "");
	tree_file(&t, "own2/pkg/x.py", "");
	tree_file(&t, "own/pkg/x.py", "");
	tree_dir(&t, "elsewhere");
	assert_string_equal(look(&t), "");
	tree_link(&t, "own/a-link", "../main/pkg");
	tree_link(&t, "own/node_modules/@x/y", main);
	tree_link(&t, "own/inside", "pkg");
	tree_link(&t, "own/also-inside", own);
	tree_link(&t, "own/away", "../elsewhere");
	tree_link(&t, "own/dangling", "../own2/not/there");
	tree_link(&t, "own/.git/x", main);
	assert_string_equal(look(&t), "a-link: link: /main/pkg\n"
				      "dangling: link: /own2/not/there\n"
				      "node_modules/@x/y: link: /main\n");
	assert_int_equal(unlink(tree_path(&t, "own/a-link")) |
			     unlink(tree_path(&t, "own/dangling")) |
			     unlink(tree_path(&t, "own/node_modules/@x/y")),
	    0);
	tree_file(&t, "own/v/lib/s/1.pth", "# no\nimport os\n../../../pkg\n");
	tree_file(&t, "own/v/lib/s/2.pth",
	    arena_printf(t.a, "%s/pkg\n%s/pkg\n", own, main));
	tree_file(&t, "own/v/lib/s/3.pth", "../../../../own2/pkg\n");
	tree_file(&t, "own/v/lib/s/4.pth",
	    arena_printf(t.a, "import x; x.add('%s/pkg')\n", main));
	tree_file(&t, "own/v/lib/s/__editable___p_finder.py",
	    arena_printf(t.a, "M = {'p': '%s/pkg'}\n", main));
	tree_file(&t, "own/v/lib/s/p.dist-info/direct_url.json",
	    arena_printf(t.a, "{\"url\": \"file://%s/pkg\"}", main));
	tree_file(&t, "own/v/lib/s/p.egg-link",
	    arena_printf(t.a, "%s/pkg\n.\n", main));
	tree_file(&t, "own/v/pyvenv.cfg",
	    arena_printf(t.a,
		"home = /usr/bin\ncommand = /usr/bin/python -m venv %s/v\n",
		main));
	tree_file(&t, "own/v/bin/tool",
	    arena_printf(t.a, "#!%s/v/bin/python\n", main));
	tree_file(
	    &t, "own/bin/tool", arena_printf(t.a, "#!%s/v/bin/python\n", main));
	/* "main" is no part of "main2", nor of "/x/.../main" */
	tree_file(&t, "own/w/pyvenv.cfg",
	    arena_printf(t.a, "home = %s2/v\nhome = /x%s/v\n", main, main));
	assert_string_equal(look(&t),
	    "v/bin/tool: interpreter of a script: /main/v/bin/python\n"
	    "v/lib/s/2.pth: .pth file: /main/pkg\n"
	    "v/lib/s/3.pth: .pth file: /own2/pkg\n"
	    "v/lib/s/4.pth: .pth file: /main/pkg\n"
	    "v/lib/s/__editable___p_finder.py: editable install: /main/pkg\n"
	    "v/lib/s/p.dist-info/direct_url.json: editable install: /main/pkg\n"
	    "v/lib/s/p.egg-link: editable install: /main/pkg\n"
	    "v/pyvenv.cfg: virtual environment: /main/v\n");
}

/* A pool may lie in the main tree, and the main tree in another. */
static void
innermost_tree_counts(void **state)
{
	struct tree t cleanup_tree = tree_new();
	string_vec others = { 0 };
	foreign_vec found;
	size_t n;

	(void)state;
	tree_file(&t, "main/.pool/wt-1/pkg/x", "");
	tree_file(&t, "main/.pool/wt-2/pkg/x", "");
	tree_link(&t, "main/.pool/wt-1/own", "pkg");
	tree_link(&t, "main/.pool/wt-1/main", "../../pkg");
	tree_link(&t, "main/.pool/wt-1/other", "../wt-2/pkg");
	vec_push(t.a, &others, tree_path(&t, "main"));
	vec_push(t.a, &others, tree_path(&t, "main/.pool/wt-2"));
	foreign_find(
	    t.a, tree_path(&t, "main/.pool/wt-1"), &others, &found, &n);
	assert_int_equal(n, 2);
	assert_string_equal(found.v[0].path, "main");
	assert_string_equal(found.v[1].path, "other");
}

static void
many_are_counted_and_some_shown(void **state)
{
	struct tree t cleanup_tree = tree_new();
	string_vec others = { 0 };
	foreign_vec found;
	size_t n;

	(void)state;
	tree_dir(&t, "main");
	for (int i = 0; i < FOREIGN_MOST + 5; i++)
		tree_link(&t, arena_printf(t.a, "own/%d", i), "../main");
	vec_push(t.a, &others, tree_path(&t, "main"));
	foreign_find(t.a, tree_path(&t, "own"), &others, &found, &n);
	assert_int_equal(n, FOREIGN_MOST + 5);
	assert_int_equal(found.n, FOREIGN_MOST);
}

int
test_vcs_foreign(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_found),
		cmocka_unit_test(innermost_tree_counts),
		cmocka_unit_test(many_are_counted_and_some_shown),
	};

	return cmocka_run_group_tests_name("vcs/foreign", tests, NULL, NULL);
}
