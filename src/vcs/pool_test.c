/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool.h"

#include "base/clock.h"
#include "pool_world.h"

#ifdef PRUN_LINUX
#define TELLS_BIRTHS true
#else
#define TELLS_BIRTHS false
#endif

static void
tree_is_made_cleaned_and_used_again(void **state)
{
	struct world w cleanup_world;
	struct pool_tree t;
	struct stat before, after;

	(void)state;
	world_open(&w);
	t = world_lease(&w);
	assert_string_equal(t.path, tree_path(&w.t, "repo-worktrees/wt-1"));
	assert_string_equal(tree_read(&w.t, "repo-worktrees/wt-1/a"), "a\n");
	assert_string_equal(
	    world_sh(&w, "repo-worktrees/wt-1", "git symbolic-ref HEAD"),
	    "refs/heads/worktree-wt-1");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &before), 0);
	world_sh(&w, "repo-worktrees/wt-1",
	    "echo x >sub/b; echo x >new; echo x >x.o; mkdir keep; "
	    "echo x >keep/x; mkdir inner; cd inner; git init -q");
	vec_push(w.t.a, &w.p.keep, "keep");
	world_release(&w, &t);
	assert_string_equal(world_sh(&w, "repo-worktrees/wt-1",
				"git status --porcelain --ignored"),
	    "!! keep/");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &after), 0);
	assert_int_equal(stat_mtime_ns(&before), stat_mtime_ns(&after));
	assert_int_equal(w.said.n, 0);
	t = world_lease(&w);
	assert_int_equal(t.number, 1);
	world_release(&w, &t);
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
	one = world_lease(&w);
	two = world_lease(&w);
	assert_int_equal(two.number, 2);
	assert_string_not_equal(one.lease_id, two.lease_id);
	assert_false(pool_lease(&w.p, &three, &busy, &e));
	assert_true(busy);
	assert_false(err_is_set(&e));
	assert_false(
	    pool_lease_wait(&w.p, clock_mono_ns() + NS_PER_MS, &three, &e));
	assert_true(err_is_set(&e));
	world_release(&w, &one);
	three = world_lease(&w);
	assert_int_equal(three.number, 1);
	world_release(&w, &three);
	world_release(&w, &two);
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
	t = world_lease(&w);
	ids = world_sh(&w, "repo-worktrees/wt-1",
	    "echo 2 >a; git commit -qam two; git rev-parse HEAD; "
	    "git commit -q --amend -m three; git rev-parse HEAD; "
	    "git checkout -q --detach main; git commit -q --allow-empty -m 4; "
	    "git update-ref refs/worktree/x HEAD; git checkout -q HEAD~; "
	    "git rev-parse refs/worktree/x");
	kept = world_release(&w, &t);
	assert_string_equal(
	    kept.ref, "refs/prun/kept/20261121-094617-123456/wt-1");
	assert_int_equal(kept.commits.n, 3);
	world_said(&w, "HEAD was detached");
	for (size_t i = 0; i < kept.commits.n; i++) {
		assert_non_null(strstr(ids, kept.commits.v[i]));
		world_sh(&w, "repo",
		    arena_printf(w.t.a, "git merge-base --is-ancestor %s %s",
			kept.commits.v[i], kept.ref));
	}
	/* the next use of the tree starts with nothing of it */
	t = world_lease(&w);
	assert_string_equal(
	    world_sh(&w, "repo-worktrees/wt-1",
		"git for-each-ref refs/worktree; git log --format=%s; "
		"git reflog HEAD"),
	    "one");
	world_sh(&w, "repo-worktrees/wt-1", "git commit -q --allow-empty -m 5");
	ids = kept.ref;
	kept = world_release(&w, &t);
	assert_string_equal(kept.ref, ids);
	assert_int_equal(kept.commits.n, 1);
	assert_string_equal(
	    world_sh(&w, "repo",
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
	world_sh(&w, "repo", "git branch worktree-wt-1");
	assert_false(pool_lease(&w.p, &t, &busy, &e));
	assert_false(busy);
	assert_non_null(strstr(e.message, "a branch worktree-wt-1"));
	err_clear(&e);
	world_sh(&w, "repo", "git branch -m worktree-wt-1 mine");
	tree_file(&w.t, "repo-worktrees/wt-1/mine", "mine");
	assert_false(pool_lease(&w.p, &t, &busy, &e));
	assert_non_null(strstr(e.message, "repo-worktrees/wt-1"));
	err_clear(&e);
	world_sh(&w, "repo-worktrees",
	    "rm -r wt-1; cd ../repo; "
	    "git worktree add -q ../repo-worktrees/wt-1 mine");
	before = world_sh(&w, "repo",
	    "git worktree list; cat .git/config; "
	    "git for-each-ref");
	assert_false(pool_lease(&w.p, &t, &busy, &e));
	assert_non_null(strstr(e.message, "repo-worktrees/wt-1"));
	assert_string_equal(before, world_sh(&w, "repo",
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
		t = world_lease(&w);
		world_sh(&w, "repo-worktrees/wt-1", cases[i].script);
		pool_drop(&t);
		t = world_lease(&w);
		assert_int_equal(t.number, 1);
		world_said(&w, cases[i].named);
		assert_string_equal(world_sh(&w, "repo-worktrees/wt-1",
					"git symbolic-ref HEAD; git status "
					"--porcelain --ignored; "
					"cat a; git ls-files -v"),
		    "refs/heads/worktree-wt-1\na\n"
		    "H .gitignore\nH a\nH sub/b");
		world_release(&w, &t);
		assert_string_equal(
		    world_sh(&w, "repo",
			"git status --porcelain; "
			"git worktree list | wc -l; find .git -name '*.lock'"),
		    "2");
	}
}

static void
users_folder_is_left(struct world *w)
{
	struct err e cleanup_err = ERR_INIT;
	struct pool_tree t;
	bool busy;

	assert_false(pool_lease(&w->p, &t, &busy, &e));
	assert_non_null(strstr(e.message, "repo-worktrees/wt-1"));
	assert_string_equal(
	    tree_read(&w->t, "repo-worktrees/wt-1/mine"), "mine\n");
}

/* Its trees have other inodes; what is no tree of prun's has not its .git. */
static void
copied_repository_has_its_pool(void **state)
{
	static const enum pool_kind kinds[] = { POOL_WORKTREE, POOL_CLONE };

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct world w cleanup_world;
		struct pool_tree t;

		world_open(&w);
		w.p.kind = kinds[k];
		t = world_lease(&w);
		world_release(&w, &t);
		world_sh(&w, "repo-worktrees",
		    "cp -a wt-1 copy; rm -r wt-1; cp -a copy wt-1; rm -r copy");
		t = world_lease(&w);
		assert_int_equal(w.said.n, 0);
		world_release(&w, &t);
		world_sh(&w, "repo-worktrees",
		    "mkdir mine; echo mine >mine/mine; "
		    "rm -r wt-1; mv mine wt-1");
		users_folder_is_left(&w);
	}
}

/* A folder that comes after another may get its number. */
static void
folder_with_the_same_inode_is_not_taken(void **state)
{
	struct world w cleanup_world;
	struct pool_tree t;
	const char *same;

	(void)state;
	world_open(&w);
	t = world_lease(&w);
	world_release(&w, &t);
	same = world_sh(&w, "repo-worktrees",
	    "case $(stat -c %W . 2>/dev/null) in '' | 0 | -) echo unknown; "
	    "exit;; "
	    "esac; was=$(stat -c %i wt-1); rm -r wt-1; "
	    "for i in $(seq 200); do mkdir wt-1; "
	    "[ $(stat -c %i wt-1) != $was ] || break; mv wt-1 other-$i; done; "
	    "[ -d wt-1 ] || mkdir wt-1; echo mine >wt-1/mine; echo made");
	/* births are told by neither every system nor every build */
	if (strcmp(same, "made") == 0 && TELLS_BIRTHS)
		users_folder_is_left(&w);
}

/* A git that was killed while it kept commits leaves the lock of the ref, in
 * the repository or in the clone. */
static void
kept_ref_that_was_being_written(void **state)
{
	static const enum pool_kind kinds[] = { POOL_WORKTREE, POOL_CLONE };
	static const char *const places[] = { "repo/.git",
		"repo-worktrees/wt-1/.git" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k <= i; k++) {
			struct world w cleanup_world;
			struct pool_kept kept;
			struct pool_tree t;

			world_open(&w);
			w.p.kind = kinds[i];
			t = world_lease(&w);
			world_sh(&w, places[k],
			    "d=refs/prun/kept/20261121-094617-123456; "
			    "mkdir -p $d; : >$d/wt-1.lock");
			world_sh(&w, "repo-worktrees/wt-1",
			    "git commit -q --allow-empty -m 2");
			kept = world_release(&w, &t);
			assert_int_equal(kept.commits.n, 1);
			assert_string_equal(
			    world_sh(&w, "repo", "find .git -name '*.lock'"),
			    "");
		}
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
	world_sh(&w, "repo",
	    "git branch other; git tag v1; git config user.name me; "
	    "git config core.bare false; git config foo.bar 1");
	id = world_sh(
	    &w, "repo", "git for-each-ref; cat .git/config; ls .git/hooks");
	w.p.kind = POOL_CLONE;
	t = world_lease(&w);
	assert_string_equal(
	    world_sh(&w, "repo-worktrees/wt-1",
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
	world_sh(&w, "repo-worktrees/wt-1",
	    "git config core.bare true; "
	    "GIT_WORK_TREE=. git checkout -q -b new; echo x >sub/b; "
	    "GIT_WORK_TREE=. git commit -qam x; mkdir -p .git/hooks; "
	    "echo false >.git/hooks/pre-commit; git tag mine; "
	    "git update-ref -d refs/heads/other; "
	    "git push -q origin new 2>/dev/null || echo >/dev/null");
	kept = world_release(&w, &t);
	assert_int_equal(kept.commits.n, 1);
	assert_string_equal(
	    world_sh(&w, "repo",
		arena_printf(w.t.a,
		    "git log -1 --format=%%s %s; git update-ref -d %s",
		    kept.ref, kept.ref)),
	    "x");
	assert_string_equal(id, world_sh(&w, "repo",
				    "git for-each-ref; "
				    "cat .git/config; ls .git/hooks"));
	t = world_lease(&w);
	assert_string_equal(
	    world_sh(&w, "repo-worktrees/wt-1",
		"git status --porcelain --ignored; git config core.bare; "
		"git for-each-ref --format='%(refname)' refs/heads refs/tags; "
		"ls -A .git/hooks 2>/dev/null || echo no hooks; ls -A"),
	    "false\nrefs/heads/main\nrefs/heads/other\n"
	    "refs/heads/worktree-wt-1\nrefs/tags/v1\nno hooks\n"
	    ".git\n.gitignore\na\nsub");
	assert_int_equal(
	    stat(tree_path(&w.t, "repo-worktrees/wt-1/a"), &after), 0);
	assert_int_equal(stat_mtime_ns(&before), stat_mtime_ns(&after));
	world_release(&w, &t);
	/* and back to a worktree */
	w.p.kind = POOL_WORKTREE;
	t = world_lease(&w);
	world_said(&w, "was a clone");
	assert_string_equal(world_sh(&w, "repo-worktrees/wt-1",
				"git rev-parse --git-common-dir"),
	    tree_path(&w.t, "repo/.git"));
	world_release(&w, &t);
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
		world_sh(&w, "lib",
		    "git init -q -b main; git add .; "
		    "git commit -qm lib");
		world_sh(&w, "repo",
		    "git -c protocol.file.allow=always submodule "
		    "--quiet add ../lib lib; git commit -qm lib");
		w.p.commit = world_sh(&w, "repo", "git rev-parse HEAD");
		w.p.kind = kinds[k];
		t = world_lease(&w);
		assert_string_equal(
		    tree_read(&w.t, "repo-worktrees/wt-1/lib/c"), "c\n");
		world_sh(&w, "repo-worktrees/wt-1/lib",
		    "echo x >c; echo x >new; "
		    "git add .; git commit -qm inner; git checkout -q HEAD~; "
		    "echo y >y");
		world_release(&w, &t);
		t = world_lease(&w);
		assert_string_equal(
		    world_sh(&w, "repo-worktrees/wt-1",
			"cat lib/c; ls -A lib; git status --porcelain"),
		    "c\n.git\nc");
		if (kinds[k] == POOL_WORKTREE) {
			world_said(&w, "is kept in");
			assert_string_equal(
			    world_sh(&w, "repo/lib",
				"git log -1 --format=%s "
				"refs/prun/kept/20261121-094617-123456/wt-1"),
			    "inner");
		}
		/* one that another commit has not */
		world_release(&w, &t);
		w.p.commit = world_sh(&w, "repo", "git rev-parse HEAD~");
		t = world_lease(&w);
		assert_string_equal(world_sh(&w, "repo-worktrees/wt-1",
					"git status --porcelain; ls -A"),
		    ".git\n.gitignore\na\nsub");
		world_release(&w, &t);
		assert_true(pool_remove(&w.p, true, &e));
		assert_string_equal(
		    world_sh(&w, "repo",
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
	world_sh(w, "bin", "chmod +x git-lfs");
	world_sh(w, "repo",
	    "git config filter.lfs.clean 'git-lfs clean -- %f'; "
	    "git config filter.lfs.smudge 'git-lfs smudge -- %f'; "
	    "git config filter.lfs.required true; "
	    "echo '*.bin filter=lfs' >.gitattributes; echo content >x.bin; "
	    "git add .; git commit -qm lfs; rm .git/lfs.log");
	w->p.commit = world_sh(w, "repo", "git rev-parse HEAD");
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
	t = world_lease(&w);
	assert_string_equal(tree_read(&w.t, file), "content\n");
	world_release(&w, &t);
	w.p.lfs = POOL_LFS_SKIP;
	t = world_lease(&w);
	assert_memory_equal(
	    tree_read(&w.t, file), pointer, sizeof(pointer) - 1);
	world_release(&w, &t);
	/* the content is elsewhere */
	world_sh(&w, "repo", "mv .git/lfs .git/away; mkdir .git/lfs");
	w.p.lfs = POOL_LFS_AUTO;
	assert_true(pool_lease(&w.p, &t, &busy, &e));
	assert_false(pool_ready(&w.p, &t, "test", &e));
	assert_non_null(strstr(e.message, "x.bin"));
	pool_drop(&t);
	/* nor has the main tree it */
	world_sh(&w, "repo", "git show HEAD:x.bin >x.bin");
	t = world_lease(&w);
	assert_memory_equal(
	    tree_read(&w.t, file), pointer, sizeof(pointer) - 1);
	world_release(&w, &t);
	w.p.lfs = POOL_LFS_PULL;
	t = world_lease(&w);
	assert_string_equal(tree_read(&w.t, file), "content\n");
	world_release(&w, &t);
	/* no git-lfs at all */
	world_sh(&w, "bin", "rm git-lfs");
	w.p.lfs = POOL_LFS_SKIP;
	t = world_lease(&w);
	world_release(&w, &t);
}

/* ---- the pool as a whole ---- */

static void
hooks_of_the_repository_do_not_run(void **state)
{
	struct world w cleanup_world;
	struct pool_tree t;

	(void)state;
	world_open(&w);
	world_sh(&w, "repo",
	    "mkdir -p .git/hooks; cd .git/hooks; for h in "
	    "post-checkout reference-transaction post-index-change; do "
	    "echo 'echo $0 >>'\"$PWD\"'/ran' >$h; chmod +x $h; done");
	t = world_lease(&w);
	world_sh(&w, "repo-worktrees/wt-1",
	    "git -c core.hooksPath=/dev/null commit "
	    "-q --allow-empty -m x");
	world_release(&w, &t);
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
	one = world_lease(&w);
	world_sh(&w, "repo-worktrees/wt-1", "echo evidence >sub/b");
	assert_true(pool_preserve(&w.p, &one, "the test failed", &e));
	two = world_lease(&w);
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
	world_said(&w, "wt-2: in use");
	world_said(&w, "wt-1: removed");
	world_release(&w, &two);
	sb_clear(&text);
	assert_true(pool_clean(&w.p, &text, &e));
	assert_string_equal(sb_cstr(&text), "wt-2: removed\n");
	sb_clear(&text);
	pool_show(&w.p, 0, &text);
	assert_string_equal(sb_cstr(&text), "no worktrees\n");
	assert_string_equal(world_sh(&w, "repo",
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
	world_sh(&w, "repo",
	    "for i in $(seq 10 40); do git update-ref "
	    "refs/prun/kept/99991231-0000$i-000001/wt-1 HEAD; done; "
	    "git update-ref refs/prun/kept/20010101-000000-000001/wt-1 HEAD");
	assert_true(pool_recover(&w.p, &e));
	assert_string_equal(world_sh(&w, "repo",
				"git for-each-ref refs/prun/kept | "
				"sed 's/.*kept.//' | sed -n '1p;$p;$='"),
	    "99991231-000021-000001/wt-1\n99991231-000040-000001/wt-1\n20");
	world_said(&w, "20010101-000000-000001/wt-1 is older than 30 days");
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
	world_sh(&w, "repo", "git add .; git commit -qm lock");
	w.p.commit = world_sh(&w, "repo", "git rev-parse HEAD");
	vec_push(w.t.a, &w.p.keep, "keep");
	t = world_lease(&w);
	assert_false(pool_is_prepared(&w.p, &t, "prepare", &key));
	tree_file(&w.t, "repo-worktrees/wt-1/keep/dep", "");
	assert_true(pool_mark_prepared(&w.p, &t, "prepare", &key, &e));
	world_release(&w, &t);
	t = world_lease(&w);
	assert_true(pool_is_prepared(&w.p, &t, "prepare", &key));
	assert_false(pool_is_prepared(&w.p, &t, "other", &key));
	/* it has made something that cleaning takes */
	tree_file(&w.t, "repo-worktrees/wt-1/x.o", "");
	assert_true(pool_mark_prepared(&w.p, &t, "prepare", &key, &e));
	assert_true(pool_is_prepared(&w.p, &t, "prepare", &key));
	world_release(&w, &t);
	t = world_lease(&w);
	assert_false(pool_is_prepared(&w.p, &t, "prepare", &key));
	assert_true(pool_mark_prepared(&w.p, &t, "prepare", &key, &e));
	world_release(&w, &t);
	tree_file(&w.t, "repo/x.lock", "2\n");
	world_sh(&w, "repo", "git commit -qam lock2");
	w.p.commit = world_sh(&w, "repo", "git rev-parse HEAD");
	t = world_lease(&w);
	assert_false(pool_is_prepared(&w.p, &t, "prepare", &key));
	world_release(&w, &t);
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
		cmocka_unit_test(copied_repository_has_its_pool),
		cmocka_unit_test(folder_with_the_same_inode_is_not_taken),
		cmocka_unit_test(clone_has_refs_config_and_hooks_of_its_own),
		cmocka_unit_test(submodules_are_filled_cleaned_and_forgotten),
		cmocka_unit_test(large_files_are_as_the_main_tree_has_them),
		cmocka_unit_test(hooks_of_the_repository_do_not_run),
		cmocka_unit_test(
		    preserved_tree_stays_and_another_takes_its_place),
		cmocka_unit_test(kept_refs_have_a_bound),
		cmocka_unit_test(kept_ref_that_was_being_written),
		cmocka_unit_test(prepared_until_a_lockfile_changes),
	};

	return cmocka_run_group_tests_name("vcs/pool", tests, NULL, NULL);
}
