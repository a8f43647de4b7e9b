/* SPDX-License-Identifier: MIT */
/*
 * What --stats shows: cli/cmd_stats.c has the table, stats_notes.c what stands out
 * and what can be done about it (stats_hints.c: where more than one call is
 * needed to see it), stats_json.c the same for programs.
 * May include: everything below advice/.
 */
#ifndef ADVICE_STATS_H
#define ADVICE_STATS_H

#include "project/project.h"
#include "store/history_stats.h"

/* Runs in a chart. */
enum {
	STATS_CHART = 20
};

struct stats_call {
	const struct history_series *series;
	const char *label; /* its name; with more where others have it, too */
	struct call_stats stats;
	/* where there are such; and the run before the change, its head "": it
	 * is not known */
	struct history_run_row change, before, anomaly;
};

struct stats_all {
	int64_t runs;
	struct history_run_row first, last; /* where `runs` is not 0 */
	history_series_vec series;
	VEC(struct stats_call) calls;
	struct project *p;
	struct journal_log log; /* of the last run, where it is kept still */
};

/* Appends lines: slow for its day, slower for good, and hints with their
 * figures (P-1102). */
void stats_add_notes(struct arena *a, struct sb *out, struct stats_all *all);
/* Those that need more than one call to be seen. */
void stats_add_hints(struct arena *a, struct sb *out, struct stats_all *all);
void stats_print_json(struct project *p, struct stats_all *all);

#endif
