/* SPDX-License-Identifier: MIT */
#include "vcs/head.h"

#include "tree.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"
#define LONG                                                                   \
	"33333333333333333333333333333333333333333333333333333333333333333333" \
	"333333333333333333333333333333333333333333333333333333333333"

static void
head_is(struct tree *t, const char *dir, const char *id)
{
	assert_string_equal(git_head_read(t->a, tree_path(t, dir)), id);
}

static void
branch_is_a_file_or_packed(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	head_is(&t, "r", "");
	tree_file(&t, "r/sub/file", "");
	tree_file(&t, "r/.git/HEAD", "ref: refs/heads/main\n");
	head_is(&t, "r", ""); /* no commit yet */
	tree_file(&t, "r/.git/packed-refs",
	    "# pack-refs with: peeled\n" TWO " refs/heads/main2\n" TWO
	    " refs/heads/main\n^" ONE "\n");
	head_is(&t, "r", TWO);
	head_is(&t, "r/sub", TWO);
	tree_file(&t, "r/.git/refs/heads/main", ONE "\n");
	head_is(&t, "r", ONE);
	tree_file(&t, "r/.git/refs/heads/main", "");
	head_is(&t, "r", TWO);
}

static void
detached_head_is_the_commit(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	tree_file(&t, "r/.git/HEAD", ONE "\n");
	head_is(&t, "r", ONE);
	tree_file(&t, "r/.git/HEAD", ONE ONE "\n");
	head_is(&t, "r", "");
	tree_file(&t, "r/.git/HEAD", "");
	head_is(&t, "r", "");
	tree_file(&t, "r/.git/HEAD", LONG);
	head_is(&t, "r", "");
}

/* A worktree and a submodule: .git is a file that says where. */
static void
git_folder_may_be_elsewhere(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	tree_file(&t, "main/.git/HEAD", "ref: refs/heads/main\n");
	tree_file(&t, "main/.git/refs/heads/main", ONE "\n");
	tree_file(&t, "main/.git/refs/heads/side", TWO "\n");
	tree_file(&t, "main/.git/worktrees/wt/HEAD", "ref: refs/heads/side\n");
	tree_file(&t, "main/.git/worktrees/wt/commondir", "../..\n");
	tree_file(&t, "wt/.git",
	    arena_printf(
		t.a, "gitdir: %s\n", tree_path(&t, "main/.git/worktrees/wt")));
	tree_file(&t, "wt/a/b", "");
	head_is(&t, "wt", TWO);
	head_is(&t, "wt/a", TWO);
	tree_file(&t, "sub/.git", "gitdir: ../main/.git\n");
	head_is(&t, "sub", ONE);
	tree_file(&t, "bad/.git", "nothing\n");
	head_is(&t, "bad", "");
}

int
test_vcs_head(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(branch_is_a_file_or_packed),
		cmocka_unit_test(detached_head_is_the_commit),
		cmocka_unit_test(git_folder_may_be_elsewhere),
	};

	return cmocka_run_group_tests_name("vcs/head", tests, NULL, NULL);
}
