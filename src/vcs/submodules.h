/* SPDX-License-Identifier: MIT */
/*
 * Submodules of a work tree of prun's own (P-704): as the user's checkout has
 * them, from the objects that lie here.  Nothing is fetched, no address or
 * command of a .gitmodules is used, and no repository of the user changes but
 * for the note of a work tree, which goes again.
 * May include: base/ to run/.
 */
#ifndef VCS_SUBMODULES_H
#define VCS_SUBMODULES_H

#include "vcs/git.h"

/* Where they come from, and what is noted of them. */
struct submodules {
	const struct git *user; /* the user's checkout */
	const char *notes;      /* file: who was told of which work tree */
	/* instead of work trees of the user's repositories, of which those are
	 * told: repositories of their own that borrow the objects */
	bool clones;
};

/* A commit of another repository, as the index names it. */
struct git_link {
	const char *path, *commit;
};
typedef VEC(struct git_link) git_link_vec;
/* Those of the work tree; what a sparse checkout leaves out is not among
 * them. */
bool submodules_list(const struct git *g, git_link_vec *out, struct err *e);
/* Does a repository lie at this place of the work tree? */
bool submodule_is_there(
    const struct git *g, const char *path, struct git *inner);

/* Fills the submodules of `tree`, and theirs, at the commits that it names; one
 * that is there at its commit is taken as it is.
 * One that is an empty folder in the user's checkout stays one; one that was
 * never made ready for use here stays empty, too.  false: the commit of one is
 * not there. */
bool submodules_fill(
    const struct submodules *s, const struct git *tree, struct err *e);
/* When that work tree is gone: takes away what was noted, and the notes. */
void submodules_forget(const struct git *g, const char *notes);
/* Which submodules, and which of theirs, lie in the checkout and which do not,
 * as a text; "" where it names none. */
const char *submodules_there(const struct git *g);

#endif
