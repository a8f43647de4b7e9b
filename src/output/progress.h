/* SPDX-License-Identifier: MIT */
/*
 * The live status block below the scrolling output of a terminal (P-501): who
 * runs and since when, how much is done, what failed, how long it may take yet.
 * It wraps each write of the terminal, so that it is always the last thing.
 * May include: base/ to run/.
 */
#ifndef OUTPUT_PROGRESS_H
#define OUTPUT_PROGRESS_H

#include "output/below.h"
#include "output/term.h"
#include "plan/plan.h"
#include "run/run.h"

struct progress_options {
	struct term *term;
	struct loop *loop;       /* for its timer */
	const struct plan *plan; /* with times; NULL: nothing is known */
	int slots;
	/* below_look() if NULL */
	enum below_why (*look)(
	    const struct below *b, size_t *columns, size_t *rows);
};

struct progress;
/* Takes term->before until progress_free(). */
struct progress *progress_new(const struct progress_options *o);
void progress_free(struct progress *p);
/* To be the last of the sinks. */
struct sink progress_sink(struct progress *p);

#endif
