/* SPDX-License-Identifier: MIT */
/*
 * The engine: one small state machine per call over an executor, slots that
 * bound the jobs, events for whoever listens.  Never blocks, never prints.
 * May include: base/, template/, taskfile/, compile/, plan/, fingerprint/,
 * exec/.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/clock.h"
#include "base/err.h"
#include "base/trace_context.h"
#include "compile/compile.h"
#include "exec/executor.h"
#include "exec/loop.h"
#include "exec/slots.h"
#include "fingerprint/fp.h"
#include "run/event.h"

struct run_hooks;

/* What the commands of a call print, in the order of arrival. */
struct printed {
	sv bytes;
	VEC(struct printed_stretch {
		int stream;
		size_t n;
	}) stretches;
};

/* A call whose outputs are kept, or put back (P-1001). */
struct cached_call {
	void *wish; /* of who keeps them; NULL: they are not kept */
	/* of a hit: what to say, and what it printed when it ran; of a miss: why,
	 * NULL: there is nothing to say */
	const char *text;
	struct printed printed;
	/* of who has to wait for an answer: what is waited for (NULL: nothing),
	 * and to be called once there is one */
	void *asking;
	void (*wake)(void *waker);
	void *waker;
};
enum cached_answer { CACHED_NOT, CACHED_BACK, CACHED_WAITS };

struct run_config {
	/* go-task's flags */
	bool dry, force, silent, verbose, failfast, parallel, yes, interactive,
	    status_only, watch;
	/* a generation of watch mode: the named tasks know nothing of each
	 * other, and signals come from the caller, who tells of them too */
	bool watching;
	bool force_named_only; /* gentle force */
	bool stdin_is_tty, stdout_is_tty;
	/* prun's */
	bool on_terminal; /* what runs alone may be in prun's own group (P-402) */
	bool compat;
	bool serial; /* one job at a time (P-107) */
	int64_t run_timeout_ns; /* P-111; 0: none */
	/* How long until KILL: after a signal to prun, where the task says
	 * nothing else, and after INT or QUIT; after the bound of the run
	 * (P-111); after any other cancel (L-195). */
	int64_t grace_ns, int_grace_ns, timeout_grace_ns, cancel_grace_ns;
	bool flaky_fails;
	int today;              /* 20261231; 0: no quarantine is looked at */
	double max_load;	/* P-205: 0.8 is 80 % of all cores; 0: none */
	int64_t min_free_bytes; /* P-205; 0: none */
	int64_t max_var_bytes;	/* of what an `sh:` variable may print; 0: any */
	/* P-703: NULL or the changed files, sorted, absolute and without links
	 * on the way; one that ends in a slash stands for all that lies at and
	 * behind it.  Calls whose sources match none are skipped.  Of files
	 * that are not below `changed_root` (NULL: unknown) nothing is known,
	 * nor of those that are at or below `unknown` (likewise sorted; NULL:
	 * none), so they count as changed.
	 */
	const string_vec *changed, *unknown;
	const char *changed_root;
	/* expected seconds of a call by task name; < 0: unknown.  Asked only
	 * where there is something to choose.  NULL: declared order. */
	double (*expected)(void *ctx, const char *task_name);
	bool shortest_first; /* [run] order = shortest */
	/* What a call of that task counts as in thousandths of a slot, see
	 * struct slot_request; 0: unknown.  Asked only where slots are short.
	 * NULL: each counts as one. */
	int (*share)(void *ctx, const char *task_name, bool *is_small);
	int most_slots; /* the bound moves between 1 and this one (P-1105); 0:
			 * it stays */
	/* How a command's streams are wired (output/ decides by its mode);
	 * fills spec->in, out and err; those of a call with streams of its own
	 * (P-104) are filled before, and just what is to be read is changed.
	 * What may have the terminal is `here` (P-402).  NULL: all inherited.
	 */
	void (*stdio)(void *ctx, struct run_call *call, const struct ccmd *cmd,
	    struct job_spec *spec);
	/* For what jobs start themselves (P-206), with MAKELEVEL of prun, lent;
	 * NULL: there is none.  What it could not do for a job, and tokens that
	 * one left which were never given, are told; NULL: to nobody. */
	struct jobserver *jobserver;
	const char *make_level;
	void (*no_jobserver)(void *ctx, const char *why);
	void (*surplus)(void *ctx, const struct run_call *call, unsigned n);
	/* The name of the executor for a command of a call; NULL, the function
	 * as well: the default one.  One that is not there fails the command. */
	const char *(*executor)(void *ctx, const struct run_call *call,
	    const struct ccmd *cmd);
	/* Told before something of the call may look at the tree: a command, a
	 * question (`is_shared`: a `sh:` whose answer other calls use), and when
	 * it was found up to date.  The engine waits meanwhile: what must be
	 * known of the tree as it is then is looked at here, not by a sink.
	 * NULL: nobody wants to know. */
	void (*before_read)(void *ctx, const struct run_call *call,
	    bool is_shared);
	/* Has the call, which has just come to be, passed in the run that this
	 * one goes on with, so that it is left out?  Asked once of each call,
	 * of those that made it before.  NULL: nothing is left out. */
	bool (*passed_before)(void *ctx, const struct run_call *call);
	/* names of the jobs' extra environment: NULL-ended "NAME=value" */
	const char *const *extra_env;
	/* The run's own place in a trace: each job gets a TRACEPARENT below it,
	 * in place of the one that the run was given ("" : none was), but not
	 * of one that the Taskfile sets.  NULL: none gets one. */
	const struct trace_context *trace;
	const char *trace_outer;
	/* Puts a prompt to the user; told(arg, answer) comes once, now
	 * or from the loop: 1 yes, 0 no, -1 there is no answer.  One at a time;
	 * after ask_stop() it is not told. */
	void (*ask)(void *ctx, const char *text,
	    void (*told)(void *arg, int answer), void *arg);
	void (*ask_stop)(void *ctx);
	/* asks for a missing variable (L-077): its text in `a`, NULL: cancelled.
	 * NULL: never asked. */
	const char *(*ask_var)(void *ctx, struct arena *a, const char *name,
	    const string_vec *allowed);
	/* Mutexes shared with other runs in the repository (P-112); name is
	 * "mutex:NAME".  1: it is held now; 0: another run has it, to be asked
	 * again, or unlocked where nobody wants it any more; -1: a call around
	 * this run has it; -2: it would be waited for for ever.  NULL: this run
	 * only. */
	int (*lock)(void *ctx, const char *name);
	void (*unlock)(void *ctx, const char *name);
	/* Kept outputs (P-1001).  Before the first command of a call that has
	 * its mark: BACK: its outputs are back, and it need not run; WAITS: to
	 * be asked again after c->wake(), with the same *c, or dropped.  After
	 * it has passed, was recorded and printed what is in *c: they may be
	 * kept.  All in the arena of the call.  NULL: nothing is kept. */
	enum cached_answer (*cache_get)(void *ctx, struct arena *a,
	    struct run_call *call, struct fp_state *s, struct cached_call *c);
	void (*cache_drop)(void *ctx, struct cached_call *c);
	void (*cache_put)(void *ctx, struct arena *a, struct run_call *call,
	    struct cached_call *c);
	/* who takes part in the run from outside (member.h); NULL: nobody */
	const struct run_hooks *hooks;
	/* ids of the runs that this one is nested in, NULL-ended: their work is
	 * not waited for (P-114).  NULL: none. */
	const char *const *outer_runs;
	void *ctx;
};

struct run;

struct run_result {
	struct run_call **calls; /* in order of creation */
	size_t n;
	struct err err;	     /* what the run ended with; code, nesting as go-task */
	/* the named task whose "Failed to run task" err is (M-57); else NULL */
	const struct run_call *err_call;
	int signal;	     /* that ended the run, or 0 */
	int64_t start_ns, end_ns;
	bool disturbed;	     /* a source changed while it was being used */
	bool narrowed;	     /* calls were left out by --changed or --failed */
};

/* Lends all its arguments until run_free().  `executors` are on the loop; the
 * first runs what the config sends nowhere else, and what the engine asks
 * itself (`if`, `status`, `sh:`). */
struct run *run_new(const struct run_config *config, struct compiler *compiler,
    struct loop *loop, const struct executor_entry *executors,
    struct slots *slots, struct fp *fp, const struct sink *sinks,
    size_t n_sinks);
/* Runs the named calls to the end, in order or side by side (parallel), with
 * everything settled when it returns; true when all passed. */
bool run_loop(struct run *r, const struct call *calls, size_t n);
const struct run_result *run_get_result(const struct run *r);
void run_free(struct run *r);

/* Cancels everything with a signal (tests and the server use it too). */
void run_signal(struct run *r, int sig);
/* Cancels everything in silence: what is wanted has changed (C-407). */
void run_cancel(struct run *r);
/* Sends an event of the caller to all sinks. */
void run_emit(struct run *r, const struct event *ev);

/* --status (C-098): true when every named task is up to date. */
bool run_status(struct run *r, const struct call *calls, size_t n,
    struct err *e);

#endif
