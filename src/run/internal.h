/* SPDX-License-Identifier: MIT */
/*
 * What the files of run/ share.  A call is a small state machine (state.c) that
 * lives in an arena of its own and dies when it settles; the run_call beside it
 * is what the world sees and stays.  Nothing here blocks and nothing recurses:
 * whoever can go on is put into the ready queue.
 */
#ifndef RUN_INTERNAL_H
#define RUN_INTERNAL_H

#include "compile/task_words.h"
#include "exec/jobserver_serve.h"
#include "exec/machine.h"
#include "exec/steer.h"
#include "plan/plan.h"
#include "run/member.h"

struct group;
struct cancel;

/* ---- slots, lent ones too (P-108) ---- */

/* Of its call; a nested run's is that of the call whose job it is. */
double loan_weight(const struct slot_loan *l);
/* The job of cm ends and gives its slot back: to the one that runs on it, if
 * there is one. */
void loan_job_done(struct command *cm);
/* Jobs with guests lend their slots, each to the best of what it waits for. */
void loans_lend(struct run *r);

/* tokens.c: the jobserver of a job (P-206), where the run has one. */
/* Its process is about to start. */
void tokens_enter(struct command *cm, struct job_spec *spec);
/* It did, or could not. */
void tokens_started(struct command *cm);
void tokens_leave(struct command *cm);
/* A job has one more guest, or one less. */
void guest_comes(struct command *job);
void guest_goes(struct command *job);
/* The best (slot_goes_before()) that still wants a slot of all that the job
 * waits for; NULL: there is none. */
struct slot_loan *waits_find_loan(struct command *job);

/* ---- jobs ---- */

/* Fills a command; call command_start() next. */
void command_init(struct command *cm, struct run *r, struct live_call *lc,
    const char *text, const char *dir, char *const *env);
void command_start(struct command *cm);
/* Takes it out of the queue for slots, or ends its process tree; done() comes
 * as ever.  A job gets one signal only; when KILL comes the first one says, or
 * a later one that hurries. */
void command_cancel(struct command *cm, const struct cancel *why);
static inline bool
command_is_active(const struct command *cm)
{
	return cm->state != COMMAND_IDLE && cm->state != COMMAND_DONE;
}
/* Takes the error of a question, with its text where that was not asked. */
void command_unanswered(struct command *cm, struct err *e);
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
	size_t next;    /* first one that was not started, in their order */
	size_t open;	/* not settled */
	size_t *order;  /* in which they start; NULL: as declared */
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
/* Was it too late?  Then that is the error, whatever the command says of its
 * end: a program that ends with 0 when it is told to has not done its work. */
void entry_timeout_error(struct entry *en, struct err *err);

/* ---- what one call holds and others wait for ---- */

struct hold {
	struct live_call *holder; /* NULL: free, or settled */
	struct hold *next_held;
	struct live_call *first, *last; /* calls that wait for it */
	bool is_mutex;
};

void hold_take(struct hold *h, struct live_call *lc);
/* Does a call wait for lc, because it called it or shares the execution of one
 * that did?  With `locks`, also because one of those waits for a lock. */
bool call_waits_for(
    const struct live_call *waiter, struct live_call *lc, bool locks);
void hold_wait(struct hold *h, struct live_call *lc);
void hold_unwait(struct live_call *lc);
/* lc settles: its executions have a result, its locks go to the next. */
void holds_settle(
    struct live_call *lc, enum outcome outcome, const struct err *inner);

/* An execution that calls share. */
struct once {
	struct hold hold; /* first */
	const char *key;
	bool is_settled;
	enum outcome outcome;
	struct err err; /* without its name */
	struct run_call *record;
};

struct once *once_get(struct run *r, const char *key);
/* lc is the one that executes. */
void once_begin(struct once *o, struct live_call *lc);
bool once_is_begun(const struct once *o);
void once_settle(struct once *o, enum outcome outcome, const struct err *inner);
void onces_free(struct run *r);

/*
 * A lock.  Who holds it works under it; who keeps it (`kept`) does not yet, but
 * calls something that will: a call takes the locks of all that it calls, in
 * one order, before it begins, so that two calls never hold what the other
 * wants. Two things are never kept out: what the holder itself has called, and,
 * of a lock that nobody works under, what its keeper waits for in whatever way.
 * A wait that can have no end all the same (names that only templates know) is
 * found where no call can go on: one of them then runs without the lock, where
 * it stands for its own work, or fails.
 */
struct mutex {
	struct hold hold; /* first */
	const char *key;
	struct keeping *kept; /* the innermost: those below it wait for that */
	bool external; /* held against other runs, too */
	bool is_asked; /* other runs are waited for */
	bool is_named; /* P-112; else the work of a fingerprint (D-4) */
};

struct keeping {
	struct mutex *m;
	struct live_call *by;
	struct keeping *outer; /* of the same lock */
	struct keeping *next;  /* of the same call */
};

/* One lock on a call's way. */
struct lock_wish {
	struct mutex *m;
	bool to_keep; /* for what it calls */
};

struct mutex *mutex_get(struct run *r, const char *key);
/* Its holder or keeper has settled. */
void mutex_pass_on(struct run *r, struct mutex *m);
void keepings_end(struct live_call *lc);
/* The next lock of the call: true when it is held or need not be. */
bool mutex_take(
    struct live_call *lc, const struct lock_wish *wish, struct err *e);
/* The locks of a call (P-112, D-4), one after the other; true when all are held
 * or need not be. */
bool mutexes_take(struct live_call *lc, struct err *e);
/* When nobody can go on: who may now, and who would wait for ever? */
void mutexes_look(struct run *r);

/* ---- a call ---- */

#define STATES(X)                                                              \
	X(NEW, step_new)                                                       \
	X(COMPILE, step_compile)                                               \
	X(IF, step_if)                                                         \
	X(CHECKS, step_checks)                                                 \
	X(ONCE, step_once)                                                     \
	X(DEPS, step_deps)                                                     \
	X(LOCK, step_lock)                                                     \
	X(PRECONDITIONS, step_preconditions)                                   \
	X(STATUS, step_status)                                                 \
	X(FINGERPRINT, step_fingerprint)                                       \
	X(PROMPT, step_prompt)                                                 \
	X(MARK, step_mark)                                                     \
	X(CACHE, step_cache)                                                   \
	X(CMDS, step_cmds)                                                     \
	X(CMD_IF, step_cmd_if)                                                 \
	X(CMD_JOB, step_cmd_job)                                               \
	X(CMD_CALLS, step_cmd_calls)                                           \
	X(WAIT, step_wait)                                                     \
	X(DEFERS, step_defers)                                                 \
	X(AFTER, step_after)                                                   \
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
	unsigned plan_node; /* with weighed; PLAN_NONE: not foreseen */
	bool weighed;
	double own, path;     /* expected: itself, and with what waits for it */
	struct command *guest_of; /* the job whose script made it; or NULL */
	struct command *host; /* that job, or that of a call above it; or NULL */
	const struct call_streams *streams; /* NULL: the run's */
	bool alone;	/* nothing can run beside it, by what is declared */
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
	char *const *env; /* of its jobs; NULL: nobody has asked for it */

	struct hold *held; /* list */
	struct hold *waits_for;
	struct once *twin; /* the execution whose result it takes */
	struct live_call *wait_next;
	unsigned seen;       /* by a walk over what waits for what */
	VEC(struct lock_wish) locks; /* that it wants, in order */
	size_t next_lock;            /* of them */
	struct keeping *keeps;       /* list */
	bool lock_refused;           /* it would wait for ever */
	struct timer *timer; /* wakes it */

	struct command command;
	struct entry one; /* the command that runs, when it is one */
	struct group group;
	VEC(struct group *) background;
	size_t next_question; /* of its preconditions or `status` */
	size_t next_cmd;
	size_t stretch;                /* commands that the running ones are */
	bool deps_started, has_waited; /* for another run at the same work */
	VEC(size_t) defers;
	bool status_ok;
	struct fp_state fp;

	bool has_failed, wrap, hidden_failure;
	size_t next_prompt; /* the first that has no answer yet */
	struct live_call *next_asker;
	bool is_asker; /* in the queue */
	bool is_asked; /* its question waits for the user */
	bool has_answer;
	int answer;
	bool has_begun; /* an attempt came as far as its commands */
	bool marked; /* as being executed, for other runs */
	struct cached_call cached;
	struct sb printed; /* of cached.printed.bytes, so far */
	bool is_print_lost; /* some of it was not seen, or it is too much */
	bool is_back; /* its outputs were put back */
	bool told_waiting;
	struct err inner; /* why, without "Failed to run task NAME" */
	struct err late;  /* of a failed check, until what may run has run */
	struct run_call *cause;
	enum outcome outcome; /* when it did not fail */
	enum skip_reason skip;
	int exit_code; /* of deferred entries; -1: none */
};

/* Can nothing run beside a command of it that starts now (P-402)?  By what the
 * Taskfile says, not by what happens to be under way. */
bool live_call_is_alone(const struct live_call *lc);
/* A new call below `parent`, not started.  `entry` is told when it settles. */
struct live_call *live_call_new(struct run *r, struct live_call *parent,
    struct entry *entry, const struct call *call);
/* In and out of the children of its parent. */
void live_call_link(struct live_call *lc);
void live_call_unlink(struct live_call *lc);
/* Puts it into the ready queue; harmless when it is there. */
void live_call_wake(struct live_call *lc);
/* Later, unless it is cancelled before: lc->timer is set until then. */
void live_call_wake_in(struct live_call *lc, int64_t ns);
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
	bool by_signal;	  /* a task's own `grace` goes before */
	bool hurries; /* a time limit: less grace than was given, if need be */
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
/* Tells who asked that the call may look at the tree from now on. */
void live_call_reads(const struct live_call *lc, bool is_shared);
void live_call_emit(struct live_call *lc, const struct event *ev);
/* May a call go from one state to the other? */
bool call_may_go(enum state from, enum state to);
const char *call_state_name(enum state s);
/* Every change of state.  A list of questions is asked from its beginning
 * whenever its state is entered. */
void call_enter(struct live_call *lc, enum state s);
/* Steps return these: to another state, or to the end. */
bool call_go(struct live_call *lc, enum state s);
bool call_end(struct live_call *lc, enum outcome o);
bool call_end_failed(struct live_call *lc, struct err *e, bool wrap);
bool call_end_cancelled(struct live_call *lc);
bool call_end_skipped(
    struct live_call *lc, enum skip_reason reason, const char *text);
/* The answer to a question was used; did it say yes? */
bool live_call_answered_yes(struct live_call *lc);
/* Could it not be asked?  Then *e is why. */
bool live_call_unanswered(struct live_call *lc, struct err *e);
/* The environment of its jobs, made when the first one wants it. */
char *const *live_call_env(struct live_call *lc);
/* Runs a command of the engine's own (`if`, status …) in the task's directory;
 * true when its answer stands in lc->command.err. */
bool live_call_ask(struct live_call *lc, const char *text);
/* A call that never came to be, for the summary. */
void record_skipped(struct live_call *parent, const char *name, bool is_dep,
    enum skip_reason reason, const struct run_call *because);

/* ---- kept outputs (P-1001), cached.c ---- */

/* How a command's output has to come for it to be kept. */
void cached_wire(struct live_call *lc, struct job_spec *spec);
void cached_hear(struct live_call *lc, int stream, sv bytes);
/* It has passed and was recorded. */
void cached_keep(struct live_call *lc);

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
void sh_vars_cancel(struct live_call *lc, const struct cancel *why);

/* A call that has itself as an ancestor, or comes too often (L-185, D-9). */
bool cycle_check(struct live_call *lc, struct err *e);
void cycle_leave(struct live_call *lc);

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

/* ---- the run ---- */

enum {
	LIVE_MAX = 50000,        /* calls that have begun and not settled */
	CALLS_MAX_TEXT = 1000,	 /* what the message says of a cycle */
	SELF_DEPTH_MAX = 1000,	 /* a recursion that something may end */
	GROUP_WINDOW = 1024,	 /* children of a group alive at once */
	POLL_MS = 50,		 /* for what another run holds */
	ERROR_MAX = 128 * 1024, /* a nested message grows no further */
};

struct run {
	struct run_config config;
	struct compiler *compiler;
	struct loop *loop;
	const struct executor_entry *executors;
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
	struct map *onces;   /* key → struct once * */
	struct map *mutexes; /* key → struct mutex * */
	bool has_locks;      /* mutexes of several names */
	bool locks_look;     /* somebody waits since mutexes_look() */
	struct map *counts; /* task → size_t * */
	char *const *shared_env; /* of tasks, and what their jobs get */
	char **shared_job_env;
	struct live_call *askers; /* a queue; the first one asks */
	struct map *answers; /* variable → text the user gave (L-077) */
	struct live_call **keyed; /* table of nodes by node.key */
	size_t n_keyed, keyed_size;
	unsigned epoch;  /* of walks over what waits for what */
	size_t n_guests; /* of all jobs */
	bool has_writers;
	int signals;	  /* how many came */
	bool no_defers;	  /* after the second */
	bool run_timed_out;
	bool cancelled; /* by run_cancel() */
	struct err limit; /* why it was, where there were too many calls */
	struct timer *run_timer, *tick_timer;
	int64_t tick_ns; /* to the next tick; 0: a first one */
	struct timer *who_timer; /* until it is said who is waited for */
	const char *void_dir; /* an empty folder; NULL: not needed yet */
	bool job_ended; /* since the last tick */
	int64_t cpu_ns;	  /* used by jobs until the last tick */
	struct machine machine;
	int64_t gate_ns; /* when it was read */
	/* the same for a bound that moves, at moments of its own */
	struct steer steer;
	struct machine steered;
	struct plan
	    *plan; /* NULL: there was no choice yet, or none is wanted */
	struct plan_index *plan_index;
};

static inline int64_t
run_now(const struct run *r)
{
	return loop_now(r->loop);
}
void ready_push(struct run *r, struct ready *it);
void ready_remove(struct ready *it);

/* ---- questions in a directory that is not there ---- */

/* Lets it run in an empty folder of the run's own under the directory's name,
 * for what needs no program; without such a folder it stays as it is. */
void void_ask(struct command *cm, struct job_spec *spec);
/* Did it want a program there? */
bool void_was_left(const struct command *cm, const struct job_result *res);
/* Asks for a tick while calls wait for slots (P-204). */
void run_tick_start(struct run *r);
void run_gate(struct run *r);
void run_timeout_start(struct run *r);
/* D-5: ends what finished jobs left behind; returns when it is gone. */
void run_end_left(struct run *r);
/* A job is over: was it killed because the grace was? */
void interrupt_killed(const struct command *cm, const struct job_result *res);
/* Weights, order.c (P-301).  A call's for the queue of slots; 0 while there was
 * no choice yet. */
double live_call_weight(struct live_call *lc);
/* To be called before slots are handed out: where more wait than can go, they
 * are put in their order.  `any`: one more than fits may be let in. */
void run_put_in_order(struct run *r, bool any);

#endif
