/* SPDX-License-Identifier: MIT */
/*
 * Where the running program lies, and what was installed with it.
 * May include: base/.
 */
#ifndef PROJECT_PROGRAM_H
#define PROJECT_PROGRAM_H

#include "base/arena.h"

/* Absolute path of the program that was started as `argv0`, for hooks and
 * children; argv0 itself where it cannot be told. */
const char *program_path(struct arena *a, const char *argv0);
/* The JSON schema of Taskfiles that was installed with the program, as a path
 * for editors: beside it as the phases are, else the place of the installation,
 * whether it is there or not. */
const char *program_schema(struct arena *a, const char *program);
/* The same as it was asked for: through the links that lead to it, which stay
 * where a package that is upgraded goes.  `path`: of the environment (may be
 * NULL); `program`: of program_path(). */
const char *program_asked_for(
    struct arena *a, const char *argv0, const char *path, const char *program);
/* The folder that `prun:NAME` in includes names a file of (P-1401): `told`
 * (PRUN_TASKFILES; may be NULL), else what lies beside the program (a build in
 * its source tree, an installation that was moved), else the place it was
 * installed to.  `program`: of program_path(). */
const char *program_phases_dir(
    struct arena *a, const char *program, const char *told);

#endif
