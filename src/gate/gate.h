/* SPDX-License-Identifier: MIT */
/*
 * The gate of a hook (P-702 to P-708): checks a commit by running tasks on
 * exactly its files, in place or in a detached work tree of its own.
 * May include: base/ to project/.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "project/project.h"
#include "vcs/worktree.h"

/* What the commit that was checked last has not of what its check needs. */
enum gate_lack {
	GATE_LACKS_NOTHING,
	GATE_LACKS_TASKFILE, /* the one that was named, or any */
	GATE_LACKS_TASK,     /* one that is asked for, or any of the default */
};

struct gate {
	struct project *p;
	struct git git;
	const char *hook;	   /* "pre-push" */
	struct config_hook config;
	string_vec tasks;	   /* asked for; empty: the hook's default */
	string_vec typed;          /* NAME=text of the command line */
	string_vec assignments;    /* these, and PUSH_REMOTE=… */
	const char *range;	   /* what is new in it; "": not known */
	enum gate_lack lacks;
	int signal;		   /* that ended it, or 0 */
	struct worktrees trees;	   /* its own */
};

/* Runs the tasks on a commit (NULL: on this tree as it is; "": on what the index
 * holds, for pre-commit).
 * false: refused, with the reason in *e (what failed was shown already). */
bool gate_check(struct gate *g, const char *commit, struct err *e);

/* The Taskfile of the user's checkout, as seen from its root, if it is in HEAD;
 * else NULL. */
const char *gate_own_taskfile(struct gate *g);

/* NAME=text for the tasks. */
void gate_assign(struct gate *g, const char *name, const char *text);

/* The tasks that a hook runs when none is named: the hook's own name, else
 * qa-parallel, else qa; derived only where none is written (P-702, P-704).  The
 * last three are for hooks that come before something (pre-…). */
bool gate_default_tasks(struct project *p, const char *hook, string_vec *out,
    struct err *e);

#endif
