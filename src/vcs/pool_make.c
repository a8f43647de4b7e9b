/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "vcs/submodules.h"

/* ---- folders ---- */

void
pool_make_writable(const char *path)
{
	DIR *d cleanup_dir = NULL;
	struct dirent *entry;
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return;
	if ((st.st_mode & 0700) != 0700)
		chmod(path, (st.st_mode & 07777) | 0700);
	d = opendir(path);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *below cleanup_free = NULL;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		below = xasprintf("%s/%s", path, entry->d_name);
		pool_make_writable(below);
	}
}

bool
pool_remove_folder(const char *path, struct err *e)
{
	struct err first cleanup_err = ERR_INIT;

	if (remove_all(path, &first))
		return true;
	pool_make_writable(path);
	return remove_all(path, e);
}

static bool
is_empty_dir(const char *path)
{
	DIR *d cleanup_dir = opendir(path);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return false;
	return d != NULL;
}

/* ---- whose is it? ---- */

static bool
not_ours(struct err *e, const char *path)
{
	return err_set(e, ERR_GENERIC,
	    "prun: %s is not of prun's pool of worktrees: move it away, or "
	    "choose another folder ([worktrees] dir)",
	    path);
}

/* What git notes of the worktree there: locked by us or, where a test has
 * unlocked it, still on our branch. */
static bool
admin_is_ours(const struct pool *p, const struct pool_tree *t,
    const char *admin, const char *path, struct err *e)
{
	sv reason = pool_admin_reason(p, admin);
	const char *commit, *where;

	if (pool_reason_is_ours(reason, t->name))
		return true;
	if (path_exists(path_join(p->git->a, sv_of(admin), SV("locked"))))
		return err_set(e, ERR_GENERIC,
		    "prun: the worktree %s is locked by somebody else: %.*s",
		    path, SV_ARG(reason.n ? reason : SV("no reason given")));
	if (!pool_branch_look(p, t->branch, &commit, &where, e))
		return false;
	if (*where != '\0' && strcmp(path_real(p->git->a, where),
				  path_real(p->git->a, path)) == 0)
		return true;
	return not_ours(e, path);
}

/* Does its .git say so?  A copy of the repository, or of its disk, has other
 * inodes. */
static bool
says_it_is_ours(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, const char *admin)
{
	struct arena *a = p->git->a;
	const char *dot_git = path_join(a, sv_of(r->path), SV(".git"));
	struct err none cleanup_err = ERR_INIT;
	struct git tree;
	sv text;

	if (r->kind == POOL_WORKTREE)
		return admin != NULL &&
		       pool_reason_is_ours(
			   pool_admin_reason(p, admin), t->name) &&
		       git_open(a, r->path, p->git->env, &tree, &none) &&
		       strcmp(path_real(a, tree.git_dir),
			   path_real(a, admin)) == 0;
	return read_file(a,
		   path_join(a, sv_of(dot_git), SV("objects/info/alternates")),
		   &text, &none) &&
	       sv_is(sv_trim(text),
		   path_join(a, sv_of(p->git->common_dir), SV("objects")));
}

/* Is what lies at the recorded place what prun has made there? */
static bool
is_our_folder(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, struct err *e)
{
	const char *admin = pool_admin_dir(p, r->path);
	struct stat st;

	if (lstat(r->path, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return not_ours(e, r->path);
		if ((r->inode == 0 ? !is_empty_dir(r->path)
				   : r->inode != (int64_t)st.st_ino) &&
		    !says_it_is_ours(p, t, r, admin))
			return not_ours(e, r->path);
	}
	return admin == NULL || admin_is_ours(p, t, admin, r->path, e);
}

/* How git's record of a branch that somebody has made begins.  prun makes its
 * own from a full id, and the beginning goes with the first cleaning. */
static bool
has_foreign_birth(const struct pool *p, const char *branch)
{
	static const char head[] = "branch: Created from ";
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", branch);
	sv text, line, first = { NULL, 0 };

	if (!git_try(p->git, GIT_WORDS("reflog", "show", "--format=%gs", ref),
		&text))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (line.n > 0)
			first = line;
	}
	if (!sv_starts(first, sv_of(head)))
		return sv_starts(first, SV("Branch: renamed"));
	first = sv_sub(first, sizeof(head) - 1, SIZE_MAX);
	return first.n != 40 && first.n != 64;
}

bool
pool_branch_is_free(const struct pool *p, const struct pool_tree *t, bool known,
    const char **commit, struct err *e)
{
	const char *where;

	if (!pool_branch_look(p, t->branch, commit, &where, e))
		return false;
	if (**commit == '\0')
		return true;
	if (*where != '\0')
		return err_set(e, ERR_GENERIC,
		    "prun: the branch %s is checked out in %s", t->branch,
		    where);
	if (known && !has_foreign_birth(p, t->branch))
		return true;
	return err_set(e, ERR_GENERIC,
	    "prun: there is a branch %s that is not of prun's pool of "
	    "worktrees: rename it (git branch -m %s NAME)",
	    t->branch, t->branch);
}

/* ---- making ---- */

static bool
worktree_register(const struct pool *p, const struct pool_tree *t,
    const char *tip, struct err *e)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", t->branch);
	const char *reason = pool_reason(p, t->name);
	struct git git = pool_quiet(p->git);

	if (*tip == '\0')
		return git_run(&git,
		    GIT_WORDS("worktree", "add", "--quiet", "--no-track",
			"--no-checkout", "--lock", "--reason", reason, "-b",
			t->branch, t->path, p->commit),
		    NULL, e);
	/* no branch is made, so none can be tracked */
	return git_run(&git, GIT_WORDS("update-ref", ref, p->commit, tip), NULL,
		   e) &&
	       git_run(&git,
		   GIT_WORDS("worktree", "add", "--quiet", "--no-checkout",
		       "--lock", "--reason", reason, t->path, t->branch),
		   NULL, e);
}

/* The folder is made by us, so that a folder that is there is not taken, and
 * what is made can be told from it later. */
static bool
claim_folder(const struct pool *p, const struct pool_tree *t,
    struct pool_record *r, struct err *e)
{
	struct stat st;

	*r = (struct pool_record){ .mark = POOL_MAKING,
		.kind = p->kind,
		.path = t->path,
		.session = p->session,
		.commit = p->commit,
		.test = "",
		.why = "",
		.own = "",
		.prepared = "",
		.made_ns = clock_real_ns() };
	if (!mkdir_all(p->dir, 0777, e) || path_exists(t->path))
		return err_is_set(e) ? false : not_ours(e, t->path);
	if (!pool_record_write(p, t->name, r, e))
		return false;
	if (mkdir(t->path, 0777) != 0 || lstat(t->path, &st) != 0)
		return err_sys(e, errno, "prun: make %s", t->path);
	r->inode = (int64_t)st.st_ino;
	return pool_record_write(p, t->name, r, e);
}

static bool
make_new(const struct pool *p, const struct pool_tree *t, struct pool_record *r,
    bool known, struct err *e)
{
	int book cleanup_close = -1;
	const char *tip = "";
	struct git tree;

	if (!pool_book_lock(p, &book, e))
		return false;
	if (pool_admin_dir(p, t->path) != NULL)
		return not_ours(e, t->path);
	if (p->kind == POOL_WORKTREE &&
	    !pool_branch_is_free(p, t, known, &tip, e))
		return false;
	if (!claim_folder(p, t, r, e))
		return false;
	/* a clone writes nothing that anybody else reads */
	if (p->kind == POOL_CLONE) {
		close(book);
		book = -1;
		if (!pool_clone_make(p, t, e))
			return false;
	} else {
		if (!worktree_register(p, t, tip, e) ||
		    !git_open(p->git->a, t->path, p->git->env, &tree, e))
			return false;
		r->own = pool_own_config(&tree);
	}
	r->mark = POOL_MADE;
	r->is_clean = true;
	return pool_record_write(p, t->name, r, e);
}

/* What is there although no record says so: the record was lost, or somebody
 * has removed it. */
static bool
adopt(const struct pool *p, const struct pool_tree *t, struct pool_record *r)
{
	const char *admin = pool_admin_dir(p, t->path);
	struct stat st;

	if (admin == NULL ||
	    !pool_reason_is_ours(pool_admin_reason(p, admin), t->name))
		return false;
	*r = (struct pool_record){ .mark = POOL_MADE,
		.kind = POOL_WORKTREE,
		.path = t->path,
		.session = p->session,
		.commit = "",
		.test = "",
		.why = "",
		.own = "",
		.prepared = "",
		.made_ns = clock_real_ns() };
	if (lstat(t->path, &st) == 0)
		r->inode = (int64_t)st.st_ino;
	return true;
}

/* Why it cannot stay as it is; NULL: it can. */
static const char *
why_unmake(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r)
{
	if (r->mark == POOL_MAKING)
		return "was left half made";
	if (!path_is_dir(r->path))
		return "its folder is gone";
	if (r->kind == POOL_WORKTREE && pool_admin_dir(p, r->path) == NULL)
		return "git does not know it any more";
	if (r->kind != p->kind)
		return p->kind == POOL_CLONE ? "was no clone" : "was a clone";
	return strcmp(r->path, t->path) == 0 ? NULL : "was elsewhere";
}

bool
pool_make(const struct pool *p, struct pool_tree *t, struct pool_record *r,
    struct err *e)
{
	bool known = pool_record_read(p, t->name, r) || adopt(p, t, r);
	const char *why;

	t->fresh = false;
	if (known) {
		if (!is_our_folder(p, t, r, e))
			return false;
		why = why_unmake(p, t, r);
		if (why == NULL)
			return true;
		if (r->mark != POOL_MAKING || path_exists(r->path))
			pool_say(p, "%s: %s; made anew", t->name, why);
		if (!pool_unmake(p, t, r, e))
			return false;
	}
	t->fresh = true;
	return make_new(p, t, r, known, e);
}

/* ---- unmaking ---- */

void
pool_unlock_branch(const struct pool *p, const struct pool_tree *t)
{
	unlink(arena_printf(
	    p->git->a, "%s/refs/heads/%s.lock", p->git->common_dir, t->branch));
}

static bool
worktree_unregister(const struct pool *p, const struct pool_tree *t,
    const char *path, struct err *e)
{
	struct git git = pool_quiet(p->git);
	struct err why cleanup_err = ERR_INIT;
	const char *admin;
	int book cleanup_close = -1;

	if (!pool_book_lock(p, &book, e))
		return false;
	admin = pool_admin_dir(p, path);
	/* what git cannot read any more it does not remove either */
	if (admin != NULL &&
	    !git_run(&git,
		GIT_WORDS("worktree", "remove", "--force", "--force", path),
		NULL, &why) &&
	    pool_admin_dir(p, path) != NULL && !remove_all(admin, e))
		return false;
	pool_admin_sweep_dead(p, t->name, path);
	return true;
}

bool
pool_unmake(const struct pool *p, const struct pool_tree *t,
    struct pool_record *r, struct err *e)
{
	if (!is_our_folder(p, t, r, e) || !pool_keep(p, t, r, NULL, e))
		return false;
	pool_unlock_branch(p, t);
	r->mark = POOL_MAKING;
	r->prepared = "";
	if (!pool_record_write(p, t->name, r, e) ||
	    !pool_remove_folder(r->path, e))
		return false;
	if (r->kind == POOL_WORKTREE && !worktree_unregister(p, t, r->path, e))
		return false;
	submodules_forget(p->git, pool_tree_file(p, t->name, ".modules"));
	return true;
}
