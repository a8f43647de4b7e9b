/* SPDX-License-Identifier: MIT */
/*
 * Work trees: detached ones in a folder of the caller's, which are removed
 * again, the index as a commit, and what a tree is like.
 * May include: base/ to run/.
 */
#ifndef VCS_WORKTREE_H
#define VCS_WORKTREE_H

#include "vcs/git.h"

/* Where somebody keeps work trees and files, beside those of others.  A lock
 * tells that they are still in use: a pid would not, where processes of another
 * namespace use the folder as well. */
struct worktrees {
	const struct git *git; /* the repository that they belong to */
	const char *folder;    /* absolute; made when it is needed */
	int made;              /* so far */
	const char *owner;     /* what the names of all begin with, once there
				* is one */
	int lock_fd;           /* while there is an owner */
};

/* A file of one's own in the folder, which is made. */
const char *worktrees_path(struct worktrees *w, const char *name);
bool worktrees_make_folder(const struct worktrees *w, struct err *e);
/* What is left there is nobody's. */
void worktrees_close(struct worktrees *w);

/* A commit (of nobody's) of what git is about to commit.  `index`: the file
 * that git says holds that (GIT_INDEX_FILE); NULL: the repository's. */
bool worktrees_commit_of_index(
    struct worktrees *w, const char *index, const char **commit, struct err *e);
/* A detached work tree of the commit; what nobody uses any more is removed
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
