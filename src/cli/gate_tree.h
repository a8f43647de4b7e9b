/* SPDX-License-Identifier: MIT */
/*
 * The trees on which a gate works: work trees of its own, which it removes
 * again, the index as a commit, and what a tree is like.  For gate.c.
 * May include: everything below cli/.
 */
#ifndef CLI_GATE_TREE_H
#define CLI_GATE_TREE_H

#include "cli/gate.h"

/* A file of this gate's own; "" is the folder of all of them. */
const char *gate_path(struct gate *g, const char *name);
bool gate_make_folder(struct gate *g, struct err *e);

/* A commit (of nobody's) of what git is about to commit, for pre-commit. */
bool gate_commit_of_index(struct gate *g, const char **commit,
    struct err *e);
/* A detached work tree of the commit; what dead gates left is removed first. */
bool gate_add_worktree(struct gate *g, const char *commit, const char **path,
    struct err *e);
void gate_remove_worktree(struct gate *g, const char *path);

/* What a tree was like: nothing of it may be another after a check. */
struct gate_mark {
	const char *head, *files;
	const char *first; /* the first change in it, for messages */
};
bool gate_take_mark(struct gate *g, const char *top, struct gate_mark *m,
    struct err *e);

#endif
