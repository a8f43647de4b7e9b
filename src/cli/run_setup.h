/* SPDX-License-Identifier: MIT */
/*
 * One run with all that it needs: slots, executor, fingerprints, output, the
 * run's folder with logs and journal, and the commit that it may owe.
 * May include: everything below cli/.
 */
#ifndef CLI_RUN_SETUP_H
#define CLI_RUN_SETUP_H

#include "cli/app.h"
#include "cli/history.h"
#include "cli/run_commit.h"
#include "cli/tree_seen.h"
#include "join/outer_run.h"
#include "output/notify.h"
#include "output/progress.h"
#include "store/durations.h"
#include "store/journal.h"
#include "store/state.h"

struct run_setup {
	struct app *app;
	call_vec calls;
	struct state state;
	struct run_dir dir;
	struct journal *journal; /* NULL: none */
	struct executor *executor;
	struct slots *slots;
	bool lent_executor;
	int slot_bound; /* of the cpu pool; 0: none */
	bool serial;    /* one job after another */
	struct fp *fp;
	struct output *output;
	struct progress *progress; /* NULL: none is shown */
	struct durations *times;   /* NULL: the order needs none */
	struct locks *locks;
	struct notify notify;
	struct sink sinks[7]; /* lent to the run */
	struct run *run;
	struct outer_run *outer; /* the outer run; NULL: there is none */
	int64_t start_ns;        /* of the run, monotonic */
	struct run_commit commit;
	struct tree_seen tree_seen;
	const char *tree; /* clean before the run, for a receipt; or NULL */
	const char *owes_path; /* nested runs report here; NULL: none */
	string_vec env;        /* extra environment of jobs */
};

/* Where this repository's state lies. */
void setup_state(struct app *app, struct state *out);
/* Everything up to the run; nothing has been started. */
bool setup_open(
    struct app *app, const call_vec *calls, struct run_setup *w, struct err *e);
/* Tells the outer run how this one ended. */
void setup_leave(struct run_setup *w, int status);
/* Gives all back; what was recorded is on disk afterwards. */
void setup_close(struct run_setup *w);

/* callbacks.c: the ids of the runs around this one, the outermost first; and
 * the functions by which the engine asks (P-112, P-301). */
void outer_runs(struct arena *a, string_vec *out);
void callbacks_set(struct run_setup *w, struct run_config *rc);

/* record.c: the journal as a sink, and what is remembered of durations. */
struct sink record_sink(struct run_setup *w);
void record_head(struct run_setup *w);
void record_end(struct run_setup *w, const struct run_result *r, int status,
    const char *commit);

#endif
