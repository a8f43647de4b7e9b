/* SPDX-License-Identifier: MIT */
/*
 * One run with all that it needs: slots, executor, fingerprints, output, the
 * run's folder with logs and journal, and the commit that it may owe.
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_RUN_SETUP_H
#define PROJECT_RUN_SETUP_H

#include "base/trace_context.h"
#include "exec/machine.h"
#include "join/control.h"
#include "output/notify.h"
#include "output/progress.h"
#include "output/prompt.h"
#include "project/commit_share.h"
#include "project/history.h"
#include "project/project.h"
#include "project/run_cache.h"
#include "project/run_commit.h"
#include "store/durations.h"
#include "store/journal.h"
#include "store/state.h"
#include "vcs/tree_seen.h"

/* What to run, and how; lent until run_setup_close(). */
struct run_request {
	call_vec calls;
	bool only_status; /* --status: whether they are up to date */
	bool push_later;  /* whoever asks pushes the commit */
	bool wants_tree;  /* for a receipt: the tree is looked at before */
	/* A generation of watch mode: its executor, and one more reader of events;
	 * NULL: the run has an executor of its own. */
	struct executor *executor;
	const struct sink *listener;
};

struct run_setup {
	struct project *p;
	const struct run_request *q;
	struct run_dir dir;
	struct journal *journal; /* NULL: none */
	struct loop *loop;
	struct executor *executor;
	struct local_spared spared; /* by runs before on the same executor */
	struct executor_entry executors[3]; /* by name */
	struct executor *cluster; /* NULL: nothing goes there */
	const char *no_cluster; /* why, where it is wanted and not said yet */
	struct map *stayed; /* tasks of which it was said that they do not */
	struct slots *slots;
	bool lent_executor;
	int slot_bound; /* of the cpu pool; 0: none */
	bool serial;    /* one job after another */
	struct fp *fp;
	struct run_cache *cache; /* NULL: nothing is kept */
	struct output *output;
	struct progress *progress; /* NULL: none is shown */
	struct durations *times;   /* NULL: the order needs none */
	struct locks *locks;
	bool outer_locks; /* the outer run takes them for this one */
	struct notify notify;
	struct prompt prompt;
	struct sink sinks[7]; /* lent to the run */
	struct run *run;
	struct control *control; /* who joins the run */
	struct outer_run *outer; /* the outer run; NULL: there is none */
	struct jobserver_client *tokens; /* of what started prun; or NULL */
	struct jobserver *jobserver; /* for what jobs start; or NULL */
	bool no_jobserver_said;
	int64_t start_ns;        /* of the run, monotonic */
	struct machine machine;  /* as it was last looked at, then */
	int64_t looked_ns;
	struct run_commit commit;
	struct declared_calls declares;
	struct tree_seen tree_seen;
	const char *tree; /* clean before the run, for a receipt; or NULL */
	struct tree_still still; /* it, from then on */
	const char *owes_path; /* nested runs report here; NULL: none */
	string_vec env;        /* extra environment of jobs */
	struct trace_context trace; /* the run's place; "": it has none */
	const char *trace_outer;    /* TRACEPARENT that it was given, or "" */
	bool has_trace_outer;       /* and it is one */
};

/* Everything up to the run; nothing has been started. */
bool run_setup_open(struct project *p, const struct run_request *q,
    struct run_setup *w, struct err *e);
/* Tells the outer run how this one ended. */
void run_setup_leave(struct run_setup *w, int status);
/* Gives all back; what was recorded is on disk afterwards. */
void run_setup_close(struct run_setup *w);

/* callbacks.c: the functions by which the engine asks (P-112, P-301). */
void callbacks_set(struct run_setup *w, struct run_config *rc);

/* cluster.c: the executor of a cluster, where one is wanted.  Errors: a name of
 * none, or there is no cluster. */
bool cluster_check(const struct project *p, struct err *e);
void cluster_open(struct run_setup *w);
/* Which executor is a command for?  NULL: this machine's. */
const char *cluster_choose(struct run_setup *w, const struct run_call *call,
    const struct ccmd *cmd);
void cluster_close(struct run_setup *w);
/* Where jobs of the task would run: "local", "slurm", "local or slurm"; NULL:
 * there is no cluster to choose.  `ctx` is the project. */
const char *cluster_plan(void *ctx, const char *task);

/* jobserver.c: below whom the run is, and so whose slots it takes (P-206). */
void jobserver_open(struct run_setup *w);
/* A new private folder, as runtime_dir_new() makes it; NULL: none. */
const char *run_setup_runtime_dir(struct arena *a, int *lock_fd);
/* And what jobs have of it (P-206). */
void jobserver_offer(struct run_setup *w, struct run_config *rc);
/* What jobs are told of it. */
void jobserver_tell(const struct run_setup *w, string_vec *env);
void jobserver_close(struct run_setup *w);

/* record.c: the journal as a sink, and what is remembered of durations. */
struct sink record_sink(struct run_setup *w);
/* A journal without a file so far, that keeps what may be kept. */
struct journal *record_journal_new(const struct project *p);
const char *record_host_name(struct arena *a);
/* Where the run stands in a trace of others: below what it was given, or at the
 * beginning of one.  Nowhere where prun is task. */
void record_trace(struct run_setup *w);
void record_head(struct run_setup *w);
/* verdict: output_verdict(). */
void record_end(struct run_setup *w, const struct run_result *r, int status,
    const char *verdict, const char *commit);

#endif
