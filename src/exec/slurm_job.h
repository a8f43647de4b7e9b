/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Slurm executor share: slurm.c (the operations, a job's
 * life), slurm_submit.c (sbatch), slurm_watch.c (results, and what Slurm says),
 * slurm_verdict.c (a job that left no result), slurm_cancel.c, slurm_log.c (its
 * output), slurm_files.c (the files of a job), slurm_ask.c (Slurm's programs).
 * For exec/ only.
 * May include: base/, executor.h, loop_uv.h, shell.h, slurm.h.
 */
#ifndef EXEC_SLURM_JOB_H
#define EXEC_SLURM_JOB_H

#include "base/clock.h"
#include "exec/loop_uv.h"
#include "exec/shell.h"
#include "exec/slurm.h"

enum {
	SLURM_ARRAY_MOST = 1000, /* elements; MaxArraySize is 1001 by default */
	SLURM_ATTEMPTS = 3,	 /* of a job that was lost */
	SLURM_NOT_SHARED = 123,	 /* the node has no such folder */
	SLURM_QUESTIONS = 10, /* about how one job ended */
};
/* A file system may show a file of a node this much later.  The first is for a
 * job that Slurm says has failed, the second where nothing says how it ended. */
#define SLURM_LATE_NS (10 * NS_PER_S)
#define SLURM_LOST_NS (120 * NS_PER_S)
#define SLURM_ASK_NS (60 * NS_PER_S)
#define SLURM_POLL_MOST_NS (60 * NS_PER_S)

enum slurm_state {
	SLURM_QUEUED,	  /* not handed in yet */
	SLURM_SUBMITTING, /* sbatch has it */
	SLURM_UNSURE,	  /* sbatch failed in a way that tells nothing */
	SLURM_SUBMITTED,
	SLURM_LEFT,	  /* out of the queue, no result so far */
	SLURM_LOCAL,	  /* handed on, or about to be */
};

/* What Slurm says of a job that is over. */
struct slurm_end {
	char state[24]; /* "COMPLETED"; "": it does not know the job */
	int status, signal;
	char node[64];
};

/* What the script on the node wrote. */
struct slurm_result {
	bool is_revoked; /* it was told not to run */
	int status;
	int64_t start_s, end_s; /* by the node's clock */
	char node[64];
	int64_t size[3]; /* of stdout and stderr */
};

struct slurm;

struct slurm_job {
	struct slurm *x;
	struct slurm_job *next, *prev;
	struct arena *a; /* what of the spec is needed later */
	struct job_spec spec;
	struct shell_plan plan;
	unsigned number, attempt; /* its files: N.A.… */
	enum slurm_state state;
	int64_t id;   /* of Slurm; 0: not known */
	int element;  /* of an array; -1: none */
	unsigned batch; /* that it was handed in with */
	int fds[3];   /* copies of what the spec lends; -1: none */
	int64_t read_to[3];
	bool held;
	bool running;	/* a node has begun with it */
	bool in_question; /* that scontrol or sacct is at */
	bool asked;	/* the controller was asked how it ended */
	bool told;	/* and answered, in `end` */
	struct slurm_end end;
	bool has_result;
	struct slurm_result result;
	int64_t submitted_ns, queued_ns, running_ns, left_ns, result_ns; /* monotonic */
	int end_sig;	 /* it is to end: by that signal; 0: not */
	int64_t kill_ns; /* and then without being asked */
	bool signalled, killed; /* scancel was told so */
	bool seen;	 /* in the last answer of squeue */
	unsigned questions; /* how it ended, so far */
	int64_t next_question_ns;
	struct job *local; /* handed on; NULL: waits for its turn there */
};

struct slurm_ask {
	struct slurm *x;
	struct job *job;
	struct sb out, err;
	struct timer *limit;
	void (*done)(void *arg, const struct slurm_ask *answer);
	void *arg;
	int status;
	struct slurm_ask *next;
};

struct slurm {
	struct executor base; /* first */
	struct executor *local;
	struct slurm_options o;
	struct arena *keep, *scratch;
	struct shell shell;
	bool shell_found, files_made, closed, no_arrays;
	char *dir;  /* of its files */
	char *name; /* of its jobs */
	unsigned jobs_made, batches, n_local;
	struct slurm_job *jobs; /* all, newest first */
	struct slurm_ask *asks;
	struct soon soon; /* there is something to hand in, or to cancel */
	struct timer *tick, *poll;
	int64_t tick_ns, wait_ns; /* the length of these now */
	bool submitting, polling, telling, cancelling;
	bool told_reason; /* why a job waits so long */
	bool may_be_left; /* a job that prun has no more to do with */
	bool is_away; /* the controller did not answer; said */
	int64_t poll_begun_ns;
};

/* slurm.c */
/* Looks again at what is to be handed in. */
void slurm_stir(struct slurm *x);
void slurm_say(const struct slurm *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A line of prun's own in the job's stderr, and so in its log. */
void slurm_note(struct slurm_job *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Its end; the job is gone afterwards. */
void slurm_finish(struct slurm_job *j, int status, int sig);
/* It could not be handed in, for that reason. */
void slurm_refused(struct slurm_job *j, const char *why);
/* No node has run it to the end: once more, or it fails. */
void slurm_lost(struct slurm_job *j, const char *why);
/* From now on this machine runs what the cluster cannot. */
void slurm_close(struct slurm *x, const char *why);
/* "12", "12_3". */
const char *slurm_id_text(const struct slurm_job *j, struct sb *out);

/* slurm_submit.c */
void slurm_submit(struct slurm *x);

/* slurm_watch.c */
/* Results and output are looked for, and Slurm is asked, from now on. */
void slurm_watch(struct slurm *x);
/* Soon, as something has changed. */
void slurm_watch_sooner(struct slurm *x);
void slurm_away(struct slurm *x, bool is_away);

/* slurm_verdict.c */
/* What is to be done about jobs that left the queue. */
void slurm_judge_all(struct slurm *x);
/* Reads "JobState=… ExitCode=…" of scontrol, "STATE|EXIT" of sacct. */
bool slurm_read_scontrol(sv text, struct slurm_end *out);
bool slurm_read_sacct(sv text, struct slurm_end *out);
/* Is it one in which nothing of the job runs any more? */
bool slurm_state_is_end(sv state);

/* slurm_cancel.c */
void slurm_cancel(struct slurm *x);

/* slurm_log.c */
/* What is new in the job's output; all that the result names is there? */
bool slurm_log_read(struct slurm_job *j);

/* slurm_files.c: DIR/N.env, N.cmd, N.A.out, done/N.A.start … */
bool slurm_files_make(struct slurm *x, struct err *e);
bool slurm_files_of_job(struct slurm_job *j, struct err *e);
void slurm_files_drop(struct slurm_job *j);
/* "DIR/N.A.out" for the suffix "out". */
const char *slurm_file(struct arena *a, const struct slurm_job *j,
    const char *suffix);
/* A script that comes to run after all ends at once. */
void slurm_files_revoke(const struct slurm_job *j);
/* Was it torn, or is it not there: false. */
bool slurm_result_read(sv text, struct slurm_result *out);
/* 'a'\''b' */
void slurm_quote(struct sb *out, const char *text);

/* slurm_ask.c */
/* done() comes once, whatever happens; its argument is lent. */
void slurm_ask(struct slurm *x, const char *const *argv,
    void (*done)(void *arg, const struct slurm_ask *answer), void *arg);
/* Those that still run are ended, and told to nobody. */
void slurm_asks_free(struct slurm *x);

#endif
