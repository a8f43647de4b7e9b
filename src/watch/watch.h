/* SPDX-License-Identifier: MIT */
/*
 * Watch mode (C-400 to C-413).
 * May include: base/ to project/.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include "project/project.h"

/* From now on, while the Taskfile is read, SIGINT and SIGTERM end the program as
 * they end watch_run(), which takes over (C-410). */
void watch_expect_signals(void);
/* Is told of each run that is over: its id, and its folder ("": none). */
struct watch_after {
	void (*fn)(
	    void *ctx, struct project *p, const char *id, const char *dir);
	void *ctx;
};

/* Runs and watches these tasks until a signal.  interval_ns: how long it is to
 * be quiet before the next run; 0: as the Taskfile says.  false: nobody could
 * read it any more. */
bool watch_run(struct project *p, const call_vec *calls, int64_t interval_ns,
    const struct watch_after *after);

#endif
