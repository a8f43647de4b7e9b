/* SPDX-License-Identifier: MIT */
/*
 * For those who take part in a run from outside while it goes on: they hear
 * when jobs start and end, make calls below the call of a job, and ask for
 * slots beside it.  run/ knows nothing of them but their hooks.  Used by join/.
 * May include: what run.h may.
 */
#ifndef RUN_MEMBER_H
#define RUN_MEMBER_H

#include "run/run.h"

struct command;
struct live_call;

/* ---- when something happens ---- */

struct run_hooks {
	/* Before the first call; any of them may be NULL. */
	void (*begin)(void *ctx, struct run *r);
	/* Before the process of a job starts: its environment may change. */
	void (*before_spawn)(
	    void *ctx, struct command *cm, struct job_spec *spec);
	/* It has written something, which nobody has seen yet. */
	void (*before_output)(void *ctx, struct command *cm);
	/* It is over, cm->job is still there (NULL: it never started).  true:
	 * the command is not, until command_finish(). */
	bool (*after_exit)(
	    void *ctx, struct command *cm, const struct job_result *result);
	/* A command that is held so is to end: a signal, and KILL after the
	 * grace.  command_finish() comes as ever. */
	void (*cancel)(
	    void *ctx, struct command *cm, int sig, int64_t grace_ns);
	/* Everything has settled. */
	void (*close)(void *ctx);
	void *ctx;
};

/* ---- a run ---- */

const struct run_config *run_get_config(const struct run *r);
struct loop *run_get_loop(const struct run *r);
/* Lives as long as the run. */
struct arena *run_arena(struct run *r);
/* The jobs that run now, linked by `next`. */
struct command *run_jobs(const struct run *r);
/* A job below one of the run's has ended: P-204 asks for that. */
void run_job_ended(struct run *r);

/* ---- slots beside a job's own (P-108) ---- */

/*
 * What waits for what, and who lends to whom.
 *
 * A job whose script has made a call, or whose process has become a nested run,
 * holds a slot and does nothing until that call or run is over.  What a call is
 * waiting for may in turn be: its own jobs; the calls that it made, all of them;
 * the one execution of a task that others share (`run: once`); who holds a lock
 * (`mutex`, sources); the call that is asking the shell for a variable that both
 * have.  The jobs of a nested run are asked for here, one by one (seats).
 *
 * So these are the edges of a graph: from a job to its guests (calls and seats),
 * from a call to its jobs, to its children and to the call that it waits for,
 * from a lock of a nested run to the seats of the job that became it.  A job with
 * guests lends its slot to whatever it reaches that still wants one.
 * A borrower may be such a job itself: it then lends on what it borrowed, so
 * that one slot is enough for any depth.  Nothing else can go wrong: the graph
 * has no circle (locks see to that), so a job with guests reaches at its ends
 * jobs that run, or that want a slot and get its own.
 *
 * The slot goes to whom the queue of slots would take first.  Whatever is asked
 * for is lent, and whichever pool: less would let a job wait for ever for what
 * it holds itself.  Slots are lent before free ones are given out, so that those
 * are left for others.
 */

/* Who wants to run on a slot: one of its own, or a lent one. */
struct slot_loan {
	struct slot_request slot;
	struct run *r;
	struct live_call *owner; /* NULL: a nested run's */
	struct command *host;	 /* the job that is the nested run; or NULL */
	struct command *lender;	 /* it runs on that one's */
	bool waiting;
	struct slot_loan *prev, *next; /* of the host's */
	void (*granted)(void *arg);
	void *arg;
};

/* Asks; granted() comes later. */
void loan_request(struct slot_loan *l);
void loan_cancel(struct slot_loan *l);
void loan_release(struct slot_loan *l);
/* The host will lend nothing any more; what was lent stays with whoever has
 * it. */
void loan_forget_host(struct slot_loan *l);

/* ---- jobs ---- */

struct ready {
	struct ready *prev, *next;
	bool queued;
	void (*fn)(struct ready *self);
};

enum command_state {
	COMMAND_IDLE,
	COMMAND_WAITING, /* for a slot */
	COMMAND_GRANTED, /* has it, is in the ready queue */
	COMMAND_RUNNING,
	COMMAND_HELD, /* its process is over, after_exit() keeps it open */
	COMMAND_DONE,
};

/* One command on its way: slot, process, result. */
struct command {
	struct ready ready; /* first: starts the job once it may */
	struct run *r;
	struct live_call *owner;
	struct run_call *record; /* of the owner */
	const struct ccmd *cmd;  /* NULL: a question of the engine's own */
	const char *text, *dir;
	char *const *env;
	bool captures; /* stdout is kept in `out` */
	bool too_long; /* it was more than config.max_var_bytes */
	/* It could not be started, or what it was to ask could not: `err` is
	 * why, and neither yes nor no. */
	bool unanswered;
	bool in_void; /* see void_ask() */
	/* told once, when the result stands */
	void (*done)(struct command *cm);
	/* told when the process starts; may be NULL */
	void (*started)(struct command *cm);
	/* it has its slot, and nothing of it was wired; NULL: nobody asks */
	void (*begins)(struct command *cm);
	void *arg;
	enum command_state state;
	struct slot_loan loan;	    /* its slot */
	struct slot_loan *borrower; /* who runs on it now */
	struct slot_loan *seats;    /* of the nested runs that it has become */
	size_t n_guests;	    /* calls that its process made, and seats */
	bool holds_slot, signalled;
	bool writes_itself; /* to prun's own stdout or stderr */
	int64_t grace_ns; /* from that to KILL */
	unsigned number; /* of the job in the run; 0: it has not started */
	VEC(struct run_call *) failed; /* of command_add_failed() */
	struct executor *executor;     /* where it runs */
	struct job *job;
	struct jobserver_job *tokens; /* its jobserver; NULL: it has none */
	struct sb out;
	struct err err; /* ERR_NONE: it ended with 0 */
	int64_t asked_ns;
	struct command *prev, *next; /* running ones of the run */
	void *guest; /* of whoever has the hooks; NULL for each new job */
};

/* Of the job's call: it outlives the job. */
struct arena *command_arena(const struct command *cm);
/* The job whose script made the call of this one, or one above it; or NULL. */
struct command *command_host(const struct command *cm);
/* The result of a held command stands. */
void command_finish(struct command *cm);
/* A call or run that the job's process made has failed: if the job fails with
 * its status, that is why; if not, the script has made good for it. */
void command_add_failed(struct command *cm, struct run_call *record);

/* ---- calls ---- */

/* A record below the call of a job (NULL: of the run) that is no call of this
 * run: a nested one's, begun now. */
struct run_call *record_nested(
    struct run *r, const struct command *cm, const char *name);

/* A call that the process of a job makes, below the call of the job. */
struct guest_call;
struct guest_order {
	struct command *job;
	const char *task; /* copied */
	vars *vars;       /* lent until it has settled, as are the streams */
	const struct call_streams *streams;
	bool alone; /* the script waits for it, in its foreground */
	/* Once; *err is taken.  The call may be freed here. */
	void (*settled)(void *arg, struct run_call *record, struct err *err);
	void *arg;
};
struct guest_call *guest_call_start(const struct guest_order *o);
/* As if the call were cancelled by its caller; harmless when it is over. */
void guest_call_cancel(struct guest_call *g, int sig, int64_t grace_ns);
/* Once it has settled; NULL is fine. */
void guest_call_free(struct guest_call *g);

/* ---- locks (P-112) ---- */

/* A mutex that a nested run wants: that is the business of the outermost run,
 * which alone knows who holds it for whom. */
struct guest_lock;
enum guest_lock_answer {
	GUEST_LOCK_HELD,    /* until guest_lock_free() */
	GUEST_LOCK_ENTERED, /* a call that waits for the nested run has it */
	GUEST_LOCK_REFUSED, /* it would be waited for for ever */
};
/* `job` is the nested run; NULL: nobody's.  The key is copied.  One answer, not
 * before it returns; what is held or waited for ends with guest_lock_free(). */
struct guest_lock *guest_lock_ask(struct run *r, struct command *job,
    const char *key, void (*answer)(void *arg, enum guest_lock_answer what),
    void *arg);
void guest_lock_free(struct guest_lock *g);
/* The job is over, the nested run goes on. */
void guest_lock_forget_job(struct guest_lock *g);
/* What config.lock() had to wait for has an answer now. */
void run_lock_answered(struct run *r, const char *key);

/* Is there a task of that name for the job's script (P-104)?  By no guess. */
bool command_knows_task(const struct command *cm, const char *name);

#endif
