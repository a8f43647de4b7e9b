/* SPDX-License-Identifier: MIT */
/*
 * Would git ignore a file?  Reads the .gitignore files of a work tree with
 * git's own meaning (C-341 to C-343); no global file, no process.
 * May include: arena.h, str.h, io.h, map.h, match.h, path.h.
 */
#ifndef BASE_GITIGNORE_H
#define BASE_GITIGNORE_H

#include "base/str.h"

struct gitignore;

/* The rules of the work tree that `dir` (absolute) lies in: the nearest
 * ancestor with a .git entry; NULL outside of one.  Files are read when a path
 * below them is asked for, once per gitignore. */
struct gitignore *gitignore_open(struct arena *a, const char *dir);
/* Is this file (absolute path) ignored, by itself or by a folder above it?
 * Never for one outside of the work tree. */
bool gitignore_matches(struct gitignore *g, const char *path);

#endif
