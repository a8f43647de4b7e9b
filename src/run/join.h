/* SPDX-License-Identifier: MIT */
/*
 * A nested run's side of P-108: it asks the run that its job belongs to for
 * each slot, and tells it how it ended.  When that one is gone, it goes on
 * alone.
 * May include: base/, exec/.
 */
#ifndef RUN_JOIN_H
#define RUN_JOIN_H

#include "exec/executor.h"
#include "exec/slots.h"

struct join;

/* Joins the run behind the socket as a child of the given name; `mark` is
 * PRUN_JOB or NULL.  NULL: nobody is there, so the run is its own. */
struct join *join_new(const char *socket, const char *mark, const char *name);
/* From now on every slot is asked for; both are lent until join_rest(). */
void join_slots(struct join *j, struct slots *slots, struct executor *x);
/* No more slots are needed. */
void join_rest(struct join *j);
/* Tells how the run ended, and frees; NULL is fine. */
void join_end(struct join *j, int status, int signal);

#endif
