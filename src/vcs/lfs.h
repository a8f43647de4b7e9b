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

/* A large file that is a pointer in `tree`, and content in the user's checkout
 * (NULL: whatever it is there); NULL: there is none. */
const char *lfs_pointer(const struct git *tree, const struct git *user);
/* The large files of `tree` that are no pointers. */
void lfs_filled(const struct git *tree, string_vec *out);
/* Fills the pointers in `tree` from the objects that lie here, if the same
 * files of the user's checkout are filled; nothing is fetched. */
void lfs_fill(const struct git *tree, const struct git *user);

#endif
