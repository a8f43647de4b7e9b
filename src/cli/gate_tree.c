/* SPDX-License-Identifier: MIT */
/* The trees on which a gate works. */
#include "config.h"

#include "cli/gate_tree.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/run_setup.h"

/* Work trees and files of a gate's own; their names begin with the process, so
 * that what a killed gate left is found and removed by the next one. */
const char *
gate_path(struct gate *g, const char *name)
{
	struct arena *a = g->app->a;
	struct state state;

	setup_state(g->app, &state);
	return path_join(a, sv_of(state_path(a, &state, "gate")),
	    sv_of(*name != '\0' ? arena_printf(a, "%ld-%s", (long)getpid(),
		name) : ""));
}

bool
gate_make_folder(struct gate *g, struct err *e)
{
	return mkdir_all(gate_path(g, ""), 0700, e);
}

/* Git with one more variable in its environment. */
static struct git
git_with(struct gate *g, const char *assignment)
{
	struct git git = g->git;
	size_t n = 0;

	git.env = git_clean_env(g->app->a, g->git.env);
	while (git.env[n] != NULL)
		n++;
	/* git_clean_env() leaves room for two more */
	git.env[n] = (char *)assignment;
	return git;
}

/* The index as a commit, so that it can be checked out (pre-commit); git hands
 * the hook the index that it is about to commit, and a copy of it is read. */
bool
gate_commit_of_index(struct gate *g, const char **commit, struct err *e)
{
	struct arena *a = g->app->a;
	const char *index = getenv("GIT_INDEX_FILE"), *tree, *copy;
	struct git git;
	bool ok;
	sv text;

	index = index != NULL ? path_abs(a, sv_of(index))
			      : path_join(a, sv_of(g->git.git_dir), SV("index"));
	copy = gate_path(g, "index");
	if (!gate_make_folder(g, e) || (path_exists(index) &&
		(!read_file(a, index, &text, e) ||
		    !write_atomic(copy, text, 0600, e))))
		return false;
	git = git_with(g, arena_printf(a, "GIT_INDEX_FILE=%s", copy));
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
gate_remove_worktree(struct gate *g, const char *path)
{
	struct err none cleanup_err = ERR_INIT;
	struct git git = g->git;

	git.own_group = true;
	if (git_try(&git, GIT_WORDS("worktree", "remove", "--force",
		"--force", path), NULL) == 0)
		return;
	remove_all(path, &none);
	git_try(&git, GIT_WORDS("worktree", "remove", "--force", "--force",
	    path), NULL);
}

static bool
is_of_dead_gate(const char *name)
{
	long pid = strtol(name, NULL, 10);

	return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* Those that are registered, then what else lies in the folder: a gate may have
 * died before its folder was there, or after it was gone. */
static void
remove_dead_worktrees(struct gate *g)
{
	struct arena *a = g->app->a;
	struct err none cleanup_err = ERR_INIT;
	const char *folder = gate_path(g, "");
	sv head = sv_of(arena_printf(a, "worktree %s/", folder));
	DIR *d cleanup_dir = opendir(folder);
	struct dirent *entry;
	sv text = { NULL, 0 }, line;

	git_try(&g->git, GIT_WORDS("worktree", "list", "--porcelain"), &text);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (sv_starts(line, head) && is_of_dead_gate(line.p + head.n))
			gate_remove_worktree(g, sv_cstr(a, sv_sub(line,
			    sizeof("worktree ") - 1, SIZE_MAX)));
	}
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (is_of_dead_gate(entry->d_name))
			remove_all(path_join(a, sv_of(folder),
			    sv_of(entry->d_name)), &none);
}

/* Without the user's hooks: a post-checkout hook is for the user's own trees. */
bool
gate_add_worktree(struct gate *g, const char *commit, const char **path,
    struct err *e)
{
	if (!gate_make_folder(g, e))
		return false;
	remove_dead_worktrees(g);
	*path = gate_path(g, arena_printf(g->app->a, "%d", g->n_worktrees++));
	if (git_run(&g->git, GIT_WORDS("-c", "core.hooksPath=/dev/null",
		"worktree", "add", "--quiet", "--detach", "--force", *path,
		commit), NULL, e))
		return true;
	gate_remove_worktree(g, *path);
	return false;
}

/* A clean tree is its commit; only another one is looked at file by file. */
bool
gate_take_mark(struct gate *g, const char *top, struct gate_mark *m, struct err *e)
{
	struct git git;
	struct sb b cleanup_sb = SB_INIT;
	const char *tree;
	change_vec changes;
	sv text;

	*m = (struct gate_mark){ "", "", "HEAD" };
	if (!git_open(g->app->a, top, &git, e) ||
	    !git_status(&git, &changes, e))
		return false;
	if (git_try(&git, GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"),
		&text) == 0)
		m->head = sv_cstr(g->app->a, sv_trim(text));
	for (size_t i = 0; i < changes.n; i++)
		sb_printf(&b, "%s %s\n", changes.v[i].state,
		    changes.v[i].path);
	if (changes.n > 0) {
		m->first = changes.v[0].path;
		if (!gate_make_folder(g, e) || !git_worktree_tree(&git,
			gate_path(g, ""), &tree, e))
			return false;
		sb_adds(&b, tree);
	}
	m->files = sb_take(&b, g->app->a).p;
	return true;
}
