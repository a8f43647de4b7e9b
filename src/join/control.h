/* SPDX-License-Identifier: MIT */
/*
 * Who joins a run: the links named `task:NAME` that a script calls (P-104), and
 * nested runs, which ask for their slots here (P-108).  It hangs on the hooks
 * of a run and is all that the run's makers need to know of the folder.
 * May include: base/ to run/.
 */
#ifndef JOIN_CONTROL_H
#define JOIN_CONTROL_H

#include "join/outer_run.h"
#include "run/member.h"

struct control_options {
	/* absolute path of prun, to which links point; NULL: nobody can join */
	const char *program;
	/* the repository whose runs share their folder of links; NULL: it is
	 * below the run's own */
	const char *root;
	/* a new private folder in `a`, short enough for sockets in it; it is
	 * removed with the run, and *lock_fd closed then, which says until then
	 * that it is in use (-1: nothing does).  NULL: there is none.  Set with
	 * `program`. */
	const char *(*runtime_dir)(struct arena *a, int *lock_fd);
	/* what no run below may show or keep either, and what they say of the
	 * same; lent.  NULL: nothing is told */
	struct secrets *secrets;
	/* the run's own place in an outer one, which rests when the run is
	 * over; lent.  NULL: it is the outermost */
	struct outer_run *outer;
};

struct control;
/* For one run. */
struct control *control_new(const struct control_options *o);
/* For run_config.hooks; lent as long as the run. */
const struct run_hooks *control_hooks(const struct control *k);
/* Behind run_free(); NULL is fine. */
void control_free(struct control *k);

#endif
