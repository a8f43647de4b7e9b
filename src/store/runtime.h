/* SPDX-License-Identifier: MIT */
/*
 * The user's private folder for what lives as long as a run: sockets, and links
 * to prun.  Each user of it has a folder of its own there, or shares one, under
 * a lock; what nobody has locked was left by a run that was killed.  The next
 * run that ends removes it, and not one that begins: nobody waits for it.
 * May include: base/.
 */
#ifndef STORE_RUNTIME_H
#define STORE_RUNTIME_H

#include "store/state.h"

/* How the names of folders begin that runs share (store/bin_dir.h). */
#define RUNTIME_SHARED "bin-"

/* Where it may be, the best place first; nothing is made.  NULL: not there. */
enum {
	RUNTIME_BASES = 2
};
char *runtime_base(struct arena *a, const struct state_env *env, int i);

/* A new private folder (0700) with a path short enough for socket names of 30
 * bytes below it.  As long as *lock_fd is open (-1 where nothing can be locked),
 * it is in use. */
bool runtime_dir_new(struct arena *a, const struct state_env *env, char **out,
    int *lock_fd, struct err *e);
/* Removes it, closes the lock, and removes what runs that were killed left
 * beside it. */
void runtime_dir_end(const char *dir, int *lock_fd);

/* Removes the folder, open as `fd`, where no run has it.  Who opens it meanwhile
 * finds that it is not the one that has the name, and makes another. */
void runtime_remove_unused(const char *path, int fd);

#endif
