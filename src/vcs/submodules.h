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
};

/* Fills the submodules of `tree`, and theirs, at the commits that it names.
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
