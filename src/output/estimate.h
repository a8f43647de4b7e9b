/* SPDX-License-Identifier: MIT */
/*
 * How long a run may take yet (P-501): the plan's bound for what is not done,
 * the longest chain or the work over the slots, whichever is more.  Told of
 * every event, asked at any time.
 * May include: base/, plan/, run/.
 */
#ifndef OUTPUT_ESTIMATE_H
#define OUTPUT_ESTIMATE_H

#include "plan/plan.h"
#include "run/event.h"

struct estimate;

/* In `a`; lends the plan.  `slots` 0: no bound. */
struct estimate *estimate_new(struct arena *a, const struct plan *p,
    int slots);
void estimate_event(struct estimate *s, const struct event *ev);
/* Seconds from now; < 0: nothing is known. */
double estimate_left(struct estimate *s, int64_t now_ns);

#endif
