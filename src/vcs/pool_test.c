/* SPDX-License-Identifier: MIT */
#include "vcs/pool.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "exec/capture.h"
#include "tree.h"

/* A repository with one commit, and what a session in it wants. */
struct world {
	struct tree t;
	struct git git;
	struct pool p;
	struct sb said;
	VEC(char *) env;
};

static void
hear(void *ctx, const char *text)
{
	struct world *w = ctx;

	sb_printf(&w->said, "%s\n", text);
}

/* A script in `dir`; its output without the last newline. */
static const char *
sh(struct world *w, const char *dir, const char *script)
{
	struct capture c = { .argv = GIT_WORDS("sh", "-ec"),
		.dir = tree_path(&w->t, dir),
		.env = w->env.v };
	struct err e cleanup_err = ERR_INIT;
	const char *const argv[] = { "sh", "-ec", script, NULL };
	int status;
	sv out, err;

	c.argv = argv;
	assert_true(capture_run(w->t.a, &c, &status, &out, &err, &e));
	if (status != 0)
		print_error("%s: %.*s\n", script, SV_ARG(err));
	assert_int_equal(status, 0);
	return sv_cstr(w->t.a, sv_trim(out));
}

static void
set_env(struct world *w)
{
	static const char *const same[] = { "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@example.com",
		"GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.com",
		"LC_ALL=C" };
	struct arena *a = w->t.a;

	vec_push(a, &w->env,
	    arena_printf(
		a, "PATH=%s:%s", tree_path(&w->t, "bin"), getenv("PATH")));
	vec_push(
	    a, &w->env, arena_printf(a, "HOME=%s", tree_path(&w->t, "home")));
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		vec_push(a, &w->env, arena_strdup(a, same[i]));
	vec_push(a, &w->env, NULL);
}

static void
world_open(struct world *w)
{
	struct err e cleanup_err = ERR_INIT;

	w->t = tree_new();
	w->said = (struct sb)SB_INIT;
	memset(&w->env, 0, sizeof(w->env));
	set_env(w);
	tree_dir(&w->t, "home");
	tree_dir(&w->t, "bin");
	tree_file(&w->t, "repo/a", "a\n");
	tree_file(&w->t, "repo/sub/b", "b\n");
	tree_file(&w->t, "repo/.gitignore", "*.o\nkeep/\n");
	sh(w, "repo", "git init -q -b main; git add .; git commit -qm one");
	assert_true(
	    git_open(w->t.a, tree_path(&w->t, "repo"), w->env.v, &w->git, &e));
	w->p = (struct pool){ .git = &w->git,
		.dir = pool_default_dir(&w->git),
		.session = "20261121-094617-123456",
		.commit = sh(w, "repo", "git rev-parse HEAD"),
		.size = 2,
		.say = hear,
		.ctx = w };
}

static void
world_close(struct world *w)
{
	sb_free(&w->said);
	tree_cleanup(&w->t);
}
#define cleanup_world __attribute__((cleanup(world_close)))

static void
failed(const struct err *e)
{
	print_error("%s\n", e->message ? e->message : "no reason");
	fail();
}

static struct pool_tree
lease(struct world *w)
{
	struct err e cleanup_err = ERR_INIT;
	struct pool_tree t;
	bool busy;

	if (!pool_lease(&w->p, &t, &busy, &e) ||
	    !pool_ready(&w->p, &t, "test", &e))
		failed(&e);
	return t;
}

static struct pool_kept
release(struct world *w, struct pool_tree *t)
{
	struct err e cleanup_err = ERR_INIT;
	struct pool_kept kept;

	if (!pool_release(&w->p, t, &kept, &e))
		failed(&e);
	return kept;
}

static void
said(struct world *w, const char *what)
{
	if (strstr(sb_cstr(&w->said), what) == NULL) {
		print_error("not said: %s, but: %s\n", what, sb_cstr(&w->said));
		fail();
	}
}

static void
tree_is_made_cleaned_and_used_again(void **state)
{
	struct world w cleanup_world;
	struct pool_tree t;
	struct stat before, after;

	(void)state;
	world_open(&w);
	t = lease(&w);
	assert_string_equal(t.path, tree_path(&w.t, "repo-worktrees/wt-1"));
	assert_string_equal(tree_read(&w.t, "repo-worktrees/wt-1/a"), "a\n");
	assert_string_equal(
	    sh(&w, "repo-worktrees/wt-1", "git symbolic-ref HEAD"),
	    "refs/heads/worktree-wt-1");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &before), 0);
	sh(&w, "repo-worktrees/wt-1",
	    "echo x >sub/b; echo x >new; echo x >x.o; mkdir keep; "
	    "echo x >keep/x; mkdir inner; cd inner; git init -q");
	vec_push(w.t.a, &w.p.keep, "keep");
	release(&w, &t);
	assert_string_equal(
	    sh(&w, "repo-worktrees/wt-1", "git status --porcelain --ignored"),
	    "!! keep/");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &after), 0);
	assert_int_equal(stat_mtime_ns(&before), stat_mtime_ns(&after));
	assert_int_equal(w.said.n, 0);
	t = lease(&w);
	assert_int_equal(t.number, 1);
	release(&w, &t);
}

static void
leases_exclude_each_other(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct pool_tree one, two, three;
	struct world w cleanup_world;
	bool busy;

	(void)state;
	world_open(&w);
	one = lease(&w);
	two = lease(&w);
	assert_int_equal(two.number, 2);
	assert_string_not_equal(one.lease_id, two.lease_id);
	assert_false(pool_lease(&w.p, &three, &busy, &e));
	assert_true(busy);
	assert_false(err_is_set(&e));
	assert_false(
	    pool_lease_wait(&w.p, clock_mono_ns() + NS_PER_MS, &three, &e));
	assert_true(err_is_set(&e));
	release(&w, &one);
	three = lease(&w);
	assert_int_equal(three.number, 1);
	release(&w, &three);
	release(&w, &two);
}

static void
commits_of_a_test_are_kept_and_named(void **state)
{
	struct world w cleanup_world;
	struct pool_kept kept;
	struct pool_tree t;
	const char *ids;

	(void)state;
	world_open(&w);
	t = lease(&w);
	ids = sh(&w, "repo-worktrees/wt-1",
	    "echo 2 >a; git commit -qam two; git rev-parse HEAD; "
	    "git commit -q --amend -m three; git rev-parse HEAD; "
	    "git checkout -q --detach main; git commit -q --allow-empty -m 4; "
	    "git update-ref refs/worktree/x HEAD; git checkout -q HEAD~; "
	    "git rev-parse refs/worktree/x");
	kept = release(&w, &t);
	assert_string_equal(
	    kept.ref, "refs/prun/kept/20261121-094617-123456/wt-1");
	assert_int_equal(kept.commits.n, 3);
	said(&w, "HEAD was detached");
	for (size_t i = 0; i < kept.commits.n; i++) {
		assert_non_null(strstr(ids, kept.commits.v[i]));
		sh(&w, "repo",
		    arena_printf(w.t.a, "git merge-base --is-ancestor %s %s",
			kept.commits.v[i], kept.ref));
	}
	/* the next use of the tree starts with nothing of it */
	t = lease(&w);
	assert_string_equal(
	    sh(&w, "repo-worktrees/wt-1",
		"git for-each-ref refs/worktree; git log --format=%s; "
		"git reflog HEAD"),
	    "one");
	sh(&w, "repo-worktrees/wt-1", "git commit -q --allow-empty -m 5");
	ids = kept.ref;
	kept = release(&w, &t);
	assert_string_equal(kept.ref, ids);
	assert_int_equal(kept.commits.n, 1);
	assert_string_equal(
	    sh(&w, "repo",
		arena_printf(w.t.a,
		    "git log --format=%%s %s | grep -c '^[2-9t]'", kept.ref)),
	    "4");
}

static void
what_is_the_users_is_named_and_not_taken(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct world w cleanup_world;
	struct pool_tree t;
	const char *before;
	bool busy;

	(void)state;
	world_open(&w);
	sh(&w, "repo", "git branch worktree-wt-1");
	assert_false(pool_lease(&w.p, &t, &busy, &e));
	assert_false(busy);
	assert_non_null(strstr(e.message, "a branch worktree-wt-1"));
	err_clear(&e);
	sh(&w, "repo", "git branch -m worktree-wt-1 mine");
	tree_file(&w.t, "repo-worktrees/wt-1/mine", "mine");
	assert_false(pool_lease(&w.p, &t, &busy, &e));
	assert_non_null(strstr(e.message, "repo-worktrees/wt-1"));
	err_clear(&e);
	sh(&w, "repo-worktrees",
	    "rm -r wt-1; cd ../repo; "
	    "git worktree add -q ../repo-worktrees/wt-1 mine");
	before = sh(&w, "repo",
	    "git worktree list; cat .git/config; "
	    "git for-each-ref");
	assert_false(pool_lease(&w.p, &t, &busy, &e));
	assert_non_null(strstr(e.message, "repo-worktrees/wt-1"));
	assert_string_equal(before, sh(&w, "repo",
					"git worktree list; "
					"cat .git/config; git for-each-ref"));
}

static void
damage_is_named_and_repaired(void **state)
{
	static const struct {
		const char *script, *named;
	} cases[] = {
		{ "git checkout -q -b other", "HEAD was on refs/heads/other" },
		{ "echo no >\"$(git rev-parse --git-dir)/index\"",
		    "the index was damaged" },
		{ "git update-index --assume-unchanged a; echo x >a",
		    "the index hid changes" },
		{ "git update-index --skip-worktree a; rm a",
		    "the index hid changes" },
		{ "rm .git", "made anew" },
		{ "rm .git; git init -q", "another repository" },
		{ "echo x >\"$(git rev-parse --git-dir)/HEAD\"", "made anew" },
		{ "rm -r \"$(git rev-parse --git-dir)\"", "made anew" },
		{ "cd ..; rm -r wt-1", "made anew" },
		{ "git worktree unlock .", "" },
		{ "chmod 555 sub; chmod 0 .", "" },
		{ "git bisect start -q; git bisect bad", "" },
		{ "touch \"$(git rev-parse --git-dir)/index.lock\" "
		  "\"$(git rev-parse --git-dir)/HEAD.lock\"",
		    "" },
		{ "touch ../../repo/.git/refs/heads/worktree-wt-1.lock", "" },
		{ "git checkout -q --detach; git branch -qD worktree-wt-1",
		    "HEAD was detached" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w cleanup_world;
		struct pool_tree t;

		world_open(&w);
		t = lease(&w);
		sh(&w, "repo-worktrees/wt-1", cases[i].script);
		pool_drop(&t);
		t = lease(&w);
		assert_int_equal(t.number, 1);
		said(&w, cases[i].named);
		assert_string_equal(sh(&w, "repo-worktrees/wt-1",
					"git symbolic-ref HEAD; git status "
					"--porcelain --ignored; "
					"cat a; git ls-files -v"),
		    "refs/heads/worktree-wt-1\na\n"
		    "H .gitignore\nH a\nH sub/b");
		release(&w, &t);
		assert_string_equal(
		    sh(&w, "repo",
			"git status --porcelain; "
			"git worktree list | wc -l; find .git -name '*.lock'"),
		    "2");
	}
}

int
test_vcs_pool(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_is_made_cleaned_and_used_again),
		cmocka_unit_test(leases_exclude_each_other),
		cmocka_unit_test(commits_of_a_test_are_kept_and_named),
		cmocka_unit_test(what_is_the_users_is_named_and_not_taken),
		cmocka_unit_test(damage_is_named_and_repaired),
	};

	return cmocka_run_group_tests_name("vcs/pool", tests, NULL, NULL);
}
