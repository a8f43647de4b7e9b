/* SPDX-License-Identifier: MIT */
/*
 * What ends a job with a prun that is killed before there is a guardian: the
 * kernel itself.  Both ends of a pipe are prun's; who owns an end is told by a
 * signal when the other one closes, and the signal is KILL.  When prun dies,
 * one end closes first, in whatever order.  Linux alone can do that: F_SETSIG.
 * For exec/ only.
 * May include: base/.
 */
#ifndef EXEC_LEASH_H
#define EXEC_LEASH_H

#include <stdbool.h>

/* false: there is none, and nothing to close. */
bool leash_make(int fds[2]);
/* By the new process, between vfork and exec: from now on it is on the leash,
 * with its group if it has one of its own; nobody else is any more. */
void leash_take(const int fds[2], bool own_group);
/* Nobody is on it; closed. */
void leash_free(int fds[2]);

#endif
