/* SPDX-License-Identifier: MIT */
/*
 * The folder of links to prun that is first on the PATH of jobs.  Its path
 * follows from the repository and the program, so that it is the same in each
 * run and what keys on PATH (go's test cache, CMake, Bazel) is not disturbed.
 * Runs that overlap share it: each holds a lock on the folder itself, and the
 * last one removes it.  It lies in a folder of ours that nobody else can enter;
 * what somebody else put there first, a link among it, is not used.
 * May include: base/.
 */
#ifndef STORE_BIN_DIR_H
#define STORE_BIN_DIR_H

#include "store/state.h"

struct bin_dir {
	const char *path; /* "" when there is none */
	int fd;           /* has the lock */
};
#define BIN_DIR_INIT                                                           \
	{                                                                      \
		"", -1                                                         \
	}

/* The folder of the repository at `root` for `program` (absolute); false where
 * there can be none, and callers make one that is not shared. */
bool bin_dir_open(struct arena *a, const struct state_env *env,
    const char *root, const char *program, struct bin_dir *out);
/* Makes `name` a link to `program` in any folder; one to something else is
 * replaced, in one step.  false with errno. */
bool bin_dir_link(
    struct arena *a, const char *dir, const char *name, const char *program);
/* Gives it up: with the last run it goes. */
void bin_dir_close(struct bin_dir *d);

#endif
