/* SPDX-License-Identifier: MIT */
/*
 * What the history says of one call (P-1101).
 * May include: base/, stats/, store/.
 */
#ifndef STORE_HISTORY_STATS_H
#define STORE_HISTORY_STATS_H

#include "stats/series.h"
#include "store/history_db.h"

/* What was flaky long ago may be so no more, and what rarely fails needs many
 * runs to be seen. */
enum {
	FLAKY_WINDOW = 500
};

/* How often it was run under some condition, and how often it passed then. */
struct pass_count {
	size_t passed, of;
};

struct call_stats {
	int64_t runs;  /* in which it was called; all else is of the last: */
	size_t recent; /* as many */
	size_t up_to_date, cached;
	struct pass_count all, parallel,
	    serial; /* without what is no evidence */
	/* of the runs that say how long it takes, without waits for slots */
	size_t timed;
	double mean, p50, p95; /* seconds */
	double trend;          /* see series_trend() */
	double cpu;            /* mean of the same runs, seconds */
	double wait;           /* the same of the waits */
	double blocks_read, blocks_written; /* means of the same runs */
	int64_t max_rss_bytes;              /* the most of all */
	size_t critical;       /* runs in which it was on the critical path */
	/* of its last FLAKY_WINDOW runs: those that failed where another on
	 * the same tree passed, those that passed on a retry, and those of
	 * which either could be said */
	size_t flaky, retried, flaky_of;
	bool has_anomaly; /* the last run that was slow for its day */
	struct slow_today anomaly;
	int64_t anomaly_run, anomaly_wait_ns;
	bool has_change;
	struct change change; /* seconds; `first` is a place in `times` */
	int64_t change_run;
	const double *times; /* the timed ones, seconds, oldest first */
};

void history_stats(
    struct arena *a, const struct history_series *s, struct call_stats *out);

#endif
