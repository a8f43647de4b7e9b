/* SPDX-License-Identifier: MIT */
/*
 * A nested run's side of P-108: it asks the run that its job belongs to for
 * each slot, shares its secrets, and tells it how it ended.  When that one is
 * gone, it goes on alone.
 * May include: base/, exec/.
 */
#ifndef JOIN_OUTER_RUN_H
#define JOIN_OUTER_RUN_H

#include "base/secrets.h"
#include "exec/jobserver_client.h"
#include "exec/loop.h"
#include "exec/slots.h"

struct outer_run;

/* Joins the run behind the socket as a child of the given name; `mark` is
 * PRUN_JOB or NULL.  NULL: nobody is there, so the run is its own. */
struct outer_run *outer_run_new(
    const char *socket, const char *mark, const char *name);
/* Tells the outer run what is not to be shown or kept, and learns the same of
 * it (P-406): all that it knows before this returns, and what it hears later.
 * `s` is lent until outer_run_end(). */
void outer_run_share(struct outer_run *j, struct secrets *s);
/* From now on every slot is asked for, behind its token where `tokens` is not
 * NULL; all are lent until outer_run_rest().  `slots` NULL: none is asked for,
 * the run just listens. */
void outer_run_slots(struct outer_run *j, struct slots *slots,
    struct jobserver_client *tokens, struct loop *l);
/* A lock of P-112, which the outer run takes for this one: as run_config.lock()
 * has it; answered() is told where it was not there at once.  -3: the outer run
 * is gone. */
int outer_run_lock(struct outer_run *j, const char *key);
void outer_run_unlock(struct outer_run *j, const char *key);
void outer_run_on_lock(struct outer_run *j,
    void (*answered)(void *arg, const char *key), void *arg);
/* No more slots are needed. */
void outer_run_rest(struct outer_run *j);
/* Tells how the run ended, and frees; NULL is fine. */
void outer_run_end(struct outer_run *j, int status, int signal);

#endif
