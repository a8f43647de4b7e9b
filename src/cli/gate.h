/* SPDX-License-Identifier: MIT */
/*
 * The gate of a hook (P-702 to P-708): checks a commit by running tasks on
 * exactly its files, in place or in a detached work tree of its own.
 * May include: everything below cli/.
 */
#ifndef CLI_GATE_H
#define CLI_GATE_H

#include "cli/app.h"
#include "vcs/git.h"

struct gate {
	struct app *app;
	struct git git;
	const char *hook;	   /* "pre-push" */
	struct config_hook config;
	string_vec tasks;	   /* asked for; empty: the hook's default */
	string_vec assignments;	   /* PUSH_REMOTE=… */
	const char *range;	   /* what is new in it; "": not known */
	int n_worktrees;	   /* made so far */
	int signal;		   /* that ended it, or 0 */
};

/* Runs the tasks on a commit (NULL: on this tree as it is; "": on what the index
 * holds, for pre-commit).
 * false: refused, with the reason in *e (what failed was shown already). */
bool gate_check(struct gate *g, const char *commit, struct err *e);

/* The tasks that a hook runs when none is named: the hook's own name, else
 * qa-parallel, else qa; derived only where none is written (P-702, P-704).  The
 * last three are for hooks that come before something (pre-…). */
bool gate_default_tasks(struct app *app, const char *hook, string_vec *out,
    struct err *e);

/* ---- receipts (P-706) ---- */

/* Name of a file in the state folder: gates use this repository. */
#define RECEIPTS_WANTED "gated"

/* What a receipt attests: tree, tasks, Taskfiles outside the tree, versions. */
char *receipt_key(struct app *app, const char *tree, const string_vec *tasks);
const char *receipt_dir(struct app *app);
/* After a run that passed whole on a tree that was clean before and is now:
 * leaves a receipt. `before` is the tree id of then, NULL: it was not clean. */
void receipt_leave(struct app *app, const char *before,
    const call_vec *calls, const char *run_id);
/* Tree id of HEAD when nothing differs from it, else NULL. */
const char *clean_tree(struct app *app);

#endif
