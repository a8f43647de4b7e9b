/* SPDX-License-Identifier: MIT */
/*
 * The seam between the engine and the world: starting commands, signals, time,
 * descriptors.  local.c is the real one; tests and Slurm have their own.  One
 * thread: every callback comes from inside executor_turn().
 * May include: base/.
 */
#ifndef EXEC_EXECUTOR_H
#define EXEC_EXECUTOR_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum stdio_kind {
	STDIO_NULL,    /* /dev/null */
	STDIO_INHERIT, /* prun's own */
	STDIO_FD,      /* `fd`, which the caller keeps open until start returns */
	STDIO_PIPE,    /* output() gets the bytes */
	STDIO_PTY,     /* the slave of one pty for all streams that say so; its
			* bytes come as stream 1.  With `in` a pty too, it is the
			* job's controlling terminal, on which nobody types */
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
};

struct job_spec {
	const char *script;	  /* text for the shell (or plain words) */
	const char *const *argv;  /* instead of script: a program; NULL-ended */
	const char *const *set, *const *shopt; /* NULL-ended or NULL */
	const char *dir;
	char *const *env;	  /* NULL-ended */
	struct job_stdio in, out, err;
	bool foreground;	  /* give it the terminal while it runs; ^C then
				   * reaches it alone, and on_signal hears of
				   * it when the job dies of it */
	/* bytes of stream 1 or 2, as they arrive */
	void (*output)(void *arg, int stream, sv bytes);
	/* exactly once, after the last output(); result is only lent */
	void (*done)(void *arg, const struct job_result *result);
	void *arg;
};

struct executor;
struct job;
struct timer;

struct executor_ops {
	const char *name; /* "local", for records of the run */
	/* NULL with *e set when nothing was started (done is not called).  What
	 * the spec points to is needed until start returns only.  The job is
	 * valid until its done() returns. */
	struct job *(*start)(struct executor *x, const struct job_spec *spec,
	    struct err *e);
	/* To the job's whole process group. */
	void (*kill)(struct executor *x, struct job *j, int sig);
	/* Ends the tree wholly: sig now, KILL after grace_ns, children that left
	 * the group included (D-5); done() comes when all are gone. */
	void (*end_tree)(struct executor *x, struct job *j, int sig,
	    int64_t grace_ns);
	int64_t (*now)(struct executor *x); /* monotonic ns */
	/* One shot; fn runs once unless stopped before. */
	struct timer *(*timer)(struct executor *x, int64_t after_ns,
	    void (*fn)(void *), void *arg);
	void (*timer_stop)(struct executor *x, struct timer *t);
	/* Calls fn whenever fd can be read, until unwatched. */
	void (*watch)(struct executor *x, int fd, void (*fn)(void *, int fd),
	    void *arg);
	void (*unwatch)(struct executor *x, int fd);
	/* Runs callbacks until at least one thing has happened; false when there
	 * is nothing left to wait for. */
	bool (*turn)(struct executor *x);
	/* Calls fn(arg, sig) for SIGINT, SIGTERM, SIGHUP sent to prun, and for
	 * ^C that the terminal gave to a foreground job; NULL restores the
	 * defaults.  Nothing is forwarded by itself.  ^Z (TSTP) is handled here:
	 * all groups stop, then prun; all go on together. */
	void (*on_signal)(struct executor *x, void (*fn)(void *, int sig),
	    void *arg);
	void (*free)(struct executor *x);
	/* Cpu time of all jobs so far, running ones included, for P-204; NULL
	 * where it cannot be told. */
	int64_t (*cpu_used)(struct executor *x);
	/* Ends what finished jobs left behind (daemons), when a signal ends the
	 * run (D-5): sig now, KILL after grace_ns; turn() goes on until they are
	 * gone.  NULL where nothing can be left behind. */
	void (*end_left)(struct executor *x, int sig, int64_t grace_ns);
	/* Is the process one of the job's: of its group, or started with its mark
	 * (PRUN_JOB, "" where there is none) in the environment?  NULL: none is. */
	bool (*owns)(struct executor *x, const struct job *j, pid_t pid,
	    const char *mark);
	/* What the executor knows the job by, for records of the run: a process,
	 * a number in a queue; 0: nothing.  NULL: never anything. */
	int64_t (*id)(struct executor *x, const struct job *j);
	/* Has its process ended, though something still holds its output? */
	bool (*exited)(struct executor *x, const struct job *j);
	/* Its process group; 0: it has none. */
	pid_t (*group)(struct executor *x, const struct job *j);
	/* Its output is not read for now, or again; what it writes then waits.
	 * NULL: cannot be done. */
	void (*hold)(struct executor *x, struct job *j, bool held);
	/* Would start() make a process of this?  NULL: never. */
	bool (*spawns)(struct executor *x, const struct job_spec *spec);
	/* The process, one of the job's, is a nested run, whose own jobs hear of
	 * signals from it (D-5).  NULL: nobody wants to know. */
	void (*runner)(struct executor *x, struct job *j, pid_t pid);
};

struct executor {
	const struct executor_ops *ops;
};

/* libuv loop, posix_spawn or vfork, one process group per job.  The loop is
 * made with the first thing to wait for: nothing to run costs nothing. */
struct executor *executor_local_new(void);
/* false: even plain words run through the shell (default: true). */
void executor_local_set_fast(struct executor *x, bool fast_exec);

#endif
