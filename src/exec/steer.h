/* SPDX-License-Identifier: MIT */
/*
 * A bound that follows the machine (P-1105): as many slots as there are cores
 * that others leave, one more or one less at a time.  Pure.
 * May include: base/, machine.h.
 */
#ifndef EXEC_STEER_H
#define EXEC_STEER_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/machine.h"

struct steer {
	int most;  /* cores that may be used, 1 or more */
	int cores; /* that the machine has */
	/* private */
	int64_t at_ns;
	int64_t cpu_ns; /* of the jobs, since then */
	bool measures;
};

/* What the jobs used of the processor since the last time. */
void steer_count(struct steer *s, int64_t cpu_ns);
/* Is it time to look again?  Every half second. */
bool steer_is_due(const struct steer *s, int64_t now_ns);
/* The bound that is to follow `now`, which has `running` jobs: between 1 and
 * `most`, one more or less: down where others keep cores busy or something
 * waited for memory for a tenth of the time, up where neither is so.  `m` is
 * read each time just before, and not otherwise. */
int steer_bound(struct steer *s, int now, int64_t running,
    const struct machine *m, int64_t now_ns);
/* Is memory so short that nothing further should start? */
bool steer_is_pressed(const struct machine *m);

#endif
