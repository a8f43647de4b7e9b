/* SPDX-License-Identifier: MIT */
/*
 * Runs and sessions that other processes have started and may be at still: what
 * has become of one, waiting for its end, ending it.  A lock in its folder says
 * whether it lives (store/state.h); detach.h has what else may lie there.
 * May include: base/ to store/.
 */
#ifndef PROJECT_AWAY_H
#define PROJECT_AWAY_H

#include "project/project.h"

struct away {
	const char *id, *folder;
	bool is_session;
};
/* By its id, a beginning of it that no other has, or "last": the newest run that
 * is not inside of another, or session, whichever is newer. */
bool away_find(
    struct project *p, const char *id, struct away *out, struct err *e);

struct away_state {
	bool is_live, is_killed; /* neither: it has ended */
	int status;		 /* of what has ended; of what was killed 137 */
	/* One line for people, "run ID has passed in 3.1s". */
	const char *text;
	sv summary; /* what it said at its end; "": nothing */
};
/* What is known of it now. */
void away_look(
    struct project *p, const struct away *w, struct away_state *out);
/* Returns when it has ended, at the latest at that time (monotonic ns;
 * INT64_MAX: there is none). */
void away_wait(const struct away *w, int64_t deadline_ns);

enum away_cancel {
	AWAY_FAILED,  /* an error says why */
	AWAY_TOLD,    /* it was sent SIGTERM */
	AWAY_BEFORE,  /* it was sent that a moment ago, and not again */
	AWAY_IS_OVER, /* it lives no more */
};
/* Ends it, as a signal does.  Never touches another process that has come to its
 * number.  What has been told is not told again before AWAY_AGAIN_S, since the
 * second signal ends what a run does to clean up. */
enum {
	AWAY_AGAIN_S = 10
};
enum away_cancel away_end(
    struct project *p, const struct away *w, struct err *e);

#endif
