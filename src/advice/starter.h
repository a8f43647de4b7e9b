/* SPDX-License-Identifier: MIT */
/*
 * The first Taskfile of a repository, by what lies in its folder.
 * May include: base/.
 */
#ifndef ADVICE_STARTER_H
#define ADVICE_STARTER_H

#include "base/arena.h"

/* A Taskfile with lint, test, build and qa for what `dir` holds (Go, Node,
 * Python, Rust, CMake, Meson, make, shell scripts; several make a list of calls
 * each), with `schema`, a path or an address, in its first line.  `dir` is only
 * read. */
char *starter_text(struct arena *a, const char *dir, const char *schema);

#endif
