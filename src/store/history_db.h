/* SPDX-License-Identifier: MIT */
/*
 * The history of a repository (P-902): what became of each call of each run, in
 * an SQLite database in the state folder.  It is filled from the journals, so
 * that a run that was killed, or could not write it, is there with the next
 * one; each journal goes in once.  Nothing needs it to be right: whoever cannot
 * have it goes on without.  Opened when a run is over, never before.
 * May include: base/, stats/, store/ (database, journal).
 */
#ifndef STORE_HISTORY_DB_H
#define STORE_HISTORY_DB_H

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "store/database.h"
#include "store/journal.h"
#include "store/state.h"

/* Runs whose calls are kept. */
enum {
	HISTORY_RUNS_KEPT = 20000,
	HISTORY_RUNS_READ = 1000 /* of a call: what it is like today */
};

/* database_open() of it. */
struct database *history_db_open(
    const char *path, bool writes, enum db_fault *fault, struct err *e);
/* The journals below the state's folder that are not in it yet and whose runs
 * are over go in, and that of the run `ended`, which is about to be ("": none).
 * false where not all could. */
bool history_db_import(
    struct database *db, const struct state *s, const char *ended);

/* ---- reading ---- */

enum history_outcome {
	HISTORY_PASSED,
	HISTORY_FELL, /* a command of its own failed */
	HISTORY_UP_TO_DATE,
	HISTORY_CACHED,
	HISTORY_PASSED_ON, /* it failed since a call that it made did */
};

/* Bits of a call. */
enum {
	HISTORY_CRITICAL = 1, /* on the critical path of its run */
	HISTORY_SERIAL = 2,   /* one job at a time in its run */
	HISTORY_ODD = 4,      /* no evidence: not started, run cut short */
	HISTORY_HERE = 8,     /* on a machine of this kind */
	HISTORY_FLAKY = 16,   /* passed on a retry */
};

/* One call in one run. */
struct history_call {
	int64_t run; /* number of the run, growing */
	int64_t at_ns; /* start of the run; of history_db_last() alone */
	enum history_outcome outcome;
	unsigned flags;
	unsigned attempts;
	int64_t start_ns, wall_ns, busy_ns, wait_ns, cpu_ns, max_rss_bytes;
	int64_t alone_ns; /* of the critical path */
	int64_t read_blocks, written_blocks;
	int64_t tree;     /* tells trees apart; 0: not known */
};

/* A call by its task and variables, and its last HISTORY_RUNS_READ runs, oldest
 * first. */
struct history_series {
	int64_t id;
	int64_t total; /* runs of all times */
	const char *name, *task, *vars;
	VEC(struct history_call) calls;
};
typedef VEC(struct history_series) history_series_vec;

struct history_run_row {
	int64_t id, at_ns, wall_ns, slots;
	const char *name, *head;
	int exit_status; /* -1: it was killed */
	bool serial;
	int64_t load; /* per core, thousandths; 0: not known */
	int64_t mem_wait; /* share of time, thousandths; 0: none, or unknown */
};

/* Of the tasks of these names (n 0: of all), by name. `machine`: what this
 * machine is, see history_machine(). */
bool history_db_series(struct database *db, struct arena *a,
    const char *const *names, size_t n, const char *machine,
    history_series_vec *out);
/* What tells series apart; vars is "" for none. */
struct history_key {
	const char *task, *vars;
};
/* The last 51 runs that say how long the call takes on such a machine, oldest
 * first: their `run` and `busy_ns` alone. */
bool history_db_times(struct database *db, struct arena *a,
    const struct history_key *key, const char *machine,
    struct history_series *out);
/* The last `n` runs of it that began before that moment, newest first: their
 * `run`, `at_ns`, `outcome`, `flags`, `attempts` and `busy_ns`. */
bool history_db_last(struct database *db, struct arena *a,
    const struct history_key *key, int64_t before_ns, int n,
    struct history_series *out);
/* The number of runs, and the first and the last one; false: there is none. */
bool history_db_runs(struct database *db, struct arena *a, int64_t *n,
    struct history_run_row *first, struct history_run_row *last);
bool history_db_run(struct database *db, struct arena *a, int64_t id,
    struct history_run_row *out);
/* The run before it in which the call of `series` was; 0: none. */
int64_t history_db_run_before(struct database *db, int64_t series, int64_t run);
/* Has this been said of the series before?  It is from now on. */
bool history_db_say_once(struct database *db, int64_t series, int64_t run);

/* Does it say how long the call takes: passed at once, with commands of its
 * own, on a machine of this kind? */
static inline bool
history_is_timed(const struct history_call *c)
{
	return c->outcome == HISTORY_PASSED && c->attempts <= 1 &&
	       c->busy_ns > 0 && (c->flags & HISTORY_HERE) != 0;
}

#endif
