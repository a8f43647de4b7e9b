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

/* ---- clones ---- */

static void
clone_has_refs_config_and_hooks_of_its_own(void **state)
{
	struct world w cleanup_world;
	struct stat before, after;
	struct pool_kept kept;
	struct pool_tree t;
	const char *id;

	(void)state;
	world_open(&w);
	sh(&w, "repo",
	    "git branch other; git tag v1; git config user.name me; "
	    "git config core.bare false; git config foo.bar 1");
	id = sh(&w, "repo", "git for-each-ref; cat .git/config; ls .git/hooks");
	w.p.kind = POOL_CLONE;
	t = lease(&w);
	assert_string_equal(
	    sh(&w, "repo-worktrees/wt-1",
		"cat a; git symbolic-ref HEAD; git for-each-ref "
		"--format='%(refname)' refs/heads refs/tags; "
		"git config --local user.name; git config foo.bar || echo "
		"none; "
		"find .git/objects -type f | grep -v alternates || echo "
		"borrowed"),
	    "a\nrefs/heads/worktree-wt-1\nrefs/heads/main\nrefs/heads/other\n"
	    "refs/heads/worktree-wt-1\nrefs/tags/v1\nme\nnone\nborrowed");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &before), 0);
	sh(&w, "repo-worktrees/wt-1",
	    "git config core.bare true; "
	    "GIT_WORK_TREE=. git checkout -q -b new; echo x >sub/b; "
	    "GIT_WORK_TREE=. git commit -qam x; mkdir -p .git/hooks; "
	    "echo false >.git/hooks/pre-commit; git tag mine; "
	    "git update-ref -d refs/heads/other; "
	    "git push -q origin new 2>/dev/null || echo >/dev/null");
	kept = release(&w, &t);
	assert_int_equal(kept.commits.n, 1);
	assert_string_equal(
	    sh(&w, "repo",
		arena_printf(w.t.a,
		    "git log -1 --format=%%s %s; git update-ref -d %s",
		    kept.ref, kept.ref)),
	    "x");
	assert_string_equal(id, sh(&w, "repo",
				    "git for-each-ref; "
				    "cat .git/config; ls .git/hooks"));
	t = lease(&w);
	assert_string_equal(
	    sh(&w, "repo-worktrees/wt-1",
		"git status --porcelain --ignored; git config core.bare; "
		"git for-each-ref --format='%(refname)' refs/heads refs/tags; "
		"ls -A .git/hooks 2>/dev/null || echo no hooks; ls -A"),
	    "false\nrefs/heads/main\nrefs/heads/other\n"
	    "refs/heads/worktree-wt-1\nrefs/tags/v1\nno hooks\n"
	    ".git\n.gitignore\na\nsub");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &after), 0);
	assert_int_equal(stat_mtime_ns(&before), stat_mtime_ns(&after));
	release(&w, &t);
	/* and back to a worktree */
	w.p.kind = POOL_WORKTREE;
	t = lease(&w);
	said(&w, "was a clone");
	assert_string_equal(
	    sh(&w, "repo-worktrees/wt-1", "git rev-parse --git-common-dir"),
	    tree_path(&w.t, "repo/.git"));
	release(&w, &t);
}

/* ---- what git leaves empty ---- */

static void
submodules_are_filled_cleaned_and_forgotten(void **state)
{
	static const enum pool_kind kinds[] = { POOL_WORKTREE, POOL_CLONE };

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct err e cleanup_err = ERR_INIT;
		struct world w cleanup_world;
		struct pool_tree t;

		world_open(&w);
		tree_file(&w.t, "lib/c", "c\n");
		sh(&w, "lib",
		    "git init -q -b main; git add .; "
		    "git commit -qm lib");
		sh(&w, "repo",
		    "git -c protocol.file.allow=always submodule "
		    "--quiet add ../lib lib; git commit -qm lib");
		w.p.commit = sh(&w, "repo", "git rev-parse HEAD");
		w.p.kind = kinds[k];
		t = lease(&w);
		assert_string_equal(
		    tree_read(&w.t, "repo-worktrees/wt-1/lib/c"), "c\n");
		sh(&w, "repo-worktrees/wt-1/lib",
		    "echo x >c; echo x >new; "
		    "git add .; git commit -qm inner; git checkout -q HEAD~; "
		    "echo y >y");
		release(&w, &t);
		t = lease(&w);
		assert_string_equal(
		    sh(&w, "repo-worktrees/wt-1",
			"cat lib/c; ls -A lib; git status --porcelain"),
		    "c\n.git\nc");
		if (kinds[k] == POOL_WORKTREE) {
			said(&w, "is kept in");
			assert_string_equal(
			    sh(&w, "repo/lib",
				"git log -1 --format=%s "
				"refs/prun/kept/20261121-094617-123456/wt-1"),
			    "inner");
		}
		/* one that another commit has not */
		release(&w, &t);
		w.p.commit = sh(&w, "repo", "git rev-parse HEAD~");
		t = lease(&w);
		assert_string_equal(sh(&w, "repo-worktrees/wt-1",
					"git status --porcelain; ls -A"),
		    ".git\n.gitignore\na\nsub");
		release(&w, &t);
		assert_true(pool_remove(&w.p, true, &e));
		assert_string_equal(
		    sh(&w, "repo",
			"git worktree list | wc -l; "
			"git -C lib worktree list | wc -l; "
			"ls -d .git/prun ../repo-worktrees 2>/dev/null || :; "
			"git branch"),
		    "1\n1\n* main");
	}
}

/* git-lfs in short: what it keeps lies in a folder by its digest. */
static void
fake_lfs(struct world *w)
{
	tree_file(&w->t, "bin/git-lfs",
	    "#!/bin/sh\n"
	    "here=$(git rev-parse --path-format=absolute --git-common-dir)\n"
	    "echo \"$1\" >>\"$here/lfs.log\"\n"
	    "fill() { git ls-files -- '*.bin' | while read -r f; do\n"
	    "  id=$(sed -n 's/^oid //p' \"$f\")\n"
	    "  [ -f \"$here/lfs/$id\" ] || continue\n"
	    "  cat \"$here/lfs/$id\" >\"$f.new\"; mv \"$f.new\" \"$f\"\n"
	    "done; git update-index -q --refresh; }\n"
	    "case $1 in\n"
	    "clean) mkdir -p \"$here/lfs\"; cat >\"$here/lfs/tmp\"\n"
	    "  id=$(git hash-object --no-filters \"$here/lfs/tmp\")\n"
	    "  mv \"$here/lfs/tmp\" \"$here/lfs/$id\"\n"
	    "  printf 'version https://git-lfs.github.com/spec/v1\\noid "
	    "%s\\n' \"$id\";;\n"
	    "smudge) exit 9;;\n"
	    "checkout) fill;;\n"
	    "pull) [ ! -d \"$here/away\" ] || mv \"$here/away\"/* "
	    "\"$here/lfs\"; fill;;\n"
	    "esac\n");
	sh(w, "bin", "chmod +x git-lfs");
	sh(w, "repo",
	    "git config filter.lfs.clean 'git-lfs clean -- %f'; "
	    "git config filter.lfs.smudge 'git-lfs smudge -- %f'; "
	    "git config filter.lfs.required true; "
	    "echo '*.bin filter=lfs' >.gitattributes; echo content >x.bin; "
	    "git add .; git commit -qm lfs; rm .git/lfs.log");
	w->p.commit = sh(w, "repo", "git rev-parse HEAD");
}

static void
large_files_are_as_the_main_tree_has_them(void **state)
{
	static const char pointer[] = "version https://git-lfs.github.com/spec";
	struct err e cleanup_err = ERR_INIT;
	const char *file = "repo-worktrees/wt-1/x.bin";
	struct world w cleanup_world;
	struct pool_tree t;
	bool busy;

	(void)state;
	world_open(&w);
	fake_lfs(&w);
	t = lease(&w);
	assert_string_equal(tree_read(&w.t, file), "content\n");
	release(&w, &t);
	w.p.lfs = POOL_LFS_SKIP;
	t = lease(&w);
	assert_memory_equal(
	    tree_read(&w.t, file), pointer, sizeof(pointer) - 1);
	release(&w, &t);
	/* the content is elsewhere */
	sh(&w, "repo", "mv .git/lfs .git/away; mkdir .git/lfs");
	w.p.lfs = POOL_LFS_AUTO;
	assert_true(pool_lease(&w.p, &t, &busy, &e));
	assert_false(pool_ready(&w.p, &t, "test", &e));
	assert_non_null(strstr(e.message, "x.bin"));
	pool_drop(&t);
	/* nor has the main tree it */
	sh(&w, "repo", "git show HEAD:x.bin >x.bin");
	t = lease(&w);
	assert_memory_equal(
	    tree_read(&w.t, file), pointer, sizeof(pointer) - 1);
	release(&w, &t);
	w.p.lfs = POOL_LFS_PULL;
	t = lease(&w);
	assert_string_equal(tree_read(&w.t, file), "content\n");
	release(&w, &t);
	/* no git-lfs at all */
	sh(&w, "bin", "rm git-lfs");
	w.p.lfs = POOL_LFS_SKIP;
	t = lease(&w);
	release(&w, &t);
}

/* ---- the pool as a whole ---- */

static void
hooks_of_the_repository_do_not_run(void **state)
{
	struct world w cleanup_world;
	struct pool_tree t;

	(void)state;
	world_open(&w);
	sh(&w, "repo",
	    "mkdir -p .git/hooks; cd .git/hooks; for h in "
	    "post-checkout reference-transaction post-index-change; do "
	    "echo 'echo $0 >>'\"$PWD\"'/ran' >$h; chmod +x $h; done");
	t = lease(&w);
	sh(&w, "repo-worktrees/wt-1",
	    "git -c core.hooksPath=/dev/null commit "
	    "-q --allow-empty -m x");
	release(&w, &t);
	assert_null(tree_read(&w.t, "repo/.git/hooks/ran"));
}

static void
preserved_tree_stays_and_another_takes_its_place(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct world w cleanup_world;
	struct pool_tree one, two;
	struct sb text cleanup_sb = SB_INIT;
	pool_entries list;

	(void)state;
	world_open(&w);
	w.p.size = 1;
	one = lease(&w);
	sh(&w, "repo-worktrees/wt-1", "echo evidence >sub/b");
	assert_true(pool_preserve(&w.p, &one, "the test failed", &e));
	two = lease(&w);
	assert_int_equal(two.number, 2);
	assert_true(pool_recover(&w.p, &e));
	pool_list(&w.p, &list);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].state, POOL_KEPT_FOR_PEOPLE);
	assert_int_equal(list.v[1].state, POOL_BUSY);
	pool_list_print(&list, clock_real_ns(), &text);
	assert_non_null(strstr(sb_cstr(&text), "wt-1  preserved"));
	assert_non_null(strstr(sb_cstr(&text), "test: the test failed"));
	assert_non_null(strstr(sb_cstr(&text), "wt-2  busy"));
	assert_string_equal(
	    tree_read(&w.t, "repo-worktrees/wt-1/sub/b"), "evidence\n");
	/* one in use is left alone */
	assert_true(pool_remove(&w.p, true, &e));
	said(&w, "wt-2: in use");
	said(&w, "wt-1: removed");
	release(&w, &two);
	assert_true(pool_remove(&w.p, true, &e));
	assert_string_equal(sh(&w, "repo",
				"git worktree list | wc -l; "
				"git branch; ls -d .git/prun ../repo-worktrees "
				"2>/dev/null || :"),
	    "1\n* main");
}

static void
kept_refs_have_a_bound(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct world w cleanup_world;

	(void)state;
	world_open(&w);
	sh(&w, "repo",
	    "for i in $(seq 10 40); do git update-ref "
	    "refs/prun/kept/99991231-0000$i-000001/wt-1 HEAD; done; "
	    "git update-ref refs/prun/kept/20010101-000000-000001/wt-1 HEAD");
	assert_true(pool_recover(&w.p, &e));
	assert_string_equal(sh(&w, "repo",
				"git for-each-ref refs/prun/kept | "
				"sed 's/.*kept.//' | sed -n '1p;$p;$='"),
	    "99991231-000021-000001/wt-1\n99991231-000040-000001/wt-1\n20");
	said(&w, "20010101-000000-000001/wt-1 is older than 30 days");
}

static void
prepared_until_a_lockfile_changes(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct world w cleanup_world;
	string_vec key = { 0 };
	struct pool_tree t;

	(void)state;
	world_open(&w);
	vec_push(w.t.a, &key, "*.lock");
	tree_file(&w.t, "repo/x.lock", "1\n");
	sh(&w, "repo", "git add .; git commit -qm lock");
	w.p.commit = sh(&w, "repo", "git rev-parse HEAD");
	vec_push(w.t.a, &w.p.keep, "keep");
	t = lease(&w);
	assert_false(pool_is_prepared(&w.p, &t, "prepare", &key));
	tree_file(&w.t, "repo-worktrees/wt-1/keep/dep", "");
	assert_true(pool_mark_prepared(&w.p, &t, "prepare", &key, &e));
	release(&w, &t);
	t = lease(&w);
	assert_true(pool_is_prepared(&w.p, &t, "prepare", &key));
	assert_false(pool_is_prepared(&w.p, &t, "other", &key));
	/* it has made something that cleaning takes */
	tree_file(&w.t, "repo-worktrees/wt-1/x.o", "");
	assert_true(pool_mark_prepared(&w.p, &t, "prepare", &key, &e));
	assert_true(pool_is_prepared(&w.p, &t, "prepare", &key));
	release(&w, &t);
	t = lease(&w);
	assert_false(pool_is_prepared(&w.p, &t, "prepare", &key));
	assert_true(pool_mark_prepared(&w.p, &t, "prepare", &key, &e));
	release(&w, &t);
	tree_file(&w.t, "repo/x.lock", "2\n");
	sh(&w, "repo", "git commit -qam lock2");
	w.p.commit = sh(&w, "repo", "git rev-parse HEAD");
	t = lease(&w);
	assert_false(pool_is_prepared(&w.p, &t, "prepare", &key));
	release(&w, &t);
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
		cmocka_unit_test(clone_has_refs_config_and_hooks_of_its_own),
		cmocka_unit_test(submodules_are_filled_cleaned_and_forgotten),
		cmocka_unit_test(large_files_are_as_the_main_tree_has_them),
		cmocka_unit_test(hooks_of_the_repository_do_not_run),
		cmocka_unit_test(
		    preserved_tree_stays_and_another_takes_its_place),
		cmocka_unit_test(kept_refs_have_a_bound),
		cmocka_unit_test(prepared_until_a_lockfile_changes),
	};

	return cmocka_run_group_tests_name("vcs/pool", tests, NULL, NULL);
}
