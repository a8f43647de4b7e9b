/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/worktree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "vcs/lfs.h"
#include "vcs/submodules.h"

/* Names are OWNER-NAME, and OWNER-lock is locked while they are in use. */
#define LOCK_SUFFIX "-lock"

static const char *
in_folder(const struct worktrees *w, const char *name)
{
	return path_join(w->git->a, sv_of(w->folder), sv_of(name));
}

/* A new lock file, locked; NULL: none can be made.  Before it is locked
 * somebody may take it for a dead one's. */
static char *
make_lock(struct worktrees *w)
{
	for (;;) {
		char *path = arena_strdup(
		    w->git->a, in_folder(w, "own.XXXXXX" LOCK_SUFFIX));

		w->lock_fd = mkstemps(path, sizeof(LOCK_SUFFIX) - 1);
		if (w->lock_fd < 0)
			return NULL;
		fcntl(w->lock_fd, F_SETFD, FD_CLOEXEC);
		if (lock_wait(w->lock_fd, LOCK_KIND_ALONE) != LOCK_TAKEN ||
		    lock_is_current(w->lock_fd, path))
			return path;
		close(w->lock_fd);
	}
}

const char *
worktrees_path(struct worktrees *w, const char *name)
{
	struct arena *a = w->git->a;
	struct err ignored cleanup_err = ERR_INIT;
	char *lock;
	sv base;

	if (w->owner == NULL) {
		/* what cannot be made here will not be there either */
		worktrees_make_folder(w, &ignored);
		lock = make_lock(w);
		base = sv_of(
		    path_base(a, sv_of(lock ? lock : "none" LOCK_SUFFIX)));
		w->owner = sv_cstr(
		    a, sv_sub(base, 0, base.n - (sizeof(LOCK_SUFFIX) - 1)));
	}
	return in_folder(w, arena_printf(a, "%s-%s", w->owner, name));
}

void
worktrees_close(struct worktrees *w)
{
	if (w->owner != NULL && w->lock_fd >= 0) {
		unlink(worktrees_path(w, &LOCK_SUFFIX[1]));
		close(w->lock_fd);
	}
	w->owner = NULL;
}

bool
worktrees_make_folder(const struct worktrees *w, struct err *e)
{
	return mkdir_all(w->folder, 0700, e);
}

/* Git with one more variable in its environment. */
static struct git
git_with(const struct git *g, const char *assignment)
{
	struct git git = *g;
	size_t n = 0;

	git.env = git_clean_env(g->a, g->env);
	while (git.env[n] != NULL)
		n++;
	/* git_clean_env() leaves room for two more */
	git.env[n] = (char *)assignment;
	return git;
}

/* The index as a commit, so that it can be checked out (pre-commit); git hands
 * the hook the index that it is about to commit, and a copy of it is read. */
bool
worktrees_commit_of_index(
    struct worktrees *w, const char *index, const char **commit, struct err *e)
{
	struct arena *a = w->git->a;
	const char *tree, *copy;
	struct git git;
	bool ok;
	sv text;

	index = index != NULL ? path_abs(a, sv_of(index))
			      : path_join(a, sv_of(w->git->git_dir), SV("index"));
	copy = worktrees_path(w, "index");
	if (!worktrees_make_folder(w, e) || (path_exists(index) &&
		(!read_file(a, index, &text, e) ||
		    !write_atomic(copy, text, 0600, e))))
		return false;
	git = git_with(w->git, arena_printf(a, "GIT_INDEX_FILE=%s", copy));
	ok = git_line(&git, GIT_WORDS("write-tree"), &tree, e) &&
	    git_line(&git, GIT_WORDS("-c", "user.name=prun", "-c",
		"user.email=prun@localhost", "commit-tree", "-m", "index",
		tree), commit, e);
	unlink(copy);
	return ok;
}

/* Beside a work tree: what is to be undone in other repositories. */
static const char notes_suffix[] = ".modules";

static const char *
notes_of(const struct worktrees *w, const char *path)
{
	return arena_printf(w->git->a, "%s%s", path, notes_suffix);
}

static void
remove_tree(const struct worktrees *w, const char *path)
{
	struct err none cleanup_err = ERR_INIT;
	struct git git = *w->git;

	git.own_group = true;
	if (git_try(&git, GIT_WORDS("worktree", "remove", "--force",
		"--force", path), NULL))
		return;
	remove_all(path, &none);
	git_try(&git, GIT_WORDS("worktree", "remove", "--force", "--force",
	    path), NULL);
}

/* The folder goes, and so does git's note of it: no `git worktree prune`, which
 * would take other people's. */
void
worktrees_remove(const struct worktrees *w, const char *path)
{
	remove_tree(w, path);
	submodules_forget(w->git, notes_of(w, path));
}

/* Whose lock nobody holds; it goes while it is held, so that an owner that was
 * just about to take it makes another.  A name without a lock is of an owner
 * that is gone, or of an older version, which began with a pid. */
static bool
is_of_nobody(const struct worktrees *w, const char *name)
{
	struct arena *a = w->git->a;
	const char *lock;
	sv owner, rest;
	int fd cleanup_close = -1;

	if (!sv_cut(sv_of(name), '-', &owner, &rest) ||
	    (!sv_starts(owner, SV("own.")) && (*name < '0' || *name > '9')))
		return false;
	lock =
	    in_folder(w, arena_printf(a, "%s" LOCK_SUFFIX, sv_cstr(a, owner)));
	fd = lock_open(lock, LOCK_FILE_LOOK, 0);
	if (fd < 0)
		return errno == ENOENT;
	return lock_try(fd, LOCK_KIND_ALONE) == LOCK_TAKEN && unlink(lock) == 0;
}

/* Of a folder that is gone the notes may be left. */
static void
remove_dead_entry(const struct worktrees *w, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	const char *path = path_join(w->git->a, sv_of(w->folder), sv_of(name));

	if (sv_ends(sv_of(name), sv_of(notes_suffix)))
		submodules_forget(w->git, path);
	else
		remove_all(path, &none);
}

/* Those that are registered, then what else lies in the folder: a gate may have
 * died before its folder was there, or after it was gone. */
static void
remove_dead_worktrees(const struct worktrees *w)
{
	struct arena *a = w->git->a;
	sv head = sv_of(arena_printf(a, "worktree %s/", w->folder));
	DIR *d cleanup_dir = opendir(w->folder);
	struct dirent *entry;
	sv text = { NULL, 0 }, line;

	git_try(w->git, GIT_WORDS("worktree", "list", "--porcelain"), &text);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (sv_starts(line, head) &&
		    is_of_nobody(w, sv_cstr(a, sv_sub(line, head.n, SIZE_MAX))))
			worktrees_remove(w, sv_cstr(a, sv_sub(line,
			    sizeof("worktree ") - 1, SIZE_MAX)));
	}
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (is_of_nobody(w, entry->d_name))
			remove_dead_entry(w, entry->d_name);
}

/* What git leaves empty. */
static bool
fill_tree(const struct worktrees *w, const char *path, struct err *e)
{
	struct submodules s = { w->git, notes_of(w, path), false };
	struct git tree;

	if (!git_open(w->git->a, path, w->git->env, &tree, e))
		return false;
	lfs_fill(&tree, w->git);
	return submodules_fill(&s, &tree, e);
}

/* Without the user's hooks: a post-checkout hook is for the user's own trees. */
bool
worktrees_add(struct worktrees *w, const char *commit, const char **path,
    struct err *e)
{
	if (!worktrees_make_folder(w, e))
		return false;
	remove_dead_worktrees(w);
	*path = worktrees_path(w, arena_printf(w->git->a, "%d", w->made++));
	if (git_run(w->git, GIT_WORDS("-c", "core.hooksPath=/dev/null",
		"worktree", "add", "--quiet", "--detach", "--force", *path,
		commit), NULL, e) &&
	    fill_tree(w, *path, e))
		return true;
	worktrees_remove(w, *path);
	return false;
}

/* A clean tree is its commit; only another one is looked at file by file. */
bool
worktree_take_mark(const struct worktrees *w, const struct git *git,
    struct worktree_mark *m, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	const char *tree;
	change_vec changes;
	bool has_head;
	sv text;

	*m = (struct worktree_mark){ "", "", "HEAD" };
	if (!git_status(git, &changes, e))
		return false;
	if (!git_ask(git, GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"),
		&has_head, &text, e))
		return false;
	if (has_head)
		m->head = sv_cstr(git->a, sv_trim(text));
	for (size_t i = 0; i < changes.n; i++)
		sb_printf(&b, "%s %s\n", changes.v[i].state,
		    changes.v[i].path);
	if (changes.n > 0) {
		m->first = changes.v[0].path;
		if (!worktrees_make_folder(w, e) ||
		    !git_worktree_tree(git, w->folder, &tree, e))
			return false;
		sb_adds(&b, tree);
	}
	m->files = sb_take(&b, git->a).p;
	return true;
}

const char *
worktree_clean_id(const struct git *git)
{
	struct err none cleanup_err = ERR_INIT;
	change_vec changes;
	const char *tree;

	if (!git_status(git, &changes, &none) || changes.n > 0 ||
	    git_hides_changes(git) ||
	    !git_line(git, GIT_WORDS("rev-parse", "-q", "--verify",
		"HEAD^{tree}"), &tree, &none))
		return NULL;
	return tree;
}
