/* SPDX-License-Identifier: MIT */
/*
 * Large files in a work tree of prun's own (P-704): where git is told to leave
 * git-lfs's pointers as they are (--skip-smudge) and the user has filled them
 * later.
 * May include: base/ to run/.
 */
#ifndef VCS_LFS_H
#define VCS_LFS_H

#include "vcs/git.h"

/* Fills the pointers in `tree` from the objects that lie here, if the same
 * files of the user's checkout are filled; nothing is fetched. */
void lfs_fill(const struct git *tree, const struct git *user);

#endif
