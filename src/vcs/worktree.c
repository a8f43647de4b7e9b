/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/worktree.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/host.h"
#include "base/io.h"
#include "base/path.h"

/* The names begin with the process, so that what a killed one left is found and
 * removed by the next. */
const char *
worktrees_path(const struct worktrees *w, const char *name)
{
	struct arena *a = w->git->a;

	return path_join(a, sv_of(w->folder),
	    sv_of(arena_printf(a, "%ld-%s", (long)getpid(), name)));
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
worktrees_commit_of_index(const struct worktrees *w, const char *index,
    const char **commit, struct err *e)
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

/* The folder goes, and so does git's note of it: no `git worktree prune`, which
 * would take other people's. */
void
worktrees_remove(const struct worktrees *w, const char *path)
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

static bool
is_of_dead_process(const char *name)
{
	long pid = strtol(name, NULL, 10);

	return pid > 0 && !process_is_there(pid);
}

/* Those that are registered, then what else lies in the folder: a gate may have
 * died before its folder was there, or after it was gone. */
static void
remove_dead_worktrees(const struct worktrees *w)
{
	struct arena *a = w->git->a;
	struct err none cleanup_err = ERR_INIT;
	sv head = sv_of(arena_printf(a, "worktree %s/", w->folder));
	DIR *d cleanup_dir = opendir(w->folder);
	struct dirent *entry;
	sv text = { NULL, 0 }, line;

	git_try(w->git, GIT_WORDS("worktree", "list", "--porcelain"), &text);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (sv_starts(line, head) && is_of_dead_process(line.p + head.n))
			worktrees_remove(w, sv_cstr(a, sv_sub(line,
			    sizeof("worktree ") - 1, SIZE_MAX)));
	}
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (is_of_dead_process(entry->d_name))
			remove_all(path_join(a, sv_of(w->folder),
			    sv_of(entry->d_name)), &none);
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
		commit), NULL, e))
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
