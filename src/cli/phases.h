/* SPDX-License-Identifier: MIT */
/*
 * Where the ready-made phases lie (P-1401).
 * May include: base.
 */
#ifndef CLI_PHASES_H
#define CLI_PHASES_H

#include "base/arena.h"

/* The folder that `prun:NAME` in includes names a file of: PRUN_TASKFILES,
 * else what lies beside the program `argv0` (a build in its source tree, an
 * installation that was moved), else the place it was installed to. */
const char *phases_dir(struct arena *a, const char *argv0);

#endif
