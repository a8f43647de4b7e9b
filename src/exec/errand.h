/* SPDX-License-Identifier: MIT */
/*
 * A program that is sent for an answer while the loop goes on: it gets a text,
 * runs to its end, and what it printed comes back in one piece.  For a server,
 * which has others to serve meanwhile; capture.h is for those who can wait.
 * May include: base/, loop.h.
 */
#ifndef EXEC_ERRAND_H
#define EXEC_ERRAND_H

#include "base/err.h"
#include "exec/loop.h"

struct errand;

struct errand_options {
	const char *const *argv; /* NULL-ended; argv[0] is a path */
	const char *dir;         /* NULL: here */
	char *const *env;        /* NULL: this process's */
	sv input;
	size_t most;        /* of each stream; one who prints more is killed */
	int64_t timeout_ns; /* then it is killed; 0: it has time */
	bool outlives_us;   /* what it starts may go on without us */
};

struct errand_end {
	int status;  /* as a shell has it */
	sv out, err; /* valid during the call */
	bool too_much, too_late;
};

/* `fn` is called once, from the loop, never from within.  NULL: it could not be
 * started.  Nothing of `o` is needed afterwards. */
struct errand *errand_start(struct loop *l, const struct errand_options *o,
    void (*fn)(void *arg, const struct errand_end *end), void *arg,
    struct err *e);
/* Kills it, without a call of fn. */
void errand_stop(struct errand *r);

#endif
