/* SPDX-License-Identifier: MIT */
/*
 * A worker of a session: a process of its own that may wait for git.  It has a
 * work tree of the pool for one test at a time, readies it, runs the test there
 * as a prun of its own, and says how that went.  It hears what to do on its
 * standard input, a socket, and answers there (talk.h); when that ends, or on
 * TERM, it ends what it runs and itself.  It has nothing that is not freed with
 * it: the tree's lease by the kernel, the test's processes by its guardian.
 * May include: base/ to project/.
 */
#ifndef SESSION_WORKER_H
#define SESSION_WORKER_H

#include "project/invocation.h"

/* The only argument of such a process. */
#define WORKER_WORD "__worker"

/* What it ends with. */
int worker_main(const struct invocation *in);

#endif
