/* SPDX-License-Identifier: MIT */
/*
 * A program that runs while the loop turns: what it writes is kept, up to a
 * bound, and its end is told.  It has no input, a group of its own, and ends
 * with this process where the system can do that.
 * May include: base/, loop.h.
 */
#ifndef EXEC_BACKGROUND_H
#define EXEC_BACKGROUND_H

#include "base/err.h"
#include "exec/loop.h"

struct background;

struct background_end {
	int status;  /* as a shell has it */
	sv out, err; /* what it wrote, until the callback returns */
	bool is_cut; /* there was more than the bound */
};

struct background_options {
	const char *const *argv; /* NULL-ended; argv[0] is a path */
	size_t most;             /* bytes of each stream */
	/* It has ended, once, from the loop; never when it was stopped.  Then
	 * the background is gone. */
	void (*done)(void *arg, const struct background_end *end);
	void *arg;
};

/* NULL: it could not be started. */
struct background *background_start(
    struct loop *l, const struct background_options *o, struct err *e);
/* Ends it and all that it started in its group; it is nobody's any more. */
void background_stop(struct background *b);

#endif
