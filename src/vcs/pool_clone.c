/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"

/* What of the repository's own config decides what files look like, and who
 * commits; the rest stays behind. */
static bool
is_copied(sv key)
{
	static const char *const names[] = { "core.autocrlf", "core.eol",
		"core.safecrlf", "core.symlinks", "core.filemode",
		"core.ignorecase", "core.precomposeunicode", "core.protecthfs",
		"core.attributesfile", "core.excludesfile" };

	if (sv_starts(key, SV("user.")) || sv_starts(key, SV("filter.")) ||
	    sv_starts(key, SV("lfs.")))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sv_is(key, names[i]))
			return true;
	return false;
}

static bool
copy_config(const struct pool *p, const struct git *clone, struct err *e)
{
	struct arena *a = p->git->a;
	sv text, entry, key, says;

	if (!git_try(p->git, GIT_WORDS("config", "--local", "--null", "--list"),
		&text))
		return true;
	while (text.n > 0) {
		sv_cut(text, '\0', &entry, &text);
		sv_cut(entry, '\n', &key, &says);
		if (is_copied(key) &&
		    !git_run(clone,
			GIT_WORDS("config", sv_cstr(a, key), sv_cstr(a, says)),
			NULL, e))
			return false;
	}
	return true;
}

static bool
copy_info(const struct pool *p, const char *git_dir, struct err *e)
{
	static const char *const names[] = { "info/exclude",
		"info/attributes" };
	struct arena *a = p->git->a;
	sv text;

	if (!mkdir_all(path_join(a, sv_of(git_dir), SV("info")), 0777, e))
		return false;
	for (size_t i = 0; i < 2; i++) {
		const char *from =
		    path_join(a, sv_of(p->git->common_dir), sv_of(names[i]));

		if (path_exists(from) &&
		    (!read_file(a, from, &text, e) ||
			!write_atomic(
			    path_join(a, sv_of(git_dir), sv_of(names[i])), text,
			    0666, e)))
			return false;
	}
	return true;
}

/* A clone without files at `path`, on the tree's branch. */
static bool
clone_to(const struct pool *p, const struct pool_tree *t, const char *path,
    struct err *e)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", t->branch);
	struct git git = pool_quiet(p->git), clone = git;

	clone.top = path;
	return git_run(&git,
		   GIT_WORDS("clone", "--quiet", "--local", "--shared",
		       "--no-checkout", "--template=", "--origin", "origin",
		       p->git->common_dir, path),
		   NULL, e) &&
	       /* all branches, as a worktree sees them */
	       git_run(&clone,
		   GIT_WORDS("fetch", "--quiet", "--no-tags",
		       "--update-head-ok", "origin",
		       "+refs/heads/*:refs/heads/*",
		       "^refs/heads/worktree-wt-*"),
		   NULL, e) &&
	       git_run(
		   &clone, GIT_WORDS("update-ref", ref, p->commit), NULL, e) &&
	       git_run(
		   &clone, GIT_WORDS("symbolic-ref", "HEAD", ref), NULL, e) &&
	       /* a test that pushes does not push to the user */
	       git_run(&clone,
		   GIT_WORDS("config", "remote.origin.pushurl",
		       "prun-pool-clones-push-nowhere"),
		   NULL, e) &&
	       copy_config(p, &clone, e) &&
	       copy_info(p, path_join(p->git->a, sv_of(path), SV(".git")), e);
}

bool
pool_clone_make(const struct pool *p, const struct pool_tree *t, struct err *e)
{
	return clone_to(p, t, t->path, e);
}

/* The index goes along: it knows which files have not changed since.  What is
 * left of this when it is killed, cleaning removes. */
bool
pool_clone_renew(const struct pool *p, const struct pool_tree *t, struct err *e)
{
	struct arena *a = p->git->a;
	const char *beside = path_join(a, sv_of(t->path), SV(".git.prun-new"));
	const char *gone = path_join(a, sv_of(t->path), SV(".git.prun-old"));
	const char *fresh = path_join(a, sv_of(beside), SV(".git"));
	const char *old = path_join(a, sv_of(t->path), SV(".git"));
	const char *index = path_join(a, sv_of(old), SV("index"));

	if (!pool_remove_folder(beside, e) || !pool_remove_folder(gone, e) ||
	    !clone_to(p, t, beside, e))
		return false;
	if (path_exists(index) &&
	    rename(index, path_join(a, sv_of(fresh), SV("index"))) != 0)
		return err_sys(e, errno, "prun: move %s", index);
	if (rename(old, gone) != 0 || rename(fresh, old) != 0)
		return err_sys(e, errno, "prun: move %s", fresh);
	return pool_remove_folder(gone, e) && pool_remove_folder(beside, e);
}
