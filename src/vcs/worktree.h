/* SPDX-License-Identifier: MIT */
/*
 * Work trees: detached ones in a folder of the caller's, which are removed
 * again, the index as a commit, and what a tree is like.
 * May include: base/ to run/.
 */
#ifndef VCS_WORKTREE_H
#define VCS_WORKTREE_H

#include "vcs/git.h"

/* Where a process keeps its work trees and files, beside those of others. */
struct worktrees {
	const struct git *git; /* the repository that they belong to */
	const char *folder;    /* absolute; made when it is needed */
	int made;	       /* so far, by this process */
};

/* A file of this process's own in the folder. */
const char *worktrees_path(const struct worktrees *w, const char *name);
bool worktrees_make_folder(const struct worktrees *w, struct err *e);

/* A commit (of nobody's) of what git is about to commit.  `index`: the file
 * that git says holds that (GIT_INDEX_FILE); NULL: the repository's. */
bool worktrees_commit_of_index(const struct worktrees *w, const char *index,
    const char **commit, struct err *e);
/* A detached work tree of the commit; what dead processes left is removed
 * first. */
bool worktrees_add(struct worktrees *w, const char *commit, const char **path,
    struct err *e);
void worktrees_remove(const struct worktrees *w, const char *path);

/* What a tree is like, to be compared with what it was. */
struct worktree_mark {
	const char *head, *files;
	const char *first; /* the first change in it, for messages */
};
/* `git`: of the tree itself. */
bool worktree_take_mark(const struct worktrees *w, const struct git *git,
    struct worktree_mark *m, struct err *e);
/* Tree id of HEAD when nothing differs from it, else NULL. */
const char *worktree_clean_id(const struct git *git);

#endif
