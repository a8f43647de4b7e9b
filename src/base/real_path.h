/* SPDX-License-Identifier: MIT */
/*
 * What a path leads to on the file system.  A path that was typed, or that
 * $PWD names, may come through links; git and whoever compares files need the
 * one name that a file has without them.
 * May include: arena.h, path.h, str.h, vec.h.
 */
#ifndef BASE_REAL_PATH_H
#define BASE_REAL_PATH_H

#include "base/str.h"
#include "base/vec.h"

typedef VEC(const char *) trail_vec;

/* The path without links; what does not exist (yet, or any more) is named as
 * it would be.  Relative ones start at the process's directory. */
const char *path_real(struct arena *a, const char *path);
/* The same for the folder alone: the last name may be that of a link. */
const char *path_real_place(struct arena *a, const char *path);
/* The places of all links on the way, in order, then where it ends. */
void path_trail(struct arena *a, const char *path, trail_vec *out);

#endif
