/* SPDX-License-Identifier: MIT */
/*
 * What --push must know of the course of a run: the tree that its readers saw
 * (P-708).  A reader of events.
 * May include: everything below cli/.
 */
#ifndef CLI_WITNESS_H
#define CLI_WITNESS_H

#include "run/run.h"
#include "vcs/git.h"

struct witness {
	const struct git *git; /* NULL: nobody asks */
	const char *scratch_dir;
	const char *tree; /* as the first reader saw it; NULL: not known */
	bool is_spoiled;  /* the readers saw more than one tree */
	bool has_read;	  /* a reader has begun */
	unsigned writing; /* jobs of writers that run now */
};

/* `git`: the repository whose tree is looked at (NULL: none), with a private
 * folder for it; both live as long as the run. */
void witness_init(struct witness *w, const struct git *git,
    const char *scratch_dir);
struct sink witness_sink(struct witness *w);
/* Id of the tree, with all that is not ignored, on which every task but those
 * with `writes` ran from its first command on; NULL: there is no such tree, or
 * no such task. */
const char *witness_tree(const struct witness *w);

#endif
