/* SPDX-License-Identifier: MIT */
/*
 * What the files of run/ share.  A call is a node: a small state machine that
 * lives in an arena of its own and dies when it settles; the run_call beside it
 * is what the world sees and stays.  Nothing here blocks and nothing recurses:
 * whoever can go on is put into the ready queue.
 */
#ifndef RUN_INTERNAL_H
#define RUN_INTERNAL_H

#include "exec/machine.h"
#include "run/run.h"

struct live_call;
struct group;

/* ---- the ready queue ---- */

struct ready {
	struct ready *prev, *next;
	bool queued;
	void (*fn)(struct ready *self);
};

/* ---- slots, lent ones too (P-108) ---- */

/* Who wants to run on a slot: one of its own, or that of the job that waits for
 * it.  Its host lends whatever is asked for, and whichever pool: less would let
 * a job wait for ever for what it holds itself. */
struct slot_loan {
	struct slot_request slot;
	struct run *r;
	struct command *host;   /* the job that may lend its slot; or NULL */
	struct command *lender; /* it runs on that one's */
	bool queued;	     /* waits for the host's as well */
	struct slot_loan *prev, *next;
	void (*granted)(void *arg);
	void *arg;
};

void loan_request(struct slot_loan *l);
void loan_cancel(struct slot_loan *l);
void loan_release(struct slot_loan *l);
/* The host will lend nothing any more; what was lent stays with whoever has
 * it. */
void loan_forget_host(struct slot_loan *l);
/* The job of w ends and gives its slot back: to the one that runs on it, if
 * there is one. */
void loan_job_done(struct command *cm);

/* ---- jobs ---- */

enum command_state {
	COMMAND_IDLE,
	COMMAND_WAITING, /* for a slot */
	COMMAND_GRANTED, /* has it, is in the ready queue */
	COMMAND_RUNNING,
	COMMAND_DONE,
};

/* One command on its way: slot, process, result. */
struct command {
	struct ready ready; /* first: starts the job once it may */
	struct run *r;
	struct live_call *owner;
	struct run_call *record;
	const struct ccmd *cmd; /* NULL: a question of the engine's own */
	const char *text, *dir;
	char *const *env;
	bool captures; /* stdout is kept in `out` */
	/* told once, when the result stands */
	void (*done)(struct command *cm);
	/* told when the process starts; may be NULL */
	void (*started)(struct command *cm);
	void *arg;
	enum command_state state;
	struct slot_loan loan;                      /* its slot */
	struct slot_loan *borrower;                 /* who runs on it now */
	struct slot_loan *wants_first, *wants_last; /* who would */
	bool holds_slot, signalled;
	unsigned number; /* of the job in the run; 0: it has not started */
	bool joins; /* the job is over, the calls that it made are not */
	size_t open_calls; /* of its links */
	int64_t calls_since_ns; /* there are any */
	bool has_links;
	pid_t group; /* of a job that is over, while its links may come */
	int64_t late_until_ns;
	struct timer *late;
	struct command *late_next;
	VEC(struct run_call *) failed; /* of the calls and runs of its script */
	struct job *job;
	struct sb out;
	struct err err; /* ERR_NONE: it ended with 0 */
	int64_t asked_ns;
	struct command *prev, *next; /* running ones of the run */
};

/* Fills a work; call command_start() next. */
void command_init(struct command *cm, struct run *r, struct live_call *lc,
    const char *text, const char *dir, char *const *env);
void command_start(struct command *cm);
/* Takes it out of the queue for slots, or ends its process tree; done() comes
 * as ever.  A job gets one signal only; grace_ns until KILL. */
void command_cancel(struct command *cm, int sig, int64_t grace_ns);
static inline bool
command_is_active(const struct command *cm)
{
	return cm->state != COMMAND_IDLE && cm->state != COMMAND_DONE;
}
/* The result stands; for control.c, of a job that joined its calls. */
void command_finish(struct command *cm);
/* `true`, `:`, `exit 3`, blank: known without a process. */
bool command_trivial(const char *text, int *status);

/* ---- calls side by side or one after another ---- */

enum entry_state { ENTRY_NEW, ENTRY_IF, ENTRY_READY, ENTRY_OPEN, ENTRY_DONE };

/* One command, dep or named task on its way. */
struct entry {
	struct live_call *owner;
	struct group *group;
	const struct ccmd *cmd; /* NULL: a dep or a named task */
	struct call call;
	const char *timeout_name; /* T of M-38 */
	int64_t timeout_ns;
	struct timer *timer;
	bool timed_out, is_dep, is_background, writes, conditional;
	enum entry_state state;
	struct command
	    *command; /* `if`; of a serial command also the command */
	struct live_call *child; /* while it runs */
	struct run_call *record; /* of the child */
	struct err err;
	/* told instead of the group; *err is taken.  NULL: the group is */
	void (*settled)(struct entry *en, struct err *err);
	void *arg;
};

struct group {
	struct live_call *owner;
	struct entry *v;
	size_t n;
	size_t next;	/* first one that was not started */
	size_t open;	/* not settled */
	size_t next_writer;
	size_t running, writers;
	bool serial, failfast, stopped, asked, decided, starting;
	bool in_order; /* named tasks: a failure stops the rest (C-061) */
	struct err err; /* the first in time */
	struct run_call *err_record;
	bool err_wrapped; /* it is "Failed to run task" of that call */
};

void group_init(
    struct group *g, struct live_call *owner, struct entry *v, size_t n);
/* Starts what may start; the owner is woken when all have settled. */
void group_start(struct group *g);
static inline bool
group_is_settled(const struct group *g)
{
	return g->open == 0;
}
/* Starts nothing more and cancels what runs. */
void group_stop(struct group *g);
void group_free(struct group *g);
/* The child of an entry has settled; takes *err. */
void entry_settled(struct entry *en, struct run_call *record, struct err *err);
/* Starts the clock of an entry with a timeout, once. */
void entry_clock(struct entry *en);
void entry_clock_stop(struct entry *en);
/* Puts the timeout in the place of an error that it caused. */
void entry_timeout_error(struct entry *en, struct err *err);

/* ---- shared executions and locks ---- */

struct share {
	const char *key;
	struct live_call *holder; /* NULL: free, or settled */
	struct share *next_held;
	struct live_call *first, *last; /* nodes that wait for it */
	bool is_lock, is_settled, external;
	enum outcome outcome;
	struct err err; /* of the execution, without its name */
	struct run_call *record;
};

struct share *share_get(struct run *r, const char *key);
void share_hold(struct share *s, struct live_call *lc);
/* Would n wait for itself? */
bool share_would_deadlock(const struct share *s, struct live_call *lc);
void share_wait(struct share *s, struct live_call *lc);
void share_unwait(struct live_call *lc);
/* n settles: its executions have a result, its locks go to the next. */
void share_settle(
    struct live_call *lc, enum outcome outcome, const struct err *inner);
/* The key of an execution by `run:`; NULL for always; false: invalid. */
bool share_key(struct live_call *lc, const char **key, struct err *e);
/* Locks of a call (P-112, D-4), one after the other; true when all are held or
 * need not be. */
bool lock_step(struct live_call *lc, struct err *e);

/* ---- a call ---- */

#define STATES(X)                                                             \
	X(NEW, step_new)                                                      \
	X(COMPILE, step_compile)                                              \
	X(IF, step_if)                                                        \
	X(CHECKS, step_checks)                                                \
	X(SHARE, step_share)                                                  \
	X(DEPS, step_deps)                                                    \
	X(LOCK, step_lock)                                                    \
	X(PRECONDITIONS, step_preconditions)                                  \
	X(STATUS, step_status)                                                \
	X(FINGERPRINT, step_fingerprint)                                      \
	X(PROMPT, step_prompt)                                                \
	X(MARK, step_mark)                                                    \
	X(CMDS, step_cmds)                                                    \
	X(CMD_IF, step_cmd_if)                                                \
	X(CMD_JOB, step_cmd_job)                                              \
	X(CMD_CALLS, step_cmd_calls)                                          \
	X(JOIN, step_join)                                                    \
	X(DEFERS, step_defers)                                                \
	X(AFTER, step_after)                                                  \
	X(RETRY, step_retry)

enum state {
#define X(name, fn) STATE_##name,
	STATES(X)
#undef X
	STATE_DONE,
};

struct live_call {
	struct ready ready; /* first */
	struct run *r;
	struct arena *arena;
	struct run_call *record;
	struct live_call *parent, *children, *prev, *next;
	struct entry *entry; /* of the parent, which waits for it */
	struct call call;
	struct match match;
	struct err lookup; /* why there is no match */
	enum state state;
	unsigned depth;
	struct command *host; /* the job whose script made the call, or one
			       * above it (P-104); or NULL */
	const struct call_streams *streams; /* NULL: the run's */
	bool is_status;	/* --status asks about it, nothing runs */
	bool cancelled;
	bool shielded; /* in its defers: fresh context (L-196) */
	bool conditional; /* something may end a recursion through it */
	bool forced;
	const char *cancel_text;

	uint64_t key; /* task and variables, for cycles */
	struct live_call *key_next;
	bool is_keyed;

	struct cursor *cursor;
	struct command *sh_vars; /* jobs of its `sh:` variables */
	size_t n_sh_vars, open_sh_vars;
	struct ctask *ctask;
	char *const *env; /* of its jobs */

	struct share *held; /* list */
	struct share *waits_for;
	struct share *joined; /* the execution whose result it takes */
	struct live_call *wait_next;
	unsigned seen; /* by share_would_deadlock() */
	int locks;     /* how many of its locks it got */
	struct timer *timer; /* of a lock of another run, of a retry */

	struct command command;
	struct entry one; /* the command that runs, when it is one */
	struct group group;
	VEC(struct group *) background;
	size_t i;	 /* place in the list that its state walks */
	size_t stretch; /* entries that the running group covers */
	VEC(size_t) defers;
	bool status_ok, restored;
	struct fp_state fp;

	bool has_failed, wrap, hidden_failure, answered_prompts;
	bool marked; /* as being executed, for other runs */
	bool told_waiting;
	struct err inner; /* why, without "Failed to run task NAME" */
	struct run_call *cause;
	enum outcome outcome; /* when it did not fail */
	enum skip_reason skip;
	int exit_code; /* of deferred entries; -1: none */
};

/* A new call below `parent`, not started.  `entry` is told when it settles. */
struct live_call *live_call_new(struct run *r, struct live_call *parent,
    struct entry *entry, const struct call *call);
/* Puts it into the ready queue; harmless when it is there. */
void live_call_wake(struct live_call *lc);
/* Is it to stop as soon as it can? */
static inline bool
live_call_is_cancelled(const struct live_call *lc)
{
	return lc->cancelled && !lc->shielded;
}
/* Why a tree ends; `text` takes the place of what its commands say of it, NULL
 * leaves it (a signal). */
struct cancel {
	int sig;
	int64_t grace_ns; /* until KILL */
	bool deep;	  /* what is in its defers is not spared */
	const char *text;
};
#define CANCELLED_TEXT "context canceled"
#define DEADLINE_TEXT "context deadline exceeded"
/* n and the whole tree below it. */
void live_call_cancel(struct live_call *lc, const struct cancel *why);
/* Records why it fails, takes *e; the first reason stays. */
void live_call_fail(struct live_call *lc, struct err *e, bool wrap);
void live_call_fail_cancelled(struct live_call *lc);
bool is_command_failure(const struct err *e);
void live_call_emit(struct live_call *lc, const struct event *ev);
/* Steps return these: to another state, or to the end. */
bool call_go(struct live_call *lc, enum state s);
bool call_end(struct live_call *lc, enum outcome o);
bool call_end_failed(struct live_call *lc, struct err *e, bool wrap);
bool call_end_cancelled(struct live_call *lc);
bool call_end_skipped(
    struct live_call *lc, enum skip_reason reason, const char *text);
/* The answer to a question was used; did it say yes? */
bool live_call_answered_yes(struct live_call *lc);
/* Runs a command of the engine's own (`if`, status …) in the task's directory;
 * true when its answer stands in lc->command.err. */
bool live_call_ask(struct live_call *lc, const char *text);
/* A record below `parent` that is no call of this run: a nested one's. */
struct run_call *record_nested(
    struct run *r, struct live_call *parent, const char *name);
/* A call that never came to be, for the summary. */
void record_skipped(struct live_call *parent, const char *name, bool is_dep,
    enum skip_reason reason, const struct run_call *because);

#define X(name, fn) bool fn(struct live_call *lc);
STATES(X)
#undef X
/* Runs a command, or a deferred one; ends in cmd_done(). */
void cmd_begin(struct live_call *lc, const struct ccmd *cmd);
/* Takes *e (ERR_NONE: it passed). */
void cmd_done(struct live_call *lc, struct err *e);
/* A result of a deferred entry. */
void defer_done(struct live_call *lc, struct err *e);
/* Goes to the defers, or on when there are none. */
void defers_begin(struct live_call *lc);

/* `sh:` variables: runs all needs of the cursor side by side. */
void sh_vars_start(struct live_call *lc);
void sh_vars_cancel(struct live_call *lc, int sig, int64_t grace_ns);

/* P-103: the call that a plain command text is, or NULL. */
const struct ccmd *words_call(
    struct live_call *lc, const struct ccmd *cmd, bool *background);

/* L-185, D-9. */
bool cycle_check(struct live_call *lc, struct err *e);
void cycle_leave(struct live_call *lc);
/* Refuses a cycle of unconditional calls before anything runs. */
bool cycle_static(struct run *r, const char *task, struct err *e);
void cycle_error(struct err *e, const char *task, int limit);

/* L-077, C-202: asking for missing variables. */
bool ask_is_possible(const struct run *r);
/* Asks for what the call misses and puts it into its variables. */
bool ask_missing(struct live_call *lc, struct err *e);
/* Before anything runs: what the named tasks and all their deps miss. */
bool ask_ahead(struct run *r, const struct call *calls, size_t n,
    struct err *e);

/* P-703: is one of its sources among the changed files?  True where it has no
 * sources. */
bool changed_matches(struct live_call *lc);

/* ---- who joins the run (P-104, P-108) ---- */

struct control;
/* Before a job starts: what it needs to reach the run, in its environment, and
 * links for the tasks that its script calls. */
void control_prepare(struct command *cm, struct job_spec *spec);
/* A job has ended (its `job` is still there): hears what was said before, and
 * lets go of what joined through it.  true: calls of its script are still open,
 * or links on their way: then command_finish() comes later. */
bool control_job_ended(struct command *cm);
/* Ends the calls that a job's script made. */
void control_cancel_calls(struct command *cm, int sig, int64_t grace_ns);
void control_close(struct run *r);
/* outer_run.h */
void outer_run_rest(struct outer_run *j);

/* links.c: makes the links for the `task:NAME` in command position of a text,
 * of known tasks only; `made` has those that are there. */
/* true: there are such words. */
bool script_links_make(struct live_call *lc, const char *text, const char *bin,
    const char *program, struct map *made);

/* P-103, P-104: a known task, by no guess. */
bool words_is_task(struct live_call *lc, const char *name);

/* ---- the run ---- */

enum {
	CALLS_MAX = 100000,	 /* of one task in a run */
	CALLS_MAX_TEXT = 1000,	 /* what the message says of a cycle */
	SELF_DEPTH_MAX = 1000,	 /* a recursion that something may end */
	GROUP_WINDOW = 1024,	 /* children of a group alive at once */
	POLL_MS = 50,		 /* for what another run holds */
	ERROR_MAX = 128 * 1024, /* a nested message grows no further */
};

struct run {
	struct run_config config;
	struct compiler *compiler;
	struct executor *executor;
	struct slots *slots;
	struct fp *fp;
	const struct sink *sinks;
	size_t n_sinks;
	struct arena *arena;
	struct run_result result;
	VEC(struct run_call *) calls;
	VEC(struct arena *) kept; /* of calls whose ctask stays */
	struct ready queue; /* ring */
	struct command *commands; /* running jobs */
	size_t n_commands;
	unsigned jobs; /* commands started so far */
	struct live_call *root; /* hidden parent of the named tasks */
	struct group roots;
	bool root_settled;
	struct map *shares; /* key → struct share * */
	struct map *counts; /* task → size_t * */
	struct map *answers; /* variable → text the user gave (L-077) */
	struct live_call **keyed; /* table of nodes by node.key */
	size_t n_keyed, keyed_size;
	unsigned epoch; /* of share_would_deadlock() */
	bool has_writers;
	int signals;	  /* how many came */
	bool no_defers;	  /* after the second */
	bool run_timed_out;
	bool cancelled; /* by run_cancel() */
	struct timer *run_timer, *tick_timer;
	struct control *control; /* NULL: nothing needed it yet */
	const char *void_dir; /* an empty folder; NULL: not needed yet */
	bool job_ended; /* since the last tick */
	int64_t cpu_ns;	  /* used by jobs until the last tick */
	struct machine machine;
	int64_t gate_ns; /* when it was read */
	double expected_sum;
	size_t expected_n;
};

static inline int64_t
run_now(const struct run *r)
{
	return r->executor->ops->now(r->executor);
}
void ready_push(struct run *r, struct ready *it);
void ready_remove(struct ready *it);
/* An empty folder of the run's own, removed with it; NULL: there is none. */
const char *run_void_dir(struct run *r);
struct timer *run_timer_start(struct run *r, int64_t ns, void (*fn)(void *),
    void *arg);
void run_timer_stop(struct run *r, struct timer **t);
/* Asks for a tick while calls wait for slots (P-204). */
void run_tick_start(struct run *r);
void run_gate(struct run *r);
void run_timeout_start(struct run *r);
void run_end_left(struct run *r);
/* Expected remaining path of a node in seconds (P-301). */
double live_call_weight(const struct live_call *lc);

#endif
