/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary of a run.  Everything that happens is one event; terminal,
 * logs, journal and reports are readers of events and know nothing else.
 * May include: base/, compile/, exec/.
 */
#ifndef RUN_EVENT_H
#define RUN_EVENT_H

#include <stdint.h>

#include "compile/compile.h"
#include "exec/executor.h"

#define EVENT_KINDS(X)                                                        \
	X(RUN_STARTED)	    /* first */                                        \
	X(CALL_CREATED)	    /* call exists; no ctask yet */                    \
	X(CALL_STARTED)	    /* compiled, not skipped: -v `started` (M-60) */   \
	X(DYNAMIC_VAR)	    /* text: command, text2: value (M-79) */           \
	X(CMD_ECHO)	    /* text: log_text (M-40); quiet: not shown */      \
	X(SLOT_WAIT)	    /* call waits for a slot */                        \
	X(QUESTION)	    /* a command that asks begins; status 1: `sh:` */  \
	X(JOB_STARTED)	    /* job: it is about to start */                    \
	X(JOB_RUNNING)	    /* job: it did; its job_id is known */             \
	X(OUTPUT)	    /* stream, bytes */                                \
	X(JOB_DONE)	    /* job, job_result */                              \
	X(UP_TO_DATE)	    /* M-41; quiet: not shown */                       \
	X(CACHED)	    /* its outputs are back; text: what they are; what     \
			     * it printed follows as OUTPUT */                 \
	X(REPLAYED)	    /* that was all of it */                           \
	X(TASK_SKIPPED)	    /* reason: platform, if, twin (text: M-63's key),  \
			     * changed */                                      \
	X(CMD_SKIPPED)	    /* reason: platform, if; text: command */          \
	X(PRECONDITION)	    /* text: message (M-44) */                         \
	X(STATUS_CMD)	    /* text: command, status (M-66, M-67) */           \
	X(CMD_IGNORED)	    /* text: error; M-68 command */                    \
	X(CALL_IGNORED)	    /* text: error; M-68 task */                       \
	X(TASK_IGNORED)	    /* text: error; M-69 */                            \
	X(DEFER_IGNORED)    /* text: error; M-70 */                            \
	X(CLEAN_FAILED)	    /* text: error; M-71 */                            \
	X(MKDIR_FAILED)	    /* text: dir, text2: error; M-96 */                \
	X(PROMPT)	    /* text; status 1: assumed yes (M-50) */           \
	X(CALL_FINISHED)    /* its cmds passed: -v `finished` (M-61) */        \
	X(CALL_FAILED)	    /* a cmd failed it: -v `failed`; text: error (M-62) */ \
	X(ATTEMPT_FAILED)   /* retries: status: attempt, text: error */        \
	X(DRAINING)	    /* P: child holds the pipe; text says who */       \
	X(SIGNAL)	    /* status: number (M-80) */                        \
	X(NOTE)		    /* text: a line of prun's own, for stderr */       \
	X(WARNING)	    /* text: likewise, yellow */                       \
	X(CALL_DONE)	    /* outcome, err */                                 \
	X(PAUSE)	    /* what can go on has: now it waits, or ends */    \
	X(RUN_DONE)	    /* last */

enum event_kind {
#define X(name) EVENT_##name,
	EVENT_KINDS(X)
#undef X
	EVENT_COUNT
};

enum outcome {
	OUTCOME_NONE, /* not settled yet */
	OUTCOME_PASSED,
	OUTCOME_UP_TO_DATE,
	OUTCOME_CACHED, /* its outputs were put back: counts as success */
	OUTCOME_SKIPPED, /* platform, if: counts as success */
	OUTCOME_FAILED,
	OUTCOME_NOT_RUN, /* because something it needs failed */
	OUTCOME_CANCELLED,
};

enum skip_reason {
	SKIP_NONE,
	SKIP_PLATFORM,
	SKIP_IF,
	SKIP_TWIN,    /* run: once or when_changed ran it already */
	SKIP_CHANGED, /* --changed: none of its sources */
	SKIP_EARLIER, /* --failed: it has passed in an earlier run */
	SKIP_DEP_FAILED,
	SKIP_EARLIER_FAILED,
	SKIP_CANCELLED,
};

/* Where a call writes that a script made (P-104), in place of the run's own
 * streams. */
struct call_streams {
	int fds[3]; /* the script's 0, 1, 2 */
	/* Writes to stream 1 or 2 in the order asked, and does not wait: who
	 * writes more than the other side reads is held up meanwhile. */
	void (*write)(void *arg, int stream, sv bytes);
	void *arg;
};

/* One call of a run: the record that events, summary and reports share.  Owned
 * by the run, valid until run_free(). */
struct run_call {
	unsigned id;	       /* from 1, in order of creation */
	struct run_call *parent; /* NULL for requested tasks */
	const char *name;      /* label or full name; as called before compile */
	const char *task_name; /* declared name */
	const char *called_name; /* ALIAS */
	const struct location *called_at; /* NULL: by no Taskfile */
	const struct task *task; /* as declared; NULL when there is none */
	/* NULL until compiled, and again after CALL_DONE except for requested
	 * tasks and those that owe a commit */
	const struct ctask *ctask;
	bool is_dep, is_background, is_phase;
	bool in_group;	       /* of a `parallel: true` task, or below one */
	bool has_vars;	       /* called with variables: more than its name */
	uint64_t vars_hash;    /* of these, secrets left out; 0: none */
	enum outcome outcome;
	enum skip_reason skip;
	const char *skip_detail; /* which call failed */
	struct run_call *twin; /* the execution that it shared */
	struct run_call *cause; /* the call whose failure it passes on; or NULL:
				 * it failed by itself */
	struct err err;	       /* why it failed */
	const char *dir; /* of its commands, once it has failed; or NULL */
	int exit_status;       /* of the command that failed it, or -1 */
	int signal;
	int64_t created_ns, start_ns, end_ns; /* monotonic */
	int64_t slot_wait_ns;  /* sum over its jobs */
	int64_t queue_wait_ns; /* likewise, in the queue of a cluster */
	/* of its last job on a cluster: the machine, and what the queue called
	 * it; NULL: none, or unknown */
	const char *node, *queue_name;
	int64_t job_ns;	       /* sum of its jobs' run times */
	int64_t calls_ns;      /* of that, while calls of theirs ran (P-104) */
	int64_t cpu_ns, max_rss_bytes;
	int64_t read_blocks, written_blocks; /* sums */
	unsigned jobs;	       /* commands started */
	unsigned attempts;
	bool flaky;	       /* passed on a retry */
	bool quarantined;      /* it failed, and that does not count (P-1103) */
	bool is_earlier;       /* left out: it has passed in an earlier run */
	bool is_unseen;	       /* it failed in the background of a script that
				* has not seen it (P-104) */
	bool excused;	       /* whoever made it went on when it failed: deferred,
				* ignored, tried again, a script's own affair;
				* so for all below it.  Stands at the run's end */
	bool owes_commit;
	bool keeps_output; /* what it prints goes through prun, to be kept */
	const char *miss;  /* why nothing was put back for it; or NULL */
	/* until it is done; NULL: the run's */
	const struct call_streams *streams;
};

/* A command of a call that has its slot.  Lent. */
struct event_job {
	unsigned id;	      /* from 1, in the order in which they start */
	const char *pool;     /* of its slot; "" : cpu */
	unsigned slot, slots; /* number in the pool, from 1; how many it takes */
	const char *executor; /* name */
	int64_t job_id;	      /* what that knows it by; 0: nothing */
	bool writes_itself;   /* to prun's own stdout or stderr, past prun */
};

struct event {
	enum event_kind kind;
	int64_t at_ns;
	struct run_call *call; /* NULL for events of the run */
	const struct ccmd *cmd; /* of the job, where there is one */
	const char *text, *text2;
	bool quiet; /* `silent` hides it from the terminal (L-204, C-126) */
	sv bytes;
	int stream;
	int status;
	enum skip_reason reason;
	const struct event_job *job;
	const struct job_result *result;
	const struct err *err;
};

/* A reader of events. */
struct sink {
	void (*event)(void *ctx, const struct event *ev);
	void *ctx;
};

const char *event_name(enum event_kind kind);
const char *outcome_name(enum outcome o);
/* Where the Taskfile asks for what cannot be, of a call that failed by itself;
 * NULL where a command failed or was ended: that has said enough. */
const struct location *run_call_fault(const struct run_call *c);
/* Failed, cancelled, or kept from running by what did. */
static inline bool
outcome_is_bad(enum outcome o)
{
	return o == OUTCOME_FAILED || o == OUTCOME_CANCELLED ||
	       o == OUTCOME_NOT_RUN;
}

#endif
