/* SPDX-License-Identifier: MIT */
/*
 * --failed (P-507): the same request once more, without the calls that passed.
 *
 * A call is known again by its way down from the requested task: at each step
 * the name, the variables and which of the calls like it.  So calls that no
 * command line could make are told apart, and what is not known runs.
 *
 * Of a task that was kept from its end by another one the calls that passed are
 * left out, and its own commands run once more.  Whole, with all below it, runs
 * what failed by itself; what has commands of its own and was called; and what
 * cannot be done by halves: it tears down what it has set up (`defer`), it was
 * tried again, or it would pass for up to date afterwards.
 * May include: base/, run/, store/.
 */
#ifndef PROJECT_RERUN_H
#define PROJECT_RERUN_H

#include "run/event.h"
#include "store/journal.h"

struct rerun;

/* Lends the log; NULL where nothing is to be left out. */
struct rerun *rerun_new(struct arena *a, const struct journal_log *log);
/* Of each call of the new run once, in the order in which they are made: has it
 * passed? */
bool rerun_leaves_out(struct rerun *re, const struct run_call *call);
/* Has it passed, or was it left out because it had before? */
bool rerun_has_passed(
    const struct journal_log *log, const struct journal_call *c);
/* Did it fail by itself? */
bool rerun_is_root_cause(const struct journal_call *c);

#endif
