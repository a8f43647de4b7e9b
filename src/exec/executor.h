/* SPDX-License-Identifier: MIT */
/*
 * The seam between the engine and the world: where commands run.  local.c is
 * the one of this machine; tests have their own.  Several of them may live
 * beside each other on one loop (loop.h): every callback comes from its turns.
 * May include: base/, loop.h.
 */
#ifndef EXEC_EXECUTOR_H
#define EXEC_EXECUTOR_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "exec/loop.h"

enum stdio_kind {
	STDIO_NULL,    /* /dev/null */
	STDIO_INHERIT, /* prun's own */
	STDIO_FD,      /* `fd`, which the caller keeps open until start returns */
	STDIO_PIPE,    /* output() gets the bytes */
	STDIO_PTY,     /* the slave of a pty of its own, or a pipe where there
			* are no ptys; output() gets the bytes.  `in`: that of
			* stdout, as the job's controlling terminal, on which
			* nobody types */
	STDIO_STDOUT,  /* stderr only: the same as stdout */
};

struct job_stdio {
	enum stdio_kind kind;
	int fd;
};

struct job_result {
	int status;	   /* exit status as a shell gives it: 0-255, 128+n */
	int signal;	   /* of which it died, or 0 */
	bool not_started;  /* it could not be spawned; `error` says why */
	bool syntax_error; /* the script could not be parsed, so nothing of it
			    * ran (L-218); `error` has the reason (M-95) */
	bool pipe_held;	   /* a child that it left behind still holds its
			    * output; prun stopped waiting after 2 s (D-5) */
	struct err error;
	int64_t start_ns, end_ns; /* monotonic */
	int64_t user_ns, sys_ns;
	int64_t max_rss_bytes;
	/* of an executor with a queue: what it knew the job by, how long that
	 * waited there before start_ns, and the machine (lent; NULL: unknown) */
	int64_t queue_id, queued_ns;
	const char *queue_name; /* that number for people, "12_3"; lent */
	const char *host;
	/* as the system counts them, those in the page cache left out */
	int64_t read_blocks, written_blocks;
};

struct job_spec {
	const char *script;	  /* text for the shell (or plain words) */
	const char *const *argv;  /* instead of script: a program; NULL-ended */
	const char *const *set, *const *shopt; /* NULL-ended or NULL */
	bool hidden;		  /* nobody shall see the script with ps */
	const char *dir;
	char *const *env;	  /* NULL-ended */
	const int *pass;	  /* two more descriptors, above 9, that the
				   * process has under the same numbers; or NULL */
	struct job_stdio in, out, err;
	/* It runs in prun's own process group: the terminal is its as it is
	 * prun's, and what the terminal sends (^C, ^Z) it has without prun.
	 * After a failure the terminal's modes are as they were before. */
	bool here;
	/* What it asks for, for an executor that can bound it: slots (0: as 1),
	 * memory and time (0: no bound). */
	int slots;
	int64_t memory_bytes, timeout_ns;
	/* It runs from now on; once, before the first output(), from a loop's
	 * turn.  Called by executors that `queues` is true of; or NULL. */
	void (*running)(void *arg);
	/* bytes of stream 1 or 2, as they arrive */
	void (*output)(void *arg, int stream, sv bytes);
	/* exactly once, after the last output(); result is only lent */
	void (*done)(void *arg, const struct job_result *result);
	void *arg;
};

struct executor;
struct job;

struct executor_ops {
	const char *name; /* "local", for records of the run */
	/* What is started may wait; running() says when it does not any more. */
	bool queues;
	/* NULL with *e set when nothing was started (done is not called).  What
	 * the spec points to is needed until start returns only.  The job is
	 * valid until its done() returns. */
	struct job *(*start)(
	    struct executor *x, const struct job_spec *spec, struct err *e);
	/* Ends the tree wholly: sig now, KILL after grace_ns, children that left
	 * the group included (D-5); done() comes when all are gone.  Again: the
	 * earlier KILL counts; sig 0 sends none. */
	void (*end_tree)(struct executor *x, struct job *j, int sig,
	    int64_t grace_ns);
	/* Before the loop's end; what still runs is ended. */
	void (*free)(struct executor *x);

	/* The others may be NULL; the functions below say what that means. */
	bool (*exited)(struct executor *x, const struct job *j);
	void (*hold)(struct executor *x, struct job *j, bool held);
	int64_t (*cpu_used)(struct executor *x);
	void (*end_left)(struct executor *x, int sig, int64_t grace_ns);
	bool (*spawns)(struct executor *x, const struct job_spec *spec);
	bool (*owns)(struct executor *x, const struct job *j, pid_t pid,
	    const char *mark);
	int64_t (*id)(struct executor *x, const struct job *j);
	void (*runner)(struct executor *x, struct job *j, pid_t pid);
	long (*group)(struct executor *x, const struct job *j);
	bool (*group_has)(struct executor *x, long group, pid_t pid);
};

struct executor {
	const struct executor_ops *ops;
	struct loop *loop; /* lent */
};

/* One of a table that ends with a NULL name; its first is for whatever names
 * none. */
struct executor_entry {
	const char *name;
	struct executor *x;
	const char *pool; /* whose slots all its jobs take; NULL: the task's */
};

/* What the executor knows the job by, for records of the run: a process, a
 * number in a queue.  Default: 0, nothing. */
static inline int64_t
executor_job_id(struct executor *x, const struct job *j)
{
	return x->ops->id != NULL ? x->ops->id(x, j) : 0;
}

/* Has the job's process ended, though something still holds its output?
 * Default: not before done(). */
static inline bool
executor_exited(struct executor *x, const struct job *j)
{
	return x->ops->exited != NULL && x->ops->exited(x, j);
}

/* The job's output is not read for now, or again; what it writes then waits.
 * Default: it is read always. */
static inline void
executor_hold(struct executor *x, struct job *j, bool held)
{
	if (x->ops->hold != NULL)
		x->ops->hold(x, j, held);
}

/* Cpu time of all jobs so far, running ones included (P-204).  Default: 0. */
static inline int64_t
executor_cpu_used(struct executor *x)
{
	return x->ops->cpu_used != NULL ? x->ops->cpu_used(x) : 0;
}

/* Ends what finished jobs left behind (daemons), when a signal ends the run
 * (D-5): sig now, KILL after grace_ns; loop_turn() goes on until they are gone.
 * Default: nothing can be left behind. */
static inline void
executor_end_left(struct executor *x, int sig, int64_t grace_ns)
{
	if (x->ops->end_left != NULL)
		x->ops->end_left(x, sig, grace_ns);
}

/* Would start() make a process of this that could reach this one?  Default:
 * never. */
static inline bool
executor_spawns(struct executor *x, const struct job_spec *spec)
{
	return x->ops->spawns != NULL && x->ops->spawns(x, spec);
}

/* Is the process one of the job's: of its group, or started with its mark
 * (PRUN_JOB, "" where there is none) in the environment?  Default: none is. */
static inline bool
executor_owns(
    struct executor *x, const struct job *j, pid_t pid, const char *mark)
{
	return x->ops->owns != NULL && x->ops->owns(x, j, pid, mark);
}

/* The process, one of the job's, is a nested run, whose own jobs hear of
 * signals from it (D-5).  Default: nobody wants to know. */
static inline void
executor_runner(struct executor *x, struct job *j, pid_t pid)
{
	if (x->ops->runner != NULL)
		x->ops->runner(x, j, pid);
}

/* A number for what the job's processes are known by once it is over, for
 * executor_group_has(); 0, the default: by nothing. */
static inline long
executor_group(struct executor *x, const struct job *j)
{
	return x->ops->group != NULL ? x->ops->group(x, j) : 0;
}

/* Is that process of the group, or (pid 0) is anything of it still there? */
static inline bool
executor_group_has(struct executor *x, long group, pid_t pid)
{
	return group != 0 && x->ops->group_has != NULL &&
	       x->ops->group_has(x, group, pid);
}

/* Of this machine: posix_spawn or vfork, one process group per job.  `loop` is
 * a loop_new(). */
struct executor *executor_local_new(struct loop *loop);
/* Can a pty be had now?  False with errno. */
bool executor_local_has_pty(void);
/* false: even plain words run through the shell; even `echo` and the like do
 * (default: true). */
void executor_local_set_fast(
    struct executor *x, bool fast_exec, bool fast_shell);
/* Commands that needed less than a shell. */
struct local_spared {
	unsigned direct; /* a program alone */
	unsigned known;  /* not even that: what they come to is known */
	unsigned stepped; /* no shell: prun does what it would */
	unsigned by_dash; /* a shell, but one that starts faster */
};
const struct local_spared *executor_local_spared(const struct executor *x);
/* Where prun dies without a word, a guardian ends what its jobs started
 * (P-116).  `program`: this one, whose main() lets guardian_is_one() decide
 * first of all (guardian.h).  Default: there is no guardian. */
void executor_local_guard(struct executor *x, const char *program);
/* The same with a guardian from the beginning: for who has few jobs, and long
 * ones. */
void executor_local_guard_now(struct executor *x, const char *program);

#endif
