/* SPDX-License-Identifier: MIT */
#include "vcs/shared_mark.h"

#include "pool_world.h"

/* What a script in the leased tree changes for all, a line each; the number of
 * what was put back in front. */
static const char *
changes(struct world *w, const char *script)
{
	const char *notes = tree_path(&w->t, "session");
	struct err e cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	struct shared_mark mark;
	shared_changes list;

	assert_true(shared_mark_take(&w->git, notes, &mark, &e));
	world_sh(w, "repo-worktrees/wt-1", script);
	if (!shared_mark_compare(&mark, &list, &e))
		world_failed(&e);
	for (size_t i = 0; i < list.n; i++)
		sb_printf(&b, "%d %s\n", list.v[i].repaired, list.v[i].text);
	return sb_take(&b, w->t.a).p;
}

static void
users_things(struct world *w)
{
	world_sh(w, "repo",
	    "git config user.email me@example.com; "
	    "printf '#!/bin/sh\\nexit 0\\n' >.git/hooks/pre-push; "
	    "chmod +x .git/hooks/pre-push; git branch mine; git tag v1; "
	    "echo 1 >a; git stash -q; echo 2 >a; git stash -q; "
	    "git worktree add -q ../users -b users");
}

/* P-808: each kind by name; config and hooks are as they were. */
static void
damage_of_each_kind_is_named(void **state)
{
	static const struct {
		const char *script, *named;
	} cases[] = {
		{ "git init -q ../../other; echo x >x; git add x; "
		  "git commit -qm x; git update-ref refs/worktree/x HEAD; "
		  "git fetch -q ../../repo mine; git bisect start; "
		  "git update-ref refs/remotes/o/x HEAD",
		    "" },
		{ "GIT_DIR=$(git rev-parse --git-dir) git init -q",
		    "1 git's config: core.bare was changed from false to true"
		    "; put back (what stood there: " },
		{ "git config core.hooksPath /tmp/x",
		    "1 git's config: core.hookspath was set to /tmp/x; put" },
		{ "git config user.email x; git config a.b c; "
		  "git config d.e f; git config g.h i",
		    "; and 1 more" },
		{ "echo '[' >>../../repo/.git/config",
		    "1 git's config: git cannot read it any more; put back" },
		{ "rm ../../repo/.git/config",
		    "1 git's config was removed; put back" },
		{ "echo >>../../repo/.git/hooks/pre-push",
		    "1 the hook pre-push was changed; put back" },
		{ "chmod -x ../../repo/.git/hooks/pre-push",
		    "1 the hook pre-push was changed; put back" },
		{ "rm ../../repo/.git/hooks/pre-push",
		    "1 the hook pre-push was removed; put back" },
		{ "echo >../../repo/.git/hooks/post-commit",
		    "1 the hook post-commit was added; put back" },
		{ "git branch new", "0 refs/heads/new was made" },
		{ "git branch -D mine", "0 refs/heads/mine was removed; git "
					"update-ref refs/heads/mine " },
		{ "git update-ref refs/heads/mine $(git commit-tree -m x "
		  "HEAD^{tree})",
		    "0 refs/heads/mine was moved from " },
		{ "git tag -d v1", "0 refs/tags/v1 was removed" },
		{ "git stash drop -q stash@{1}", "0 the stash " },
		{ "git stash clear", "was dropped; git stash store " },
		{ "echo 3 >a; git stash -q", "0 a stash was made" },
		{ "git -C ../../repo checkout -q mine", "0 HEAD of " },
		{ "git -C ../../users checkout -q --detach",
		    "moved from "
		    "refs/heads/users to " },
		{ "git worktree add -q --detach ../../mine", "0 a worktree was "
							     "added: " },
		{ "git worktree remove ../../users", "0 the worktree " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char files[] =
		    "cat .git/config; ls -l .git/hooks "
		    "| grep -v sample; cat .git/hooks/p*-push";
		struct world w cleanup_world;
		struct pool_tree t;
		const char *before, *said;

		world_open(&w);
		users_things(&w);
		t = world_lease(&w);
		before = world_sh(&w, "repo", files);
		said = changes(&w, cases[i].script);
		if (strstr(said, cases[i].named) == NULL ||
		    (*cases[i].named == '\0' && *said != '\0')) {
			print_error("%s\n%s", cases[i].script, said);
			fail();
		}
		assert_string_equal(before, world_sh(&w, "repo", files));
		pool_drop(&t);
	}
}

/* What one test damages while another's mark is taken is damage all the same,
 * and never what is put back. */
static void
first_mark_of_the_session_holds(void **state)
{
	const char *before;
	struct world w cleanup_world;
	struct pool_tree t;

	(void)state;
	world_open(&w);
	t = world_lease(&w);
	before = world_sh(&w, "repo", "cat .git/config");
	assert_string_equal(changes(&w, ":"), "");
	world_sh(&w, "repo", "git config core.bare true");
	assert_non_null(strstr(changes(&w, ":"), "core.bare"));
	assert_string_equal(before, world_sh(&w, "repo", "cat .git/config"));
	assert_string_equal(changes(&w, ":"), "");
	pool_drop(&t);
}

int
test_vcs_shared_mark(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_of_each_kind_is_named),
		cmocka_unit_test(first_mark_of_the_session_holds),
	};

	return cmocka_run_group_tests_name(
	    "vcs/shared_mark", tests, NULL, NULL);
}
