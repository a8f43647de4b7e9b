/* SPDX-License-Identifier: MIT */
/* What git leaves empty in a tree: submodules, large files. */
#include "config.h"

#include "vcs/pool_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "vcs/lfs.h"

/* ---- submodules ---- */

static bool
is_left_empty(const struct git *tree, const struct git_link *l)
{
	/* fails where anything is in it */
	const char *place =
	    path_join(tree->a, sv_of(tree->top), sv_of(l->path));

	return !path_exists(place) ||
	       (rmdir(place) == 0 && mkdir(place, 0777) == 0);
}

/* At its commit, and with nothing in it of the test before.  false: it is to be
 * filled anew. */
static bool
reset_module(const struct git *tree, const struct git_link *l)
{
	struct err none cleanup_err = ERR_INIT;
	struct git inner, quiet;
	git_link_vec links;
	const char *head;

	if (is_left_empty(tree, l))
		return true;
	if (!submodule_is_there(tree, l->path, &inner))
		return false;
	quiet = pool_quiet(&inner);
	if (!git_line(&quiet, GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"),
		&head, &none) ||
	    strcmp(head, l->commit) != 0 ||
	    !git_try(&quiet, GIT_WORDS("reset", "--quiet", "--hard"), NULL) ||
	    !git_try(&quiet, GIT_WORDS("clean", "-ffdxq"), NULL) ||
	    !submodules_list(&quiet, &links, &none))
		return false;
	for (size_t i = 0; i < links.n; i++)
		if (!reset_module(&inner, &links.v[i]))
			return false;
	return true;
}

/* Empty folders, as git leaves them, and nobody is told of them any more. */
static bool
empty_modules(const struct pool *p, const struct pool_tree *t,
    const struct git *tree, const git_link_vec *links, struct err *e)
{
	for (size_t i = 0; i < links->n; i++) {
		const char *place = path_join(
		    tree->a, sv_of(tree->top), sv_of(links->v[i].path));

		if (!pool_remove_folder(place, e) || !mkdir_all(place, 0777, e))
			return false;
	}
	submodules_forget(p->git, pool_tree_file(p, t->name, ".modules"));
	return true;
}

static bool
fill_submodules(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, const struct git *tree, struct err *e)
{
	struct submodules s = { p->git, pool_tree_file(p, t->name, ".modules"),
		r->kind == POOL_CLONE };
	int book cleanup_close = -1;
	git_link_vec links;
	bool sound = true;

	if (!submodules_list(tree, &links, e))
		return false;
	if (links.n == 0 && !path_exists(s.notes))
		return true;
	/* those of a clone have config of their own */
	for (size_t i = 0; i < links.n && sound; i++)
		sound = s.clones ? is_left_empty(tree, &links.v[i])
				 : reset_module(tree, &links.v[i]);
	/* it is the bookkeeping of other repositories, but just as unsafe */
	if (!pool_book_lock(p, &book, e) ||
	    ((!sound || links.n == 0) && !empty_modules(p, t, tree, &links, e)))
		return false;
	return submodules_fill(&s, tree, e) || err_wrap(e, "%s: ", t->name);
}

/* ---- large files ---- */

/* Pointers again, where a session before had the content. */
static bool
empty_lfs(const struct pool *p, const struct git *tree, struct err *e)
{
	struct git quiet = pool_quiet(tree);
	string_vec files = { 0 };

	lfs_filled(tree, &files);
	for (size_t i = 0; i < files.n; i++)
		unlink(path_join(tree->a, sv_of(tree->top), sv_of(files.v[i])));
	return files.n == 0 ||
	       git_run(&quiet,
		   GIT_WORDS("reset", "--quiet", "--hard", p->commit), NULL, e);
}

static bool
fill_lfs(const struct pool *p, const struct pool_tree *t,
    const struct git *tree, struct err *e)
{
	const char *path;

	switch (p->lfs) {
	case POOL_LFS_SKIP:
		return empty_lfs(p, tree, e);
	case POOL_LFS_PULL:
		if (lfs_pointer(tree, NULL) == NULL)
			return true;
		return git_run(tree,
			   GIT_WORDS(
			       "-c", "core.hooksPath=/dev/null", "lfs", "pull"),
			   NULL, e) ||
		       err_wrap(e, "prun: %s: ", t->name);
	case POOL_LFS_AUTO:
		if (lfs_pointer(tree, p->git) == NULL)
			return true;
		lfs_fill(tree, p->git);
		path = lfs_pointer(tree, p->git);
		return path == NULL ||
		       err_set(e, ERR_GENERIC,
			   "prun: %s: the content of %s is in %s, but git lfs "
			   "does not find it for this commit; [worktrees] lfs "
			   "= "
			   "pull fetches it, lfs = skip goes without",
			   t->name, path, p->git->top);
	}
	return true;
}

bool
pool_fill(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, const struct git *tree, struct err *e)
{
	return fill_lfs(p, t, tree, e) && fill_submodules(p, t, r, tree, e);
}
