/* SPDX-License-Identifier: MIT */
/*
 * A session: tests side by side, each in a work tree of its own (P-801 to
 * P-811).  This process is its coordinator, on one loop: a queue, workers that
 * are processes (worker.h), and what is written down (store/sessions.h).
 * Whatever ends it, the kernel and the guardians end the rest; what git was
 * left with, the next session repairs. May include: base/ to project/.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "session/request.h"

struct session_outcome {
	const char *id;     /* "" : it did not come so far */
	const char *folder; /* with a journal, as of a run; "" */
};

/* What it comes to as an exit status; false with an error where it could not
 * begin.  What is said of it stands on stderr, its report on stdout. */
bool session_run(struct project *p, const struct session_request *q,
    struct session_outcome *out, int *status, struct err *e);

/* --worktrees list, or clean: the pool of this repository, on stdout. */
bool session_show_pool(struct project *p, bool cleans, struct err *e);

#endif
