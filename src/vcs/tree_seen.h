/* SPDX-License-Identifier: MIT */
/*
 * What --push must know of the course of a run: the tree that its readers saw
 * (P-708).  A reader of events, and of what the engine tells before somebody
 * looks at the tree.
 * May include: base/ to run/.
 */
#ifndef VCS_TREE_SEEN_H
#define VCS_TREE_SEEN_H

#include "run/run.h"
#include "vcs/git.h"
#include "vcs/tree_still.h"

struct tree_seen {
	const struct git *git; /* NULL: nobody asks */
	const char *scratch_dir;
	const char *tree; /* as the first reader saw it; NULL: not known */
	struct tree_still still; /* the same, to see who touches it later */
	bool is_spoiled;  /* the readers saw more than one tree */
	bool has_read;    /* a reader has begun */
	unsigned writing; /* jobs of writers that run now */
};

/* `git`: the repository whose tree is looked at (NULL: none), with a private
 * folder for it; both live as long as the run. */
void tree_seen_init(
    struct tree_seen *w, const struct git *git, const char *scratch_dir);
struct sink tree_seen_sink(struct tree_seen *w);
/* run_config.before_read: looks at the tree, once, by several runs of git; none
 * of it inside an event. */
void tree_seen_before_read(
    struct tree_seen *w, const struct run_call *call, bool is_shared);
/* Id of the tree, with all that is not ignored, on which every task but those
 * with `writes` ran from its first command on; NULL: there is no such tree, or
 * no such task. */
const char *tree_seen_id(const struct tree_seen *w);

#endif
