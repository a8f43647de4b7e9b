/* SPDX-License-Identifier: MIT */
/*
 * The history at the end of a run: it goes in, and what stands out is said
 * (P-902, P-1103).
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_HISTORY_RECORD_H
#define PROJECT_HISTORY_RECORD_H

#include "project/run_setup.h"
#include "store/history_db.h"

/* After record_end(): the run that is over, and those that were killed, go into
 * the history.  Calls that were slow today and those that are slower for good
 * are named, and so is what keeps the history from being written; nothing else
 * comes of that. */
void history_record(struct run_setup *w, const struct run_result *r);

/* What may have made a run slow; 0: it did not, or it is not known. */
struct history_why {
	double load; /* per core */
	double
	    mem_wait; /* share of time in which something waited for memory */
	int64_t slot_wait_ns;
};
/* "; load 1.2 per core; memory was short 12% of the time; ..." */
void history_add_why(
    struct arena *a, struct sb *out, const struct history_why *why);
/* "; commits abc..def", or "" where one of them is. */
const char *history_commits(
    struct arena *a, const char *before, const char *first);

/* What tells kinds of machines apart: "linux/amd64, 8 cores". */
const char *history_machine(struct arena *a);
const char *history_db_path(struct project *p);
/* One line on stderr of what is the matter with the history. */
void history_tell_fault(
    struct project *p, enum db_fault fault, const struct err *e);

#endif
