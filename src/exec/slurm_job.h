/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Slurm executor share: slurm.c (the operations),
 * slurm_life.c (a job from its begin to its end), slurm_here.c (what is handed
 * on to this machine), slurm_submit.c (sbatch), slurm_marks.c (what jobs say of
 * themselves), slurm_watch.c (what Slurm says), slurm_verdict.c (a job that left
 * no result), slurm_cancel.c, slurm_log.c (output), slurm_files.c (the files of a
 * job), slurm_script.c (what runs on the node), slurm_orphan.c (jobs of a run
 * that was killed), slurm_ask.c (Slurm's programs).
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
	SLURM_NO_OUTPUT = 53, /* "signal": slurmd could not open the job's log */
	SLURM_QUESTIONS = 10, /* about what sent a signal */
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
	int64_t start_ns, end_ns; /* by the node's clock */
	char node[64];
	int64_t size[3]; /* of stdout and stderr */
};

struct slurm;

/* Where the files of a run's jobs are: this one's, or those of one that was
 * killed. */
struct slurm_place {
	struct slurm_place *next;
	char *dir;
	char *name;  /* of its jobs */
	int lock_fd; /* nobody else adopts them; -1: this run's own */
};

/* A job of a run that was killed. */
struct slurm_orphan {
	struct slurm_orphan *next;
	struct slurm_place *place;
	unsigned number, attempt;
	int64_t id;
	int element;
	uint64_t key;
};

struct slurm_job {
	struct slurm *x;
	struct slurm_place *place;
	struct slurm_job *next, *prev;
	struct arena *a; /* what of the spec is needed later */
	struct job_spec spec;
	struct shell_plan plan;
	unsigned number, attempt; /* its files: N.A.… */
	unsigned lost; /* attempts that ended so */
	uint64_t key;  /* what it runs, for who would adopt it */
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
	bool unqueued, signalled, killed, cancelled; /* scancel was told so */
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
	const char *tree_id; /* NULL: not asked yet */
	struct slurm_place *own; /* the last of `places` */
	struct slurm_place *places;
	struct slurm_orphan *orphans;
	unsigned jobs_made, batches, n_local;
	struct slurm_job *jobs; /* all, newest first */
	struct slurm_ask *asks;
	struct soon soon; /* there is something to hand in, or to cancel */
	struct timer *tick, *poll, *pause;
	int64_t tick_ns, wait_ns; /* the length of these now */
	bool submitting, polling, telling, cancelling;
	bool told_reason; /* why a job waits so long */
	bool may_be_left; /* a job that prun has no more to do with */
	bool is_away; /* the controller did not answer */
	bool told_away;
	int64_t poll_begun_ns;
};

/* slurm.c */
/* Looks again at what is to be handed in. */
void slurm_stir(struct slurm *x);
void slurm_say(const struct slurm *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* From now on this machine runs what the cluster cannot. */
void slurm_close(struct slurm *x, const char *why);

/* slurm_life.c */
struct slurm_job *slurm_job_new(struct slurm *x, const struct job_spec *spec);
void slurm_job_free(struct slurm_job *j);
/* A line of prun's own in the job's stderr, and so in its log. */
void slurm_note(struct slurm_job *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Its end; the job is gone afterwards. */
void slurm_finish(struct slurm_job *j, int status, int sig);
/* It could not be handed in, for that reason. */
void slurm_refused(struct slurm_job *j, const char *why);
/* It did not run, and is handed in anew. */
void slurm_again(struct slurm_job *j);
/* No node has run it to the end: once more, or it fails.  One that was thought
 * never to have begun and has is left alone. */
void slurm_lost(struct slurm_job *j, const char *why);
/* "12", "12_3". */
const char *slurm_id_text(const struct slurm_job *j, struct sb *out);

/* slurm_here.c */
bool slurm_here_begin(struct slurm_job *j);
/* Those that wait for their turn on this machine, as far as its bound goes. */
void slurm_here_next(struct slurm *x);

/* slurm_submit.c */
void slurm_submit(struct slurm *x);

/* slurm_marks.c */
/* Looks for what jobs have left; true: something is new. */
bool slurm_marks_look(struct slurm *x);
/* Ends those whose result and output are there. */
void slurm_marks_settle(struct slurm *x);

/* slurm_watch.c */
/* Results and output are looked for, and Slurm is asked, from now on. */
void slurm_watch(struct slurm *x);
/* Soon, as something has changed. */
void slurm_watch_sooner(struct slurm *x);
/* As often as when all was new. */
void slurm_watch_afresh(struct slurm *x);
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

/* slurm_files.c: DIR/N.env, N.cmd, N.script, N.A.out, done/N.A.start … */
bool slurm_files_make(struct slurm *x, struct err *e);
bool slurm_files_of_job(struct slurm_job *j, struct err *e);
void slurm_files_drop(struct slurm_job *j);
/* "DIR/N.A.out" for the suffix "out". */
const char *slurm_file(struct arena *a, const struct slurm_job *j,
    const char *suffix);
/* A script that comes to run after all ends at once.  A script makes its mark
 * and then looks for this; who has written this and then finds no mark knows
 * that it will not run. */
void slurm_files_revoke(const struct slurm_job *j);
/* Was it torn, or is it not there: false. */
bool slurm_result_read(sv text, struct slurm_result *out);
/* What a job runs, and with what: the same for the same command of the next
 * run. */
uint64_t slurm_key(const struct slurm_job *j);

/* slurm_script.c */
extern const char slurm_script[];

/* slurm_orphan.c */
/* "" where nobody can tell, or wants to. */
const char *slurm_tree_id(struct slurm *x);
/* It has been handed in; the next run can find it. */
void slurm_orphan_note(const struct slurm_job *j);
/* Is it one that a killed run has handed in already?  Then it is that. */
bool slurm_orphan_take(struct slurm_job *j);
void slurm_orphans_free(struct slurm *x);
/* By the blocking way: all that is left of the run is told to end. */
bool slurm_end_by_name(const char *name);
struct slurm_place *slurm_place_new(const char *dir, const char *run_id);
void slurm_place_free(struct slurm_place *p);

/* slurm_ask.c */
/* done() comes once, whatever happens; its argument is lent. */
void slurm_ask(struct slurm *x, const char *const *argv,
    void (*done)(void *arg, const struct slurm_ask *answer), void *arg);
/* Did the controller not answer, or not now?  Then what was asked for may have
 * happened all the same. */
bool slurm_ask_unanswered(const struct slurm_ask *answer);
/* Those that still run are ended, and told to nobody. */
void slurm_asks_free(struct slurm *x);

#endif
