/* SPDX-License-Identifier: MIT */
/*
 * What earlier runs have left: expected times (P-301), the journal of the last
 * run (P-401, P-507); and the locks that runs share (P-112).
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_HISTORY_H
#define PROJECT_HISTORY_H

#include "project/project.h"
#include "store/durations.h"
#include "store/journal.h"
#include "store/state.h"

/* The times that are known in this repository. */
struct durations *history_times(struct project *p);
/* plan_seconds_fn and more: `times` is a struct durations. */
double history_expected(void *times, const char *task);

/* A run that was. */
struct history_run {
	const char *id, *path;
	const char *events; /* path of its journal */
	struct journal_log log;
};
#define HISTORY_LAST "last"
/* The run of that id or, with "" or "last", the last one that was not inside of another
 * and is not going on. */
bool history_find(struct project *p, const char *id, struct history_run *out,
    struct err *e);
/* The same, but with "" the last one may go on still. */
bool history_find_any(
    struct project *p, const char *id, struct history_run *out, struct err *e);
/* Does a process still work on it? */
bool history_is_live(struct project *p, const struct history_run *r);
/* The log of a call as a path; NULL: it has none so far.  Before the call has
 * ended the file need not be there. */
const char *history_log(
    struct arena *a, const struct history_run *r, const struct journal_call *c);

/* ---- --log, and --log --follow ---- */

/* Is it one of the named tasks, or is none named? */
bool log_is_wanted(const struct project *p, const struct journal_call *c);
/* Every named task must have been called. */
bool log_check_names(
    const struct project *p, const struct history_run *r, struct err *e);
/* Says that a named call has printed nothing. */
void log_tell_empty(const struct project *p, const struct journal_call *c);

/* ---- locks between runs ---- */

struct locks;
/* `dir`: where the lock files lie, made on first use; `runs`: the ids of the
 * runs that this one is nested in, NULL-ended. */
struct locks *locks_new(struct arena *a, const char *dir, const char *run_id,
    const char *const *runs);
/* As run_config.lock and unlock. */
int locks_take(struct locks *l, const char *name);
void locks_give(struct locks *l, const char *name);
/* Was there one of which other runs could not be kept out, since the file system
 * has no locks? */
bool locks_are_alone(const struct locks *l);

#endif
